//! Builds.

use super::document;
use crate::error::StoreError;
use crate::page::{Conditions, Page};
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::id::{BuildId, ProductId, ServiceId};
use signalbox_domain::line::Build;
use std::collections::BTreeMap;

impl Reader<'_> {
    /// Reads one build.
    ///
    /// # Errors
    /// When the database cannot be read or the document is damaged.
    pub fn build(&self, id: &BuildId) -> Result<Option<Build>, StoreError> {
        get(self.conn, id)
    }

    /// Finds a build of a service by its label.
    ///
    /// # Errors
    /// When the database cannot be read or the document is damaged.
    pub fn build_labelled(&self, service: &ServiceId, label: &str) -> Result<Option<Build>, StoreError> {
        document::one(
            self.conn,
            "build",
            "SELECT id, doc FROM build WHERE service = ?1 AND label = ?2 ORDER BY number DESC LIMIT 1",
            params![service.as_str(), label],
        )
    }

    /// Lists the builds of a service, the newest first; `before` is the number of the last one shown.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn builds(
        &self,
        service: &ServiceId,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Page<Build, u32>, StoreError> {
        let mut query = Conditions::new("SELECT id, doc FROM build WHERE 1 = 1");
        query.and("service = ?", service.as_str().to_owned());
        query.and_some("number < ?", before);
        query.page(self.conn, " ORDER BY number DESC", limit, |row| {
            let build: Build = document::read("build", row)?;
            Ok((build.number, build))
        })
    }
}

pub(crate) fn get(conn: &Connection, id: &BuildId) -> Result<Option<Build>, StoreError> {
    document::one(conn, "build", "SELECT id, doc FROM build WHERE id = ?1", [id.as_str()])
}

pub(crate) fn live(
    conn: &Connection,
    product: &ProductId,
    into: &mut BTreeMap<BuildId, Build>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, doc FROM build WHERE product = ?1 AND live = 1";
    document::each(conn, "build", sql, [product.as_str()], |value| insert(into, value))
}

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<BuildId, Build>) -> Result<(), StoreError> {
    document::each(conn, "build", "SELECT id, doc FROM build", [], |value| insert(into, value))
}

pub(crate) fn put(conn: &Connection, value: &Build) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO build (id, product, service, number, label, live, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET product = excluded.product, service = excluded.service,
             number = excluded.number, label = excluded.label, live = excluded.live, doc = excluded.doc",
    )?
    .execute(params![
        value.id.as_str(),
        value.product.as_str(),
        value.service.as_str(),
        value.number,
        value.content.label,
        value.live,
        document::write(value)?,
    ])?;
    Ok(())
}

fn insert(into: &mut BTreeMap<BuildId, Build>, value: Build) {
    into.insert(value.id.clone(), value);
}
