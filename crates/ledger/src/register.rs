//! What the verifier must be told: who may sign, which kinds exist, and what the rules say.
//!
//! The ledger does not know what an entry means. Whoever does implements [`Register`] over the facts that enrol and
//! revoke keys, people and roles, and [`Replay`] over the rules.

use crate::entry::Header;
use serde::Serialize;

/// What an entry claims about its signer.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The entry's sequence number.
    pub index: u64,
    /// The fingerprint of the key that signed (the signature holds).
    pub key: &'a str,
    /// The author.
    pub author: &'a str,
    /// The role in which the author acts.
    pub role: &'a str,
    /// The kind of fact.
    pub kind: &'a str,
    /// The payload, unless redacted: the entry that opens a ledger enrols its own signer.
    pub payload: Option<&'a [u8]>,
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// No such key is enrolled.
    KeyUnknown,
    /// The key was revoked before.
    KeyRevoked,
    /// The key is enrolled for somebody else.
    KeyOfAnother,
    /// The author did not hold the role.
    RoleNotHeld,
}

/// Who may sign, as the entries so far say. Fed every verified entry, in order.
pub trait Register {
    /// Tells whether the signature counts at this index, before the entry itself is applied.
    ///
    /// # Errors
    ///
    /// The reason why it does not.
    fn may_sign(&self, claim: &Claim<'_>) -> Result<(), Denial>;

    /// Takes in an entry that was verified and may be signed so.
    fn apply(&mut self, index: u64, header: &Header, payload: Option<&[u8]>);

    /// Tells whether the kind is one that this version knows.
    fn knows(&self, kind: &str) -> bool;

    /// Tells whether an entry of this kind must keep its payload, because later entries rest on it.
    fn needs_payload(&self, kind: &str) -> bool {
        let _ = kind;
        false
    }
}

/// A rule that the history breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The entry that breaks it, where one does.
    pub index: Option<u64>,
    /// The rule's id, for example `S3`.
    pub rule: String,
    /// What is wrong, as a sentence.
    pub reason: String,
}

/// Replays the history against the rules. Fed the same entries as the register.
pub trait Replay {
    /// Takes in the next verified entry and returns what it breaks.
    fn entry(&mut self, index: u64, header: &Header, payload: Option<&[u8]>) -> Vec<Violation>;

    /// Returns what only shows at the end.
    fn finish(&mut self) -> Vec<Violation> {
        Vec::new()
    }
}
