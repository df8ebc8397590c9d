//! What every pipeline system must do.

use signalbox_pipelines::testing::{contract, faults};

use super::bench::Line;

#[tokio::test]
async fn spinnaker_keeps_the_contract() {
    assert_eq!(contract::violations(&Line::start().await).await, [""; 0]);
}

#[tokio::test]
async fn spinnaker_survives_every_fault() {
    assert_eq!(faults::violations(&Line::start().await).await, [""; 0]);
}
