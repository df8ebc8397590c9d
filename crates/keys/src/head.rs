//! The highest head of a ledger that this machine has ever seen.

use serde::{Deserialize, Serialize};
use signalbox_ledger::Hash;

/// A ledger's size and root at one moment. A ledger that is shorter later was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}
