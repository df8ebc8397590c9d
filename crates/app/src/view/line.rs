//! A service's line as a whole, and the list of its builds.

pub use super::build::build_view;
pub use super::whereabouts::where_view;

use super::Me;
use super::common::{build_brief, product_brief, service_brief, stage_brief};
use super::place::{flags, next, place, process_for};
use super::section::Sections;
use super::strategy::stage_sentence;
use super::trial::Trial;
use crate::wire::{BuildRow, LineView, Notice, PipelineBrief, StageView, Tone};
use signalbox_domain::id::ServiceId;
use signalbox_domain::line::{Build, Phase, Visit};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Process, Stage};
use signalbox_domain::product::Binding;
use signalbox_domain::state::State;

/// Shows a service's line; none when there is no such service.
///
/// `rows` are the builds to list, newest first, and `more` says that older ones exist.
pub fn line_view(
    state: &State,
    service: &ServiceId,
    me: Option<&Me>,
    rows: &[Build],
    more: bool,
    pipeline_problems: Vec<Notice>,
    at: Moment,
) -> Option<LineView> {
    let (product, known) = state.service(service)?;
    let stages = stage_views(state, service, me, at);
    let notices = notices(state, service, &stages);
    Some(LineView {
        product: product_brief(product),
        service: service_brief(known),
        strategy: product.strategy,
        stages,
        builds: rows.iter().map(|build| build_row(state, build)).collect(),
        more,
        notices,
        pipeline: known.pipeline.as_ref().map(|binding| pipeline_brief(state, binding, pipeline_problems)),
    })
}

/// Shows one build in the list.
pub fn build_row(state: &State, build: &Build) -> BuildRow {
    let place = place(state, build);
    BuildRow {
        build: build_brief(state, build),
        state: place.stand.state.clone(),
        stage: place.stage.map(stage_brief),
        place: place.text.clone(),
        since: place.stand.since.unwrap_or(build.arrived).to_string(),
        features: build.content.features.iter().map(ToString::to_string).collect(),
        next: next(state, build, &place),
        flags: flags(state, build),
    }
}

fn stage_views(state: &State, service: &ServiceId, me: Option<&Me>, at: Moment) -> Vec<StageView> {
    let Some(process) = state.process_in_force(service) else { return Vec::new() };
    let sections = Sections { state, service, trial: Trial::new(state, me, at) };
    let mut views: Vec<StageView> = process
        .stages
        .iter()
        .map(|stage| sections.view(process, stage, stage_sentence(process, stage)))
        .collect();
    for (old, stage) in left_behind(state, service, process) {
        views.push(sections.view(old, stage, stage_sentence(old, stage)));
    }
    views
}

/// Stages that the process in force no longer has while builds still stand in or before them (P8).
fn left_behind<'a>(
    state: &'a State,
    service: &ServiceId,
    process: &Process,
) -> Vec<(&'a Process, &'a Stage)> {
    let sections = state.lines.get(service).into_iter().flat_map(|line| &line.sections);
    sections
        .filter(|(key, _)| process.stage(key).is_none())
        .filter_map(|(key, block)| {
            let build = state.builds.get(block.occupant.as_ref().or(block.waiting.first())?)?;
            let old = process_for(state, build)?;
            Some((old, old.stage(key)?))
        })
        .collect()
}

fn pipeline_brief(state: &State, binding: &Binding, problems: Vec<Notice>) -> PipelineBrief {
    let Binding { connection, pipeline, stages: _, mapped: _ } = binding;
    let known = state.connections.get(connection);
    PipelineBrief {
        connection: connection.to_string(),
        connection_name: known.map_or_else(|| connection.to_string(), |known| known.name.clone()),
        kind: known.map(|known| known.kind.clone()).unwrap_or_default(),
        pipeline: pipeline.clone(),
        problems,
    }
}

