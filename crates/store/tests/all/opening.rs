use super::scribe::{filled, open, try_open};
use rusqlite::Connection;
use std::fs;

#[test]
fn a_database_is_made_in_an_existing_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    assert!(open(&path).opened().created);
    let again = open(&path);
    assert!(!again.opened().created && again.opened().backup.is_none() && !again.opened().rebuilt);
    let error = try_open(&folder.path().join("nowhere/ledger.db")).unwrap_err();
    assert_eq!(error.code(), "store.access");
}

#[test]
fn what_is_not_a_signalbox_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    let words = "not a database at all, ".repeat(300);
    fs::write(&text, &words).unwrap();
    assert_eq!(try_open(&text).unwrap_err().code(), "store.foreign");
    assert_eq!(fs::read_to_string(&text).unwrap(), words);

    let other = folder.path().join("other.db");
    let conn = Connection::open(&other).unwrap();
    conn.execute_batch("CREATE TABLE photo (id INTEGER)").unwrap();
    conn.close().unwrap();
    let before = fs::read(&other).unwrap();
    assert_eq!(try_open(&other).unwrap_err().code(), "store.foreign");
    assert_eq!(fs::read(&other).unwrap(), before);
}

#[test]
fn a_newer_database_is_refused_with_the_version_that_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    open(&path).close().unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO refinery_schema_history VALUES (99, 'later', '2031-01-01T00:00:00Z', '1');
         UPDATE program SET version = '7.0.0';",
    )
    .unwrap();
    conn.close().unwrap();
    let error = try_open(&path).unwrap_err();
    assert_eq!(error.code(), "store.newer");
    assert!(error.sentence().contains("7.0.0"));
    assert!(!error.retryable());
}

#[test]
fn a_migration_that_differs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for damage in [
        "UPDATE refinery_schema_history SET checksum = '1' WHERE version = 2",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday' WHERE version = 2",
        "DELETE FROM refinery_schema_history WHERE version = 1",
    ] {
        let path = folder.path().join("ledger.db");
        open(&path).close().unwrap();
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        assert_eq!(try_open(&path).unwrap_err().code(), "store.migration", "{damage}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn projections_of_another_shape_are_folded_again_when_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    filled(&store, 3);
    let expected = super::scribe::dump(&store);
    store.close().unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("UPDATE projection SET shape = 0; DELETE FROM issue;").unwrap();
    conn.close().unwrap();
    let store = open(&path);
    assert!(store.opened().rebuilt);
    assert_eq!(super::scribe::dump(&store), expected);
}

#[test]
fn the_settings_that_durability_rests_on_are_in_effect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    filled(&store, 1);
    // The log is there because nothing copies it behind the store's back.
    let log = folder.path().join("ledger.db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    assert!(store.checkpoint().unwrap());
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(fs::metadata(folder.path().join("ledger.db-reserve")).unwrap().len(), 1 << 20);
    let head: Vec<u8> = fs::read(&path).unwrap()[18..20].to_vec();
    assert_eq!(head, [2, 2], "the file is in WAL mode");
}
