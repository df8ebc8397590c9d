//! Gated stages: moves that are observed, answers to the system's own gates, unexplained changes (G1–G5).

use crate::bench::{Answer, Bench, codes, kinds};
use crate::desk::{approved, off, press, process, stage};
use signalbox_domain::decide::{Act, Decided, Hand};
use signalbox_domain::fact::Fact;
use signalbox_domain::line::{Admitted, Outcome, Phase, Standing};
use signalbox_domain::process::{Gate, OnFailure, Process, Stage};
use signalbox_domain::product::{StageBinding, Way};
use signalbox_domain::release::{Chosen, SECTIONS};
use signalbox_domain::rule::Rule;

fn tested(key: &str, after: &[&str]) -> Stage {
    approved(key, after, Rule::of(1, "tester"), &[])
}

fn gated(stage: &str, gate: Option<&str>) -> StageBinding {
    StageBinding {
        stage: stage.into(),
        way: Way::Gated,
        remote: format!("Staging{stage}"),
        gate: gate.map(str::to_owned),
    }
}

/// A pipeline that asks at a gate of its own in DEV and QA and then goes on by itself.
fn mapped() -> Vec<StageBinding> {
    vec![
        gated("DEV", Some("StagingDEV/approve")),
        gated("QA", Some("StagingQA/approve")),
        gated("PROD", None),
    ]
}

fn three() -> Process {
    process(vec![tested("DEV", &[]), tested("QA", &["DEV"]), stage("PROD", &["QA"])])
}

fn bench() -> Bench {
    Bench::new(three()).map(&[], mapped())
}

/// The system brings the build, and its deployment succeeds.
fn brought(bench: &mut Bench, build: &str, stage: &str) {
    bench.observe(Some(build), stage, &format!("{build} to {stage}")).unwrap();
    bench.end(build, stage, Outcome::Succeeded).unwrap();
}

fn answer_end(bench: &mut Bench, who: (&str, &str), build: &str, stage: &str, outcome: Outcome) -> Answer {
    let visit = bench.build(build).visit(&stage.into()).cloned().unwrap_or_default();
    let answer = visit.answers.last().map_or_else(|| "none".into(), |last| last.id.clone());
    let (build, stage, detail) = (build.into(), stage.into(), "seen there".to_owned());
    bench.act(who.0, who.1, Act::RecordAnswerEnd { build, stage, answer, outcome, detail })
}

fn again(bench: &mut Bench, build: &str, stage: &str) -> Answer {
    let (build, stage, reason) = (build.into(), stage.into(), "the token had expired".to_owned());
    bench.act("rosa", "release-manager", Act::AnswerAgain { build, stage, reason })
}

fn retry(bench: &mut Bench, build: &str, stage: &str) -> Answer {
    let (build, stage, reason) = (build.into(), stage.into(), "once more".to_owned());
    bench.act("tom", "tester", Act::Retry { build, stage, reason })
}

fn hold(bench: &mut Bench, stage: &str) {
    let (service, stage, reason) = ("web".into(), stage.into(), "Quay is closed.".to_owned());
    bench.must("omar", "operations", Act::HoldStage { service, stage, reason });
}

fn release(bench: &mut Bench, stage: &str) -> Vec<Decided> {
    let (service, stage, reason) = ("web".into(), stage.into(), "open again".to_owned());
    bench.must("omar", "operations", Act::ReleaseStage { service, stage, reason })
}

/// What was found and why nothing explains it.
fn unexplained(facts: &[Decided]) -> (&str, &str) {
    match facts {
        [Decided { fact: Fact::ChangeUnexplained { found, detail, .. }, .. }, ..] => (found, detail),
        other => panic!("it was explained: {other:#?}"),
    }
}

fn explain(bench: &mut Bench, role: &str, reason: &str) -> Answer {
    let mut changes = bench.state.lines.values().flat_map(|line| line.changes());
    let change = changes.next().map_or_else(|| "none".into(), |(_, change)| change.id.clone());
    drop(changes);
    let who = if role == "tester" { "tom" } else { "rosa" };
    bench.act(who, role, Act::ExplainChange { change, reason: reason.to_owned() })
}

