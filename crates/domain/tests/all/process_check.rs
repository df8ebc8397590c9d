//! P7: what is wrong with a process, each with a counter-example; and the sentences of the read view.

use crate::desk::{any, approved, off, person, press, process, stage, team};
use signalbox_domain::id::StageKey;
use signalbox_domain::person::Person;
use signalbox_domain::process::{Entry, Item, Process, Stage, Waiting};
use signalbox_domain::process_check::{Defect, check_content, check_process, describe};
use signalbox_domain::rule::{Apart, Rule};
use signalbox_domain::starters::starter;

fn found(process: &Process, people: &[Person]) -> Vec<Defect> {
    check_process(process, &people.iter().collect::<Vec<_>>())
}

/// The only defect of a process, told as text.
fn told(process: &Process, people: &[Person]) -> String {
    let defects = found(process, people);
    assert_eq!(defects.len(), 1, "{defects:#?}");
    let defect = &defects[0];
    assert!(!defect.next_step.is_empty() && !defect.trace.is_empty());
    let stages: Vec<&str> = defect.stages.iter().map(StageKey::as_str).collect();
    format!("{} [{}] {}\n  {}", defect.code, stages.join(" "), defect.sentence, defect.trace.join("\n  "))
}

fn codes(process: &Process, people: &[Person]) -> Vec<String> {
    found(process, people).into_iter().map(|defect| defect.code).collect()
}

fn tester() -> Rule {
    Rule::of(1, "tester")
}

#[test]
fn p7_a_process_without_stages_is_defective() {
    assert_eq!(codes(&process(vec![]), &[]), ["process.no-stages"]);
    assert_eq!(codes(&process(vec![off(stage("bake", &[]))]), &[]), ["process.no-path"]);
}

#[test]
fn p7_a_straight_line_has_no_defect() {
    let line = process(vec![
        stage("DEV", &[]),
        approved("QA", &["DEV"], tester(), &[Apart::Author]),
        stage("PROD", &["QA"]),
    ]);
    assert_eq!(found(&line, &team()), []);
}

#[test]
fn p7_keys_are_there_and_unique() {
    let line = process(vec![stage("DEV", &[]), Stage { name: "Second".into(), ..stage("DEV", &[]) }]);
    assert_eq!(
        told(&line, &[]),
        "process.key-repeated [DEV] Two stages have the key “DEV”.\n  \
         Stage 1 has the key “DEV”.\n  Stage 2 has the key “DEV”, too."
    );
    let line = process(vec![stage("DEV", &[]), Stage { name: "QA".into(), ..stage(" ", &["DEV"]) }]);
    assert_eq!(codes(&line, &[]), ["process.key-empty"]);
    let line = process(vec![Stage { name: String::new(), ..stage("DEV", &[]) }]);
    assert_eq!(codes(&line, &[]), ["process.name-empty"]);
}

#[test]
fn p7_an_unknown_predecessor_is_a_defect() {
    let line = process(vec![stage("DEV", &[]), any(stage("QA", &["DEV", "CT"]))]);
    assert_eq!(
        told(&line, &[]),
        "process.predecessor-unknown [QA] QA comes after “CT”, which is no stage of this process.\n  \
         A build can enter QA once it has passed “CT”.\n  No build can ever pass “CT”."
    );
}

#[test]
fn p7_a_cycle_is_shown_once_as_a_circle() {
    let line = process(vec![
        stage("A", &["C"]),
        stage("B", &["A"]),
        stage("C", &["B"]),
        stage("DEV", &[]),
        stage("PROD", &["DEV"]),
    ]);
    assert_eq!(
        told(&line, &[]),
        "process.cycle [A B C] A, C and B wait for each other in a circle.\n  \
         A waits for C.\n  C waits for B.\n  B waits for A."
    );
    let line = process(vec![any(stage("A", &["A", "DEV"])), stage("DEV", &[])]);
    assert_eq!(told(&line, &[]), "process.cycle [A] A waits for itself.\n  A waits for A.");
}

#[test]
fn p7_an_unreachable_stage_is_shown_with_how_far_a_build_gets() {
    let line = process(vec![
        stage("DEV", &[]),
        stage("A", &["B"]),
        stage("B", &["A"]),
        stage("PROD", &["DEV", "B"]),
    ]);
    let defects = found(&line, &[]);
    assert_eq!(defects.len(), 2);
    assert_eq!(defects[1].code, "process.unreachable");
    assert_eq!(defects[1].trace, ["It passes DEV.", "PROD still waits for B, which no build can pass."]);
}

