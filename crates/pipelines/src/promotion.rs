//! Putting one build into one stage: the plan, what it would do, and what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{BuildId, PipelineId, Reason, RunId, StageId};

/// What is to be promoted, bound to what the person saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionPlan {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The stage that gets the build.
    pub to: StageId,
    /// The build, as the system names it.
    pub build: BuildId,
    /// The label that people use for the build.
    pub label: String,
    /// The build's source revision.
    pub commit: String,
    /// The digest that was approved. A build that has another one by now is refused.
    pub expect_sha256: Option<String>,
    /// What the person saw in the stage. Outer `None`: don't care. Inner `None`: nothing stood there.
    pub expect_current: Option<Option<BuildId>>,
    /// Further inputs, for systems that take them.
    pub parameters: BTreeMap<String, String>,
    /// Why, in the person's words.
    pub reason: String,
}

/// What a promotion would do, found without changing anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preflight {
    /// Whether nothing stands in the way.
    pub allowed: bool,
    /// Everything that stands in the way.
    pub blockers: Vec<Reason>,
    /// The exact steps, in order.
    pub will_do: Vec<String>,
    /// How it would be carried out.
    pub mechanism: Mechanism,
}

/// How a promotion is really carried out; shown before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// Runs commands on this machine.
    RunCommands,
    /// Answers the gate that holds the build.
    AnswerGate,
    /// Starts a run that takes the build as an input.
    StartRun,
    /// Starts a run at the build's source revision.
    StartRunAtRevision,
    /// Plays the waiting job of the build's own run.
    PlayJob,
    /// Deploys a version that the system keeps.
    DeployVersion,
    /// Uses the system's own roll-back.
    RollbackStage,
    /// Records a deployment that something else carries out.
    CreateDeploymentRecord,
}

/// An accepted write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The run that carries it out, once it is known.
    pub run: Option<RunId>,
    /// When the system accepted it.
    pub accepted_at: DateTime<Utc>,
    /// How sure that is.
    pub proof: Proof,
    /// The system's own id of the request, for its support.
    pub request_id: Option<String>,
}

/// How it is known that a write was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The system's answer said so.
    ServerSaid,
    /// The effect was read back.
    ReadBack,
    /// Accepted, but the effect is still to be seen.
    Pending,
}

/// What reading back found about a write whose outcome was not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reconciled {
    /// It was carried out, or is being carried out.
    Applied(Submission),
    /// It was not; the same key may be sent again.
    NotApplied,
    /// It can't be told: a person has to look and decide.
    StillUnknown {
        /// What was found instead.
        evidence: String,
    },
}
