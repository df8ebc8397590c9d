//! A release whose members the pipeline system itself brings on: the decision answers its gates (R1, R6).

use crate::bench::{Bench, codes, kinds};
use crate::desk::{approved, process, stage};
use crate::whole::{STAGES, arrive_at, compose, decide, harbour, outcome_of, resume, veto};
use signalbox_domain::decide::{Act, Decided};
use signalbox_domain::fact::Fact;
use signalbox_domain::line::Outcome;
use signalbox_domain::product::{StageBinding, Way};
use signalbox_domain::product_release::MemberOutcome;
use signalbox_domain::rule::Rule;

const DEV: &str = STAGES[0];
const QA: &str = STAGES[1];
const PROD: &str = STAGES[2];

/// Two services; the system moves builds of the first by itself, the line those of the second.
fn bench() -> Bench {
    let process =
        process(vec![stage(DEV, &[]), approved(QA, &[DEV], Rule::of(1, "tester"), &[]), stage(PROD, &[QA])]);
    let mut bench = harbour(process, &["web", "api"]);
    let gated = |stage: &str, gate: Option<&str>| StageBinding {
        stage: stage.into(),
        way: Way::Gated,
        remote: stage.to_owned(),
        gate: gate.map(str::to_owned),
    };
    let bind = Act::BindService {
        service: "web".into(),
        connection: "local".into(),
        pipeline: "web".into(),
        stages: Vec::new(),
        mapped: vec![gated(DEV, None), gated(QA, Some("StagingQA/approve")), gated(PROD, None)],
    };
    bench.must("omar", "operations", bind);
    arrive_at(&mut bench, "web", "w1");
    brought(&mut bench, "w1", DEV);
    bench.end("w1", DEV, Outcome::Succeeded).unwrap();
    brought(&mut bench, "w1", QA);
    bench.end("w1", QA, Outcome::Succeeded).unwrap();
    arrive_at(&mut bench, "api", "a1");
    bench.end("a1", DEV, Outcome::Succeeded).unwrap();
    bench.end("a1", QA, Outcome::Succeeded).unwrap();
    bench
}

/// The system brings a build into a stage.
fn brought(bench: &mut Bench, build: &str, stage: &str) {
    let (service, stage, found) = ("web".into(), stage.into(), build.to_owned());
    let run = format!("{build} to {stage}");
    bench.must(
        "machine",
        "machine",
        Act::ObserveMove { service, stage, build: Some(build.into()), found, run },
    );
}

/// The latest answer to the system's gate ends.
fn answered(bench: &mut Bench, outcome: Outcome) {
    let answer = bench.build("w1").visit(&QA.into()).unwrap().answers.last().unwrap().id.clone();
    let (build, stage, detail) = ("w1".into(), QA.into(), String::new());
    bench.must("machine", "machine", Act::RecordAnswerEnd { build, stage, answer, outcome, detail });
}

fn answers(facts: &[Decided]) -> Vec<(&str, bool)> {
    let intended = facts.iter().filter_map(|decided| match &decided.fact {
        Fact::GateAnswerIntended { gate, approve, .. } => Some((gate.as_str(), *approve)),
        _ => None,
    });
    intended.collect()
}

#[test]
fn release_r1_one_decision_answers_the_gate_of_one_member_and_passes_the_gate_of_the_other() {
    let mut bench = bench();
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let facts = decide(&mut bench, "tom", "tester", PROD).unwrap();
    assert_eq!(answers(&facts), [("StagingQA/approve", true)]);
    assert_eq!(outcome_of(&bench, "api"), MemberOutcome::Running);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Sent);
    answered(&mut bench, Outcome::Succeeded);
    brought(&mut bench, "w1", PROD);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Running);
    bench.end("w1", PROD, Outcome::Succeeded).unwrap();
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Done);
}

#[test]
fn release_r1_an_answer_that_did_not_arrive_is_given_again_by_resuming() {
    let mut bench = bench();
    compose(&mut bench, &[("web", "w1")]).unwrap();
    decide(&mut bench, "tom", "tester", PROD).unwrap();
    answered(&mut bench, Outcome::Unknown);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Unknown);
    assert_eq!(codes(resume(&mut bench, PROD)), ["release.nothing-to-resume"]);
    answered(&mut bench, Outcome::NotDone);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Failed);
    let facts = resume(&mut bench, PROD).unwrap();
    assert_eq!(kinds(&facts), ["release-resumed", "release-member-sent", "gate-answer-intended"]);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Sent);
    assert_eq!(codes(resume(&mut bench, PROD)), ["release.nothing-to-resume"], "nothing is answered twice");
}

#[test]
fn release_r1_a_held_stage_keeps_its_member_from_being_answered_for() {
    let mut bench = bench();
    let (service, stage, reason) = ("web".into(), PROD.into(), "crane".into());
    bench.must("omar", "operations", Act::HoldStage { service, stage, reason });
    compose(&mut bench, &[("web", "w1")]).unwrap();
    assert_eq!(codes(decide(&mut bench, "tom", "tester", PROD)), ["gate.next-held"]);
}

#[test]
fn veto_r6_rejects_at_the_gate_of_the_pipeline_system_in_the_name_of_who_vetoed() {
    let mut bench = bench();
    let facts = veto(&mut bench, "w1");
    assert_eq!(kinds(&facts), ["build-vetoed", "build-rejected", "gate-answer-intended"]);
    assert_eq!(answers(&facts), [("StagingQA/approve", false)]);
    let answer = &bench.build("w1").visit(&QA.into()).unwrap().answers[0];
    assert_eq!((answer.by.as_str(), answer.comment.as_str()), ("rosa", "it books a berth twice"));
}

#[test]
fn veto_r6_makes_a_move_of_the_build_unexplained() {
    let mut bench = bench();
    bench.approve("w1", QA);
    answered(&mut bench, Outcome::Succeeded);
    veto(&mut bench, "w1");
    brought(&mut bench, "w1", PROD);
    assert!(bench.standing("w1", PROD).is_none());
    assert_eq!(bench.block(PROD).changes[0].detail, "w1 was vetoed by Rosa: it books a berth twice.");
}
