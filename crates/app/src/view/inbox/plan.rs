//! What waits for a person around releases and strategies: voices, steps, empty sections, agreement.

use super::row;
use crate::view::plan::{can_start, is_about_section};
use crate::view::release::go_rule;
use crate::view::{Me, words};
use crate::wire::{InboxKind, InboxRow, Risk};
use signalbox_domain::gate::plan_blockers;
use signalbox_domain::id::RoleKey;
use signalbox_domain::release::{Release, StepState};
use signalbox_domain::rule::Voice;
use signalbox_domain::state::State;
use signalbox_domain::strategy::Strategy;

pub(super) fn rows(state: &State, me: &Me, rows: &mut Vec<InboxRow>) {
    for release in state.releases.values().filter(|release| release.finished.is_none()) {
        rows.extend(go(state, me, release));
        rows.extend(sections(state, me, release));
        steps(me, release, rows);
    }
    rows.extend(state.strategies.values().filter_map(|strategy| agreement(state, me, strategy)));
}

fn of_release(release: &Release, row: InboxRow) -> InboxRow {
    InboxRow {
        product: Some(release.product.to_string()),
        release: Some(release.id.to_string()),
        deadline: release.planned.map(|planned| planned.to_string()),
        ..row
    }
}

/// The go rule still asks for one of my roles, and I have not spoken on this set of builds (N5).
fn go(state: &State, me: &Me, release: &Release) -> Option<InboxRow> {
    let spoken = release.current_voices();
    if release.builds.is_empty() || spoken.iter().any(|voice| voice.person == me.person.id) {
        return None;
    }
    let voices: Vec<Voice> = spoken
        .into_iter()
        .filter(|voice| voice.go)
        .map(|voice| Voice { person: voice.person.clone(), role: voice.role.clone() })
        .collect();
    let missing = go_rule(state, release)?.missing(&voices);
    let mut roles: Vec<RoleKey> = missing.into_iter().flat_map(|missing| missing.roles).collect();
    roles.retain(|role| me.person.holds(role));
    if roles.is_empty() {
        return None;
    }
    let builds: Vec<String> = release
        .builds
        .iter()
        .filter_map(|chosen| state.builds.get(&chosen.build))
        .map(|build| {
            let service = state.service(&build.service).map(|(_, service)| service.name.as_str());
            format!("{} {}", service.unwrap_or_default(), build.content.label)
        })
        .collect();
    let title = format!("{}: go or no-go", release.name);
    let detail = format!("Say go or no-go as {}.", words::role_names(&roles));
    Some(InboxRow {
        changes: builds.join(", "),
        risk: Risk::High,
        since: Some(release.at.to_string()),
        ..of_release(release, row(InboxKind::Go, format!("go:{}", release.id), title, detail))
    })
}

/// Sections that still want a text, on releases that I own (N2).
fn sections(state: &State, me: &Me, release: &Release) -> Option<InboxRow> {
    if release.owner != me.person.id {
        return None;
    }
    let empty = plan_blockers(state, release).iter().filter(|blocker| is_about_section(blocker)).count();
    if empty == 0 {
        return None;
    }
    let verb = if empty == 1 { "is" } else { "are" };
    let title = format!("{}: {} of the plan {verb} empty", release.name, words::count(empty, "section"));
    let detail = "Write them, or waive them with a reason; the last gate stays closed until then.".to_owned();
    Some(InboxRow {
        risk: Risk::Medium,
        since: Some(release.at.to_string()),
        ..of_release(release, row(InboxKind::Plan, format!("plan:{}", release.id), title, detail))
    })
}

/// Steps that are mine and can be done now (N3).
fn steps(me: &Me, release: &Release, rows: &mut Vec<InboxRow>) {
    for step in release.steps.iter().filter(|step| step.owner.as_ref() == Some(&me.person.id)) {
        if step.is_settled() || !can_start(release, step) {
            continue;
        }
        let detail = match step.state {
            StepState::Doing => "You are at it; mark it when it is done.".to_owned(),
            StepState::Blocked => format!("Blocked: {}.", step.reason.trim_end_matches('.')),
            StepState::Open | StepState::Done | StepState::NotApplicable => {
                format!("{}, about {} minutes.", step.phase, step.minutes)
            }
        };
        let title = format!("{}: {}", release.name, step.title);
        let row = row(InboxKind::Step, format!("step:{}:{}", release.id, step.id), title, detail);
        let before = release.steps.iter().filter(|known| step.after.contains(&known.id));
        let since = before.filter_map(|known| known.moved.as_ref().map(|(_, at)| *at)).max();
        rows.push(InboxRow {
            risk: if step.state == StepState::Blocked { Risk::High } else { Risk::Medium },
            since: Some(since.unwrap_or(release.at).to_string()),
            deadline: step.planned.or(release.planned).map(|planned| planned.to_string()),
            ..of_release(release, row)
        });
    }
}

/// The newest version of a strategy wants the agreement of one of my roles (P9).
fn agreement(state: &State, me: &Me, strategy: &Strategy) -> Option<InboxRow> {
    let product = state.products.get(&strategy.product)?;
    if strategy.version != product.strategy_latest || strategy.activated.is_some() {
        return None;
    }
    let mut roles = strategy.agreement_missing();
    roles.retain(|role| me.person.holds(role));
    if roles.is_empty() {
        return None;
    }
    let version = strategy.version;
    let title = format!("{}: strategy version {version} wants agreement", product.name);
    let detail = format!("Read what changed and agree to it as {}.", words::role_names(&roles));
    Some(InboxRow {
        changes: format!("written by {}", state.name_of(&strategy.author)),
        since: Some(strategy.at.to_string()),
        product: Some(product.id.to_string()),
        strategy: Some(version),
        ..row(InboxKind::Strategy, format!("strategy:{}:{version}", product.id), title, detail)
    })
}
