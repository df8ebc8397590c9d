//! Checkpoints: the size and root of a ledger at one moment, signed (C2SP `tlog-checkpoint` and `signed-note`).

use crate::accept;
use crate::entry::is_ledger_id;
use crate::hash::Hash;
use crate::key::PublicKey;
use crate::proof::{ProofError, verify_consistency};
use crate::sign::{SignError, Signer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signed_note::{Note, Signature, VerificationError, Verifiers};
use std::collections::BTreeMap;
use thiserror::Error;

/// What every origin begins with.
pub const ORIGIN_PREFIX: &str = "signalbox/";

/// Why a checkpoint is not accepted.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// Not a signed note, or not in its canonical form.
    #[error("it is not a signed note")]
    Note,
    /// The note's text is not a checkpoint of a Signalbox ledger.
    #[error("its text is not a checkpoint: {0}")]
    Text(&'static str),
    /// No signature is from a known key.
    #[error("no known key signed it")]
    Unsigned,
    /// A signature of a known key does not hold.
    #[error("the signature of the key {0} does not hold")]
    Signature(String),
    /// The checkpoint is of another ledger than the pinned one.
    #[error("it is a checkpoint of the ledger {0}")]
    OtherLedger(String),
    /// It is not shown that the newer checkpoint continues the older one.
    #[error("it does not continue the pinned checkpoint: {0}")]
    Inconsistent(#[from] ProofError),
    /// The signer could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// The size and root of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger's id.
    pub ledger: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The note's text: origin, size and root, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", origin(&self.ledger), self.size, STANDARD.encode(self.root.as_bytes()))
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    ///
    /// When it differs in any way from what [`Checkpoint::text`] would write.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.lines();
        let ledger = lines
            .next()
            .and_then(|line| line.strip_prefix(ORIGIN_PREFIX))
            .filter(|id| is_ledger_id(id))
            .ok_or(CheckpointError::Text("the origin names no Signalbox ledger"))?;
        let size = lines
            .next()
            .and_then(|line| line.parse().ok())
            .ok_or(CheckpointError::Text("the size is not a number"))?;
        let root = lines
            .next()
            .and_then(|line| STANDARD.decode(line).ok())
            .and_then(|bytes| Hash::try_from(bytes.as_slice()).ok())
            .ok_or(CheckpointError::Text("the root is not a hash"))?;
        let checkpoint = Self { ledger: ledger.to_owned(), size, root };
        if checkpoint.text() == text {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Text("it is not in its one form"))
        }
    }

    /// Checks that this checkpoint continues an older, pinned one: the same ledger, at least as long, and the older
    /// tree a beginning of this one.
    ///
    /// # Errors
    ///
    /// When it is of another ledger, shorter, or the [consistency proof](crate::proof::consistency) does not lead to
    /// both roots.
    pub fn continues(&self, pinned: &Self, path: &[Hash]) -> Result<(), CheckpointError> {
        if self.ledger != pinned.ledger {
            return Err(CheckpointError::OtherLedger(self.ledger.clone()));
        }
        Ok(verify_consistency(pinned.size, &pinned.root, self.size, &self.root, path)?)
    }

    /// Signs the checkpoint with a machine's key.
    ///
    /// # Errors
    ///
    /// When the ledger's id is not allowed, or the signer cannot sign.
    pub fn sign(&self, signer: &dyn Signer) -> Result<SignedCheckpoint, CheckpointError> {
        Self::parse(&self.text())?;
        let note = Note::new(self.text().as_bytes(), &[]).map_err(|_| CheckpointError::Note)?;
        add_signature(note, self, signer)
    }
}

/// A checkpoint with its signatures, as a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    bytes: Vec<u8>,
}

