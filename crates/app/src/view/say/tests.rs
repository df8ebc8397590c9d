use super::*;
use crate::view::fixture::Desk;
use signalbox_domain::id::EntryId;

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
