use super::scribe::{dump, filled, issue, open};
use rusqlite::Connection;
use signalbox_domain::moment::Moment;
use signalbox_store::{Scope, Store};
use std::fs;
use std::path::Path;

/// Changes one byte of an entry's header in the file itself.
fn flip_header(path: &Path, seq: u64) {
    let store = open(path);
    let header = store.read(|reader| reader.entry(seq)).unwrap().unwrap().entry.header;
    store.close().unwrap();
    let mut bytes = fs::read(path).unwrap();
    // The id stands near the beginning of the header, so the needle is on one page.
    let needle = &header[..60];
    let place = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[place + 20] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn check(store: &Store) -> signalbox_store::Health {
    store.check(Moment::from_millis(0)).unwrap()
}

#[test]
fn damage_at_the_end_of_the_ledger_leaves_it_open_for_reading_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut scribe = filled(&open(&path), 10);
    flip_header(&path, 9);
    let store = open(&path);
    assert_eq!(store.damage().unwrap().seq, Some(9));
    let error = scribe.try_act(&store, &[issue("99", "har", "refused")]).unwrap_err();
    assert_eq!(error.code(), "store.read-only");
    assert!(error.sentence().contains("entry 9"));
    assert_eq!(store.read(|reader| reader.state(&Scope::live())).unwrap().issues.len(), 10);
    assert_eq!(store.head().unwrap().size, 12);
}

#[test]
fn older_damage_is_found_by_a_check_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut scribe = filled(&open(&path), 80);
    flip_header(&path, 5);
    let store = open(&path);
    assert_eq!(store.damage(), None);
    let health = check(&store);
    assert_eq!(health.ledger.iter().map(|damage| damage.seq).collect::<Vec<_>>(), [Some(5)]);
    assert!(scribe.try_act(&store, &[issue("99", "har", "refused")]).is_err());
    store.close().unwrap();
    assert_eq!(open(&path).damage().unwrap().seq, Some(5));
}

#[test]
fn a_sound_database_passes_the_check_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    filled(&store, 10);
    let before = dump(&store);
    assert_eq!(check(&store), signalbox_store::Health::default());
    assert_eq!(dump(&store), before);
}

#[test]
fn a_payload_that_was_exchanged_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    filled(&store, 3);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("DROP TRIGGER entry_never_changes; UPDATE entry SET payload = x'7b7d' WHERE seq = 3")
        .unwrap();
    assert_eq!(check(&store).ledger[0].seq, Some(3));
}

#[test]
fn a_cut_off_end_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    filled(&open(&path), 3);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("DROP TRIGGER entry_never_leaves; DELETE FROM entry WHERE seq = 4").unwrap();
    conn.close().unwrap();
    let store = open(&path);
    assert_eq!(store.damage().unwrap().detail, "the head counts 5 entries, and there are 4");
}

#[test]
fn an_unreadable_document_is_folded_again_where_it_is_met() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    let mut scribe = filled(&store, 3);
    let expected = dump(&store);
    let damage = || Connection::open(&path).unwrap().execute("UPDATE product SET doc = '{'", []).unwrap();
    damage();
    assert_eq!(store.read(|reader| reader.state(&Scope::desk())).unwrap().products.len(), 1);
    assert_eq!(dump(&store), expected);
    damage();
    scribe.act(&store, &[issue("9", "har", "met in an act")]);
    assert_eq!(store.read(|reader| reader.state(&Scope::live())).unwrap().issues.len(), 4);
}

#[test]
fn a_projection_that_differs_is_found_by_a_check_and_folded_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    filled(&store, 3);
    let expected = dump(&store);
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("UPDATE issue SET open = 0; DELETE FROM issue_text").unwrap();
    assert_eq!(check(&store).rebuilt, ["issue", "issue_text"]);
    assert_eq!(dump(&store), expected);
    assert_eq!(check(&store).rebuilt, [""; 0]);
}
