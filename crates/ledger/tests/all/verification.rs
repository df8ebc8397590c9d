//! What the verifier reports beyond changed bytes: signers, places, times, heads, rules; and how it runs.

use crate::sample::{Book, LEDGER, Line, People, check, enrolment, entry_id, key, options, sample, start};
use chrono::TimeDelta;
use serde_json::json;
use signalbox_ledger::checkpoint::CheckpointError;
use signalbox_ledger::proof::consistency;
use signalbox_ledger::verify::{FindingKind, Options, Pin, VerifyError, Waypoint};
use signalbox_ledger::{After, Checkpoint, Hash, Header, Record, Replay, Report, Signer, Violation, verify};
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

fn codes(report: &Report) -> Vec<(Option<u64>, &'static str)> {
    report.findings.iter().map(|finding| (finding.index, finding.kind.code())).collect()
}

fn arrival<'a>(author: &'a str, role: &'a str) -> Line<'a> {
    Line { author, role, kind: "build.arrived.1", payload: json!({"build": "b"}) }
}

#[test]
fn signers_without_standing_are_found() {
    let mut book = sample();
    book.write(arrival("eve", "tester"));
    book.write(arrival("bo", "administrator"));
    let stolen = book.draft(arrival("ada", "administrator")).sign(&key("bo")).unwrap();
    book.push(stolen);
    book.write(Line {
        author: "ada",
        role: "administrator",
        kind: "key.revoked.1",
        payload: json!({"key": key("bo").fingerprint()}),
    });
    book.write(arrival("bo", "tester"));
    assert_eq!(
        codes(&check(book.records(), options())),
        [
            (Some(5), "key.unknown"),
            (Some(6), "role.not_held"),
            (Some(7), "key.of_another"),
            (Some(9), "key.revoked"),
        ]
    );
}

#[test]
fn a_key_counts_from_its_enrolment_on() {
    let mut book = Book::default();
    book.push(sample().entries[0].clone());
    book.write(arrival("bo", "tester"));
    book.write(Line {
        author: "ada",
        role: "administrator",
        kind: "person.enrolled.1",
        payload: enrolment("bo", "tester"),
    });
    book.write(arrival("bo", "tester"));
    assert_eq!(codes(&check(book.records(), options())), [(Some(1), "key.unknown")]);
}

#[test]
fn places_and_times_are_checked() {
    let mut book = sample();
    let machine = key("machine");
    let line = || arrival("machine", "machine");

    let mut foreign = book.draft(line());
    foreign.ledger = "another".to_owned();
    book.push(foreign.sign(&machine).unwrap());
    let mut repeated = book.draft(line());
    repeated.id = entry_id(2);
    book.push(repeated.sign(&machine).unwrap());
    let mut late = book.draft(line());
    late.at = start() - TimeDelta::minutes(11);
    book.push(late.sign(&machine).unwrap());
    let mut within = book.draft(line());
    within.at = start() - TimeDelta::minutes(9);
    book.push(within.sign(&machine).unwrap());
    let mut stale = book.draft(line());
    stale.after = After { size: 4, root: Hash::of(b"x") };
    book.push(stale.sign(&machine).unwrap());
    let mut ahead = book.draft(line());
    ahead.after.size = 99;
    book.push(ahead.sign(&machine).unwrap());
    book.write(line());
    assert_eq!(
        codes(&check(book.records(), options())),
        [
            (Some(5), "entry.foreign"),
            (Some(6), "entry.repeated"),
            (Some(7), "time.backwards"),
            (Some(9), "history.differs"),
            (Some(10), "history.differs"),
        ]
    );
}

#[test]
fn an_append_is_one_act() {
    let mut book = sample();
    let mut smuggled = book.draft(arrival("machine", "machine"));
    // Shares the history of the last append, but not its act.
    smuggled.after = After { size: 3, root: Header::parse(&book.entries[3].header).unwrap().after.root };
    book.push(smuggled.sign(&key("machine")).unwrap());
    assert_eq!(codes(&check(book.records(), options())), [(Some(5), "history.differs")]);
}

