//! One decision for a whole release: every member on its own line, resumed where it did not go (R1, R3, R5).

use crate::bench::{Bench, codes, kinds};
use crate::desk::{approved, press, process, stage};
use crate::whole::{
    STAGES, arrive_at, chosen, compose, decide, deployed_by, environments, fire, harbour, outcome_of,
    outcomes, release, releasing, resume, test_ends, veto,
};
use proptest::prelude::*;
use signalbox_domain::decide::{Act, Decided, Hand};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ServiceId};
use signalbox_domain::line::Outcome;
use signalbox_domain::membership::Membership;
use signalbox_domain::process::{Process, Stage};
use signalbox_domain::product_release::{Course, MemberOutcome};
use signalbox_domain::product_test::TestBinding;
use signalbox_domain::release::{Difference, compare};
use signalbox_domain::release_sheet::release_packet;
use signalbox_domain::rule::{Apart, Rule};
use signalbox_domain::trigger::{Trigger, Triggered};
use std::collections::BTreeMap;

const DEV: &str = STAGES[0];
const QA: &str = STAGES[1];
const PROD: &str = STAGES[2];

/// Nothing stands between a build and the gate of the second environment.
fn plain() -> Process {
    process(vec![
        stage(DEV, &[]),
        approved(QA, &[DEV], Rule::of(1, "tester"), &[]),
        Stage { deployers: vec!["release-manager".into()], ..press(stage(PROD, &[QA])) },
    ])
}

/// The same, with a last environment that takes what passed the gate before.
fn flowing() -> Process {
    let mut process = plain();
    process.stages[2] = stage(PROD, &[QA]);
    process
}

/// A build that waits for its gate in the second environment.
fn to_qa(bench: &mut Bench, service: &str, build: &str) {
    arrive_at(bench, service, build);
    bench.end(build, DEV, Outcome::Succeeded).unwrap();
    bench.end(build, QA, Outcome::Succeeded).unwrap();
}

/// A build that is ready for the last environment.
fn to_prod(bench: &mut Bench, service: &str, build: &str) {
    to_qa(bench, service, build);
    bench.approve(build, QA);
}

/// What a decision did for each service.
fn courses(facts: &[Decided]) -> Vec<(&str, Course)> {
    let sent = facts.iter().filter_map(|decided| match &decided.fact {
        Fact::ReleaseMemberSent { service, course, .. } => Some((service.as_str(), *course)),
        _ => None,
    });
    sent.collect()
}

#[test]
fn release_r1_the_whole_story_of_two_services_from_nightly_tests_to_a_resumed_release() {
    let mut bench = harbour(environments(), &["web", "api"]);
    let binding = Some(TestBinding { connection: "local".into(), pipeline: "journeys".into() });
    bench.must("omar", "operations", Act::BindProductTest { product: "harbour".into(), binding });
    let nightly = Trigger {
        cron: "30 2 * * *".into(),
        time_zone: "Europe/Berlin".into(),
        what: Triggered::ProductTests,
    };
    bench.wait_until("2026-11-20T12:00:00Z");
    let set = Act::SetTrigger { product: "harbour".into(), trigger: Some(nightly) };
    bench.must("rosa", "release-manager", set);
    for (service, build) in [("web", "w1"), ("api", "a1")] {
        arrive_at(&mut bench, service, build);
        bench.end(build, DEV, Outcome::Succeeded).unwrap();
    }

    bench.wait_until("2026-11-21T01:30:05Z");
    let begun = fire(&mut bench, "2026-11-21T01:30:00Z").unwrap();
    assert_eq!(kinds(&begun), ["product-test-intended"]);
    assert_eq!(codes(fire(&mut bench, "2026-11-21T01:30:00Z")), ["trigger.fired", "product-test.running"]);
    let before = (bench.state.builds.clone(), bench.state.lines.clone());
    assert_eq!(kinds(&test_ends(&mut bench, Outcome::Failed)), ["product-test-ended"]);
    assert_eq!(
        before,
        (bench.state.builds.clone(), bench.state.lines.clone()),
        "R2: a failure moves nothing"
    );

    bench.wait_until("2026-11-22T07:00:00Z");
    let due = releasing(&bench).due(signalbox_domain::moment::Moment::parse("2026-11-22T07:00:00Z").unwrap());
    assert_eq!(due.unwrap().to_string(), "2026-11-22T01:30:00.000Z");
    fire(&mut bench, "2026-11-22T01:30:00Z").unwrap();
    let passed = test_ends(&mut bench, Outcome::Succeeded);
    assert_eq!(
        kinds(&passed)[..4],
        ["product-test-ended", "check-recorded", "build-passed", "build-admitted"],
        "R2: the gates that waited for the tests open in the same act"
    );
    for build in ["w1", "a1"] {
        bench.end(build, QA, Outcome::Succeeded).unwrap();
        bench.approve(build, QA);
    }

    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let facts = decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    assert_eq!(courses(&facts), [("web", Course::Promoted), ("api", Course::Promoted)]);
    assert_eq!(
        facts.iter().filter(|decided| decided.hand == Hand::Person).count(),
        3,
        "decision and admissions"
    );
    assert_eq!(deployed_by(&facts, PROD), ["w1".into(), "a1".into()]);
    bench.end("w1", PROD, Outcome::Succeeded).unwrap();
    bench.end("a1", PROD, Outcome::Failed).unwrap();
    assert_eq!(
        outcomes(&bench),
        [("web".into(), MemberOutcome::Done), ("api".into(), MemberOutcome::Failed)]
    );

    let web = bench.state.lines[&ServiceId::from("web")].clone();
    let facts = resume(&mut bench, PROD).unwrap();
    assert_eq!(deployed_by(&facts, PROD), ["a1".into()], "R1: only what failed is sent again");
    assert_eq!(bench.state.lines[&ServiceId::from("web")], web);
    assert_eq!(outcome_of(&bench, "api"), MemberOutcome::Running);
    assert_eq!(codes(resume(&mut bench, PROD)), ["release.nothing-to-resume"], "R1: nothing is sent twice");
    bench.end("a1", PROD, Outcome::Succeeded).unwrap();
    assert_eq!(outcome_of(&bench, "api"), MemberOutcome::Done);
}

