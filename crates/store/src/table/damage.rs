//! Damage that was found in the ledger and is remembered, so that nothing is added until it is gone.

use crate::check::Damage;
use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use signalbox_domain::moment::Moment;

pub(crate) fn first(conn: &Connection) -> Result<Option<Damage>, StoreError> {
    Ok(conn
        .query_row("SELECT seq, detail FROM damage ORDER BY rowid LIMIT 1", [], |row| {
            Ok(Damage { seq: row.get(0)?, detail: row.get(1)? })
        })
        .optional()?)
}

/// Remembers these findings and forgets all others.
pub(crate) fn replace(conn: &Connection, found: &[Damage], at: Moment) -> Result<(), StoreError> {
    conn.execute("DELETE FROM damage", [])?;
    for damage in found {
        conn.execute(
            "INSERT INTO damage (seq, detail, found) VALUES (?1, ?2, ?3)",
            params![damage.seq, damage.detail, at.millis()],
        )?;
    }
    Ok(())
}
