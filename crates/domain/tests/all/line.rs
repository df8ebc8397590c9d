//! The line, rule by rule: L1–L9, L14 and what decides who is ready (P1–P3).

use crate::bench::{Bench, codes, kinds};
use crate::desk::{any, approved, off, press, process, stage};
use signalbox_domain::decide::{Act, promotion_blockers};
use signalbox_domain::fact::Fact;
use signalbox_domain::gate::who_can_decide;
use signalbox_domain::line::{Admitted, Meaning, Outcome, Standing};
use signalbox_domain::process::{OnFailure, Process, Require, Stage, Waiting};
use signalbox_domain::rule::Rule;

fn tester() -> Rule {
    Rule::of(1, "tester")
}

fn gated(key: &str, after: &[&str]) -> Stage {
    approved(key, after, tester(), &[])
}

/// DEV, QA, PROD: a tester approves in each but the last.
fn three() -> Process {
    process(vec![gated("DEV", &[]), gated("QA", &["DEV"]), stage("PROD", &["QA"])])
}

/// DEV, then UX by a press beside LOAD, then PRE after both, then PROD by a press.
fn diamond() -> Process {
    process(vec![
        gated("DEV", &[]),
        press(gated("UX", &["DEV"])),
        gated("LOAD", &["DEV"]),
        stage("PRE", &["UX", "LOAD"]),
        press(stage("PROD", &["PRE"])),
    ])
}

#[test]
fn line_p1_halves_of_two_builds_make_nothing_ready() {
    let mut bench = Bench::new(diamond());
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    bench.approve("c1", "LOAD");
    bench.arrive("c2");
    bench.approve("c2", "DEV");
    bench.promote("tom", "tester", "c2", "UX", "").unwrap();
    bench.approve("c2", "UX");
    assert!(bench.build("c1").passed(&"LOAD".into()) && bench.build("c2").passed(&"UX".into()));
    assert_eq!(bench.section("PRE"), "-");
    assert_eq!(bench.why_not("c1", "PRE"), "waiting for UX");
    assert_eq!(bench.why_not("c2", "PRE"), "waiting for LOAD");
    bench.approve("c2", "LOAD");
    assert!(bench.build("c2").passed(&"PRE".into()));
}

#[test]
fn line_p1_any_predecessor_admits_once() {
    let mut bench = Bench::new(process(vec![
        stage("DEV", &[]),
        approved("A", &["DEV"], tester(), &[]),
        approved("B", &["DEV"], tester(), &[]),
        any(gated("BOTH", &["A", "B"])),
        gated("PROD", &["A", "B", "BOTH"]),
    ]));
    assert_eq!(bench.stage("BOTH").predecessors.require, Require::Any);
    bench.arrive("c1");
    bench.approve("c1", "A");
    assert_eq!(bench.section("BOTH"), "c1");
    bench.approve("c1", "BOTH");
    let facts = bench.approve("c1", "B");
    assert_eq!(bench.section("BOTH"), "-", "it does not come back for the second predecessor");
    assert_eq!(kinds(&facts), ["gate-signed", "build-passed", "build-admitted"]);
    assert_eq!(bench.section("PROD"), "c1");
}

#[test]
fn line_p2_readiness_deploys_nothing_where_a_person_presses() {
    let mut bench = Bench::new(process(vec![gated("DEV", &[]), press(gated("PROD", &["DEV"]))]))
        .automate(&["DEV", "PROD"]);
    bench.arrive("c1");
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    let facts = bench.approve("c1", "DEV");
    assert_eq!(kinds(&facts), ["gate-signed", "build-passed"]);
    assert_eq!((bench.why_not("c1", "PROD").as_str(), bench.section("PROD").as_str()), ("", "-"));
    let facts = bench.promote("omar", "operations", "c1", "PROD", "").unwrap();
    assert_eq!(kinds(&facts), ["build-admitted", "deployment-intended"]);
    let Fact::BuildAdmitted { how, by, .. } = &facts[0].fact else { panic!("{facts:?}") };
    assert_eq!((*how, by.as_str()), (Admitted::Pressed, "omar"));
    assert!(facts[0].packet.is_some(), "what was shown is kept");
}

#[test]
fn line_p2_only_the_named_roles_press() {
    let prod = Stage { deployers: vec!["release-manager".into()], ..press(gated("PROD", &[])) };
    let mut bench = Bench::new(process(vec![prod]));
    bench.arrive("c1");
    assert_eq!(codes(bench.promote("tom", "tester", "c1", "PROD", "")), ["stage.deployer"]);
    bench.promote("rosa", "release-manager", "c1", "PROD", "").unwrap();
}

