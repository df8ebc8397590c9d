//! Every kind of fact keeps its bytes: one golden payload a kind, in `tests/golden/facts`.

use signalbox_domain::fact::{Fact, KINDS};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/facts")
}

/// Canonical JSON of plain values: keys in order, no spaces (`serde_json` keeps a map in key order).
fn canonical(value: &serde_json::Value) -> String {
    value.to_string()
}

#[test]
fn every_kind_has_a_golden_payload_and_nothing_else_has() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap().trim_end_matches(".json").to_owned())
        .collect();
    let kinds: BTreeSet<String> = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(files, kinds);
}

#[test]
fn every_golden_payload_is_read_and_written_byte_for_byte() {
    for kind in KINDS {
        let golden = std::fs::read_to_string(folder().join(format!("{kind}.json"))).unwrap();
        let fact = Fact::read(kind, serde_json::from_str(&golden).unwrap()).unwrap();
        let (written_kind, payload) = fact.split();
        assert_eq!(written_kind, kind);
        assert_eq!(canonical(&payload), golden, "{kind} is not what it was");
    }
}
