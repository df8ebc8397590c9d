//! Dispatches: what they say, when they are refused, and how a lost answer is found.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::server::{Fault, Request};
use signalbox_pipelines::{PromotionPlan, Proof, Reconciled, RemoteError, RunIdFrom, WriteError};

use super::bench::GitHub;
use super::fake::sha_of;
use super::play::{key, refused, until_over};

fn dispatches(github: &GitHub) -> Vec<Request> {
    github.seen().into_iter().filter(|request| request.path.ends_with("/dispatches")).collect()
}

#[tokio::test]
async fn a_dispatch_names_tag_build_stage_and_operation_and_asks_for_its_run() {
    let github = GitHub::start().await;
    let mut plan = github.plan_to("qa");
    plan.parameters.insert("DRY_RUN".into(), "no".into());
    let preflight = github.system().preflight(&plan).await.unwrap();
    assert!(
        preflight.will_do[0].contains("POST http") && preflight.will_do[0].contains("\"ref\":\"v1.4.2\"")
    );
    let submission = github.system().promote(&plan, &key("op-1")).await.unwrap();
    assert_eq!(submission.proof, Proof::ServerSaid);
    let sent = dispatches(&github);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].json(),
        json!({
            "ref": "v1.4.2", "return_run_details": true,
            "inputs": { "VERSION": "v1.4.2", "ENVIRONMENT": "qa", "OPERATION": "op-1", "DRY_RUN": "no" },
        })
    );
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_told_at_once() {
    let github = GitHub::start().await;
    github.world().repo("shop").files[0].1 = "disabled_manually";
    let mut plan = PromotionPlan {
        commit: sha_of("another"),
        label: "1.4.2".into(),
        expect_sha256: Some("0".repeat(64)),
        expect_current: Some(Some("v1.0.0".into())),
        ..github.plan_to("qa")
    };
    plan.parameters.insert("OPERATION".into(), "mine".into());
    plan.parameters.extend((0..25).map(|number| (format!("I{number}"), String::new())));
    let preflight = github.system().preflight(&plan).await.unwrap();
    let codes: Vec<_> = preflight.blockers.iter().map(|blocker| blocker.code).collect();
    let expected = [
        "workflow.disabled",
        "build.moved",
        "build.label",
        "build.digest",
        "parameter.reserved",
        "parameter.too-many",
        "stage.changed",
    ];
    assert_eq!(codes, expected);
    assert!(!preflight.allowed);
    refused(github.system().promote(&plan, &key("op-1")).await);
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn a_tag_that_was_moved_since_it_was_shown_is_not_deployed() {
    let github = GitHub::start().await;
    let plan = github.plan_to("qa");
    github.world().repo("shop").tags.insert("v1.4.2".into(), sha_of("moved"));
    let error = refused(github.system().promote(&plan, &key("op-1")).await);
    assert_eq!(error.reasons()[0].code, "build.moved");
    assert_eq!(github.writes(), 0);
}

#[tokio::test]
async fn an_input_that_the_workflow_does_not_know_is_githubs_own_refusal() {
    let github = GitHub::start().await;
    let mut plan = github.plan_to("qa");
    plan.parameters.insert("COLOUR".into(), "red".into());
    let error = refused(github.system().promote(&plan, &key("op-1")).await);
    assert!(error.to_string().contains("Unexpected inputs provided"), "{error}");
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let github = GitHub::start().await;
    github.world().repo("shop").writes = false;
    let error = refused(github.system().promote(&github.plan_to("qa"), &key("op-1")).await);
    assert!(
        matches!(error, RemoteError::Forbidden { needs: Some(ref needs), .. } if needs == "actions=write")
    );
}

#[tokio::test]
async fn an_enterprise_server_gets_no_flag_and_its_run_is_found_by_its_name() {
    let github = GitHub::start().await;
    github.world().enterprise = Some("3.19.1");
    let info = github.system().probe().await.unwrap();
    assert_eq!(info.effective.run_id_from, RunIdFrom::Correlate);
    let plan = github.plan_to("qa");
    let sent_at = Utc::now();
    let submission = github.system().promote(&plan, &key("op-1")).await.unwrap();
    assert_eq!((submission.run, submission.proof), (None, Proof::Pending));
    assert!(dispatches(&github)[0].json().get("return_run_details").is_none());
    let found = github.restarted().reconcile_promotion(&plan, &key("op-1"), sent_at).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(submission) if submission.run.is_some()));
    assert_eq!(dispatches(&github).len(), 1);
}

