//! Promotions: the build's own job, played or run again, and found again by who started it and when.

use chrono::{TimeDelta, Utc};
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::server::{Fault, Request};
use signalbox_pipelines::{
    Mechanism, OperationKey, Proof, Reconciled, RemoteError, RunState, Settled, WriteError,
};

use super::bench::{GitLabBench, free, premium};
use super::fake::{Job, ME, Rules};

fn key() -> OperationKey {
    OperationKey::new("operation-1").unwrap()
}

/// Makes a build of yesterday, with a job for staging; returns the numbers of both.
fn an_old_build(bench: &GitLabBench) -> (u64, u64) {
    let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
    bench.fake.state().pipelines.last_mut().unwrap().created -= TimeDelta::days(1);
    (pipeline, bench.fake.job(pipeline, "staging").id)
}

/// Makes a job one that this account ran an hour ago.
fn ran_an_hour_ago(job: &mut Job) {
    let began = Utc::now() - TimeDelta::hours(1);
    (job.status, job.user) = ("success", ME);
    (job.started, job.finished) = (Some(began), Some(began + TimeDelta::minutes(1)));
}

async fn codes(bench: &GitLabBench, plan: &signalbox_pipelines::PromotionPlan) -> Vec<&'static str> {
    let preflight = bench.system().preflight(plan).await.unwrap();
    preflight.blockers.iter().map(|reason| reason.code).collect()
}

