use super::scribe::{Scribe, dump, filled, issue, ledger_opened, open, product, verified};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::ProductId;
use signalbox_domain::state::Ref;
use signalbox_store::{ActError, Appended, Scope, StoreError};

#[test]
fn an_act_is_appended_folded_and_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = Scribe::new(0);
    let receipt = scribe.act(&store, &[ledger_opened(), product("har")]);
    assert_eq!(receipt.seqs, 0..2);
    assert_eq!(receipt.touched.len(), 2);
    assert_eq!(store.head().unwrap(), receipt.head);
    assert_eq!(receipt.head.ledger.as_deref(), Some("harbour"));

    let state = store.read(|reader| reader.state(&Scope::desk())).unwrap();
    assert_eq!(state.products[&ProductId::from("har")].name, "Product har");
    assert_eq!(state.ledger.unwrap().name, "Harbour");
    assert!(verified(&store).is_clean());
}

#[test]
fn a_decision_sees_the_present_state_and_head() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 1);
    let refused = store.act(&Scope::product("har".into()), |basis| {
        assert_eq!(basis.head.size, 3);
        assert_eq!(basis.state.issues.len(), 1);
        assert!(basis.state.touched.is_empty());
        basis.writer.set_setting("seen", &true).unwrap();
        Err::<Appended<()>, _>("no")
    });
    assert!(matches!(refused, Err(ActError::Refused("no"))));
    assert_eq!(store.head().unwrap().size, 3);
    // What the refused decision wrote beside the ledger is gone as well.
    assert_eq!(store.read(|reader| reader.setting::<bool>("seen")).unwrap(), None);
    scribe.act(&store, &[issue("9", "har", "goes on")]);
}

#[test]
fn an_entry_that_was_decided_on_another_head_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 2);
    let before = (store.head().unwrap(), dump(&store));
    let mut old = before.0.clone();
    old.size -= 1;
    old.root = store.read(|reader| reader.root_at(old.size)).unwrap();
    let refused = store.act(&Scope::desk(), |basis| {
        let entries = vec![
            scribe.sign(&basis.head, "a", &issue("7", "har", "kept out")),
            scribe.sign(&old, "a", &issue("8", "har", "kept out")),
        ];
        Ok::<_, ()>(Appended { entries, value: () })
    });
    let Err(ActError::Store(error)) = refused else { panic!("it was accepted") };
    assert_eq!((error.code(), error.retryable()), ("store.head-moved", true));
    assert_eq!((store.head().unwrap(), dump(&store)), before);
}

#[test]
fn entries_that_would_not_verify_or_fold_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 1);
    let taken = scribe.next_id();
    scribe.act(&store, &[issue("1", "har", "one")]);
    let size = store.head().unwrap().size;
    let mut attempt = |change: &mut dyn FnMut(&mut Scribe, &mut signalbox_ledger::Entry)| {
        let done = store.act(&Scope::desk(), |basis| {
            let mut entry = scribe.sign(&basis.head, "a", &issue("2", "har", "two"));
            change(&mut scribe, &mut entry);
            Ok::<_, ()>(Appended { entries: vec![entry], value: () })
        });
        match done {
            Err(ActError::Store(error)) => error.code(),
            other => panic!("it was not refused: {other:?}"),
        }
    };
    let refused = "store.entry-refused";
    assert_eq!(attempt(&mut |_, entry| entry.payload = None), refused);
    assert_eq!(attempt(&mut |_, entry| entry.payload = Some(b"{}".to_vec())), refused);
    assert_eq!(attempt(&mut |_, entry| entry.header.push(b' ')), refused);
    let replaced = |entry: &mut signalbox_ledger::Entry, from: &str, to: &str| {
        entry.header = String::from_utf8(entry.header.clone()).unwrap().replace(from, to).into_bytes();
    };
    assert_eq!(attempt(&mut |_, entry| replaced(entry, "issue-recorded.v1", "issue-recorded.v9")), refused);
    assert_eq!(attempt(&mut |_, entry| replaced(entry, "\"harbour\"", "\"another\"")), refused);
    let mut double = |scribe: &mut Scribe, entry: &mut signalbox_ledger::Entry| {
        let head = store.head().unwrap();
        *entry = Scribe::after(0, 3).sign(&head, "a", &issue("3", "har", "three"));
        assert_ne!(scribe.next_id(), taken);
    };
    assert_eq!(attempt(&mut double), refused);
    assert_eq!(store.head().unwrap().size, size);
}

#[test]
fn a_fold_reaches_values_that_the_scope_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 1);
    let closed = Fact::IssueClosed {
        issue: "0".into(),
        lesson: signalbox_domain::issue::Lesson::None { because: "a test".to_owned() },
    };
    let receipt = scribe.act(&store, &[closed]);
    assert_eq!(receipt.touched, [Ref::Issue("0".into())].into());
    let found = store.read(|reader| reader.issue(&"0".into())).unwrap().unwrap();
    assert!(found.lesson.is_some());
    // Closed, it is no longer part of what an act loads without naming it.
    let live = store.read(|reader| reader.state(&Scope::live())).unwrap();
    assert!(live.issues.is_empty());
    let named = Scope::live().and(Ref::Issue("0".into()));
    assert_eq!(store.read(|reader| reader.state(&named)).unwrap().issues.len(), 1);
}

#[test]
fn the_ledger_cannot_be_changed_through_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    filled(&store, 2);
    let raw = rusqlite::Connection::open(&path).unwrap();
    for sql in [
        "UPDATE entry SET header = x'00' WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 3",
        "INSERT INTO entry (seq, id, header, signature) VALUES (9, 'x', x'', x'')",
        "REPLACE INTO entry (seq, id, header, signature) VALUES (1, 'x', x'', x'')",
        "UPDATE tree SET hash = zeroblob(32)",
        "DELETE FROM tree",
        "DELETE FROM head",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
    assert!(verified(&store).is_clean());
}

#[test]
fn readers_see_one_consistent_view_beside_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = filled(&store, 1);
    store
        .read(|reader| {
            let before = reader.head()?.size;
            scribe.act(&store, &[issue("5", "har", "meanwhile")]);
            assert_eq!(reader.head()?.size, before);
            assert_eq!(reader.counts()?.entries, before);
            Ok(())
        })
        .unwrap();
    assert_eq!(store.read(|reader| reader.counts()).unwrap().open_issues, 2);
}

#[test]
fn every_error_has_a_code_a_sentence_and_a_next_step() {
    let errors = [
        StoreError::Busy,
        StoreError::DiskFull { path: "/var/ledger.db".into() },
        StoreError::Newer { found: 9, known: 3, program: Some("2.0.0".to_owned()) },
        StoreError::HeadMoved { decided: 1, found: 2 },
    ];
    for error in errors {
        assert!(error.code().starts_with("store."));
        assert!(error.sentence().ends_with('.') && error.next_step().ends_with('.'));
    }
}

#[test]
fn a_store_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<signalbox_store::Store>();
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    filled(&store, 1);
    std::thread::scope(|scope| {
        for salt in 1..5 {
            let store = &store;
            scope.spawn(move || {
                let mut scribe = Scribe::new(salt);
                for number in 0..10 {
                    scribe.act(store, &[issue(&format!("{salt}-{number}"), "har", "at once")]);
                    // More readers than connections: each waits for its turn.
                    store.read(|reader| reader.counts()).unwrap();
                }
            });
        }
    });
    assert_eq!(store.head().unwrap().size, 3 + 40);
    assert!(verified(&store).is_clean());
}
