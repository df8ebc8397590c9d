//! Input steps.

use std::collections::BTreeMap;

use serde_json::json;
use signalbox_pipelines::http::Hosts;
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::jenkins::Line;
use signalbox_pipelines::testing::server::Server;
use signalbox_pipelines::{
    Decision, OperationKey, PendingGate, PipelineSystem, Reconciled, RemoteError, Settled, Verdict,
    WriteError,
};

use super::bench::{Plant, open_at};
use super::fake::Field;

async fn the_gate(system: &dyn PipelineSystem) -> PendingGate {
    let mut gates = system.pending_gates(&"shop/release".into()).await.unwrap();
    assert_eq!(gates.len(), 1);
    gates.remove(0)
}

fn answer(gate: &PendingGate, verdict: Verdict) -> Decision {
    Decision {
        verdict,
        comment: "goes to the ledger only".into(),
        fields: gate.fields.clone(),
        expect_build: gate.build.clone(),
    }
}

#[tokio::test]
async fn a_gate_with_fields_is_not_answered_while_one_is_missing() {
    let plant = Plant::new().await;
    let field = |name, kind, default| Field { name, kind, default };
    plant.fake.wait_at_gate(vec![
        field("TARGET", "StringParameterDefinition", "prod"),
        field("DRY", "BooleanParameterDefinition", "false"),
    ]);
    let system = plant.system();
    let gate = the_gate(&*system).await;
    assert_eq!(
        (gate.gate.as_str(), gate.stage.as_str(), gate.build.as_str()),
        ("prod/PromoteProd", "prod", "#1")
    );
    let mut decision = answer(&gate, Verdict::Approve);
    decision.fields = BTreeMap::from([("TARGET".into(), "prod".into()), ("OTHER".into(), "x".into())]);
    match system.decide_gate(&gate.handle, &decision, &plant.fresh_key()).await {
        Err(WriteError::NotApplied(error)) => {
            let codes: Vec<_> = error.reasons().iter().map(|reason| reason.code).collect();
            assert_eq!(codes, ["gate.missing-field", "gate.unknown-field"]);
        }
        other => panic!("{other:?}"),
    }
    assert!(plant.writes().is_empty());
    decision.fields = gate.fields.clone();
    system.decide_gate(&gate.handle, &decision, &plant.fresh_key()).await.unwrap();
    assert_eq!(plant.writes(), ["POST /job/shop/job/release/1/input/PromoteProd/proceed"]);
    let settled = plant.fake.state().runs.iter().find_map(|run| run.gate.as_ref()?.settled_with.clone());
    // Fields go in the order in which the gate asks for them.
    let fields = [json!({"name": "TARGET", "value": "prod"}), json!({"name": "DRY", "value": false})];
    assert_eq!(settled, Some(json!({ "parameter": fields })));
}

#[tokio::test]
async fn a_rejected_gate_leaves_what_stood_behind_it() {
    let plant = Plant::new().await;
    let system = plant.system();
    plant.fake.wait_at_gate(Vec::new());
    let gate = the_gate(&*system).await;
    system.decide_gate(&gate.handle, &answer(&gate, Verdict::Approve), &plant.fresh_key()).await.unwrap();
    plant.fake.wait_at_gate(Vec::new());
    let gate = the_gate(&*system).await;
    system.decide_gate(&gate.handle, &answer(&gate, Verdict::Reject), &plant.fresh_key()).await.unwrap();
    assert_eq!(plant.writes()[1], "POST /job/shop/job/release/2/input/PromoteProd/abort");
    let states = system.stage_states(&"shop/release".into()).await.unwrap();
    let prod = states.iter().find(|state| state.stage.as_str() == "prod").unwrap().occupant.as_ref().unwrap();
    assert_eq!((prod.build.as_str(), prod.settled), ("#1", Settled::Deployed));
}

#[tokio::test]
async fn a_gate_that_someone_else_answered_is_told_apart_from_our_own_answer() {
    let plant = Plant::new().await;
    let system = plant.system();
    plant.fake.wait_at_gate(Vec::new());
    let gate = the_gate(&*system).await;
    let run = plant.fake.state().runs.len() - 1;
    plant.fake.state().runs[run].gate.as_mut().unwrap().answer = Some((Verdict::Approve, "Eve".into()));
    let (decision, key) = (answer(&gate, Verdict::Approve), plant.fresh_key());
    assert!(matches!(
        system.decide_gate(&gate.handle, &decision, &key).await,
        Err(WriteError::NotApplied(RemoteError::AlreadyDecided { .. }))
    ));
    assert!(plant.writes().is_empty());
    let found = system.reconcile_gate(&gate.handle, &decision, &key, chrono::Utc::now()).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied);
}

