//! The release plan: ten sections, the closed gate of the last stage, steps (N1–N3, N5, N6).

use crate::bench::{Bench, codes};
use crate::desk::{press, process, stage};
use signalbox_domain::decide::{Act, StepDraft};
use signalbox_domain::process::Stage;
use signalbox_domain::release::{Chosen, Release, SECTIONS, StepState};
use signalbox_domain::starters::{go_rule, plan_steps};
use signalbox_domain::strategy::Content;

fn bench() -> Bench {
    let prod = Stage { needs_release: true, ..press(stage("PROD", &["DEV"])) };
    Bench::with(Content {
        process: process(vec![stage("DEV", &[]), prod]),
        steps: plan_steps().into_iter().take(3).collect(),
        ..Content::default()
    })
}

fn create(release: &str, copy: Option<&str>) -> Act {
    Act::CreateRelease {
        release: release.into(),
        product: "harbour".into(),
        name: format!("Harbour {release}"),
        planned: None,
        copy: copy.map(Into::into),
        steps: ["s1", "s2", "s3"].map(|step| format!("{release}-{step}").into()).to_vec(),
    }
}

fn compose(release: &str, build: &str) -> Act {
    let builds = vec![Chosen { service: "web".into(), build: build.into() }];
    Act::ComposeRelease { release: release.into(), builds }
}

fn write(release: &str, section: &str) -> Act {
    let (release, section) = (release.into(), section.to_owned());
    Act::WriteSection { release, section, text: "As always.".into(), rehearsal: None }
}

fn moved(release: &str, step: &str, state: StepState, reason: &str) -> Act {
    Act::MoveStep {
        release: release.into(),
        step: step.into(),
        state,
        reason: reason.to_owned(),
        evidence: String::new(),
    }
}

fn plan(bench: &Bench) -> &Release {
    &bench.state.releases[&"r1".into()]
}

/// Lets the release manager act.
fn manage(bench: &mut Bench, act: Act) {
    bench.must("rosa", "release-manager", act);
}

#[test]
fn plan_n1_has_ten_sections_at_a_pinned_strategy_version() {
    let mut bench = bench();
    manage(&mut bench, create("r1", None));
    let keys: Vec<&str> = plan(&bench).sections.iter().map(|section| section.key.as_str()).collect();
    assert_eq!(keys, SECTIONS.map(|(key, _)| key));
    assert_eq!(keys.len(), 10);
    assert_eq!(plan(&bench).strategy, 1);
    let mut content = bench.state.strategies[&("harbour".into(), 1)].content.clone();
    content.steps.clear();
    manage(&mut bench, Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) });
    manage(&mut bench, Act::ActivateStrategy { product: "harbour".into(), version: 2 });
    assert_eq!(plan(&bench).strategy, 1, "the plan keeps its version");
    let steps: Vec<&str> = plan(&bench).steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(steps.len(), 3);
}

#[test]
fn plan_n2_the_last_gate_stays_closed_while_a_section_is_empty() {
    let mut bench = bench();
    bench.arrive("c1");
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", "PROD", "")), ["plan.no-release"]);
    manage(&mut bench, create("r1", None));
    manage(&mut bench, compose("r1", "c1"));
    let open = codes(bench.promote("rosa", "release-manager", "c1", "PROD", ""));
    assert_eq!(open.len(), 10, "each empty section is named: {open:?}");
    for (section, _) in SECTIONS.iter().filter(|(key, _)| *key != "back-out") {
        manage(&mut bench, write("r1", section));
    }
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", "PROD", "")), ["plan.section-empty"]);
    let waive = |reason: &str| Act::WaiveSection {
        release: "r1".into(),
        section: "back-out".into(),
        reason: Some(reason.to_owned()),
    };
    assert_eq!(codes(bench.act("rosa", "release-manager", waive(" "))), ["plan.reason-empty"]);
    manage(&mut bench, waive("nothing to go back to"));
    bench.promote("rosa", "release-manager", "c1", "PROD", "").unwrap();
    assert!(bench.build("c1").passed(&"PROD".into()));
}