#[tokio::test]
async fn a_run_that_is_not_listed_yet_is_not_called_undone() {
    let github = GitHub::with(&[], TimeDelta::zero()).await;
    let plan = github.plan_to("qa");
    github.world().lists_new_runs = false;
    github.server().spoil(Fault::ResetAfter, Request::is_write);
    let outcome = github.system().promote(&plan, &key("op-1")).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })));
    let reconcile = |sent_at| {
        let (system, plan) = (github.system(), plan.clone());
        async move { system.reconcile_promotion(&plan, &key("op-1"), sent_at).await.unwrap() }
    };
    assert!(matches!(reconcile(Utc::now()).await, Reconciled::StillUnknown { .. }));
    assert_eq!(reconcile(Utc::now() - TimeDelta::seconds(90)).await, Reconciled::NotApplied);
    github.world().lists_new_runs = true;
    assert!(matches!(reconcile(Utc::now()).await, Reconciled::Applied(_)));
}

#[tokio::test]
async fn a_run_that_does_not_name_its_operation_leaves_it_to_a_person() {
    let github = GitHub::start().await;
    github.world().echoes = false;
    let plan = github.plan_to("qa");
    github.server().spoil(Fault::ResetAfter, Request::is_write);
    let sent_at = Utc::now();
    assert!(github.system().promote(&plan, &key("op-1")).await.is_err());
    let found = github.system().reconcile_promotion(&plan, &key("op-1"), sent_at).await.unwrap();
    match found {
        Reconciled::StillUnknown { evidence } => assert!(evidence.contains("run-name"), "{evidence}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_that_github_cuts_off_proves_nothing() {
    let github = GitHub::start().await;
    github.world().hidden_runs = 1_500;
    let plan = github.plan_to("qa");
    let found = github.system().reconcile_promotion(&plan, &key("op-1"), Utc::now()).await.unwrap();
    match found {
        Reconciled::StillUnknown { evidence } => assert!(evidence.contains("search"), "{evidence}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_for_a_lost_dispatch_is_bounded_in_time_and_in_pages() {
    let github = GitHub::start().await;
    let plan = github.plan_to("qa");
    {
        let mut world = github.world();
        for number in 0..1_200 {
            world.start(
                "shop",
                "deploy.yml",
                "slow",
                "v1.4.1",
                format!("Deploy v1.4.1 to slow [other-{number}]"),
            );
        }
    }
    let before = github.seen().len();
    let found = github.system().reconcile_promotion(&plan, &key("op-1"), Utc::now()).await.unwrap();
    assert!(matches!(found, Reconciled::StillUnknown { .. }), "{found:?}");
    let searched = github.seen().split_off(before);
    assert_eq!(searched.len(), 10);
    let window = searched[0].parameter("created").unwrap();
    assert!(window.contains(".."), "{window}");
}

#[tokio::test]
async fn a_stage_that_a_run_is_on_its_way_to_is_busy_before_its_deployment_is_recorded() {
    let github = GitHub::start().await;
    {
        let mut world = github.world();
        world.start("shop", "deploy.yml", "slow", "v1.4.1", "Deploy v1.4.1 to slow [op-0]".into());
        world.repo("shop").deployments.clear();
    }
    let error = refused(github.system().promote(&github.plan_to("slow"), &key("op-1")).await);
    assert!(matches!(error, RemoteError::Conflict { .. }), "{error}");
    // A stage of a similar name is free.
    assert!(github.system().preflight(&github.plan_to("qa")).await.unwrap().allowed);
}

#[tokio::test]
async fn the_stage_tells_which_operation_put_its_build_there() {
    let github = GitHub::start().await;
    let system = github.system();
    let plan = github.plan_to("qa");
    let run = system.promote(&plan, &key("op-1")).await.unwrap().run.unwrap();
    until_over(&*system, &run).await;
    let states = system.stage_states(&plan.pipeline).await.unwrap();
    let occupant = states[0].occupant.clone().unwrap();
    assert_eq!((occupant.operation, occupant.run), (Some(key("op-1")), Some(run)));
}
