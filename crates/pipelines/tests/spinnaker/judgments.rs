//! Manual judgments: an accepted answer proves nothing until it is read back.

use std::sync::atomic::Ordering;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::{
    Decision, PendingGate, PipelineSystem, Reconciled, RemoteError, Verdict, WriteError,
};

use super::bench::Line;

async fn waiting(line: &Line, system: &dyn PipelineSystem) -> PendingGate {
    line.gate().open_judgment("3.0.0");
    let mut gates = system.pending_gates(&line.gated()).await.unwrap();
    assert_eq!(gates.len(), 1);
    gates.remove(0)
}

fn approval(gate: &PendingGate) -> Decision {
    Decision {
        verdict: Verdict::Approve,
        comment: String::new(),
        fields: gate.fields.clone(),
        expect_build: gate.build.clone(),
    }
}

#[tokio::test]
async fn an_answer_that_spinnaker_accepts_and_drops_is_unknown_and_then_known_as_not_applied() {
    let line = Line::start().await;
    let system = line.system();
    let gate = waiting(&line, &*system).await;
    line.gate().drops_answers = true;
    let key = line.fresh_key();
    let outcome = system.decide_gate(&gate.handle, &approval(&gate), &key).await;
    assert!(matches!(outcome, Err(WriteError::OutcomeUnknown { .. })), "{outcome:?}");
    let sent_at = Utc::now();
    let early = system.reconcile_gate(&gate.handle, &approval(&gate), &key, sent_at).await.unwrap();
    assert!(matches!(early, Reconciled::StillUnknown { .. }), "{early:?}");
    line.ahead.store(20, Ordering::Relaxed);
    let late = system.reconcile_gate(&gate.handle, &approval(&gate), &key, sent_at).await.unwrap();
    assert_eq!(late, Reconciled::NotApplied);
}

#[tokio::test]
async fn an_answer_without_the_role_is_dropped_in_silence_and_found_out() {
    let line = Line::start().await;
    let system = line.system();
    line.gate().stage_roles = vec!["directors"];
    let gate = waiting(&line, &*system).await;
    assert_eq!(gate.may_answer, Some(false));
    let key = line.fresh_key();
    let sent_at = Utc::now();
    // Recorded at first, so that it looks well.
    system.decide_gate(&gate.handle, &approval(&gate), &key).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    line.ahead.store(20, Ordering::Relaxed);
    let found = system.reconcile_gate(&gate.handle, &approval(&gate), &key, sent_at).await.unwrap();
    assert_eq!(found, Reconciled::NotApplied);
    assert_eq!(system.pending_gates(&line.gated()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_was_quicker_is_named_and_nothing_is_sent() {
    let line = Line::start().await;
    let system = line.system();
    let gate = waiting(&line, &*system).await;
    let run = gate.run.clone().unwrap();
    {
        let mut played = line.gate();
        let judgment = &mut played.execution(run.as_str()).unwrap()["stages"][1];
        judgment["context"]["judgmentStatus"] = "stop".into();
        judgment["status"] = "TERMINAL".into();
        judgment["lastModified"] = json!({ "user": "viktor@example.org" });
    }
    let outcome = system.decide_gate(&gate.handle, &approval(&gate), &line.fresh_key()).await;
    let expected =
        RemoteError::AlreadyDecided { by: Some("viktor@example.org".into()), verdict: Some(Verdict::Reject) };
    assert_eq!(outcome, Err(WriteError::NotApplied(expected)));
    assert!(line.server.seen().iter().all(|request| !request.is_write()));
    let sent_at = Utc::now() - TimeDelta::minutes(1);
    let found = system.reconcile_gate(&gate.handle, &approval(&gate), &line.fresh_key(), sent_at).await;
    assert_eq!(found, Ok(Reconciled::NotApplied));
}

#[tokio::test]
async fn a_judgment_with_choices_is_approved_with_one_of_them_only() {
    let line = Line::start().await;
    let system = line.system();
    line.gate().choices = vec!["Ship", "Ship slowly"];
    let gate = waiting(&line, &*system).await;
    assert_eq!(gate.fields.get("judgmentInput").map(String::as_str), Some("Ship"));
    for fields in [json!({}), json!({ "judgmentInput": "Whatever" })] {
        let fields = serde_json::from_value(fields).unwrap();
        let answer = Decision { fields, ..approval(&gate) };
        let outcome = system.decide_gate(&gate.handle, &answer, &line.fresh_key()).await;
        assert!(matches!(outcome, Err(WriteError::NotApplied(RemoteError::Invalid { .. }))), "{outcome:?}");
    }
    system.decide_gate(&gate.handle, &approval(&gate), &line.fresh_key()).await.unwrap();
    let sent = line.server.seen().into_iter().find(|request| request.is_write()).unwrap();
    assert_eq!(sent.method, "PATCH");
    assert_eq!(sent.json(), json!({ "judgmentStatus": "continue", "judgmentInput": "Ship" }));
}

#[tokio::test]
async fn a_judgment_belongs_to_the_stage_that_it_lets_through() {
    let line = Line::start().await;
    let system = line.system();
    let shape = system.describe(&line.gated()).await.unwrap();
    let stages: Vec<_> = shape.stages.iter().map(|stage| (stage.name.as_str(), stage.gates.len())).collect();
    assert_eq!(stages, [("StagingQA", 0), ("StagingPROD", 1)]);
    let gate = waiting(&line, &*system).await;
    assert_eq!((gate.stage.as_str(), gate.gate.as_str()), ("StagingPROD", "Approve production"));
    assert_eq!((gate.build.as_str(), gate.question.as_str()), ("3.0.0", "Ship it?"));
    let states = system.stage_states(&line.gated()).await.unwrap();
    assert_eq!(states[0].occupant.as_ref().unwrap().build.as_str(), "3.0.0");
    assert_eq!(states[1].occupant, None);
}
