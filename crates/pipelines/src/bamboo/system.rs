//! The port's methods.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::Method;

use super::session::{Bamboo, number};
use super::stages::build_of;
use super::wire::{Info, Stand, moment};
use crate::http::Call;
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, LogChunk, LogCursor, Logs, Look, Missing, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, Progress,
    PromotionPlan, Proof, Reconciled, RemoteError, RunId, RunIdFrom, RunState, RunStatus, ServerInfo,
    StageState, Submission, SystemKind, TextRule, WriteError,
};

/// Says that a log was read to its end.
const END: &str = "end";

#[async_trait]
impl PipelineSystem for Bamboo {
    fn kind(&self) -> SystemKind {
        SystemKind::Bamboo
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let me = self.me().await?;
        let info: Info = self.http.get(self.at(&["info"], &[])).await?;
        let mut effective = self.capabilities.clone();
        let mut missing = Vec::new();
        let projects = self.projects().await?;
        let mut environments = projects.iter().flat_map(|project| &project.environments).peekable();
        let none = environments.peek().is_none();
        let refused = environments.all(|one| one.operations.allowed_to_execute == Some(false));
        if none || refused {
            effective.build_choice = BuildChoice::None;
            let (why, next_step) = match none {
                true => ("the account sees no environment", "give it View on the deployment projects"),
                false => ("the account may deploy nowhere", "give it Deploy on the environments"),
            };
            missing.push(Missing {
                capability: "build_choice".into(),
                why: why.into(),
                next_step: next_step.into(),
            });
        }
        let who = match me.full_name.is_empty() {
            true => me.name,
            false => format!("{} ({})", me.full_name, me.name),
        };
        let version: String = info.version.chars().take(40).collect();
        Ok(ServerInfo { who, server: format!("Bamboo {version}").trim_end().to_owned(), effective, missing })
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
        let mut items: Vec<_> = self
            .projects()
            .await?
            .into_iter()
            .filter(|project| project.name.starts_with(prefix))
            .map(|project| PipelineRef { id: PipelineId::new(project.id.to_string()), name: project.name })
            .collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Page { items, next: None })
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        let project = self.project(pipeline).await?;
        Ok(super::session::Site { project, deployments: Vec::new() }.shape(pipeline))
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let missing = || RemoteError::NotFound(format!("pipeline {pipeline}"));
        let project = number(pipeline.as_str()).ok_or_else(missing)?;
        let limit = query.limit.max(1);
        let mut versions = self.versions(project, if page.is_some() { usize::MAX } else { limit }).await?;
        if let Some(page) = page {
            let after = versions.iter().position(|version| version.id.to_string() == page.as_str());
            let after = after.ok_or_else(|| RemoteError::Stale {
                detail: "the list of releases changed; read it from the beginning".into(),
            })?;
            versions.drain(..=after);
        }
        let more = versions.len() > limit;
        versions.truncate(limit);
        let next = versions.last().filter(|_| more).map(|version| Cursor::new(version.id.to_string()));
        let builds = versions.into_iter().map(build_of).collect();
        Ok(BuildPage { builds, problems: Vec::new(), next })
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        Ok(self.site(pipeline).await?.states())
    }

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        let site = self.site(pipeline).await?;
        self.waiting(pipeline, &site).await
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        let deployment = self.deployment(run, false).await?;
        let (state, deployed, summary) = match deployment.stand() {
            Stand::Waiting => (RunState::Queued, None, "Waits in the queue."),
            Stand::Working => (RunState::Running, None, "Deploys."),
            Stand::Passed => (RunState::Succeeded, Some(true), "It went through."),
            Stand::Broken => (RunState::Failed, Some(false), "The deployment failed."),
            Stand::Dropped => (RunState::Cancelled, Some(false), "It was ended before it began."),
            Stand::Unclear => (RunState::Unknown, None, "Bamboo doesn't say how it ended."),
        };
        let query = [("deploymentResultId", run.as_str())];
        let link = self.http.url_with(["deploy", "viewDeploymentResult.action"], &query);
        Ok(RunStatus {
            run: run.clone(),
            state,
            step: None,
            deployed,
            checks: Vec::new(),
            progress: Progress { done: u32::from(state.is_final()), total: 1 },
            started: deployment.started_date.map(moment),
            finished: deployment.finished_date.filter(|_| state.is_final()).map(moment),
            summary: summary.into(),
            link: Some(link.to_string()),
        })
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        if at.as_str() == END {
            return Ok(LogChunk { text: String::new(), next: at.clone(), complete: true });
        }
        let deployment = self.deployment(run, true).await?;
        if matches!(deployment.stand(), Stand::Waiting | Stand::Working) {
            return Ok(LogChunk { text: String::new(), next: LogCursor::start(), complete: false });
        }
        let entries = deployment.log_entries;
        let mut text = String::new();
        if entries.size > entries.log_entry.len() {
            let (given, all) = (entries.log_entry.len(), entries.size);
            text.push_str(&format!("Bamboo gave {given} of {all} lines; the whole log is on its page.\n"));
        }
        for entry in entries.log_entry {
            text.push_str(entry.unstyled_log.trim_end_matches('\n'));
            text.push('\n');
        }
        Ok(LogChunk { text, next: LogCursor::new(END), complete: true })
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        self.examine(plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, _key: &OperationKey) -> Result<Submission, WriteError> {
        self.start(plan).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        _key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back(plan, sent_at).await
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
        let stand = self.deployment(run, false).await?.stand();
        if stand != Stand::Waiting {
            let detail = match stand {
                Stand::Working => {
                    "it has begun; Bamboo's API ends only what still waits, so stop it in Bamboo"
                }
                _ => "the deployment has ended already",
            };
            return Err(RemoteError::Conflict { detail: detail.into() }.into());
        }
        let url = self.at(&["queue", "deployment", run.as_str()], &[]);
        let answer = self.http.accepted(self.http.send(Call::new(Method::DELETE, url)).await?)?;
        Ok(Submission {
            run: Some(run.clone()),
            accepted_at: answer.at,
            proof: Proof::ServerSaid,
            request_id: answer.request_id(),
        })
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let site = self.site(pipeline).await?;
        let builds = self.list_builds(pipeline, &BuildQuery::default(), None).await?;
        let gates = self.waiting(pipeline, &site).await?;
        Ok(Look { builds, stages: site.states(), gates })
    }
}

pub(super) fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::Any,
        gate_scope: GateScope::Version,
        gate_reject: true,
        gate_comment: TextRule::Unsupported,
        gate_multi_approver: true,
        gate_self_approval_may_be_refused: false,
        approve_starts_the_work: false,
        promote_dedup: Dedup::None,
        gate_dedup: Dedup::None,
        run_id_from: RunIdFrom::Response,
        logs: Logs::WhenFinished,
        cancel: Cancel::QueuedOnly,
        retry_stage: false,
        roll_back: false,
        hold_stage: false,
        start_run: false,
        key_given_back: false,
        write_ack_is_proof: true,
    }
}
