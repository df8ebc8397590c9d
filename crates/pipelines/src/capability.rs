//! What a pipeline system can do. The system declares it; a probe narrows it to what this server
//! and this account really allow.

use serde::{Deserialize, Serialize};

/// How freely a build can be chosen for a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuildChoice {
    /// Any build that the system lists.
    Any,
    /// Only the build that waits before the stage.
    OnlyWhatWaits,
    /// By a parameter that the pipeline has to understand.
    ByConvention,
    /// No build can be promoted through this system.
    None,
}

/// What an answered gate lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GateScope {
    /// One execution.
    Run,
    /// Every deployment of one version.
    Version,
    /// The system has no gates.
    None,
}

/// Whether a text may accompany an answer; `max` counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextRule {
    /// The system demands a text.
    Required {
        /// The longest accepted text.
        max: usize,
    },
    /// The system accepts a text.
    Optional {
        /// The longest accepted text.
        max: usize,
    },
    /// The system has no place for a text.
    Unsupported,
}

/// What protects a write from being carried out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dedup {
    /// The system remembers the operation key.
    ServerToken,
    /// The gate's handle is spent by the first answer.
    OneShotHandle,
    /// Only while the first run is still going.
    WhileRunning,
    /// Equal requests fold into one while they are queued.
    QueueFold,
    /// Nothing: an unknown outcome must be read back, or decided by a person.
    None,
}

/// How a run's log can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Logs {
    /// While the run is going.
    Incremental,
    /// Once the run has ended.
    WhenFinished,
    /// Only by a link into the system's own pages.
    LinkOnly,
}

/// Where the id of a started run comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunIdFrom {
    /// The answer to the write carries it.
    Response,
    /// It becomes known by asking again.
    Poll,
    /// It has to be found by something of ours that the system gives back.
    Correlate,
}

/// What can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cancel {
    /// A run in any state before its end.
    Any,
    /// Only a run that has not begun.
    QueuedOnly,
    /// Nothing.
    None,
}

/// Everything the application has to know before it offers an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// How freely a build can be chosen.
    pub build_choice: BuildChoice,
    /// What an answered gate lets through.
    pub gate_scope: GateScope,
    /// Whether a gate can be rejected, too.
    pub gate_reject: bool,
    /// The text that goes with an answer.
    pub gate_comment: TextRule,
    /// Whether a gate may ask for more than one approver.
    pub gate_multi_approver: bool,
    /// Whether the system may refuse an approval by the person who started the run.
    pub gate_self_approval_may_be_refused: bool,
    /// Whether an approval also starts the work behind the gate.
    pub approve_starts_the_work: bool,
    /// What protects a promotion from being carried out twice.
    pub promote_dedup: Dedup,
    /// What protects an answer from being given twice.
    pub gate_dedup: Dedup,
    /// Where a run's id comes from.
    pub run_id_from: RunIdFrom,
    /// How logs can be read.
    pub logs: Logs,
    /// What can be cancelled.
    pub cancel: Cancel,
    /// Whether a stage that failed can be run again inside its run.
    pub retry_stage: bool,
    /// Whether the system has a roll-back of its own.
    pub roll_back: bool,
    /// Whether a stage can be held there.
    pub hold_stage: bool,
    /// Whether a pipeline can be started that promotes nothing, with inputs: for tests of a whole product.
    pub start_run: bool,
    /// Whether the system gives back what we send with a promotion, so that a lost answer can be found again.
    pub key_given_back: bool,
    /// Whether an accepted write proves that the effect will happen.
    pub write_ack_is_proof: bool,
}

/// One thing that this server or this account does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The capability's field name in [`Capabilities`].
    pub capability: String,
    /// Why it is missing.
    pub why: String,
    /// What would bring it back.
    pub next_step: String,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// As whom the connection acts there.
    pub who: String,
    /// The system's product name and version, where it tells.
    pub server: String,
    /// The declared capabilities, narrowed to what works here.
    pub effective: Capabilities,
    /// What was narrowed, and why.
    pub missing: Vec<Missing>,
}
