//! The port: what the application asks of any pipeline system.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    BuildPage, BuildQuery, Capabilities, ConnectionId, Cursor, Decision, GateHandle, LogChunk, LogCursor,
    OperationKey, Page, PendingGate, PipelineId, PipelineQuery, PipelineRef, PipelineShape, Preflight,
    PromotionPlan, Reconciled, RemoteError, RunId, RunStatus, ServerInfo, StageState, Submission, WriteError,
};

/// Tells the time; passed in, so that no system reads the clock by itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The kinds of pipeline systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemKind {
    /// Commands of this machine.
    Local,
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
}
