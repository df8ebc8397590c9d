//! Inclusion and consistency proofs (RFC 9162 §2.1.3 and §2.1.4).
//!
//! An inclusion proof shows that an entry is in the tree of a checkpoint; a consistency proof shows that an older
//! checkpoint's tree is a beginning of a newer one.

use crate::hash::Hash;
use crate::tree::{node_hash, root};
use thiserror::Error;

/// Why a proof was not made or not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The index or size asked for lies outside the tree.
    #[error("the tree is too small for this proof")]
    OutOfRange,
    /// The proof has the wrong number of hashes.
    #[error("the proof has the wrong length")]
    Length,
    /// The proof does not lead to the root.
    #[error("the proof does not lead to the root")]
    Root,
}

/// Proves that the leaf at `index` is in the tree of all `leaves`.
///
/// # Errors
///
/// When there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: u64) -> Result<Vec<Hash>, ProofError> {
    let index = usize::try_from(index).map_err(|_| ProofError::OutOfRange)?;
    if index >= leaves.len() {
        return Err(ProofError::OutOfRange);
    }
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    Ok(path)
}

/// Checks that a leaf is at `index` of the tree with this size and root.
///
/// # Errors
///
/// When the proof does not show it.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    expected: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *expected { Ok(()) } else { Err(ProofError::Root) }
}

/// Proves that the tree of the first `old_size` leaves is a beginning of the tree of all `leaves`.
///
/// # Errors
///
/// When the tree is smaller than `old_size`.
pub fn consistency(leaves: &[Hash], old_size: u64) -> Result<Vec<Hash>, ProofError> {
    let old = usize::try_from(old_size).map_err(|_| ProofError::OutOfRange)?;
    if old > leaves.len() {
        return Err(ProofError::OutOfRange);
    }
    if old == 0 || old == leaves.len() {
        return Ok(Vec::new());
    }
    let mut path = Vec::new();
    let (mut leaves, mut old, mut whole) = (leaves, old, true);
    while old < leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            old -= left.len();
            leaves = right;
            whole = false;
        }
    }
    if !whole {
        path.push(root(leaves));
    }
    path.reverse();
    Ok(path)
}

/// Checks that the old tree is a beginning of the new one.
///
/// # Errors
///
/// When the proof does not show it.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { root(&[]) } else { *new_root };
        return match path {
            [] if *old_root == expected => Ok(()),
            [] => Err(ProofError::Root),
            _ => Err(ProofError::Length),
        };
    }
    let mut siblings = path.iter();
    let start =
        if old_size.is_power_of_two() { *old_root } else { *siblings.next().ok_or(ProofError::Length)? };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (start, start);
    for sibling in siblings {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if old == *old_root && new == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// The largest power of two below a length of at least two.
fn split(length: usize) -> usize {
    length.next_power_of_two() / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|i| leaf_hash(&[i])).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
        let all = leaves(20);
        for size in 1..=all.len() {
            let tree = &all[..size];
            let root = root(tree);
            for (index, leaf) in tree.iter().enumerate() {
                let path = inclusion(tree, index as u64).unwrap();
                let check = |leaf: &Hash, index: usize, path: &[Hash]| {
                    verify_inclusion(leaf, index as u64, size as u64, path, &root)
                };
                assert_eq!(check(leaf, index, &path), Ok(()));
                for other in 0..size {
                    assert_eq!(check(leaf, other, &path).is_ok(), other == index);
                }
                assert!(check(&all[(index + 1) % 20], index, &path).is_err());
                for changed in 0..path.len() {
                    let mut path = path.clone();
                    path[changed] = Hash::of(b"x");
                    assert_eq!(check(leaf, index, &path), Err(ProofError::Root));
                    path.truncate(changed);
                    assert!(check(leaf, index, &path).is_err());
                }
            }
            assert_eq!(inclusion(tree, size as u64), Err(ProofError::OutOfRange));
        }
    }

    #[test]
    fn every_beginning_is_proven_consistent_and_nothing_else() {
        let all = leaves(20);
        for new in 0..=all.len() {
            let new_root = root(&all[..new]);
            for old in 0..=new {
                let old_root = root(&all[..old]);
                let path = consistency(&all[..new], old as u64).unwrap();
                let check = |old_root: &Hash, path: &[Hash]| {
                    verify_consistency(old as u64, old_root, new as u64, &new_root, path)
                };
                assert_eq!(check(&old_root, &path), Ok(()), "{old} {new}");
                assert!(check(&Hash::of(b"x"), &path).is_err());
                for changed in 0..path.len() {
                    let mut path = path.clone();
                    path[changed] = Hash::of(b"x");
                    assert!(check(&old_root, &path).is_err());
                    path.truncate(changed);
                    assert!(check(&old_root, &path).is_err());
                }
                let mut longer = path.clone();
                longer.push(Hash::of(b"x"));
                assert!(check(&old_root, &longer).is_err());
            }
            assert_eq!(consistency(&all[..new], new as u64 + 1), Err(ProofError::OutOfRange));
        }
    }
}