#[test]
fn line_p3_a_build_under_test_is_never_superseded() {
    let dev = Stage { waiting: Waiting::Supersede, ..gated("DEV", &[]) };
    let mut bench = Bench::new(process(vec![dev]));
    for label in ["c1", "c2", "c3"] {
        bench.arrive(label);
    }
    assert_eq!(bench.section("DEV"), "c1 < c3");
    assert!(
        matches!(bench.standing("c2", "DEV"), Some(Standing::Superseded { by, .. }) if by.as_str() == "c3")
    );
    assert_eq!(bench.why_not("c2", "DEV"), "was superseded here");
}

#[test]
fn line_l1_one_undecided_build_per_stage() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    bench.arrive("c2");
    let block = bench.block("DEV");
    assert_eq!(block.occupant, Some("c1".into()));
    let since = bench.build("c1").visit(&"DEV".into()).unwrap().admitted.clone().unwrap().at;
    assert!(matches!(bench.standing("c1", "DEV"), Some(Standing::InStage { since: at, .. }) if *at == since));
    let able = who_can_decide(&bench.state, bench.build("c1"), bench.stage("DEV"));
    assert_eq!(able, ["tom".into()], "who can release the lock is visible");
}

#[test]
fn line_l2_a_build_that_reaches_an_occupied_stage_waits() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    let qa = bench.block("QA");
    bench.arrive("c2");
    let facts = bench.approve("c2", "DEV");
    assert_eq!(kinds(&facts), ["gate-signed", "build-passed", "build-queued"]);
    assert_eq!(bench.section("QA"), "c1 < c2");
    assert_eq!(bench.block("QA").occupant, qa.occupant, "nothing else changes");
    assert_eq!(bench.why_not("c2", "QA"), "waits to be admitted");
}

#[test]
fn line_l3_only_the_occupant_is_decided_and_once() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    bench.arrive("c2");
    let before = (bench.state.clone(), bench.recorded.len());
    for (build, stage) in [("c2", "DEV"), ("c1", "QA"), ("c1", "PROD")] {
        for approved in [true, false] {
            let refused = bench.sign("tom", "tester", build, stage, approved);
            assert_eq!(codes(refused), ["build.not-occupant"]);
        }
    }
    assert_eq!((&bench.state, bench.recorded.len()), (&before.0, before.1), "nothing changed");
    bench.approve("c1", "DEV");
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "DEV", true)), ["build.not-occupant"]);
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "DEV", false)), ["build.not-occupant"]);
}

#[test]
fn line_l4_decision_admits_the_next_waiting_build() {
    let mut bench = Bench::new(three());
    for label in ["c1", "c2", "c3"] {
        bench.arrive(label);
    }
    assert_eq!(bench.section("DEV"), "c1 < c2 c3");
    let facts = bench.approve("c1", "DEV");
    assert_eq!(kinds(&facts), ["gate-signed", "build-passed", "build-admitted", "build-admitted"]);
    assert_eq!((bench.section("DEV").as_str(), bench.section("QA").as_str()), ("c2 < c3", "c1"));
    let passed = Some(facts[1].id.clone());
    assert!(facts[2..].iter().all(|decided| decided.cause == passed), "what follows names its cause");
}

#[test]
fn line_l5_rejection_needs_a_reason() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    let shown = bench.packet("c1", "DEV");
    let silent = Act::SignGate {
        build: "c1".into(),
        stage: "DEV".into(),
        approved: false,
        meaning: Meaning::Approval,
        comment: "  ".into(),
        shown,
    };
    assert_eq!(codes(bench.act("tom", "tester", silent)), ["reject.reason-empty"]);
    assert_eq!(bench.section("DEV"), "c1");
}

#[test]
fn line_l5_rejection_ends_the_delivery_everywhere() {
    let mut bench = Bench::new(diamond());
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    bench.arrive("c2");
    bench.approve("c2", "DEV");
    bench.promote("tom", "tester", "c2", "UX", "").unwrap();
    assert_eq!((bench.section("UX").as_str(), bench.section("LOAD").as_str()), ("c2", "c1 < c2"));
    bench.reject("c2", "UX");
    assert_eq!(bench.section("LOAD"), "c1", "it leaves the waiting list");
    assert!(
        matches!(bench.standing("c2", "LOAD"), Some(Standing::Ended { rejected_in, .. }) if rejected_in.as_str() == "UX")
    );

    bench.promote("tom", "tester", "c1", "UX", "").unwrap();
    bench.arrive("c3");
    bench.approve("c3", "DEV");
    assert_eq!(bench.section("LOAD"), "c1 < c3");
    let facts = bench.reject("c1", "UX");
    assert_eq!(kinds(&facts), ["gate-signed", "build-rejected", "build-ended", "build-admitted"]);
    assert_eq!(bench.section("LOAD"), "c3", "the parallel section opens and admits the next");
    assert_eq!(bench.why_not("c1", "PRE"), "was rejected in UX");
    assert_eq!(codes(bench.promote("tom", "tester", "c1", "UX", "again")), ["build.not-ready"]);
}

