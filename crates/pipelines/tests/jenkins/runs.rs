//! Promotions and what stands where.

use std::time::Duration;

use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::{
    BuildQuery, LogCursor, PipelineSystem, Reconciled, RemoteError, RunState, Settled, WriteError,
};

use super::bench::Plant;

async fn codes(plant: &Plant, plan: &signalbox_pipelines::PromotionPlan) -> Vec<&'static str> {
    let preflight = plant.system().preflight(plan).await.unwrap();
    preflight.blockers.iter().map(|reason| reason.code).collect()
}

async fn ended(system: &dyn PipelineSystem, run: &signalbox_pipelines::RunId) -> RunState {
    loop {
        let status = system.run_status(run).await.unwrap();
        if status.state.is_final() {
            return status.state;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_request_that_was_folded_into_our_own_queue_item_is_the_same_promotion() {
    let plant = Plant::new().await;
    plant.fake.state().queue_listed = false;
    plant.fake.state().queue_time = Duration::from_secs(60);
    let (system, plan, key) = (plant.system(), plant.plan(Course::Succeeds), plant.fresh_key());
    let first = system.promote(&plan, &key).await.unwrap();
    let second = system.promote(&plan, &key).await.unwrap();
    assert_eq!(plant.writes().len(), 2);
    assert_eq!(first.run, second.run);
    assert_eq!(plant.effects(&plan).await, 1);
}

#[tokio::test]
async fn a_run_stays_known_by_its_queue_item_after_jenkins_forgot_that() {
    let plant = Plant::new().await;
    let (system, plan) = (plant.system(), plant.plan(Course::Succeeds));
    let run = system.promote(&plan, &plant.fresh_key()).await.unwrap().run.unwrap();
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Queued);
    assert_eq!(ended(&*system, &run).await, RunState::Succeeded);
    assert_eq!(plant.restarted().run_status(&run).await.unwrap().state, RunState::Succeeded);
    let states = system.stage_states(&plan.pipeline).await.unwrap();
    let occupant = states.into_iter().find(|state| state.stage == plan.to).unwrap().occupant.unwrap();
    assert_eq!(occupant.run, Some(run));
}

#[tokio::test]
async fn a_skipped_stage_is_not_taken_for_deployed() {
    let plant = Plant::new().await;
    let states = plant.system().stage_states(&"shop/deploy".into()).await.unwrap();
    let found: Vec<_> = states
        .iter()
        .map(|state| {
            let occupant = state.occupant.as_ref().unwrap();
            (state.stage.as_str(), occupant.build.as_str(), occupant.settled)
        })
        .collect();
    // Every seeded run reports all three stages as passed or failed; each was meant for one.
    assert_eq!(
        found,
        [
            ("good", "1.4.1", Settled::Deployed),
            ("bad", "1.4.1", Settled::Broken),
            ("endless", "1.4.2", Settled::Deployed)
        ]
    );
}

#[tokio::test]
async fn a_version_that_ran_often_is_one_build() {
    let plant = Plant::new().await;
    let system = plant.system();
    let page = system.list_builds(&"shop/deploy".into(), &BuildQuery::default(), None).await.unwrap();
    let builds: Vec<_> =
        page.builds.iter().map(|build| (build.label.as_str(), build.author.as_str())).collect();
    assert_eq!(builds, [("1.4.2", "Grace Hopper"), ("1.4.1", "Grace Hopper")]);
    plant.fake.wait_at_gate(Vec::new());
    let page = system.list_builds(&"shop/release".into(), &BuildQuery::default(), None).await.unwrap();
    assert_eq!(page.builds[0].id.as_str(), "#1");
}

#[tokio::test]
async fn parameters_that_the_job_would_drop_are_told_before_anything_is_sent() {
    let plant = Plant::new().await;
    plant.fake.state().declared.retain(|(name, _)| name != "OPERATION");
    let mut plan = plant.plan(Course::Succeeds);
    plan.parameters.insert("REGION".into(), "eu".into());
    plan.parameters.insert("VERSION".into(), "9.9.9".into());
    assert_eq!(
        codes(&plant, &plan).await,
        ["promotion.reserved-parameter", "promotion.missing-parameter", "promotion.missing-parameter"]
    );
    match plant.system().promote(&plan, &plant.fresh_key()).await {
        Err(WriteError::NotApplied(error @ RemoteError::Invalid { .. })) => {
            assert_eq!(error.reasons().len(), 3)
        }
        other => panic!("{other:?}"),
    }
    assert!(plant.writes().is_empty());
}

#[tokio::test]
async fn a_choice_parameter_is_the_list_of_stages_and_bounds_the_promotion() {
    let plant = Plant::new().await;
    plant.fake.state().declared[1].1 = vec!["good".into(), "canary".into()];
    let shape = plant.system().describe(&"shop/deploy".into()).await.unwrap();
    let stages: Vec<_> = shape.stages.iter().map(|stage| stage.id.as_str()).collect();
    assert_eq!(stages, ["good", "canary"]);
    assert!(codes(&plant, &plant.plan_for("canary")).await.is_empty());
    assert_eq!(
        codes(&plant, &plant.plan_for("bad")).await,
        ["promotion.unknown-stage", "promotion.parameter-value"]
    );
}

#[tokio::test]
async fn what_waits_in_the_queue_keeps_the_stage_busy_and_can_be_cancelled() {
    let plant = Plant::new().await;
    plant.fake.state().queue_time = Duration::from_secs(60);
    let (system, plan) = (plant.system(), plant.plan(Course::Succeeds));
    let run = system.promote(&plan, &plant.fresh_key()).await.unwrap().run.unwrap();
    assert_eq!(codes(&plant, &plan).await, ["promotion.busy"]);
    assert!(matches!(
        system.promote(&plan, &plant.fresh_key()).await,
        Err(WriteError::NotApplied(RemoteError::Conflict { .. }))
    ));
    system.cancel(&run, "", &plant.fresh_key()).await.unwrap();
    assert_eq!(plant.restarted().run_status(&run).await.unwrap().state, RunState::Cancelled);
    assert_eq!(plant.writes().last().unwrap(), "POST /queue/cancelItem");
}

#[tokio::test]
async fn a_lost_promotion_is_not_called_undone_while_it_may_still_appear() {
    let plant = Plant::new().await;
    let (system, plan, key) = (plant.system(), plant.plan(Course::Succeeds), plant.fresh_key());
    let now = chrono::Utc::now();
    let early = system.reconcile_promotion(&plan, &key, now).await.unwrap();
    assert!(matches!(early, Reconciled::StillUnknown { .. }), "{early:?}");
    let late = system.reconcile_promotion(&plan, &key, now - chrono::TimeDelta::seconds(30)).await.unwrap();
    assert_eq!(late, Reconciled::NotApplied);
}

#[tokio::test]
async fn a_growing_log_is_read_on_from_where_it_was_left() {
    let plant = Plant::new().await;
    let (system, plan) = (plant.system(), plant.plan(Course::Hangs));
    let run = system.promote(&plan, &plant.fresh_key()).await.unwrap().run.unwrap();
    while system.run_status(&run).await.unwrap().state != RunState::Running {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let first = system.read_log(&run, &LogCursor::start()).await.unwrap();
    assert!(first.text.starts_with("Started by user") && !first.complete);
    let nothing = system.read_log(&run, &first.next).await.unwrap();
    assert!(nothing.text.is_empty() && !nothing.complete);
    system.cancel(&run, "", &plant.fresh_key()).await.unwrap();
    let rest = system.read_log(&run, &nothing.next).await.unwrap();
    assert_eq!((rest.text.as_str(), rest.complete), ("Finished: ABORTED\n", true));
}
