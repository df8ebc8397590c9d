//! [`Vault`]: signing keys, connection secrets and highest heads, in either place.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use signalbox_ledger::sign::{CryptoRngCore, SignError};
use signalbox_ledger::{Signer, SigningKey};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::files::Files;
use crate::head::Head;
use crate::keychain::Keychain;
use crate::slot::Slot;

/// Which kind of place a vault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// The keychain of the operating system.
    Keychain,
    /// A folder of encrypted files.
    Files,
}

/// The one place where this machine keeps what must not be lost or seen.
pub struct Vault {
    place: Place,
}

enum Place {
    Keychain(Keychain),
    Files(Files),
}

impl Vault {
    /// Uses the keychain; a call takes at most `limit`, so allow for a person who types a password.
    ///
    /// Nothing is asked yet: see [`Vault::check`].
    pub fn keychain(limit: Duration) -> Self {
        Self { place: Place::Keychain(Keychain::new(limit)) }
    }

    /// Makes a key folder, because a person has said so.
    ///
    /// # Errors
    ///
    /// When the folder is one already, or can't be written.
    pub fn create_files(folder: &Path, passphrase: SecretString) -> Result<Self, VaultError> {
        Ok(Self { place: Place::Files(Files::create(folder, passphrase)?) })
    }

    /// Opens a key folder.
    ///
    /// # Errors
    ///
    /// When there is none, the passphrase is wrong, or others may read it.
    pub fn open_files(folder: &Path, passphrase: SecretString) -> Result<Self, VaultError> {
        Ok(Self { place: Place::Files(Files::open(folder, passphrase)?) })
    }

    /// Returns which kind of place this is.
    pub fn kind(&self) -> VaultKind {
        match self.place {
            Place::Keychain(_) => VaultKind::Keychain,
            Place::Files(_) => VaultKind::Files,
        }
    }

    /// Finds out whether values can be kept here, by keeping one for a moment.
    ///
    /// # Errors
    ///
    /// When the place is absent, locked, or loses the value.
    pub fn check(&self) -> Result<(), VaultError> {
        let trial = b"signalbox";
        self.put(&Slot::Trial, trial)?;
        let found = self.get(&Slot::Trial)?;
        self.delete(&Slot::Trial)?;
        if found.is_some_and(|found| found.as_slice() == trial) {
            Ok(())
        } else {
            Err(VaultError::KeychainFailed("what was kept was not found again".into()))
        }
    }

    /// Keeps a signing key of a ledger, in the OpenSSH format.
    ///
    /// With a passphrase the key asks for it at every [`Vault::unlock`]. Without one a key folder
    /// encrypts it with the folder's passphrase.
    ///
    /// # Errors
    ///
    /// When it can't be encrypted or kept.
    pub fn save_key(
        &self,
        ledger: &str,
        key: &SigningKey,
        passphrase: Option<&SecretString>,
        random: &mut impl CryptoRngCore,
    ) -> Result<(), VaultError> {
        let fingerprint = key.fingerprint();
        let passphrase = match &self.place {
            Place::Keychain(_) => passphrase,
            Place::Files(files) => Some(passphrase.unwrap_or(files.passphrase())),
        };
        let text = key
            .to_openssh(passphrase.map(|passphrase| passphrase.expose_secret()), random)
            .map_err(|error| damaged(fingerprint, error))?;
        self.put(&Slot::Key { ledger, fingerprint }, text.as_bytes())
    }

