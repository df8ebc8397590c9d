//! What every pipeline system must do.

use signalbox_pipelines::testing::{contract, faults, runs};

use super::bench::Line;

#[tokio::test]
async fn spinnaker_keeps_the_contract() {
    assert_eq!(contract::violations(&Line::start().await).await, [""; 0]);
}

#[tokio::test]
async fn spinnaker_survives_every_fault() {
    assert_eq!(faults::violations(&Line::start().await).await, [""; 0]);
}

#[tokio::test]
async fn spinnaker_starts_a_test_once_under_every_fault() {
    assert_eq!(runs::violations(&Line::start().await).await, [""; 0]);
}
