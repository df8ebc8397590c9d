//! Which program brought the database to its present form.

use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use signalbox_domain::moment::Moment;

pub(crate) fn write(conn: &Connection, version: &str, at: Moment) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO program (one, version, at) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET version = excluded.version, at = excluded.at",
        params![version, at.millis()],
    )?;
    Ok(())
}

/// The version, as far as a database of another format lets it be read.
pub(crate) fn version(conn: &Connection) -> Option<String> {
    conn.query_row("SELECT version FROM program WHERE one = 1", [], |row| row.get(0)).optional().ok()?
}