#[test]
fn plan_n2_the_first_release_must_tell_of_the_first_deployment() {
    let mut bench = bench();
    bench.arrive("c1");
    manage(&mut bench, create("r1", None));
    manage(&mut bench, compose("r1", "c1"));
    let waive = Act::WaiveSection {
        release: "r1".into(),
        section: "first-deployment".into(),
        reason: Some("we know how".into()),
    };
    assert_eq!(codes(bench.act("rosa", "release-manager", waive)), ["plan.first-deployment"]);
    for (section, _) in SECTIONS.iter().filter(|(key, _)| *key != "first-deployment") {
        manage(&mut bench, write("r1", section));
    }
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", "PROD", "")), ["plan.first-deployment"]);
    manage(&mut bench, write("r1", "first-deployment"));
    bench.promote("rosa", "release-manager", "c1", "PROD", "").unwrap();
    for step in ["r1-s1", "r1-s2", "r1-s3"] {
        manage(&mut bench, moved("r1", step, StepState::Done, ""));
    }
    manage(&mut bench, Act::FinishRelease { release: "r1".into(), outcome: "went well".into() });

    bench.arrive("c2");
    manage(&mut bench, create("r2", Some("r1")));
    manage(&mut bench, compose("r2", "c2"));
    let first = bench.state.releases[&"r2".into()].sections[0].clone();
    assert!(!first.is_settled(), "the section is not copied");
    bench.promote("rosa", "release-manager", "c2", "PROD", "").unwrap();
}

#[test]
fn plan_n3_steps_come_in_their_order_and_say_who_moved_them() {
    let mut bench = bench();
    manage(&mut bench, create("r1", None));
    let refused = bench.act("omar", "operations", moved("r1", "r1-s2", StepState::Doing, ""));
    assert_eq!(codes(refused), ["step.too-early"]);
    let refused = bench.act("omar", "operations", moved("r1", "r1-s1", StepState::NotApplicable, ""));
    assert_eq!(codes(refused), ["step.reason-empty"]);
    let refused = bench.act("omar", "operations", moved("r1", "r1-s1", StepState::Blocked, " "));
    assert_eq!(codes(refused), ["step.reason-empty"]);
    bench.must("omar", "operations", moved("r1", "r1-s1", StepState::NotApplicable, "nothing is live"));
    bench.must("omar", "operations", moved("r1", "r1-s2", StepState::Doing, ""));
    let step = &plan(&bench).steps[1];
    assert_eq!(step.state, StepState::Doing);
    assert_eq!(step.moved.as_ref().unwrap().0.as_str(), "omar");
    let refused = bench.act(
        "rosa",
        "release-manager",
        Act::FinishRelease { release: "r1".into(), outcome: "went well".into() },
    );
    assert_eq!(codes(refused), ["step.open", "step.open"]);
}

#[test]
fn plan_n3_a_step_never_waits_for_itself() {
    let mut bench = bench();
    manage(&mut bench, create("r1", None));
    let step = StepDraft {
        id: "r1-s1".into(),
        title: "Compare".into(),
        phase: "Before".into(),
        owner: Some("omar".into()),
        planned: None,
        minutes: 5,
        after: vec!["r1-s3".into()],
        automated: false,
    };
    let refused = bench.act("rosa", "release-manager", Act::SetStep { release: "r1".into(), step });
    assert_eq!(codes(refused), ["step.cycle"]);
}

#[test]
fn plan_n5_those_named_say_go_and_dissent_is_kept() {
    let mut content = bench().state.strategies[&("harbour".into(), 1)].content.clone();
    content.go_rule = Some(go_rule());
    let mut bench = Bench::with(content);
    bench.arrive("c1");
    manage(&mut bench, create("r1", None));
    let go = |go: bool, comment: &str| Act::VoiceGo { release: "r1".into(), go, comment: comment.to_owned() };
    assert_eq!(codes(bench.act("omar", "operations", go(true, ""))), ["release.empty"]);
    manage(&mut bench, compose("r1", "c1"));
    for (section, _) in SECTIONS {
        manage(&mut bench, write("r1", section));
    }
    manage(&mut bench, go(true, ""));
    bench.must("ines", "business-analyst", go(true, ""));
    assert_eq!(codes(bench.act("omar", "operations", go(false, ""))), ["go.reason-empty"]);
    bench.must("omar", "operations", go(false, "the disk is full"));
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", "PROD", "")), ["plan.go-missing"]);
    bench.must("omar", "operations", go(true, "more disk"));
    assert!(plan(&bench).voices.iter().any(|voice| !voice.go && voice.comment == "the disk is full"));
    bench.arrive("c2");
    manage(&mut bench, compose("r1", "c2"));
    assert_eq!(plan(&bench).current_voices().len(), 0, "other builds ask again");
}

#[test]
fn plan_n6_a_finished_plan_is_read_only() {
    let mut bench = bench();
    manage(&mut bench, create("r1", None));
    for step in ["r1-s1", "r1-s2", "r1-s3"] {
        manage(&mut bench, moved("r1", step, StepState::Done, ""));
    }
    manage(&mut bench, Act::FinishRelease { release: "r1".into(), outcome: "called off".into() });
    assert_eq!(codes(bench.act("rosa", "release-manager", write("r1", "logs"))), ["release.finished"]);
    let refused = bench.act("rosa", "release-manager", moved("r1", "r1-s1", StepState::Open, ""));
    assert_eq!(codes(refused), ["release.finished"]);
}
