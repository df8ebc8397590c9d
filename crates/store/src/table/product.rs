//! Products.

use super::document;
use crate::error::StoreError;
use rusqlite::{Connection, params};
use signalbox_domain::id::ProductId;
use signalbox_domain::product::Product;
use std::collections::BTreeMap;

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<ProductId, Product>) -> Result<(), StoreError> {
    document::each(conn, "product", "SELECT id, doc FROM product", [], |value: Product| {
        into.insert(value.id.clone(), value);
    })
}

pub(crate) fn put(conn: &Connection, value: &Product) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO product (id, key, doc) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET key = excluded.key, doc = excluded.doc",
    )?
    .execute(params![value.id.as_str(), value.key, document::write(value)?])?;
    Ok(())
}
