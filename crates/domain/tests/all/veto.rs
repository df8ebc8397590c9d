//! A vetoed build goes nowhere any more, and marks the releases that contain it (R6).

use crate::bench::{Bench, codes, kinds};
use crate::desk::{approved, press, process, stage};
use crate::whole::{STAGES, arrive_at, compose, decide, harbour, outcome_of, release, veto};
use signalbox_domain::decide::Act;
use signalbox_domain::gate::why_not_ready;
use signalbox_domain::id::BuildId;
use signalbox_domain::line::{Outcome, Standing};
use signalbox_domain::process::Process;
use signalbox_domain::product_release::MemberOutcome;
use signalbox_domain::rule::Rule;

const DEV: &str = STAGES[0];
const QA: &str = STAGES[1];
const PROD: &str = STAGES[2];

fn line() -> Process {
    process(vec![
        stage(DEV, &[]),
        approved(QA, &[DEV], Rule::of(1, "tester"), &[]),
        press(stage(PROD, &[QA])),
    ])
}

fn bench() -> Bench {
    harbour(line(), &["web"])
}

/// A build that went all the way.
fn everywhere(bench: &mut Bench, build: &str) {
    arrive_at(bench, "web", build);
    bench.end(build, DEV, Outcome::Succeeded).unwrap();
    bench.end(build, QA, Outcome::Succeeded).unwrap();
    bench.approve(build, QA);
    bench.promote("rosa", "release-manager", build, PROD, "").unwrap();
    bench.end(build, PROD, Outcome::Succeeded).unwrap();
}

#[test]
fn veto_r6_ends_an_undecided_build_and_admits_the_next() {
    let mut bench = bench();
    for build in ["c1", "c2", "c3"] {
        arrive_at(&mut bench, "web", build);
    }
    bench.end("c1", DEV, Outcome::Succeeded).unwrap();
    bench.end("c2", DEV, Outcome::Succeeded).unwrap();
    assert_eq!(bench.section(QA), "c1 < c2");
    bench.end("c1", QA, Outcome::Succeeded).unwrap();
    let facts = veto(&mut bench, "c1");
    assert_eq!(kinds(&facts)[..3], ["build-vetoed", "build-rejected", "build-admitted"]);
    assert_eq!(bench.section(QA), "c2", "L5: the freed stage admits the next");
    assert!(bench.build("c1").passed(&DEV.into()), "what it passed stays in the history");
}

#[test]
fn veto_r6_takes_a_waiting_build_out_of_the_list() {
    let mut bench = bench();
    for build in ["c1", "c2"] {
        arrive_at(&mut bench, "web", build);
        bench.end(build, DEV, Outcome::Succeeded).unwrap();
    }
    veto(&mut bench, "c2");
    assert_eq!(bench.section(QA), "c1");
    assert!(matches!(bench.standing("c2", QA), Some(Standing::Rejected { .. })));
}

#[test]
fn veto_r6_waits_until_running_work_stops() {
    let mut bench = bench();
    arrive_at(&mut bench, "web", "c1");
    arrive_at(&mut bench, "web", "c2");
    assert_eq!(kinds(&veto(&mut bench, "c1")), ["build-vetoed"]);
    assert_eq!(bench.section(DEV), "c1 < c2", "L1: two deployments never work in one environment");
    bench.end("c1", DEV, Outcome::Succeeded).unwrap();
    assert!(matches!(bench.standing("c1", DEV), Some(Standing::Rejected { .. })));
    assert_eq!(bench.section(DEV), "c2");
}

#[test]
fn veto_r6_of_a_build_that_passed_everywhere_keeps_it_from_coming_back() {
    let mut bench = bench();
    everywhere(&mut bench, "c1");
    everywhere(&mut bench, "c2");
    veto(&mut bench, "c1");
    let back = Act::RollBack {
        build: "c1".into(),
        stage: PROD.into(),
        reason: "c2 is slow".into(),
        issue: "i1".into(),
    };
    assert_eq!(codes(bench.act("omar", "operations", back)), ["build.vetoed"]);
    assert_eq!(bench.block(PROD).good, [BuildId::from("c2")], "L12: the last good build is another");
    assert_eq!(codes(compose(&mut bench, &[("web", "c1")])), ["release.vetoed-build"]);
    let why = why_not_ready(&bench.state, bench.build("c1"), bench.stage(PROD));
    assert_eq!(why.as_deref(), Some("was vetoed"));
}

#[test]
fn veto_r6_of_a_ready_build_keeps_it_from_being_pressed() {
    let mut bench = bench();
    arrive_at(&mut bench, "web", "c1");
    bench.end("c1", DEV, Outcome::Succeeded).unwrap();
    bench.end("c1", QA, Outcome::Succeeded).unwrap();
    bench.approve("c1", QA);
    veto(&mut bench, "c1");
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", PROD, "")), ["build.vetoed"]);
}

#[test]
fn veto_r6_keeps_a_failed_build_from_being_tried_again() {
    let mut bench = bench();
    arrive_at(&mut bench, "web", "c1");
    bench.end("c1", DEV, Outcome::Failed).unwrap();
    veto(&mut bench, "c1");
    let retry = Act::Retry { build: "c1".into(), stage: DEV.into(), reason: String::new() };
    assert_eq!(codes(bench.act("omar", "operations", retry)), ["build.vetoed"]);
}

#[test]
fn veto_r6_marks_the_releases_that_contain_the_build() {
    let mut bench = harbour(line(), &["web", "api"]);
    for (service, build) in [("web", "w1"), ("api", "a1")] {
        arrive_at(&mut bench, service, build);
        bench.end(build, DEV, Outcome::Succeeded).unwrap();
        bench.end(build, QA, Outcome::Succeeded).unwrap();
        bench.approve(build, QA);
    }
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    assert!(release(&bench).vetoed_builds(&bench.state).is_empty());
    veto(&mut bench, "a1");
    let marked: Vec<&str> =
        release(&bench).vetoed_builds(&bench.state).iter().map(|build| build.id.as_str()).collect();
    assert_eq!(marked, ["a1"]);
    decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Running);
    assert_eq!(outcome_of(&bench, "api"), MemberOutcome::Refused);
}

#[test]
fn veto_r6_takes_a_reason_a_role_and_happens_once() {
    let mut bench = bench();
    arrive_at(&mut bench, "web", "c1");
    let act = |reason: &str| Act::VetoBuild { build: "c1".into(), reason: reason.into() };
    assert_eq!(
        codes(bench.act("alma", "administrator", act(""))),
        ["veto.reason-empty", "person.role-needed"]
    );
    bench.must("tom", "tester", act("it leaks"));
    assert_eq!(codes(bench.act("tom", "tester", act("it leaks"))), ["build.vetoed"]);
}
