//! Releases: the list, and a release's room with its scope, plan and voices.

use super::Me;
use super::common::{build_brief, person_called, product_brief, role_view, service_brief};
use super::place::{live_build, place, process_for};
use super::plan::{is_settled, section_view, step_view};
use super::trial::{TYPED, Trial};
use crate::wire::{BuildState, GoView, ProductBrief, ReleaseRow, ReleaseView, ScopeChoice, ScopeRow};
use signalbox_domain::decide::Act;
use signalbox_domain::gate::{plan_blockers, why_not_ready};
use signalbox_domain::line::{Build, Visit};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Entry, Stage};
use signalbox_domain::product::Service;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::release::{GoVoice, Release, StepState};
use signalbox_domain::rule::Rule;
use signalbox_domain::state::State;

/// Lists releases in the given order.
pub fn release_rows(state: &State, releases: &[Release]) -> Vec<ReleaseRow> {
    releases.iter().map(|release| release_row(state, release)).collect()
}

/// Shows a release's room.
///
/// `state` should hold the product's closed issues, too, for the section on earlier deployments (N7).
pub fn release_view(state: &State, release: &Release, me: Option<&Me>, now: Moment) -> ReleaseView {
    let Release {
        id,
        product,
        name,
        strategy,
        owner,
        at,
        planned,
        builds: _,
        sections,
        steps,
        voices,
        decisions: _,
        finished,
        outcome,
    } = release;
    let trial = Trial::new(state, me, now);
    let known = state.products.get(product);
    let in_force = known.and_then(|product| product.strategy);
    let rule = go_rule(state, release);
    ReleaseView {
        id: id.to_string(),
        name: name.clone(),
        product: known.map_or_else(
            || ProductBrief {
                id: product.to_string(),
                key: String::new(),
                name: product.to_string(),
                services: Vec::new(),
                strategy: None,
            },
            product_brief,
        ),
        owner: person_called(state, owner),
        strategy: *strategy,
        strategy_now: in_force.filter(|now| now != strategy),
        at: at.to_string(),
        planned: planned.map(|planned| planned.to_string()),
        finished: finished.map(|finished| finished.to_string()),
        outcome: outcome.clone(),
        scope: known
            .into_iter()
            .flat_map(|product| &product.services)
            .map(|service| scope_row(state, release, service))
            .collect(),
        sections: sections.iter().map(|section| section_view(state, release, section, &trial)).collect(),
        steps: steps.iter().map(|step| step_view(state, release, step)).collect(),
        voices: go_views(state, release, voices),
        go_sentence: rule.map(|rule| rule.sentence(&[])),
        open_points: open_points(state, release).iter().map(super::common::reason).collect(),
        go: {
            let mut go = trial.mine(&Act::VoiceGo { release: id.clone(), go: true, comment: TYPED.into() });
            // The roles that the rule asks for come first.
            let asked = rule.map(Rule::roles).unwrap_or_default();
            go.roles.sort_by_key(|role| !asked.iter().any(|asked| asked.as_str() == role.key));
            go
        },
        compose: trial.mine(&Act::ComposeRelease { release: id.clone(), builds: release.builds.clone() }),
        finish: trial.mine(&Act::FinishRelease { release: id.clone(), outcome: TYPED.into() }),
    }
}

/// Everything about a release that somebody still has to see to; none once it is finished.
pub(super) fn open_points(state: &State, release: &Release) -> Vec<Blocker> {
    if release.finished.is_some() {
        return Vec::new();
    }
    let mut points = Vec::new();
    if release.builds.is_empty() {
        points.push(Blocker::new("release.empty", "No builds are chosen.", "Choose the builds that go out."));
    }
    for build in release.builds.iter().filter_map(|chosen| state.builds.get(&chosen.build)) {
        if build.rejected_at().is_some() {
            points.push(Blocker::new(
                "release.rejected-build",
                format!("{} was {}.", build.content.label, place(state, build).text),
                "Choose another build.",
            ));
        }
    }
    points.extend(plan_blockers(state, release));
    for step in release.steps.iter().filter(|step| step.state == StepState::Blocked) {
        points.push(Blocker::new(
            "step.blocked",
            format!("“{}” is blocked: {}.", step.title, step.reason.trim_end_matches('.')),
            "Clear the way, or mark the step not applicable with a reason.",
        ));
    }
    points
}

/// The rule for going ahead, of the strategy version that the plan was made under.
pub(super) fn go_rule<'a>(state: &'a State, release: &Release) -> Option<&'a Rule> {
    state.strategies.get(&(release.product.clone(), release.strategy))?.content.go_rule.as_ref()
}

fn release_row(state: &State, release: &Release) -> ReleaseRow {
    let voices = release.current_voices();
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    ReleaseRow {
        id: release.id.to_string(),
        name: release.name.clone(),
        product: release.product.to_string(),
        product_name: state
            .products
            .get(&release.product)
            .map_or_else(|| release.product.to_string(), |product| product.name.clone()),
        builds: release
            .builds
            .iter()
            .filter_map(|chosen| state.builds.get(&chosen.build))
            .map(|build| build_brief(state, build))
            .collect(),
        planned: release.planned.map(|planned| planned.to_string()),
        finished: release.finished.map(|finished| finished.to_string()),
        sections_done: size(
            release.sections.iter().filter(|section| is_settled(state, release, section)).count(),
        ),
        steps_done: size(release.steps.iter().filter(|step| step.is_settled()).count()),
        steps: size(release.steps.len()),
        go: size(voices.iter().filter(|voice| voice.go).count()),
        no_go: size(voices.iter().filter(|voice| !voice.go).count()),
        open_points: size(open_points(state, release).len()),
    }
}

