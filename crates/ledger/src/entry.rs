//! An entry: header, payload and signature, as stored, and what a header says.

use crate::accept;
use crate::canon::{self, CanonError};
use crate::hash::Hash;
use crate::instant;
use crate::key::{KeyError, PublicKey};
use crate::sshsig::{self, ENTRY_NAMESPACE, SshSigError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use uuid::{Uuid, Version};

/// The version of the header format.
pub const HEADER_VERSION: u32 = 1;

/// The longest header, in bytes.
pub const MAX_HEADER: usize = 64 * 1024;

/// Why an entry does not stand on its own.
#[derive(Debug, Error)]
pub enum EntryError {
    /// The header is not canonical JSON of the header's shape.
    #[error("the header cannot be read: {0}")]
    Header(#[from] CanonError),
    /// A field of the header breaks the format.
    #[error("the header's field {field} {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The payload is not canonical JSON.
    #[error("the payload cannot be read: {0}")]
    Payload(CanonError),
    /// The payload is not the one that the header names.
    #[error("the payload is not the one that was signed")]
    PayloadChanged,
    /// The signature is not in the ledger's form.
    #[error("the signature cannot be read: {0}")]
    SignatureForm(#[from] SshSigError),
    /// The signing key is refused.
    #[error("the signing key is refused: {0}")]
    Key(#[from] KeyError),
    /// The signature was made with another key than the header names.
    #[error("the signature was made with the key {found}, and the header names {named}")]
    OtherKey {
        /// The key in the signature.
        found: String,
        /// The key in the header.
        named: String,
    },
    /// The signature does not hold over the header.
    #[error("the signature does not hold over the header")]
    Signature,
}

/// Something an entry is about: a typed id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Which one.
    pub id: String,
    /// What it is, for example `build`.
    pub kind: String,
}

/// The tree on which an act was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The root of the tree of these entries.
    pub root: Hash,
    /// How many entries there were (text in JSON).
    #[serde(with = "decimal")]
    pub size: u64,
}

/// What an entry's signer signed.
///
/// The fields stand in alphabetical order, here and in [`After`] and [`Subject`]: so serde writes them in canonical
/// form without the detour through a sorted tree, and reading a header stays cheap. [`Header::to_bytes`] makes sure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Groups the entries of one act.
    pub act: String,
    /// The tree on which the act was decided.
    pub after: After,
    /// The author's clock: UTC, milliseconds.
    #[serde(with = "instant")]
    pub at: DateTime<Utc>,
    /// The person, or the machine, that acts.
    pub author: String,
    /// The entry that this one follows from, where a machine writes it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub cause: Option<String>,
    /// The entry's own id (UUIDv7).
    pub id: String,
    /// The fingerprint of the signing key, `SHA256:…`.
    pub key: String,
    /// The kind of fact, with its version.
    pub kind: String,
    /// The ledger that the entry belongs to.
    pub ledger: String,
    /// SHA-256 of the packet the signer saw, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub packet: Option<Hash>,
    /// SHA-256 of the payload.
    pub payload: Hash,
    /// The role in which the author acts.
    pub role: String,
    /// What the entry is about.
    pub subjects: Vec<Subject>,
    /// The version of the header format.
    pub v: u32,
}

impl Header {
    /// Reads a header's bytes, which must be canonical.
    ///
    /// # Errors
    ///
    /// When the bytes are not the canonical form of a header, or a field breaks the format.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_HEADER {
            return Err(EntryError::Field { field: "(all)", problem: "is longer than 64 KiB" });
        }
        let header: Self = serde_json::from_slice(bytes).map_err(CanonError::from)?;
        header.check()?;
        // Writing the typed header back also refuses other spellings of times, numbers and hashes.
        let again = serde_json::to_vec(&header).map_err(CanonError::from)?;
        if again == bytes { Ok(header) } else { Err(CanonError::NotCanonical.into()) }
    }

    /// Writes the header's bytes.
    ///
    /// # Errors
    ///
    /// When a field breaks the format.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.check()?;
        let bytes = canon::to_bytes(self)?;
        // What is written must be readable: a time of day beyond milliseconds, for example, is not.
        Self::parse(&bytes).map(|_| bytes)
    }

    fn check(&self) -> Result<(), EntryError> {
        let named = |text: &str| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
        let field = |field, holds: bool, problem| {
            if holds { Ok(()) } else { Err(EntryError::Field { field, problem }) }
        };
        field("v", self.v == HEADER_VERSION, "is not 1")?;
        field("ledger", is_ledger_id(&self.ledger), LEDGER_ID_RULE)?;
        field("id", is_entry_id(&self.id), "is not a lower-case UUIDv7")?;
        field("author", named(&self.author), NAME_RULE)?;
        field("role", named(&self.role), NAME_RULE)?;
        field(
            "key",
            self.key.starts_with("SHA256:") && self.key.len() == 50,
            "is not a SHA-256 fingerprint",
        )?;
        field("act", named(&self.act), NAME_RULE)?;
        field("kind", named(&self.kind), NAME_RULE)?;
        field("subjects", self.subjects.iter().all(|s| named(&s.kind) && named(&s.id)), NAME_RULE)?;
        field("cause", self.cause.as_deref().is_none_or(is_entry_id), "is not a lower-case UUIDv7")
    }
}

