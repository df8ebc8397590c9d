//! Unexplained changes: what stands in a stage on the pipeline system although nothing in the ledger brought it.

use crate::id::{BuildId, EntryId};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// A change that the ledger can't explain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexplainedChange {
    /// The entry that recorded it.
    pub id: EntryId,
    /// The build that stands there, where the ledger knows it.
    pub build: Option<BuildId>,
    /// What the pipeline system calls what stands there.
    pub found: String,
    /// Why the ledger can't explain it.
    pub detail: String,
    /// When it was seen.
    pub at: Moment,
}
