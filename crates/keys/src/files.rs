//! The key folder: encrypted files for machines without a keychain.
//!
//! ```text
//! identity.age               an age identity, encrypted with the folder's passphrase
//! keys/<ledger>/<key>        OpenSSH private keys, each encrypted with a passphrase
//! secrets/<connection>.age   encrypted to the identity
//! heads/<ledger>             plain JSON: no secrets
//! ```
//!
//! All of it opens with stock tools: `age -d identity.age`, then `age -d -i`, and `ssh-keygen`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret, SecretString};
use age::{scrypt, x25519};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::private;
use crate::slot::Slot;

/// N = 2^17, r = 8, p = 1: 128 MiB and a good part of a second for every guess.
const WORK_FACTOR: u8 = 17;

/// An opened key folder.
pub(crate) struct Files {
    folder: PathBuf,
    passphrase: SecretString,
    identity: x25519::Identity,
}

impl Files {
    /// Makes a key folder.
    pub fn create(folder: &Path, passphrase: SecretString) -> Result<Self, VaultError> {
        let path = identity_file(folder);
        if path.exists() {
            return Err(VaultError::FilesPresent { path: folder.display().to_string() });
        }
        let identity = x25519::Identity::generate();
        let mut recipient = scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(WORK_FACTOR);
        let text = identity.to_string();
        let sealed = age::encrypt(&recipient, text.expose_secret().as_bytes())
            .map_err(|error| failed(&path, error))?;
        private::write(&path, &sealed).map_err(|error| failed(&path, error))?;
        Ok(Self { folder: folder.to_owned(), passphrase, identity })
    }

    /// Opens a key folder.
    pub fn open(folder: &Path, passphrase: SecretString) -> Result<Self, VaultError> {
        let path = identity_file(folder);
        let sealed =
            read(&path)?.ok_or_else(|| VaultError::FilesAbsent { path: folder.display().to_string() })?;
        let mut key = scrypt::Identity::new(passphrase.clone());
        // Whoever can replace the file must not be able to make us work for hours.
        key.set_max_work_factor(WORK_FACTOR + 3);
        let text = age::decrypt(&key, &sealed).map(Zeroizing::new).map_err(|error| match error {
            age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
                VaultError::PassphraseWrong
            }
            error => failed(&path, error),
        })?;
        let identity = std::str::from_utf8(&text)
            .map_err(|error| failed(&path, error))?
            .trim()
            .parse()
            .map_err(|error: &str| failed(&path, error))?;
        Ok(Self { folder: folder.to_owned(), passphrase, identity })
    }

    /// Returns the passphrase that protects keys without one of their own.
    pub fn passphrase(&self) -> &SecretString {
        &self.passphrase
    }

    pub fn get(&self, slot: &Slot<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let path = self.path(slot);
        let Some(bytes) = read(&path)? else { return Ok(None) };
        if !is_sealed(slot) {
            return Ok(Some(bytes));
        }
        let opened = age::decrypt(&self.identity, &bytes).map_err(|error| failed(&path, error))?;
        Ok(Some(Zeroizing::new(opened)))
    }

    pub fn put(&self, slot: &Slot<'_>, bytes: &[u8]) -> Result<(), VaultError> {
        let path = self.path(slot);
        if !is_sealed(slot) {
            return private::write(&path, bytes).map_err(|error| failed(&path, error));
        }
        let sealed = age::encrypt(&self.identity.to_public(), bytes).map_err(|error| failed(&path, error))?;
        private::write(&path, &sealed).map_err(|error| failed(&path, error))
    }

    /// Removes what is kept; says whether there was something.
    pub fn delete(&self, slot: &Slot<'_>) -> Result<bool, VaultError> {
        let path = self.path(slot);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(&path, error)),
        }
    }

    fn path(&self, slot: &Slot<'_>) -> PathBuf {
        let mut path = self.folder.clone();
        path.extend(slot.parts());
        if is_sealed(slot) {
            path.set_extension("age");
        }
        path
    }
}

/// Keys come encrypted already, and heads are no secrets.
fn is_sealed(slot: &Slot<'_>) -> bool {
    matches!(slot, Slot::Secret { .. } | Slot::Trial)
}

fn identity_file(folder: &Path) -> PathBuf {
    folder.join("identity.age")
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, error)),
    };
    if private::is_exposed(&file).map_err(|error| failed(path, error))? {
        return Err(VaultError::FileExposed { path: path.display().to_string() });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.read_to_end(&mut bytes).map_err(|error| failed(path, error))?;
    Ok(Some(bytes))
}

fn failed(path: &Path, error: impl std::fmt::Display) -> VaultError {
    VaultError::FileFailed { path: path.display().to_string(), detail: error.to_string() }
}
