//! The head row.

use crate::error::StoreError;
use crate::head::Head;
use rusqlite::{Connection, params};
use signalbox_ledger::Hash;

pub(crate) fn read(conn: &Connection) -> Result<Head, StoreError> {
    conn.prepare_cached("SELECT ledger, size, root FROM head WHERE one = 1")?
        .query_row([], |row| {
            Ok(Head { ledger: row.get(0)?, size: row.get(1)?, root: Hash::from_bytes(row.get(2)?) })
        })
        .map_err(StoreError::from)
}

pub(crate) fn write(conn: &Connection, head: &Head) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE head SET ledger = ?1, size = ?2, root = ?3 WHERE one = 1")?
        .execute(params![head.ledger, head.size, head.root.as_bytes()])?;
    Ok(())
}
