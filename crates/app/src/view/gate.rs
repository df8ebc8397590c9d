//! What is known of one build at one gate: checks, checklist, features, people, deployments.

use super::common::{deployment_state, person_called, role_view};
use super::{Me, words};
use crate::wire::{CheckView, DeploymentView, FeatureMark, GateView, ItemState, ItemView, SignOffView};
use signalbox_domain::gate::{gate_status, who_can_decide};
use signalbox_domain::line::{
    Build, CheckResult, Deployment, DeploymentKind, ItemMark, SignOff, Visit, Void,
};
use signalbox_domain::process::{Item, Stage};
use signalbox_domain::state::State;

/// The gate of a stage as it stands for a build.
pub(super) fn gate_view(state: &State, build: &Build, stage: &Stage, me: Option<&Me>) -> GateView {
    let status = gate_status(state, build, stage);
    let in_stage = build.is_in(&stage.key);
    let mut missing: Vec<String> = Vec::new();
    if in_stage {
        missing.extend(words::waits(&status).iter().map(|phrase| format!("{}.", words::capital(phrase))));
        missing.extend(
            words::approvals(&status.missing).iter().map(|phrase| format!("{}.", words::capital(phrase))),
        );
    }
    let who = if in_stage { who_can_decide(state, build, stage) } else { Vec::new() };
    GateView {
        checks: checks(build.visit(&stage.key), &stage.gate.checks),
        items: status.items.iter().map(|(item, mark)| item_view(state, item, mark.as_ref())).collect(),
        features: status
            .features
            .iter()
            .map(|(key, answer)| FeatureMark {
                key: key.to_string(),
                title: state
                    .features
                    .get(key)
                    .map_or_else(|| "not planned".to_owned(), |known| known.title.clone()),
                signed_off: *answer,
            })
            .collect(),
        sentence: status.sentence,
        missing,
        who: who.iter().map(|person| person_called(state, person)).collect(),
        signoffs: signoffs(state, build.visit(&stage.key), me),
    }
}

/// The gate's checks with their latest results, then results that the gate did not ask for.
pub(super) fn checks(visit: Option<&Visit>, asked: &[String]) -> Vec<CheckView> {
    let results: &[CheckResult] = visit.map_or(&[], |visit| &visit.checks);
    let of_gate = asked.iter().map(|name| match results.iter().find(|result| result.name == *name) {
        Some(result) => check_view(result),
        None => CheckView {
            name: name.clone(),
            passed: None,
            source: String::new(),
            summary: String::new(),
            at: None,
        },
    });
    let others = results.iter().filter(|result| !asked.contains(&result.name)).map(check_view);
    of_gate.chain(others).collect()
}

/// Every sign-off on a gate, oldest first.
pub(super) fn signoffs(state: &State, visit: Option<&Visit>, me: Option<&Me>) -> Vec<SignOffView> {
    visit.into_iter().flat_map(|visit| &visit.signoffs).map(|given| signoff_view(state, given, me)).collect()
}

/// One remote execution.
pub(super) fn deployment_view(state: &State, deployment: &Deployment) -> DeploymentView {
    let Deployment { id, kind, at, by, outcome, detail, ended, run: _ } = deployment;
    DeploymentView {
        id: id.to_string(),
        roll_back: match kind {
            DeploymentKind::Forward => false,
            DeploymentKind::RollBack => true,
        },
        at: at.to_string(),
        by: state.name_of(by),
        state: deployment_state(*outcome),
        detail: detail.clone(),
        ended: ended.map(|ended| ended.to_string()),
    }
}

fn check_view(result: &CheckResult) -> CheckView {
    let CheckResult { name, passed, source, summary, at } = result;
    CheckView {
        name: name.clone(),
        passed: Some(*passed),
        source: source.clone(),
        summary: summary.clone(),
        at: Some(at.to_string()),
    }
}

fn item_view(state: &State, item: &Item, mark: Option<&ItemMark>) -> ItemView {
    let Item { key, text } = item;
    let open = ItemView {
        key: key.to_string(),
        text: text.clone(),
        state: ItemState::Open,
        reason: String::new(),
        by: None,
        at: None,
    };
    let Some(ItemMark { state: marked, reason, by, at }) = mark else { return open };
    ItemView {
        state: (*marked).into(),
        reason: reason.clone(),
        by: Some(state.name_of(by)),
        at: Some(at.to_string()),
        ..open
    }
}

fn signoff_view(state: &State, given: &SignOff, me: Option<&Me>) -> SignOffView {
    let SignOff { id, person, role, approved, meaning, comment, at, packet: _, void } = given;
    SignOffView {
        id: id.to_string(),
        person: state.name_of(person),
        role: role_view(role),
        approved: *approved,
        meaning: (*meaning).into(),
        comment: comment.clone(),
        at: at.to_string(),
        void: match void {
            None => String::new(),
            Some(Void::Withdrawn { reason }) => format!("taken back: {reason}"),
            Some(Void::Stale { lines }) => format!("stale: {}", lines.join("; ")),
        },
        mine: me.is_some_and(|me| me.person.id == *person),
    }
}