impl SignedCheckpoint {
    /// Reads a note without judging its signatures.
    ///
    /// # Errors
    ///
    /// When it is not a canonical note with a checkpoint in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(bytes).map_err(|_| CheckpointError::Note)?;
        if note.to_bytes() != bytes {
            return Err(CheckpointError::Note);
        }
        let text = std::str::from_utf8(note.text()).map_err(|_| CheckpointError::Note)?;
        Ok(Self { checkpoint: Checkpoint::parse(text)?, bytes: bytes.to_vec() })
    }

    /// What the note says. Trust it only after [`SignedCheckpoint::verify`].
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Checks the signatures of the known keys; returns the fingerprints of those that signed.
    ///
    /// Signatures of unknown keys are passed over, as the note's specification demands.
    ///
    /// # Errors
    ///
    /// When a known key's signature does not hold, or no known key signed.
    pub fn verify(&self, known: &[PublicKey]) -> Result<Vec<String>, CheckpointError> {
        let note = Note::from_bytes(&self.bytes).map_err(|_| CheckpointError::Note)?;
        let known = NoteKeys::new(&origin(&self.checkpoint.ledger), known);
        match note.verify(&known) {
            Ok((signed, _)) => Ok(signed
                .iter()
                .filter_map(|signature| known.keys.get(&signature.id()))
                .map(|key| key.key.fingerprint().to_owned())
                .collect()),
            Err(signed_note::NoteError::InvalidSignature { id, .. }) => {
                let key = known.keys.get(&id).map_or("?", |key| key.key.fingerprint());
                Err(CheckpointError::Signature(key.to_owned()))
            }
            Err(_) => Err(CheckpointError::Unsigned),
        }
    }

    /// Adds another machine's signature; one of the same key is replaced.
    ///
    /// # Errors
    ///
    /// When the signer cannot sign.
    pub fn cosign(&self, signer: &dyn Signer) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(&self.bytes).map_err(|_| CheckpointError::Note)?;
        add_signature(note, &self.checkpoint, signer)
    }
}

/// The key in the text form of C2SP notes, `<origin>+<key id>+<key>`, for standard verifiers.
pub fn verifier_key(ledger: &str, key: &PublicKey) -> String {
    signed_note::new_ed25519_verifier_key(&origin(ledger), key.verifying())
}

fn origin(ledger: &str) -> String {
    format!("{ORIGIN_PREFIX}{ledger}")
}

fn key_id(origin: &str, key: &PublicKey) -> u32 {
    const ED25519: u8 = 1;
    let mut typed = [ED25519; 33];
    typed[1..].copy_from_slice(key.as_bytes());
    signed_note::key_id(origin, &typed)
}

fn add_signature(
    note: Note,
    checkpoint: &Checkpoint,
    signer: &dyn Signer,
) -> Result<SignedCheckpoint, CheckpointError> {
    let origin = origin(&checkpoint.ledger);
    let key = PublicKey::from_openssh(signer.public()).map_err(SignError::from)?;
    let id = key_id(&origin, &key);
    let text = checkpoint.text();
    let raw = signer.sign_note(&text)?;
    if !accept::verify_one(&key, text.as_bytes(), &raw) {
        return Err(SignError::Failed("the signer made a signature that does not hold".to_owned()).into());
    }
    let signature = Signature::new(origin, id, raw.to_vec()).map_err(|_| CheckpointError::Note)?;
    let mut bytes = drop_signature(&note, &signature);
    bytes.extend_from_slice(&signature.to_bytes());
    SignedCheckpoint::parse(&bytes)
}

/// The note without the signature line of one key.
fn drop_signature(note: &Note, signature: &Signature) -> Vec<u8> {
    let bytes = note.to_bytes();
    let (text, lines) = bytes.split_at(note.text().len() + 1);
    let mut kept = text.to_vec();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let same = Signature::from_bytes(line.trim_ascii_end())
            .is_ok_and(|other| other.name() == signature.name() && other.id() == signature.id());
        if !same {
            kept.extend_from_slice(line);
        }
    }
    kept
}

struct NoteKey {
    origin: String,
    id: u32,
    key: PublicKey,
}

impl signed_note::Verifier for NoteKey {
    fn name(&self) -> &str {
        &self.origin
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.try_into().is_ok_and(|signature| accept::verify_one(&self.key, message, signature))
    }
}

struct NoteKeys {
    origin: String,
    keys: BTreeMap<u32, NoteKey>,
}

impl NoteKeys {
    fn new(origin: &str, keys: &[PublicKey]) -> Self {
        let keys = keys
            .iter()
            .map(|key| (key_id(origin, key), key))
            .map(|(id, key)| (id, NoteKey { origin: origin.to_owned(), id, key: key.clone() }))
            .collect();
        Self { origin: origin.to_owned(), keys }
    }
}

impl Verifiers for NoteKeys {
    fn verifier(&self, name: &str, id: u32) -> Result<&dyn signed_note::Verifier, VerificationError> {
        match self.keys.get(&id) {
            Some(key) if name == self.origin => Ok(key),
            _ => Err(VerificationError::UnknownKey { name: name.to_owned(), id }),
        }
    }
}
