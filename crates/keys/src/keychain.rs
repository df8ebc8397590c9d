//! The keychain of the operating system, asked on a worker thread with a time limit.
//!
//! Values are base64, because one keychain takes only text and another counts bytes.

use std::sync::mpsc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::slot::Slot;

const SERVICE: &str = "signalbox";

/// The keychain, with the longest time that a call may take.
pub(crate) struct Keychain {
    limit: Duration,
}

impl Keychain {
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }

    pub fn get(&self, slot: &Slot<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let text = self.ask(slot, |entry| match entry.get_password() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })?;
        text.map(|text| {
            STANDARD
                .decode(text.as_bytes())
                .map(Zeroizing::new)
                .map_err(|error| VaultError::KeychainFailed(format!("not our value: {error}")))
        })
        .transpose()
    }

    pub fn put(&self, slot: &Slot<'_>, bytes: &[u8]) -> Result<(), VaultError> {
        let text = Zeroizing::new(STANDARD.encode(bytes));
        self.ask(slot, move |entry| entry.set_password(&text))
    }

    /// Removes what is kept; says whether there was something.
    pub fn delete(&self, slot: &Slot<'_>) -> Result<bool, VaultError> {
        self.ask(slot, |entry| match entry.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(error),
        })
    }

    fn ask<T, F>(&self, slot: &Slot<'_>, work: F) -> Result<T, VaultError>
    where
        T: Send + 'static,
        F: FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    {
        let name = slot.parts().join("/");
        let (answer, wait) = mpsc::sync_channel(1);
        // A call that waits for a person can't be taken back, so its thread is left to itself.
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || {
                let result = Entry::new(SERVICE, &name).and_then(|entry| work(&entry));
                // Nobody listens any more after the time limit.
                let _ = answer.send(result);
            })
            .map_err(|error| VaultError::KeychainFailed(error.to_string()))?;
        match wait.recv_timeout(self.limit) {
            Ok(result) => result.map_err(translate),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(VaultError::KeychainTimeout),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(VaultError::KeychainFailed("the call broke off".into()))
            }
        }
    }
}

fn translate(error: Error) -> VaultError {
    match error {
        Error::NoDefaultStore => VaultError::KeychainAbsent(match Entry::store_status() {
            Err(error) => error.to_string(),
            Ok(()) => "no store".into(),
        }),
        Error::NoStorageAccess(error) => VaultError::KeychainLocked(error.to_string()),
        Error::TooLong(..) => VaultError::TooLong,
        // The bytes of these could be the secret itself.
        Error::BadEncoding(_) => VaultError::KeychainFailed("the value is not text".into()),
        Error::BadDataFormat(_, error) => VaultError::KeychainFailed(error.to_string()),
        error => VaultError::KeychainFailed(error.to_string()),
    }
}
