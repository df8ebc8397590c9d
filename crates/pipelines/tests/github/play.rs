//! A play in which the system makes every request that it can make.

use chrono::Utc;
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::{
    BuildQuery, Decision, LogCursor, OperationKey, PipelineQuery, PipelineSystem, RunId, RunState, Verdict,
    WriteError,
};

use super::bench::{GitHub, pipeline};

pub async fn whole(github: &GitHub) {
    let system = github.system();
    system.probe().await.unwrap();
    system.list_pipelines(&PipelineQuery::default(), None).await.unwrap();
    system.describe(&pipeline("shop")).await.unwrap();
    let first = system.list_builds(&pipeline("shop"), &BuildQuery { limit: 1 }, None).await.unwrap();
    assert!(first.next.is_some());
    system.list_builds(&pipeline("shop"), &BuildQuery { limit: 1 }, first.next.as_ref()).await.unwrap();

    let plan = github.plan_to("broken");
    assert!(system.preflight(&plan).await.unwrap().allowed);
    let key = github.fresh_key();
    let run = system.promote(&plan, &key).await.unwrap().run.unwrap();
    system.reconcile_promotion(&plan, &key, Utc::now()).await.unwrap();
    until_over(&*system, &run).await;
    read_log(&*system, &run).await;
    system.retry_stage(&run, &plan.to, &github.fresh_key()).await.unwrap();
    until_over(&*system, &run).await;

    let slow = github.plan_to("slow");
    let run = system.promote(&slow, &github.fresh_key()).await.unwrap().run.unwrap();
    system.cancel(&run, "not this one", &github.fresh_key()).await.unwrap();

    for verdict in [Verdict::Approve, Verdict::Reject] {
        github.wait_for_review();
        let gate = system.look(&pipeline("till")).await.unwrap().gates.remove(0);
        let decision = Decision {
            verdict,
            comment: "seen by QA".into(),
            fields: Default::default(),
            expect_build: gate.build.clone(),
        };
        let key = github.fresh_key();
        system.decide_gate(&gate.handle, &decision, &key).await.unwrap();
        system.reconcile_gate(&gate.handle, &decision, &key, Utc::now()).await.unwrap();
        until_over(&*system, gate.run.as_ref().unwrap()).await;
    }

    // An Enterprise Server gets the dispatch without the flag.
    github.world().enterprise = Some("3.19.1");
    let submission = github.restarted().promote(&github.plan_to("qa"), &github.fresh_key()).await.unwrap();
    assert_eq!(submission.run, None);
    github.world().enterprise = None;
}

pub async fn until_over(system: &dyn PipelineSystem, run: &RunId) -> signalbox_pipelines::RunStatus {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let status = system.run_status(run).await.unwrap();
        if !matches!(status.state, RunState::Queued | RunState::Running) {
            return status;
        }
        assert!(std::time::Instant::now() < deadline, "the run never ends: {status:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

pub async fn read_log(system: &dyn PipelineSystem, run: &RunId) -> String {
    let (mut at, mut whole) = (LogCursor::start(), String::new());
    loop {
        let chunk = system.read_log(run, &at).await.unwrap();
        whole.push_str(&chunk.text);
        if chunk.complete {
            return whole;
        }
        assert_ne!(chunk.next, at, "the log does not go on");
        at = chunk.next;
    }
}

pub fn key(text: &str) -> OperationKey {
    OperationKey::new(text).unwrap()
}

pub fn refused(
    outcome: Result<signalbox_pipelines::Submission, WriteError>,
) -> signalbox_pipelines::RemoteError {
    match outcome {
        Err(WriteError::NotApplied(error)) => error,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
