//! Who the connection acts as, and how it is let in.

use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::{GateScope, PipelineQuery, RemoteError, WriteError};

use super::bench::Plant;
use super::fake::CRUMB_FIELD;

fn asked_for_crumbs(plant: &Plant) -> usize {
    plant.server.seen().iter().filter(|request| request.path.starts_with("/crumbIssuer")).count()
}

#[tokio::test]
async fn a_token_needs_no_crumb() {
    let plant = Plant::new().await;
    plant.system().promote(&plant.plan(Course::Succeeds), &plant.fresh_key()).await.unwrap();
    assert_eq!(asked_for_crumbs(&plant), 0);
    assert_eq!(plant.writes().len(), 1);
}

#[tokio::test]
async fn a_password_gets_a_crumb_with_its_session_and_the_refused_write_is_sent_again_once() {
    let plant = Plant::new().await;
    let system = plant.open("password of ada");
    let plan = plant.plan(Course::Succeeds);
    let first = system.promote(&plan, &plant.fresh_key()).await.unwrap();
    assert_eq!((asked_for_crumbs(&plant), plant.writes().len()), (1, 2));
    assert_eq!(plant.effects(&plan).await, 1);
    // The crumb is kept for the next write, under the name that this Jenkins gave.
    system.cancel(&first.run.unwrap(), "", &plant.fresh_key()).await.unwrap();
    assert_eq!((asked_for_crumbs(&plant), plant.writes().len()), (1, 3));
    let last = plant.server.seen().into_iter().rfind(|request| request.is_write()).unwrap();
    assert_eq!(last.header(&CRUMB_FIELD.to_ascii_lowercase()), Some("crumb-of-s1"));
}

#[tokio::test]
async fn a_crumb_of_an_ended_session_is_replaced() {
    let plant = Plant::new().await;
    let system = plant.open("password of ada");
    system.promote(&plant.plan_for("good"), &plant.fresh_key()).await.unwrap();
    plant.fake.state().session = 2;
    system.promote(&plant.plan_for("bad"), &plant.fresh_key()).await.unwrap();
    assert_eq!(asked_for_crumbs(&plant), 2);
    assert_eq!(plant.effects(&plant.plan_for("bad")).await, 1);
}

#[tokio::test]
async fn a_wrong_secret_is_an_auth_failure_and_a_missing_permission_is_named() {
    let plant = Plant::new().await;
    assert!(matches!(plant.open("wrong secret").probe().await, Err(RemoteError::Auth { .. })));
    plant.fake.state().may_build = false;
    match plant.system().promote(&plant.plan(Course::Succeeds), &plant.fresh_key()).await {
        Err(WriteError::NotApplied(RemoteError::Forbidden { needs, .. })) => {
            assert_eq!(needs.as_deref(), Some("hudson.model.Item.Build"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn folders_are_looked_into_and_encoded_names_stay_one_segment() {
    let plant = Plant::new().await;
    let system = plant.system();
    let list = system.list_pipelines(&PipelineQuery::default(), None).await.unwrap();
    let names: Vec<_> = list.items.iter().map(|pipeline| pipeline.name.as_str()).collect();
    assert_eq!(names, ["apps/feature%2Fx y", "shop/deploy", "shop/release"]);
    system.describe(&"apps/feature%2Fx y".into()).await.unwrap();
    let query = PipelineQuery { name_prefix: Some("shop/".into()) };
    assert_eq!(system.list_pipelines(&query, None).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn without_the_plugin_gates_are_narrowed_away_and_the_rest_goes_on() {
    let plant = Plant::new().await;
    plant.fake.state().plugin = false;
    plant.fake.wait_at_gate(Vec::new());
    let system = plant.system();
    let info = system.probe().await.unwrap();
    assert_eq!((info.who.as_str(), info.server.as_str()), ("Ada Lovelace (ada)", "Jenkins 2.540"));
    assert_eq!(info.effective.gate_scope, GateScope::None);
    assert!(!info.effective.gate_reject);
    let missing: Vec<_> = info.missing.iter().map(|missing| missing.capability.as_str()).collect();
    assert_eq!(missing, ["gate_scope", "gate_reject"]);
    let look = system.look(&"shop/release".into()).await.unwrap();
    assert!(look.stages.is_empty() && look.gates.is_empty() && !look.builds.builds.is_empty());
    // A run that names its stage by a parameter is known without the plugin.
    assert!(system.stage_states(&"shop/deploy".into()).await.unwrap().len() == 3);
}
