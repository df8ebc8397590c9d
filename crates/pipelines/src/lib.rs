//! The port to pipeline systems, and the systems themselves.
//!
//! [`PipelineSystem`] is what the application needs from any system that deploys: which builds are
//! where, what waits for an answer, and one careful way to write. The `local` system runs commands
//! of this machine. Nothing here knows the ledger, the rules of the line or the screens: ids are
//! opaque strings of this crate's own, and an [`OperationKey`] arrives from whoever recorded the
//! intent.

mod bamboo;
mod blockers;
mod buildbot;
mod capability;
mod codepipeline;
mod display;
mod error;
mod gate;
mod github;
mod gitlab;
pub mod http;
mod id;
mod inputs;
mod jenkins;
mod jira;
pub mod local;
mod pipeline;
mod port;
mod promotion;
mod run;
mod run_plan;
mod spinnaker;
mod systems;
#[cfg(feature = "testing")]
pub mod testing;
mod tracker;

pub use bamboo::Bamboo;
pub use buildbot::Buildbot;
pub use capability::{
    BuildChoice, Cancel, Capabilities, Dedup, GateScope, Logs, Missing, RunIdFrom, ServerInfo, TextRule,
};
pub use codepipeline::CodePipeline;
pub use display::sanitise;
pub use error::{Reason, RemoteError, WriteError};
pub use gate::{Decision, GateHandle, PendingGate, Verdict};
pub use github::GitHubSystem;
pub use gitlab::GitLab;
pub use id::{
    BuildId, ConnectionId, Cursor, GateId, InvalidOperationKey, LogCursor, OperationKey, PipelineId, RunId,
    StageId,
};
pub use inputs::Inputs;
pub use jenkins::Jenkins;
pub use jira::Jira;
pub use local::LocalSystem;
pub use pipeline::{
    Artifact, Build, BuildPage, BuildProblem, BuildQuery, ComponentVersions, Look, Occupant, Page,
    PipelineQuery, PipelineRef, PipelineShape, Settled, StageShape, StageState,
};
pub use port::{Clock, PipelineSystem, SystemKind};
pub use promotion::{Mechanism, Preflight, PromotionPlan, Proof, Reconciled, Submission};
pub use run::{CheckResult, LogChunk, Progress, RunState, RunStatus};
pub use run_plan::RunPlan;
pub use spinnaker::Spinnaker;
pub use systems::{Opening, fields, open, open_tracker, tracker_fields};
pub use tracker::{Feature, FeatureTracker, TrackerInfo, TrackerVersion};
