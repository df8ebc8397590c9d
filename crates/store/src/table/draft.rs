//! What a person has begun to write and not yet signed.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;
use signalbox_domain::moment::Moment;

/// Something begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The id.
    pub id: String,
    /// What it will become, for example `issue`.
    pub kind: String,
    /// When it was changed last.
    pub at: Moment,
    /// What is written so far.
    pub doc: Value,
}

impl Reader<'_> {
    /// Reads one draft.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn draft(&self, id: &str) -> Result<Option<Draft>, StoreError> {
        self.conn
            .prepare_cached("SELECT id, kind, at, doc FROM draft WHERE id = ?1")?
            .query_row([id], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Lists the drafts of a kind, the one changed last first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn drafts(&self, kind: &str) -> Result<Vec<Draft>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT id, kind, at, doc FROM draft WHERE kind = ?1 ORDER BY at DESC, id")?;
        let mut rows = statement.query([kind])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }
}

impl Writer<'_> {
    /// Writes a draft.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_draft(&self, draft: &Draft) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "INSERT INTO draft (id, kind, at, doc) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, at = excluded.at, doc = excluded.doc",
            )?
            .execute(params![draft.id, draft.kind, draft.at.millis(), document::write(&draft.doc)?])?;
        Ok(())
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove_draft(&self, id: &str) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM draft WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<Draft, StoreError> {
    Ok(Draft {
        id: row.get(0)?,
        kind: row.get(1)?,
        at: Moment::from_millis(row.get(2)?),
        doc: document::read("draft", row)?,
    })
}
