//! The three ways of a promotion, and the smaller writes.

use std::collections::BTreeSet;

use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::server::{Fault, Request};
use signalbox_pipelines::{
    BuildQuery, Mechanism, PipelineSystem, PromotionPlan, Reconciled, RemoteError, RunId, RunState, Settled,
    StageState, WriteError,
};

use super::bench::Yard;

fn is(operation: &'static str) -> impl Fn(&Request) -> bool + Send + Sync + 'static {
    move |request| request.header("x-amz-target").is_some_and(|target| target.ends_with(operation))
}

async fn state_of(system: &dyn PipelineSystem, plan: &PromotionPlan) -> StageState {
    let states = system.stage_states(&plan.pipeline).await.unwrap();
    states.into_iter().find(|state| state.stage == plan.to).unwrap()
}

async fn ended(system: &dyn PipelineSystem, run: &RunId) -> RunState {
    for _ in 0..100 {
        let status = system.run_status(run).await.unwrap();
        if status.state.is_final() {
            return status.state;
        }
    }
    panic!("{run} never ends");
}

async fn codes(system: &dyn PipelineSystem, plan: &PromotionPlan) -> Vec<&'static str> {
    let preflight = system.preflight(plan).await.unwrap();
    assert_eq!(preflight.allowed, preflight.blockers.is_empty());
    preflight.blockers.iter().map(|reason| reason.code).collect()
}

/// The oldest build of a pipeline.
fn first(yard: &Yard, pipeline: &str) -> String {
    yard.fake().lines[pipeline].runs[0].id.clone()
}

#[tokio::test]
async fn a_build_that_went_through_comes_back_by_the_systems_own_roll_back() {
    let yard = Yard::new().await;
    let system = yard.system();
    let plan = yard.plan_for("shop-free", "Staging", &first(&yard, "shop-free"));
    assert_ne!(state_of(&*system, &plan).await.occupant.unwrap().build, plan.build);
    let preflight = system.preflight(&plan).await.unwrap();
    assert_eq!((preflight.allowed, preflight.mechanism), (true, Mechanism::RollbackStage));
    let submission = system.promote(&plan, &yard.fresh_key()).await.unwrap();
    let run = submission.run.unwrap();
    assert_eq!(ended(&*system, &run).await, RunState::Succeeded);
    // The roll-back is an execution, but the build that stands there is the one that it carries.
    for seen in [&system, &yard.restarted()] {
        let occupant = state_of(&**seen, &plan).await.occupant.unwrap();
        assert_eq!((occupant.build, occupant.settled), (plan.build.clone(), Settled::Deployed));
    }
    let builds = system.list_builds(&plan.pipeline, &BuildQuery::default(), None).await.unwrap().builds;
    assert_eq!(builds.len(), 2);
    assert!(!builds.iter().any(|build| run.as_str().contains(build.id.as_str())));
}

#[tokio::test]
async fn a_lost_roll_back_is_found_by_the_one_execution_that_carries_the_build() {
    let yard = Yard::new().await;
    let system = yard.system();
    let plan = yard.plan_for("shop-free", "Staging", &first(&yard, "shop-free"));
    let (key, sent_at) = (yard.fresh_key(), chrono::Utc::now());
    yard.server.spoil(Fault::ErrorAfter(500), is("RollbackStage"));
    let outcome = system.roll_back(&plan, &key).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
    assert_eq!(yard.sent("RollbackStage").len(), 1);
    let found = system.reconcile_promotion(&plan, &key, sent_at).await.unwrap();
    let Reconciled::Applied(submission) = found else { panic!("{found:?}") };
    assert_eq!(ended(&*system, &submission.run.unwrap()).await, RunState::Succeeded);
}

#[tokio::test]
async fn only_what_went_through_an_unchanged_v2_pipeline_can_be_rolled_back() {
    let yard = Yard::new().await;
    let system = yard.system();
    let plan = yard.plan_for("shop-free", "Staging", &first(&yard, "shop-free"));
    yard.fake().lines.get_mut("shop-free").unwrap().v2 = false;
    let outcome = yard.restarted().roll_back(&plan, &yard.fresh_key()).await;
    assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Invalid { .. }))), "{outcome:?}");
    {
        let mut fake = yard.fake();
        let line = fake.lines.get_mut("shop-free").unwrap();
        (line.v2, line.version) = (true, 4);
    }
    let outcome = system.roll_back(&plan, &yard.fresh_key()).await;
    assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Invalid { .. }))), "{outcome:?}");
    assert_eq!(yard.sent("RollbackStage").len(), 0);
}

/// A pipeline of type V1 has no roll-back, so an earlier build comes by a new execution.
async fn startable(yard: &Yard) -> PromotionPlan {
    yard.fake().lines.get_mut("shop-free").unwrap().v2 = false;
    yard.plan_for("shop-free", "Staging", &first(yard, "shop-free"))
}

