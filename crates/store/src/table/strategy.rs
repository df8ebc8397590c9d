//! Strategy versions.

use super::document;
use crate::error::StoreError;
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::id::ProductId;
use signalbox_domain::strategy::Strategy;
use std::collections::BTreeMap;

impl Reader<'_> {
    /// Reads every version of a product's strategy, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn strategies(&self, product: &ProductId) -> Result<Vec<Strategy>, StoreError> {
        let mut found = Vec::new();
        document::each(
            self.conn,
            "strategy",
            "SELECT product || ' v' || version AS id, doc FROM strategy WHERE product = ?1 ORDER BY version DESC",
            [product.as_str()],
            |value| found.push(value),
        )?;
        Ok(found)
    }
}

pub(crate) fn get(
    conn: &Connection,
    product: &ProductId,
    version: u32,
) -> Result<Option<Strategy>, StoreError> {
    document::one(
        conn,
        "strategy",
        "SELECT product || ' v' || version AS id, doc FROM strategy WHERE product = ?1 AND version = ?2",
        params![product.as_str(), version],
    )
}

pub(crate) fn all(
    conn: &Connection,
    into: &mut BTreeMap<(ProductId, u32), Strategy>,
) -> Result<(), StoreError> {
    let sql = "SELECT product || ' v' || version AS id, doc FROM strategy";
    document::each(conn, "strategy", sql, [], |value: Strategy| {
        into.insert((value.product.clone(), value.version), value);
    })
}

pub(crate) fn put(conn: &Connection, value: &Strategy) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO strategy (product, version, doc) VALUES (?1, ?2, ?3)
         ON CONFLICT (product, version) DO UPDATE SET doc = excluded.doc",
    )?
    .execute(params![value.product.as_str(), value.version, document::write(value)?])?;
    Ok(())
}