fn scope_row(state: &State, release: &Release, service: &Service) -> ScopeRow {
    let chosen = release
        .builds
        .iter()
        .find(|chosen| chosen.service == service.id)
        .and_then(|chosen| state.builds.get(&chosen.build));
    let live = live_build(state, &service.id);
    let place = chosen.map(|build| place(state, build));
    let running = chosen.and_then(|build| {
        build.visits.values().filter_map(Visit::running).map(|running| running.id.to_string()).next()
    });
    ScopeRow {
        service: service_brief(service),
        chosen: chosen.map(|build| build_brief(state, build)),
        state: place.as_ref().map_or(BuildState::NotReached, |place| place.stand.state.clone()),
        place: place.map(|place| place.text).unwrap_or_default(),
        live: live.map(|build| build_brief(state, build)),
        features: chosen.map(|build| new_features(build, live)).unwrap_or_default(),
        choices: choices(state, service),
        next_stage: chosen
            .and_then(|build| pressable(state, build).into_iter().next())
            .map(|stage| stage.key.to_string()),
        running,
    }
}

/// Features that go live with the build and are not there already.
fn new_features(build: &Build, live: Option<&Build>) -> Vec<String> {
    let there = |key| live.is_some_and(|live| live.id != build.id && live.content.features.contains(key));
    build.content.features.iter().filter(|key| !there(key)).map(ToString::to_string).collect()
}

/// Builds that can still go out, newest first.
fn choices(state: &State, service: &Service) -> Vec<ScopeChoice> {
    state
        .builds_of(&service.id)
        .into_iter()
        .rev()
        .filter(|build| build.live && build.rejected_at().is_none())
        .map(|build| ScopeChoice {
            build: build_brief(state, build),
            place: place(state, build).text,
            ready: pressable(state, build)
                .iter()
                .any(|stage| stage.needs_release || is_last(state, build, stage)),
        })
        .collect()
}

/// The on-path stages that a person could put the build into, furthest first.
fn pressable<'a>(state: &'a State, build: &Build) -> Vec<&'a Stage> {
    let Some(process) = process_for(state, build) else { return Vec::new() };
    let mut stages: Vec<&Stage> = process
        .on_path()
        .filter(|stage| stage.entry == Entry::Press && why_not_ready(state, build, stage).is_none())
        .collect();
    stages.reverse();
    stages
}

fn is_last(state: &State, build: &Build, stage: &Stage) -> bool {
    process_for(state, build).is_some_and(|process| process.is_last(&stage.key))
}

/// Every word given, oldest first; what is not the latest word of a person on this set of builds is kept as past.
fn go_views(state: &State, release: &Release, voices: &[GoVoice]) -> Vec<GoView> {
    let counting = release.current_voices();
    voices
        .iter()
        .map(|voice| {
            let GoVoice { id, person, role, go, comment, at, current: _ } = voice;
            GoView {
                person: state.name_of(person),
                role: role_view(role),
                go: *go,
                comment: comment.clone(),
                at: at.to_string(),
                current: counting.iter().any(|counted| counted.id == *id),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;
    use signalbox_domain::issue::IssueReport;

    #[test]
    fn a_room_shows_scope_plan_voices_and_what_is_open() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &["HAR-9"]);
        let report = IssueReport { problem: "Pool too small".into(), ..IssueReport::default() };
        desk.act("omar", Act::RecordIssue { issue: "i1".into(), product: "harbour".into(), report });
        let id = desk.release("Harbour 2.8", "2.8.0");
        desk.act("omar", Act::VoiceGo { release: id.clone(), go: true, comment: String::new() });
        let release = desk.state.releases[&id].clone();
        let me = desk.me("rosa");
        let view = release_view(&desk.state, &release, Some(&me), desk.now());
        assert_eq!(view.sections.len(), 10);
        assert_eq!(view.steps.len(), 14);
        assert_eq!(view.open_points.len(), 12, "ten sections and two voices");
        assert!(view.steps[0].can_start && !view.steps[1].can_start);
        let log = view.sections.iter().find(|section| section.key == "issue-log").expect("the section");
        assert_eq!(log.issues[0].problem, "Pool too small");
        let first = &view.sections[0];
        assert!(!first.may_waive && !first.settled, "the first release needs the section");
        assert!(view.sections[1].may_waive);
        assert_eq!(view.scope[0].place, "undecided in DEV");
        assert_eq!(view.scope[0].features, ["HAR-9"]);
        assert_eq!(view.scope[0].choices.len(), 1);
        assert!(view.go.allowed && view.compose.allowed);
        assert!(!view.finish.allowed, "steps are open");
        assert!(view.voices[0].current);
        assert_eq!(view.strategy_now, None);
        let row = &release_rows(&desk.state, &[release])[0];
        assert_eq!((row.go, row.no_go, row.sections_done, row.open_points), (1, 0, 0, 12));
    }

    #[test]
    fn r6_a_rejected_build_is_an_open_point_of_its_release() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        let id = desk.release("Harbour 2.8", "2.8.0");
        desk.sign("tom", "2.8.0", "DEV", false);
        let release = desk.state.releases[&id].clone();
        let points = open_points(&desk.state, &release);
        assert_eq!(points[0].sentence, "2.8.0 was rejected in DEV.");
        let view = release_view(&desk.state, &release, None, desk.now());
        assert!(!view.go.allowed && view.scope[0].choices.is_empty());
    }
}
