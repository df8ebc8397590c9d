//! The port's methods.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::id::Job;
use super::session::Jenkins;
use crate::http::Call;
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, LogChunk, LogCursor, Logs, Look, Missing, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, PromotionPlan,
    Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo, StageShape, StageState,
    Submission, SystemKind, TextRule, WriteError,
};

/// The class of the jobs that run a Jenkinsfile.
const PIPELINE_CLASS: &str = "WorkflowJob";

#[async_trait]
impl PipelineSystem for Jenkins {
    fn kind(&self) -> SystemKind {
        SystemKind::Jenkins
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let me = self.me().await?;
        let root = self.http.read(Call::get(self.tree(vec!["api", "json"], "mode"))).await?;
        let version = root.header("x-jenkins").unwrap_or_default();
        let server =
            format!("Jenkins {}", version.chars().take(40).collect::<String>()).trim_end().to_owned();
        let mut effective = self.capabilities.clone();
        let mut missing = Vec::new();
        let jobs = self.jobs().await?;
        if let Some((job, _)) = jobs.iter().find(|(_, class)| class.ends_with(PIPELINE_CLASS)) {
            let described: Option<serde_json::Value> =
                self.maybe(Call::get(self.at(job, &["wfapi", "describe"]))).await?;
            if described.is_none() {
                effective.gate_scope = GateScope::None;
                effective.gate_reject = false;
                for capability in ["gate_scope", "gate_reject"] {
                    missing.push(Missing {
                        capability: capability.into(),
                        why: "the plugin Pipeline: REST API is not installed, so stages and input steps don't show"
                            .into(),
                        next_step: "install the plugin pipeline-rest-api (it comes with Pipeline: Stage View)"
                            .into(),
                    });
                }
            }
        }
        if jobs.is_empty() {
            effective.build_choice = BuildChoice::None;
            missing.push(Missing {
                capability: "build_choice".into(),
                why: "the account sees no job".into(),
                next_step: "give it Job/Read on the jobs that deploy".into(),
            });
        }
        let who = if me.full_name.is_empty() { me.id } else { format!("{} ({})", me.full_name, me.id) };
        Ok(ServerInfo { who, server, effective, missing })
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        if page.is_some() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let prefix = query.name_prefix.as_deref().unwrap_or_default();
        let jobs = self.jobs().await?.into_iter().map(|(job, _)| job);
        let items = jobs
            .filter(|job| job.name().starts_with(prefix))
            .map(|job| PipelineRef { id: job.pipeline(), name: job.name() })
            .collect();
        Ok(Page { items, next: None })
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        let job = Job::of(pipeline)?;
        let history = self.history(&job).await?;
        // Jenkins keeps no list of gates: those that wait now, and those that were seen to.
        self.waiting(&history).await?;
        let gates = self.gates_seen(&job);
        let stage = |id: crate::StageId| StageShape {
            name: id.to_string(),
            environment: None,
            checks: Vec::new(),
            gates: gates.iter().filter(|(stage, _)| *stage == id).map(|(_, gate)| gate.clone()).collect(),
            id,
        };
        Ok(PipelineShape {
            id: pipeline.clone(),
            name: job.name(),
            stages: history.stages().into_iter().map(stage).collect(),
        })
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let history = self.runs(&Job::of(pipeline)?).await?;
        build_page(history.builds(), query, page)
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        Ok(self.history(&Job::of(pipeline)?).await?.states(self))
    }

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        let history = self.history(&Job::of(pipeline)?).await?;
        self.waiting(&history).await
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        self.status(run).await
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        self.log(run, at).await
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        self.examine(plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.start(plan, key).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back(plan, key, sent_at).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.start_tests(plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back_run(plan, key, sent_at).await
    }

    async fn decide_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        self.decide(gate, decision).await
    }

    async fn reconcile_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        _key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back_gate(gate, decision, sent_at).await
    }

    async fn cancel(
        &self,
        run: &RunId,
        _reason: &str,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        self.end(run).await
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let history = self.history(&Job::of(pipeline)?).await?;
        let builds = build_page(history.builds(), &BuildQuery::default(), None)?;
        let gates = self.waiting(&history).await?;
        Ok(Look { builds, stages: history.states(self), gates })
    }
}

/// Cuts a page out of the builds; a page begins behind the build that its cursor names.
fn build_page(
    mut builds: Vec<crate::Build>,
    query: &BuildQuery,
    page: Option<&Cursor>,
) -> Result<BuildPage, RemoteError> {
    if let Some(page) = page {
        let after = builds.iter().position(|build| build.id.as_str() == page.as_str());
        let after = after.ok_or_else(|| RemoteError::Stale {
            detail: "the list of builds changed; read it from the beginning".into(),
        })?;
        builds.drain(..=after);
    }
    let more = builds.len() > query.limit.max(1);
    builds.truncate(query.limit.max(1));
    let next = builds.last().filter(|_| more).map(|build| Cursor::new(build.id.as_str()));
    Ok(BuildPage { builds, problems: Vec::new(), next })
}

pub(super) fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::ByConvention,
        gate_scope: GateScope::Run,
        gate_reject: true,
        gate_comment: TextRule::Unsupported,
        gate_multi_approver: false,
        gate_self_approval_may_be_refused: false,
        approve_starts_the_work: true,
        promote_dedup: Dedup::QueueFold,
        gate_dedup: Dedup::OneShotHandle,
        run_id_from: RunIdFrom::Response,
        logs: Logs::Incremental,
        cancel: Cancel::Any,
        retry_stage: false,
        roll_back: false,
        hold_stage: false,
        start_run: true,
        key_given_back: true,
        write_ack_is_proof: false,
    }
}
