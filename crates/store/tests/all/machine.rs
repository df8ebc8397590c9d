use super::scribe::{Scribe, filled, open};
use serde_json::json;
use signalbox_domain::fact::Fact;
use signalbox_domain::id::EntryId;
use signalbox_domain::line::{DeploymentKind, Outcome};
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::Packet;
use signalbox_ledger::Hash;
use signalbox_store::{Draft, KeptCheckpoint, OutboxKind, OutboxState, Polled, StoreError};

#[test]
fn settings_drafts_packets_addresses_checkpoints_and_answers_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let at = Moment::from_millis;
    let draft =
        Draft { id: "d".to_owned(), kind: "issue".to_owned(), at: at(5), doc: json!({"problem": "x"}) };
    let mut packet = Packet { title: "Approve 2.8".to_owned(), lines: Vec::new() };
    packet.line("build", "digest", "abc");
    let digest = Hash::of(b"packet");
    let polled = Polled { at: at(1), doc: json!([1, 2]) };
    store
        .write(|writer| {
            writer.set_setting("theme", &"dark")?;
            writer.set_setting("theme", &"light")?;
            writer.put_draft(&draft)?;
            writer.keep_packet(&digest, &packet, at(10))?;
            writer.set_connection_address(&"local".into(), &json!({"folder": "/srv/pipeline"}))?;
            for size in [3, 9, 4] {
                writer.keep_checkpoint(&KeptCheckpoint { size, note: format!("note {size}"), at: at(1) })?;
            }
            writer.keep_polled("runs", &polled)?;
            assert_eq!(writer.reader().draft("d")?, Some(draft.clone()));
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store
        .read(|reader| {
            assert_eq!(reader.setting::<String>("theme")?.as_deref(), Some("light"));
            assert_eq!(reader.drafts("issue")?, std::slice::from_ref(&draft));
            assert_eq!(reader.shown_packet(&digest)?.as_ref(), Some(&packet));
            assert_eq!(reader.connection_address(&"local".into())?.unwrap()["folder"], "/srv/pipeline");
            assert_eq!(reader.latest_checkpoint()?.unwrap().size, 9);
            assert_eq!(reader.polled("runs")?.as_ref(), Some(&polled));
            Ok(())
        })
        .unwrap();
    let failed: Result<(), StoreError> = store.write(|writer| {
        writer.remove_draft("d")?;
        Err(StoreError::Busy)
    });
    assert!(failed.is_err());
    store
        .write(|writer| {
            assert!(writer.reader().draft("d")?.is_some());
            writer.forget_setting("theme")?;
            writer.forget_packets(at(11))?;
            writer.clear_polled()?;
            assert_eq!(writer.reader().shown_packet(&digest)?, None);
            assert_eq!(writer.reader().polled("runs")?, None);
            assert_eq!(writer.reader().setting::<String>("theme")?, None);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn intended(scribe: &mut Scribe, store: &signalbox_store::Store) -> EntryId {
    let operation = EntryId::new(scribe.next_id());
    let fact = Fact::DeploymentIntended {
        build: "b1".into(),
        service: "web".into(),
        stage: "qa".into(),
        purpose: DeploymentKind::Forward,
        connection: "local".into(),
        pipeline: "web".to_owned(),
        by: "ines".into(),
    };
    scribe.act(store, &[fact]);
    operation
}

fn ended(operation: &EntryId, outcome: Outcome) -> Fact {
    Fact::DeploymentEnded {
        deployment: operation.clone(),
        build: "b1".into(),
        service: "web".into(),
        stage: "qa".into(),
        outcome,
        detail: String::new(),
    }
}

#[test]
fn an_intent_is_in_the_outbox_with_its_entry_until_its_outcome_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 0);
    let operation = intended(&mut scribe, &store);
    let open_calls = || store.read(|reader| reader.open_calls()).unwrap();
    assert_eq!(open_calls().len(), 1);
    assert_eq!(open_calls()[0].operation, operation);
    assert_eq!(
        (open_calls()[0].kind, open_calls()[0].state),
        (OutboxKind::Deployment, OutboxState::Intended)
    );
    assert_eq!(open_calls()[0].doc["pipeline"], "web");

    let step = |from, to, run: Option<&str>| {
        store.write(|writer| writer.move_call(&operation, from, to, run)).unwrap()
    };
    assert!(step(OutboxState::Intended, OutboxState::Sending, None));
    // A second process that saw the same state comes too late.
    assert!(!step(OutboxState::Intended, OutboxState::Sending, None));
    assert!(step(OutboxState::Sending, OutboxState::Sent, Some("run-1")));
    let call = store.read(|reader| reader.call(&operation)).unwrap().unwrap();
    assert_eq!((call.attempts, call.run.as_deref()), (1, Some("run-1")));

    scribe.act(&store, &[ended(&operation, Outcome::Unknown)]);
    assert_eq!(open_calls()[0].state, OutboxState::Unknown);
    scribe.act(&store, &[ended(&operation, Outcome::Succeeded)]);
    assert!(open_calls().is_empty());
    // What was done stays done when the projections are folded again.
    store.rebuild().unwrap();
    assert!(open_calls().is_empty());
}

#[test]
fn an_answer_to_a_gate_is_in_the_outbox_until_its_outcome_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 0);
    let answer = EntryId::new(scribe.next_id());
    let intended = Fact::GateAnswerIntended {
        build: "b1".into(),
        service: "web".into(),
        stage: "qa".into(),
        approve: true,
        gate: "StagingQA/approve".to_owned(),
        connection: "local".into(),
        pipeline: "web".to_owned(),
        by: "ines".into(),
        comment: "looks good".to_owned(),
    };
    let (_, payload) = intended.split();
    scribe.act(&store, &[intended]);
    let calls = || store.read(|reader| reader.open_calls()).unwrap();
    assert_eq!(calls().len(), 1);
    let call = store.read(|reader| reader.call(&answer)).unwrap().unwrap();
    assert_eq!((call.kind, call.state, call.doc), (OutboxKind::Answer, OutboxState::Intended, payload));
    let ended = |outcome| Fact::GateAnswerEnded {
        answer: answer.clone(),
        build: "b1".into(),
        service: "web".into(),
        stage: "qa".into(),
        outcome,
        detail: String::new(),
    };
    scribe.act(&store, &[ended(Outcome::Unknown)]);
    assert_eq!(calls()[0].state, OutboxState::Unknown);
    scribe.act(&store, &[ended(Outcome::NotDone)]);
    assert!(calls().is_empty());
}

