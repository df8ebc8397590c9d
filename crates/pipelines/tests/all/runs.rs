//! Runs of real commands: what they see, how they end, what is told about them.

use std::fs;

use signalbox_pipelines::{
    LogCursor, PipelineSystem, Reconciled, RemoteError, RunState, Settled, WriteError, sanitise,
};

use crate::yard::{GOOD, Yard, ended, sha256, until, whole_log, works};

#[tokio::test]
async fn a_good_build_lands_in_its_environment_and_its_smoke_test_runs() {
    let smoke = "grep -q one \"$SIGNALBOX_ENVIRONMENT/app\" && echo it works";
    let yard = Yard::new().stage("dev", GOOD, &[("smoke test", smoke), ("second", "true")], "60s");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    let status = ended(&system, &run).await;

    assert_eq!(status.state, RunState::Succeeded);
    assert_eq!(status.deployed, Some(true));
    assert_eq!(status.summary, "web-1 was deployed to dev, and its 2 checks passed.");
    assert_eq!((status.progress.done, status.progress.total), (3, 3));
    let check = &status.checks[0];
    assert_eq!((check.name.as_str(), check.passed), ("smoke test", true));
    assert_eq!(check.source, "sh scripts/check-dev-0.sh");
    assert!(check.started <= check.finished && check.finished.is_some());
    assert_eq!(fs::read_to_string(yard.environment("dev").join("app")).unwrap(), "one");
    let log = whole_log(&system, &run).await;
    assert!(log.contains("deployed web-1\n") && log.contains("it works\n"), "{log}");

    let states = system.stage_states(&"web".into()).await.unwrap();
    let there = states[0].occupant.as_ref().unwrap();
    assert_eq!((there.build.as_str(), there.settled), ("web-1", Settled::Deployed));
    assert_eq!(there.sha256.as_deref(), Some(sha256("one").as_str()));
    assert_eq!(there.operation.as_ref().unwrap().as_str(), run.as_str());
    assert_eq!(states[0].running, None);
}

#[tokio::test]
async fn commands_see_the_operation_and_nothing_of_the_session() {
    let yard = Yard::new().stage("dev", "env | sort; pwd", &[], "60s");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    ended(&system, &run).await;
    let log = whole_log(&system, &run).await;

    let environment = yard.environment("dev");
    for line in [
        "SIGNALBOX_BUILD=web-1",
        "SIGNALBOX_COMMIT=9fceb02",
        "SIGNALBOX_AUTHOR=Ada",
        "SIGNALBOX_SERVICE=web",
        "SIGNALBOX_STAGE=dev",
        "SIGNALBOX_FEATURES=SHOP-1 SHOP-2",
        "SIGNALBOX_VERSION_APPLICATION=1.4",
        "SIGNALBOX_VERSION_DATA=12",
        "HOME=/nowhere",
        &format!("SIGNALBOX_OPERATION={run}"),
        &format!("SIGNALBOX_DIGEST={}", sha256("one")),
        &format!("SIGNALBOX_ENVIRONMENT={}", environment.display()),
        &yard.path().display().to_string(),
    ] {
        assert!(log.lines().any(|l| l == line), "{line} is missing in {log}");
    }
    let known = ["PATH=", "HOME=", "PWD=", "OLDPWD=", "_=", "SHLVL=", "SIGNALBOX_"];
    for line in log.lines().filter(|l| l.contains('=') && !l.starts_with("==")) {
        assert!(known.iter().any(|k| line.starts_with(k)), "{line} should not be there");
    }
}

