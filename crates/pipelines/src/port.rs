//! The port: what the application asks of any pipeline system.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    BuildPage, BuildQuery, Capabilities, ConnectionId, Cursor, Decision, GateHandle, GateScope, LogChunk,
    LogCursor, Look, OperationKey, Page, PendingGate, PipelineId, PipelineQuery, PipelineRef, PipelineShape,
    Preflight, PromotionPlan, Reconciled, RemoteError, RunId, RunPlan, RunStatus, ServerInfo, StageId,
    StageState, Submission, WriteError,
};

/// Tells the time; passed in, so that no system reads the clock by itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The kinds of pipeline systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SystemKind {
    /// Commands of this machine.
    Local,
    /// AWS CodePipeline.
    CodePipeline,
    /// Jenkins.
    Jenkins,
    /// Spinnaker, through its Gate.
    Spinnaker,
    /// Atlassian Bamboo with deployment projects.
    Bamboo,
    /// GitHub Actions with environments.
    GitHub,
    /// GitLab CI/CD with environments.
    GitLab,
    /// Buildbot with force schedulers.
    Buildbot,
}

impl SystemKind {
    /// Every kind, in the order in which a person is offered them.
    pub const ALL: [Self; 8] = [
        Self::Local,
        Self::GitHub,
        Self::GitLab,
        Self::Jenkins,
        Self::CodePipeline,
        Self::Spinnaker,
        Self::Bamboo,
        Self::Buildbot,
    ];

    /// Returns the stable name, as ledgers and settings spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CodePipeline => "codepipeline",
            Self::Jenkins => "jenkins",
            Self::Spinnaker => "spinnaker",
            Self::Bamboo => "bamboo",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Buildbot => "buildbot",
        }
    }

    /// Returns the product's own name, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Local => "This machine",
            Self::CodePipeline => "AWS CodePipeline",
            Self::Jenkins => "Jenkins",
            Self::Spinnaker => "Spinnaker",
            Self::Bamboo => "Bamboo",
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI/CD",
            Self::Buildbot => "Buildbot",
        }
    }

    /// Finds a kind by its stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One account on one pipeline system.
///
/// Reads change nothing. Every write takes an [`OperationKey`] and sends at most once; what a lost
/// answer left behind is found by the matching `reconcile_…` and never by sending again. What a
/// system lacks answers [`RemoteError::Unsupported`], as its [`Capabilities`] have said before.
#[async_trait]
pub trait PipelineSystem: Send + Sync {
    /// Returns the kind of system.
    fn kind(&self) -> SystemKind;

    /// Returns the connection that this is.
    fn connection(&self) -> &ConnectionId;

    /// Returns what the kind of system can do at best.
    fn capabilities(&self) -> &Capabilities;

    /// Asks who the connection acts as there, and what really works.
    async fn probe(&self) -> Result<ServerInfo, RemoteError>;

    /// Lists pipelines by name.
    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError>;

    /// Describes a pipeline's stages.
    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError>;

    /// Lists builds, newest first, and everything that arrived and can't be used.
    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError>;

    /// Tells what stands in each stage, in the order of the stages.
    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError>;

    /// Lists the system's own gates that wait for an answer.
    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError>;

    /// Tells how a run stands.
    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError>;

    /// Reads a run's log on from `at`.
    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError>;

    /// Finds out what a promotion would do and everything that stands in its way.
    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError>;

    /// Carries out a promotion. The same key again returns the first submission.
    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError>;

    /// Reads back what became of a promotion that was sent at `sent_at`.
    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError>;

    /// Starts a pipeline that promotes nothing, with inputs. The same key again returns the first submission, where
    /// the system gives the key back.
    async fn start_run(&self, _plan: &RunPlan, _key: &OperationKey) -> Result<Submission, WriteError> {
        Err(no_runs().into())
    }

    /// Reads back what became of a start that was sent at `sent_at`.
    async fn reconcile_run(
        &self,
        _plan: &RunPlan,
        _key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        Err(no_runs())
    }

    /// Answers a gate.
    async fn decide_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        key: &OperationKey,
    ) -> Result<Submission, WriteError>;

    /// Reads back what became of an answer that was sent at `sent_at`.
    async fn reconcile_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError>;

    /// Ends a run. An accepted cancellation shows in [`Self::run_status`] once the work has stopped.
    async fn cancel(&self, run: &RunId, reason: &str, key: &OperationKey) -> Result<Submission, WriteError>;

    /// Runs what failed in a stage again, in the same run.
    async fn retry_stage(
        &self,
        _run: &RunId,
        _stage: &StageId,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        Err(RemoteError::Unsupported("it has no way to run a stage again in the same run").into())
    }

    /// Brings a stage back to an earlier build by the system's own means.
    async fn roll_back(&self, _plan: &PromotionPlan, _key: &OperationKey) -> Result<Submission, WriteError> {
        Err(RemoteError::Unsupported("it has no roll-back of its own; promote the earlier build").into())
    }

    /// Holds a stage with a reason, or lets it go on (no reason).
    async fn set_hold(
        &self,
        _pipeline: &PipelineId,
        _stage: &StageId,
        _reason: Option<&str>,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        Err(RemoteError::Unsupported("it has no way to hold a stage").into())
    }

    /// Takes one look at a pipeline: its newest builds, its stages, its waiting gates. Systems that tell
    /// all of that in fewer calls override it.
    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let builds = self.list_builds(pipeline, &BuildQuery::default(), None).await?;
        let stages = self.stage_states(pipeline).await?;
        let gates = if self.capabilities().gate_scope == GateScope::None {
            Vec::new()
        } else {
            self.pending_gates(pipeline).await?
        };
        Ok(Look { builds, stages, gates })
    }
}

fn no_runs() -> RemoteError {
    RemoteError::Unsupported("a pipeline that only takes inputs can't be started through it")
}
