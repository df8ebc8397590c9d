//! A process that records acts is killed at random; what it acknowledged must be there.

use super::processes::{child, database_of_child, wait_for};
use super::scribe::{Scribe, filled, issue, open, verified};
use signalbox_store::Store;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};

const KILLS: u64 = 200;
/// Verification reads the whole ledger after every kill, so a fresh one is begun now and then.
const KILLS_A_FILE: u64 = 25;

#[test]
fn child_that_records_acts_until_it_is_killed() {
    let Some(path) = database_of_child() else { return };
    let store = open(&path);
    let mut scribe = Scribe::after(0, store.head().unwrap().size);
    loop {
        let id = scribe.next_id();
        scribe
            .act(&store, &[issue(&id, "har", "first of an act"), issue(&format!("{id}b"), "har", "second")]);
        println!("recorded {id}");
        // Leaves a log of every length behind for the next start to recover.
        if id.ends_with('7') {
            store.checkpoint().unwrap();
        }
    }
}

#[test]
fn two_hundred_kills_lose_no_acknowledged_act() {
    let seed = RandomState::new().build_hasher().finish();
    println!("seed {seed}");
    let mut random = Random(seed | 1);
    let mut acknowledged = 0;
    for _ in 0..KILLS / KILLS_A_FILE {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        filled(&open(&path), 0);
        for _ in 0..KILLS_A_FILE {
            let acts = kill_at_random(&path, &mut random);
            acknowledged += acts.len();
            let store = open(&path);
            assert_sound(&store, &acts);
        }
    }
    assert!(acknowledged > 0);
    println!("{KILLS} kills, {acknowledged} acknowledged acts, none lost");
}

fn kill_at_random(path: &Path, random: &mut Random) -> Vec<String> {
    let test = "all::kill::child_that_records_acts_until_it_is_killed";
    let (mut child, mut lines) = child(test, path);
    let mut acts = Vec::new();
    for _ in 0..random.below(5) {
        acts.push(wait_for(&mut lines, "recorded ").expect("the child records acts"));
    }
    // Anywhere within the next act or the next two.
    let until = Instant::now() + Duration::from_micros(random.below(8_000));
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it printed before it died was acknowledged too.
    while let Some(id) = wait_for(&mut lines, "recorded ") {
        acts.push(id);
    }
    // A line that the kill cut short was not read by anyone.
    acts.retain(|id| id.len() == 36);
    acts
}

fn assert_sound(store: &Store, acts: &[String]) {
    assert_eq!(store.damage(), None);
    let report = verified(store);
    assert!(report.is_clean(), "{:?}", report.findings);
    store
        .read(|reader| {
            for id in acts {
                let entries = reader.entries_of_act(id)?;
                assert_eq!(entries.len(), 2, "the act {id} is there as a whole");
                assert!(reader.issue(&id.as_str().into())?.is_some(), "the act {id} was folded");
            }
            let counts = reader.counts()?;
            // Every act has two entries and two issues, and the first one opened the ledger and the product.
            assert_eq!(counts.entries, counts.open_issues + 2);
            Ok(())
        })
        .unwrap();
}

/// xorshift64: random enough to choose a moment.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
