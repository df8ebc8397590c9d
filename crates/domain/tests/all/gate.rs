//! Gates, approval rules, sign-offs and packets (P5, P6, P10, S1–S4).

use crate::bench::{Bench, codes, kinds};
use crate::desk::{approved, press, process, stage};
use signalbox_domain::decide::{Act, Hand, NewPerson};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::BuildId;
use signalbox_domain::issue::{IssueReport, Severity};
use signalbox_domain::line::{BuildContent, Digest, ItemState, Meaning, Outcome, Void};
use signalbox_domain::process::{Item, Process};
use signalbox_domain::rule::{Apart, Rule};
use signalbox_domain::strategy::Content;

fn two_roles() -> Rule {
    Rule::All { parts: vec![Rule::of(1, "tester"), Rule::of(1, "operations")], ordered: false }
}

fn full_gate() -> Process {
    let mut qa = approved("QA", &[], Rule::of(1, "tester"), &[]);
    qa.gate.checks = vec!["smoke test".into()];
    qa.gate.checklist = vec![
        Item { key: "look".into(), text: "Someone looked at it".into() },
        Item { key: "tell".into(), text: "Users are told".into() },
    ];
    process(vec![qa, stage("PROD", &["QA"])])
}

#[test]
fn gate_p5_a_gate_is_checks_and_checklist_and_approval() {
    let mut bench = Bench::new(full_gate());
    bench.arrive("c1");
    assert_eq!(
        codes(bench.sign("tom", "tester", "c1", "QA", true)),
        ["gate.check-missing", "gate.item-open", "gate.item-open"]
    );
    bench.check("c1", "QA", "smoke test", true).unwrap();
    bench.mark("c1", "QA", "look", ItemState::Done, "").unwrap();
    assert_eq!(codes(bench.mark("c1", "QA", "tell", ItemState::NotApplicable, " ")), ["item.reason-empty"]);
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "QA", true)), ["gate.item-open"]);
    bench.mark("c1", "QA", "tell", ItemState::NotApplicable, "no user notices").unwrap();
    assert!(bench.build("c1").is_in(&"QA".into()), "an approval is still missing");
    bench.approve("c1", "QA");
    assert!(bench.build("c1").passed(&"PROD".into()));
    let visit = bench.build("c1").visit(&"QA".into()).unwrap();
    assert_eq!((visit.checks[0].source.as_str(), visit.checks[0].passed), ("runner", true));
    assert_eq!(visit.items[&"tell".into()].by.as_str(), "tom");
}

#[test]
fn gate_p5_checks_and_items_are_those_of_the_gate() {
    let mut bench = Bench::new(full_gate());
    bench.arrive("c1");
    assert_eq!(codes(bench.check("c1", "QA", "load test", true)), ["check.unknown"]);
    assert_eq!(codes(bench.mark("c1", "QA", "sing", ItemState::Done, "")), ["item.unknown"]);
}

#[test]
fn gate_p5_without_a_gate_deployment_is_enough() {
    let mut bench = Bench::new(process(vec![stage("DEV", &[]), stage("QA", &["DEV"])])).automate(&["QA"]);
    bench.arrive("c1");
    assert!(bench.build("c1").passed(&"DEV".into()) && bench.build("c1").is_in(&"QA".into()));
    let facts = bench.end("c1", "QA", Outcome::Succeeded).unwrap();
    assert_eq!(kinds(&facts), ["deployment-ended", "build-passed"]);
}

#[test]
fn gate_p6_one_person_counts_once() {
    let rule = Rule::of(2, "tester");
    let mut bench = Bench::new(process(vec![stage("DEV", &[])]));
    let new = NewPerson {
        person: "uma".into(),
        handle: "uma".into(),
        name: "Uma".into(),
        roles: vec!["tester".into()],
        fingerprint: "SHA256:Uma".into(),
        public: "ssh-ed25519 Uma".into(),
        machine: false,
    };
    bench.must("alma", "administrator", Act::EnrolPerson { new });
    let content = Content { process: process(vec![approved("QA", &[], rule, &[])]), ..Content::default() };
    let draft = Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) };
    bench.must("rosa", "release-manager", draft);
    let activate = Act::ActivateStrategy { product: "harbour".into(), version: 2 };
    bench.must("rosa", "release-manager", activate);
    bench.arrive("c1");
    assert_eq!(bench.gate("c1", "QA").sentence.as_deref(), Some("Two testers"));
    bench.approve("c1", "QA");
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "QA", true)), ["gate.already-signed"]);
    assert_eq!(bench.gate("c1", "QA").missing[0].n, 1);
    bench.sign("uma", "tester", "c1", "QA", true).unwrap();
    assert!(bench.build("c1").passed(&"QA".into()));
}

#[test]
fn gate_p6_all_parts_of_a_rule_are_needed() {
    let mut bench = Bench::new(process(vec![approved("QA", &[], two_roles(), &[])]));
    bench.arrive("c1");
    assert_eq!(
        codes(bench.sign("ines", "business-analyst", "c1", "QA", true)),
        ["gate.role-not-asked"],
        "another role does not count"
    );
    bench.sign("omar", "operations", "c1", "QA", true).unwrap();
    assert!(bench.build("c1").is_in(&"QA".into()));
    bench.approve("c1", "QA");
    assert!(bench.build("c1").passed(&"QA".into()));
}