#[test]
fn one_break_of_the_history_is_one_finding() {
    let mut book = sample();
    while book.tree.size() < 40 {
        book.write(arrival("machine", "machine"));
    }
    let renumbered = |mut records: Vec<Record>| {
        for (seq, record) in records.iter_mut().enumerate() {
            record.seq = seq as u64;
        }
        codes(&check(records, options()))
    };
    let mut removed = book.records();
    removed.remove(20);
    assert_eq!(codes(&check(removed.clone(), options())), [(Some(20), "ledger.missing")]);
    assert_eq!(renumbered(removed), [(Some(20), "history.differs")]);
    let mut doubled = book.records();
    doubled.insert(20, doubled[10].clone());
    assert_eq!(
        renumbered(doubled),
        [(Some(20), "history.differs"), (Some(20), "entry.repeated"), (Some(21), "history.differs")]
    );
    let mut swapped = book.records();
    swapped.swap(20, 25);
    let found = codes(&check(swapped, options()));
    assert_eq!(found[0], (Some(20), "ledger.missing"));
    assert!(found.len() < 10, "{found:?}");
}

#[test]
fn a_checkpoint_must_continue_the_pinned_one() {
    let mut book = sample();
    let pinned = book.checkpoint();
    book.write(arrival("machine", "machine"));
    book.write(arrival("machine", "machine"));
    let newer = book.checkpoint();
    let leaves: Vec<Hash> = book.entries.iter().map(|entry| entry.leaf()).collect();
    let path = consistency(&leaves, pinned.size).unwrap();
    assert!(newer.continues(&pinned, &path).is_ok());
    assert!(pinned.continues(&newer, &path).is_err());
    assert!(newer.continues(&pinned, &path[1..]).is_err());
    let forked = Checkpoint { root: Hash::of(b"other"), ..newer.clone() };
    assert!(matches!(forked.continues(&pinned, &path), Err(CheckpointError::Inconsistent(_))));
    let other = Checkpoint { ledger: "another".to_owned(), ..newer };
    assert!(matches!(other.continues(&pinned, &path), Err(CheckpointError::OtherLedger(_))));
}

#[test]
fn heads_seen_before_are_compared() {
    let book = sample();
    let mut longer = book.clone();
    longer.write(arrival("machine", "machine"));
    let seen = |pin: Pin| Options { pins: vec![pin], ..options() };
    let head = |book: &Book| Pin::seen(book.tree.size(), book.tree.root());

    assert!(check(longer.records(), seen(head(&book))).is_clean());
    assert!(check(longer.records(), seen(head(&longer))).is_clean());
    assert!(check(book.records(), seen(Pin::seen(0, Hash::of(b"")))).is_clean());
    let older = check(book.records(), seen(head(&longer)));
    assert_eq!(codes(&older), [(None, "ledger.rolled_back")]);
    let forked = check(longer.records(), seen(Pin::seen(5, Hash::of(b"other"))));
    assert_eq!(codes(&forked), [(None, "ledger.forked")]);
    let other = Pin { root: Hash::of(b"other"), ..Pin::checkpoint(&book.checkpoint()) };
    assert_eq!(codes(&check(book.records(), seen(other))), [(None, "checkpoint.mismatch")]);
}

#[test]
fn an_unknown_kind_is_verified_and_counted() {
    let mut book = sample();
    for _ in 0..2 {
        book.write(Line { kind: "moon.phase.9", ..arrival("machine", "machine") });
    }
    let report = check(book.records(), options());
    assert!(report.is_clean());
    assert_eq!(report.unknown_kinds.into_iter().collect::<Vec<_>>(), [("moon.phase.9".to_owned(), 2)]);

    let mut records = book.records();
    records[5].header[40] ^= 1;
    assert!(!check(records, options()).is_clean());
}

#[test]
fn a_redacted_payload_is_reported_and_passes_unless_others_rest_on_it() {
    let mut records = sample().records();
    records[3].payload = None;
    let report = check(records.clone(), options());
    assert!(report.is_clean());
    assert_eq!((report.redacted, report.redacted_total), (vec![3], 1));

    records[1].payload = None;
    let report = check(records, options());
    assert!(report.findings.iter().any(|f| f.index == Some(1) && f.kind == FindingKind::PayloadMissing));
}

