//! One block section of a line: who stands in it, who waits, its signal, and what can be done about it.

use super::common::{act_state, build_brief};
use super::gated;
use super::place::{self, process_for, stand};
use super::trial::{TYPED, Trial};
use crate::wire::{ActState, BuildState, HoldView, SignalView, StageView, Tone, TrainView};
use signalbox_domain::decide::Act;
use signalbox_domain::gate::{who_can_decide, why_not_ready};
use signalbox_domain::id::{BuildId, ServiceId};
use signalbox_domain::line::{Block, Build, Hold, Outcome, Phase, Standing, Visit};
use signalbox_domain::process::{Entry, Path, Process, Require, Stage};
use signalbox_domain::refusal::Blocker;
use signalbox_domain::state::State;

/// Ready builds listed at a stage at most.
const READY_SHOWN: usize = 12;

/// What the sections of one line are read from.
pub(super) struct Sections<'a> {
    pub(super) state: &'a State,
    pub(super) service: &'a ServiceId,
    pub(super) trial: Trial<'a>,
}

impl Sections<'_> {
    pub(super) fn view(&self, process: &Process, stage: &Stage, sentence: String) -> StageView {
        let state = self.state;
        let block = state.block(self.service, &stage.key);
        let train = |id: &BuildId| train(state, id, stage);
        let back = last_good(state, &block, stage);
        StageView {
            key: stage.key.to_string(),
            name: stage.name.clone(),
            on_path: stage.path == Path::On,
            predecessors: stage.predecessors.stages.iter().map(ToString::to_string).collect(),
            all: stage.predecessors.require == Require::All,
            automatic: stage.entry == Entry::Automatic,
            way: gated::way(state, self.service, &stage.key),
            system: state
                .binding(self.service)
                .filter(|binding| binding.way(&stage.key).is_some())
                .map(|_| state.system_name(self.service)),
            changes: gated::changes(state, self.service, &stage.key, &self.trial),
            needs_release: stage.needs_release,
            occupant: block.occupant.as_ref().and_then(train),
            shown: block.shown.as_ref().and_then(train),
            waiting: block.waiting.iter().filter_map(train).collect(),
            ready: self.ready(stage),
            hold: block.hold.as_ref().map(|hold| hold_view(state, hold)),
            deployed: block.deployed.as_ref().and_then(train),
            last_good: back.map(|build| build_brief(state, build)),
            signal: self.signal(process, stage, &block),
            note: self.note(process, stage, &block),
            who: self.who(&block, stage),
            sentence,
            hold_act: self.hold_act(stage, &block),
            roll_back: self.roll_back(stage, back),
        }
    }

    fn ready(&self, stage: &Stage) -> Vec<TrainView> {
        let mut builds: Vec<&Build> = self
            .state
            .builds_of(self.service)
            .into_iter()
            .filter(|build| build.live)
            .filter(|build| {
                self.state.stage_of(build, &stage.key).is_some_and(|own| {
                    own.entry == Entry::Press && why_not_ready(self.state, build, own).is_none()
                })
            })
            .collect();
        builds.reverse();
        builds.truncate(READY_SHOWN);
        builds.iter().filter_map(|build| train(self.state, &build.id, stage)).collect()
    }

    /// The signal at the section's exit: whether a build that is done here can go on.
    fn signal(&self, process: &Process, stage: &Stage, block: &Block) -> SignalView {
        let signal = |tone, word: &str| SignalView { tone, word: word.to_owned() };
        if block.hold.is_some() {
            return signal(Tone::Stop, "held");
        }
        match self.occupant(block).map(|build| build.visit(&stage.key).map_or(Phase::Undecided, Visit::phase))
        {
            Some(Phase::Undecided) => return signal(Tone::Stop, "undecided"),
            Some(Phase::Unknown) => return signal(Tone::Stop, "outcome unknown"),
            Some(Phase::Stopped) => return signal(Tone::Stop, "line stopped"),
            Some(Phase::Deploying) => return signal(Tone::Wait, "deploying"),
            None => {}
        }
        if stage.path == Path::Off {
            return signal(Tone::Calm, "beside the path");
        }
        let ahead: Vec<(&Stage, Block)> = process
            .successors(&stage.key)
            .map(|next| (next, self.state.block(self.service, &next.key)))
            .collect();
        if ahead.is_empty() {
            signal(Tone::Calm, "end of the line")
        } else if ahead.iter().any(|(_, next)| next.hold.is_some()) {
            signal(Tone::Stop, "held ahead")
        } else if ahead.iter().all(|(next, _)| next.entry == Entry::Press) {
            signal(Tone::Wait, "a person presses")
        } else if ahead.iter().any(|(next, block)| next.entry == Entry::Automatic && block.occupant.is_some())
        {
            signal(Tone::Wait, "occupied ahead")
        } else {
            signal(Tone::Go, "clear")
        }
    }

    /// What stands under the section: what its build waits for, or why it stays where it is.
    fn note(&self, process: &Process, stage: &Stage, block: &Block) -> Option<String> {
        let state = self.state;
        let rolling = state
            .builds_of(self.service)
            .into_iter()
            .find(|build| stand(state, build, stage).word == "coming back");
        if let Some(back) = rolling {
            return Some(format!("{} is coming back", back.content.label));
        }
        let shown = state.builds.get(block.occupant.as_ref().or(block.shown.as_ref())?)?;
        let own = process_for(state, shown).and_then(|own| own.stage(&stage.key)).unwrap_or(stage);
        let note = match shown.standings.get(&stage.key)? {
            Standing::InStage { ending: Some(_), .. } => "rejected elsewhere; ends with its work".to_owned(),
            Standing::InStage { .. } => {
                match shown.visit(&stage.key).map_or(Phase::Undecided, Visit::phase) {
                    Phase::Deploying => return None,
                    Phase::Unknown => "someone finds out how it ended".to_owned(),
                    Phase::Stopped => "retry, reject or release".to_owned(),
                    Phase::Undecided => place::decider(state, shown, own)
                        .map_or_else(|first| first, |who| format!("waits for {who}")),
                }
            }
            Standing::Passed { .. } => fan_in(state, process, shown, stage)?,
            Standing::Rejected { .. } | Standing::Failed { .. } | Standing::Ended { .. } => {
                place::why(state, shown, own)
            }
            Standing::Waiting { .. } | Standing::Superseded { .. } => return None,
        };
        (!note.is_empty()).then_some(note)
    }

    /// Who can release the lock, by name.
    fn who(&self, block: &Block, stage: &Stage) -> Vec<String> {
        let Some(build) = self.occupant(block) else { return Vec::new() };
        let stage = self.state.stage_of(build, &stage.key).unwrap_or(stage);
        let visit = build.visit(&stage.key);
        let act = match visit.map_or(Phase::Undecided, Visit::phase) {
            Phase::Deploying => return Vec::new(),
            Phase::Undecided => {
                let who = who_can_decide(self.state, build, stage);
                let mut names: Vec<String> = who.iter().map(|person| self.state.name_of(person)).collect();
                names.sort();
                return names;
            }
            Phase::Unknown => settle(build, stage),
            Phase::Stopped => {
                Act::ReleaseFailed { build: build.id.clone(), stage: stage.key.clone(), reason: TYPED.into() }
            }
        };
        self.trial.who(&act).into_iter().map(|person| person.name.clone()).collect()
    }

    fn hold_act(&self, stage: &Stage, block: &Block) -> ActState {
        let (service, stage, reason) = (self.service.clone(), stage.key.clone(), TYPED.to_owned());
        self.trial.mine(&match block.hold {
            None => Act::HoldStage { service, stage, reason },
            Some(_) => Act::ReleaseStage { service, stage, reason },
        })
    }

    fn roll_back(&self, stage: &Stage, back: Option<&Build>) -> ActState {
        match back {
            Some(build) => self.trial.mine(&Act::RollBack {
                build: build.id.clone(),
                stage: stage.key.clone(),
                reason: TYPED.into(),
                issue: TYPED.into(),
            }),
            None => act_state(
                vec![Blocker::new(
                    "stage.nothing-to-bring-back",
                    format!("No earlier build passed {}.", stage.name),
                    "Nothing can be brought back here.",
                )],
                Vec::new(),
            ),
        }
    }

    fn occupant(&self, block: &Block) -> Option<&Build> {
        block.occupant.as_ref().and_then(|id| self.state.builds.get(id))
    }
}

