//! Public keys, and which of them the ledger accepts.
//!
//! A key is refused when it is weak (of small order), carries a torsion component, or is not written in its one
//! canonical form: with such a key the batch check, the single check and other programs could disagree.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use ed25519_dalek::VerifyingKey;
use ssh_key::public::KeyData;
use std::fmt;
use thiserror::Error;

const ALGORITHM: &str = "ssh-ed25519";

/// Why a public key is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The text is not an OpenSSH public key.
    #[error("it is not an OpenSSH public key: {0}")]
    Malformed(String),
    /// Another algorithm than Ed25519.
    #[error("its algorithm is {0}; only ssh-ed25519 keys sign entries")]
    Algorithm(String),
    /// The bytes name no point of the curve, or not in canonical form.
    #[error("it is not a canonical point of the curve")]
    NotCanonical,
    /// Small order, or a torsion component.
    #[error("it is weak: it lies outside the prime-order group")]
    Weak,
}

/// An Ed25519 public key that the ledger accepts.
#[derive(Clone)]
pub struct PublicKey {
    verifying: VerifyingKey,
    point: EdwardsPoint,
    fingerprint: String,
}

impl PublicKey {
    /// Checks the 32 bytes of a key.
    ///
    /// # Errors
    ///
    /// When the bytes are no canonical point of the prime-order group.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let point = CompressedEdwardsY(*bytes).decompress().ok_or(KeyError::NotCanonical)?;
        if point.compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if point.is_small_order() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        let verifying = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotCanonical)?;
        let fingerprint = ssh_key::PublicKey::from(KeyData::from(ssh_key::public::Ed25519PublicKey(*bytes)))
            .fingerprint(ssh_key::HashAlg::Sha256)
            .to_string();
        Ok(Self { verifying, point, fingerprint })
    }

    /// Reads an OpenSSH public key line; a comment is ignored.
    ///
    /// # Errors
    ///
    /// When the line is no public key, or not an Ed25519 key that the ledger accepts.
    pub fn from_openssh(line: &str) -> Result<Self, KeyError> {
        let key =
            ssh_key::PublicKey::from_openssh(line.trim()).map_err(|e| KeyError::Malformed(e.to_string()))?;
        match key.key_data() {
            KeyData::Ed25519(key) => Self::from_bytes(key.as_ref()),
            other => Err(KeyError::Algorithm(other.algorithm().to_string())),
        }
    }

    /// The OpenSSH line, `ssh-ed25519 AAAA…`, without a comment.
    pub fn to_openssh(&self) -> String {
        let mut blob = Vec::with_capacity(51);
        blob.extend_from_slice(&(ALGORITHM.len() as u32).to_be_bytes());
        blob.extend_from_slice(ALGORITHM.as_bytes());
        blob.extend_from_slice(&32u32.to_be_bytes());
        blob.extend_from_slice(self.as_bytes());
        format!("{ALGORITHM} {}", STANDARD.encode(blob))
    }

    /// The fingerprint as `ssh-keygen -l` shows it, `SHA256:…`.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.verifying.as_bytes()
    }

    /// The key in the signature library's form.
    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(crate) fn point(&self) -> &EdwardsPoint {
        &self.point
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PublicKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    #[test]
    fn weak_torsioned_and_non_canonical_keys_are_refused() {
        for point in EIGHT_TORSION {
            assert_eq!(PublicKey::from_bytes(&point.compress().0), Err(KeyError::Weak));
        }
        let torsioned = ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
        assert_eq!(PublicKey::from_bytes(&torsioned.compress().0), Err(KeyError::Weak));
        // The identity with its y written as p + 1.
        let mut bytes = [0xff; 32];
        bytes[0] = 0xee;
        bytes[31] = 0x7f;
        assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::NotCanonical));
        assert!(PublicKey::from_bytes(&ED25519_BASEPOINT_POINT.compress().0).is_ok());
    }

    #[test]
    fn the_openssh_line_is_read_back_with_the_same_fingerprint() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
        let key = PublicKey::from_openssh(&format!("{line} user@example.com\n")).unwrap();
        assert_eq!(key.to_openssh(), line);
        assert_eq!(key.fingerprint(), "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ");
        assert!(matches!(PublicKey::from_openssh("ssh-ed25519 nonsense"), Err(KeyError::Malformed(_))));
    }
}
