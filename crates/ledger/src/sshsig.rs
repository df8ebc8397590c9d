//! SSH signatures (OpenSSH `PROTOCOL.sshsig`) in the one form the ledger accepts.
//!
//! An entry's signature is exactly the text that `ssh-keygen -Y sign` writes for an Ed25519 key: armoured, lines of
//! 70 characters, SHA-512. Any other spelling of the same signature is refused, so that the signature's bytes, which
//! the tree covers, cannot be varied.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ssh_key::{HashAlg, SshSig};
use thiserror::Error;

/// The namespace of an entry's signature.
pub const ENTRY_NAMESPACE: &str = "signalbox-entry";

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
const LINE: usize = 70;
const ALGORITHM: &[u8] = b"ssh-ed25519";

/// The bytes are not an SSH signature in the ledger's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is not an Ed25519 SSH signature as ssh-keygen writes it")]
pub struct SshSigError;

/// What an SSH signature carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SshSignature {
    /// The signer's public key.
    pub public: [u8; 32],
    /// The Ed25519 signature, R and S.
    pub signature: [u8; 64],
}

/// Writes a signature in the ledger's form.
pub fn encode(namespace: &str, parts: &SshSignature) -> Vec<u8> {
    let encoded = STANDARD.encode(blob(namespace, parts));
    let mut armoured = Vec::with_capacity(BEGIN.len() + encoded.len() + encoded.len() / LINE + 1 + END.len());
    armoured.extend_from_slice(BEGIN.as_bytes());
    for line in encoded.as_bytes().chunks(LINE) {
        armoured.extend_from_slice(line);
        armoured.push(b'\n');
    }
    armoured.extend_from_slice(END.as_bytes());
    armoured
}

/// Reads a signature that must be in the ledger's form.
///
/// # Errors
///
/// When the bytes differ in any way from what [`encode`] would write for their content.
pub fn decode(namespace: &str, armoured: &[u8]) -> Result<SshSignature, SshSigError> {
    let body = armoured
        .strip_prefix(BEGIN.as_bytes())
        .and_then(|rest| rest.strip_suffix(END.as_bytes()))
        .ok_or(SshSigError)?;
    let encoded: Vec<u8> = body.iter().copied().filter(|byte| *byte != b'\n').collect();
    let decoded = STANDARD.decode(encoded).map_err(|_| SshSigError)?;
    // From the end and by fixed offset from the front: whatever lies elsewhere is settled by the comparison below.
    let public = decoded.get(33..65).and_then(|bytes| bytes.try_into().ok()).ok_or(SshSigError)?;
    let signature = *decoded.last_chunk::<64>().ok_or(SshSigError)?;
    let parts = SshSignature { public, signature };
    if encode(namespace, &parts) == armoured { Ok(parts) } else { Err(SshSigError) }
}

/// The bytes that Ed25519 signs for a message: the SSHSIG envelope around its SHA-512.
///
/// # Errors
///
/// When the namespace is empty.
pub fn signed_data(namespace: &str, message: &[u8]) -> Result<Vec<u8>, SshSigError> {
    SshSig::signed_data(namespace, HashAlg::Sha512, message).map_err(|_| SshSigError)
}

fn blob(namespace: &str, parts: &SshSignature) -> Vec<u8> {
    let mut blob = Vec::with_capacity(185);
    blob.extend_from_slice(b"SSHSIG");
    blob.extend_from_slice(&1u32.to_be_bytes());
    push(&mut blob, &pair(&parts.public));
    push(&mut blob, namespace.as_bytes());
    push(&mut blob, b"");
    push(&mut blob, b"sha512");
    push(&mut blob, &pair(&parts.signature));
    blob
}

fn pair(value: &[u8]) -> Vec<u8> {
    let mut pair = Vec::with_capacity(83);
    push(&mut pair, ALGORITHM);
    push(&mut pair, value);
    pair
}

fn push(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(&(field.len() as u32).to_be_bytes());
    out.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> SshSignature {
        SshSignature { public: [7; 32], signature: [9; 64] }
    }

    #[test]
    fn a_signature_is_read_back() {
        let armoured = encode(ENTRY_NAMESPACE, &parts());
        assert_eq!(decode(ENTRY_NAMESPACE, &armoured), Ok(parts()));
        assert_eq!(decode("file", &armoured), Err(SshSigError));
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let text = String::from_utf8(encode(ENTRY_NAMESPACE, &parts())).unwrap();
        for other in [
            text.trim_end().to_owned(),
            format!("{text}\n"),
            text.replace('\n', "\r\n"),
            text.replacen("=\n", "\n", 1),
            text.replace("-----\nU", "-----\n\nU"),
        ] {
            assert_ne!(other, text);
            assert_eq!(decode(ENTRY_NAMESPACE, other.as_bytes()), Err(SshSigError));
        }
    }
}
