//! Runs: followed, ended, folded away and built again.

use serde_json::json;
use signalbox_pipelines::testing::buildbot::PASSWORD;
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::{LogCursor, PipelineSystem, Reconciled, RemoteError, RunId, RunState, WriteError};

use crate::bench::{Line, PROD, QA, until, until_ended, until_running};

async fn whole_log(system: &dyn PipelineSystem, run: &RunId) -> (String, bool) {
    let (mut text, mut at) = (String::new(), LogCursor::start());
    loop {
        let chunk = system.read_log(run, &at).await.unwrap();
        text.push_str(&chunk.text);
        if chunk.complete || chunk.text.is_empty() {
            return (text, chunk.complete);
        }
        at = chunk.next;
    }
}

#[tokio::test]
async fn a_log_is_read_while_it_grows_and_never_shows_the_password() {
    let line = Line::start().await;
    let system = line.system();
    let run = system.promote(&line.plan(PROD), &line.fresh_key()).await.unwrap().run.unwrap();
    let (text, complete) = loop {
        let (text, complete) = whole_log(&*system, &run).await;
        if text.contains("\ndeploying 1.1.0 to StagingPROD\n") || complete {
            break (text, complete);
        }
    };
    assert!(!complete && text.starts_with("== deploy: stdio\n"), "{text}");
    // The worker's environment is in the log, as Buildbot writes it by default.
    assert!(text.contains("LINE_PASSWORD=[secret]") && !text.contains(PASSWORD), "{text}");

    system.cancel(&run, "rejected by QA", &line.fresh_key()).await.unwrap();
    let status = until_ended(&*system, &run).await;
    assert_eq!((status.state, status.deployed), (RunState::Cancelled, Some(false)));
    let (after, complete) = whole_log(&*system, &run).await;
    assert!(complete && after.starts_with(&text), "{after}");
    assert!(
        status.summary.contains("rejected by QA") || after.contains("rejected by QA"),
        "{status:?} {after}"
    );
}

#[tokio::test]
async fn a_request_that_buildbot_folds_away_is_a_failed_run_that_deployed_nothing() {
    let line = Line::start().await;
    let system = line.system();
    let first = system.promote(&line.plan(PROD), &line.fresh_key()).await.unwrap().run.unwrap();
    until_running(&*system, &first).await;
    // Two further requests pass us by; while they wait, Buildbot keeps the last one only.
    let key = line.fresh_key();
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    for operation in [key.as_str(), "another"] {
        let inputs = json!({ "version": "1.0.0", "operation": operation, "reason": "same" });
        line.real.force("promote-web-StagingPROD", inputs).await.unwrap();
    }
    let found = system.reconcile_promotion(&line.plan(PROD), &key, sent_at).await.unwrap();
    let Reconciled::Applied(submission) = found else { panic!("{found:?}") };
    let folded = submission.run.unwrap();
    let status = until_ended(&*system, &folded).await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(false)));
    assert!(status.summary.contains("folded"), "{status:?}");

    // The one that is left waits, and can be ended before it begins.
    let last = RunId::new((folded.as_str().parse::<u64>().unwrap() + 1).to_string());
    assert_eq!(system.run_status(&last).await.unwrap().state, RunState::Queued);
    system.cancel(&last, "not needed", &line.fresh_key()).await.unwrap();
    assert_eq!(until_ended(&*system, &last).await.state, RunState::Cancelled);
    assert_eq!(line.real.deployed("web", PROD), ["1.1.0"]);
}

#[tokio::test]
async fn a_failed_run_can_be_built_again_and_its_key_still_leads_to_the_first() {
    let line = Line::start().await;
    let system = line.system();
    let key = line.fresh_key();
    let first = system.promote(&line.plan(QA), &key).await.unwrap().run.unwrap();
    until_ended(&*system, &first).await;
    line.real.course("web", QA, Course::Succeeds).unwrap();
    let again = system.retry_stage(&first, &QA.into(), &line.fresh_key()).await.unwrap().run.unwrap();
    assert_ne!(again, first);
    assert_eq!(until_ended(&*system, &again).await.state, RunState::Succeeded);
    let known = system.promote(&line.plan(QA), &key).await.unwrap();
    assert_eq!(known.run, Some(first.clone()));
    assert_eq!(line.real.deployed("web", QA), ["1.1.0", "1.1.0"]);

    let elsewhere = system.retry_stage(&first, &PROD.into(), &line.fresh_key()).await;
    assert!(matches!(elsewhere, Err(WriteError::NotApplied(RemoteError::NotFound(_)))), "{elsewhere:?}");
}

#[tokio::test]
async fn a_stage_where_something_works_takes_no_second_run_of_any_kind() {
    let line = Line::start().await;
    let system = line.system();
    let ended = system.promote(&line.plan(PROD), &line.fresh_key()).await.unwrap().run.unwrap();
    until_running(&*system, &ended).await;
    let second = system.promote(&line.plan(PROD), &line.fresh_key()).await;
    assert!(matches!(second, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{second:?}");
    let going_on = system.retry_stage(&ended, &PROD.into(), &line.fresh_key()).await;
    assert!(matches!(going_on, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{going_on:?}");
    let long = "x".repeat(501);
    let refused = system.cancel(&ended, &long, &line.fresh_key()).await;
    assert!(matches!(refused, Err(WriteError::NotApplied(RemoteError::Invalid { .. }))), "{refused:?}");
    until(&*system, &ended, |status| status.step.as_deref() == Some("deploy")).await;
}

#[tokio::test]
async fn a_run_is_known_by_exactly_the_text_that_was_given_out() {
    let line = Line::start().await;
    let system = line.system();
    assert!(system.run_status(&RunId::new("1")).await.is_ok());
    for bad in ["", "01", "+1", "1 ", "1/builds", "-1", "999999"] {
        let status = system.run_status(&RunId::new(bad)).await;
        assert!(matches!(status, Err(RemoteError::NotFound(_))), "{bad:?}: {status:?}");
    }
}
