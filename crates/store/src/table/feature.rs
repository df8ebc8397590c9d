//! Features, and the text they are searched by.

use super::document;
use crate::error::StoreError;
use crate::page::{Conditions, Cursor, Page, text_query};
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::feature::{Feature, FeatureState};
use signalbox_domain::id::{FeatureKey, ProductId};
use std::collections::BTreeMap;

/// Which features to list; what is not set does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeatureFilter {
    /// Of this product.
    pub product: Option<ProductId>,
    /// In this state.
    pub state: Option<FeatureState>,
    /// Words of the key or the title.
    pub text: String,
}

impl Reader<'_> {
    /// Reads one feature.
    ///
    /// # Errors
    /// When the database cannot be read or the document is damaged.
    pub fn feature(&self, key: &FeatureKey) -> Result<Option<Feature>, StoreError> {
        get(self.conn, key)
    }

    /// Lists features, the one that moved last first.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn features(
        &self,
        filter: &FeatureFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Feature>, StoreError> {
        let mut query = Conditions::new("SELECT id, doc FROM feature WHERE 1 = 1");
        query.and_some("product = ?", filter.product.as_ref().map(ToString::to_string));
        query.and_some("state = ?", filter.state.map(|state| state.name().to_owned()));
        query.and_some(
            "row IN (SELECT rowid FROM feature_text WHERE feature_text MATCH ?)",
            text_query(&filter.text),
        );
        query.after("(since, id) < (?, ?)", after);
        query.page(self.conn, " ORDER BY since DESC, id DESC", limit, |row| {
            let feature: Feature = document::read("feature", row)?;
            Ok((Cursor { at: since(&feature), id: feature.key.to_string() }, feature))
        })
    }
}

pub(crate) fn get(conn: &Connection, key: &FeatureKey) -> Result<Option<Feature>, StoreError> {
    document::one(conn, "feature", "SELECT id, doc FROM feature WHERE id = ?1", [key.as_str()])
}

pub(crate) fn open(
    conn: &Connection,
    product: &ProductId,
    into: &mut BTreeMap<FeatureKey, Feature>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, doc FROM feature WHERE product = ?1 AND open = 1";
    document::each(conn, "feature", sql, [product.as_str()], |value| insert(into, value))
}

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<FeatureKey, Feature>) -> Result<(), StoreError> {
    document::each(conn, "feature", "SELECT id, doc FROM feature", [], |value| insert(into, value))
}

pub(crate) fn put(conn: &Connection, value: &Feature) -> Result<(), StoreError> {
    let state = value.state();
    let row: i64 = conn
        .prepare_cached(
            "INSERT INTO feature (id, product, state, open, since, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET product = excluded.product, state = excluded.state,
                 open = excluded.open, since = excluded.since, doc = excluded.doc
             RETURNING row",
        )?
        .query_row(
            params![
                value.key.as_str(),
                value.product.as_str(),
                state.name(),
                state != FeatureState::InProduction,
                since(value),
                document::write(value)?,
            ],
            |row| row.get(0),
        )?;
    conn.prepare_cached("DELETE FROM feature_text WHERE rowid = ?1")?.execute([row])?;
    conn.prepare_cached("INSERT INTO feature_text (rowid, key, title) VALUES (?1, ?2, ?3)")?
        .execute(params![row, value.key.as_str(), value.title])?;
    Ok(())
}

fn since(feature: &Feature) -> i64 {
    feature.history.last().map_or(0, |step| step.at.millis())
}

fn insert(into: &mut BTreeMap<FeatureKey, Feature>, value: Feature) {
    into.insert(value.key.clone(), value);
}