#[test]
fn a_call_is_worked_on_by_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 0);
    let operation = intended(&mut scribe, &store);
    let hold = |holder: &str, now: i64| {
        let (now, until) = (Moment::from_millis(now), Moment::from_millis(now + 100));
        store.write(|writer| writer.hold_call(&operation, holder, now, until)).unwrap()
    };
    assert!(hold("desktop", 0));
    assert!(!hold("cli", 50));
    assert!(hold("desktop", 60), "the holder may go on");
    assert!(!hold("cli", 159));
    assert!(hold("cli", 160), "an abandoned call is taken over");
    store.write(|writer| writer.release_call(&operation, "cli")).unwrap();
    assert!(hold("desktop", 161));
}

#[test]
fn a_product_test_is_in_the_outbox_until_its_outcome_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 0);
    let test = EntryId::new(scribe.next_id());
    let intended = Fact::ProductTestIntended {
        product: "har".into(),
        stage: "dev".into(),
        connection: "local".into(),
        pipeline: "journeys".to_owned(),
        builds: Vec::new(),
        by: "ines".into(),
        due: None,
    };
    let (_, payload) = intended.split();
    scribe.act(&store, &[intended]);
    let calls = || store.read(|reader| reader.open_calls()).unwrap();
    let call = store.read(|reader| reader.call(&test)).unwrap().unwrap();
    assert_eq!((call.kind, call.state, call.doc), (OutboxKind::Test, OutboxState::Intended, payload));
    let ended = |test: &EntryId, outcome| Fact::ProductTestEnded {
        product: "har".into(),
        stage: "dev".into(),
        test: Some(test.clone()),
        outcome,
        builds: Vec::new(),
        left_out: Vec::new(),
        source: "journeys".to_owned(),
        summary: "84 journeys".to_owned(),
    };
    scribe.act(&store, &[ended(&test, Outcome::Unknown)]);
    assert_eq!(calls()[0].state, OutboxState::Unknown);
    scribe.act(&store, &[ended(&"another".into(), Outcome::Failed)]);
    assert_eq!(calls().len(), 1);
    scribe.act(&store, &[ended(&test, Outcome::Failed)]);
    assert!(calls().is_empty());
}
