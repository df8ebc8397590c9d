//! Gates: bound to one build by their token, answered once, found again by the operation key.

use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::server::{Fault, Request};
use signalbox_pipelines::{
    Decision, OperationKey, PendingGate, PipelineSystem, Reconciled, RemoteError, Verdict, WriteError,
};

use super::bench::Yard;

fn is(operation: &'static str) -> impl Fn(&Request) -> bool + Send + Sync + 'static {
    move |request| request.header("x-amz-target").is_some_and(|target| target.ends_with(operation))
}

fn yes(gate: &PendingGate, comment: &str) -> Decision {
    Decision {
        verdict: Verdict::Approve,
        comment: comment.into(),
        fields: Default::default(),
        expect_build: gate.build.clone(),
    }
}

async fn gates_of(system: &dyn PipelineSystem, pipeline: &str) -> Vec<PendingGate> {
    system.pending_gates(&pipeline.into()).await.unwrap()
}

/// Answers a waiting gate behind our back.
fn answered_elsewhere(yard: &Yard, pipeline: &str, words: &str) {
    let mut fake = yard.fake();
    let line = fake.lines.get_mut(pipeline).unwrap();
    let mut acts = line.runs.iter_mut().flat_map(|run| &mut run.acts);
    let gate = acts.find(|act| act.token.is_some() && act.status == "InProgress").unwrap();
    gate.status = "Succeeded";
    gate.summary = Some(words.into());
}

#[tokio::test]
async fn an_approval_is_sent_once_whatever_the_server_says() {
    let yard = Yard::new().await;
    yard.waiting("shop-gates");
    let gate = gates_of(&*yard.system(), "shop-gates").await.remove(0);
    yard.server.spoil(Fault::ErrorAfter(500), is("PutApprovalResult"));
    let outcome = yard.system().decide_gate(&gate.handle, &yes(&gate, ""), &yard.fresh_key()).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
    assert_eq!(yard.sent("PutApprovalResult").len(), 1);
}

#[tokio::test]
async fn a_summary_holds_the_comment_and_the_operation_key_and_always_fits() {
    let yard = Yard::new().await;
    for (key, comment) in [("k".repeat(128), "ü".repeat(360)), ("one".into(), "tested".into())] {
        yard.waiting("shop-gates");
        let gate = gates_of(&*yard.system(), "shop-gates").await.remove(0);
        let key = OperationKey::new(key).unwrap();
        yard.system().decide_gate(&gate.handle, &yes(&gate, &comment), &key).await.unwrap();
        let sent = yard.sent("PutApprovalResult").pop().unwrap();
        let summary = sent["result"]["summary"].as_str().unwrap();
        assert_eq!(summary, format!("{comment} [Signalbox operation {key}]"));
        assert!(summary.chars().count() <= 512);
    }
}

#[tokio::test]
async fn a_comment_that_is_too_long_is_refused_before_anything_is_sent() {
    let yard = Yard::new().await;
    yard.waiting("shop-gates");
    let gate = gates_of(&*yard.system(), "shop-gates").await.remove(0);
    let mut long = yes(&gate, &"x".repeat(361));
    long.fields.insert("TARGET".into(), "prod".into());
    let outcome = yard.system().decide_gate(&gate.handle, &long, &yard.fresh_key()).await;
    let Err(WriteError::NotApplied(error)) = outcome else { panic!("{outcome:?}") };
    let codes: Vec<_> = error.reasons().iter().map(|reason| reason.code).collect();
    assert_eq!(codes, ["codepipeline.comment-long", "codepipeline.fields"]);
    assert_eq!(yard.sent("PutApprovalResult").len(), 0);
}

#[tokio::test]
async fn a_gate_that_holds_another_build_by_now_gets_no_answer() {
    let yard = Yard::new().await;
    let first = yard.waiting("shop-gates");
    let old = gates_of(&*yard.system(), "shop-gates").await.remove(0);
    answered_elsewhere(&yard, "shop-gates", "by hand");
    let second = yard.begin("shop-gates");
    let new = gates_of(&*yard.system(), "shop-gates").await.remove(0);
    assert_eq!((old.build.as_str(), new.build.as_str()), (&*first, &*second));
    let outcome = yard.system().decide_gate(&old.handle, &yes(&old, ""), &yard.fresh_key()).await;
    assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Stale { .. }))), "{outcome:?}");
    assert_eq!(yard.sent("PutApprovalResult").len(), 0);
}

