//! Signing: the port through which entries and checkpoints are signed, and the Ed25519 key held in memory.
//!
//! Where a private key is kept is not known here.

use crate::key::{KeyError, PublicKey};
use ed25519_dalek::Signer as _;
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

pub use ssh_key::rand_core::CryptoRngCore;

/// Why something could not be signed, or a private key not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// The private key is encrypted and no passphrase was given.
    #[error("the private key is protected by a passphrase")]
    PassphraseNeeded,
    /// The passphrase does not open the private key.
    #[error("the passphrase does not open the private key")]
    PassphraseWrong,
    /// The text is not an OpenSSH private key.
    #[error("it is not an OpenSSH private key: {0}")]
    Malformed(String),
    /// The key itself is refused.
    #[error("the key is refused: {0}")]
    Key(#[from] KeyError),
    /// The signer could not sign.
    #[error("signing failed: {0}")]
    Failed(String),
}

/// Something that signs with one Ed25519 key.
pub trait Signer {
    /// The key's fingerprint, `SHA256:…`.
    fn fingerprint(&self) -> &str;

    /// The public key as an OpenSSH line without comment.
    fn public(&self) -> &str;

    /// Signs a message as `ssh-keygen -Y sign -n <namespace>` does; returns the armoured SSH signature.
    ///
    /// # Errors
    ///
    /// When the key is locked, gone, or refuses.
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Signs the text of a note (a checkpoint) with plain Ed25519, as C2SP `signed-note` wants it.
    ///
    /// The text begins with the log's origin, so that it can never be taken for the `SSHSIG` envelope of an entry.
    ///
    /// # Errors
    ///
    /// When the key is locked, gone, or refuses.
    fn sign_note(&self, text: &str) -> Result<[u8; 64], SignError>;
}

/// An Ed25519 private key in memory; wiped when dropped.
#[derive(Clone)]
pub struct SigningKey {
    private: PrivateKey,
    public: PublicKey,
    line: String,
}

impl SigningKey {
    /// Makes a new key from the given source of randomness.
    ///
    /// # Errors
    ///
    /// Only when the source is so broken that the key is weak.
    pub fn generate(random: &mut impl CryptoRngCore) -> Result<Self, SignError> {
        let mut seed = [0; 32];
        random.try_fill_bytes(&mut seed).map_err(|e| SignError::Failed(e.to_string()))?;
        Self::from_seed(&seed)
    }

    /// Makes the key of a 32-byte seed.
    ///
    /// # Errors
    ///
    /// As [`SigningKey::generate`].
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SignError> {
        let pair = Ed25519Keypair::from(Ed25519PrivateKey::from_bytes(seed));
        Self::new(PrivateKey::from(pair))
    }

    /// Reads an OpenSSH private key, with the passphrase if it is encrypted.
    ///
    /// # Errors
    ///
    /// When it is malformed, of another algorithm, or the passphrase is missing or wrong.
    pub fn from_openssh(text: &str, passphrase: Option<&str>) -> Result<Self, SignError> {
        let key = PrivateKey::from_openssh(text).map_err(|e| SignError::Malformed(e.to_string()))?;
        if !key.is_encrypted() {
            return Self::new(key);
        }
        let passphrase = passphrase.ok_or(SignError::PassphraseNeeded)?;
        Self::new(key.decrypt(passphrase).map_err(|_| SignError::PassphraseWrong)?)
    }

    /// Writes the OpenSSH private key, encrypted (bcrypt, AES-256) if a passphrase is given.
    ///
    /// The returned text is wiped when dropped.
    ///
    /// # Errors
    ///
    /// When the key cannot be encrypted or encoded.
    pub fn to_openssh(
        &self,
        passphrase: Option<&str>,
        random: &mut impl CryptoRngCore,
    ) -> Result<Zeroizing<String>, SignError> {
        let failed = |e: ssh_key::Error| SignError::Failed(e.to_string());
        match passphrase {
            None => self.private.to_openssh(LineEnding::LF).map_err(failed),
            Some(passphrase) => self
                .private
                .encrypt(random, passphrase)
                .and_then(|key| key.to_openssh(LineEnding::LF))
                .map_err(failed),
        }
    }

    /// The public half.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn new(private: PrivateKey) -> Result<Self, SignError> {
        let KeypairData::Ed25519(pair) = private.key_data() else {
            return Err(KeyError::Algorithm(private.algorithm().to_string()).into());
        };
        let public = PublicKey::from_bytes(pair.public.as_ref())?;
        let line = public.to_openssh();
        Ok(Self { private, public, line })
    }
}

impl Signer for SigningKey {
    fn fingerprint(&self) -> &str {
        self.public.fingerprint()
    }

    fn public(&self) -> &str {
        &self.line
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.private
            .sign(namespace, HashAlg::Sha512, message)
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map(String::into_bytes)
            .map_err(|e| SignError::Failed(e.to_string()))
    }

    fn sign_note(&self, text: &str) -> Result<[u8; 64], SignError> {
        let pair = self.private.key_data().ed25519().ok_or_else(|| SignError::Failed("no key".to_owned()))?;
        let key = ed25519_dalek::SigningKey::from_bytes(&pair.private.to_bytes());
        let signature = key.try_sign(text.as_bytes()).map_err(|e| SignError::Failed(e.to_string()))?;
        Ok(signature.to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sshsig;
    use ssh_key::rand_core::OsRng;

    #[test]
    fn a_private_key_is_read_back_with_and_without_passphrase() {
        let key = SigningKey::generate(&mut OsRng).unwrap();
        let plain = key.to_openssh(None, &mut OsRng).unwrap();
        let again = SigningKey::from_openssh(&plain, None).unwrap();
        assert_eq!(again.fingerprint(), key.fingerprint());

        let locked = key.to_openssh(Some("a long one"), &mut OsRng).unwrap();
        assert_eq!(SigningKey::from_openssh(&locked, None).unwrap_err(), SignError::PassphraseNeeded);
        assert_eq!(SigningKey::from_openssh(&locked, Some("x")).unwrap_err(), SignError::PassphraseWrong);
        let again = SigningKey::from_openssh(&locked, Some("a long one")).unwrap();
        assert_eq!(again.public(), key.public());
    }

    #[test]
    fn a_signature_is_in_the_ledgers_form() {
        let key = SigningKey::from_seed(&[3; 32]).unwrap();
        let armoured = key.sign(sshsig::ENTRY_NAMESPACE, b"header").unwrap();
        let parts = sshsig::decode(sshsig::ENTRY_NAMESPACE, &armoured).unwrap();
        assert_eq!(&parts.public, key.public_key().as_bytes());
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = SigningKey::from_seed(&[3; 32]).unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.fingerprint()));
    }
}
