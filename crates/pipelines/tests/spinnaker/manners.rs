//! Starts, limits, sign-in: how Gate wants to be spoken to, and what its answers really mean.

use chrono::{TimeDelta, Utc};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::server::{Fault, Response};
use signalbox_pipelines::{RemoteError, RunId, RunState, WriteError};

use super::bench::{Line, TOKEN};

async fn until_ended(line: &Line, run: &RunId) -> RunState {
    loop {
        let status = line.system().run_status(run).await.unwrap();
        if status.state.is_final() {
            return status.state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

#[tokio::test]
async fn a_key_whose_run_has_ended_is_searched_and_never_starts_a_second_run() {
    let line = Line::start().await;
    let (plan, key) = (line.plan(Course::Succeeds), line.fresh_key());
    let first = line.system().promote(&plan, &key).await.unwrap().run.unwrap();
    assert_eq!(until_ended(&line, &first).await, RunState::Succeeded);
    // Spinnaker itself has forgotten the correlation id by now.
    let again = line.restarted().promote(&plan, &key).await.unwrap();
    assert_eq!(again.run, Some(first));
    assert_eq!(line.effects(&plan).await, 1);
    let seen = line.server.seen();
    let sent: Vec<_> = seen.iter().filter(|request| request.is_write()).collect();
    assert_eq!(sent.len(), 1);
    let before = seen.iter().position(|request| request.is_write()).unwrap();
    assert!(seen[..before].iter().any(|request| request.path.ends_with("/executions/search")));
    // Spinnaker would believe any user that is named in a start.
    let body = sent[0].json();
    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["correlationId", "parameters", "type"]);
    assert_eq!(sent[0].path.split('/').nth(2), Some("shop"), "not the asynchronous v2");
}

#[tokio::test]
async fn an_empty_success_is_no_answer() {
    let line = Line::start().await;
    line.gate().says_nothing = true;
    let status = line.system().run_status(&RunId::new("01HX0000000000000000000001")).await;
    assert!(matches!(status, Err(RemoteError::Unavailable { .. })), "{status:?}");
}

#[tokio::test]
async fn a_limit_is_kept_until_the_date_that_gate_gives_and_five_seconds_if_that_is_past() {
    let at = |date: chrono::DateTime<Utc>| date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (reset, least, most) in [
        (at(Utc::now() + TimeDelta::seconds(40)), 35, 41),
        ("Wed, 21 Jan 1970 18:00:00 GMT".to_owned(), 4, 6),
    ] {
        let body = serde_json::json!({ "message": "Rate capacity exceeded" });
        let line = Line::with(Response::json(429, &body).with("x-ratelimit-reset", reset)).await;
        let error = line.system().stage_states(&line.gated()).await.unwrap_err();
        let RemoteError::RateLimited { retry_at } = error else { panic!("{error:?}") };
        let wait = (retry_at - Utc::now()).num_seconds();
        assert!((least..=most).contains(&wait), "{wait}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_login_page_is_a_sign_in_that_failed() {
    let line = Line::start().await;
    line.server.spoil(Fault::LoginRedirect, |_| true);
    let error = line.system().stage_states(&line.gated()).await.unwrap_err();
    assert!(matches!(error, RemoteError::Auth { reauth: true, .. }), "{error:?}");
}

#[tokio::test]
async fn a_token_a_password_and_a_certificate_are_told_apart() {
    let line = Line::start().await;
    let shown = async |account, secret| {
        line.connect(account, Some(secret)).unwrap().probe().await.unwrap();
        line.server.seen().last().unwrap().header("authorization").map(str::to_owned)
    };
    assert_eq!(shown(None, TOKEN).await, Some(format!("Bearer {TOKEN}")));
    assert_eq!(shown(Some("rosa"), "open-sesame").await.as_deref(), Some("Basic cm9zYTpvcGVuLXNlc2FtZQ=="));
    let broken = line.connect(None, Some("-----BEGIN CERTIFICATE-----\nnonsense"));
    assert!(matches!(broken.map(drop), Err(RemoteError::Tls { .. })));
    let info = line.system().probe().await.unwrap();
    assert_eq!((info.who.as_str(), info.server.as_str()), ("rosa@example.org", "Spinnaker (Gate 6.66.0)"));
}

#[tokio::test]
async fn what_failed_is_run_again_in_the_same_execution() {
    let line = Line::start().await;
    let plan = line.plan(Course::Fails);
    let run = line.system().promote(&plan, &line.fresh_key()).await.unwrap().run.unwrap();
    assert_eq!(until_ended(&line, &run).await, RunState::Failed);
    let again = line.system().retry_stage(&run, &plan.to, &line.fresh_key()).await.unwrap();
    assert_eq!(again.run.as_ref(), Some(&run));
    assert_eq!(until_ended(&line, &run).await, RunState::Succeeded);
    let well = line.system().retry_stage(&run, &plan.to, &line.fresh_key()).await;
    assert!(matches!(well, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{well:?}");
}

#[tokio::test]
async fn a_pipeline_that_goes_its_way_by_itself_takes_no_start_from_us() {
    let line = Line::start().await;
    line.gate().open_judgment("3.0.0");
    let mut plan = line.plan(Course::Succeeds);
    plan.pipeline = line.gated();
    plan.build = "3.0.0".into();
    plan.to = "StagingPROD".into();
    let preflight = line.system().preflight(&plan).await.unwrap();
    let codes: Vec<_> = preflight.blockers.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, ["stage.by_itself"]);
}