#[test]
fn gate_p6_the_author_is_another_person_than_the_approver() {
    let rule = Rule::one_of(&["developer", "tester"]);
    let mut bench = Bench::new(process(vec![approved("QA", &[], rule, &[Apart::Author])]));
    bench.arrive("c1");
    assert_eq!(bench.build("c1").author, Some("ada".into()));
    assert_eq!(codes(bench.sign("ada", "developer", "c1", "QA", true)), ["gate.must-be-another"]);
    bench.sign("ada", "developer", "c1", "QA", false).unwrap();
    assert_eq!(bench.build("c1").rejected_at(), Some(&"QA".into()), "an author may stop an own build");
}

#[test]
fn gate_p6_the_deployer_is_another_person_than_the_approver() {
    let rule = Rule::one_of(&["operations", "tester"]);
    let qa = press(approved("QA", &[], rule, &[Apart::Deployer]));
    let mut bench = Bench::new(process(vec![qa]));
    bench.arrive("c1");
    bench.promote("omar", "operations", "c1", "QA", "").unwrap();
    assert_eq!(codes(bench.sign("omar", "operations", "c1", "QA", true)), ["gate.must-be-another"]);
    bench.approve("c1", "QA");
}

#[test]
fn gate_p6_earlier_approvers_can_be_excluded() {
    let rule = Rule::one_of(&["operations", "tester"]);
    let mut bench = Bench::new(process(vec![
        approved("DEV", &[], Rule::of(1, "tester"), &[]),
        approved("QA", &["DEV"], rule, &[Apart::OtherApprovers]),
    ]));
    bench.arrive("c1");
    bench.approve("c1", "DEV");
    assert_eq!(codes(bench.sign("tom", "tester", "c1", "QA", true)), ["gate.must-be-another"]);
    bench.sign("omar", "operations", "c1", "QA", true).unwrap();
}

#[test]
fn gate_p10_a_stage_without_automation_is_passed_checked_and_audited() {
    let mut bench = Bench::new(full_gate()).automate(&["PROD"]);
    let facts = bench.arrive("c1");
    assert_eq!(kinds(&facts), ["build-arrived", "build-admitted"], "nothing is deployed");
    bench.check("c1", "QA", "smoke test", true).unwrap();
    bench.mark("c1", "QA", "look", ItemState::Done, "").unwrap();
    bench.mark("c1", "QA", "tell", ItemState::Done, "").unwrap();
    let facts = bench.approve("c1", "QA");
    assert_eq!(kinds(&facts), ["gate-signed", "build-passed", "build-admitted", "deployment-intended"]);
    assert!(facts[0].packet.is_some());
}

#[test]
fn signoff_s1_verdict_authorisation_and_execution_are_records_of_their_own() {
    let line = process(vec![
        approved("QA", &[], Rule::of(1, "tester"), &[]),
        press(approved("PROD", &["QA"], Rule::of(1, "operations"), &[])),
    ]);
    let mut bench = Bench::new(line).automate(&["PROD"]);
    bench.arrive("c1");
    let approval = bench.approve("c1", "QA");
    assert_eq!(kinds(&approval), ["gate-signed", "build-passed"], "approving executes nothing by itself");
    assert_eq!(approval[0].hand, Hand::Person);
    assert_eq!((approval[1].hand, &approval[1].cause), (Hand::Machine, &Some(approval[0].id.clone())));
    let press = bench.promote("omar", "operations", "c1", "PROD", "").unwrap();
    assert_eq!(kinds(&press), ["build-admitted", "deployment-intended"]);
    assert_eq!((press[0].hand, press[1].hand), (Hand::Person, Hand::Machine));
    let end = bench.end("c1", "PROD", Outcome::Succeeded).unwrap();
    assert_eq!(kinds(&end), ["deployment-ended"]);
}

#[test]
fn signoff_s2_holds_who_in_which_role_and_what_was_seen() {
    let mut bench = Bench::new(process(vec![approved("QA", &[], two_roles(), &[])]));
    bench.arrive("c1");
    let shown = bench.packet("c1", "QA");
    let sign = Act::SignGate {
        build: "c1".into(),
        stage: "QA".into(),
        approved: true,
        meaning: Meaning::Responsibility,
        comment: "I run it".into(),
        shown: shown.clone(),
    };
    let facts = bench.must("omar", "operations", sign.clone());
    assert_eq!(facts[0].packet, Some(shown.clone()));
    let given = bench.build("c1").visit(&"QA".into()).unwrap().signoffs[0].clone();
    assert_eq!(given.id, facts[0].id);
    assert_eq!((given.person.as_str(), given.role.as_str(), given.approved), ("omar", "operations", true));
    assert_eq!((given.meaning, given.comment.as_str()), (Meaning::Responsibility, "I run it"));
    assert_eq!((given.packet, given.void), (shown, None));
    assert_eq!(codes(bench.act("tom", "operations", sign)), ["person.role-not-held"]);
}

