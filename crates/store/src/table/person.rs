//! People and machines.

use super::document;
use crate::error::StoreError;
use rusqlite::{Connection, params};
use signalbox_domain::id::PersonId;
use signalbox_domain::person::Person;
use std::collections::BTreeMap;

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<PersonId, Person>) -> Result<(), StoreError> {
    document::each(conn, "person", "SELECT id, doc FROM person", [], |value: Person| {
        into.insert(value.id.clone(), value);
    })
}

pub(crate) fn put(conn: &Connection, value: &Person) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO person (id, handle, doc) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, doc = excluded.doc",
    )?
    .execute(params![value.id.as_str(), value.handle, document::write(value)?])?;
    Ok(())
}