#[test]
fn p7_an_on_path_stage_stands_behind_no_off_path_one() {
    let line =
        process(vec![off(stage("bake", &[])), stage("DEV", &[]), any(stage("PROD", &["DEV", "bake"]))]);
    assert_eq!(
        told(&line, &[]),
        "process.behind-off-path [bake PROD] PROD comes after bake, which is off the path.\n  \
         bake is off the path, so it counts for no build.\n  PROD waits for it for ever."
    );
}

#[test]
fn p7_a_way_round_a_gate_is_shown_stage_by_stage() {
    let line = process(vec![
        stage("DEV", &[]),
        approved("QA", &["DEV"], tester(), &[]),
        stage("PERF", &["DEV"]),
        any(stage("PROD", &["QA", "PERF"])),
    ]);
    assert_eq!(
        told(&line, &team()),
        "process.gate-skipped [QA PROD] A build can reach PROD without passing QA.\n  \
         A build arrives.\n  It passes DEV.\n  It passes PERF.\n  \
         It is ready for PROD, and nobody looked at the gate of QA."
    );
}

#[test]
fn p7_a_gate_that_guards_nothing_is_a_way_round_it() {
    let line =
        process(vec![stage("DEV", &[]), approved("QA", &["DEV"], tester(), &[]), stage("PROD", &["DEV"])]);
    assert_eq!(codes(&line, &team()), ["process.gate-skipped"]);
}

#[test]
fn p7_two_productions_are_no_way_round_each_other() {
    let production = |key: &str| {
        press(Stage {
            marks: Some(signalbox_domain::feature::FeatureState::InProduction),
            ..approved(key, &["QA"], Rule::of(1, "operations"), &[])
        })
    };
    let line = process(vec![approved("QA", &[], tester(), &[]), production("north"), production("south")]);
    assert_eq!(codes(&line, &team()), Vec::<String>::new());
}

#[test]
fn p7_a_release_wants_a_press() {
    let line = process(vec![stage("DEV", &[]), Stage { needs_release: true, ..stage("PROD", &["DEV"]) }]);
    assert_eq!(codes(&line, &[]), ["process.release-without-press"]);
}

#[test]
fn p7_a_gate_needs_a_living_approver() {
    let line = process(vec![approved("QA", &[], tester(), &[])]);
    let mut people = vec![person("Ada", &["developer"]), person("Tom", &["tester"])];
    assert_eq!(codes(&line, &people), Vec::<String>::new());
    people[1].keys[0].revoked = Some(signalbox_domain::moment::Moment::from_millis(1));
    assert_eq!(
        told(&line, &people),
        "process.no-approver [QA] The gate of QA has no living approver: one tester.\n  \
         A build stands in QA.\n  Its gate asks for: one tester.\n  Nobody is left in the role tester."
    );
    people[1] = Person { machine: true, ..person("Robot", &["tester"]) };
    assert_eq!(codes(&line, &people), ["process.no-approver"]);
}

#[test]
fn p7_separation_of_duties_can_leave_too_few_people() {
    let line = process(vec![approved("QA", &[], Rule::of(2, "developer"), &[Apart::Author])]);
    let people = [person("Ada", &["developer"]), person("Ben", &["developer"])];
    assert_eq!(
        told(&line, &people),
        "process.rule-impossible [QA] The people at hand can't meet the rule of QA: two developers, not the \
         author.\n  Ada writes the commit of a build.\n  A build stands in QA.\n  \
         Its gate asks for: two developers, not the author.\n  Left to approve: Ben. That is not enough."
    );
    let three = [people[0].clone(), people[1].clone(), person("Cem", &["developer"])];
    assert_eq!(codes(&line, &three), Vec::<String>::new());
}

#[test]
fn p7_one_person_in_two_roles_counts_once() {
    let rule = Rule::All { parts: vec![tester(), Rule::of(1, "operations")], ordered: true };
    let line = process(vec![approved("QA", &[], rule, &[])]);
    assert_eq!(codes(&line, &[person("Tom", &["tester", "operations"])]), ["process.rule-impossible"]);
    let two = [person("Tom", &["tester", "operations"]), person("Uma", &["tester"])];
    assert_eq!(codes(&line, &two), Vec::<String>::new());
}

#[test]
fn p7_the_deployer_may_be_the_only_approver() {
    let gate = |apart: &[Apart]| {
        process(vec![press(Stage {
            deployers: vec!["operations".into()],
            ..approved("PROD", &[], Rule::of(1, "operations"), apart)
        })])
    };
    assert_eq!(codes(&gate(&[]), &team()), Vec::<String>::new());
    assert_eq!(codes(&gate(&[Apart::Deployer]), &team()), ["process.rule-impossible"]);
}

