//! Making entries: a draft holds what the author decides, signing adds the key and the bytes.

use crate::canon;
use crate::entry::{After, Entry, EntryError, HEADER_VERSION, Header, Subject};
use crate::hash::Hash;
use crate::sign::{SignError, Signer};
use crate::sshsig::ENTRY_NAMESPACE;
use chrono::{DateTime, SubsecRound, Utc};
use thiserror::Error;

/// Why an entry could not be made.
#[derive(Debug, Error)]
pub enum DraftError {
    /// The draft breaks the format.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The signer could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// An entry that is not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// The ledger that the entry belongs to.
    pub ledger: String,
    /// The entry's own id (UUIDv7).
    pub id: String,
    /// The author's clock; cut to the millisecond.
    pub at: DateTime<Utc>,
    /// The person, or the machine, that acts.
    pub author: String,
    /// The role in which the author acts.
    pub role: String,
    /// Groups the entries of one act.
    pub act: String,
    /// The kind of fact, with its version.
    pub kind: String,
    /// What the entry is about.
    pub subjects: Vec<Subject>,
    /// The fact, as [`canon::to_bytes`] wrote it.
    pub payload: Vec<u8>,
    /// SHA-256 of the packet the signer saw, where there was one.
    pub packet: Option<Hash>,
    /// The tree on which the act was decided.
    pub after: After,
    /// The entry that this one follows from, where a machine writes it.
    pub cause: Option<String>,
}

impl EntryDraft {
    /// Signs the draft.
    ///
    /// The finished entry is opened once, so that nothing is ever appended that would not verify.
    ///
    /// # Errors
    ///
    /// When the draft breaks the format, or the signer cannot sign.
    pub fn sign(self, signer: &dyn Signer) -> Result<Entry, DraftError> {
        canon::check(&self.payload).map_err(EntryError::Payload)?;
        let header = Header {
            v: HEADER_VERSION,
            ledger: self.ledger,
            id: self.id,
            at: self.at.trunc_subsecs(3),
            author: self.author,
            role: self.role,
            key: signer.fingerprint().to_owned(),
            act: self.act,
            kind: self.kind,
            subjects: self.subjects,
            payload: Hash::of(&self.payload),
            packet: self.packet,
            after: self.after,
            cause: self.cause,
        };
        let header = header.to_bytes()?;
        let signature = signer.sign(ENTRY_NAMESPACE, &header)?;
        let entry = Entry { header, payload: Some(self.payload), signature };
        entry.open()?;
        Ok(entry)
    }
}
