//! Why an act is not possible: every reason at once, each with a code, a sentence and a way out.

use serde::{Deserialize, Serialize};

/// One reason that stands in the way of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Stable, for programs: `area.reason`.
    pub code: String,
    /// For a person: what stands in the way.
    pub sentence: String,
    /// For a person: what would resolve it.
    pub next_step: String,
}

impl Blocker {
    /// Makes a blocker.
    pub fn new(code: &str, sentence: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { code: code.to_owned(), sentence: sentence.into(), next_step: next_step.into() }
    }
}

/// A refused act: nothing changed, and these are all the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal(pub Vec<Blocker>);

impl Refusal {
    /// A refusal for one reason.
    pub fn one(code: &str, sentence: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self(vec![Blocker::new(code, sentence, next_step)])
    }

    /// Passes when there is no blocker, refuses with all of them otherwise.
    pub fn unless_empty(blockers: Vec<Blocker>) -> Result<(), Self> {
        if blockers.is_empty() { Ok(()) } else { Err(Self(blockers)) }
    }
}

impl From<Blocker> for Refusal {
    fn from(blocker: Blocker) -> Self {
        Self(vec![blocker])
    }
}