#[test]
fn line_l5_a_parallel_section_opens_when_its_running_work_stops() {
    let mut bench = Bench::new(diamond()).automate(&["LOAD"]);
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    bench.promote("tom", "tester", "c1", "UX", "").unwrap();
    bench.reject("c1", "UX");
    assert_eq!(bench.section("LOAD"), "c1", "its deployment still runs");
    assert!(matches!(
        bench.standing("c1", "LOAD"),
        Some(Standing::InStage { ending: Some(stage), .. }) if stage.as_str() == "UX"
    ));
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "LOAD", true)), ["gate.deploying"]);
    bench.end("c1", "LOAD", Outcome::Succeeded).unwrap();
    assert_eq!(bench.section("LOAD"), "-");
    assert!(matches!(bench.standing("c1", "LOAD"), Some(Standing::Ended { .. })));
}

#[test]
fn line_l6_failure_opens_the_lock_and_is_recorded_as_failed() {
    let mut bench = Bench::new(three()).automate(&["DEV"]);
    bench.arrive("c1");
    let facts = bench.end("c1", "DEV", Outcome::Failed).unwrap();
    assert_eq!(kinds(&facts), ["deployment-ended", "build-failed"]);
    assert_eq!(bench.section("DEV"), "-");
    assert!(
        matches!(bench.standing("c1", "DEV"), Some(Standing::Failed { reason, .. }) if reason == "said so")
    );
    let retry =
        || Act::Retry { build: "c1".into(), stage: "DEV".into(), reason: "the network was down".into() };
    let facts = bench.must("tom", "tester", retry());
    assert_eq!(kinds(&facts), ["build-admitted", "deployment-intended"]);
    bench.end("c1", "DEV", Outcome::Failed).unwrap();
    bench.arrive("c2");
    assert_eq!(codes(bench.act("tom", "tester", retry())), ["build.not-failed-here"]);
}

#[test]
fn line_l6_a_failed_check_opens_the_lock() {
    let mut dev = gated("DEV", &[]);
    dev.gate.checks = vec!["unit tests".into()];
    let mut bench = Bench::new(process(vec![dev]));
    bench.arrive("c1");
    let facts = bench.check("c1", "DEV", "unit tests", false).unwrap();
    assert_eq!(kinds(&facts), ["check-recorded", "build-failed"]);
    assert!(matches!(
        bench.standing("c1", "DEV"),
        Some(Standing::Failed { reason, .. }) if reason == "unit tests: 3 of 12 bad"
    ));
}

#[test]
fn line_l6_a_stage_can_stop_the_line() {
    let dev = Stage { on_failure: OnFailure::StopLine, ..gated("DEV", &[]) };
    let mut bench = Bench::new(process(vec![dev])).automate(&["DEV"]);
    bench.arrive("c1");
    bench.arrive("c2");
    bench.end("c1", "DEV", Outcome::Failed).unwrap();
    assert_eq!(bench.section("DEV"), "c1 < c2");
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "DEV", true)), ["gate.failed"]);
    let open = Act::ReleaseFailed { build: "c1".into(), stage: "DEV".into(), reason: "c2 mends it".into() };
    bench.must("tom", "tester", open);
    assert_eq!(bench.section("DEV"), "c2");
    assert!(matches!(bench.standing("c1", "DEV"), Some(Standing::Failed { .. })));
}

#[test]
fn line_l7_a_decided_build_stays_displayed_until_the_next_enters() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    assert_eq!((bench.section("DEV").as_str(), bench.block("DEV").shown), ("-", Some("c1".into())));
    bench.arrive("c2");
    assert_eq!(bench.block("DEV").shown, Some("c2".into()));
    bench.reject("c2", "DEV");
    assert_eq!(bench.block("DEV").shown, Some("c2".into()));
    assert_eq!(bench.block("QA").shown, Some("c1".into()));
}

#[test]
fn line_l7_a_last_stage_without_a_gate_passes_once_deployed() {
    let mut bench = Bench::new(three()).automate(&["PROD"]);
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    bench.approve("c1", "QA");
    assert!(bench.build("c1").is_in(&"PROD".into()));
    bench.end("c1", "PROD", Outcome::Succeeded).unwrap();
    assert!(bench.build("c1").passed(&"PROD".into()));
    assert_eq!(bench.block("PROD").deployed, Some("c1".into()));
}

