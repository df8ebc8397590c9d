use super::*;
use crate::view::fixture::Desk;
use crate::wire::{ReportView, Severity};
use signalbox_domain::decide::Act;
use signalbox_domain::line::{ItemState, Outcome};
use signalbox_domain::starters::starter;

fn rows(desk: &Desk, who: &str) -> Vec<InboxRow> {
    inbox(&desk.state, Some(&desk.me(who)), &[], desk.now()).rows
}

fn titles(desk: &Desk, who: &str, kind: InboxKind) -> Vec<String> {
    rows(desk, who).into_iter().filter(|row| row.kind == kind).map(|row| row.title).collect()
}

#[test]
fn a_gate_waits_for_those_who_can_decide_it_and_nobody_else() {
    let mut desk = Desk::new("three-environments");
    desk.arrive("2.8.0", &["HAR-9"]);
    desk.sign("tom", "2.8.0", "DEV", true);
    assert_eq!(titles(&desk, "priya", InboxKind::Gate), ["web 2.8.0 in QA"]);
    assert_eq!(titles(&desk, "ada", InboxKind::Gate), [""; 0], "the author is kept apart");
    assert_eq!(titles(&desk, "rosa", InboxKind::Gate), [""; 0], "the rule asks for a tester");
    let row = rows(&desk, "priya").remove(0);
    assert_eq!(row.id, "gate:2.8.0:QA");
    assert_eq!(row.detail, "Approve or reject it. One tester, not the author.");
    assert_eq!(row.changes, "HAR-9 · configuration – → 118");
    assert_eq!((row.build.as_deref(), row.stage.as_deref()), (Some("2.8.0"), Some("QA")));
}

#[test]
fn open_items_wait_for_a_fitting_role_before_the_gate_does() {
    let mut desk = Desk::new("six-phases");
    desk.arrive("2.8.0", &[]);
    assert_eq!(titles(&desk, "tom", InboxKind::Checklist), ["web 2.8.0 in Commit"]);
    assert_eq!(titles(&desk, "tom", InboxKind::Gate), [""; 0]);
    assert_eq!(rows(&desk, "tom")[0].detail, "5 of 5 checklist items are open.");
    assert_eq!(titles(&desk, "rosa", InboxKind::Checklist), [""; 0]);
    for item in ["syntax", "metrics", "compile", "auto-merge", "unit-tests"] {
        desk.act(
            "tom",
            Act::MarkItem {
                build: "2.8.0".into(),
                stage: "commit".into(),
                item: item.into(),
                state: ItemState::Done,
                reason: String::new(),
            },
        );
    }
    assert_eq!(titles(&desk, "tom", InboxKind::Gate), ["web 2.8.0 in Commit"]);
}

#[test]
fn a_failure_and_an_unknown_outcome_wait_for_those_who_deploy() {
    let mut desk = Desk::new("three-environments").bind(&["DEV"]);
    desk.arrive("2.8.0", &[]);
    desk.end("2.8.0", "DEV", Outcome::Unknown, &[]);
    assert_eq!(titles(&desk, "omar", InboxKind::Unknown), ["Nobody knows how web 2.8.0 ended in DEV"]);
    assert_eq!(titles(&desk, "maya", InboxKind::Unknown), [""; 0]);
    desk.end("2.8.0", "DEV", Outcome::Failed, &[]);
    assert_eq!(titles(&desk, "omar", InboxKind::Unknown), [""; 0]);
    assert_eq!(titles(&desk, "omar", InboxKind::Failed), ["web 2.8.0 failed in DEV"]);
    assert_eq!(rows(&desk, "omar")[0].changes, "exit code 1");
}

#[test]
fn s3_an_approval_that_went_stale_waits_for_its_signer_again() {
    let mut content = starter("three-environments").expect("a starter").content();
    content.process.stages[0].gate.rule = Some(signalbox_domain::rule::Rule::of(2, "tester"));
    let mut desk = Desk::with(content);
    desk.arrive("2.8.0", &[]);
    desk.sign("tom", "2.8.0", "DEV", true);
    assert_eq!(titles(&desk, "tom", InboxKind::Gate), [""; 0], "one person counts once");
    let report = signalbox_domain::issue::IssueReport {
        problem: "slow pages".into(),
        ..signalbox_domain::issue::IssueReport::default()
    };
    desk.act("omar", Act::RecordIssue { issue: "i1".into(), product: "harbour".into(), report });
    assert_eq!(titles(&desk, "tom", InboxKind::Stale), ["Your approval of web 2.8.0 in DEV went stale"]);
    assert_eq!(titles(&desk, "tom", InboxKind::Gate), [""; 0], "told once");
    desk.sign("tom", "2.8.0", "DEV", true);
    assert_eq!(titles(&desk, "tom", InboxKind::Stale), [""; 0]);
}

