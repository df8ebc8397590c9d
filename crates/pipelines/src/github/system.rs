//! [`GitHubSystem`]: the port's methods.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::calls::Site;
use super::names::RunAt;
use super::scope::Scope;
use super::{act, builds, gates, log, pipelines, probe, promotion, runs, stages};
use crate::http::{Auth, Dialect, Http, Manners, retry_at};
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, Inputs, LogChunk, LogCursor, Logs, Look, Opening, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, PromotionPlan,
    Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo, StageId, StageState,
    Submission, SystemKind, TextRule, WriteError,
};

/// GitHub counts 5,000 calls an hour for a token, asks for a second between writes, and for calls one after the
/// other. The background takes a tenth.
const MANNERS: Manners = Manners {
    per_second: 1.3,
    background_per_second: 0.139,
    burst: 100.0,
    at_once: 2,
    between_writes: Duration::from_secs(1),
};

const DIALECT: Dialect = Dialect {
    accept: "application/vnd.github+json",
    headers: &[("x-github-api-version", "2022-11-28")],
    session: false,
    manners: MANNERS,
    limited: retry_at,
};

/// A connection to the repositories of one owner.
pub struct GitHubSystem {
    connection: ConnectionId,
    capabilities: Capabilities,
    site: Site,
}

impl GitHubSystem {
    /// Connects with a token. Nothing is sent.
    ///
    /// # Errors
    /// When the address, its options or the token can't be used, with every reason.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Opening { connection, address, secret, hosts, clock } = opening;
        let scope = Scope::of(address)?;
        let token = secret.ok_or_else(|| RemoteError::Auth {
            reauth: true,
            detail: "the connection has no token".into(),
        })?;
        let http = Http::open(address, Auth::Bearer(token), DIALECT, hosts, clock)?;
        let inputs = Inputs::of(address, "VERSION", "ENVIRONMENT", "OPERATION");
        Ok(Self { connection, capabilities: capabilities(), site: Site { http, scope, inputs } })
    }

    fn run_at(&self, run: &RunId) -> Result<RunAt, RemoteError> {
        let at = RunAt::of(run)?;
        match self.site.scope.has(&at.repo) {
            true => Ok(at),
            false => Err(RemoteError::NotFound(format!("run {run} on this connection"))),
        }
    }
}

#[async_trait]
impl PipelineSystem for GitHubSystem {
    fn kind(&self) -> SystemKind {
        SystemKind::GitHub
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        probe::probe(&self.site, &self.capabilities).await
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        pipelines::list(&self.site, query, page).await
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        pipelines::describe(&self.site, pipeline).await
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let workflow = self.site.scope.workflow(pipeline)?;
        Ok(builds::list(&self.site, &workflow.repo, query, page).await?.0)
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        let workflow = self.site.scope.workflow(pipeline)?;
        let known = builds::known(&self.site, &workflow.repo).await?;
        stages::states(&self.site, &workflow, &known).await
    }

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        let workflow = self.site.scope.workflow(pipeline)?;
        let known = builds::known(&self.site, &workflow.repo).await?;
        gates::pending(&self.site, &workflow, &known).await
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        runs::status(&self.site, &self.run_at(run)?).await
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        log::read(&self.site, &self.run_at(run)?, at).await
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        promotion::preflight(&self.site, plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        promotion::promote(&self.site, plan, key).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        promotion::reconcile(&self.site, plan, key, sent_at).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        promotion::start_run(&self.site, plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        promotion::reconcile_run(&self.site, plan, key, sent_at).await
    }

    async fn decide_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        gates::decide(&self.site, gate, decision, key).await
    }

    async fn reconcile_gate(
        &self,
        gate: &GateHandle,
        _decision: &Decision,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        gates::reconcile(&self.site, gate, key, sent_at).await
    }

    async fn cancel(
        &self,
        run: &RunId,
        _reason: &str,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        act::cancel(&self.site, &self.run_at(run)?).await
    }

    async fn retry_stage(
        &self,
        run: &RunId,
        stage: &StageId,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        act::retry(&self.site, &self.run_at(run)?, stage).await
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let workflow = self.site.scope.workflow(pipeline)?;
        let (builds, known) = builds::list(&self.site, &workflow.repo, &BuildQuery::default(), None).await?;
        let stages = stages::states(&self.site, &workflow, &known).await?;
        let gates = gates::pending(&self.site, &workflow, &known).await?;
        Ok(Look { builds, stages, gates })
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::ByConvention,
        gate_scope: GateScope::Run,
        gate_reject: true,
        gate_comment: TextRule::Required { max: gates::LONGEST_COMMENT },
        gate_multi_approver: false,
        gate_self_approval_may_be_refused: true,
        approve_starts_the_work: true,
        promote_dedup: Dedup::None,
        gate_dedup: Dedup::None,
        run_id_from: RunIdFrom::Response,
        logs: Logs::WhenFinished,
        cancel: Cancel::Any,
        retry_stage: true,
        roll_back: false,
        hold_stage: false,
        start_run: true,
        key_given_back: true,
        write_ack_is_proof: true,
    }
}
