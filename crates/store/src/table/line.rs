//! Lines, one a service.

use super::document;
use crate::error::StoreError;
use rusqlite::{Connection, params};
use signalbox_domain::id::{ProductId, ServiceId};
use signalbox_domain::line::Line;
use std::collections::BTreeMap;

pub(crate) fn get(conn: &Connection, id: &ServiceId) -> Result<Option<Line>, StoreError> {
    document::one(conn, "line", "SELECT id, doc FROM line WHERE id = ?1", [id.as_str()])
}

pub(crate) fn of_product(
    conn: &Connection,
    product: &ProductId,
    into: &mut BTreeMap<ServiceId, Line>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, doc FROM line WHERE product = ?1";
    document::each(conn, "line", sql, [product.as_str()], |value| insert(into, value))
}

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<ServiceId, Line>) -> Result<(), StoreError> {
    document::each(conn, "line", "SELECT id, doc FROM line", [], |value| insert(into, value))
}

pub(crate) fn put(conn: &Connection, value: &Line) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO line (id, product, doc) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET product = excluded.product, doc = excluded.doc",
    )?
    .execute(params![value.service.as_str(), value.product.as_str(), document::write(value)?])?;
    Ok(())
}

fn insert(into: &mut BTreeMap<ServiceId, Line>, value: Line) {
    into.insert(value.service.clone(), value);
}