#[test]
fn gated_g1_automation_admits_nothing_and_a_person_cannot_promote() {
    let mut bench = bench();
    assert_eq!(kinds(&bench.arrive("c1")), ["build-arrived"]);
    assert_eq!((bench.section("DEV").as_str(), bench.why_not("c1", "DEV").as_str()), ("-", ""));
    assert_eq!(codes(bench.promote("tom", "tester", "c1", "DEV", "")), ["stage.gated"]);
    assert_eq!(codes(bench.promote("tom", "tester", "c1", "QA", "")), ["stage.gated", "build.not-ready"]);
    brought(&mut bench, "c1", "DEV");
    assert_eq!(kinds(&bench.approve("c1", "DEV")), ["gate-signed", "build-passed", "gate-answer-intended"]);
    assert_eq!((bench.section("QA").as_str(), bench.why_not("c1", "QA").as_str()), ("-", ""));
}

#[test]
fn gated_g1_a_gated_stage_that_is_pressed_in_the_process_is_not_pressed_either() {
    let mut bench = Bench::new(process(vec![tested("DEV", &[]), press(tested("PROD", &["DEV"]))]))
        .map(&["DEV"], vec![gated("PROD", None)]);
    bench.arrive("c1");
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    bench.approve("c1", "DEV");
    assert_eq!(codes(bench.promote("rosa", "release-manager", "c1", "PROD", "")), ["stage.gated"]);
    brought(&mut bench, "c1", "PROD");
    assert_eq!(bench.section("PROD"), "c1");
}

#[test]
fn gated_g1_a_roll_back_is_made_in_the_system_itself() {
    let mut bench = bench();
    for build in ["c1", "c2"] {
        bench.arrive(build);
        for stage in ["DEV", "QA"] {
            brought(&mut bench, build, stage);
            bench.approve(build, stage);
        }
        brought(&mut bench, build, "PROD");
    }
    let (build, stage, reason, issue) = ("c1".into(), "PROD".into(), "slow".to_owned(), "i1".into());
    let back = Act::RollBack { build, stage, reason, issue };
    assert_eq!(codes(bench.act("omar", "operations", back)), ["stage.gated"]);
}

#[test]
fn gated_g2_a_move_that_the_ledger_explains_lets_the_build_in_once() {
    let mut bench = bench();
    bench.arrive("c1");
    let facts = bench.observe(Some("c1"), "DEV", "run 1").unwrap();
    assert_eq!(kinds(&facts), ["build-admitted", "deployment-observed"]);
    assert!(
        matches!(&facts[0].fact, Fact::BuildAdmitted { how: Admitted::Observed, by, .. } if by.as_str() == "machine")
    );
    assert_eq!((facts[1].hand, facts[1].cause.as_ref()), (Hand::Machine, Some(&facts[0].id)));
    assert_eq!(bench.section("DEV"), "c1");
    let visit = bench.build("c1").visit(&"DEV".into()).unwrap().clone();
    assert_eq!((visit.phase(), visit.deployments[0].run.as_deref()), (Phase::Deploying, Some("run 1")));
    assert_eq!(visit.deployments[0].id, facts[1].id, "the observation is the deployment");
    for _ in 0..2 {
        assert_eq!(bench.observe(Some("c1"), "DEV", "run 1").unwrap(), []);
    }
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    assert_eq!(bench.observe(Some("c1"), "DEV", "run 1").unwrap(), []);
    bench.approve("c1", "DEV");
    assert_eq!(
        bench.observe(Some("c1"), "DEV", "run 1").unwrap(),
        [],
        "a decided build stays displayed (L7)"
    );
}

