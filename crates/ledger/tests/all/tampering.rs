//! Any changed byte, any removed, added or moved entry is found, and a changed byte is found where it is.

use crate::sample::{Book, Line, check, options, sample};
use proptest::prelude::*;
use serde_json::json;
use signalbox_ledger::verify::{Options, Pin};
use signalbox_ledger::{Record, Report};

/// The verification of somebody who knows the ledger's checkpoint.
fn knowing<'a>(book: &Book) -> Options<'a> {
    Options {
        expected_size: Some(book.tree.size()),
        pins: vec![Pin::checkpoint(&book.checkpoint())],
        ..options()
    }
}

fn parts(record: &mut Record) -> [&mut Vec<u8>; 4] {
    [
        &mut record.header,
        record.payload.as_mut().expect("the sample has no redacted entry"),
        &mut record.signature,
        &mut record.leaf,
    ]
}

fn renumbered(mut records: Vec<Record>) -> Vec<Record> {
    for (seq, record) in records.iter_mut().enumerate() {
        record.seq = seq as u64;
    }
    records
}

fn assert_names(report: &Report, index: usize, what: &str) {
    assert!(!report.is_clean(), "{what} of entry {index} is not found");
    let first = &report.findings[0];
    assert_eq!(first.index, Some(index as u64), "{what}: {first:?}");
    assert!(
        report.findings.iter().all(|finding| finding.index == Some(index as u64)),
        "{what} of entry {index} is blamed on others: {:?}",
        report.findings
    );
}

#[test]
fn the_untouched_ledger_is_clean() {
    let book = sample();
    let report = check(book.records(), knowing(&book));
    assert_eq!(report.findings, []);
    assert_eq!((report.size, report.root), (5, book.tree.root()));
}

#[test]
fn every_changed_byte_is_found_in_its_entry() {
    // Without any outside knowledge. The first two entries enrol the others' keys: damage there makes more findings.
    let records = sample().records();
    for index in 0..records.len() {
        for part in 0..4 {
            let length = parts(&mut records[index].clone())[part].len();
            for position in 0..length {
                let mut changed = records.clone();
                parts(&mut changed[index])[part][position] ^= 1;
                let report = check(changed, options());
                assert!(!report.is_clean(), "part {part} byte {position} of entry {index}");
                assert_eq!(report.findings[0].index, Some(index as u64));
                if index >= 2 {
                    assert_names(&report, index, "a byte");
                }
            }
        }
    }
}

#[test]
fn every_lost_or_inserted_byte_is_found_in_its_entry() {
    let records = sample().records();
    for index in 2..records.len() {
        for part in 0..4 {
            let length = parts(&mut records[index].clone())[part].len();
            for position in (0..length).step_by(7).chain([length - 1]) {
                let mut shorter = records.clone();
                parts(&mut shorter[index])[part].remove(position);
                assert_names(&check(shorter, options()), index, "a lost byte");
                let mut longer = records.clone();
                parts(&mut longer[index])[part].insert(position, b' ');
                assert_names(&check(longer, options()), index, "an inserted byte");
            }
            let mut empty = records.clone();
            parts(&mut empty[index])[part].clear();
            assert_names(&check(empty, options()), index, "an emptied part");
        }
    }
}

#[test]
fn every_changed_number_is_found() {
    let book = sample();
    for index in 0..5 {
        for seq in (0..7).chain([u64::MAX]).filter(|seq| *seq != index) {
            let mut records = book.records();
            records[index as usize].seq = seq;
            assert!(!check(records, knowing(&book)).is_clean(), "entry {index} numbered {seq}");
        }
    }
}

#[test]
fn every_removed_entry_is_found() {
    let book = sample();
    for index in 0..5 {
        let mut records = book.records();
        records.remove(index);
        assert!(!check(records.clone(), knowing(&book)).is_clean(), "{index}");
        assert!(!check(renumbered(records), knowing(&book)).is_clean(), "{index}, renumbered");
    }
    assert!(!check(Vec::new(), knowing(&book)).is_clean());
}

#[test]
fn a_removed_entry_is_found_without_outside_knowledge_unless_it_is_the_end() {
    let mut book = sample();
    write_more(&mut book);
    for index in 0..5 {
        let mut records = book.records();
        records.remove(index);
        assert!(!check(renumbered(records), options()).is_clean(), "{index}");
    }
}

#[test]
fn every_added_entry_is_found() {
    let mut book = sample();
    let mut later = book.clone();
    write_more(&mut later);
    let strangers = later.records();
    for index in 0..=5 {
        for stranger in &strangers {
            let mut records = book.records();
            records.insert(index, stranger.clone());
            assert!(!check(records.clone(), knowing(&book)).is_clean());
            assert!(!check(renumbered(records), knowing(&book)).is_clean());
        }
    }
    // A genuine next entry is only found because the end is known.
    let pins = knowing(&book);
    write_more(&mut book);
    let report = check(book.records(), pins);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].kind.code(), "ledger.extra");
}

#[test]
fn every_order_but_the_right_one_is_found() {
    let book = sample();
    let mut orders = vec![vec![]];
    for _ in 0..5 {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                let rest: Vec<_> = (0..5).filter(|i| !order.contains(i)).collect();
                rest.into_iter().map(move |next| [order.as_slice(), &[next]].concat())
            })
            .collect();
    }
    assert_eq!(orders.len(), 120);
    for order in &orders[1..] {
        let records = book.records();
        let moved: Vec<_> = order.iter().map(|from| records[*from].clone()).collect();
        assert!(!check(moved.clone(), knowing(&book)).is_clean(), "{order:?}");
        assert!(!check(renumbered(moved), knowing(&book)).is_clean(), "{order:?}, renumbered");
    }
}

#[test]
fn an_entry_resigned_by_its_own_author_is_found_by_those_after_it() {
    let mut book = sample();
    write_more(&mut book);
    let mut forged = Book { entries: Vec::new(), tree: Default::default() };
    for entry in &book.entries[..2] {
        forged.push(entry.clone());
    }
    forged.write(Line {
        author: "machine",
        role: "machine",
        kind: "build.arrived.1",
        payload: json!({"build": "quay-6.6.6"}),
    });
    let mut records = book.records();
    records[2] = forged.records()[2].clone();
    let report = check(records, options());
    let codes: Vec<_> = report.findings.iter().map(|f| (f.index, f.kind.code())).collect();
    assert_eq!(codes, [(Some(3), "history.differs")]);
}

fn write_more(book: &mut Book) {
    book.write(Line {
        author: "ada",
        role: "administrator",
        kind: "build.arrived.1",
        payload: json!({"build": "quay-1.5.0"}),
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_changes_at_all_are_found(
        changes in prop::collection::vec((0usize..5, 0usize..4, any::<prop::sample::Index>(), 1u8..=255), 1..4),
    ) {
        let book = sample();
        let mut records = book.records();
        for (index, part, position, flip) in &changes {
            let bytes = &mut parts(&mut records[*index])[*part];
            let position = position.index(bytes.len());
            bytes[position] ^= flip;
        }
        prop_assume!(records != book.records());
        let report = check(records, options());
        prop_assert!(!report.is_clean());
        for (index, record) in book.records().into_iter().enumerate().skip(2) {
            let touched = changes.iter().any(|change| change.0 == index);
            let named = report.findings.iter().any(|finding| finding.index == Some(record.seq));
            prop_assert!(!touched || named || changes.len() > 1, "entry {} is not named", index);
        }
    }
}
