//! The ledger's name and beginning.

use super::document;
use crate::error::StoreError;
use rusqlite::Connection;
use signalbox_domain::state::LedgerInfo;

pub(crate) fn read(conn: &Connection) -> Result<Option<LedgerInfo>, StoreError> {
    document::one(conn, "ledger_info", "SELECT id, doc FROM ledger_info WHERE id = 'ledger'", [])
}

pub(crate) fn put(conn: &Connection, value: &LedgerInfo) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO ledger_info (id, doc) VALUES ('ledger', ?1)
         ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
    )?
    .execute([document::write(value)?])?;
    Ok(())
}