#[test]
fn p7_approvers_of_earlier_stages_can_be_needed_twice() {
    let line = process(vec![
        approved("QA", &[], tester(), &[]),
        approved("UAT", &["QA"], Rule::one_of(&["tester", "business-analyst"]), &[Apart::OtherApprovers]),
    ]);
    assert_eq!(codes(&line, &[person("Tom", &["tester"])]), ["process.rule-impossible"]);
    assert_eq!(codes(&line, &[person("Tom", &["tester"]), person("Uma", &["tester"])]), Vec::<String>::new());
    assert_eq!(codes(&line, &team()), Vec::<String>::new());
}

#[test]
fn p7_roles_must_exist() {
    let line = process(vec![press(Stage {
        deployers: vec!["captain".into()],
        ..approved("PROD", &[], tester(), &[])
    })]);
    assert_eq!(codes(&line, &[]), ["process.role-unknown"]);
    assert_eq!(codes(&line, &team()), ["process.role-unknown", "process.no-deployer"]);
    let mut people = team();
    people.push(person("Kim", &["captain"]));
    assert_eq!(codes(&line, &people), Vec::<String>::new());
}

#[test]
fn p7_a_rule_asks_for_somebody() {
    for rule in [Rule::of(0, "tester"), Rule::one_of(&[]), Rule::Any { parts: vec![] }] {
        let line = process(vec![approved("QA", &[], rule, &[])]);
        assert_eq!(codes(&line, &team()), ["process.rule-empty"]);
    }
}

#[test]
fn p7_a_huge_number_of_approvers_is_answered_at_once() {
    let line = process(vec![approved("QA", &[], Rule::of(u32::MAX, "tester"), &[Apart::OtherApprovers])]);
    assert_eq!(codes(&line, &team()), ["process.rule-impossible"]);
}

#[test]
fn p7_checklists_and_checks_say_something() {
    let mut qa = stage("QA", &[]);
    qa.gate.checklist = vec![
        Item { key: "smoke".into(), text: "Smoke tests pass".into() },
        Item { key: "smoke".into(), text: " ".into() },
    ];
    qa.gate.checks = vec!["unit tests".into(), "unit tests".into(), String::new()];
    let mut found = codes(&process(vec![qa]), &[]);
    found.sort();
    assert_eq!(
        found,
        ["process.check-empty", "process.check-repeated", "process.item-empty", "process.item-key-repeated"]
    );
}

#[test]
fn p7_a_strategy_is_checked_whole() {
    let mut content = starter("nine-stages").unwrap().content();
    let team = team();
    let people: Vec<&Person> = team.iter().collect();
    assert_eq!(check_content(&content, &people), []);
    content.go_rule = Some(Rule::of(2, "release-manager"));
    content.topics[0].agree = vec!["captain".into()];
    let codes: Vec<String> = check_content(&content, &people).into_iter().map(|defect| defect.code).collect();
    assert_eq!(codes, ["process.rule-impossible", "process.role-unknown"]);
}

#[test]
fn p6_a_stage_reads_as_one_sentence() {
    let mut qa = approved("QA", &["DEV"], tester(), &[Apart::Author]);
    qa.gate.checks = vec!["smoke test".into()];
    qa.gate.checklist =
        vec![Item { key: "a".into(), text: "A".into() }, Item { key: "b".into(), text: "B".into() }];
    let capacity = Stage { waiting: Waiting::Supersede, ..stage("LOAD", &["DEV"]) };
    let production = Stage {
        entry: Entry::Press,
        needs_release: true,
        deployers: vec!["operations".into()],
        ..stage("PROD", &["QA", "LOAD"])
    };
    let line =
        process(vec![stage("DEV", &[]), qa, capacity, production, off(press(stage("demo", &["DEV"])))]);
    assert_eq!(
        describe(&line),
        [
            "DEV: enters by itself on arrival; waits first in, first out; passes as soon as it is deployed.",
            "QA: enters by itself after DEV; waits first in, first out; one tester, not the author, approves \
             after the smoke test check and 2 checklist items.",
            "LOAD: enters by itself after DEV; a newer waiting build replaces older ones; passes as soon as it \
             is deployed.",
            "PROD: a person (operations) chooses a build that has passed QA and LOAD and deploys it; needs a release \
             whose plan is complete and agreed; passes as soon as it is deployed.",
            "demo: stands beside the path; anyone chooses a build that has passed DEV and deploys it; passes as \
             soon as it is deployed.",
        ]
    );
}

#[test]
fn p2_continuous_deployment_is_said() {
    let text = describe(&starter("three-environments").unwrap().process);
    assert!(text[2].ends_with("this is continuous deployment."), "{text:?}");
    assert!(!text[1].contains("continuous deployment"));
}
