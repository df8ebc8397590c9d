//! A remote execution: how far it is, what its checks found, what it wrote.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{LogCursor, RunId};

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It has not begun.
    Queued,
    /// It is working.
    Running,
    /// Deployment and checks went through.
    Succeeded,
    /// The deployment or a check failed.
    Failed,
    /// A person ended it.
    Cancelled,
    /// It can't be told; nothing is working on it any more.
    Unknown,
}

impl RunState {
    /// Says whether the state will not change by itself any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// Everything known about an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStatus {
    /// The execution.
    pub run: RunId,
    /// Where it stands.
    pub state: RunState,
    /// What it is doing, or did last: `deploy` or a check's name.
    pub step: Option<String>,
    /// Whether the deployment itself went through; nothing while that is open.
    pub deployed: Option<bool>,
    /// The checks that have ended, in their order.
    pub checks: Vec<CheckResult>,
    /// How many steps have ended.
    pub progress: Progress,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// One sentence for a person.
    pub summary: String,
    /// The system's own page about it.
    pub link: Option<String>,
}

/// One automated result, with its source and its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// What produced the result.
    pub source: String,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// One sentence for a person.
    pub summary: String,
}

/// Steps that have ended, of all steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Ended steps.
    pub done: u32,
    /// All steps.
    pub total: u32,
}

/// A piece of a log. The text is raw: pass it through [`crate::sanitise`] before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogChunk {
    /// Whole lines, as far as there are any.
    pub text: String,
    /// Where to read on.
    pub next: LogCursor,
    /// Whether the log has ended and this chunk reaches its end.
    pub complete: bool,
}
