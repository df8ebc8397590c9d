//! The train register's bytes: entries, signatures, the Merkle tree, checkpoints and the offline verifier.
//!
//! Everything here turns bytes into bytes or findings. There is deliberately no storage, no clock, no randomness
//! and no knowledge of what a kind of entry means: records, time, random numbers and the
//! [register](register::Register) of who may sign arrive as arguments. The format is specified in
//! `docs/ledger-format.md`; this crate is one implementation of it.

pub mod accept;
pub mod canon;
pub mod checkpoint;
pub mod draft;
pub mod entry;
pub mod export;
mod hash;
mod instant;
pub mod key;
pub mod proof;
pub mod register;
pub mod sign;
pub mod sshsig;
pub mod tree;
pub mod verify;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use draft::EntryDraft;
pub use entry::{After, Entry, Header, Subject};
pub use hash::{Hash, HashError};
pub use key::PublicKey;
pub use register::{Claim, Denial, Register, Replay, Violation};
pub use sign::{Signer, SigningKey};
pub use tree::Frontier;
pub use verify::{Record, Report, verify};