#[tokio::test]
async fn a_preflight_names_the_exact_call() {
    let bench = GitLabBench::new(free()).await;
    let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
    let mut plan = bench.plan_of(pipeline, "staging");
    plan.parameters.insert("VERSION".into(), "1.4.2".into());
    let job = bench.fake.job(pipeline, "staging").id;
    let preflight = bench.system().preflight(&plan).await.unwrap();
    assert_eq!(preflight.mechanism, Mechanism::PlayJob);
    let call = format!("POST {}/api/v4/projects/shop%2Fweb/jobs/{job}/play", bench.server.base());
    assert!(preflight.will_do[0].contains(&call), "{preflight:?}");
    assert!(preflight.will_do[0].contains(r#"{"key":"VERSION","value":"1.4.2"}"#), "{preflight:?}");
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_told_at_once() {
    let bench = GitLabBench::new(premium()).await;
    let pipeline = bench.fake.pipeline("shop/web", &["staging", "production"]);
    let mut plan = bench.plan_of(pipeline, "nowhere");
    plan.commit = "f".repeat(40);
    plan.expect_sha256 = Some("0".repeat(64));
    assert_eq!(
        codes(&bench, &plan).await,
        ["promotion.digest", "gitlab.stage-unknown", "gitlab.other-commit"]
    );
    let plan = bench.plan_of(pipeline, "production");
    assert_eq!(codes(&bench, &plan).await, ["gitlab.approval-missing"]);
    let plan = bench.plan_of(pipeline, "broken");
    assert_eq!(codes(&bench, &plan).await, ["gitlab.no-deploy-job"]);
    let job = bench.fake.job(pipeline, "staging").id;
    for (status, code) in [("created", "gitlab.job-not-reached"), ("skipped", "gitlab.job-skipped")] {
        bench.fake.change(job, |job| job.status = status);
        assert_eq!(codes(&bench, &bench.plan_of(pipeline, "staging")).await, [code]);
    }
    bench.fake.change(job, |job| job.status = "waiting_for_resource");
    let plan = bench.plan_of(pipeline, "staging");
    assert_eq!(codes(&bench, &plan).await, ["promotion.busy"]);
}

#[tokio::test]
async fn a_pipeline_of_a_merge_request_is_no_build() {
    let bench = GitLabBench::new(free()).await;
    let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
    bench.fake.state().pipelines.last_mut().unwrap().source = "merge_request_event";
    assert_eq!(codes(&bench, &bench.plan_of(pipeline, "staging")).await, ["gitlab.build-unknown"]);
}

#[tokio::test]
async fn a_start_that_was_denied_is_proved_by_the_job() {
    let bench = GitLabBench::new(Rules { plays_and_denies: true, ..free() }).await;
    let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
    let plan = bench.plan_of(pipeline, "staging");
    let done = bench.system().promote(&plan, &key()).await.unwrap();
    assert_eq!(done.proof, Proof::ReadBack);
    assert_eq!(bench.effects(&plan).await, 1);
}

#[tokio::test]
async fn a_job_that_ran_before_is_run_again_and_a_roll_back_needs_one_that_went_through() {
    let bench = GitLabBench::new(free()).await;
    let (old, job) = an_old_build(&bench);
    let plan = bench.plan_of(old, "staging");
    match bench.system().roll_back(&plan, &key()).await {
        Err(WriteError::NotApplied(RemoteError::Conflict { .. })) => {}
        other => panic!("a build that never stood there: {other:?}"),
    }
    bench.fake.change(job, ran_an_hour_ago);
    assert_eq!(bench.system().preflight(&plan).await.unwrap().mechanism, Mechanism::RollbackStage);
    let done = bench.system().roll_back(&plan, &key()).await.unwrap();
    let new = bench.fake.job(old, "staging").id;
    assert_ne!(new, job);
    assert_eq!(done.run.unwrap().as_str(), format!("shop/web#{new}"));
    assert_eq!(bench.writes_seen(), [format!("web/jobs/{job}/retry")]);
}

#[tokio::test]
async fn a_lost_second_run_is_found_by_its_new_job_or_told_to_have_never_begun() {
    let retry: fn(&Request) -> bool = |request| request.path.ends_with("/retry");
    for (fault, arrives) in [(Fault::ResetAfter, true), (Fault::ErrorBefore(503), false)] {
        let bench = GitLabBench::new(free()).await;
        let (pipeline, job) = an_old_build(&bench);
        bench.fake.change(job, ran_an_hour_ago);
        let plan = bench.plan_of(pipeline, "staging");
        bench.server.spoil(fault, retry);
        let sent_at = Utc::now();
        let outcome = bench.system().promote(&plan, &key()).await;
        assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
        let found = bench.restarted().reconcile_promotion(&plan, &key(), sent_at).await.unwrap();
        match found {
            Reconciled::Applied(done) => {
                assert!(arrives);
                let new = bench.fake.job(pipeline, "staging").id;
                assert_eq!(done.run.unwrap().as_str(), format!("shop/web#{new}"));
            }
            Reconciled::NotApplied => assert!(!arrives),
            Reconciled::StillUnknown { evidence } => panic!("{evidence}"),
        }
    }
}

#[tokio::test]
async fn what_can_not_be_told_from_an_earlier_run_is_left_to_a_person() {
    let bench = GitLabBench::new(free()).await;
    let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
    let plan = bench.plan_of(pipeline, "staging");
    let job = bench.fake.job(pipeline, "staging").id;
    let sent_at = Utc::now();
    let unknown = async || match bench.system().reconcile_promotion(&plan, &key(), sent_at).await {
        Ok(Reconciled::StillUnknown { evidence }) => evidence,
        other => panic!("{other:?}"),
    };
    // It began and ended within the moment in which the request was sent.
    bench.fake.change(job, |job| {
        (job.status, job.user) = ("success", ME);
        (job.started, job.finished) = (Some(sent_at), Some(sent_at));
    });
    assert!(unknown().await.contains("in the moment"));
    // Somebody else started it.
    bench.fake.change(job, |job| {
        (job.status, job.user) = ("running", 8);
        job.finished = None;
    });
    assert!(unknown().await.contains("was started by user8"));
}

#[tokio::test]
async fn a_failed_job_is_run_again_in_its_pipeline() {
    let bench = GitLabBench::new(free()).await;
    let (_, job) = an_old_build(&bench);
    bench.fake.change(job, ran_an_hour_ago);
    let run = format!("shop/web#{job}").as_str().into();
    let stage = "staging".into();
    let outcome = bench.system().retry_stage(&run, &stage, &key()).await;
    assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Conflict { .. }))), "{outcome:?}");
    bench.fake.change(job, |job| job.status = "failed");
    let states = bench.system().stage_states(&"shop/web".into()).await.unwrap();
    let there = states.into_iter().find(|state| state.stage == stage).unwrap().occupant.unwrap();
    assert_eq!(there.settled, Settled::Broken);
    let done = bench.system().retry_stage(&run, &stage, &key()).await.unwrap();
    let status = bench.system().run_status(&done.run.unwrap()).await.unwrap();
    assert!(matches!(status.state, RunState::Queued | RunState::Running), "{status:?}");
    assert_eq!(bench.fake.state().starts.len(), 1);
}
