//! Reviews of environments.

use chrono::{TimeDelta, Utc};
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::server::Fault;
use signalbox_pipelines::{Decision, PendingGate, Reconciled, RemoteError, Verdict};

use super::bench::{GitHub, pipeline};
use super::fake::Approval;
use super::play::{key, refused, until_over};

async fn the_gate(github: &GitHub) -> PendingGate {
    let mut gates = github.system().pending_gates(&pipeline("till")).await.unwrap();
    assert_eq!(gates.len(), 1);
    gates.remove(0)
}

fn approval(gate: &PendingGate) -> Decision {
    Decision {
        verdict: Verdict::Approve,
        comment: "seen by QA".into(),
        fields: Default::default(),
        expect_build: gate.build.clone(),
    }
}

#[tokio::test]
async fn a_slow_click_never_approves_a_later_attempt_of_the_same_run() {
    let github = GitHub::start().await;
    let run = github.wait_for_review();
    let gate = the_gate(&github).await;
    {
        let mut world = github.world();
        let run = world.repo("till").runs.iter_mut().find(|known| known.id == run).unwrap();
        run.attempt = 2;
    }
    let outcome = github.system().decide_gate(&gate.handle, &approval(&gate), &key("op-1")).await;
    assert!(matches!(refused(outcome), RemoteError::Stale { .. }));
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn a_review_whose_commit_is_no_longer_the_shown_release_is_not_answered() {
    let github = GitHub::start().await;
    github.wait_for_review();
    let gate = the_gate(&github).await;
    github.world().repo("till").tags.insert(gate.build.to_string(), "f".repeat(40));
    let outcome = github.system().decide_gate(&gate.handle, &approval(&gate), &key("op-1")).await;
    assert!(matches!(refused(outcome), RemoteError::Stale { .. }));
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn only_reviews_that_ask_people_are_gates() {
    let github = GitHub::start().await;
    let run = github.wait_for_review();
    github.world().repo("till").runs.iter_mut().find(|known| known.id == run).unwrap().timer_only = true;
    assert!(github.system().pending_gates(&pipeline("till")).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_is_no_required_reviewer_sees_it_and_sends_nothing() {
    let github = GitHub::start().await;
    github.wait_for_review();
    github.world().may_review = false;
    let gate = the_gate(&github).await;
    assert_eq!(gate.may_answer, Some(false));
    let outcome = github.system().decide_gate(&gate.handle, &approval(&gate), &key("op-1")).await;
    assert!(matches!(refused(outcome), RemoteError::Forbidden { .. }));
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn a_review_that_somebody_else_answered_names_them() {
    let github = GitHub::start().await;
    let run = github.wait_for_review();
    let gate = the_gate(&github).await;
    {
        let mut world = github.world();
        let till = world.repo("till");
        let environment = till.environments[0].id;
        let run = till.runs.iter_mut().find(|known| known.id == run).unwrap();
        run.waits = false;
        let (state, comment, user) = ("rejected".into(), "no".into(), "grace".into());
        run.approvals.push(Approval { environment, state, comment, user });
    }
    let outcome = github.system().decide_gate(&gate.handle, &approval(&gate), &key("op-1")).await;
    let expected = RemoteError::AlreadyDecided { by: Some("grace".into()), verdict: Some(Verdict::Reject) };
    assert_eq!(refused(outcome), expected);
}

#[tokio::test]
async fn a_review_without_words_or_with_too_many_is_not_sent() {
    let github = GitHub::start().await;
    github.wait_for_review();
    let gate = the_gate(&github).await;
    for (comment, code) in
        [(" ".to_owned(), "gate.comment-missing"), ("x".repeat(1_001), "gate.comment-too-long")]
    {
        let decision = Decision { comment, ..approval(&gate) };
        let error = refused(github.system().decide_gate(&gate.handle, &decision, &key("op-1")).await);
        assert_eq!(error.reasons()[0].code, code);
    }
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn the_operation_goes_with_the_comment_and_finds_a_lost_answer() {
    let github = GitHub::start().await;
    let run = github.wait_for_review();
    let gate = the_gate(&github).await;
    github.server().spoil(Fault::ResetAfter, signalbox_pipelines::testing::server::Request::is_write);
    let outcome = github.system().decide_gate(&gate.handle, &approval(&gate), &key("op-77")).await;
    assert!(outcome.is_err());
    let comment = {
        let mut world = github.world();
        let run = world.repo("till").runs.iter().find(|known| known.id == run).unwrap();
        run.approvals[0].comment.clone()
    };
    assert_eq!(comment, "seen by QA [op-77]");
    let system = github.restarted();
    let found =
        system.reconcile_gate(&gate.handle, &approval(&gate), &key("op-77"), Utc::now()).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(_)), "{found:?}");
    // The same answer under another operation is not ours.
    let other =
        system.reconcile_gate(&gate.handle, &approval(&gate), &key("op-7"), Utc::now()).await.unwrap();
    assert!(matches!(other, Reconciled::StillUnknown { .. }), "{other:?}");
}

#[tokio::test]
async fn a_review_that_still_waits_right_after_the_send_is_not_called_unanswered() {
    let github = GitHub::with(&[], TimeDelta::zero()).await;
    github.wait_for_review();
    let gate = the_gate(&github).await;
    let system = github.system();
    let decision = approval(&gate);
    let just_now = system.reconcile_gate(&gate.handle, &decision, &key("op-1"), Utc::now()).await.unwrap();
    assert!(matches!(just_now, Reconciled::StillUnknown { .. }), "{just_now:?}");
    let earlier = Utc::now() - TimeDelta::seconds(20);
    let found = system.reconcile_gate(&gate.handle, &decision, &key("op-1"), earlier).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied);
}

#[tokio::test]
async fn a_refused_release_never_stood_in_the_stage() {
    let github = GitHub::start().await;
    github.wait_for_review();
    let gate = the_gate(&github).await;
    let system = github.system();
    let before = system.stage_states(&pipeline("till")).await.unwrap();
    assert_eq!(before[0].running, gate.run, "a run that waits for its review is on its way");
    assert_eq!(before[0].occupant, None);
    let decision = Decision { verdict: Verdict::Reject, ..approval(&gate) };
    system.decide_gate(&gate.handle, &decision, &key("op-1")).await.unwrap();
    let status = until_over(&*system, gate.run.as_ref().unwrap()).await;
    assert_eq!(status.deployed, Some(false));
    let after = system.stage_states(&pipeline("till")).await.unwrap();
    assert_eq!((after[0].occupant.clone(), after[0].running.clone()), (None, None));
}
