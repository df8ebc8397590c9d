//! The suites that every pipeline system must pass.

use signalbox_pipelines::testing::{contract, faults};

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
