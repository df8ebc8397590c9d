//! What can go wrong with a vault: a closed list with stable codes.

use thiserror::Error;

/// Why something could not be kept or found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VaultError {
    /// This session has no keychain.
    #[error("this session has no keychain: {0}")]
    KeychainAbsent(String),
    /// The keychain is locked, or nobody unlocked it when asked.
    #[error("the keychain is locked: {0}")]
    KeychainLocked(String),
    /// The keychain did not answer in time.
    #[error("the keychain did not answer in time")]
    KeychainTimeout,
    /// The keychain failed in another way.
    #[error("the keychain failed: {0}")]
    KeychainFailed(String),
    /// The signing key is not in this vault. This never means that a new one should be made.
    #[error("the signing key {fingerprint} is not here: it is locked away, or on another device")]
    KeyMissing {
        /// The key's fingerprint.
        fingerprint: String,
    },
    /// What is kept under a fingerprint is not that key.
    #[error("what is kept as signing key {fingerprint} is not that key: {detail}")]
    KeyDamaged {
        /// The fingerprint that was asked for.
        fingerprint: String,
        /// What is wrong with it.
        detail: String,
    },
    /// There is no secret for the connection.
    #[error("there is no secret for the connection {connection}")]
    SecretMissing {
        /// The connection.
        connection: String,
    },
    /// The value does not fit into the keychain.
    #[error("the secret is too long for the keychain")]
    TooLong,
    /// The key has a passphrase of its own, and none was given.
    #[error("the key is protected by a passphrase")]
    PassphraseNeeded,
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    PassphraseWrong,
    /// A passphrase was given for a key that has none, so that it proves nothing.
    #[error("the key has no passphrase")]
    PassphraseUnset,
    /// The folder is not a vault.
    #[error("{path} is not a key folder")]
    FilesAbsent {
        /// The folder.
        path: String,
    },
    /// The folder is a vault already.
    #[error("{path} is a key folder already")]
    FilesPresent {
        /// The folder.
        path: String,
    },
    /// Others may read a file that only this account should read.
    #[error("{path} can be read by others")]
    FileExposed {
        /// The file.
        path: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {detail}")]
    FileFailed {
        /// The file.
        path: String,
        /// What failed.
        detail: String,
    },
}

impl VaultError {
    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeychainAbsent(_) => "keychain.absent",
            Self::KeychainLocked(_) => "keychain.locked",
            Self::KeychainTimeout => "keychain.timeout",
            Self::KeychainFailed(_) => "keychain.failed",
            Self::KeyMissing { .. } => "key.missing",
            Self::KeyDamaged { .. } => "key.damaged",
            Self::SecretMissing { .. } => "secret.missing",
            Self::TooLong => "secret.too_long",
            Self::PassphraseNeeded => "passphrase.needed",
            Self::PassphraseWrong => "passphrase.wrong",
            Self::PassphraseUnset => "passphrase.unset",
            Self::FilesAbsent { .. } => "key_folder.absent",
            Self::FilesPresent { .. } => "key_folder.present",
            Self::FileExposed { .. } => "key_folder.exposed",
            Self::FileFailed { .. } => "key_folder.failed",
        }
    }

    /// Returns what the person can do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::KeychainAbsent(_) => {
                "Start a secret service (for example gnome-keyring) and then Signalbox again, or \
                 choose a key folder with a passphrase."
            }
            Self::KeychainLocked(_) | Self::KeychainTimeout => "Unlock the keychain and try again.",
            Self::KeychainFailed(_) => "Look at the keychain with its own program.",
            Self::KeyMissing { .. } => {
                "Unlock the keychain, use the device that holds the key, or have another key enrolled."
            }
            Self::KeyDamaged { .. } => "Restore the key from its back-up, or have another one enrolled.",
            Self::SecretMissing { .. } => "Enter the connection's secret again.",
            Self::TooLong => "Use a shorter token.",
            Self::PassphraseNeeded | Self::PassphraseWrong => "Enter the key's passphrase.",
            Self::PassphraseUnset => "Give the key a passphrase first.",
            Self::FilesAbsent { .. } => "Choose the right folder, or have a new key folder made.",
            Self::FilesPresent { .. } => "Open it with its passphrase.",
            Self::FileExposed { .. } => "Allow only this account to read it (mode 0600).",
            Self::FileFailed { .. } => "Repair the folder or its permissions.",
        }
    }

    /// Says whether the same call can succeed later.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::KeychainLocked(_) | Self::KeychainTimeout | Self::PassphraseNeeded | Self::PassphraseWrong
        )
    }
}