#[test]
fn gated_g2_what_the_ledger_cannot_explain_is_an_unexplained_change() {
    let mut bench = bench();
    let facts = bench.observe(None, "PROD", "r").unwrap();
    assert_eq!(unexplained(&facts), ("stranger", "No such build ever arrived."));
    assert_eq!(facts[0].hand, Hand::Person, "the observing machine signs it itself");
    bench.arrive("c1");
    bench.arrive("c2");
    assert_eq!(unexplained(&bench.observe(Some("c1"), "QA", "r").unwrap()), ("c1", "c1 has not passed DEV."));
    brought(&mut bench, "c1", "DEV");
    assert_eq!(
        unexplained(&bench.observe(Some("c2"), "DEV", "r").unwrap()),
        ("c2", "c1 is undecided in DEV.")
    );
    assert_eq!(bench.section("DEV"), "c1", "L1: it decides nothing by itself");
    bench.reject("c1", "DEV");
    assert_eq!(
        unexplained(&bench.observe(Some("c1"), "PROD", "r").unwrap()),
        ("c1", "c1 was rejected in DEV.")
    );
    assert_eq!(
        unexplained(&bench.observe(Some("c1"), "DEV", "another run").unwrap()),
        ("c1", "c1 was rejected and was deployed to DEV again.")
    );
    assert_eq!(
        kinds(&bench.observe(Some("c2"), "DEV", "r").unwrap()),
        ["build-admitted", "deployment-observed"]
    );
}

#[test]
fn gated_g2_a_build_that_comes_back_is_unexplained() {
    let mut bench = bench();
    for build in ["c1", "c2"] {
        bench.arrive(build);
        brought(&mut bench, build, "DEV");
        bench.approve(build, "DEV");
    }
    let facts = bench.observe(Some("c1"), "DEV", "c1 to DEV").unwrap();
    assert_eq!(unexplained(&facts), ("c1", "c1 has been in DEV before."));
}

#[test]
fn gated_g2_an_unexplained_change_is_reported_once_and_not_again_once_explained() {
    let mut bench = bench();
    bench.arrive("c1");
    assert_eq!(kinds(&bench.observe(Some("c1"), "QA", "r").unwrap()), ["change-unexplained"]);
    assert_eq!(bench.observe(Some("c1"), "QA", "r").unwrap(), []);
    assert_eq!(codes(explain(&mut bench, "tester", " ")), ["person.role-needed", "change.reason-empty"]);
    let facts = explain(&mut bench, "release-manager", "a hurried fix by hand").unwrap();
    assert_eq!(kinds(&facts), ["change-explained"]);
    assert_eq!(facts[0].hand, Hand::Person);
    assert!(bench.block("QA").changes.is_empty());
    assert_eq!(bench.observe(Some("c1"), "QA", "r").unwrap(), []);
    assert_eq!(codes(explain(&mut bench, "release-manager", "again")), ["change.unknown"]);
}

#[test]
fn gated_g2_an_explanation_holds_until_the_next_deployment_there() {
    let mut bench = bench();
    bench.arrive("c1");
    bench.observe(None, "DEV", "r").unwrap();
    explain(&mut bench, "release-manager", "it was there before us").unwrap();
    brought(&mut bench, "c1", "DEV");
    assert_eq!(kinds(&bench.observe(None, "DEV", "r").unwrap()), ["change-unexplained"]);
}

#[test]
fn gated_g2_a_move_that_came_too_early_is_taken_in_as_soon_as_it_is_due() {
    let mut bench = bench();
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    assert_eq!(kinds(&bench.observe(Some("c1"), "QA", "q1").unwrap()), ["change-unexplained"]);
    bench.approve("c1", "DEV");
    let facts = bench.observe(Some("c1"), "QA", "q1").unwrap();
    assert_eq!(kinds(&facts), ["build-admitted", "deployment-observed"]);
    assert_eq!(bench.block("QA").changes.len(), 1, "only a person explains it");
}

#[test]
fn gated_g2_a_driven_stage_holds_what_the_line_deployed_there_last() {
    let mut bench = Bench::new(process(vec![tested("DEV", &[])])).automate(&["DEV"]);
    assert_eq!(bench.observe(None, "DEV", "").unwrap(), [], "nothing was deployed from here yet");
    bench.arrive("c1");
    assert_eq!(bench.observe(None, "DEV", "").unwrap(), []);
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    assert_eq!(bench.observe(Some("c1"), "DEV", "").unwrap(), []);
    bench.approve("c1", "DEV");
    bench.arrive("c2");
    for there in ["c1", "c2"] {
        assert_eq!(bench.observe(Some(there), "DEV", "").unwrap(), [], "the deployment of c2 is running");
    }
    bench.end("c2", "DEV", Outcome::Succeeded).unwrap();
    let facts = bench.observe(Some("c1"), "DEV", "").unwrap();
    assert_eq!(unexplained(&facts), ("c1", "The last build deployed from here is c2."));
    assert_eq!(bench.section("DEV"), "c2");
    assert_eq!(kinds(&bench.observe(None, "DEV", "").unwrap()), ["change-unexplained"]);
}

