//! The pipeline: read on the calling thread, check on the others, take up in order on the calling thread.

use super::Record;
use super::check::{Checked, Checker};
use super::fold::Fold;
use super::report::{Report, Waypoint};
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::register::{Register, Replay};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use thiserror::Error;

/// How many records make a batch: enough to make the batch equation cheap.
const CHUNK: usize = 4096;

/// How many bytes make a batch even of fewer records, so that memory stays small.
const CHUNK_BYTES: usize = 8 << 20;

/// Where a known size and root come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinSource {
    /// A checkpoint whose signature was verified.
    Checkpoint,
    /// The highest head that this machine has seen.
    SeenHead,
}

/// A size and root that the ledger must have had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// How many entries there were.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Where this is known from.
    pub source: PinSource,
}

impl Pin {
    /// Pins a checkpoint. Its signature must have been verified.
    pub fn checkpoint(checkpoint: &Checkpoint) -> Self {
        Self { size: checkpoint.size, root: checkpoint.root, source: PinSource::Checkpoint }
    }

    /// Pins a head that was seen before.
    pub fn seen(size: u64, root: Hash) -> Self {
        Self { size, root, source: PinSource::SeenHead }
    }
}

/// What is known beforehand, and how to go about it.
pub struct Options<'a> {
    /// The ledger's id.
    pub ledger: String,
    /// How many threads check records.
    pub threads: NonZeroUsize,
    /// By how much time may run backwards between entries.
    pub skew: TimeDelta,
    /// Sizes and roots that the ledger must have had.
    pub pins: Vec<Pin>,
    /// How many entries there must be, where it is known exactly.
    pub expected_size: Option<u64>,
    /// Where to begin; the default is the beginning of the ledger.
    pub start: Waypoint,
    /// How many findings (and redacted entries) the report keeps; all are counted.
    pub keep: usize,
    /// Told how many entries are done, now and then.
    pub progress: Option<&'a mut dyn FnMut(u64)>,
    /// Ends the verification early when set.
    pub cancel: Option<&'a AtomicBool>,
}

impl Options<'_> {
    /// A verification from the beginning with nothing known but the ledger's id; ten minutes of skew.
    pub fn new(ledger: impl Into<String>, threads: NonZeroUsize) -> Self {
        Self {
            ledger: ledger.into(),
            threads,
            skew: TimeDelta::minutes(10),
            pins: Vec::new(),
            expected_size: None,
            start: Waypoint::default(),
            keep: 10_000,
            progress: None,
            cancel: None,
        }
    }
}

/// Why a verification has no outcome.
#[derive(Debug, Error)]
pub enum VerifyError<E> {
    /// The records could not be read.
    #[error("the ledger could not be read: {0}")]
    Source(E),
    /// It was cancelled.
    #[error("the verification was cancelled")]
    Cancelled,
}

/// Verifies records in their stored order.
///
/// The register must be in the state of `options.start`.
///
/// # Errors
///
/// When the records cannot be read, or the verification is cancelled. What is wrong with the ledger is not an error
/// but a finding.
pub fn verify<'a, E>(
    records: impl IntoIterator<Item = Result<Record, E>>,
    register: &'a mut dyn Register,
    replay: Option<&'a mut dyn Replay>,
    options: Options<'_>,
) -> Result<Report, VerifyError<E>> {
    let Options { ledger, threads, skew, pins, expected_size, start, keep, mut progress, cancel } = options;
    let mut fold = Fold::new(ledger, skew, pins, expected_size, start, keep, register, replay);
    let (jobs, waiting) = mpsc::channel::<(u64, Vec<Record>)>();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        let (done, finished) = mpsc::channel::<(u64, Vec<Checked>)>();
        for _ in 0..threads.get() {
            let (done, waiting) = (done.clone(), &waiting);
            scope.spawn(move || {
                let mut checker = Checker::default();
                // The guard lives for one receive only: the lock is free while the records are checked.
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok((number, records)) = next() {
                    if done.send((number, checker.check(records))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);

        // Dropped when this scope ends, early or not, which ends the threads.
        let jobs = jobs;
        let mut records = records.into_iter();
        let mut parked = BTreeMap::new();
        let (mut sent, mut folded, mut exhausted) = (0, 0, false);
        loop {
            while !exhausted && sent - folded < 2 * threads.get() as u64 {
                if cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
                    return Err(VerifyError::Cancelled);
                }
                let mut chunk = Vec::with_capacity(CHUNK);
                let mut bytes = 0;
                while chunk.len() < CHUNK && bytes < CHUNK_BYTES && !exhausted {
                    match records.next().transpose().map_err(VerifyError::Source)? {
                        Some(record) => {
                            bytes += record.header.len() + record.payload.as_ref().map_or(0, Vec::len);
                            chunk.push(record);
                        }
                        None => exhausted = true,
                    }
                }
                if jobs.send((sent, chunk)).is_err() {
                    return Err(VerifyError::Cancelled);
                }
                sent += 1;
            }
            if folded == sent {
                break;
            }
            let Ok((number, checked)) = finished.recv() else { return Err(VerifyError::Cancelled) };
            parked.insert(number, checked);
            while let Some(checked) = parked.remove(&folded) {
                for record in checked {
                    fold.take(record);
                }
                folded += 1;
                if let Some(progress) = &mut progress {
                    progress(fold.done());
                }
            }
        }
        Ok(fold.finish())
    })
}
