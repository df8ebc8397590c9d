//! Tests of the connection to Bamboo, against a Bamboo that is played on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "bamboo/bench.rs"]
pub(crate) mod bench;
#[path = "bamboo/fake.rs"]
mod fake;
#[path = "bamboo/rules.rs"]
mod rules;

use bench::Plant;
use signalbox_pipelines::testing::{contract, faults};

#[tokio::test]
async fn bamboo_keeps_the_contract() {
    assert_eq!(contract::violations(&Plant::new().await).await, Vec::<String>::new());
}

#[tokio::test]
async fn bamboo_survives_every_fault() {
    assert_eq!(faults::violations(&Plant::new().await).await, Vec::<String>::new());
}
