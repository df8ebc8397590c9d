//! Tests of the connection to Jenkins, against a Jenkins that is played on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "jenkins/bench.rs"]
pub(crate) mod bench;
#[path = "jenkins/fake.rs"]
mod fake;
#[path = "jenkins/gates.rs"]
mod gates;
#[path = "jenkins/runs.rs"]
mod runs;
#[path = "jenkins/session.rs"]
mod session;

use bench::Plant;
use signalbox_pipelines::testing::{contract, faults};

#[tokio::test]
async fn jenkins_keeps_the_contract() {
    assert_eq!(contract::violations(&Plant::new().await).await, Vec::<String>::new());
}

#[tokio::test]
async fn jenkins_survives_every_fault() {
    assert_eq!(faults::violations(&Plant::new().await).await, Vec::<String>::new());
}
