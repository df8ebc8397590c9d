//! Answers to a pipeline system's own gates: what a verdict in a gated stage says there, and what keeps it back.

use crate::decide::veto_blocker;
use crate::gate::release_blockers;
use crate::id::{EntryId, PersonId};
use crate::line::{Build, Outcome};
use crate::moment::Moment;
use crate::process::Stage;
use crate::product::Way;
use crate::refusal::Blocker;
use crate::state::State;
use serde::{Deserialize, Serialize};

/// One answer: intent, then outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The intent's entry: the operation key of the remote call.
    pub id: EntryId,
    /// True for approve.
    pub approve: bool,
    /// The gate there.
    pub gate: String,
    /// When it was intended.
    pub at: Moment,
    /// Whose word it passes on.
    pub by: PersonId,
    /// What is said with it.
    pub comment: String,
    /// How it ended; none while it is under way.
    pub outcome: Option<Outcome>,
    /// What the pipeline system said, or what a person found out.
    pub detail: String,
    /// When the outcome was recorded.
    pub ended: Option<Moment>,
}

impl Answer {
    /// Says whether its outcome is not settled.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::Unknown))
    }
}

/// The gated stages that the pipeline system brings a build on to once the gate of this stage is answered.
pub fn released_by<'a>(state: &'a State, build: &Build, stage: &'a Stage) -> Vec<&'a Stage> {
    let Some(binding) = state.binding(&build.service).filter(|known| known.gate_of(&stage.key).is_some())
    else {
        return Vec::new();
    };
    let process = state.process_of(build);
    let next = process.into_iter().flat_map(|process| process.successors(&stage.key));
    next.filter(|next| binding.way(&next.key) == Some(Way::Gated)).collect()
}

/// Why answering the system's own gate would let a build on where it must not go now: into a stage that is held
/// (L10), or that wants a release whose plan is not complete (N2). While there is one, this gate does not open.
pub fn passage_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    for next in released_by(state, build, stage) {
        if let Some(hold) = state.block(&build.service, &next.key).hold {
            blockers.push(Blocker::new(
                "gate.next-held",
                format!(
                    "{} is held by {}: {}.",
                    next.name,
                    state.name_of(&hold.by),
                    hold.reason.trim_end_matches('.')
                ),
                format!("Release {} first: {} would go on there.", next.name, build.content.label),
            ));
        }
        blockers.extend(release_blockers(state, build, next));
    }
    blockers
}

/// Why an approval must not be sent to the system's own gate now, though it was intended: what would keep the
/// gate shut, or that the build's delivery has ended since (L5, R6).
pub fn approval_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let mut blockers = passage_blockers(state, build, stage);
    blockers.extend(veto_blocker(state, build));
    if let Some(rejected) = build.rejected_at() {
        blockers.push(Blocker::new(
            "build.rejected",
            format!("{} was rejected in {rejected}, so it goes nowhere any more.", build.content.label),
            "Go on with another build.",
        ));
    }
    blockers
}
