//! What is particular to Bamboo.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::{
    BuildChoice, BuildQuery, Decision, PendingGate, PipelineId, PromotionPlan, Reconciled, RemoteError,
    RunState, Verdict, WriteError,
};

use super::bench::Plant;
use super::fake::{GATED, GOOD, PROD, SHOP};

async fn codes(plant: &Plant, plan: &PromotionPlan) -> Vec<&'static str> {
    let preflight = plant.system().preflight(plan).await.unwrap();
    preflight.blockers.iter().map(|reason| reason.code).collect()
}

/// What reading back finds about the good plan, sent ten seconds ago.
async fn found(plant: &Plant) -> Reconciled {
    let (plan, sent_at) = (plant.plan_for(GOOD), Utc::now() - TimeDelta::seconds(10));
    plant.system().reconcile_promotion(&plan, &plant.fresh_key(), sent_at).await.unwrap()
}

async fn the_gate(plant: &Plant) -> PendingGate {
    let mut gates = plant.system().pending_gates(&GATED.to_string().into()).await.unwrap();
    assert_eq!(gates.len(), 1);
    gates.remove(0)
}

fn answer(gate: &PendingGate, verdict: Verdict) -> Decision {
    Decision {
        verdict,
        comment: "goes to the ledger only".into(),
        fields: Default::default(),
        expect_build: gate.build.clone(),
    }
}

#[tokio::test]
async fn a_lost_promotion_is_matched_by_version_environment_account_and_time() {
    let plant = Plant::new().await;
    let ids: Vec<u64> = plant.fake.state().versions.iter().map(|version| version.id).collect();
    let seconds = Duration::from_secs;
    assert_eq!(found(&plant).await, Reconciled::NotApplied);
    // Before it was sent, another release, and another account.
    plant.fake.deployed(ids[1], GOOD, "ada", seconds(60));
    plant.fake.deployed(ids[0], GOOD, "ada", seconds(5));
    plant.fake.deployed(ids[1], GOOD, "grace", seconds(5));
    assert_eq!(found(&plant).await, Reconciled::NotApplied);
    let ours = plant.fake.deployed(ids[1], GOOD, "ada", seconds(5));
    match found(&plant).await {
        Reconciled::Applied(submission) => assert_eq!(submission.run, Some(ours.to_string().into())),
        other => panic!("{other:?}"),
    }
    assert!(plant.writes().is_empty());
}