#[test]
fn gated_g2_a_deployment_that_provably_never_happened_explains_nothing() {
    let mut bench = Bench::new(process(vec![tested("DEV", &[])])).automate(&["DEV"]);
    bench.arrive("c1");
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    bench.approve("c1", "DEV");
    bench.arrive("c2");
    bench.end("c2", "DEV", Outcome::NotDone).unwrap();
    assert_eq!(kinds(&bench.observe(Some("c2"), "DEV", "").unwrap()), ["change-unexplained"]);
    retry(&mut bench, "c2", "DEV").unwrap();
    bench.end("c2", "DEV", Outcome::Failed).unwrap();
    bench.arrive("c3");
    bench.end("c3", "DEV", Outcome::NotDone).unwrap();
    assert_eq!(bench.observe(Some("c1"), "DEV", "").unwrap(), []);
    explain(&mut bench, "release-manager", "seen").unwrap();
    assert_eq!(bench.observe(Some("c2"), "DEV", "").unwrap(), [], "it was left there half-way");
}

#[test]
fn gated_g2_only_a_machine_observes_and_only_what_is_bound() {
    let mut bench = Bench::new(three()).map(&[], vec![gated("QA", None)]);
    let (service, build, run) = ("web".into(), Some("c9".into()), String::new());
    let see = Act::ObserveMove { service, stage: "DEV".into(), build, found: " ".into(), run };
    assert_eq!(
        codes(bench.act("rosa", "release-manager", see)),
        ["move.not-observed", "move.found-empty", "stage.not-automated", "build.unknown"]
    );
    assert_eq!(codes(bench.observe(Some("c9"), "QA", "r")), ["build.unknown"]);
}

#[test]
fn gated_g3_a_deployment_that_was_observed_ends_like_any_other() {
    let mut bench = bench();
    bench.arrive("c1");
    bench.observe(Some("c1"), "DEV", "run 1").unwrap();
    let facts = bench.end("c1", "DEV", Outcome::Failed).unwrap();
    assert_eq!(kinds(&facts), ["deployment-ended", "build-failed"], "L6");
    assert_eq!(bench.observe(Some("c1"), "DEV", "run 1").unwrap(), []);
    assert_eq!(codes(retry(&mut bench, "c1", "DEV")), ["stage.gated"]);
    let facts = bench.observe(Some("c1"), "DEV", "run 2").unwrap();
    assert_eq!(kinds(&facts), ["build-admitted", "deployment-observed"], "the system retried it");
    bench.end("c1", "DEV", Outcome::Succeeded).unwrap();
    bench.approve("c1", "DEV");
}

#[test]
fn gated_g3_a_retry_by_the_system_goes_on_where_the_line_stopped() {
    let dev = Stage { on_failure: OnFailure::StopLine, ..tested("DEV", &[]) };
    let mut bench = Bench::new(process(vec![dev])).map(&[], vec![gated("DEV", None)]);
    bench.arrive("c1");
    bench.observe(Some("c1"), "DEV", "run 1").unwrap();
    bench.end("c1", "DEV", Outcome::Failed).unwrap();
    assert_eq!(bench.section("DEV"), "c1");
    assert_eq!(bench.observe(Some("c1"), "DEV", "run 1").unwrap(), []);
    assert_eq!(
        kinds(&bench.observe(Some("c1"), "DEV", "run 2").unwrap()),
        ["build-admitted", "deployment-observed"]
    );
}