/// What everybody who looks at the line should see at once.
fn notices(state: &State, service: &ServiceId, stages: &[StageView]) -> Vec<Notice> {
    let mut notices = Vec::new();
    if state.process_in_force(service).is_none() {
        notices.push(Notice {
            tone: Tone::Wait,
            title: "No strategy is in force".into(),
            detail: "Agree to a strategy version and put it in force; until then no build can arrive.".into(),
        });
    }
    for stage in stages {
        if let Some(hold) = &stage.hold {
            notices.push(Notice {
                tone: Tone::Stop,
                title: format!("{} is held by {}", stage.name, hold.by),
                detail: hold.reason.clone(),
            });
        }
    }
    let Some(line) = state.lines.get(service) else { return notices };
    for (key, block) in &line.sections {
        let Some(build) = block.occupant.as_ref().and_then(|id| state.builds.get(id)) else { continue };
        let Some(stage) = process_for(state, build).and_then(|process| process.stage(key)) else { continue };
        let label = &build.content.label;
        match build.visit(key).map_or(Phase::Undecided, Visit::phase) {
            Phase::Unknown => notices.push(Notice {
                tone: Tone::Stop,
                title: format!("Nobody knows how the deployment of {label} to {} ended", stage.name),
                detail: "Look at the pipeline system and say how it ended; nothing is sent again before."
                    .into(),
            }),
            Phase::Stopped => notices.push(Notice {
                tone: Tone::Stop,
                title: format!("The line is stopped in {}", stage.name),
                detail: format!("{label} failed there. Retry it, reject it, or release the stage."),
            }),
            Phase::Deploying | Phase::Undecided => {}
        }
    }
    for build in state.builds_of(service) {
        let Some(process) = process_for(state, build) else { continue };
        for stage in process.stages.iter().filter(|stage| build.passed(&stage.key)) {
            if super::place::stand(state, build, stage).word == "coming back" {
                notices.push(Notice {
                    tone: Tone::Wait,
                    title: format!("{} is being rolled back to {}", stage.name, build.content.label),
                    detail: "Nothing else enters until it has ended.".into(),
                });
            }
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;
    use signalbox_domain::decide::Act;
    use signalbox_domain::line::Outcome;

    fn view(desk: &Desk, who: &str) -> LineView {
        let mut rows: Vec<Build> = desk.state.builds.values().cloned().collect();
        rows.sort_by_key(|build| std::cmp::Reverse(build.number));
        let me = desk.me(who);
        line_view(&desk.state, &"web".into(), Some(&me), &rows, false, Vec::new(), desk.now())
            .expect("a line")
    }

    fn stage<'a>(view: &'a LineView, key: &str) -> &'a StageView {
        view.stages.iter().find(|stage| stage.key == key).expect("the stage is shown")
    }

    fn accepted(desk: &mut Desk, label: &str) {
        desk.arrive(label, &[]);
        desk.check(label, "2-commit", &["build", "unit tests", "static analysis", "distribution stored"]);
        desk.check(label, "3-acceptance", &["acceptance tests"]);
    }

    #[test]
    fn l1_the_holder_of_a_stage_and_who_can_release_it_are_shown() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        desk.arrive("2.8.1", &[]);
        let view = view(&desk, "tom");
        let dev = stage(&view, "DEV");
        assert_eq!(dev.occupant.as_ref().map(|train| train.label.as_str()), Some("2.8.0"));
        assert_eq!(dev.waiting.iter().map(|train| train.label.as_str()).collect::<Vec<_>>(), ["2.8.1"]);
        assert_eq!(dev.who, ["Priya Raman", "Tom Becker"]);
        assert_eq!(dev.note.as_deref(), Some("waits for Priya or Tom"));
        assert_eq!(dev.signal, crate::wire::SignalView { tone: Tone::Stop, word: "undecided".into() });
        assert_eq!(view.builds.len(), 2);
        assert!(dev.sentence.starts_with("Enters by itself on arrival"));
        assert_eq!(stage(&view, "QA").signal.word, "clear");
        assert_eq!(stage(&view, "PROD").signal.word, "end of the line");
    }

    #[test]
    fn fan_in_notices_name_the_other_branch_in_both_directions() {
        let mut desk = Desk::new("nine-stages");
        accepted(&mut desk, "2.8.0");
        assert_eq!(stage(&view(&desk, "tom"), "5-exploratory").ready[0].label, "2.8.0");
        desk.check("2.8.0", "6-capacity", &["expected load", "peak load"]);
        assert_eq!(stage(&view(&desk, "tom"), "6-capacity").note.as_deref(), Some("waiting for Exploratory"));

        let mut desk = Desk::new("nine-stages");
        accepted(&mut desk, "2.8.0");
        desk.press("tom", "2.8.0", "5-exploratory");
        desk.sign("priya", "2.8.0", "5-exploratory", true);
        assert_eq!(stage(&view(&desk, "tom"), "5-exploratory").note.as_deref(), Some("waiting for Capacity"));
        assert_eq!(stage(&view(&desk, "tom"), "7-pre-production").signal.word, "a person presses");
    }

    #[test]
    fn l10_a_hold_shows_its_owner_and_can_be_released_by_those_who_may() {
        let mut desk = Desk::new("three-environments");
        assert!(stage(&view(&desk, "maya"), "QA").hold_act.reasons[0].sentence.contains("takes the role"));
        let hold = Act::HoldStage { service: "web".into(), stage: "QA".into(), reason: "load test".into() };
        desk.act("omar", hold);
        let view = view(&desk, "omar");
        let qa = stage(&view, "QA");
        assert_eq!(qa.hold.as_ref().map(|hold| hold.by.as_str()), Some("Omar Haddad"));
        assert!(qa.hold_act.allowed);
        assert_eq!(qa.signal.word, "held");
        assert_eq!(stage(&view, "DEV").signal.word, "held ahead");
        assert_eq!(view.notices[0].title, "QA is held by Omar Haddad");
    }

    #[test]
    fn l12_the_last_good_build_can_be_brought_back_and_is_seen_coming() {
        let mut desk = Desk::new("three-environments").bind(&["PROD"]);
        for label in ["2.7.4", "2.8.0"] {
            desk.arrive(label, &[]);
            desk.sign("tom", label, "DEV", true);
            desk.sign("tom", label, "QA", true);
            desk.end(label, "PROD", Outcome::Succeeded, &[]);
        }
        let before = view(&desk, "omar");
        let prod = stage(&before, "PROD");
        assert_eq!(prod.deployed.as_ref().map(|train| train.word.as_str()), Some("live"));
        assert_eq!(prod.last_good.as_ref().map(|build| build.label.as_str()), Some("2.7.4"));
        assert!(prod.roll_back.allowed, "{:?}", prod.roll_back);
        let maya = view(&desk, "maya");
        assert!(!stage(&maya, "PROD").roll_back.allowed);
        assert!(!stage(&before, "QA").roll_back.allowed, "nothing deploys to QA");
        desk.act(
            "omar",
            Act::RollBack {
                build: "2.7.4".into(),
                stage: "PROD".into(),
                reason: "errors".into(),
                issue: "i1".into(),
            },
        );
        let after = view(&desk, "omar");
        assert_eq!(stage(&after, "PROD").note.as_deref(), Some("2.7.4 is coming back"));
        assert_eq!(after.builds[1].place, "coming back to PROD");
        desk.end("2.7.4", "PROD", Outcome::Succeeded, &[]);
        assert_eq!(view(&desk, "omar").builds[1].place, "live in PROD");
    }

    #[test]
    fn l12_after_a_failed_deployment_the_newest_that_passed_is_the_last_good() {
        let mut desk = Desk::new("three-environments").bind(&["PROD"]);
        for (label, outcome) in
            [("2.7.3", Outcome::Succeeded), ("2.7.4", Outcome::Succeeded), ("2.8.0", Outcome::Failed)]
        {
            desk.arrive(label, &[]);
            desk.sign("tom", label, "DEV", true);
            desk.sign("tom", label, "QA", true);
            desk.end(label, "PROD", outcome, &[]);
        }
        let view = view(&desk, "omar");
        let prod = stage(&view, "PROD");
        assert_eq!(prod.last_good.as_ref().map(|build| build.label.as_str()), Some("2.7.4"));
        assert_eq!(prod.note.as_deref(), Some("exit code 1"));
        assert_eq!(prod.ready, []);
    }

    #[test]
    fn a_person_whose_key_is_locked_is_told_so() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        let me = Me { key: None, ..desk.me("omar") };
        let view = line_view(&desk.state, &"web".into(), Some(&me), &[], false, Vec::new(), desk.now());
        let reasons = &view.expect("a line").stages[0].hold_act.reasons;
        assert_eq!(reasons.len(), 1);
        assert_eq!(reasons[0].code, "key.unusable");
    }

    #[test]
    fn what_is_where_tells_what_runs_and_what_could() {
        let mut desk = Desk::new("three-environments").bind(&["DEV", "PROD"]);
        desk.arrive("2.8.0", &[]);
        desk.end("2.8.0", "DEV", Outcome::Succeeded, &[]);
        desk.sign("tom", "2.8.0", "DEV", true);
        desk.arrive("2.8.1", &[]);
        let view = where_view(&desk.state, &"harbour".into()).expect("a product");
        let cells = &view.rows[0].cells;
        assert_eq!(cells[0].build.as_ref().map(|train| train.label.as_str()), Some("2.8.0"));
        assert_eq!(cells[1].build.as_ref().map(|train| train.word.as_str()), Some("undecided"));
        assert!(cells[2].build.is_none());
        assert_eq!(cells[0].newest_ready, None, "2.8.1 is in the stage already");
    }

    #[test]
    fn a_build_tells_all_that_happened_to_it() {
        let mut desk = Desk::new("three-environments").bind(&["DEV"]);
        desk.feature("HAR-1", "Berth calendar");
        desk.arrive("2.8.0", &["HAR-1", "HAR-9"]);
        desk.end("2.8.0", "DEV", Outcome::Succeeded, &[("smoke test", true)]);
        desk.sign("tom", "2.8.0", "DEV", true);
        let me = desk.me("tom");
        let view = build_view(&desk.state, &desk.build("2.8.0"), Some(&me), desk.now());
        assert_eq!(view.author, "Ada Lind");
        assert_eq!(view.components.len(), 2);
        assert_eq!(view.features.iter().map(|feature| feature.planned).collect::<Vec<_>>(), [true, false]);
        let dev = &view.stages[0];
        assert_eq!((dev.word.as_str(), dev.checks.len(), dev.deployments.len()), ("passed", 1, 1));
        assert!(dev.signoffs[0].mine);
        assert_eq!(view.stages[2].reason, "waiting for QA");
    }
}
