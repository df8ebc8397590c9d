//! AWS CodePipeline against a stateful fake, with the real SDK on the wire and the vendor's model as the judge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "codepipeline/account.rs"]
mod account;
#[path = "codepipeline/bench.rs"]
pub(crate) mod bench;
#[path = "codepipeline/gates.rs"]
mod gates;
#[path = "codepipeline/judge.rs"]
mod judge;
#[path = "codepipeline/judging.rs"]
mod judging;
#[path = "codepipeline/ways.rs"]
mod ways;

use bench::Yard;
use signalbox_pipelines::Reconciled;
use signalbox_pipelines::testing::codepipeline::{fake, line};
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::{contract, faults, runs};

#[tokio::test]
async fn codepipeline_keeps_the_contract() {
    let yard = Yard::new().await;
    assert_eq!(contract::violations(&yard).await, Vec::<String>::new());
}

#[tokio::test]
async fn codepipeline_survives_every_fault() {
    let yard = Yard::new().await;
    assert_eq!(faults::violations(&yard).await, Vec::<String>::new());
}

#[tokio::test]
async fn codepipeline_starts_a_test_once_under_every_fault() {
    let yard = Yard::with_tests(&["PRODUCT", "STAGE", "BUILDS", "OPERATION"]).await;
    assert_eq!(runs::violations(&yard).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_test_pipeline_gets_the_variables_that_it_declares_and_one_without_ours_can_not_be_told() {
    let yard = Yard::with_tests(&["PRODUCT"]).await;
    let (plan, key) = (yard.run_plan(), yard.fresh_key());
    let first = yard.system().start_run(&plan, &key).await.unwrap();
    let only = [("PRODUCT".to_owned(), "Harbour".to_owned())].into();
    assert_eq!(yard.began().await, [only]);
    // The service itself knows the key by its token.
    assert_eq!(yard.restarted().start_run(&plan, &key).await.unwrap().run, first.run);
    assert_eq!(yard.began().await.len(), 1);
    let found = yard.system().reconcile_run(&plan, &key, chrono::Utc::now()).await.unwrap();
    let Reconciled::StillUnknown { evidence } = found else { panic!("{found:?}") };
    assert!(evidence.contains("OPERATION"), "{evidence}");
}

/// A file that nobody lists here would never run.
#[test]
fn every_test_file_is_listed() {
    let own = include_str!("codepipeline.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/codepipeline");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            own.contains(&format!("codepipeline/{name}")),
            "{name} is not listed in tests/codepipeline.rs"
        );
    }
}
