//! What verification reports, and the point from which it can go on later.

use super::finding::{Finding, FindingKind};
use crate::checkpoint::Checkpoint;
use crate::entry::After;
use crate::hash::Hash;
use crate::tree::Frontier;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The run of entries that were appended together: they share the act and the history it was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppendMark {
    /// The act.
    pub act: String,
    /// The tree on which it was decided.
    pub after: After,
}

/// Where a verification without findings ended: the next one can begin here.
///
/// It is as trustworthy as the place where it is kept. Compare it with a pinned, signed checkpoint before use
/// ([`Waypoint::is_at`]), and give the register in the state of that point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waypoint {
    /// The tree's right edge.
    pub frontier: Frontier,
    /// The latest time that any entry named.
    pub latest: Option<DateTime<Utc>>,
    /// The append that the last entry belongs to.
    pub append: Option<AppendMark>,
}

impl Waypoint {
    /// Tells whether the point is the one that a checkpoint names.
    pub fn is_at(&self, checkpoint: &Checkpoint) -> bool {
        self.frontier.size() == checkpoint.size && self.frontier.root() == checkpoint.root
    }
}

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many entries the ledger has.
    pub size: u64,
    /// The root over the bytes that were read.
    pub root: Hash,
    /// The sequence number at which the verification began.
    pub from: u64,
    /// What is wrong, in the order of the ledger; at most as many as the options keep.
    pub findings: Vec<Finding>,
    /// How many findings there are in all.
    pub findings_total: u64,
    /// The sequence numbers of entries whose payload was redacted; at most as many as findings are kept.
    pub redacted: Vec<u64>,
    /// How many payloads were redacted in all.
    pub redacted_total: u64,
    /// Kinds that this version does not know, with their number. Their entries were verified all the same.
    pub unknown_kinds: BTreeMap<String, u64>,
    /// Where a later verification can begin; only when nothing was found.
    pub waypoint: Option<Waypoint>,
}

impl Report {
    /// Tells whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings_total == 0
    }

    /// Tells whether a finding of this kind was made.
    pub fn has(&self, kind: FindingKind) -> bool {
        self.findings.iter().any(|finding| finding.kind == kind)
    }
}