#[test]
fn gated_g3_where_only_a_check_failed_the_checks_are_awaited_again() {
    let gate = Gate { checks: vec!["smoke".into()], ..tested("DEV", &[]).gate };
    let mut bench =
        Bench::new(process(vec![Stage { gate, ..stage("DEV", &[]) }])).map(&[], vec![gated("DEV", None)]);
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    bench.check("c1", "DEV", "smoke", false).unwrap();
    assert!(matches!(bench.standing("c1", "DEV"), Some(Standing::Failed { .. })));
    assert_eq!(kinds(&retry(&mut bench, "c1", "DEV").unwrap()), ["build-admitted"], "nothing is deployed");
    bench.check("c1", "DEV", "smoke", true).unwrap();
    bench.approve("c1", "DEV");
}

#[test]
fn gated_g4_a_verdict_answers_the_gate_of_the_system_in_the_same_act() {
    let mut bench = bench();
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    let facts = bench.approve("c1", "DEV");
    assert!(matches!(
        &facts[2],
        Decided { hand: Hand::Machine, cause, fact: Fact::GateAnswerIntended { approve: true, gate, by, .. }, .. }
            if gate == "StagingDEV/approve" && by.as_str() == "tom" && cause.as_ref() == Some(&facts[1].id)
    ));
    brought(&mut bench, "c1", "QA");
    let facts = bench.reject("c1", "QA");
    assert_eq!(kinds(&facts), ["gate-signed", "build-rejected", "gate-answer-intended"]);
    assert!(matches!(
        &facts[2].fact,
        Fact::GateAnswerIntended { approve: false, comment, .. } if comment == "it does not work"
    ));
}

#[test]
fn gated_g4_beside_the_path_a_rejection_is_answered_too_and_without_a_gate_nothing_is() {
    let beside = off(tested("SCAN", &["DEV"]));
    let mut bench = Bench::new(process(vec![tested("DEV", &[]), beside]))
        .map(&[], vec![gated("DEV", None), gated("SCAN", Some("Scan/ok"))]);
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    assert_eq!(kinds(&bench.approve("c1", "DEV")), ["gate-signed", "build-passed"]);
    brought(&mut bench, "c1", "SCAN");
    let facts = bench.reject("c1", "SCAN");
    assert_eq!(kinds(&facts), ["gate-signed", "build-failed", "gate-answer-intended"]);
}

#[test]
fn gated_g4_an_answer_is_given_once_and_again_only_when_it_did_not_arrive() {
    let (machine, rosa) = (("machine", "machine"), ("rosa", "release-manager"));
    let mut bench = bench();
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    assert_eq!(codes(again(&mut bench, "c1", "DEV")), ["answer.none"]);
    bench.approve("c1", "DEV");
    assert_eq!(codes(again(&mut bench, "c1", "DEV")), ["answer.open"]);
    assert_eq!(codes(answer_end(&mut bench, rosa, "c1", "DEV", Outcome::NotDone)), ["answer.under-way"]);
    let facts = answer_end(&mut bench, machine, "c1", "DEV", Outcome::Unknown).unwrap();
    assert_eq!(kinds(&facts), ["gate-answer-ended"]);
    assert_eq!(codes(again(&mut bench, "c1", "DEV")), ["answer.open"]);
    answer_end(&mut bench, rosa, "c1", "DEV", Outcome::NotDone).unwrap();
    assert_eq!(codes(answer_end(&mut bench, machine, "c1", "DEV", Outcome::Succeeded)), ["answer.settled"]);
    let facts = again(&mut bench, "c1", "DEV").unwrap();
    assert!(matches!(
        facts.as_slice(),
        [Decided { hand: Hand::Person, fact: Fact::GateAnswerIntended { approve: true, comment, .. }, .. }]
            if comment == "the token had expired"
    ));
    answer_end(&mut bench, machine, "c1", "DEV", Outcome::Succeeded).unwrap();
    assert_eq!(codes(again(&mut bench, "c1", "DEV")), ["answer.settled"]);
    assert_eq!(bench.section("QA"), "-", "only the system brings it on");
    assert_eq!(bench.build("c1").visit(&"DEV".into()).unwrap().answers.len(), 2);
}

