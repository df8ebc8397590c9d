//! Builds, and what stands where.

use serde_json::json;
use signalbox_pipelines::testing::buildbot::{PASSWORD, ROSA, RealBuildbot, STAGES};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::{BuildQuery, RunState, Settled};

use crate::bench::{DEV, Line, PROD, QA, open_at, until_ended, until_running};

#[tokio::test]
async fn the_newer_build_of_a_version_counts_and_one_without_a_version_is_a_problem() {
    let line = Line::start().await;
    line.real.build("web", "1.0.0", "5ca1ab1e").await.unwrap();
    let mut address = RealBuildbot::address(line.server.base(), Some(ROSA));
    let system = line.system();
    let page = system.list_builds(&"web".into(), &BuildQuery::default(), None).await.unwrap();
    let seen: Vec<_> = page.builds.iter().map(|build| (build.label.as_str(), &build.commit[..7])).collect();
    assert_eq!(seen, [("1.0.0", "5ca1ab1"), ("1.1.0", "1c002dd")]);
    assert_eq!(page.builds[0].author, "rosa");

    // Page by page, the older build of the version stays away too.
    let first = system.list_builds(&"web".into(), &BuildQuery { limit: 2 }, None).await.unwrap();
    let rest =
        system.list_builds(&"web".into(), &BuildQuery { limit: 2 }, first.next.as_ref()).await.unwrap();
    assert_eq!((first.builds.len(), rest.builds.len(), rest.next), (2, 0, None));

    address.options.insert("build_input".into(), "label".into());
    let system = open_at(&address, Some(PASSWORD)).unwrap();
    let page = system.list_builds(&"web".into(), &BuildQuery::default(), None).await.unwrap();
    assert_eq!((page.builds.len(), page.problems.len()), (0, 3));
    assert_eq!(page.problems[0].reasons[0].code, "build.no_version");
}

#[tokio::test]
async fn stages_keep_the_order_of_the_connection() {
    let line = Line::start().await;
    let shape = line.system().describe(&"web".into()).await.unwrap();
    let names: Vec<_> = shape.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, STAGES);
    assert_eq!(shape.stages[1].environment.as_deref(), Some("deploy-web-StagingQA"));
}

#[tokio::test]
async fn what_a_person_forces_in_buildbot_shows_in_the_stage_too() {
    let line = Line::start().await;
    let inputs = json!({ "version": "1.0.0", "operation": "by hand, at night" });
    line.real.force("promote-web-StagingDEV", inputs).await.unwrap();
    line.real.idle().await.unwrap();
    let states = line.system().stage_states(&"web".into()).await.unwrap();
    let there = states[0].occupant.as_ref().unwrap();
    assert_eq!((there.build.as_str(), there.settled), ("1.0.0", Settled::Deployed));
    assert_eq!(there.operation, None);
    assert!(states[1].occupant.is_none() && states[2].occupant.is_none());
}

#[tokio::test]
async fn a_stage_tells_whether_its_deployment_goes_on_went_through_or_broke() {
    let line = Line::start().await;
    let system = line.system();
    let settled = async |at: usize| {
        let states = system.stage_states(&"web".into()).await.unwrap();
        (states[at].occupant.as_ref().map(|there| there.settled), states[at].running.is_some())
    };
    let key = line.fresh_key();
    let run = system.promote(&line.plan(DEV), &key).await.unwrap().run.unwrap();
    assert_eq!(until_ended(&*system, &run).await.state, RunState::Succeeded);
    assert_eq!(settled(0).await, (Some(Settled::Deployed), false));
    let states = system.stage_states(&"web".into()).await.unwrap();
    assert_eq!(states[0].occupant.as_ref().unwrap().operation.as_ref(), Some(&key));

    let run = system.promote(&line.plan(QA), &line.fresh_key()).await.unwrap().run.unwrap();
    until_ended(&*system, &run).await;
    assert_eq!(settled(1).await, (Some(Settled::Broken), false));

    let run = system.promote(&line.plan(PROD), &line.fresh_key()).await.unwrap().run.unwrap();
    until_running(&*system, &run).await;
    assert_eq!(settled(2).await, (Some(Settled::Deploying), true));
}

#[tokio::test]
async fn a_failed_check_fails_the_run_and_leaves_the_build_in_the_stage() {
    let line = Line::start().await;
    line.real.fail_the_check("web", QA).unwrap();
    let system = line.system();
    let run = system.promote(&line.plan(QA), &line.fresh_key()).await.unwrap().run.unwrap();
    let status = until_ended(&*system, &run).await;
    assert_eq!((status.state, status.deployed), (RunState::Failed, Some(true)));
    assert_eq!((status.checks.len(), status.checks[0].name.as_str()), (1, "smoke"));
    assert!(!status.checks[0].passed);
    let states = system.stage_states(&"web".into()).await.unwrap();
    assert_eq!(states[1].occupant.as_ref().unwrap().settled, Settled::Deployed);
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_told_at_once() {
    let line = Line::start().await;
    line.real.build("api", "2.0.0", "abcdef0").await.unwrap();
    let mut address = RealBuildbot::address(line.server.base(), Some(ROSA));
    address.options.insert("stages".into(), "Loose".into());
    let system = open_at(&address, Some(PASSWORD)).unwrap();
    let mut plan = line.plan("Loose");
    plan.pipeline = "api".into();
    plan.expect_sha256 = Some("0".repeat(64));
    plan.expect_current = Some(Some("1.9.0".into()));
    plan.parameters = [("colour".to_owned(), "red".to_owned())].into();
    let preflight = system.preflight(&plan).await.unwrap();
    let mut blockers: Vec<_> =
        preflight.blockers.iter().map(|reason| (reason.code, reason.place.as_str())).collect();
    blockers.sort_unstable();
    assert_eq!(
        blockers,
        [
            ("build.not_found", "1.1.0"),
            ("promotion.digest", "1.1.0"),
            ("promotion.parameter", "colour"),
            ("promotion.parameter", "ticket"),
            ("promotion.stale", "Loose"),
            ("stage.input", "operation"),
        ]
    );
    assert!(!preflight.allowed && preflight.will_do.is_empty());
    let good = line.system().preflight(&line.plan(DEV)).await.unwrap();
    assert!(good.will_do[0].starts_with("POST http://127.0.0.1:"), "{:?}", good.will_do);
    assert!(good.will_do[0].contains("/api/v2/forceschedulers/promote-web-StagingDEV"), "{:?}", good.will_do);
    line.real.course("web", DEV, Course::Succeeds).unwrap();
}
