//! Up to where the projections are folded, and in which shape.

use crate::error::StoreError;
use rusqlite::{Connection, params};

/// The shape of documents and index columns that this program writes; raised whenever either changes, so that
/// an older database is folded again when it is opened.
pub(crate) const SHAPE: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) shape: u32,
    pub(crate) size: u64,
}

pub(crate) fn read(conn: &Connection) -> Result<Folded, StoreError> {
    Ok(conn
        .prepare_cached("SELECT shape, size FROM projection WHERE one = 1")?
        .query_row([], |row| Ok(Folded { shape: row.get(0)?, size: row.get(1)? }))?)
}

pub(crate) fn write(conn: &Connection, size: u64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE projection SET shape = ?1, size = ?2 WHERE one = 1")?
        .execute(params![SHAPE, size])?;
    Ok(())
}