#[tokio::test]
async fn a_start_is_repeated_with_the_operations_own_token_and_begins_once() {
    let yard = Yard::new().await;
    let plan = startable(&yard).await;
    let system = yard.system();
    let preflight = system.preflight(&plan).await.unwrap();
    assert_eq!((preflight.allowed, preflight.mechanism), (true, Mechanism::StartRunAtRevision));
    assert!(preflight.will_do[0].contains("StartPipelineExecution"), "{:?}", preflight.will_do);
    assert!(preflight.will_do[1].contains("Dev"), "{:?}", preflight.will_do);
    let before = yard.fake().lines["shop-free"].runs.len();
    let key = yard.fresh_key();
    yard.server.spoil(Fault::ErrorAfter(500), is("StartPipelineExecution"));
    let submission = system.promote(&plan, &key).await.unwrap();
    assert_eq!(ended(&*system, &submission.run.unwrap()).await, RunState::Succeeded);
    let sent = yard.sent("StartPipelineExecution");
    let tokens: BTreeSet<_> = sent.iter().map(|body| body["clientRequestToken"].to_string()).collect();
    let own = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("signalbox/operation/{key}").as_bytes());
    assert_eq!((sent.len(), tokens), (2, BTreeSet::from([format!("\"{own}\"")])));
    assert_eq!(sent[0]["sourceRevisions"][0]["revisionValue"], plan.commit.as_str());
    assert_eq!(sent[0]["sourceRevisions"][0]["revisionType"], "COMMIT_ID");
    assert_eq!(yard.fake().lines["shop-free"].runs.len(), before + 1);
}

#[tokio::test]
async fn a_lost_start_is_found_by_the_pipelines_own_variable() {
    let yard = Yard::new().await;
    let plan = {
        let mut fake = yard.fake();
        let line = fake.lines.get_mut("shop-free").unwrap();
        line.variables = vec![("OPERATION", Some("none"))];
        // A changed pipeline can't be rolled back, so this starts anew.
        line.version = 4;
        drop(fake);
        yard.plan_for("shop-free", "Dev", &first(&yard, "shop-free"))
    };
    let (key, sent_at) = (yard.fresh_key(), chrono::Utc::now());
    for _ in 0..3 {
        yard.server.spoil(Fault::ErrorAfter(500), is("StartPipelineExecution"));
    }
    let system = yard.system();
    let outcome = system.promote(&plan, &key).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
    let writes = yard.sent("StartPipelineExecution").len();
    assert_eq!(writes, 3);
    let found = system.reconcile_promotion(&plan, &key, sent_at).await.unwrap();
    assert!(matches!(found, Reconciled::Applied(_)), "{found:?}");
    let (other, since) = (yard.fresh_key(), sent_at - chrono::TimeDelta::minutes(1));
    let found = system.reconcile_promotion(&plan, &other, since).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied);
    assert_eq!(yard.sent("StartPipelineExecution").len(), writes, "reading back sent something");
}

#[tokio::test]
async fn a_start_that_may_still_show_is_not_called_undone_too_early() {
    let yard = Yard::new().await;
    let plan = startable(&yard).await;
    let now = chrono::Utc::now();
    let at = |seconds| now - chrono::TimeDelta::seconds(seconds);
    let system = yard.system();
    let early = system.reconcile_promotion(&plan, &yard.fresh_key(), at(2)).await.unwrap();
    assert!(matches!(early, Reconciled::StillUnknown { .. }), "{early:?}");
    let late = system.reconcile_promotion(&plan, &yard.fresh_key(), at(60)).await.unwrap();
    assert_eq!(late, Reconciled::NotApplied);
}

#[tokio::test]
async fn a_start_is_refused_where_it_would_stop_or_take_another_revision() {
    let yard = Yard::new().await;
    let mut plan = startable(&yard).await;
    plan.parameters.insert("VERSION".into(), "1.4.2".into());
    {
        let mut fake = yard.fake();
        let line = fake.lines.get_mut("shop-free").unwrap();
        line.variables = vec![("CLUSTER", None)];
        line.held.insert("Dev".into(), "frozen".into());
        line.stages[0].actions[0].provider = "GitHub";
    }
    let found = codes(&*yard.system(), &plan).await;
    assert_eq!(
        found,
        [
            "codepipeline.held",
            "codepipeline.source",
            "codepipeline.variable-unknown",
            "codepipeline.variable-missing"
        ]
    );
    let rejected = yard.waiting("shop-good");
    let mut refused = yard.plan_for("shop-good", "Prod", &rejected);
    {
        let mut fake = yard.fake();
        let run = fake.lines.get_mut("shop-good").unwrap().run_mut(&rejected).unwrap();
        run.acts.last_mut().unwrap().status = "Failed";
    }
    assert_eq!(codes(&*yard.system(), &refused).await, ["codepipeline.not-waiting"]);
    refused.to = "Source".into();
    assert_eq!(codes(&*yard.system(), &refused).await, ["codepipeline.no-work"]);
}

#[tokio::test]
async fn the_token_of_a_gate_is_never_told() {
    let yard = Yard::new().await;
    let plan = yard.plan(Course::Succeeds);
    let token = {
        let fake = yard.fake();
        let run = fake.lines["shop-good"].run(plan.build.as_str()).unwrap();
        run.acts.last().unwrap().token.clone().unwrap()
    };
    let preflight = yard.system().preflight(&plan).await.unwrap();
    assert_eq!(preflight.mechanism, Mechanism::AnswerGate);
    assert!(preflight.will_do.iter().any(|line| line.contains("PutApprovalResult")));
    assert!(!format!("{preflight:?}").contains(&token));
}

