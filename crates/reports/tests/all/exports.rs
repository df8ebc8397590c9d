use proptest::prelude::*;
use serde_json::Value;
use signalbox_domain::fact::Fact;
use signalbox_domain::line::{Meaning, Outcome};
use signalbox_domain::packet::Packet;
use signalbox_ledger::{After, Entry, EntryDraft, Frontier, Hash, SigningKey, Subject, canon};
use signalbox_reports::{COLUMNS, Export, Exported, Format, Names, ReportError};

struct Harbour;

impl Names for Harbour {
    fn name(&self, kind: &str, id: &str) -> Option<String> {
        let name = match (kind, id) {
            ("person", "p-ines") => "Inês, \"the\" tester",
            ("build", "b-1") => "2.8.0",
            ("service", "s-web") => "=web",
            _ => return None,
        };
        Some(name.to_owned())
    }
}

/// Signs facts one after another, each an act of its own.
fn ledger(facts: &[Fact]) -> Vec<Entry> {
    let key = SigningKey::from_seed(&[9; 32]).unwrap();
    let mut frontier = Frontier::default();
    let mut entries = Vec::new();
    for (number, fact) in facts.iter().enumerate() {
        let (kind, payload) = fact.split();
        let packet = matches!(fact, Fact::GateSigned { .. }).then(|| Hash::of(b"packet"));
        let entry = EntryDraft {
            ledger: "harbour".to_owned(),
            id: format!("019a0000-0000-7000-8000-{number:012x}"),
            at: chrono_at(number),
            author: "p-ines".to_owned(),
            role: "tester".to_owned(),
            act: format!("act-{number}"),
            kind,
            subjects: fact
                .subjects()
                .into_iter()
                .map(|subject| Subject { kind: subject.kind, id: subject.id })
                .collect(),
            payload: canon::to_bytes(&payload).unwrap(),
            packet,
            after: After { size: frontier.size(), root: frontier.root() },
            cause: None,
        };
        let entry = entry.sign(&key).unwrap();
        frontier.append(entry.leaf());
        entries.push(entry);
    }
    entries
}

fn chrono_at(number: usize) -> chrono::DateTime<chrono::Utc> {
    signalbox_domain::moment::Moment::from_millis(1_795_000_000_000 + number as i64).utc()
}

fn signed(comment: &str) -> Fact {
    Fact::GateSigned {
        build: "b-1".into(),
        service: "s-web".into(),
        stage: "qa".into(),
        approved: true,
        role: "tester".into(),
        meaning: Meaning::Responsibility,
        comment: comment.to_owned(),
        packet: Packet::default(),
    }
}

fn sample() -> Vec<Entry> {
    let mut entries = ledger(&[
        Fact::LedgerOpened { name: "Harbour".to_owned() },
        signed("=HYPERLINK(\"http://example.org\")"),
        signed("Checked on two machines,\nboth good"),
        Fact::DeploymentEnded {
            deployment: "019a0000-0000-7000-8000-00000000000f".into(),
            build: "b-1".into(),
            service: "s-web".into(),
            stage: "qa".into(),
            outcome: Outcome::NotDone,
            detail: "the folder is locked".to_owned(),
        },
        Fact::GoVoiced {
            release: "r-28".into(),
            role: "operations".into(),
            go: false,
            comment: "-1 from me".to_owned(),
        },
    ]);
    entries[2].payload = None;
    entries
}

fn export(format: Format, entries: &[Entry]) -> (String, Exported) {
    let mut bytes = Vec::new();
    let mut export = Export::begin(format, &mut bytes).unwrap();
    for (seq, entry) in (0..).zip(entries) {
        export.entry(seq, entry, &Harbour).unwrap();
    }
    let exported = export.finish().unwrap();
    (String::from_utf8(bytes).unwrap(), exported)
}

/// The cells of a CSV, without its heading.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn csv_golden() {
    let (text, exported) = export(Format::Csv, &sample());
    assert_eq!((exported.entries, exported.bytes), (5, text.len() as u64));
    assert_eq!(exported.sha256, Hash::of(text.as_bytes()));
    insta::assert_snapshot!("csv", text.replace("\r\n", "⏎\n"));
}

#[test]
fn jsonl_golden() {
    let (text, exported) = export(Format::Jsonl, &sample());
    assert_eq!((exported.entries, exported.sha256), (5, Hash::of(text.as_bytes())));
    insta::assert_snapshot!("jsonl", text);
}

#[test]
fn the_same_entries_give_the_same_bytes() {
    for format in [Format::Csv, Format::Jsonl] {
        assert_eq!(export(format, &sample()), export(format, &sample()));
    }
}

#[test]
fn an_entry_can_be_verified_from_its_json_line_alone() {
    let entries = sample();
    let (text, _) = export(Format::Jsonl, &entries);
    for (line, entry) in text.lines().zip(&entries) {
        let object: Value = serde_json::from_str(line).unwrap();
        let bytes = |value: &Value| canon::to_bytes(value).unwrap();
        let again = Entry {
            header: bytes(&object["header"]),
            payload: (!object["payload"].is_null()).then(|| bytes(&object["payload"])),
            signature: object["signature"].as_str().unwrap().as_bytes().to_vec(),
        };
        assert_eq!(&again, entry);
        again.open().unwrap();
        assert_eq!(object["leaf"], again.leaf().to_string());
    }
}

#[test]
fn rows_of_csv_and_json_lines_reconcile() {
    let (csv, csv_sum) = export(Format::Csv, &sample());
    let (jsonl, jsonl_sum) = export(Format::Jsonl, &sample());
    assert_eq!(csv_sum.entries, jsonl_sum.entries);
    let ids = |line: &str| -> String {
        let object: Value = serde_json::from_str(line).unwrap();
        object["header"]["id"].as_str().unwrap().to_owned()
    };
    let from_csv: Vec<String> = read_csv(&csv).into_iter().map(|row| row[18].clone()).collect();
    assert_eq!(from_csv, jsonl.lines().map(ids).collect::<Vec<_>>());
}

#[test]
fn an_entry_that_cannot_be_read_is_named() {
    let entry = Entry { header: b"{}".to_vec(), payload: None, signature: Vec::new() };
    let mut export = Export::begin(Format::Csv, Vec::new()).unwrap();
    let error = export.entry(7, &entry, &()).unwrap_err();
    assert!(matches!(error, ReportError::Entry { seq: 7, .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_cell_of_a_csv_is_ever_run(comment in "[=+@\\-\t\r\n \"',;|a＝]{0,12}") {
        let (text, _) = export(Format::Csv, &ledger(&[signed(&comment)]));
        let begins = |text: &str| text.trim_start().starts_with(['=', '+', '-', '@', '＝']);
        let rows = read_csv(&text);
        prop_assert_eq!(rows.len(), 1);
        for cell in &rows[0] {
            prop_assert!(!begins(cell), "{:?}", cell);
        }
        // Read with a separator that is not ours.
        for separator in [b';', b'\t', b'|'] {
            let mut reader =
                csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
            for row in reader.records() {
                for cell in &row.unwrap() {
                    prop_assert!(!begins(cell), "{:?} split at {}", cell, char::from(separator));
                }
            }
        }
    }
}
