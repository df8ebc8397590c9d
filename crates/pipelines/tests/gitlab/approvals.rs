//! Approvals: the approval first, then the start, each at most once.

use std::sync::Arc;
use std::time::Duration;

use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::server::Fault;
use signalbox_pipelines::{
    Decision, GateScope, OperationKey, PendingGate, PipelineId, PipelineSystem, Proof, Reconciled,
    RemoteError, Verdict, WriteError,
};

use super::bench::{GitLabBench, free, premium};
use super::fake::{ME, Rules};

/// The two writes of an approval, by the ends of their paths.
const APPROVAL: &str = "/approval";
const PLAY: &str = "/play";

async fn waiting(system: &Arc<dyn PipelineSystem>) -> PendingGate {
    let mut gates = system.pending_gates(&PipelineId::new("shop/gated")).await.unwrap();
    assert_eq!(gates.len(), 1, "{gates:?}");
    gates.pop().unwrap()
}

fn answer(verdict: Verdict, gate: &PendingGate) -> Decision {
    Decision {
        verdict,
        comment: "looks good".into(),
        fields: Default::default(),
        expect_build: gate.build.clone(),
    }
}

fn key() -> OperationKey {
    OperationKey::new("operation-1").unwrap()
}

/// Counts the approvals and the starts that arrived.
fn writes(bench: &GitLabBench) -> (usize, usize) {
    let seen = bench.server.seen();
    let count = |end: &str| seen.iter().filter(|request| request.path.ends_with(end)).count();
    (count(APPROVAL), count(PLAY))
}

#[tokio::test]
async fn an_approval_is_followed_by_the_start_and_both_are_sent_once() {
    for stays_blocked in [false, true] {
        let bench = GitLabBench::new(Rules { stays_blocked, ..premium() }).await;
        let pipeline = bench.fake.pipeline("shop/gated", &["production"]);
        let system = bench.system();
        let gate = waiting(&system).await;
        assert_eq!(gate.gate.as_str(), "deploy-production");
        let done = system.decide_gate(&gate.handle, &answer(Verdict::Approve, &gate), &key()).await.unwrap();
        assert_eq!(done.run, gate.run);
        assert_eq!(done.proof, Proof::ServerSaid);
        assert_eq!(writes(&bench), (1, 1));
        let job = bench.fake.job(pipeline, "production");
        assert_eq!(job.approvals, [(ME, "approved", "looks good".to_owned())]);
        assert_eq!(bench.fake.state().starts.len(), 1);
    }
}

#[tokio::test]
async fn a_job_that_the_approval_started_is_not_started_again() {
    let bench = GitLabBench::new(Rules { unified: true, ..premium() }).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let decision = answer(Verdict::Approve, &gate);
    let done = system.decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(done.proof, Proof::ReadBack);
    assert_eq!(writes(&bench), (1, 0));
    let found = system.reconcile_gate(&gate.handle, &decision, &key(), chrono::Utc::now()).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(_)), "{found:?}");
}

#[tokio::test]
async fn nothing_is_started_while_other_approvals_are_missing() {
    let bench = GitLabBench::new(Rules { required: 2, ..premium() }).await;
    let pipeline = bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let decision = answer(Verdict::Approve, &gate);
    let done = system.decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(done.proof, Proof::Pending);
    assert_eq!(writes(&bench), (1, 0));
    let found = system.reconcile_gate(&gate.handle, &decision, &key(), chrono::Utc::now()).await.unwrap();
    assert!(matches!(&found, Reconciled::Applied(s) if s.proof == Proof::Pending), "{found:?}");
    match system.decide_gate(&gate.handle, &decision, &key()).await {
        Err(WriteError::NotApplied(RemoteError::AlreadyDecided { by, .. })) => {
            assert_eq!(by.as_deref(), Some("rm_bot"));
        }
        other => panic!("a second approval by the same account: {other:?}"),
    }
    // The second approver answers; the job is ready, and the same gate only needs the start.
    let job = bench.fake.job(pipeline, "production");
    bench.fake.change(job.id, |job| {
        job.approvals.push((8, "approved", String::new()));
        job.blocked = false;
    });
    let gate = waiting(&system).await;
    system.decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(writes(&bench), (1, 1));
}