#[tokio::test]
async fn two_candidates_are_left_to_a_person() {
    let plant = Plant::new().await;
    let version = plant.fake.state().versions[1].id;
    let first = plant.fake.deployed(version, GOOD, "ada", Duration::from_secs(5));
    let second = plant.fake.deployed(version, GOOD, "ada", Duration::from_secs(4));
    match found(&plant).await {
        Reconciled::StillUnknown { evidence } => {
            assert!(evidence.contains(&first.to_string()) && evidence.contains(&second.to_string()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_promotion_that_still_waits_is_found_in_the_queue() {
    let plant = Plant::new().await;
    plant.fake.state().queue_time = Duration::from_secs(60);
    let run = plant.system().promote(&plant.plan_for(GOOD), &plant.fresh_key()).await.unwrap().run;
    match found(&plant).await {
        Reconciled::Applied(submission) => assert_eq!(submission.run, run),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_approval_opens_the_environment_and_starts_nothing() {
    let plant = Plant::new().await;
    plant.open_gate().await;
    let gate = the_gate(&plant).await;
    let version = plant.fake.state().versions.last().unwrap().clone();
    let plan = PromotionPlan {
        pipeline: GATED.to_string().into(),
        to: PROD.to_string().into(),
        build: version.id.to_string().into(),
        label: version.name,
        ..plant.plan_for(PROD)
    };
    assert_eq!(gate.stage, plan.to);
    assert_eq!(codes(&plant, &plan).await, ["promotion.not-approved"]);
    let system = plant.system();
    system.decide_gate(&gate.handle, &answer(&gate, Verdict::Approve), &plant.fresh_key()).await.unwrap();
    assert!(codes(&plant, &plan).await.is_empty());
    assert!(system.pending_gates(&plan.pipeline).await.unwrap().is_empty());
    assert_eq!(plant.effects(&plan).await, 0);
    let path = format!("POST /rest/api/latest/deploy/version/{}/status/APPROVED", version.id);
    assert_eq!(plant.writes(), [path]);
}

#[tokio::test]
async fn a_release_that_someone_else_judged_is_not_judged_again() {
    let plant = Plant::new().await;
    plant.open_gate().await;
    let gate = the_gate(&plant).await;
    let version = plant.fake.state().versions.last().unwrap().id;
    plant.fake.state().judge(version, "grace", "BROKEN");
    match plant.system().decide_gate(&gate.handle, &answer(&gate, Verdict::Approve), &plant.fresh_key()).await
    {
        Err(WriteError::NotApplied(RemoteError::AlreadyDecided { by, verdict })) => {
            assert_eq!((by.as_deref(), verdict), (Some("grace"), Some(Verdict::Reject)));
        }
        other => panic!("{other:?}"),
    }
    assert!(plant.writes().is_empty());
}

#[tokio::test]
async fn missing_permissions_are_told_before_anything_is_sent() {
    let plant = Plant::new().await;
    plant.fake.state().may_deploy = false;
    plant.fake.state().may_approve = false;
    plant.open_gate().await;
    assert_eq!(the_gate(&plant).await.may_answer, Some(false));
    assert_eq!(codes(&plant, &plant.plan_for(GOOD)).await, ["promotion.permission"]);
    let info = plant.system().probe().await.unwrap();
    assert_eq!((info.who.as_str(), info.server.as_str()), ("Ada Lovelace (ada)", "Bamboo 10.2.1"));
    assert_eq!(info.effective.build_choice, BuildChoice::None);
    assert_eq!(info.missing.len(), 1);
}

#[tokio::test]
async fn only_what_waits_can_be_cancelled() {
    let plant = Plant::new().await;
    let system = plant.system();
    plant.fake.state().queue_time = Duration::from_secs(60);
    let run = system.promote(&plant.plan_for(GOOD), &plant.fresh_key()).await.unwrap().run.unwrap();
    assert_eq!(codes(&plant, &plant.plan_for(GOOD)).await, [""; 0]);
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Queued);
    system.cancel(&run, "", &plant.fresh_key()).await.unwrap();
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Cancelled);
    plant.fake.state().queue_time = Duration::ZERO;
    let run = system.promote(&plant.plan(Course::Hangs), &plant.fresh_key()).await.unwrap().run.unwrap();
    assert!(matches!(
        system.cancel(&run, "", &plant.fresh_key()).await,
        Err(WriteError::NotApplied(RemoteError::Conflict { .. }))
    ));
    assert_eq!(plant.writes().iter().filter(|write| write.starts_with("DELETE")).count(), 1);
}

#[tokio::test]
async fn a_page_that_brings_nothing_new_is_the_last() {
    let plant = Plant::new().await;
    for n in 0..150 {
        plant.fake.release(SHOP, &format!("release-2.{n}"));
    }
    let shop = PipelineId::new(SHOP.to_string());
    let all = BuildQuery { limit: 1_000 };
    assert_eq!(plant.system().list_builds(&shop, &all, None).await.unwrap().builds.len(), 152);
    plant.fake.state().ignores_start = true;
    let before = plant.server.seen().len();
    let page = plant.system().list_builds(&shop, &all, None).await.unwrap();
    assert_eq!((page.builds.len(), page.next), (100, None));
    assert_eq!(plant.server.seen().len() - before, 2);
}

#[tokio::test]
async fn environments_stand_in_their_positions() {
    let plant = Plant::new().await;
    let shape = plant.system().describe(&SHOP.to_string().into()).await.unwrap();
    let names: Vec<_> = shape.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["Staging", "Bad", "Endless"]);
}