#[test]
fn release_r1_a_refused_member_is_recorded_with_its_reasons_and_does_not_stop_the_others() {
    let mut bench = harbour(plain(), &["web", "api"]);
    to_prod(&mut bench, "web", "w1");
    to_qa(&mut bench, "api", "a1");
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let facts = decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    assert_eq!(courses(&facts), [("web", Course::Promoted), ("api", Course::Refused)]);
    let refused = release(&bench).members(&bench.state).pop().unwrap();
    assert_eq!(refused.sent.reasons[0].code, "build.not-ready");
    assert!(bench.build("a1").is_in(&QA.into()), "the refused member stays where it is");
    bench.approve("a1", QA);
    assert_eq!(courses(&resume(&mut bench, PROD).unwrap()), [("api", Course::Promoted)]);
}

#[test]
fn release_r1_when_no_member_can_go_the_act_is_refused_with_the_reasons_of_all() {
    let mut bench = harbour(plain(), &["web", "api"]);
    to_qa(&mut bench, "web", "w1");
    to_prod(&mut bench, "api", "a1");
    let hold = Act::HoldStage { service: "api".into(), stage: PROD.into(), reason: "crane".into() };
    bench.must("omar", "operations", hold);
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let refusal = decide(&mut bench, "rosa", "release-manager", PROD).unwrap_err();
    let reasons: Vec<(&str, &str)> = refusal
        .0
        .iter()
        .map(|blocker| (blocker.code.as_str(), blocker.sentence.split(':').next().unwrap()))
        .collect();
    assert_eq!(reasons, [("build.not-ready", "web"), ("stage.held", "api")]);
    assert!(release(&bench).decisions.is_empty());
    assert_eq!(
        codes(decide(&mut bench, "tom", "tester", PROD)),
        ["build.not-ready", "stage.deployer", "stage.held", "stage.deployer"]
    );
}

#[test]
fn release_r1_where_nobody_presses_the_decision_approves_the_gate_that_holds_the_build() {
    let mut bench = harbour(flowing(), &["web", "api"]);
    to_qa(&mut bench, "web", "w1");
    to_qa(&mut bench, "api", "a1");
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let facts = decide(&mut bench, "tom", "tester", PROD).unwrap();
    assert_eq!(courses(&facts), [("web", Course::GateApproved), ("api", Course::GateApproved)]);
    assert_eq!(
        kinds(&facts)[1..7],
        [
            "release-member-sent",
            "gate-signed",
            "build-passed",
            "build-admitted",
            "deployment-intended",
            "release-member-sent"
        ]
    );
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Running);
}