#[test]
fn gated_g4_the_gate_before_a_held_stage_does_not_open() {
    let mut bench = bench();
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    hold(&mut bench, "QA");
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "DEV", true)), ["gate.next-held"]);
    release(&mut bench, "QA");
    bench.approve("c1", "DEV");
    answer_end(&mut bench, ("machine", "machine"), "c1", "DEV", Outcome::NotDone).unwrap();
    hold(&mut bench, "QA");
    assert_eq!(codes(again(&mut bench, "c1", "DEV")), ["gate.next-held"]);
    let (build, dev) = (bench.build("c1"), bench.stage("DEV"));
    let kept = signalbox_domain::answer::approval_blockers(&bench.state, build, dev);
    assert_eq!(kept.len(), 1, "what sends an answer asks once more");
}

#[test]
fn gated_g4_a_gate_without_people_opens_when_the_hold_behind_it_ends() {
    let gate = Gate { checks: vec!["smoke".into()], ..Gate::default() };
    let dev = Stage { gate, ..stage("DEV", &[]) };
    let mut bench = Bench::new(process(vec![dev, stage("PROD", &["DEV"])]))
        .map(&[], vec![gated("DEV", Some("DEV/go")), gated("PROD", None)]);
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    hold(&mut bench, "PROD");
    assert_eq!(kinds(&bench.check("c1", "DEV", "smoke", true).unwrap()), ["check-recorded"]);
    assert_eq!(
        kinds(&release(&mut bench, "PROD")),
        ["stage-released", "build-passed", "gate-answer-intended"]
    );
}

#[test]
fn gated_n2_the_gate_before_production_waits_for_the_plan() {
    let prod = Stage { needs_release: true, ..press(stage("PROD", &["DEV"])) };
    let gate = Gate { checks: vec!["smoke".into()], ..Gate::default() };
    let mut bench = Bench::new(process(vec![Stage { gate, ..stage("DEV", &[]) }, prod]))
        .map(&[], vec![gated("DEV", Some("DEV/go")), gated("PROD", None)]);
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    bench.check("c1", "DEV", "smoke", true).unwrap();
    assert!(bench.build("c1").is_in(&"DEV".into()), "no release carries it");
    assert!(bench.packet("c1", "DEV").lines.iter().any(|line| line.part == "release"));
    let create = Act::CreateRelease {
        release: "r1".into(),
        product: "harbour".into(),
        name: "Harbour 1".into(),
        planned: None,
        copy: None,
        steps: Vec::new(),
    };
    bench.must("rosa", "release-manager", create);
    let builds = vec![Chosen { service: "web".into(), build: "c1".into() }];
    bench.must("rosa", "release-manager", Act::ComposeRelease { release: "r1".into(), builds });
    let mut facts = Vec::new();
    for (section, _) in SECTIONS {
        assert!(bench.build("c1").is_in(&"DEV".into()));
        let (release, section, text) = ("r1".into(), section.to_owned(), "As always.".to_owned());
        let write = Act::WriteSection { release, section, text, rehearsal: None };
        facts = bench.must("rosa", "release-manager", write);
    }
    assert_eq!(kinds(&facts), ["plan-section-written", "build-passed", "gate-answer-intended"]);
    assert_eq!(
        kinds(&bench.observe(Some("c1"), "PROD", "p").unwrap()),
        ["build-admitted", "deployment-observed"]
    );
}

#[test]
fn gated_n2_production_without_a_release_is_unexplained() {
    let prod = Stage { needs_release: true, ..press(stage("PROD", &["DEV"])) };
    let mut bench = Bench::new(process(vec![stage("DEV", &[]), prod])).map(&[], vec![gated("PROD", None)]);
    bench.arrive("c1");
    let facts = bench.observe(Some("c1"), "PROD", "p").unwrap();
    assert_eq!(unexplained(&facts).1, "PROD enters only with a release, and no open release carries c1.");
}