#[test]
fn s8_a_feature_waits_again_when_a_new_build_carries_it() {
    let mut content = starter("three-environments").expect("a starter").content();
    content.process.stages[0].gate.features = true;
    let mut desk = Desk::with(content);
    desk.feature("HAR-9", "Berth calendar");
    desk.arrive("2.8.0", &["HAR-9"]);
    assert_eq!(titles(&desk, "maya", InboxKind::Feature), ["HAR-9 Berth calendar in web 2.8.0"]);
    assert_eq!(titles(&desk, "omar", InboxKind::Feature), [""; 0]);
    desk.sign("tom", "2.8.0", "DEV", false);
    desk.arrive("2.8.1", &["HAR-9"]);
    assert_eq!(titles(&desk, "maya", InboxKind::Feature), ["HAR-9 Berth calendar in web 2.8.1"]);
}

#[test]
fn a_release_asks_its_owner_for_the_plan_and_each_role_once_for_go() {
    let mut desk = Desk::new("three-environments");
    desk.arrive("2.8.0", &[]);
    let release = desk.release("Harbour 2.8", "2.8.0");
    assert_eq!(titles(&desk, "rosa", InboxKind::Plan), ["Harbour 2.8: 10 sections of the plan are empty"]);
    assert_eq!(titles(&desk, "omar", InboxKind::Plan), [""; 0]);
    for who in ["rosa", "omar", "maya"] {
        assert_eq!(titles(&desk, who, InboxKind::Go), ["Harbour 2.8: go or no-go"]);
    }
    assert_eq!(titles(&desk, "tom", InboxKind::Go), [""; 0]);
    desk.act("omar", Act::VoiceGo { release, go: false, comment: "two people away".into() });
    assert_eq!(titles(&desk, "omar", InboxKind::Go), [""; 0], "a no-go is an answer");
    let first = &rows(&desk, "rosa")[0];
    assert_eq!(first.kind, InboxKind::Go, "what hangs most on comes first");
}

#[test]
fn a_step_waits_for_its_owner_once_it_can_start() {
    let mut desk = Desk::new("three-environments");
    desk.arrive("2.8.0", &[]);
    let release = desk.release("Harbour 2.8", "2.8.0");
    let steps = desk.state.releases[&release].steps.clone();
    for step in &steps[..2] {
        desk.act(
            "rosa",
            Act::SetStep {
                release: release.clone(),
                step: signalbox_domain::decide::StepDraft {
                    id: step.id.clone(),
                    title: step.title.clone(),
                    phase: step.phase.clone(),
                    owner: Some("tom".into()),
                    planned: None,
                    minutes: 5,
                    after: step.after.clone(),
                    automated: false,
                },
            },
        );
    }
    assert_eq!(titles(&desk, "tom", InboxKind::Step).len(), 1, "the second step comes after the first");
}

#[test]
fn p9_a_new_strategy_version_waits_for_the_roles_that_must_agree() {
    let mut desk = Desk::new("three-environments");
    let mut content = desk.state.strategies[&("harbour".into(), 1)].content.clone();
    content.topics[0].text = "Everything is under version control.".into();
    desk.act("rosa", Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) });
    assert_eq!(titles(&desk, "omar", InboxKind::Strategy), ["Harbour: strategy version 2 wants agreement"]);
    assert_eq!(titles(&desk, "tom", InboxKind::Strategy), [""; 0]);
}

#[test]
fn p2_a_ready_build_waits_for_whoever_may_press() {
    let mut desk = Desk::new("nine-stages");
    desk.arrive("2.8.0", &[]);
    desk.check("2.8.0", "2-commit", &["build", "unit tests", "static analysis", "distribution stored"]);
    desk.check("2.8.0", "3-acceptance", &["acceptance tests"]);
    assert_eq!(titles(&desk, "tom", InboxKind::Ready), ["web 2.8.0 is ready for Exploratory"]);
    assert_eq!(titles(&desk, "omar", InboxKind::Ready), [""; 0]);
}

#[test]
fn a_draft_waits_for_those_of_its_stage() {
    let desk = Desk::new("three-environments");
    let report = ReportView {
        problem: "web 2.8.0 failed in QA".into(),
        symptoms: String::new(),
        cause: String::new(),
        solution: String::new(),
        severity: Severity::High,
        service: Some("web".into()),
        stage: Some("QA".into()),
        build: None,
        links: Vec::new(),
    };
    let draft = IssueDraft {
        id: "d1".into(),
        product: "harbour".into(),
        at: desk.now().to_string(),
        report,
        title: "2.8.0 failed in QA".into(),
    };
    let of =
        |who: &str| inbox(&desk.state, Some(&desk.me(who)), std::slice::from_ref(&draft), desk.now()).rows;
    assert_eq!(of("tom")[0].title, "web: 2.8.0 failed in QA");
    assert!(of("maya").is_empty());
    assert!(inbox(&desk.state, None, &[draft], desk.now()).rows.is_empty());
}
