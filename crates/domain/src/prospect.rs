//! How each member of a release can go on into a stage, before anyone decides (R1).

use crate::decide::{
    answer_again_blockers, entry_blockers, held_blocker, no_rule_blocker, retry_blockers, veto_blocker,
};
use crate::gate::{gate_status, not_ready_sentence};
use crate::id::{BuildId, ServiceId, StageKey};
use crate::line::{Build, Outcome, Phase, Standing};
use crate::process::{Entry, Stage};
use crate::product_release::outcome;
use crate::refusal::Blocker;
use crate::release::Release;
use crate::state::State;

/// How a member would go on into a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It is admitted.
    Promotion,
    /// It failed there and is tried again.
    Retry,
    /// The gate that holds it in this stage is approved.
    Approval(StageKey),
    /// The answer to the system's own gate in this stage did not arrive and is given again.
    Answer(StageKey),
    /// There is nothing to do, because of this.
    Nothing(String),
    /// There is no way.
    Closed,
}

/// How one member would go on, and what keeps it, whoever decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The service.
    pub service: ServiceId,
    /// The build; none when the release carries none of this service.
    pub build: Option<BuildId>,
    /// How.
    pub passage: Passage,
    /// What stands in the way.
    pub blockers: Vec<Blocker>,
}

impl Prospect {
    /// Says whether something would be done.
    pub fn goes(&self) -> bool {
        self.blockers.is_empty() && !matches!(self.passage, Passage::Nothing(_) | Passage::Closed)
    }
}

/// How every member would go on; for a stage that was decided already, only the members that can be sent again.
pub fn prospects(state: &State, release: &Release, stage: &StageKey) -> Vec<Prospect> {
    let again: Option<Vec<ServiceId>> = release.decision_on(stage).map(|decision| {
        let latest = decision.latest().into_iter();
        latest
            .filter(|sent| outcome(state, sent, stage).is_resumable())
            .map(|sent| sent.service.clone())
            .collect()
    });
    let services = release.services(state).into_iter();
    services
        .filter(|service| again.as_ref().is_none_or(|again| again.contains(service)))
        .map(|service| prospect(state, release, stage, service))
        .collect()
}

/// Says whether sending a release on asks for the key's passphrase again (S2): because of the stage, or because of
/// a gate that would be approved with it.
pub fn asks_passphrase(state: &State, release: &Release, stage: &StageKey) -> bool {
    let process = state.strategy_in_force(&release.product).map(|strategy| &strategy.content.process);
    let asks = |key: &StageKey| {
        process.and_then(|process| process.stage(key)).is_some_and(|stage| stage.asks_passphrase)
    };
    asks(stage)
        || prospects(state, release, stage).iter().any(|member| match &member.passage {
            Passage::Approval(gate) => {
                let build = member.build.as_ref().and_then(|build| state.builds.get(build));
                let own = build.and_then(|build| state.stage_of(build, gate));
                own.is_some_and(|gate| gate.asks_passphrase)
            }
            _ => false,
        })
}

fn prospect(state: &State, release: &Release, key: &StageKey, service: ServiceId) -> Prospect {
    let build = release.builds.iter().find(|chosen| chosen.service == service);
    let build = build.map(|chosen| chosen.build.clone());
    let (passage, blockers) = match &build {
        None => (Passage::Nothing("The release carries no build of it.".to_owned()), Vec::new()),
        Some(id) => match state.builds.get(id).and_then(|build| Some((build, state.stage_of(build, key)?))) {
            Some((build, stage)) => passage(state, build, stage),
            None => {
                let sentence = format!("Its build {id} has no stage {key}.");
                let next_step = "Choose a stage that every build of the release passes.";
                (Passage::Closed, vec![Blocker::new("stage.unknown", sentence, next_step)])
            }
        },
    };
    Prospect { service, build, passage, blockers }
}

fn passage(state: &State, build: &Build, stage: &Stage) -> (Passage, Vec<Blocker>) {
    if let Some(blocker) = veto_blocker(state, build) {
        return (Passage::Closed, vec![blocker]);
    }
    let label = &build.content.label;
    let nothing = |how: &str| (Passage::Nothing(format!("{label} {how} {}.", stage.name)), Vec::new());
    match build.standings.get(&stage.key) {
        Some(Standing::Passed { .. }) => return nothing("has passed"),
        Some(Standing::Waiting { .. }) => return nothing("waits to be admitted to"),
        Some(Standing::InStage { .. }) => {
            let stopped = build.visit(&stage.key).is_some_and(|visit| visit.phase() == Phase::Stopped);
            return if stopped { retry(state, build, stage) } else { nothing("is in") };
        }
        Some(Standing::Failed { .. }) => return retry(state, build, stage),
        Some(Standing::Rejected { .. } | Standing::Superseded { .. } | Standing::Ended { .. }) | None => {}
    }
    if stage.entry == Entry::Press && !state.is_gated(&build.service, &stage.key) {
        return (Passage::Promotion, entry_blockers(state, build, stage));
    }
    approval(state, build, stage)
}

fn retry(state: &State, build: &Build, stage: &Stage) -> (Passage, Vec<Blocker>) {
    (Passage::Retry, retry_blockers(state, build, stage))
}

/// Where nobody presses, what holds a build is the gate of the stage before.
fn approval(state: &State, build: &Build, stage: &Stage) -> (Passage, Vec<Blocker>) {
    let label = &build.content.label;
    let holding: Vec<&StageKey> = stage
        .predecessors
        .stages
        .iter()
        .filter(|key| state.lines.get(&build.service).and_then(|line| line.occupant(key)) == Some(&build.id))
        .collect();
    let refused = |code: &str, sentence: String, next_step: &str| {
        (Passage::Closed, vec![Blocker::new(code, sentence, next_step)])
    };
    if build.standings.contains_key(&stage.key) || holding.is_empty() {
        return match not_ready_sentence(state, build, stage) {
            Some(why) => refused("build.not-ready", why, "Let it pass the stages before."),
            None => passed(state, build, stage),
        };
    }
    let [gate] = holding.as_slice() else {
        return refused(
            "release.several-gates",
            format!("{label} is held by several gates before {}.", stage.name),
            "Sign all of them but one on their own.",
        );
    };
    let Some(before) = state.stage_of(build, gate) else {
        return refused("stage.unknown", format!("There is no stage {gate}."), "Look at the line again.");
    };
    let mut blockers = gate_status(state, build, before).waits_for();
    blockers.extend(no_rule_blocker(before));
    // Where the pipeline system brings it, a hold keeps the gate itself from opening.
    if !state.is_gated(&build.service, &stage.key) {
        blockers.extend(held_blocker(state, build, stage));
    }
    (Passage::Approval((*gate).clone()), blockers)
}

/// A build that has passed every gate before: nothing is left to sign, unless an answer did not arrive.
fn passed(state: &State, build: &Build, stage: &Stage) -> (Passage, Vec<Blocker>) {
    let lost = stage.predecessors.stages.iter().find_map(|key| {
        let last = build.visit(key)?.answers.last()?;
        let lost = last.approve && matches!(last.outcome, Some(Outcome::Failed | Outcome::NotDone));
        state.stage_of(build, key).filter(|_| lost)
    });
    match lost {
        Some(before) => (Passage::Answer(before.key.clone()), answer_again_blockers(state, build, before)),
        None => {
            let why = format!("{} has passed what comes before {}.", build.content.label, stage.name);
            (Passage::Nothing(why), Vec::new())
        }
    }
}
