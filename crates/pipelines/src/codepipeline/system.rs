//! [`CodePipeline`]: the port's methods.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::api::Api;
use super::id::Run;
use super::snapshot::Snapshot;
use super::{act, build, gate, plan, promote, run, start};
use crate::systems::Opening;
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, LogChunk, LogCursor, Logs, Look, Missing, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, PromotionPlan,
    Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo, StageId, StageState,
    Submission, SystemKind, TextRule, WriteError,
};

/// How many pipelines one page lists.
const PAGE: i32 = 100;

/// A connection to one account in one region.
pub struct CodePipeline {
    connection: ConnectionId,
    capabilities: Capabilities,
    api: Api,
}

impl CodePipeline {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// With every reason why the settings can't be used.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Opening { connection, address, secret, hosts, clock } = opening;
        let api = Api::open(address, secret, hosts, clock)?;
        Ok(Self { connection, capabilities: capabilities(), api })
    }

    /// Finds out who we are there, by the account's own word if it gives one.
    async fn who(&self, first: Option<&str>) -> String {
        if let Some(sts) = &self.api.sts
            && let Ok(told) = sts.get_caller_identity().send().await
            && let Some(arn) = told.arn
        {
            return arn;
        }
        let account = match first {
            Some(first) => self.api.shape(&first.into(), None).await.ok(),
            None => None,
        };
        match account.and_then(|shape| shape.account.clone()) {
            Some(account) => format!("{} in account {account}", self.api.source),
            None => self.api.source.clone(),
        }
    }
}

#[async_trait]
impl PipelineSystem for CodePipeline {
    fn kind(&self) -> SystemKind {
        SystemKind::CodePipeline
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let call = self.api.sdk.list_pipelines().max_results(1).send();
        let mut missing = Vec::new();
        let first = match self.api.read(call).await {
            Ok(told) => told.pipelines().first().and_then(|first| first.name.clone()),
            Err(RemoteError::Forbidden { detail, .. }) => {
                missing.push(Missing {
                    capability: "list_pipelines".into(),
                    why: detail,
                    next_step: "allow codepipeline:ListPipelines on *, or bind pipelines by their name"
                        .into(),
                });
                None
            }
            Err(error) => return Err(error),
        };
        Ok(ServerInfo {
            who: self.who(first.as_deref()).await,
            server: format!("AWS CodePipeline in {}", self.api.region),
            effective: self.capabilities.clone(),
            missing,
        })
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        let call = self
            .api
            .sdk
            .list_pipelines()
            .max_results(PAGE)
            .set_next_token(page.map(|cursor| cursor.as_str().to_owned()))
            .send();
        let told = self.api.read(call).await?;
        let prefix = query.name_prefix.as_deref().unwrap_or_default();
        let names = told.pipelines.unwrap_or_default().into_iter().filter_map(|pipeline| pipeline.name);
        let items = names
            .filter(|name| name.starts_with(prefix))
            .map(|name| PipelineRef { id: PipelineId::new(name.clone()), name })
            .collect();
        // A token that comes back would lead round and round.
        let next = told.next_token.map(Cursor::new).filter(|next| Some(next) != page);
        Ok(Page { items, next })
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        Ok(self.api.shape(pipeline, None).await?.described())
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        build::list(&self.api, pipeline, query, page).await
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        Snapshot::take(&self.api, pipeline).await?.states(&self.api).await
    }

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        let snapshot = Snapshot::take(&self.api, pipeline).await?;
        let open = snapshot.open(&self.api).await?;
        Ok(open.iter().map(|open| snapshot.pending(open, self.api.now())).collect())
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        run::status(&self.api, &Run::parse(run)?).await
    }

    async fn read_log(&self, run: &RunId, _at: &LogCursor) -> Result<LogChunk, RemoteError> {
        Run::parse(run)?;
        Err(RemoteError::Unsupported("its logs are read in AWS; the run's link leads there"))
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        Ok(plan::survey(&self.api, plan, false).await?.preflight(&self.api, plan))
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        promote::promote(&self.api, plan, key, false).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        promote::reconcile(&self.api, plan, key, sent_at).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        start::start_run(&self.api, plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        start::reconcile_run(&self.api, plan, key, sent_at).await
    }

    async fn decide_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        gate::decide(&self.api, gate, decision, key).await
    }

    async fn reconcile_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        gate::reconcile(&self.api, gate, decision, key).await
    }

    async fn cancel(&self, run: &RunId, reason: &str, _key: &OperationKey) -> Result<Submission, WriteError> {
        act::cancel(&self.api, &Run::parse(run)?, reason).await
    }

    async fn retry_stage(
        &self,
        run: &RunId,
        stage: &StageId,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        act::retry(&self.api, &Run::parse(run)?, stage).await
    }

    async fn roll_back(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        promote::promote(&self.api, plan, key, true).await
    }

    async fn set_hold(
        &self,
        pipeline: &PipelineId,
        stage: &StageId,
        reason: Option<&str>,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        act::hold(&self.api, pipeline, stage, reason).await
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let builds = build::list(&self.api, pipeline, &BuildQuery::default(), None).await?;
        let snapshot = Snapshot::take(&self.api, pipeline).await?;
        let open = snapshot.open(&self.api).await?;
        Ok(Look {
            builds,
            stages: snapshot.states(&self.api).await?,
            gates: open.iter().map(|open| snapshot.pending(open, self.api.now())).collect(),
        })
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::OnlyWhatWaits,
        gate_scope: GateScope::Run,
        gate_reject: true,
        gate_comment: TextRule::Optional { max: gate::COMMENT },
        gate_multi_approver: false,
        gate_self_approval_may_be_refused: false,
        approve_starts_the_work: true,
        promote_dedup: Dedup::OneShotHandle,
        gate_dedup: Dedup::OneShotHandle,
        run_id_from: RunIdFrom::Response,
        logs: Logs::LinkOnly,
        cancel: Cancel::Any,
        retry_stage: true,
        roll_back: true,
        hold_stage: true,
        start_run: true,
        key_given_back: true,
        write_ack_is_proof: true,
    }
}