#[test]
fn rules_are_replayed_over_what_counts() {
    struct NoBo(Vec<u64>);
    impl Replay for NoBo {
        fn entry(&mut self, index: u64, header: &Header, _: Option<&[u8]>) -> Vec<Violation> {
            self.0.push(index);
            let violation = |reason: &str| Violation {
                index: Some(index),
                rule: "T1".to_owned(),
                reason: reason.to_owned(),
            };
            if header.author == "bo" { vec![violation("Bo signs nothing")] } else { Vec::new() }
        }

        fn finish(&mut self) -> Vec<Violation> {
            vec![Violation { index: None, rule: "T2".to_owned(), reason: "no end".to_owned() }]
        }
    }
    let mut records = sample().records();
    records[2].payload = Some(b"{}".to_vec());
    let mut replay = NoBo(Vec::new());
    let report = verify(
        records.into_iter().map(Ok::<_, Infallible>),
        &mut People::default(),
        Some(&mut replay),
        options(),
    );
    assert_eq!(
        codes(&report.unwrap()),
        [(Some(2), "payload.changed"), (Some(3), "rule.violated"), (None, "rule.violated")]
    );
    assert_eq!(replay.0, [0, 1, 3, 4]);
}

#[test]
fn verification_goes_on_from_a_waypoint() {
    let mut book = sample();
    let first = check(book.records(), options());
    let waypoint = first.waypoint.unwrap();
    assert!(waypoint.is_at(&book.checkpoint()));
    let stored = serde_json::to_string(&waypoint).unwrap();
    let waypoint: Waypoint = serde_json::from_str(&stored).unwrap();

    let mut register = People::default();
    verify(book.records().into_iter().map(Ok::<_, Infallible>), &mut register, None, options()).unwrap();
    book.write(arrival("machine", "machine"));
    book.write(arrival("bo", "tester"));
    let whole = check(book.records(), options());
    let rest: Vec<Record> = book.records().split_off(5);
    let from = || Options { start: waypoint.clone(), ..options() };
    let go = |records: Vec<Record>| {
        verify(records.into_iter().map(Ok::<_, Infallible>), &mut register.clone(), None, from()).unwrap()
    };
    let resumed = go(rest.clone());
    assert!(resumed.is_clean());
    assert_eq!((resumed.from, resumed.size, resumed.root), (5, 7, whole.root));
    assert_eq!(resumed.waypoint, whole.waypoint);

    let mut damaged = rest;
    damaged[1].payload = Some(b"{}".to_vec());
    assert_eq!(codes(&go(damaged)), [(Some(6), "payload.changed")]);
}

#[test]
fn a_long_ledger_is_checked_on_any_number_of_threads_with_the_same_outcome() {
    let mut book = sample();
    while book.tree.size() < 4_500 {
        book.write(arrival("machine", "machine"));
    }
    let mut records = book.records();
    for index in [7, 2_048, 4_095, 4_096, 4_499] {
        records[index].signature[100] ^= 1;
    }
    records[3_000].payload = Some(b"{\"build\":\"c\"}".to_vec());
    records.remove(4_000);
    let run = |threads: usize| {
        let mut steps = Vec::new();
        let mut progress = |done| steps.push(done);
        let report = check(
            records.clone(),
            Options {
                progress: Some(&mut progress),
                expected_size: Some(4_500),
                ..Options::new(LEDGER, NonZeroUsize::new(threads).unwrap())
            },
        );
        assert_eq!(steps, [4_096, 4_499]);
        report
    };
    let report = run(1);
    let named: std::collections::BTreeSet<_> = report.findings.iter().filter_map(|f| f.index).collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), [7, 2_048, 3_000, 4_000, 4_095, 4_096, 4_499]);
    assert_eq!(run(4), report);
}

#[test]
fn findings_beyond_those_kept_are_counted() {
    let mut records = sample().records();
    for record in &mut records {
        record.leaf[0] ^= 1;
    }
    let report = check(records, Options { keep: 2, ..options() });
    assert_eq!((report.findings.len(), report.findings_total), (2, 5));
    assert!(report.waypoint.is_none());
}

#[test]
fn it_ends_when_cancelled_or_when_the_source_fails() {
    let cancel = AtomicBool::new(true);
    let records = || sample().records().into_iter().map(Ok::<_, String>);
    let cancelled =
        verify(records(), &mut People::default(), None, Options { cancel: Some(&cancel), ..options() });
    assert!(matches!(cancelled, Err(VerifyError::Cancelled)));
    let torn = records().take(2).chain([Err("disk".to_owned())]);
    let failed = verify(torn, &mut People::default(), None, options());
    assert!(matches!(failed, Err(VerifyError::Source(reason)) if reason == "disk"));
}

#[test]
fn codes_are_unique() {
    let codes: std::collections::BTreeSet<_> = FindingKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(codes.len(), FindingKind::ALL.len());
}
