//! Gates of remote systems: what waits for an answer there, and the answer.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{BuildId, GateId, PipelineId, RunId, StageId};

/// Passed or rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Lets the build through.
    Approve,
    /// Ends the build's way here.
    Reject,
}

/// The right to answer one gate once. It holds the system's one-shot token: memory only, and
/// without a readable form.
#[derive(Clone)]
pub struct GateHandle(SecretString);

impl GateHandle {
    /// Seals what the system needs to recognise the gate.
    pub fn seal(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// Opens the handle, for the system that sealed it.
    pub fn open(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A gate that waits for an answer.
#[derive(Clone)]
pub struct PendingGate {
    /// The right to answer it.
    pub handle: GateHandle,
    /// The pipeline that waits.
    pub pipeline: PipelineId,
    /// The gate's name inside the pipeline, the same for every build: what a binding names.
    pub gate: GateId,
    /// The stage that the gate belongs to, as [`crate::PipelineShape`] spells it.
    pub stage: StageId,
    /// The build that waits.
    pub build: BuildId,
    /// The execution that waits.
    pub run: Option<RunId>,
    /// The system's own question.
    pub question: String,
    /// The fields that an answer has to fill, with their default.
    pub fields: BTreeMap<String, String>,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// When the system gives up waiting.
    pub expires: Option<DateTime<Utc>>,
    /// Whether this connection's account may answer, where the system tells.
    pub may_answer: Option<bool>,
}

impl fmt::Debug for PendingGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingGate")
            .field("pipeline", &self.pipeline)
            .field("gate", &self.gate)
            .field("stage", &self.stage)
            .field("build", &self.build)
            .field("run", &self.run)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

/// The answer to a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Passed or rejected.
    pub verdict: Verdict,
    /// The words that go with it.
    pub comment: String,
    /// The gate's fields.
    pub fields: BTreeMap<String, String>,
    /// The build that the person saw; the answer is refused when another one waits by now.
    pub expect_build: BuildId,
}
