//! An operation is carried out once: whoever sends it, how often, from how many programs.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use signalbox_pipelines::{
    OperationKey, PipelineSystem, Proof, Reconciled, RemoteError, RunState, WriteError,
};

use crate::yard::{GOOD, Yard, ended, plan, system_at, until};

const FOLDER: &str = "SIGNALBOX_TEST_FOLDER";
const KEY: &str = "SIGNALBOX_TEST_KEY";

/// Does nothing by itself: other tests run it as a second program.
#[tokio::test]
async fn a_second_program_sends_the_operation() {
    let (Ok(folder), Ok(key)) = (std::env::var(FOLDER), std::env::var(KEY)) else { return };
    let system = system_at(Path::new(&folder));
    let key = OperationKey::new(key).unwrap();
    system.promote(&plan("web-1", "dev"), &key).await.unwrap();
    // As abrupt as a crash.
    std::process::abort();
}

fn second_program(yard: &Yard, key: &OperationKey) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "once::a_second_program_sends_the_operation", "--nocapture"])
        .env(FOLDER, yard.path())
        .env(KEY, key.as_str())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_of_one_operation_start_one_run() {
    let yard = Yard::new().stage("dev", GOOD, &[("smoke test", "true")], "60s");
    let key = yard.key();
    let programs: Vec<_> = (0..3).map(|_| second_program(&yard, &key)).collect();
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (system, key) = (yard.system(), key.clone());
            tokio::spawn(async move { system.promote(&plan("web-1", "dev"), &key).await })
        })
        .collect();
    for sender in senders {
        let submission = sender.await.unwrap().unwrap();
        assert_eq!(submission.run.unwrap().as_str(), key.as_str());
    }
    for mut program in programs {
        program.wait().unwrap();
    }
    let status = ended(&yard.system(), &key.as_str().into()).await;
    assert_eq!(status.state, RunState::Succeeded);
    assert_eq!(yard.effects("dev"), [key.as_str()]);

    let again = yard.system().promote(&plan("web-1", "dev"), &key).await.unwrap();
    assert_eq!(again.proof, Proof::ReadBack);
    assert_eq!(yard.effects("dev"), [key.as_str()]);
}

#[tokio::test]
async fn a_run_goes_on_when_its_program_dies_and_is_found_again() {
    let deploy = format!("while [ ! -e go ]; do sleep 0.05; done\n{GOOD}");
    let yard = Yard::new().stage("dev", &deploy, &[("smoke test", "true")], "10m");
    let key = yard.key();
    let mut program = second_program(&yard, &key);
    assert!(!program.wait().unwrap().success());

    let system = yard.system();
    let run = key.as_str().into();
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Running);
    let plan = plan("web-1", "dev");
    let found = system.reconcile_promotion(&plan, &key, Default::default()).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(_)), "{found:?}");
    let other = system.promote(&plan, &yard.key()).await;
    assert!(matches!(other, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{other:?}");

    fs::write(yard.path().join("go"), "").unwrap();
    let status = ended(&system, &run).await;
    assert_eq!((status.state, status.checks.len()), (RunState::Succeeded, 1));
    assert_eq!(yard.effects("dev"), [key.as_str()]);
}

#[tokio::test]
async fn a_claim_that_never_began_is_unknown_and_never_run() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s").stage("qa", GOOD, &[], "60s");
    let (system, key) = (yard.system(), yard.key());
    let (plan, run) = (plan("web-1", "dev"), key.as_str().into());
    system.promote(&plan, &key).await.unwrap();
    ended(&system, &run).await;

    // What a power cut right after the claim leaves behind.
    let folder = yard.path().join("runs").join(key.as_str());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("run.json") && !path.ends_with("run.sh") {
            fs::remove_file(path).unwrap();
        }
    }
    let found = system.reconcile_promotion(&plan, &key, Default::default()).await.unwrap();
    assert!(matches!(found, Reconciled::StillUnknown { .. }), "{found:?}");
    let again = system.promote(&plan, &key).await;
    assert!(matches!(again, Err(WriteError::OutcomeUnknown { .. })), "{again:?}");
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Unknown);
    assert_eq!(yard.effects("dev").len(), 1);
}

#[tokio::test]
async fn a_key_stands_for_one_plan() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s").stage("qa", GOOD, &[], "60s");
    let (system, key) = (yard.system(), yard.key());
    system.promote(&plan("web-1", "dev"), &key).await.unwrap();
    for other in [plan("web-2", "dev"), plan("web-1", "qa")] {
        let refused = system.promote(&other, &key).await;
        assert!(matches!(refused, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{refused:?}");
    }
    assert!(yard.effects("qa").is_empty());
}

#[tokio::test]
async fn stages_work_side_by_side() {
    let wait = format!("touch here-$SIGNALBOX_STAGE; while [ ! -e go ]; do sleep 0.05; done\n{GOOD}");
    let yard = Yard::new().stage("dev", &wait, &[], "10m").stage("qa", &wait, &[], "10m");
    let system = yard.system();
    let (first, second) = (yard.key(), yard.key());
    system.promote(&plan("web-1", "dev"), &first).await.unwrap();
    system.promote(&plan("web-1", "qa"), &second).await.unwrap();
    until("both have begun", || async {
        let here = |stage: &str| yard.path().join(format!("here-{stage}")).exists();
        (here("dev") && here("qa")).then_some(())
    })
    .await;
    fs::write(yard.path().join("go"), "").unwrap();
    for key in [first, second] {
        let status = ended(&system, &key.as_str().into()).await;
        assert_eq!(status.state, RunState::Succeeded);
    }
}
