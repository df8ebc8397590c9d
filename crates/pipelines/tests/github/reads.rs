//! What is read: pipelines, runs, logs; and what a connection may reach.

use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::server::Fault;
use signalbox_pipelines::{
    BuildChoice, LogCursor, Opening, PipelineQuery, RemoteError, RunState, Settled, StageId, SystemKind,
    fields, open,
};

use super::bench::{GitHub, pipeline};
use super::fake::{Course, TOKEN};
use super::play::{key, read_log, refused, until_over};

#[tokio::test]
async fn only_active_workflows_of_the_connections_live_repositories_are_pipelines() {
    let github = GitHub::start().await;
    {
        let mut world = github.world();
        world.add_repo("attic", &[("qa", Course::Succeeds, false)]);
        world.repo("attic").archived = true;
        let files = &mut world.repo("shop").files;
        files.extend([("ci.yml".to_owned(), "active"), ("old.yml".to_owned(), "disabled_manually")]);
    }
    let list = |options: &'static [(&str, &str)]| {
        let system = github.connect(options);
        async move {
            let page = system.list_pipelines(&PipelineQuery::default(), None).await.unwrap();
            page.items.into_iter().map(|item| item.id.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(&[]).await, ["acme/shop/ci.yml", "acme/shop/deploy.yml", "acme/till/deploy.yml"]);
    assert_eq!(list(&[("repositories", "sh*"), ("workflows", "deploy.yml")]).await, ["acme/shop/deploy.yml"]);
    assert_eq!(list(&[("repositories", "till")]).await, ["acme/till/deploy.yml"]);
}

#[tokio::test]
async fn the_named_environments_are_the_stages_in_their_order() {
    let github = GitHub::start().await;
    let system = github.connect(&[("environments", "slow, qa")]);
    let shape = system.describe(&pipeline("shop")).await.unwrap();
    let stages: Vec<_> = shape.stages.iter().map(|stage| stage.id.as_str()).collect();
    assert_eq!(stages, ["slow", "qa"]);
    assert_eq!(system.stage_states(&pipeline("shop")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_connection_does_not_reach_beyond_its_repositories() {
    let github = GitHub::start().await;
    let system = github.connect(&[("repositories", "till")]);
    assert!(matches!(system.describe(&pipeline("shop")).await, Err(RemoteError::NotFound(_))));
    assert!(matches!(system.run_status(&"acme/shop/101".into()).await, Err(RemoteError::NotFound(_))));
    assert!(github.seen().is_empty());
}

#[tokio::test]
async fn a_log_is_read_from_another_host_without_the_token() {
    let github = GitHub::start().await;
    let system = github.system();
    let run = system.promote(&github.plan_to("qa"), &key("op-1")).await.unwrap().run.unwrap();
    let early = system.read_log(&run, &LogCursor::start()).await.unwrap();
    assert!(early.text.is_empty() || early.complete || early.next != LogCursor::start());
    until_over(&*system, &run).await;
    let log = read_log(&*system, &run).await;
    assert!(log.starts_with("==> deploy\n") && log.contains("==> smoke-test\n"), "{log}");
    let asked = github.logs.seen();
    assert!(!asked.is_empty());
    for request in asked {
        let told = format!("{request:?}");
        assert!(request.header("authorization").is_none() && !told.contains(TOKEN), "{told}");
    }
}

#[tokio::test]
async fn a_log_that_github_no_longer_has_is_said_to_be_gone() {
    let github = GitHub::start().await;
    let system = github.system();
    let run = system.promote(&github.plan_to("broken"), &key("op-1")).await.unwrap().run.unwrap();
    until_over(&*system, &run).await;
    github.server().spoil(Fault::ErrorBefore(410), |request| request.path.ends_with("/logs"));
    assert!(read_log(&*system, &run).await.contains("no longer"));
}

#[tokio::test]
async fn a_test_after_the_deployment_is_a_check_and_its_failure_leaves_the_build_there() {
    let github = GitHub::start().await;
    let system = github.system();
    let plan = github.plan_to("flaky");
    let run = system.promote(&plan, &key("op-1")).await.unwrap().run.unwrap();
    let status = until_over(&*system, &run).await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(true)));
    assert_eq!(status.checks.len(), 1);
    assert!(status.checks[0].name == "smoke-test" && !status.checks[0].passed);
    assert!(status.summary.contains("smoke-test"), "{}", status.summary);
    let states = system.stage_states(&plan.pipeline).await.unwrap();
    let state = states.into_iter().find(|state| state.stage == StageId::new("flaky")).unwrap();
    assert_eq!(state.occupant.unwrap().settled, Settled::Deployed);
}

#[tokio::test]
async fn a_failed_run_is_run_again_under_its_own_id_unless_another_has_deployed_since() {
    let github = GitHub::start().await;
    let system = github.system();
    let plan = github.plan_to("broken");
    let run = system.promote(&plan, &key("op-1")).await.unwrap().run.unwrap();
    until_over(&*system, &run).await;
    let wrong = system.retry_stage(&run, &StageId::new("qa"), &key("op-2")).await;
    assert!(matches!(refused(wrong), RemoteError::NotFound(_)));
    let again = system.retry_stage(&run, &plan.to, &key("op-3")).await.unwrap();
    assert_eq!(again.run.as_ref(), Some(&run));
    assert!(until_over(&*system, &run).await.summary.contains("attempt 2"));

    let other = system.promote(&plan, &key("op-4")).await.unwrap().run.unwrap();
    until_over(&*system, &other).await;
    let stale = system.retry_stage(&run, &plan.to, &key("op-5")).await;
    assert!(matches!(refused(stale), RemoteError::Stale { .. }));
}

#[tokio::test]
async fn an_account_that_may_not_write_is_told_so_before_it_tries() {
    let github = GitHub::start().await;
    for repo in ["shop", "till"] {
        github.world().repo(repo).writes = false;
    }
    let info = github.system().probe().await.unwrap();
    assert_eq!(info.who, "rm");
    assert_eq!(info.effective.build_choice, BuildChoice::None);
    assert!(
        info.missing.iter().any(|missing| missing.capability == "cancel" && missing.why.contains("till"))
    );
    // One of two is named, and takes nothing from the other.
    github.world().repo("till").writes = true;
    let info = github.system().probe().await.unwrap();
    assert_eq!(info.effective.build_choice, BuildChoice::ByConvention);
    assert!(info.missing.iter().all(|missing| missing.why.contains("shop")));
}

#[tokio::test]
async fn what_is_unchanged_is_asked_for_with_its_tag() {
    let github = GitHub::start().await;
    let system = github.system();
    for _ in 0..2 {
        system.describe(&pipeline("shop")).await.unwrap();
    }
    let tagged = github.seen().iter().filter(|request| request.header("if-none-match").is_some()).count();
    assert_eq!(tagged, github.seen().len() / 2);
}

#[test]
fn a_connection_without_owner_or_token_is_refused_with_the_reason() {
    let address = Address { base: "https://api.github.com".into(), ..Address::default() };
    let hosts = Hosts::default();
    let opening = || Opening {
        connection: "github".into(),
        address: &address,
        secret: None,
        hosts: &hosts,
        clock: std::sync::Arc::new(chrono::Utc::now),
    };
    let error = open(SystemKind::GitHub, opening()).err().unwrap();
    assert_eq!(error.reasons()[0].code, "github.owner");
    assert!(fields(SystemKind::GitHub).iter().any(|field| field.name == "owner" && field.required));
}
