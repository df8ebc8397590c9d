//! Connections by name and kind; where they are found is a matter of this machine.

use super::document;
use crate::error::StoreError;
use rusqlite::{Connection as Sqlite, params};
use signalbox_domain::id::ConnectionId;
use signalbox_domain::product::Connection;
use std::collections::BTreeMap;

pub(crate) fn all(conn: &Sqlite, into: &mut BTreeMap<ConnectionId, Connection>) -> Result<(), StoreError> {
    document::each(conn, "connection", "SELECT id, doc FROM connection", [], |value: Connection| {
        into.insert(value.id.clone(), value);
    })
}

pub(crate) fn put(conn: &Sqlite, value: &Connection) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO connection (id, doc) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
    )?
    .execute(params![value.id.as_str(), document::write(value)?])?;
    Ok(())
}
