//! What a pipeline system does by itself, for people: its own gates, answers to them, changes without a cause.

use super::common::{act_state, build_brief, deployment_state};
use super::trial::{TYPED, Trial};
use crate::poller::{Seen, SeenGate};
use crate::wire::{ActState, AnswerView, RemoteGateView, StageWay, UnexplainedView};
use signalbox_domain::answer::Answer;
use signalbox_domain::change::UnexplainedChange;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ServiceId, StageKey};
use signalbox_domain::line::{Build, Outcome, Visit};
use signalbox_domain::process::Stage;
use signalbox_domain::product::Way;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::state::State;

/// Who moves builds into a stage of a service.
pub fn way(state: &State, service: &ServiceId, stage: &StageKey) -> StageWay {
    match state.binding(service).and_then(|binding| binding.way(stage)) {
        Some(Way::Driven) => StageWay::Driven,
        Some(Way::Gated) => StageWay::Gated,
        None => StageWay::ByHand,
    }
}

/// The system's own gate that the verdict in a stage answers, as far as the last look knows it.
pub fn remote_gate(
    state: &State,
    build: &Build,
    stage: &Stage,
    seen: Option<&Seen>,
) -> Option<RemoteGateView> {
    let gate = state.binding(&build.service)?.gate_of(&stage.key)?.to_owned();
    let ours = build.content.reference.as_deref().unwrap_or(&build.content.label);
    let waiting: Vec<&SeenGate> =
        seen.map(|seen| seen.gates.iter().filter(|known| known.gate == gate).collect()).unwrap_or_default();
    let waits = waiting.iter().find(|known| known.build == ours).or(waiting.first());
    let called = |name: &str| {
        let known = state
            .builds_of(&build.service)
            .into_iter()
            .find(|known| known.content.reference.as_deref().unwrap_or(&known.content.label) == name);
        known.map_or_else(|| name.to_owned(), |known| known.content.label.clone())
    };
    Some(RemoteGateView {
        system: state.system_name(&build.service),
        question: waits.map(|known| known.question.clone()).unwrap_or_default(),
        waits: waits.map(|known| called(&known.build)),
        this_build: waits.is_some_and(|known| known.build == ours),
        since: waits.map(|known| known.since.to_string()),
        expires: waits.and_then(|known| known.expires).map(|at| at.to_string()),
        may_answer: waits.and_then(|known| known.may_answer),
        answer: last_answer(build, &stage.key).map(|answer| answer_view(state, answer)),
        gate,
    })
}

fn answer_view(state: &State, answer: &Answer) -> AnswerView {
    let Answer { id, approve, gate: _, at, by, comment: _, outcome, detail, ended: _ } = answer;
    AnswerView {
        id: id.to_string(),
        approve: *approve,
        by: state.name_of(by),
        at: at.to_string(),
        state: deployment_state(*outcome),
        detail: detail.clone(),
    }
}

/// What stands in a stage there and nothing explains.
pub(super) fn changes(
    state: &State,
    service: &ServiceId,
    stage: &StageKey,
    trial: &Trial<'_>,
) -> Vec<UnexplainedView> {
    let view = |change: UnexplainedChange| UnexplainedView {
        explain: trial.mine(&explain(&change)),
        id: change.id.to_string(),
        found: change.found,
        build: change.build.and_then(|build| Some(build_brief(state, state.builds.get(&build)?))),
        detail: change.detail,
        at: change.at.to_string(),
    };
    state.block(service, stage).changes.into_iter().map(view).collect()
}

/// The act that explains a change, to be tried.
pub(in crate::view) fn explain(change: &UnexplainedChange) -> Act {
    Act::ExplainChange { change: change.id.clone(), reason: TYPED.into() }
}

/// The act that answers the system's own gate again, to be tried.
pub(in crate::view) fn answer_again(build: &Build, stage: &StageKey) -> Act {
    Act::AnswerAgain { build: build.id.clone(), stage: stage.clone(), reason: TYPED.into() }
}

/// The act that settles an answer of which nobody knows how it ended, to be tried.
pub(in crate::view) fn settle_answer(build: &Build, stage: &StageKey) -> Act {
    let last = last_answer(build, stage);
    Act::RecordAnswerEnd {
        build: build.id.clone(),
        stage: stage.clone(),
        answer: last.map_or_else(|| TYPED.into(), |answer| answer.id.clone()),
        outcome: Outcome::Succeeded,
        detail: TYPED.into(),
    }
}

/// Whether I may have the system run again what failed there: whoever may answer again may do that, too.
pub(super) fn retry_there(trial: &Trial<'_>, state: &State, build: &Build, stage: &StageKey) -> ActState {
    let failed = build.visit(stage).and_then(Visit::deployment).is_some_and(|last| {
        last.run.is_some() && matches!(last.outcome, Some(Outcome::Failed | Outcome::Unknown))
    });
    if way(state, &build.service, stage) != StageWay::Gated || !failed {
        return act_state(
            vec![Blocker::new(
                "deployment.not-failed-there",
                "Nothing that the pipeline system began by itself failed here.",
                "Retry a failed deployment on the line.",
            )],
            Vec::new(),
        );
    }
    trial.mine_where(&answer_again(build, stage), |blocker| blocker.code.starts_with("person."))
}

fn last_answer<'b>(build: &'b Build, stage: &StageKey) -> Option<&'b Answer> {
    build.visit(stage)?.answers.last()
}
