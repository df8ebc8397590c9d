//! Where signing keys and connection secrets are kept: the keychain of the operating system, or, if a
//! person has said so, a folder of encrypted files.
//!
//! There is deliberately no fallback from one to the other, and no way to make a missing key: a key
//! that is not found is locked or on another device, because its fingerprint is in the ledger. All
//! calls block; the keychain's have a time limit, because a locked one may wait for a person.

mod error;
mod files;
mod head;
mod keychain;
mod private;
mod slot;
mod vault;

pub use error::VaultError;
pub use head::Head;
pub use vault::{Vault, VaultKind};
