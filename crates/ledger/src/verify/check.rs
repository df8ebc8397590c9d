//! What one record shows on its own: bytes, digests, form and signature. Runs on any thread.

use super::Record;
use super::finding::FindingKind;
use crate::accept::{Signed, verify_all};
use crate::entry::{EntryError, Header, check_payload, leaf};
use crate::hash::Hash;
use crate::key::{KeyError, PublicKey};
use crate::sshsig::{self, ENTRY_NAMESPACE};
use std::collections::HashMap;
use std::sync::Arc;

/// More different keys than a ledger has; beyond it the cache starts again, so that memory stays bounded.
const CACHED_KEYS: usize = 4096;

/// A record and what it shows on its own.
pub(super) struct Checked {
    pub(super) seq: u64,
    pub(super) payload: Option<Vec<u8>>,
    /// The header, where it can be read.
    pub(super) header: Option<Header>,
    /// The hash of the bytes.
    pub(super) leaf: Hash,
    /// The hash that was stored, where it differs.
    pub(super) stored_leaf: Option<Hash>,
    pub(super) payload_holds: bool,
    pub(super) signature_holds: bool,
    pub(super) findings: Vec<(FindingKind, String)>,
}

/// A signature that awaits the batch.
struct Pending {
    position: usize,
    key: Arc<PublicKey>,
    message: Vec<u8>,
    signature: [u8; 64],
}

/// Checks records; remembers the keys it has met.
#[derive(Default)]
pub(super) struct Checker {
    keys: HashMap<[u8; 32], Result<Arc<PublicKey>, KeyError>>,
}

impl Checker {
    /// Checks records; their signatures go through one batch.
    pub(super) fn check(&mut self, records: Vec<Record>) -> Vec<Checked> {
        let mut pending = Vec::with_capacity(records.len());
        let mut checked: Vec<_> = records
            .into_iter()
            .enumerate()
            .map(|(position, record)| {
                let (checked, signature) = self.read(position, record);
                pending.extend(signature);
                checked
            })
            .collect();
        let signed: Vec<_> = pending
            .iter()
            .map(|p| Signed { key: &p.key, message: &p.message, signature: &p.signature })
            .collect();
        for refused in verify_all(&signed) {
            let checked = &mut checked[pending[refused].position];
            checked.signature_holds = false;
            checked.findings.push((FindingKind::SignatureBad, EntryError::Signature.to_string()));
        }
        checked
    }

    fn read(&mut self, position: usize, record: Record) -> (Checked, Option<Pending>) {
        let Record { seq, header: header_bytes, payload, signature, leaf: stored } = record;
        let mut findings = Vec::new();
        let leaf = leaf(&header_bytes, &signature);
        let differs = leaf.as_bytes().as_slice() != stored;
        if differs {
            findings.push((
                FindingKind::EntryChanged,
                "the stored bytes do not have the hash that was stored with them".to_owned(),
            ));
        }
        let header = match Header::parse(&header_bytes) {
            Ok(header) => Some(header),
            Err(error) => {
                findings.push((FindingKind::EntryMalformed, error.to_string()));
                None
            }
        };
        let mut payload_holds = true;
        if let (Some(header), Some(payload)) = (&header, &payload)
            && let Err(error) = check_payload(header, payload)
        {
            payload_holds = false;
            findings.push((FindingKind::PayloadChanged, error.to_string()));
        }
        let signature = match self.signature(header.as_ref(), &signature) {
            Ok((key, signature)) => sshsig::signed_data(ENTRY_NAMESPACE, &header_bytes)
                .map(|message| Pending { position, key, message, signature })
                .ok(),
            Err(error) => {
                findings.push((FindingKind::SignatureBad, error.to_string()));
                None
            }
        };
        let checked = Checked {
            seq,
            payload,
            header,
            leaf,
            stored_leaf: differs.then(|| Hash::try_from(stored.as_slice()).unwrap_or(leaf)),
            payload_holds,
            signature_holds: signature.is_some(),
            findings,
        };
        (checked, signature)
    }

    fn signature(
        &mut self,
        header: Option<&Header>,
        signature: &[u8],
    ) -> Result<(Arc<PublicKey>, [u8; 64]), EntryError> {
        let parts = sshsig::decode(ENTRY_NAMESPACE, signature)?;
        if self.keys.len() >= CACHED_KEYS {
            self.keys.clear();
        }
        let key = self
            .keys
            .entry(parts.public)
            .or_insert_with(|| PublicKey::from_bytes(&parts.public).map(Arc::new))
            .clone()?;
        match header {
            Some(header) if header.key != key.fingerprint() => {
                Err(EntryError::OtherKey { found: key.fingerprint().to_owned(), named: header.key.clone() })
            }
            _ => Ok((key, parts.signature)),
        }
    }
}