#[test]
fn signoff_s3_the_packet_says_what_is_decided() {
    let mut bench = Bench::new(full_gate());
    bench.arrive_with(BuildContent {
        label: "c1".into(),
        commit: "4be0".into(),
        author: "ada".into(),
        digests: vec![Digest { artifact: "web.tar".into(), sha256: "ab".repeat(32) }],
        features: vec!["HAR-1".into()],
        ..BuildContent::default()
    });
    bench.check("c1", "QA", "smoke test", true).unwrap();
    let packet = bench.packet("c1", "QA");
    let told: Vec<String> =
        packet.lines.iter().map(|line| format!("{}: {}: {}", line.part, line.label, line.text)).collect();
    for wanted in [
        "build: label: c1".to_owned(),
        "build: commit: 4be0".into(),
        "build: author: Ada".into(),
        format!("digest: web.tar: sha256:{}", "ab".repeat(32)),
        "features: HAR-1: not planned: no such feature is tracked".into(),
        "checks: smoke test: passed: 12 of 12 good".into(),
        "checklist: Someone looked at it: open".into(),
        "rule: approval: One tester".into(),
    ] {
        assert!(told.contains(&wanted), "{wanted} is not in {told:#?}");
    }
}

#[test]
fn signoff_s3_a_packet_that_changed_is_refused_with_the_changed_lines() {
    let mut bench = Bench::new(full_gate());
    bench.arrive("c1");
    bench.check("c1", "QA", "smoke test", true).unwrap();
    bench.mark("c1", "QA", "look", ItemState::Done, "").unwrap();
    bench.mark("c1", "QA", "tell", ItemState::Done, "").unwrap();
    let shown = bench.packet("c1", "QA");
    bench.mark("c1", "QA", "tell", ItemState::NotApplicable, "no user notices").unwrap();
    let refused = bench.sign_over("tom", "tester", "c1", "QA", true, shown).unwrap_err();
    assert_eq!(refused.0.len(), 1);
    assert_eq!(refused.0[0].code, "packet.changed");
    assert_eq!(
        refused.0[0].sentence,
        "checklist: Users are told changed from “done by Tom” to “not applicable: no user notices”."
    );
    assert!(bench.build("c1").is_in(&"QA".into()));
    bench.approve("c1", "QA");
}

#[test]
fn signoff_s3_a_later_change_makes_approvals_stale_and_closes_the_gate_again() {
    let mut bench = Bench::new(process(vec![approved("QA", &[], two_roles(), &[])]));
    bench.arrive("c1");
    bench.approve("c1", "QA");
    assert_eq!(bench.gate("c1", "QA").missing.len(), 1);
    let report = IssueReport {
        problem: "Logins fail after an hour".into(),
        severity: Severity::High,
        service: Some("web".into()),
        ..IssueReport::default()
    };
    let facts = bench.must(
        "omar",
        "operations",
        Act::RecordIssue { issue: "i1".into(), product: "harbour".into(), report },
    );
    assert_eq!(kinds(&facts), ["issue-recorded", "signoff-staled"]);
    let Fact::SignoffStaled { lines, .. } = &facts[1].fact else { panic!("{facts:?}") };
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("open issues: HAR-ISS-1"), "{lines:?}");
    assert_eq!(bench.gate("c1", "QA").missing.len(), 2, "the gate is closed again");
    bench.sign("omar", "operations", "c1", "QA", true).unwrap();
    assert!(bench.build("c1").is_in(&"QA".into()));
    bench.approve("c1", "QA");
    assert!(bench.build("c1").passed(&"QA".into()));
}

#[test]
fn signoff_s4_is_taken_back_only_until_something_was_built_on_it() {
    let mut bench = Bench::new(process(vec![approved("QA", &[], two_roles(), &[])]));
    bench.arrive("c1");
    let signoff = bench.approve("c1", "QA")[0].id.clone();
    let back = || Act::WithdrawSignoff {
        build: "c1".into(),
        stage: "QA".into(),
        signoff: signoff.clone(),
        reason: "I looked at the wrong build".into(),
    };
    assert_eq!(codes(bench.act("omar", "operations", back())), ["signoff.not-yours"]);
    bench.must("tom", "tester", back());
    let given = &bench.build("c1").visit(&"QA".into()).unwrap().signoffs[0];
    assert!(matches!(given.void, Some(Void::Withdrawn { .. })));
    let signoff = bench.approve("c1", "QA")[0].id.clone();
    bench.sign("omar", "operations", "c1", "QA", true).unwrap();
    let late = Act::WithdrawSignoff {
        build: BuildId::from("c1"),
        stage: "QA".into(),
        signoff,
        reason: "too late".into(),
    };
    assert_eq!(codes(bench.act("tom", "tester", late)), ["signoff.built-on"]);
}

#[test]
fn gate_a_machine_never_decides() {
    let mut bench = Bench::new(process(vec![approved("QA", &[], Rule::of(1, "tester"), &[])]));
    bench.arrive("c1");
    let refused = bench.sign("machine", "machine", "c1", "QA", true);
    assert_eq!(codes(refused), ["person.machine"]);
}
