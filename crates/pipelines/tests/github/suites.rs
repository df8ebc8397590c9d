//! The suites that every pipeline system must pass.

use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::{contract, faults, runs};
use signalbox_pipelines::{Reconciled, RemoteError, WriteError};

use super::bench::GitHub;

#[tokio::test(flavor = "multi_thread")]
async fn github_keeps_the_contract() {
    let violations = contract::violations(&GitHub::start().await).await;
    assert!(violations.is_empty(), "{violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn github_survives_every_fault() {
    let violations = faults::violations(&GitHub::start().await).await;
    assert!(violations.is_empty(), "{violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn github_starts_a_test_once_under_every_fault() {
    let violations = runs::violations(&GitHub::with_tests().await).await;
    assert!(violations.is_empty(), "{violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workflow_does_not_declare_is_left_out_of_its_test() {
    let github = GitHub::with_tests().await;
    github.world().declared_by_tests = vec!["PRODUCT"];
    let (plan, key) = (github.run_plan(), github.fresh_key());
    let run = github.system().start_run(&plan, &key).await.unwrap().run.unwrap();
    let only = [("PRODUCT".to_owned(), "Harbour".to_owned())].into();
    assert_eq!(github.began().await, [only], "the refused start began nothing");
    assert!(github.system().run_status(&run).await.is_ok());
    // Without a place for the operation, a run of that time may be ours.
    let found = github.system().reconcile_run(&plan, &key, chrono::Utc::now()).await.unwrap();
    let Reconciled::StillUnknown { evidence } = found else { panic!("{found:?}") };
    assert!(evidence.contains("run-name"), "{evidence}");

    github.world().repo("shop").writes = false;
    let refused = github.system().start_run(&plan, &github.fresh_key()).await;
    assert!(matches!(refused, Err(WriteError::NotApplied(RemoteError::Forbidden { .. }))), "{refused:?}");
    assert_eq!(github.began().await.len(), 1);
}