/// A build as it stands at a stage.
pub(super) fn train(state: &State, id: &BuildId, stage: &Stage) -> Option<TrainView> {
    let build = state.builds.get(id)?;
    let own = process_for(state, build).and_then(|process| process.stage(&stage.key)).unwrap_or(stage);
    let stand = stand(state, build, own);
    Some(TrainView {
        build: id.to_string(),
        label: build.content.label.clone(),
        state: stand.state,
        word: stand.word,
        since: stand.since.map(|since| since.to_string()),
    })
}

/// The act of saying how the build's unsettled deployment ended.
pub(super) fn settle(build: &Build, stage: &Stage) -> Act {
    let running = build.visit(&stage.key).and_then(Visit::running);
    Act::RecordEnd {
        build: build.id.clone(),
        stage: stage.key.clone(),
        deployment: running.map_or_else(|| "none".into(), |running| running.id.clone()),
        outcome: Outcome::Succeeded,
        detail: TYPED.into(),
        checks: Vec::new(),
    }
}

/// The newest build that passed and is not what runs there now; after a failed deployment nobody knows what
/// runs there, so that the newest that passed is the one.
fn last_good<'a>(state: &'a State, block: &Block, stage: &Stage) -> Option<&'a Build> {
    let shown = block.shown.as_ref().and_then(|id| state.builds.get(id));
    let failed = shown
        .and_then(|build| build.visit(&stage.key))
        .and_then(Visit::deployment)
        .is_some_and(|last| matches!(last.outcome, Some(Outcome::Failed | Outcome::Unknown)));
    let here = if failed { None } else { block.deployed.as_ref().or(block.shown.as_ref()) };
    block.good.iter().find(|good| Some(*good) != here).and_then(|good| state.builds.get(good))
}

fn hold_view(state: &State, hold: &Hold) -> HoldView {
    let Hold { by, since, reason } = hold;
    HoldView { by: state.name_of(by), since: since.to_string(), reason: reason.clone() }
}

/// What a build that passed here still needs elsewhere before it can go on.
fn fan_in(state: &State, process: &Process, build: &Build, stage: &Stage) -> Option<String> {
    let own = process_for(state, build).unwrap_or(process);
    let waits: Vec<String> = own
        .successors(&stage.key)
        .filter(|next| !build.standings.contains_key(&next.key))
        .filter(|next| stand(state, build, next).state == BuildState::NotReached)
        .filter_map(|next| why_not_ready(state, build, next))
        .collect();
    waits.into_iter().next()
}
