//! The roots of the perfect subtrees, so that the tree at any size is a few look-ups away.

use crate::error::StoreError;
use rusqlite::{Connection, params};
use signalbox_ledger::{Frontier, Hash, tree::node_hash};
use std::ops::Range;

/// Restores the tree's right edge at a size.
pub(crate) fn frontier(conn: &Connection, size: u64) -> Result<Frontier, StoreError> {
    let mut statement = conn.prepare_cached("SELECT hash FROM tree WHERE level = ?1 AND position = ?2")?;
    let mut peaks = Vec::new();
    for level in (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1) {
        // The peak of this level ends where the bits above and including this one end.
        let position = (size >> level) - 1;
        let hash = statement
            .query_row(params![level, position], |row| row.get(0).map(Hash::from_bytes))
            .map_err(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => StoreError::Damaged {
                    reason: format!("the tree has no node {position} on level {level}"),
                },
                other => other.into(),
            })?;
        peaks.push(hash);
    }
    Frontier::new(size, peaks).map_err(|error| StoreError::Damaged { reason: error.to_string() })
}

/// Appends a leaf and every node that it completes.
pub(crate) fn append(conn: &Connection, frontier: &mut Frontier, leaf: Hash) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT INTO tree (level, position, hash) VALUES (?1, ?2, ?3)")?;
    let (mut node, mut position) = (leaf, frontier.size());
    insert.execute(params![0, position, node.as_bytes()])?;
    let completed = frontier.size().trailing_ones() as usize;
    for (level, left) in (1_u32..).zip(frontier.peaks().iter().rev().take(completed)) {
        node = node_hash(left, &node);
        position >>= 1;
        insert.execute(params![level, position, node.as_bytes()])?;
    }
    frontier.append(leaf);
    Ok(())
}

/// The leaf hashes of a range of entries.
pub(crate) fn leaves(conn: &Connection, range: Range<u64>) -> Result<Vec<Hash>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT hash FROM tree WHERE level = 0 AND position >= ?1 AND position < ?2 ORDER BY position",
    )?;
    let rows =
        statement.query_map(params![range.start, range.end], |row| row.get(0).map(Hash::from_bytes))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
