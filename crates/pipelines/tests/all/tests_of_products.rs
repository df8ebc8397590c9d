//! Tests of a whole product: a command that gets inputs, runs once and deploys nothing.

use std::fs;

use signalbox_pipelines::{
    OperationKey, PipelineQuery, PipelineSystem, Proof, Reconciled, RemoteError, RunPlan, RunState,
    WriteError,
};

use crate::yard::{GOOD, Yard, ended, until, whole_log};

const COUNTED: &str = r#"
echo "$SIGNALBOX_OPERATION" >>effects
echo "testing $SIGNALBOX_PRODUCT in $SIGNALBOX_STAGE: $SIGNALBOX_BUILDS"
[ -z "$OTHER$SIGNALBOX_OTHER" ]
"#;

fn with_test(script: &str) -> Yard {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    fs::write(yard.path().join("scripts/whole.sh"), script).unwrap();
    let file = yard.path().join("pipeline.toml");
    let mut toml = fs::read_to_string(&file).unwrap();
    toml.push_str("[test.whole]\ncommand = [\"sh\", \"scripts/whole.sh\"]\ntime_limit = \"60s\"\n");
    fs::write(file, toml).unwrap();
    yard
}

fn run_plan(builds: &str) -> RunPlan {
    let inputs = [("PRODUCT", "Harbour"), ("STAGE", "QA"), ("BUILDS", builds), ("OTHER", "left out")];
    RunPlan {
        pipeline: "whole".into(),
        inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        reason: "a test".into(),
    }
}

fn effects(yard: &Yard) -> Vec<String> {
    let text = fs::read_to_string(yard.path().join("effects")).unwrap_or_default();
    text.lines().map(String::from).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_of_one_test_start_one_run_with_its_inputs() {
    let yard = with_test(COUNTED);
    let (key, plan) = (yard.key(), run_plan("web=web-1"));
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (system, plan, key) = (yard.system(), plan.clone(), key.clone());
            tokio::spawn(async move { system.start_run(&plan, &key).await })
        })
        .collect();
    for sender in senders {
        assert_eq!(sender.await.unwrap().unwrap().run.unwrap().as_str(), key.as_str());
    }
    let system = yard.system();
    let run = key.as_str().into();
    let status = ended(&system, &run).await;
    assert_eq!((status.state, status.deployed), (RunState::Succeeded, None));
    assert_eq!(status.summary, "The test whole passed.");
    assert!(whole_log(&system, &run).await.contains("testing Harbour in QA: web=web-1\n"));
    let again = system.start_run(&plan, &key).await.unwrap();
    assert_eq!(again.proof, Proof::ReadBack);
    assert_eq!(effects(&yard), [key.as_str()]);
    assert!(!yard.path().join("environments").exists(), "a test deploys nothing");
    let other = system.start_run(&run_plan("web=web-2"), &key).await;
    assert!(matches!(other, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{other:?}");
}

#[tokio::test]
async fn a_test_that_was_sent_is_found_again_and_one_that_was_not_is_known_to_be_none() {
    let yard = with_test(COUNTED);
    let (system, key, plan) = (yard.system(), yard.key(), run_plan("web=web-1"));
    let before = system.reconcile_run(&plan, &key, Default::default()).await.unwrap();
    assert_eq!(before, Reconciled::NotApplied);
    system.start_run(&plan, &key).await.unwrap();
    ended(&system, &key.as_str().into()).await;
    let after = system.reconcile_run(&plan, &key, Default::default()).await.unwrap();
    assert!(matches!(after, Reconciled::Applied(_)), "{after:?}");
}

#[tokio::test]
async fn a_failed_test_says_so_and_a_running_one_holds_the_next_back() {
    let yard = with_test("while [ ! -e go ]; do sleep 0.05; done; exit 3");
    let (system, key) = (yard.system(), yard.key());
    system.start_run(&run_plan(""), &key).await.unwrap();
    let second = system.start_run(&run_plan(""), &yard.key()).await;
    assert!(matches!(second, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{second:?}");
    // A deployment is not held back.
    yard.run("web-1", "dev").await;
    fs::write(yard.path().join("go"), "").unwrap();
    let status = ended(&system, &key.as_str().into()).await;
    assert_eq!(status.state, RunState::Failed);
    assert_eq!(status.summary, "The test whole failed with exit code 3.");
}

#[tokio::test]
async fn a_test_can_be_ended() {
    let yard = with_test("while :; do sleep 1; done");
    let (system, key) = (yard.system(), yard.key());
    let run = system.start_run(&run_plan(""), &key).await.unwrap().run.unwrap();
    until("it works", || async {
        let status = system.run_status(&run).await.unwrap();
        (status.step.as_deref() == Some("test")).then_some(())
    })
    .await;
    system.cancel(&run, "not now", &yard.key()).await.unwrap();
    assert_eq!(ended(&system, &run).await.state, RunState::Cancelled);
}

#[tokio::test]
async fn a_service_is_no_test_and_a_test_has_a_name_of_its_own() {
    let yard = with_test(COUNTED);
    let system = yard.system();
    let listed = system.list_pipelines(&PipelineQuery::default(), None).await.unwrap();
    let names: Vec<_> = listed.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["web", "whole"]);
    for other in ["web", "../web", "nothing"] {
        let plan = RunPlan { pipeline: other.into(), ..run_plan("") };
        let refused = system.start_run(&plan, &OperationKey::new("op-9").unwrap()).await;
        assert!(matches!(refused, Err(WriteError::NotApplied(RemoteError::NotFound(_)))), "{refused:?}");
    }
    let file = yard.path().join("pipeline.toml");
    let toml = fs::read_to_string(&file).unwrap().replace("[test.whole]", "[test.web]\nlimit = 1");
    fs::write(file, toml).unwrap();
    let error = system.probe().await.unwrap_err();
    let codes: Vec<_> = error.reasons().iter().map(|reason| reason.code).collect();
    assert_eq!(codes, ["pipeline.test_name_taken", "toml.unknown_key"]);
}