#[tokio::test]
async fn who_is_no_submitter_may_not_answer() {
    let plant = Plant::new().await;
    let system = plant.system();
    plant.fake.state().submitter = false;
    plant.fake.wait_at_gate(Vec::new());
    let gate = the_gate(&*system).await;
    assert!(matches!(
        system.decide_gate(&gate.handle, &answer(&gate, Verdict::Approve), &plant.fresh_key()).await,
        Err(WriteError::NotApplied(RemoteError::Forbidden { .. }))
    ));
}

#[tokio::test]
async fn the_gates_of_several_runs_wait_side_by_side() {
    let plant = Plant::new().await;
    plant.fake.wait_at_gate(Vec::new());
    plant.fake.wait_at_gate(Vec::new());
    let gates = plant.system().pending_gates(&"shop/release".into()).await.unwrap();
    let builds: Vec<_> = gates.iter().map(|gate| gate.build.as_str()).collect();
    assert_eq!(builds, ["#2", "#1"]);
}

#[tokio::test]
async fn every_stage_asks_under_the_same_name_and_holds_the_build_that_it_deployed() {
    let line = Line::new("shop-web", &["StagingDEV", "StagingQA", "StagingPROD"], "token");
    let serving = line.clone();
    let server = Server::start(move |request| serving.handle(request)).await.unwrap();
    let system = open_at(server.base(), "token", &Hosts::hurried());
    let (older, newer) = (line.begin_at(1), line.begin());
    let look = system.look(&"shop-web".into()).await.unwrap();
    let gates: Vec<_> =
        look.gates.iter().map(|gate| (gate.gate.to_string(), gate.build.to_string())).collect();
    assert_eq!(
        gates,
        [
            ("StagingDEV/Approve".to_owned(), format!("#{newer}")),
            ("StagingQA/Approve".to_owned(), format!("#{older}")),
        ]
    );
    let standing: Vec<_> = look
        .stages
        .iter()
        .filter_map(|stage| Some((stage.stage.to_string(), stage.occupant.as_ref()?)))
        .map(|(stage, there)| (stage, there.build.to_string(), there.settled))
        .collect();
    assert_eq!(
        standing,
        [
            ("StagingDEV".to_owned(), format!("#{newer}"), Settled::Deployed),
            ("StagingQA".to_owned(), format!("#{older}"), Settled::Deployed),
        ]
    );
    let answer = answer(&look.gates[1], Verdict::Approve);
    let key = OperationKey::new("one").unwrap();
    system.decide_gate(&look.gates[1].handle, &answer, &key).await.unwrap();
    let left = system.pending_gates(&"shop-web".into()).await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    let runs = line.runs();
    assert_eq!((runs[0].place, runs[1].place), (2, 0), "only the one gate is answered");
}

#[tokio::test]
async fn an_answer_to_one_stage_never_reaches_the_gate_of_the_same_name_in_the_next() {
    let line = Line::new("shop-web", &["StagingDEV", "StagingQA", "StagingPROD"], "token");
    let serving = line.clone();
    let server = Server::start(move |request| serving.handle(request)).await.unwrap();
    let system = open_at(server.base(), "token", &Hosts::hurried());
    let run = line.begin();
    let gate = system.pending_gates(&"shop-web".into()).await.unwrap().remove(0);
    line.answer_there(run, Verdict::Approve);
    let (decision, key) = (answer(&gate, Verdict::Approve), OperationKey::new("one").unwrap());
    let outcome = system.decide_gate(&gate.handle, &decision, &key).await;
    assert!(
        matches!(outcome, Err(WriteError::NotApplied(RemoteError::AlreadyDecided { .. }))),
        "{outcome:?}"
    );
    assert!(server.seen().iter().all(|request| !request.is_write()));
    let found = system.reconcile_gate(&gate.handle, &decision, &key, chrono::Utc::now()).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied, "the gate is gone, and somebody else approved it");
    assert_eq!(line.runs()[0].place, 1);
}