#[test]
fn release_r1_separation_of_duties_is_asked_for_each_service() {
    let mut with_apart = flowing();
    with_apart.stages[1] = approved(QA, &[DEV], Rule::one_of(&["tester", "developer"]), &[Apart::Author]);
    let mut bench = harbour(with_apart, &["web", "api"]);
    to_qa(&mut bench, "web", "w1");
    to_qa(&mut bench, "api", "a1");
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let refused = codes(decide(&mut bench, "ada", "developer", PROD));
    assert_eq!(refused, ["gate.must-be-another", "gate.must-be-another"]);
}

#[test]
fn release_r1_a_gate_that_waits_for_others_leaves_the_member_sent_and_a_stale_word_lets_it_resume() {
    let mut two = flowing();
    let rule = Rule::Of { n: 2, roles: vec!["tester".into(), "operations".into()] };
    two.stages[1] = approved(QA, &[DEV], rule, &[]);
    let mut bench = harbour(two, &["web"]);
    to_qa(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    decide(&mut bench, "tom", "tester", PROD).unwrap();
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Sent);
    let signoff = bench.build("w1").visit(&QA.into()).unwrap().signoffs[0].id.clone();
    let (build, stage, reason) = ("w1".into(), QA.into(), "wrong build".into());
    bench.must("tom", "tester", Act::WithdrawSignoff { build, stage, signoff, reason });
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Refused);
}

#[test]
fn release_r1_rejecting_one_member_changes_nothing_for_the_others() {
    let mut gated = plain();
    gated.stages[2] = press(approved(PROD, &[QA], Rule::of(1, "tester"), &[]));
    let mut bench = harbour(gated, &["web", "api"]);
    to_prod(&mut bench, "web", "w1");
    to_prod(&mut bench, "api", "a1");
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    bench.end("w1", PROD, Outcome::Succeeded).unwrap();
    bench.end("a1", PROD, Outcome::Succeeded).unwrap();
    let api = (bench.build("a1").clone(), bench.state.lines[&ServiceId::from("api")].clone());
    bench.reject("w1", PROD);
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Rejected);
    assert_eq!(outcome_of(&bench, "api"), MemberOutcome::Done);
    assert_eq!(api, (bench.build("a1").clone(), bench.state.lines[&ServiceId::from("api")].clone()));
}

#[test]
fn release_r1_an_unknown_outcome_is_settled_before_anything_is_sent_again() {
    let mut bench = harbour(plain(), &["web"]);
    to_prod(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    bench.end("w1", PROD, Outcome::Unknown).unwrap();
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Unknown);
    assert_eq!(codes(resume(&mut bench, PROD)), ["release.nothing-to-resume"]);
    bench.end("w1", PROD, Outcome::NotDone).unwrap();
    assert_eq!(outcome_of(&bench, "web"), MemberOutcome::Failed);
    assert_eq!(deployed_by(&resume(&mut bench, PROD).unwrap(), PROD), ["w1".into()]);
}

