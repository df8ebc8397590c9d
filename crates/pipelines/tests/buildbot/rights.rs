//! Who may do what, and how it is told.

use std::sync::{Arc, Mutex};

use signalbox_pipelines::http::Address;
use signalbox_pipelines::testing::buildbot::{PASSWORD, ROSA, RealBuildbot, VIKTOR};
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::server::Server;
use signalbox_pipelines::{BuildChoice, RemoteError, RunState, WriteError};

use crate::bench::{DEV, Line, QA, open_at, until_ended};

#[tokio::test]
async fn a_probe_says_who_acts_on_which_server() {
    let line = Line::start().await;
    let info = line.open(ROSA, PASSWORD).unwrap().probe().await.unwrap();
    assert_eq!((info.who.as_str(), info.server.as_str()), ("rosa", "Buildbot 4.3.0"));
    assert_eq!(info.missing, []);

    let anonymous = open_at(&RealBuildbot::address(line.server.base(), None), None).unwrap();
    assert_eq!(anonymous.probe().await.unwrap().who, "anonymous");

    let mut elsewhere = RealBuildbot::address(line.server.base(), Some(ROSA));
    elsewhere.options.insert("stages".into(), "Nowhere".into());
    let info = open_at(&elsewhere, Some(PASSWORD)).unwrap().probe().await.unwrap();
    assert_eq!(info.effective.build_choice, BuildChoice::None);
    assert_eq!(info.missing[0].capability, "build_choice");
}

#[tokio::test]
async fn a_wrong_password_is_refused_once_and_never_shown() {
    let line = Line::start().await;
    let wrong = line.open(ROSA, "wrong-sesame-0815").unwrap();
    let error = wrong.probe().await.unwrap_err();
    assert!(matches!(error, RemoteError::Auth { reauth: true, .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("wrong-sesame"), "{error:?}");
    let error = wrong.promote(&line.plan(DEV), &line.fresh_key()).await.unwrap_err();
    assert!(matches!(error, WriteError::NotApplied(RemoteError::Auth { .. })), "{error:?}");
    assert!(line.server.seen().iter().all(|request| !request.is_write()));
}

#[tokio::test]
async fn who_lacks_the_role_is_told_which_one_and_nothing_happens() {
    let line = Line::start().await;
    let viewer = line.open(VIKTOR, PASSWORD).unwrap();
    assert_eq!(viewer.stage_states(&"web".into()).await.unwrap().len(), 3);
    let error = viewer.promote(&line.plan(DEV), &line.fresh_key()).await.unwrap_err();
    let WriteError::NotApplied(RemoteError::Forbidden { needs, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(needs.as_deref(), Some("the role rm in Buildbot"));
    assert_eq!(line.effects(&line.plan(DEV)).await, 0);
}

#[tokio::test]
async fn an_ended_session_is_renewed_before_a_write_is_sent() {
    let line = Line::start().await;
    let behind = line.real.behind();
    let ended: Arc<Mutex<Option<String>>> = Arc::default();
    let forgotten = Arc::clone(&ended);
    // Buildbot keeps sessions for a week; here one ends when the test says so.
    let server = Server::start(move |request| {
        let mut request = request.clone();
        if request.header("cookie").is_some_and(|cookie| forgotten.lock().unwrap().as_deref() == Some(cookie))
        {
            request.headers.retain(|(name, _)| name != "cookie");
        }
        behind(&request)
    });
    let server = server.await.unwrap();
    let system = open_at(&RealBuildbot::address(server.base(), Some(ROSA)), Some(PASSWORD)).unwrap();
    system.probe().await.unwrap();
    let cookie = server.seen().last().unwrap().header("cookie").unwrap().to_owned();
    *ended.lock().unwrap() = Some(cookie);
    // The new session's cookie differs from the old one by its time.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let submission = system.promote(&line.plan(DEV), &line.fresh_key()).await.unwrap();
    let status = until_ended(&*system, &submission.run.unwrap()).await;
    assert_eq!(status.state, RunState::Succeeded);
    assert_eq!(server.seen().iter().filter(|request| request.is_write()).count(), 1);
}

#[tokio::test]
async fn what_buildbot_does_not_accept_is_told_in_its_words() {
    let line = Line::start().await;
    line.real.build("web", "nightly", "0000000").await.unwrap();
    let mut plan = line.plan(QA);
    plan.build = "nightly".into();
    let error = line.system().promote(&plan, &line.fresh_key()).await.unwrap_err();
    let WriteError::NotApplied(RemoteError::Invalid { reasons, .. }) = &error else { panic!("{error:?}") };
    assert_eq!((reasons.len(), reasons[0].place.as_str()), (1, "version"));
    assert!(reasons[0].sentence.contains("does not match pattern"), "{reasons:?}");
}

#[test]
fn a_connection_needs_its_stages_and_both_or_neither_of_name_and_password() {
    let refused = |address: &Address, password| match open_at(address, password) {
        Err(RemoteError::Invalid { reasons, .. }) => reasons[0].code.to_owned(),
        Err(error) => error.code().to_owned(),
        Ok(_) => "opened".to_owned(),
    };
    let whole = RealBuildbot::address("http://127.0.0.1:8010", Some(ROSA));
    assert_eq!(refused(&whole, Some(PASSWORD)), "opened");
    assert_eq!(refused(&whole, None), "remote.auth");
    assert_eq!(refused(&Address { account: None, ..whole.clone() }, Some(PASSWORD)), "remote.auth");
    assert_eq!(refused(&Address { account: None, ..whole.clone() }, None), "opened");
    for bad in ["", " , ", "QA, QA"] {
        let options = [("stages".to_owned(), bad.to_owned())].into();
        assert_eq!(refused(&Address { options, ..whole.clone() }, Some(PASSWORD)), "connection.stages");
    }
}