#[test]
fn line_l8_a_build_may_stand_in_two_parallel_sections() {
    let mut bench = Bench::new(diamond());
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    bench.promote("tom", "tester", "c1", "UX", "").unwrap();
    assert!(bench.build("c1").is_in(&"UX".into()) && bench.build("c1").is_in(&"LOAD".into()));
    assert!(bench.build("c1").passed(&"DEV".into()));
    assert_eq!(bench.standing("c1", "PRE"), None, "not reached");
}

#[test]
fn line_l9_every_other_build_says_why_it_is_not_ready() {
    let mut bench = Bench::new(diamond());
    for label in ["c1", "c2", "c3", "c4"] {
        bench.arrive(label);
    }
    bench.approve("c1", "DEV");
    bench.reject("c2", "DEV");
    bench.approve("c3", "DEV");
    bench.promote("tom", "tester", "c1", "UX", "c3 is not wanted yet").unwrap();
    let why: Vec<String> = ["c1", "c2", "c3", "c4"].iter().map(|build| bench.why_not(build, "UX")).collect();
    assert_eq!(why, ["is in the stage", "was rejected in DEV", "", "waiting for DEV"]);
    let blockers = promotion_blockers(&bench.state, bench.build("c3"), bench.stage("UX"));
    assert_eq!(blockers.len(), 1, "c3 is ready, but the stage is taken: {blockers:?}");
    assert_eq!(blockers[0].code, "stage.occupied");
}

#[test]
fn line_l9_fan_in_says_which_half_is_missing() {
    for (first, other) in [("UX", "LOAD"), ("LOAD", "UX")] {
        let mut bench = Bench::new(diamond());
        bench.arrive("c1");
        bench.approve("c1", "DEV");
        bench.promote("tom", "tester", "c1", "UX", "").unwrap();
        assert_eq!(bench.why_not("c1", "PRE"), "waiting for UX and LOAD");
        bench.approve("c1", first);
        assert_eq!(bench.why_not("c1", "PRE"), format!("waiting for {other}"));
        bench.approve("c1", other);
        assert!(bench.build("c1").passed(&"PRE".into()));
    }
}

#[test]
fn line_l14_an_older_ready_build_needs_a_typed_reason() {
    let mut bench = Bench::new(process(vec![stage("DEV", &[]), press(gated("PROD", &["DEV"]))]));
    bench.arrive("c1");
    bench.arrive("c2");
    assert_eq!(codes(bench.promote("omar", "operations", "c1", "PROD", " ")), ["build.not-newest"]);
    bench.promote("omar", "operations", "c1", "PROD", "c2 waits for the new contract").unwrap();
    let admitted = bench.build("c1").visit(&"PROD".into()).unwrap().admitted.clone().unwrap();
    assert_eq!(admitted.reason, "c2 waits for the new contract");
    bench.approve("c1", "PROD");
    bench.promote("omar", "operations", "c2", "PROD", "").unwrap();
}

#[test]
fn line_every_reason_is_given_at_once() {
    let prod = Stage {
        deployers: vec!["release-manager".into()],
        needs_release: true,
        ..press(gated("PROD", &["DEV"]))
    };
    let mut bench = Bench::new(process(vec![gated("DEV", &[]), prod]));
    bench.arrive("c1");
    let hold =
        Act::HoldStage { service: "web".into(), stage: "PROD".into(), reason: "the auditors are in".into() };
    bench.must("omar", "operations", hold);
    let mut found = codes(bench.promote("tom", "tester", "c1", "PROD", ""));
    found.sort();
    assert_eq!(found, ["build.not-ready", "plan.no-release", "stage.deployer", "stage.held"]);
}

#[test]
fn line_off_path_stages_are_pressed_beside_the_path() {
    let mut bench = Bench::new(process(vec![
        gated("DEV", &[]),
        off(press(stage("demo", &["DEV"]))),
        gated("PROD", &["DEV"]),
    ]));
    bench.arrive("c1");
    assert_eq!(codes(bench.promote("tom", "tester", "c1", "demo", "")), ["build.not-ready"]);
    bench.approve("c1", "DEV");
    assert_eq!((bench.section("demo").as_str(), bench.section("PROD").as_str()), ("-", "c1"));
    bench.promote("tom", "tester", "c1", "demo", "").unwrap();
    assert!(bench.build("c1").passed(&"demo".into()));
    assert_eq!(bench.section("PROD"), "c1");
}
