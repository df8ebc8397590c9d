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
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::{contract, faults};
use signalbox_pipelines::{Reconciled, RunState};

#[tokio::test]
async fn jenkins_keeps_the_contract() {
    assert_eq!(contract::violations(&Plant::new().await).await, Vec::<String>::new());
}

#[tokio::test]
async fn jenkins_survives_every_fault() {
    assert_eq!(faults::violations(&Plant::new().await).await, Vec::<String>::new());
}

#[tokio::test]
async fn jenkins_starts_a_test_once_under_every_fault() {
    let violations = signalbox_pipelines::testing::runs::violations(&Plant::new().await).await;
    assert_eq!(violations, Vec::<String>::new());
}

#[tokio::test]
async fn a_job_gets_the_inputs_that_it_declares_and_one_without_ours_can_not_be_told() {
    for declared in [vec!["BUILDS"], vec![]] {
        let plant = Plant::new().await;
        plant.fake.state().declared_by_tests.clone_from(&declared);
        let (plan, key) = (plant.run_plan(), plant.fresh_key());
        let system = plant.system();
        let run = system.start_run(&plan, &key).await.unwrap().run.unwrap();
        let began = plant.began().await;
        assert_eq!(began.len(), 1);
        assert_eq!(began[0].keys().map(String::as_str).collect::<Vec<_>>(), declared);
        while !system.run_status(&run).await.unwrap().state.is_final() {}
        assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Succeeded);
        let found = system.reconcile_run(&plan, &key, chrono::Utc::now()).await.unwrap();
        let Reconciled::StillUnknown { evidence } = found else { panic!("{found:?}") };
        assert!(evidence.contains("OPERATION"), "{evidence}");
    }
}