#[test]
fn release_n2_an_incomplete_plan_keeps_the_whole_release() {
    let mut planned = plain();
    planned.stages[2].needs_release = true;
    let mut bench = harbour(planned, &["web"]);
    to_prod(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    let codes = codes(decide(&mut bench, "rosa", "release-manager", PROD));
    assert_eq!(codes.iter().filter(|code| *code == "plan.section-empty").count(), 9);
    assert_eq!(codes.last().unwrap(), "plan.section-empty");
}

#[test]
fn release_r3_members_without_a_build_or_already_there_have_nothing_to_approve() {
    let mut bench = harbour(plain(), &["web", "api", "tool"]);
    to_prod(&mut bench, "web", "w1");
    to_prod(&mut bench, "api", "a1");
    bench.promote("rosa", "release-manager", "a1", PROD, "").unwrap();
    bench.end("a1", PROD, Outcome::Succeeded).unwrap();
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let facts = decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    let nothing = Course::NothingToApprove;
    assert_eq!(courses(&facts), [("web", Course::Promoted), ("api", nothing), ("tool", nothing)]);
    assert_eq!(deployed_by(&facts, PROD), ["w1".into()]);
    assert_eq!(outcome_of(&bench, "tool"), MemberOutcome::NothingToApprove);
    assert_eq!(codes(decide(&mut bench, "rosa", "release-manager", PROD)), ["release.decided"]);
}

#[test]
fn release_r3_the_membership_says_which_services_a_decision_is_about() {
    let mut bench = harbour(plain(), &["web", "web-map", "tool"]);
    let prefix = Membership::Prefix { prefix: "web".into() };
    let set = Act::SetMembership { product: "harbour".into(), membership: prefix };
    bench.must("rosa", "release-manager", set);
    to_prod(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    let facts = decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    assert_eq!(courses(&facts), [("web", Course::Promoted), ("web-map", Course::NothingToApprove)]);
    let list = Membership::List { services: vec!["web".into(), "wep".into(), "web".into()] };
    let set = Act::SetMembership { product: "harbour".into(), membership: list };
    assert_eq!(codes(bench.act("rosa", "release-manager", set)), ["service.unknown", "membership.twice"]);
}

#[test]
fn release_r5_the_decision_freezes_the_builds() {
    let mut bench = harbour(plain(), &["web"]);
    to_prod(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    decide(&mut bench, "rosa", "release-manager", PROD).unwrap();
    assert_eq!(release(&bench).decisions[0].builds, chosen(&[("web", "w1")]));
    assert_eq!(codes(compose(&mut bench, &[])), ["release.frozen"]);
}

#[test]
fn release_r5_two_releases_are_compared_service_by_service() {
    let mut bench = harbour(plain(), &["web"]);
    to_prod(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    let with = |pairs| {
        let mut release = release(&bench).clone();
        release.builds = chosen(pairs);
        release
    };
    let here = with(&[("api", "a1"), ("web", "w1"), ("map", "m1")]);
    let there = with(&[("web", "w2"), ("map", "m1"), ("tool", "t1")]);
    let build = |build: &str| BuildId::from(build);
    assert_eq!(
        compare(&here, &there),
        [
            ("api".into(), Difference::OnlyHere { build: build("a1") }),
            ("web".into(), Difference::Changed { from: build("w1"), to: build("w2") }),
            ("map".into(), Difference::Same { build: build("m1") }),
            ("tool".into(), Difference::OnlyThere { build: build("t1") }),
        ]
    );
}

#[test]
fn release_s3_a_sheet_that_changed_is_not_signed_and_the_changed_lines_are_told() {
    let mut bench = harbour(plain(), &["web", "api"]);
    to_prod(&mut bench, "web", "w1");
    to_qa(&mut bench, "api", "a1");
    compose(&mut bench, &[("web", "w1"), ("api", "a1")]).unwrap();
    let shown = release_packet(&bench.state, release(&bench), &PROD.into());
    bench.approve("a1", QA);
    let (release, stage, comment) = ("r1".into(), PROD.into(), String::new());
    let refusal = bench
        .act("rosa", "release-manager", Act::DecideRelease { release, stage, shown, comment })
        .unwrap_err();
    assert!(refusal.0.iter().all(|blocker| blocker.code == "packet.changed"));
    assert!(
        refusal.0.iter().any(|blocker| blocker.sentence.starts_with("api: blocked 1 changed")),
        "{refusal:?}"
    );
}

#[test]
fn release_s3_the_sheet_holds_every_line_that_a_signer_of_one_gate_is_shown() {
    let mut bench = harbour(flowing(), &["web"]);
    to_qa(&mut bench, "web", "w1");
    compose(&mut bench, &[("web", "w1")]).unwrap();
    let sheet = release_packet(&bench.state, release(&bench), &PROD.into());
    for line in bench.packet("w1", QA).lines {
        let part = format!("web: {}", line.part);
        let same =
            |shown: &&signalbox_domain::packet::PacketLine| shown.part == part && shown.label == line.label;
        assert_eq!(sheet.lines.iter().find(same).unwrap().text, line.text);
    }
    let said = |label: &str| {
        let line = sheet.lines.iter().find(|line| line.part == "web" && line.label == label);
        line.unwrap().text.clone()
    };
    assert_eq!(said("mechanism"), "gate answer in StagingQA");
    assert_eq!(said("in the stage now"), "nothing");
}

/// Where a member stands when the release is decided.
#[derive(Clone, Copy, Debug)]
enum Start {
    Absent,
    Held,
    AtGate,
    Ready,
    Failed,
    Vetoed,
    There,
}

fn starts() -> impl Strategy<Value = Vec<Start>> {
    let start = prop::sample::select(&[
        Start::Absent,
        Start::Held,
        Start::AtGate,
        Start::Ready,
        Start::Ready,
        Start::Failed,
        Start::Vetoed,
        Start::There,
    ]);
    prop::collection::vec(start, 1..5)
}

fn set_out(bench: &mut Bench, service: &str, build: &str, start: Start) {
    if matches!(start, Start::Absent) {
        return;
    }
    to_qa(bench, service, build);
    if matches!(start, Start::AtGate) {
        return;
    }
    bench.approve(build, QA);
    match start {
        Start::Held => {
            let (service, stage, reason) = (service.into(), PROD.into(), "crane".into());
            bench.must("omar", "operations", Act::HoldStage { service, stage, reason });
        }
        Start::Failed | Start::There => {
            let outcome = if matches!(start, Start::There) { Outcome::Succeeded } else { Outcome::Failed };
            bench.promote("rosa", "release-manager", build, PROD, "").unwrap();
            bench.end(build, PROD, outcome).unwrap();
        }
        _ => {}
    }
}

/// What a decision may and may not do, whatever it met.
fn sends_once(
    facts: &[Decided],
    before: &BTreeMap<ServiceId, MemberOutcome>,
    was: &Bench,
    now: &Bench,
) -> Result<(), TestCaseError> {
    let courses = courses(facts);
    let mut services: Vec<&str> = courses.iter().map(|(service, _)| *service).collect();
    services.sort_unstable();
    services.dedup();
    prop_assert_eq!(services.len(), courses.len(), "R1: every member has one course a decision");
    let sent = deployed_by(facts, PROD);
    for (service, line) in &now.state.lines {
        let course = courses.iter().find(|(known, _)| *known == service.as_str()).map(|(_, course)| *course);
        let deployed = sent.iter().filter(|build| now.state.builds[*build].service == *service).count();
        prop_assert_eq!(
            deployed,
            usize::from(course == Some(Course::Promoted)),
            "R1: {} is sent once",
            service
        );
        if course != Some(Course::Promoted) {
            prop_assert_eq!(line, &was.state.lines[service], "R1: {} was not sent and changed", service);
        }
        if let Some(outcome) = before.get(service) {
            let resumable = matches!(outcome, MemberOutcome::Failed | MemberOutcome::Refused);
            prop_assert_eq!(course.is_some(), resumable, "R1: {} was {:?} and sent again", service, outcome);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn release_r1_nothing_is_sent_twice_and_members_do_not_touch_each_other(
        starts in starts(),
        ends in prop::collection::vec(prop::option::of(0_u8..4), 4..17),
    ) {
        let names = ["web", "api", "map", "tool"];
        let builds = ["w1", "a1", "m1", "t1"];
        let mut bench = harbour(plain(), &names[..starts.len()]);
        let mut pairs = Vec::new();
        for (at, start) in starts.iter().enumerate() {
            set_out(&mut bench, names[at], builds[at], *start);
            if !matches!(start, Start::Absent) {
                pairs.push((names[at], builds[at]));
            }
        }
        if compose(&mut bench, &pairs).is_err() {
            return Ok(());
        }
        for (at, start) in starts.iter().enumerate() {
            if matches!(start, Start::Vetoed) {
                veto(&mut bench, builds[at]);
            }
        }
        let was = bench.clone();
        let Ok(facts) = decide(&mut bench, "rosa", "release-manager", PROD) else {
            prop_assert!(release(&bench).decisions.is_empty());
            return Ok(());
        };
        sends_once(&facts, &BTreeMap::new(), &was, &bench)?;
        for round in ends.chunks(4) {
            for ((_, build), end) in pairs.iter().zip(round) {
                let outcomes = [Outcome::Succeeded, Outcome::Failed, Outcome::NotDone, Outcome::Unknown];
                let running = bench.build(build).visit(&PROD.into()).is_some_and(|visit| visit.running().is_some());
                if let Some(end) = end.filter(|_| running) {
                    // To say "unknown" twice is refused, and changes nothing.
                    let _ = bench.end(build, PROD, outcomes[usize::from(end)]);
                }
            }
            let before: BTreeMap<ServiceId, MemberOutcome> = outcomes(&bench).into_iter().collect();
            let was = bench.clone();
            match resume(&mut bench, PROD) {
                Ok(facts) => sends_once(&facts, &before, &was, &bench)?,
                Err(refusal) => {
                    prop_assert!(!refusal.0.is_empty());
                    prop_assert_eq!(&was.state, &bench.state);
                }
            }
        }
        for build in bench.state.builds.values() {
            let visit = build.visit(&PROD.into()).cloned().unwrap_or_default();
            let open = visit.deployments.iter().filter(|known| known.outcome.is_none()).count();
            prop_assert!(open <= 1, "R1: two deployments of {} run", build.id);
            let good = visit.deployments.iter().filter(|known| known.outcome == Some(Outcome::Succeeded)).count();
            prop_assert!(good <= 1, "R1: {} was carried out twice", build.id);
        }
    }
}
