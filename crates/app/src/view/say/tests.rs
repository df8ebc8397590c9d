use super::*;
use crate::view::fixture::Desk;
use signalbox_domain::decide::Act;
use signalbox_domain::id::EntryId;
use signalbox_domain::line::Outcome;

fn said(desk: &Desk) -> Vec<String> {
    desk.facts
        .iter()
        .map(|decided| {
            let author: PersonId = match decided.hand {
                signalbox_domain::decide::Hand::Person => "tom".into(),
                signalbox_domain::decide::Hand::Machine => "box".into(),
            };
            sentence(&decided.fact, &author, &desk.state)
        })
        .collect()
}

#[test]
fn a_verdict_names_person_build_stage_and_role() {
    let mut desk = Desk::new("three-environments");
    desk.arrive("2.8.0", &["HAR-9"]);
    desk.sign("tom", "2.8.0", "DEV", true);
    desk.sign("tom", "2.8.0", "QA", false);
    let said = said(&desk);
    assert!(said.contains(&"Tom Becker approved web 2.8.0 in DEV as tester.".to_owned()), "{said:#?}");
    assert!(said.contains(&"web 2.8.0 passed DEV.".to_owned()));
    assert!(said.contains(&"web 2.8.0 entered QA by rule.".to_owned()));
    assert!(said.contains(&"Tom Becker rejected web 2.8.0 in QA as tester: too slow.".to_owned()));
    assert!(said.contains(&"web 2.8.0 was rejected in QA by Tom Becker: too slow.".to_owned()));
}

#[test]
fn every_recorded_fact_is_one_sentence() {
    let mut desk = Desk::new("nine-stages").bind(&["2-commit"]);
    desk.feature("HAR-9", "Berth calendar");
    desk.arrive("2.8.0", &["HAR-9"]);
    desk.end("2.8.0", "2-commit", signalbox_domain::line::Outcome::Failed, &[]);
    desk.release("Harbour 2.8", "2.8.0");
    for (sentence, decided) in said(&desk).iter().zip(&desk.facts) {
        assert!(sentence.ends_with(['.', '…']) && sentence.len() > 10, "{:?}: {sentence}", decided.fact);
        assert!(!sentence.contains("  "), "{sentence}");
    }
}

#[test]
fn what_is_not_loaded_is_called_by_its_id() {
    let fact = Fact::SignoffWithdrawn {
        signoff: EntryId::from("e1"),
        build: "b-1".into(),
        service: "s-1".into(),
        stage: "qa".into(),
        reason: "wrong sheet".into(),
    };
    assert_eq!(
        sentence(&fact, &"p-1".into(), &State::default()),
        "p-1 took back the sign-off on s-1 b-1 in qa: wrong sheet."
    );
}

#[test]
fn what_a_pipeline_does_by_itself_is_told_as_such() {
    let mut desk = Desk::new("three-environments").bind(&[]);
    desk.gate("DEV", Some("StagingDEV/approve"));
    desk.arrive("2.8.0", &[]);
    desk.bring("2.8.0", "DEV");
    desk.end("2.8.0", "DEV", Outcome::Succeeded, &[]);
    desk.bring("stranger", "DEV");
    let change = desk.state.block(&"web".into(), &"DEV".into()).changes[0].id.clone();
    desk.act("omar", Act::ExplainChange { change, reason: "a rehearsal".into() });
    desk.sign("tom", "2.8.0", "DEV", true);
    let (build, stage) = (desk.build("2.8.0"), "DEV".into());
    let answer = build.visit(&stage).expect("it was there").answers[0].id.clone();
    let end = Act::RecordAnswerEnd {
        build: build.id,
        stage,
        answer,
        outcome: Outcome::NotDone,
        detail: "The token had expired.".into(),
    };
    desk.act("box", end);
    let said = said(&desk);
    for sentence in [
        "Tom Becker bound web to the pipeline web on This machine, which itself brings builds into DEV.",
        "web 2.8.0 was brought into DEV by its pipeline.",
        "This machine began to deploy web 2.8.0 to DEV by itself.",
        "stranger stands in DEV of web, and the register can't explain it: No such build ever arrived.",
        "Tom Becker explained what was found in DEV of web: a rehearsal.",
        "This machine is told to approve web 2.8.0 at its gate StagingDEV/approve, on the word of Tom Becker.",
        "Tom Becker found out: the answer for web 2.8.0 at the gate of DEV was never given: The token had expired.",
    ] {
        assert!(said.contains(&sentence.to_owned()), "{sentence}: {said:#?}");
    }
}

#[test]
fn a_decision_on_a_release_and_what_it_did_for_each_service_are_said() {
    let builds = vec![signalbox_domain::release::Chosen { service: "s-1".into(), build: "b-1".into() }];
    let decided = Fact::ReleaseDecided {
        release: "r-1".into(),
        product: "p-1".into(),
        stage: "prod".into(),
        builds: builds.clone(),
        role: "release-manager".into(),
        comment: "the quay is closed".into(),
        packet: Default::default(),
    };
    let refused = Fact::ReleaseMemberSent {
        release: "r-1".into(),
        service: "s-1".into(),
        build: Some("b-1".into()),
        stage: "prod".into(),
        course: signalbox_domain::product_release::Course::Refused,
        gate: None,
        by: "rosa".into(),
        reasons: vec![signalbox_domain::refusal::Blocker::new("stage.held", "PROD is held.", "Release it.")],
    };
    let tested = Fact::ProductTestEnded {
        product: "p-1".into(),
        stage: "dev".into(),
        test: None,
        outcome: Outcome::Failed,
        builds,
        left_out: Vec::new(),
        source: "journeys".into(),
        summary: "3 of 84 journeys failed".into(),
    };
    let said = |fact: &Fact| sentence(fact, &"rosa".into(), &State::default());
    assert_eq!(said(&decided), "rosa sent r-1 with s-1 b-1 to prod as release manager: the quay is closed.");
    assert_eq!(said(&refused), "r-1 could not send s-1 b-1 to prod: PROD is held.");
    assert_eq!(
        said(&tested),
        "Rosa told that the test of p-1 in dev with s-1 b-1 failed: 3 of 84 journeys failed."
    );
}