const NAME_RULE: &str = "is empty, longer than 200 bytes or holds control characters";
const LEDGER_ID_RULE: &str = "is not 1 to 64 letters, digits, dots, dashes or underscores";

/// Tells whether a text can be a ledger's id: 1 to 64 ASCII letters, digits, `.`, `-`, `_`.
pub fn is_ledger_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Tells whether a text can be an entry's id: a UUIDv7 in lower case with dashes.
pub fn is_entry_id(text: &str) -> bool {
    text.len() == 36
        && !text.bytes().any(|b| b.is_ascii_uppercase())
        && Uuid::try_parse(text).is_ok_and(|id| id.get_version() == Some(Version::SortRand))
}

/// An entry as it is stored: bytes that are never written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Canonical JSON of the header.
    pub header: Vec<u8>,
    /// Canonical JSON of the fact; `None` when it was redacted.
    pub payload: Option<Vec<u8>>,
    /// The armoured SSH signature over the header.
    pub signature: Vec<u8>,
}

impl Entry {
    /// The entry's leaf hash: `SHA-256(0x00 || header || 0x0A || signature)`.
    pub fn leaf(&self) -> Hash {
        leaf(&self.header, &self.signature)
    }

    /// Checks everything that the entry alone can show, and returns its header.
    ///
    /// Whether the key was enrolled and the author held the role is for a [`Register`](crate::Register) to say.
    ///
    /// # Errors
    ///
    /// The first thing that does not hold.
    pub fn open(&self) -> Result<Header, EntryError> {
        let header = Header::parse(&self.header)?;
        if let Some(payload) = &self.payload {
            check_payload(&header, payload)?;
        }
        let parts = sshsig::decode(ENTRY_NAMESPACE, &self.signature)?;
        let key = PublicKey::from_bytes(&parts.public)?;
        if key.fingerprint() != header.key {
            return Err(EntryError::OtherKey { found: key.fingerprint().to_owned(), named: header.key });
        }
        let message = sshsig::signed_data(ENTRY_NAMESPACE, &self.header)?;
        if accept::verify_one(&key, &message, &parts.signature) {
            Ok(header)
        } else {
            Err(EntryError::Signature)
        }
    }
}

pub(crate) fn leaf(header: &[u8], signature: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], header, b"\n", signature])
}

pub(crate) fn check_payload(header: &Header, payload: &[u8]) -> Result<(), EntryError> {
    if Hash::of(payload) != header.payload {
        return Err(EntryError::PayloadChanged);
    }
    canon::check(payload).map_err(EntryError::Payload)
}

/// Refuses an explicit null: a field that has no value is absent.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

mod decimal {
    use super::*;

    pub(super) fn serialize<S: Serializer>(size: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(size)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