#[tokio::test]
async fn a_failed_deployment_runs_no_check_and_leaves_the_stage_broken() {
    let yard = Yard::new().stage("dev", "echo no space; exit 3", &[("smoke test", "true")], "60s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(false)));
    assert!(status.checks.is_empty());
    assert_eq!(
        status.summary,
        "web-1 could not be deployed to dev. The deploy command failed with exit code 3."
    );
    let states = yard.system().stage_states(&"web".into()).await.unwrap();
    assert_eq!(states[0].occupant.as_ref().unwrap().settled, Settled::Broken);
}

#[tokio::test]
async fn every_check_runs_even_if_one_fails() {
    let checks = [("smoke test", "exit 1"), ("second", "true"), ("third", "kill -9 $$")];
    let yard = Yard::new().stage("dev", GOOD, &checks, "60s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(true)));
    let passed: Vec<_> = status.checks.iter().map(|check| check.passed).collect();
    assert_eq!(passed, [false, true, false]);
    assert_eq!(
        status.summary,
        "web-1 was deployed to dev, but check \"smoke test\" failed with exit code 1. check \
         \"third\" was ended by signal 9."
    );
}

#[tokio::test]
async fn a_command_that_can_not_be_started_is_a_failure_with_its_reason() {
    let yard = Yard::new().stage("dev", "exec /no/such/program", &[], "60s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!(status.state, RunState::Failed);
    assert!(status.summary.contains("could not be started (exit code 127)"), "{}", status.summary);
}

/// Starts a grandchild that ignores the polite signal.
const STUBBORN: &str = r#"
mkdir -p "$SIGNALBOX_ENVIRONMENT"
sh -c 'trap "" TERM; while :; do sleep 0.2; done' &
echo $! >"$SIGNALBOX_ENVIRONMENT/grandchild.new"
mv "$SIGNALBOX_ENVIRONMENT/grandchild.new" "$SIGNALBOX_ENVIRONMENT/grandchild"
wait
"#;

#[tokio::test]
async fn a_time_limit_ends_the_whole_group() {
    let yard = Yard::new().stage("dev", STUBBORN, &[("smoke test", "true")], "1s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(false)));
    assert!(status.summary.ends_with("was stopped by its time limit of 1 s."), "{}", status.summary);
    let grandchild = fs::read_to_string(yard.environment("dev").join("grandchild")).unwrap();
    assert!(!works(&grandchild));
}

#[tokio::test]
async fn a_check_beyond_its_time_limit_fails_and_the_next_one_still_runs() {
    let checks = [("slow", "while :; do sleep 0.1; done"), ("quick", "true")];
    let yard = Yard::new().stage("dev", GOOD, &checks, "1s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(true)));
    let passed: Vec<_> = status.checks.iter().map(|check| check.passed).collect();
    assert_eq!(passed, [false, true]);
}

#[tokio::test]
async fn cancelling_ends_grandchildren_too() {
    let yard = Yard::new().stage("dev", STUBBORN, &[("smoke test", "true")], "10m");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    let file = yard.environment("dev").join("grandchild");
    let grandchild = until("the grandchild works", || async { fs::read_to_string(&file).ok() }).await;
    assert!(works(&grandchild));

    let states = system.stage_states(&"web".into()).await.unwrap();
    assert_eq!(states[0].running.as_ref(), Some(&run));
    assert_eq!(states[0].occupant.as_ref().unwrap().settled, Settled::Deploying);

    system.cancel(&run, "wrong build", &yard.key()).await.unwrap();
    let status = ended(&system, &run).await;
    assert_eq!(status.state, RunState::Cancelled);
    assert!(status.checks.is_empty());
    assert!(!works(&grandchild));
}

#[tokio::test]
async fn a_log_is_readable_while_it_is_written() {
    let deploy = "echo first; printf half; while [ ! -e go ]; do sleep 0.05; done; echo; echo last";
    let yard = Yard::new().stage("dev", deploy, &[], "10m");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    let first = until("the first line is there", || async {
        let chunk = system.read_log(&run, &LogCursor::start()).await.unwrap();
        chunk.text.contains("first").then_some(chunk)
    })
    .await;
    assert!(first.text.ends_with("first\n") && !first.complete, "{first:?}");
    fs::write(yard.path().join("go"), "").unwrap();
    ended(&system, &run).await;
    let rest = system.read_log(&run, &first.next).await.unwrap();
    assert!(rest.text.starts_with("half\nlast\n") && rest.complete, "{rest:?}");
}

#[tokio::test]
async fn huge_output_is_capped_and_later_steps_are_still_heard() {
    let noise = "head -c 30000000 /dev/zero | tr '\\0' x; echo; printf '\\033[31mred\\n'";
    let yard = Yard::new().stage("dev", noise, &[("smoke test", "echo heard")], "60s");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    assert_eq!(ended(&system, &run).await.state, RunState::Succeeded);
    let log = whole_log(&system, &run).await;
    assert!(log.len() < 5_000_000, "{}", log.len());
    assert!(log.contains("the rest was dropped\n") && log.contains("heard\n"));
}

#[tokio::test]
async fn a_log_keeps_what_was_written_and_shows_it_harmlessly() {
    let yard = Yard::new().stage("dev", "printf '\\033[31mred\\n'", &[], "60s");
    let system = yard.system();
    let submission = system.promote(&yard.plan("web-1", "dev"), &yard.key()).await.unwrap();
    let run = submission.run.unwrap();
    ended(&system, &run).await;
    let log = whole_log(&system, &run).await;
    assert!(log.contains("\u{1b}[31mred\n"));
    assert!(sanitise(&log).contains("␛[31mred\n"));
}

#[tokio::test]
async fn a_process_that_a_deployment_leaves_running_does_not_hold_the_run() {
    let deploy = format!("{GOOD}\n(while [ ! -e stop ]; do sleep 0.05; done; echo bye >stopped) &");
    let yard = Yard::new().stage("dev", &deploy, &[], "60s");
    let status = yard.run("web-1", "dev").await;
    assert_eq!(status.state, RunState::Succeeded);
    fs::write(yard.path().join("stop"), "").unwrap();
    let stopped = yard.path().join("stopped");
    until("it worked on until now", || async { stopped.exists().then_some(()) }).await;
}

#[tokio::test]
async fn a_run_whose_runner_was_killed_is_interrupted_and_can_be_cleared() {
    let yard = Yard::new().stage("dev", STUBBORN, &[], "10m");
    let system = yard.system();
    let (plan, key) = (yard.plan("web-1", "dev"), yard.key());
    let submission = system.promote(&plan, &key).await.unwrap();
    let run = submission.run.unwrap();
    let file = yard.environment("dev").join("grandchild");
    let grandchild = until("the grandchild works", || async { fs::read_to_string(&file).ok() }).await;
    let runs = yard.path().join("runs").join(run.as_str());
    let runner = fs::read_to_string(runs.join("runner.pid")).unwrap();
    std::process::Command::new("kill").args(["-9", runner.trim()]).status().unwrap();

    let status = ended(&system, &run).await;
    assert_eq!(status.state, RunState::Unknown);
    assert!(status.summary.contains("was interrupted"), "{}", status.summary);
    let found = system.reconcile_promotion(&plan, &key, submission.accepted_at).await.unwrap();
    assert!(matches!(found, Reconciled::StillUnknown { .. }), "{found:?}");
    let states = system.stage_states(&"web".into()).await.unwrap();
    assert_eq!(states[0].occupant.as_ref().unwrap().settled, Settled::Broken);

    system.cancel(&run, "it hangs", &yard.key()).await.unwrap();
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Cancelled);
    assert!(!works(&grandchild));
}

#[tokio::test]
async fn a_changed_artifact_is_refused() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let system = yard.system();
    let mut plan = yard.plan("web-1", "dev");
    plan.expect_sha256 = Some(sha256("one"));
    assert!(system.preflight(&plan).await.unwrap().allowed);

    // The file alone, and then file and manifest together.
    fs::write(yard.path().join("arrivals/web/web-1/app.txt"), "evil").unwrap();
    let codes = refused_with(system.promote(&plan, &yard.key()).await);
    assert_eq!(codes, ["arrival.digest_differs"]);
    yard.arrive("web-1", "evil");
    let codes = refused_with(system.promote(&plan, &yard.key()).await);
    assert_eq!(codes, ["artifact.changed"]);
    assert!(yard.effects("dev").is_empty());
    assert!(!yard.environment("dev").exists());
}

#[tokio::test]
async fn a_refusal_names_every_reason() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let mut plan = yard.plan("web-9", "nowhere");
    plan.parameters.insert("FORCE".into(), "yes".into());
    let codes = refused_with(yard.system().promote(&plan, &yard.key()).await);
    assert_eq!(codes, ["promotion.no_parameters", "stage.not_found", "build.not_found"]);
}

#[tokio::test]
async fn a_stage_that_changed_since_it_was_shown_refuses() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let mut plan = yard.plan("web-2", "dev");
    plan.expect_current = Some(None);
    yard.run("web-1", "dev").await;
    let refused = yard.system().promote(&plan, &yard.key()).await;
    assert!(matches!(refused, Err(WriteError::NotApplied(RemoteError::Stale { .. }))));
    plan.expect_current = Some(Some("web-1".into()));
    yard.system().promote(&plan, &yard.key()).await.unwrap();
}

fn refused_with<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Vec<&'static str> {
    match result {
        Err(WriteError::NotApplied(error)) => error.reasons().iter().map(|r| r.code).collect(),
        other => panic!("not refused: {other:?}"),
    }
}