#[tokio::test]
async fn while_a_gate_waits_the_stage_holds_what_stood_there_before() {
    let yard = Yard::new().await;
    let plan = yard.plan(Course::Succeeds);
    let state = state_of(&*yard.system(), &plan).await;
    let occupant = state.occupant.unwrap();
    assert_ne!(occupant.build, plan.build);
    assert_eq!((occupant.settled, state.running), (Settled::Deployed, None));
    // Behind its deployment, a gate does not hide what was deployed.
    let build = yard.waiting("shop-gates");
    let plan = yard.plan_for("shop-gates", "StagingQA", &build);
    let state = state_of(&*yard.system(), &plan).await;
    let occupant = state.occupant.unwrap();
    assert_eq!((occupant.build, occupant.settled), (plan.build, Settled::Deployed));
}

#[tokio::test]
async fn a_promotion_to_the_next_stage_answers_the_gate_with_which_the_stage_before_ends() {
    let yard = Yard::new().await;
    let build = yard.waiting("shop-gates");
    let plan = yard.plan_for("shop-gates", "Prod", &build);
    let system = yard.system();
    let run = system.promote(&plan, &yard.fresh_key()).await.unwrap().run.unwrap();
    assert_eq!(ended(&*system, &run).await, RunState::Succeeded);
    assert_eq!(state_of(&*system, &plan).await.occupant.unwrap().build, plan.build);
}

#[tokio::test]
async fn a_hold_is_spelled_with_the_allowed_characters_and_shows() {
    let yard = Yard::new().await;
    let plan = yard.plan_for("shop-free", "Staging", &first(&yard, "shop-free"));
    let (system, key) = (yard.system(), yard.fresh_key());
    let reason = Some("waits: QA, SHOP-12/13_a");
    system.set_hold(&plan.pipeline, &plan.to, reason, &key).await.unwrap();
    assert_eq!(state_of(&*system, &plan).await.held.as_deref(), Some("waits- QA- SHOP-12-13-a"));
    system.set_hold(&plan.pipeline, &plan.to, None, &key).await.unwrap();
    assert_eq!(state_of(&*system, &plan).await.held, None);
    for (stage, reason) in [("Source", "no"), ("Staging", "…")] {
        let outcome = system.set_hold(&plan.pipeline, &stage.into(), Some(reason), &key).await;
        assert!(matches!(outcome, Err(WriteError::NotApplied(_))), "{stage}: {outcome:?}");
    }
    assert_eq!(yard.sent("DisableStageTransition").len(), 1);
}

#[tokio::test]
async fn a_cancellation_awaits_what_works_and_abandons_what_only_waits() {
    let yard = Yard::new().await;
    let plan = yard.plan(Course::Hangs);
    let (system, key) = (yard.system(), yard.fresh_key());
    let run = system.promote(&plan, &key).await.unwrap().run.unwrap();
    while system.run_status(&run).await.unwrap().state != RunState::Running {}
    system.cancel(&run, "wrong build", &key).await.unwrap();
    assert_eq!(ended(&*system, &run).await, RunState::Cancelled);
    let waiting = yard.plan(Course::Succeeds);
    let idle = RunId::new(format!("shop-good/{}/Prod", waiting.build));
    system.cancel(&idle, &"x".repeat(300), &key).await.unwrap();
    assert_eq!(ended(&*system, &idle).await, RunState::Cancelled);
    let sent = yard.sent("StopPipelineExecution");
    let abandoned: Vec<_> = sent.iter().map(|body| body["abandon"].as_bool().unwrap()).collect();
    assert_eq!(abandoned, [false, true]);
    assert_eq!(sent[1]["reason"].as_str().unwrap().len(), 200);
}

#[tokio::test]
async fn a_failed_stage_is_run_again_in_its_own_execution() {
    let yard = Yard::new().await;
    let plan = yard.plan(Course::Fails);
    let (system, key) = (yard.system(), yard.fresh_key());
    let waits = RunId::new(format!("shop-bad/{}/Prod", plan.build));
    let early = system.retry_stage(&waits, &plan.to, &key).await;
    assert!(matches!(early, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{early:?}");
    let run = system.promote(&plan, &key).await.unwrap().run.unwrap();
    assert_eq!(ended(&*system, &run).await, RunState::Failed);
    let summary = system.run_status(&run).await.unwrap().summary;
    assert!(summary.contains("too many instances failed"), "{summary}");
    for stage in &mut yard.fake().lines.get_mut("shop-bad").unwrap().stages {
        stage.actions.iter_mut().for_each(|action| action.course = Course::Succeeds);
    }
    let again = system.retry_stage(&run, &plan.to, &key).await.unwrap();
    assert_eq!(again.run.as_ref(), Some(&run));
    assert_eq!(ended(&*system, &run).await, RunState::Succeeded);
}
