//! The Merkle tree over the entries (RFC 6962 §2.1, RFC 9162 §2.1).
//!
//! [`Frontier`] is the tree's right edge: enough to append and to know the root, in logarithmic space. Proofs are in
//! [`proof`](crate::proof).

use crate::hash::Hash;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Hashes the bytes of a leaf: `SHA-256(0x00 || data)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], data])
}

/// Hashes two children: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Hash::of(&bytes)
}

/// The root of a list of leaf hashes; an empty list has the SHA-256 of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

/// The stored frontier does not describe a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a frontier of {size} leaves has {expected} peaks, not {peaks}")]
pub struct FrontierError {
    size: u64,
    expected: u32,
    peaks: usize,
}

/// The right edge of a tree: its size and the roots of its perfect subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Restores a frontier from its size and peaks.
    ///
    /// # Errors
    ///
    /// When the number of peaks is not the number of ones in the size.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Result<Self, FrontierError> {
        if peaks.len() == size.count_ones() as usize {
            Ok(Self { size, peaks })
        } else {
            Err(FrontierError { size, expected: size.count_ones(), peaks: peaks.len() })
        }
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Hash::of(b""),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    size: u64,
    peaks: Vec<Hash>,
}

impl TryFrom<Stored> for Frontier {
    type Error = FrontierError;

    fn try_from(stored: Stored) -> Result<Self, FrontierError> {
        Self::new(stored.size, stored.peaks)
    }
}

impl From<Frontier> for Stored {
    fn from(Frontier { size, peaks }: Frontier) -> Self {
        Self { size, peaks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_frontier_is_refused() {
        let mut frontier = Frontier::default();
        for i in 0..5u8 {
            frontier.append(leaf_hash(&[i]));
        }
        let stored = serde_json::to_string(&frontier).unwrap();
        assert_eq!(serde_json::from_str::<Frontier>(&stored).unwrap(), frontier);
        let damaged = stored.replace("\"size\":5", "\"size\":7");
        assert!(serde_json::from_str::<Frontier>(&damaged).is_err());
    }
}
