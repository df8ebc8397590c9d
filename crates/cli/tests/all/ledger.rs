//! `ledger verify`, `ledger show`, `export`.

use crate::program::{copy_of_played, passphrase, played, run, text};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn verify(folder: &Path, code: i32) -> Value {
    run(&["ledger", "verify", "--json", "--folder", text(folder)]).ended(code).value()
}

fn size(folder: &Path) -> u64 {
    verify(folder, 0)["size"].as_u64().unwrap()
}

/// Every stored part of one entry.
fn stored(folder: &Path, seq: u32) -> [(&'static str, Vec<u8>); 3] {
    let database = Connection::open(folder.join("signalbox.db")).unwrap();
    let part = |name: &'static str| {
        let query = format!("SELECT {name} FROM entry WHERE seq = ?1");
        (name, database.query_row(&query, [seq], |row| row.get(0)).unwrap())
    };
    [part("header"), part("payload"), part("signature")]
}

#[test]
fn the_register_of_the_tour_holds() {
    let ran = run(&["ledger", "verify", "--folder", text(&played().folder)]).ended(0);
    assert!(ran.stdout.starts_with("✓ all "), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(verify(&played().folder, 0)["findings"], serde_json::json!([]));
}

#[test]
fn a_byte_changed_with_a_hex_editor_is_found_in_its_entry() {
    const SEQ: u32 = 40;
    let copy = copy_of_played();
    let file = copy.path().join("signalbox.db");
    let untouched = fs::read(&file).unwrap();
    for (part, bytes) in stored(copy.path(), SEQ) {
        let places: Vec<usize> = untouched
            .windows(bytes.len())
            .enumerate()
            .filter(|(_, window)| *window == bytes)
            .map(|(at, _)| at)
            .collect();
        // A long value lies in pieces on several pages; then another byte of it is as good.
        let Some(at) = places.first() else { continue };
        let mut touched = untouched.clone();
        touched[at + bytes.len() / 2] ^= 1;
        fs::write(&file, touched).unwrap();
        let report = verify(copy.path(), 3);
        let first = &report["findings"][0];
        assert_eq!(first["index"], SEQ, "{part}: {report}");
        let told = run(&["ledger", "verify", "--folder", text(copy.path())]).ended(3);
        assert!(told.stdout.contains(&format!("■ entry {SEQ}")), "{part}: {}", told.stdout);
    }
}

#[test]
fn a_byte_changed_behind_the_triggers_is_found_in_its_entry_and_nowhere_else() {
    let copy = copy_of_played();
    let folder = copy.path();
    // A section of a plan: no rule hangs on its words, so nothing else can be wrong after the change.
    let listed = run(&[
        "ledger",
        "show",
        "--kind",
        "plan-section-written.v1",
        "--limit",
        "1",
        "--json",
        "--folder",
        text(folder),
    ]);
    let entry = listed.ended(0).value();
    let seq = entry["seq"].as_u64().unwrap();

    let database = Connection::open(folder.join("signalbox.db")).unwrap();
    let triggers: Vec<String> = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(!triggers.is_empty(), "the register is protected by triggers");
    let mut payload: Vec<u8> =
        database.query_row("SELECT payload FROM entry WHERE seq = ?1", [seq], |row| row.get(0)).unwrap();
    database.execute("UPDATE entry SET payload = ?2 WHERE seq = ?1", (seq, &payload)).unwrap_err();
    for trigger in triggers {
        database.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    let letter = payload.iter().rposition(u8::is_ascii_lowercase).unwrap();
    payload[letter] = if payload[letter] == b'a' { b'b' } else { b'a' };
    database.execute("UPDATE entry SET payload = ?2 WHERE seq = ?1", (seq, &payload)).unwrap();
    drop(database);

    let report = verify(folder, 3);
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(finding["index"], seq, "{report}");
        assert_eq!(finding["entry"], entry["id"], "{report}");
    }
    assert_eq!(findings[0]["code"], "payload.changed");
}

#[test]
fn entries_are_listed_newest_first_and_filtered() {
    let folder = text(&played().folder);
    let all = run(&["ledger", "show", "--limit", "0", "--json", "--folder", folder]).ended(0).lines();
    assert_eq!(all.len() as u64, size(&played().folder));
    let numbers: Vec<u64> = all.iter().map(|row| row["seq"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one > next));

    let by_priya =
        run(&["ledger", "show", "--person", "priya", "--limit", "0", "--json", "--folder", folder]);
    let by_priya = by_priya.ended(0).lines();
    assert!(by_priya.iter().all(|row| row["author_name"] == "Priya Raman"));
    assert_eq!(by_priya.len(), all.iter().filter(|row| row["author_name"] == "Priya Raman").count());

    let signed = run(&[
        "ledger",
        "show",
        "--kind",
        "gate-signed.v1",
        "--person",
        "Tom Becker",
        "--json",
        "--folder",
        folder,
    ]);
    assert_eq!(signed.ended(0).lines().len(), 4);

    let told = run(&["ledger", "show", "--limit", "2", "--folder", folder]).ended(0);
    assert!(told.stdout.contains("2 of "), "{}", told.stdout);
    let nobody = run(&["ledger", "show", "--person", "nobody", "--json", "--folder", folder]).ended(1);
    assert_eq!(nobody.error()["code"], "person.unknown");
    let no_subject = run(&["ledger", "show", "--subject", "build", "--json", "--folder", folder]).ended(2);
    assert_eq!(no_subject.error()["code"], "filter.subject");
}

#[test]
fn one_entry_is_shown_as_it_is_stored() {
    let folder = text(&played().folder);
    let by_number = run(&["ledger", "show", "3", "--json", "--folder", folder]).ended(0).value();
    let id = by_number["row"]["id"].as_str().unwrap();
    let by_id = run(&["ledger", "show", id, "--json", "--folder", folder]).ended(0).value();
    assert_eq!(by_id, by_number);
    let told = run(&["ledger", "show", "3", "--folder", folder]).ended(0);
    assert!(told.stdout.contains(by_number["header"].as_str().unwrap()), "{}", told.stdout);
    assert!(told.stdout.contains("-----BEGIN SSH SIGNATURE-----"), "{}", told.stdout);
    let absent = run(&["ledger", "show", "99999", "--json", "--folder", folder]).ended(1);
    assert_eq!(absent.error()["code"], "entry.unknown");
}

#[test]
fn exports_hold_as_many_rows_as_the_register() {
    let copy = copy_of_played();
    let secret = passphrase(copy.path());
    let export = |format: &str, more: &[&str]| {
        let file = copy.path().join(format!("out.{format}"));
        let mut args = vec!["export", format, "--to", text(&file), "--json", "--folder", text(copy.path())];
        args.extend(["--passphrase-file", &secret]);
        args.extend(more);
        let view = run(&args).ended(0).value();
        (view, fs::read_to_string(&file).unwrap())
    };
    let before = size(copy.path());
    let (view, text) = export("csv", &[]);
    assert_eq!(view["entries"], before);
    assert_eq!(
        csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).count() as u64,
        before
    );

    // That the table was taken is an entry too.
    let (view, text) = export("jsonl", &[]);
    assert_eq!(view["entries"], before + 1);
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len() as u64, before + 1);
    assert_eq!(size(copy.path()), before + 2);

    let (view, _) = export("csv", &["--person", "maya"]);
    assert!(view["entries"].as_u64().unwrap() < before);
    let (_, signers) = export("allowed-signers", &[]);
    assert!(signers.contains("ssh-ed25519"), "{signers}");
    let (_, note) = export("checkpoint", &[]);
    assert!(note.starts_with("signalbox/"), "{note}");
}

#[test]
fn an_export_without_the_passphrase_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("register.csv");
    let args = ["export", "csv", "--to", text(&file), "--folder", text(&played().folder)];
    let ran = run(&args).ended(1);
    insta::assert_snapshot!("error_locked", ran.stderr);
}

#[test]
fn a_folder_without_a_desk_is_not_filled() {
    let folder = TempDir::new().unwrap();
    let absent = folder.path().join("misspelt");
    for args in
        [vec!["ledger", "verify"], vec!["ledger", "show"], vec!["export", "csv", "--to", "register.csv"]]
    {
        let mut args = args;
        args.extend(["--folder", text(&absent)]);
        let ran = run(&args).ended(4);
        insta::allow_duplicates! {
            insta::assert_snapshot!("error_absent", ran.stderr.replace(text(&absent), "DIR"));
        }
    }
    assert!(!absent.exists());
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("signalbox.db"), "this is no database, however long the text is").unwrap();
    let ran = run(&["ledger", "verify", "--json", "--folder", text(folder.path())]).ended(4);
    let code = ran.error()["code"].as_str().unwrap().to_owned();
    assert!(code.starts_with("store."), "{code}");
}
