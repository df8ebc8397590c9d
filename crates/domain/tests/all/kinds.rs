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

#[test]
fn an_optional_field_is_written_only_where_it_says_something() {
    let more = [
        ("service-bound.v1", "mapped", r#"[{"remote":"StagingQA","stage":"qa","way":"driven"}]"#),
        (
            "service-bound.v1",
            "mapped",
            r#"[{"gate":"StagingQA/approve","remote":"StagingQA","stage":"qa","way":"gated"}]"#,
        ),
        ("build-arrived.v1", "reference", r#""3f1f2b6a""#),
    ];
    for (kind, field, value) in more {
        let golden = std::fs::read_to_string(folder().join(format!("{kind}.json"))).unwrap();
        assert!(!golden.contains(field), "{kind} is as it was before there was a {field}");
        let mut payload: serde_json::Value = serde_json::from_str(&golden).unwrap();
        let place = if field == "reference" { &mut payload["content"] } else { &mut payload };
        place[field] = serde_json::from_str(value).unwrap();
        let (_, written) = Fact::read(kind, payload.clone()).unwrap().split();
        assert_eq!(canonical(&written), canonical(&payload));
    }
}