#[tokio::test]
async fn side_by_side_the_token_comes_from_the_history_and_answers_its_own_build_alone() {
    let yard = Yard::new().await;
    let (first, second) = (yard.begin("shop-parallel"), yard.begin("shop-parallel"));
    for action in &mut yard.fake().lines.get_mut("shop-parallel").unwrap().stages[1].actions {
        action.course = Course::Hangs;
    }
    let system = yard.system();
    let gates = gates_of(&*system, "shop-parallel").await;
    let waiting: Vec<_> = gates.iter().map(|gate| gate.build.as_str()).collect();
    assert!([&first, &second].iter().all(|build| waiting.contains(&build.as_str())), "{waiting:?}");
    let gate = gates.iter().find(|gate| gate.build.as_str() == first).unwrap();
    system.decide_gate(&gate.handle, &yes(gate, "go"), &yard.fresh_key()).await.unwrap();
    let left = gates_of(&*system, "shop-parallel").await;
    assert!(left.iter().any(|gate| gate.build.as_str() == second));
    assert!(left.iter().all(|gate| gate.build.as_str() != first));
    let plan = yard.plan_for("shop-parallel", "Prod", &second);
    let submission = system.promote(&plan, &yard.fresh_key()).await.unwrap_err();
    // The first build works in the stage, and a second run into it is not sent.
    assert!(matches!(submission, WriteError::NotApplied(RemoteError::Conflict { .. })), "{submission:?}");
}

#[tokio::test]
async fn an_answer_is_found_in_the_stage_when_the_history_tells_no_words() {
    let yard = Yard::new().await;
    yard.fake().history_tells_summaries = false;
    yard.waiting("shop-gates");
    let system = yard.system();
    let gate = gates_of(&*system, "shop-gates").await.remove(0);
    let (key, answer) = (yard.fresh_key(), yes(&gate, "fine"));
    yard.server.spoil(Fault::ResetAfter, is("PutApprovalResult"));
    let outcome = system.decide_gate(&gate.handle, &answer, &key).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
    let sent_at = chrono::Utc::now();
    let found = system.reconcile_gate(&gate.handle, &answer, &key, sent_at).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(_)), "{found:?}");
    // Once another execution has come to the gate, the words are gone, and a person has to decide.
    yard.begin("shop-gates");
    let found = system.reconcile_gate(&gate.handle, &answer, &key, sent_at).await.unwrap();
    assert!(matches!(found, Reconciled::StillUnknown { .. }), "{found:?}");
}

#[tokio::test]
async fn somebody_elses_answer_is_not_taken_for_ours() {
    let yard = Yard::new().await;
    yard.waiting("shop-gates");
    let system = yard.system();
    let gate = gates_of(&*system, "shop-gates").await.remove(0);
    answered_elsewhere(&yard, "shop-gates", "by hand");
    let (key, sent_at) = (yard.fresh_key(), chrono::Utc::now());
    let found = system.reconcile_gate(&gate.handle, &yes(&gate, ""), &key, sent_at).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied);
}

#[tokio::test]
async fn newer_builds_overtake_each_other_before_a_gate_and_never_the_one_at_it() {
    let yard = Yard::new().await;
    let first = yard.waiting("shop-overtaken");
    let (second, third) = (yard.begin("shop-overtaken"), yard.begin("shop-overtaken"));
    let gate = gates_of(&*yard.system(), "shop-overtaken").await;
    assert_eq!(gate.iter().map(|gate| gate.build.as_str()).collect::<Vec<_>>(), [first.as_str()]);
    assert_eq!(yard.fake().lines["shop-overtaken"].run(&second).unwrap().status, "Superseded");
    assert_eq!(yard.fake().lines["shop-overtaken"].run(&third).unwrap().status, "InProgress");
}

#[tokio::test]
async fn a_gate_tells_its_question_and_how_long_it_waits() {
    let yard = Yard::new().await;
    let build = yard.waiting("shop-good");
    let gate = gates_of(&*yard.system(), "shop-good").await.remove(0);
    assert_eq!((gate.gate.as_str(), gate.stage.as_str()), ("Prod/approve", "Prod"));
    assert_eq!((gate.question.as_str(), gate.build.as_str()), ("Ship it?", build.as_str()));
    assert_eq!(gate.expires, Some(gate.since + chrono::TimeDelta::days(7)));
    assert!(!format!("{gate:?}").contains("token"));
}
