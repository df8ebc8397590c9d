//! Offline verification of a whole ledger, or of what came after a verified point.
//!
//! Records stream through: a few thousand at a time are checked on all given threads (bytes, digests, signatures),
//! then taken up in order by one (sequence, tree, history, time, register, rules). Memory does not grow with the
//! ledger. All findings are reported; what merely follows from a finding already made is not.

mod check;
mod finding;
mod fold;
mod report;
mod run;

pub use finding::{Finding, FindingKind};
pub use report::{AppendMark, Report, Waypoint};
pub use run::{Options, Pin, PinSource, VerifyError, verify};

/// An entry as a store keeps it. All bytes are checked; none is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The sequence number: the leaf's index, from 0.
    pub seq: u64,
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The payload's bytes; `None` when redacted.
    pub payload: Option<Vec<u8>>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// The leaf hash that was stored beside them.
    pub leaf: Vec<u8>,
}

impl Record {
    /// The record of an entry at its place.
    pub fn new(seq: u64, entry: crate::Entry) -> Self {
        let leaf = entry.leaf().as_bytes().to_vec();
        let crate::Entry { header, payload, signature } = entry;
        Self { seq, header, payload, signature, leaf }
    }
}
