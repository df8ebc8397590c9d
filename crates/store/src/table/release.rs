//! Releases, and the text of their plans.

use super::document;
use crate::error::StoreError;
use crate::page::{Conditions, Cursor, Page, text_query};
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::id::{ProductId, ReleaseId};
use signalbox_domain::release::Release;
use std::collections::BTreeMap;

/// Which releases to list; what is not set does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseFilter {
    /// Of this product.
    pub product: Option<ProductId>,
    /// Only those that are not finished, or only those that are.
    pub open: Option<bool>,
    /// Words of the name, the plan's sections or its steps.
    pub text: String,
}

impl Reader<'_> {
    /// Reads one release.
    ///
    /// # Errors
    /// When the database cannot be read or the document is damaged.
    pub fn release(&self, id: &ReleaseId) -> Result<Option<Release>, StoreError> {
        get(self.conn, id)
    }

    /// Lists releases, the latest created first.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn releases(
        &self,
        filter: &ReleaseFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Release>, StoreError> {
        let mut query = Conditions::new("SELECT id, doc FROM release WHERE 1 = 1");
        query.and_some("product = ?", filter.product.as_ref().map(ToString::to_string));
        query.and_some("open = ?", filter.open);
        query.and_some(
            "row IN (SELECT rowid FROM release_text WHERE release_text MATCH ?)",
            text_query(&filter.text),
        );
        query.after("(at, id) < (?, ?)", after);
        query.page(self.conn, " ORDER BY at DESC, id DESC", limit, |row| {
            let release: Release = document::read("release", row)?;
            Ok((Cursor { at: release.at.millis(), id: release.id.to_string() }, release))
        })
    }
}

pub(crate) fn get(conn: &Connection, id: &ReleaseId) -> Result<Option<Release>, StoreError> {
    document::one(conn, "release", "SELECT id, doc FROM release WHERE id = ?1", [id.as_str()])
}

pub(crate) fn open(
    conn: &Connection,
    product: &ProductId,
    into: &mut BTreeMap<ReleaseId, Release>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, doc FROM release WHERE product = ?1 AND open = 1";
    document::each(conn, "release", sql, [product.as_str()], |value| insert(into, value))
}

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<ReleaseId, Release>) -> Result<(), StoreError> {
    document::each(conn, "release", "SELECT id, doc FROM release", [], |value| insert(into, value))
}

pub(crate) fn put(conn: &Connection, value: &Release) -> Result<(), StoreError> {
    let row: i64 = conn
        .prepare_cached(
            "INSERT INTO release (id, product, open, at, doc) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET product = excluded.product, open = excluded.open,
                 at = excluded.at, doc = excluded.doc
             RETURNING row",
        )?
        .query_row(
            params![
                value.id.as_str(),
                value.product.as_str(),
                value.finished.is_none(),
                value.at.millis(),
                document::write(value)?,
            ],
            |row| row.get(0),
        )?;
    let sections: Vec<&str> =
        value.sections.iter().map(|section| section.text.as_str()).filter(|text| !text.is_empty()).collect();
    let steps: Vec<&str> = value.steps.iter().map(|step| step.title.as_str()).collect();
    conn.prepare_cached("DELETE FROM release_text WHERE rowid = ?1")?.execute([row])?;
    conn.prepare_cached("INSERT INTO release_text (rowid, name, sections, steps) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row, value.name, sections.join("\n"), steps.join("\n")])?;
    Ok(())
}

fn insert(into: &mut BTreeMap<ReleaseId, Release>, value: Release) {
    into.insert(value.id.clone(), value);
}