#[test]
fn gated_g5_an_open_change_is_on_the_sheet_and_makes_approvals_stale() {
    let dev = approved("DEV", &[], Rule::of(2, "tester"), &[]);
    let mut bench = Bench::under(process(vec![dev])).map(&[], vec![gated("DEV", Some("DEV/go"))]);
    bench.arrive("c1");
    brought(&mut bench, "c1", "DEV");
    let line = |bench: &Bench, part: &str| {
        let lines = bench.packet("c1", "DEV").lines;
        lines.into_iter().filter(|line| line.part == part).map(|line| line.text).collect::<Vec<_>>()
    };
    assert_eq!(line(&bench, "pipeline"), ["DEV/go on Local"], "the mechanism is shown before it is signed");
    bench.approve("c1", "DEV");
    let facts = bench.observe(None, "DEV", "r").unwrap();
    assert_eq!(kinds(&facts), ["change-unexplained", "signoff-staled"]);
    assert_eq!(line(&bench, "unexplained change"), ["No such build ever arrived."]);
    bench.approve("c1", "DEV");
    let facts = explain(&mut bench, "release-manager", "a rehearsal").unwrap();
    assert_eq!(kinds(&facts), ["change-explained", "signoff-staled"]);
}

#[test]
fn gated_a_binding_says_everything_that_is_wrong_with_it() {
    let mut bench = bench();
    let bound = |stage: &str, way: Way, remote: &str, gate: Option<&str>| StageBinding {
        stage: stage.into(),
        way,
        remote: remote.to_owned(),
        gate: gate.map(str::to_owned),
    };
    let wrong = vec![
        bound("DEV", Way::Driven, "QA", Some("go")),
        bound("DEV", Way::Gated, "Staging", Some("go")),
        bound("PROD", Way::Gated, "Staging", Some(" ")),
        bound("MOON", Way::Gated, " ", None),
    ];
    assert_eq!(
        codes(bench.bind(&["QA", "PROD"], wrong)),
        [
            "binding.not-deployable",
            "binding.gate-on-driven",
            "binding.stage-twice",
            "binding.gate-twice",
            "binding.both-ways",
            "binding.gate-empty",
            "stage.unknown",
            "binding.remote-empty",
            "binding.remote-twice",
            "binding.remote-twice",
        ]
    );
}

#[test]
fn gated_a_binding_reads_stage_by_stage() {
    let driven = StageBinding { stage: "QA".into(), way: Way::Driven, remote: "qa-env".into(), gate: None };
    let bench = Bench::new(three()).map(&["DEV", "QA"], vec![driven, gated("PROD", Some("PROD/go"))]);
    let (_, web) = bench.state.service(&"web".into()).unwrap();
    let read = |stage: &str| {
        let stage = stage.into();
        (web.way(&stage), web.remote_of(&stage).map(str::to_owned), web.gate_of(&stage).map(str::to_owned))
    };
    assert_eq!(read("DEV"), (Some(Way::Driven), Some("DEV".into()), None));
    assert_eq!(read("QA"), (Some(Way::Driven), Some("qa-env".into()), None));
    assert_eq!(read("PROD"), (Some(Way::Gated), Some("StagingPROD".into()), Some("PROD/go".into())));
    assert_eq!(read("MOON"), (None, None, None));
}

#[test]
fn gated_a_stage_that_the_line_takes_over_goes_on_with_what_would_have_come_next() {
    let mut bench = Bench::new(process(vec![stage("DEV", &[]), tested("QA", &["DEV"])]))
        .map(&[], vec![gated("QA", None)]);
    for build in ["c1", "c2", "c3"] {
        bench.arrive(build);
    }
    brought(&mut bench, "c2", "QA");
    bench.approve("c2", "QA");
    let facts = bench.bind(&["QA"], Vec::new()).unwrap();
    assert_eq!(kinds(&facts), ["service-bound", "build-admitted", "deployment-intended"]);
    assert_eq!(bench.section("QA"), "c3", "c1 was passed over, so nothing brings it back");
}

#[test]
fn gated_builds_that_waited_when_a_stage_became_gated_wait_for_the_system() {
    let mut bench = Bench::new(three());
    bench.arrive("c1");
    bench.arrive("c2");
    assert_eq!(bench.section("DEV"), "c1 < c2");
    let mut bench = bench.map(&[], mapped());
    bench.approve("c1", "DEV");
    assert_eq!(bench.section("DEV"), "- < c2");
    brought(&mut bench, "c2", "DEV");
    assert_eq!(bench.section("DEV"), "c2");
}