#[tokio::test]
async fn who_may_approve_and_not_deploy_leaves_the_start_to_others() {
    let bench = GitLabBench::new(Rules { only_approves: true, ..premium() }).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let decision = answer(Verdict::Approve, &gate);
    let done = system.decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(done.proof, Proof::ReadBack);
    // The approval stands; asked again, the refusal of the start is told.
    let again = system.decide_gate(&gate.handle, &decision, &key()).await;
    assert!(matches!(again, Err(WriteError::NotApplied(RemoteError::Forbidden { .. }))), "{again:?}");
    assert_eq!(writes(&bench), (1, 2));
    assert!(bench.fake.state().starts.is_empty());
}

#[tokio::test]
async fn a_start_that_was_denied_and_happened_counts_as_done() {
    let bench = GitLabBench::new(Rules { plays_and_denies: true, ..premium() }).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let done = system.decide_gate(&gate.handle, &answer(Verdict::Approve, &gate), &key()).await.unwrap();
    assert_eq!(done.proof, Proof::ReadBack);
    assert_eq!(writes(&bench), (1, 1));
}

/// Answers until it is done, as the application does: read back first, send again only what did nothing.
async fn until_done(bench: &GitLabBench, gate: &PendingGate, decision: &Decision) {
    for _ in 0..50 {
        let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
        match bench.restarted().reconcile_gate(&gate.handle, decision, &key(), sent_at).await {
            Ok(Reconciled::Applied(_)) => return,
            Ok(Reconciled::NotApplied) => {
                // Whatever comes of it is read back in the next turn.
                let _ = bench.restarted().decide_gate(&gate.handle, decision, &key()).await;
            }
            Ok(Reconciled::StillUnknown { evidence }) => panic!("{evidence}"),
            Err(error) => assert!(error.retryable(), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the answer never takes effect");
}

#[tokio::test]
async fn an_approval_under_any_fault_ends_with_one_approval_and_one_start() {
    for (fault, which) in Fault::ALL.into_iter().flat_map(|fault| [(fault, APPROVAL), (fault, PLAY)]) {
        let bench = GitLabBench::new(premium()).await;
        let pipeline = bench.fake.pipeline("shop/gated", &["production"]);
        let gate = waiting(&bench.system()).await;
        let decision = answer(Verdict::Approve, &gate);
        bench.server.spoil(fault, move |request| request.path.ends_with(which));
        let outcome = bench.restarted().decide_gate(&gate.handle, &decision, &key()).await;
        assert_eq!(bench.server.unspoil(), 0, "{fault:?}");
        let given = bench.fake.job(pipeline, "production").approvals.len();
        let starts = bench.fake.state().starts.len();
        if which == APPROVAL {
            // A lost approval is found in the deployment at once, and the start follows.
            assert_eq!(outcome.is_ok(), fault.arrives(), "{fault:?}: {outcome:?}");
            assert_eq!((given, starts), if fault.arrives() { (1, 1) } else { (0, 0) }, "{fault:?}");
        } else {
            // The approval stands, so that nothing that happens to the start makes it undone.
            assert!(!matches!(outcome, Err(WriteError::NotApplied(_))), "{fault:?}: {outcome:?}");
            assert_eq!((given, starts), (1, usize::from(fault.arrives())), "{fault:?}");
        }
        until_done(&bench, &gate, &decision).await;
        assert_eq!(bench.fake.job(pipeline, "production").approvals.len(), 1, "{fault:?}");
        assert_eq!(bench.fake.state().starts.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_died_between_approval_and_start_only_starts() {
    let bench = GitLabBench::new(premium()).await;
    let pipeline = bench.fake.pipeline("shop/gated", &["production"]);
    let gate = waiting(&bench.system()).await;
    let decision = answer(Verdict::Approve, &gate);
    let job = bench.fake.job(pipeline, "production");
    bench.fake.change(job.id, |job| {
        job.approvals.push((ME, "approved", String::new()));
        job.blocked = false;
    });
    let found = bench.system().reconcile_gate(&gate.handle, &decision, &key(), chrono::Utc::now()).await;
    assert_eq!(found, Ok(Reconciled::NotApplied));
    bench.system().decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(writes(&bench), (0, 1));
}

#[tokio::test]
async fn a_manual_job_can_be_started_and_not_rejected() {
    let bench = GitLabBench::new(free()).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    match system.decide_gate(&gate.handle, &answer(Verdict::Reject, &gate), &key()).await {
        Err(WriteError::NotApplied(RemoteError::Invalid { reasons, .. })) => {
            assert_eq!(reasons[0].code, "gitlab.no-reject");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(writes(&bench), (0, 0));
    system.decide_gate(&gate.handle, &answer(Verdict::Approve, &gate), &key()).await.unwrap();
    assert_eq!(writes(&bench), (0, 1));
}

#[tokio::test]
async fn a_rejection_is_one_write_and_is_read_back() {
    let bench = GitLabBench::new(premium()).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let decision = answer(Verdict::Reject, &gate);
    bench.server.spoil(Fault::ResetAfter, |request| request.path.ends_with(APPROVAL));
    let done = system.decide_gate(&gate.handle, &decision, &key()).await.unwrap();
    assert_eq!(done.proof, Proof::ReadBack);
    assert_eq!(writes(&bench), (1, 0));
    match system.decide_gate(&gate.handle, &decision, &key()).await {
        Err(WriteError::NotApplied(RemoteError::AlreadyDecided { verdict, .. })) => {
            assert_eq!(verdict, Some(Verdict::Reject));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn words_that_gitlab_does_not_take_are_refused_before_anything_is_sent() {
    let bench = GitLabBench::new(premium()).await;
    bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let mut decision = answer(Verdict::Approve, &gate);
    decision.comment = "ä".repeat(256);
    decision.fields.insert("ENV".into(), "prod".into());
    match system.decide_gate(&gate.handle, &decision, &key()).await {
        Err(WriteError::NotApplied(RemoteError::Invalid { reasons, .. })) => {
            let codes: Vec<_> = reasons.iter().map(|reason| reason.code).collect();
            assert_eq!(codes, ["gitlab.comment-too-long", "gitlab.no-fields"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(writes(&bench), (0, 0));
}

#[tokio::test]
async fn a_job_that_ran_again_is_another_gate() {
    let bench = GitLabBench::new(free()).await;
    let pipeline = bench.fake.pipeline("shop/gated", &["production"]);
    let system = bench.system();
    let gate = waiting(&system).await;
    let job = bench.fake.job(pipeline, "production");
    bench.fake.change(job.id, |job| job.id = 999);
    let outcome = system.decide_gate(&gate.handle, &answer(Verdict::Approve, &gate), &key()).await;
    assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Stale { .. }))), "{outcome:?}");
}

#[tokio::test]
async fn the_probe_says_what_the_tier_and_the_token_lack() {
    let missing = |info: &signalbox_pipelines::ServerInfo| -> Vec<String> {
        info.missing.iter().map(|missing| missing.capability.clone()).collect()
    };
    let with = GitLabBench::new(premium()).await.system().probe().await.unwrap();
    assert_eq!((with.who.as_str(), with.server.as_str()), ("Release bot (@rm_bot)", "GitLab 18.5.1-ee"));
    assert!(with.effective.gate_reject && with.missing.is_empty(), "{with:?}");
    let without = GitLabBench::new(free()).await.system().probe().await.unwrap();
    assert!(!without.effective.gate_reject);
    assert_eq!(without.effective.gate_scope, GateScope::Run);
    assert!(missing(&without).contains(&"gate_reject".to_owned()));
    let bench = GitLabBench::new(Rules { scopes: vec!["read_api"], ..premium() }).await;
    let watching = bench.system().probe().await.unwrap();
    assert!(missing(&watching).contains(&"build_choice".to_owned()), "{watching:?}");
}
