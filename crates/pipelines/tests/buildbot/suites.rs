//! What every pipeline system must do, done by a real Buildbot.

use signalbox_pipelines::testing::{contract, faults, runs};

use crate::bench::Line;

#[tokio::test]
async fn a_real_buildbot_keeps_the_contract() {
    assert_eq!(contract::violations(&Line::start().await).await, [""; 0]);
}

#[tokio::test]
async fn a_real_buildbot_survives_every_fault_on_the_way_to_it() {
    assert_eq!(faults::violations(&Line::start().await).await, [""; 0]);
}

#[tokio::test]
async fn a_real_buildbot_starts_a_test_once_under_every_fault() {
    assert_eq!(runs::violations(&Line::start().await).await, [""; 0]);
}