    /// Says whether [`Vault::unlock`] needs a passphrase for the key.
    ///
    /// # Errors
    ///
    /// When the key is not here, or the place can't be read.
    pub fn asks_passphrase(&self, ledger: &str, fingerprint: &str) -> Result<bool, VaultError> {
        match self.unlock(ledger, fingerprint, None) {
            Ok(_) => Ok(false),
            Err(VaultError::PassphraseNeeded) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Reads a signing key, for one act of signing or for a session, as its stage demands.
    ///
    /// A given passphrase is always checked: a key that has none answers
    /// [`VaultError::PassphraseUnset`], so that any word can't pass for a proof. In a key folder, a key
    /// without a passphrase of its own is proven by the folder's.
    ///
    /// # Errors
    ///
    /// When the key is not here, damaged, or the passphrase is missing, wrong or without meaning.
    pub fn unlock(
        &self,
        ledger: &str,
        fingerprint: &str,
        passphrase: Option<&SecretString>,
    ) -> Result<SigningKey, VaultError> {
        let bytes = self
            .get(&Slot::Key { ledger, fingerprint })?
            .ok_or_else(|| VaultError::KeyMissing { fingerprint: fingerprint.to_owned() })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| damaged(fingerprint, error))?;
        let open = |passphrase: Option<&SecretString>| {
            SigningKey::from_openssh(text, passphrase.map(|passphrase| passphrase.expose_secret()))
        };
        let opened = match (&self.place, passphrase) {
            (Place::Keychain(_), None) => open(None),
            (Place::Keychain(_), given) => match open(None) {
                Ok(_) => return Err(VaultError::PassphraseUnset),
                Err(SignError::PassphraseNeeded) => open(given),
                Err(error) => Err(error),
            },
            (Place::Files(files), None) => match open(Some(files.passphrase())) {
                Err(SignError::PassphraseWrong) => Err(SignError::PassphraseNeeded),
                opened => opened,
            },
            (Place::Files(_), given) => open(given),
        };
        let key = opened.map_err(|error| match error {
            SignError::PassphraseNeeded => VaultError::PassphraseNeeded,
            SignError::PassphraseWrong => VaultError::PassphraseWrong,
            error => damaged(fingerprint, error),
        })?;
        if key.fingerprint() == fingerprint {
            Ok(key)
        } else {
            Err(damaged(fingerprint, format!("it is {}", key.fingerprint())))
        }
    }

    /// Removes a signing key; says whether it was here.
    ///
    /// # Errors
    ///
    /// When the place can't be changed.
    pub fn delete_key(&self, ledger: &str, fingerprint: &str) -> Result<bool, VaultError> {
        self.delete(&Slot::Key { ledger, fingerprint })
    }

    /// Keeps the secret of a connection.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub fn save_secret(&self, connection: &str, secret: &SecretString) -> Result<(), VaultError> {
        self.put(&Slot::Secret { connection }, secret.expose_secret().as_bytes())
    }

    /// Reads the secret of a connection.
    ///
    /// # Errors
    ///
    /// When there is none, or the place can't be read.
    pub fn load_secret(&self, connection: &str) -> Result<SecretString, VaultError> {
        let bytes = self
            .get(&Slot::Secret { connection })?
            .ok_or_else(|| VaultError::SecretMissing { connection: connection.to_owned() })?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| VaultError::KeychainFailed("the secret is not text".into()))?;
        Ok(SecretString::from(text))
    }

    /// Removes the secret of a connection; says whether it was here.
    ///
    /// # Errors
    ///
    /// When the place can't be changed.
    pub fn delete_secret(&self, connection: &str) -> Result<bool, VaultError> {
        self.delete(&Slot::Secret { connection })
    }

    /// Reads the highest head of a ledger that was seen here.
    ///
    /// # Errors
    ///
    /// When the place can't be read, or what is kept is not a head.
    pub fn load_head(&self, ledger: &str) -> Result<Option<Head>, VaultError> {
        let Some(bytes) = self.get(&Slot::Head { ledger })? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| VaultError::FileFailed {
            path: format!("highest head of {ledger}"),
            detail: error.to_string(),
        })
    }

    /// Keeps a head if it is higher than the one that is kept, and returns the highest.
    ///
    /// # Errors
    ///
    /// As [`Vault::load_head`], and when it can't be kept.
    pub fn raise_head(&self, ledger: &str, head: Head) -> Result<Head, VaultError> {
        match self.load_head(ledger)? {
            Some(highest) if highest.size >= head.size => Ok(highest),
            _ => {
                self.reset_head(ledger, head)?;
                Ok(head)
            }
        }
    }

    /// Keeps a head although a higher one was seen: after the signed act of restoring a back-up.
    ///
    /// # Errors
    ///
    /// When it can't be kept.
    pub fn reset_head(&self, ledger: &str, head: Head) -> Result<(), VaultError> {
        let json = serde_json::to_vec(&head).map_err(|error| VaultError::FileFailed {
            path: format!("highest head of {ledger}"),
            detail: error.to_string(),
        })?;
        self.put(&Slot::Head { ledger }, &json)
    }

    fn get(&self, slot: &Slot<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match &self.place {
            Place::Keychain(keychain) => keychain.get(slot),
            Place::Files(files) => files.get(slot),
        }
    }

    fn put(&self, slot: &Slot<'_>, bytes: &[u8]) -> Result<(), VaultError> {
        match &self.place {
            Place::Keychain(keychain) => keychain.put(slot, bytes),
            Place::Files(files) => files.put(slot, bytes),
        }
    }

    fn delete(&self, slot: &Slot<'_>) -> Result<bool, VaultError> {
        match &self.place {
            Place::Keychain(keychain) => keychain.delete(slot),
            Place::Files(files) => files.delete(slot),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?})", self.kind())
    }
}

fn damaged(fingerprint: &str, error: impl fmt::Display) -> VaultError {
    VaultError::KeyDamaged { fingerprint: fingerprint.to_owned(), detail: error.to_string() }
}
