//! What pipeline systems said last. May be emptied at any time.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;
use signalbox_domain::moment::Moment;

/// An answer and its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// When it was given.
    pub at: Moment,
    /// What it was.
    pub doc: Value,
}

impl Reader<'_> {
    /// Reads the last answer to a question.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn polled(&self, key: &str) -> Result<Option<Polled>, StoreError> {
        self.conn
            .prepare_cached("SELECT at, doc, key AS id FROM poll_cache WHERE key = ?1")?
            .query_row([key], |row| {
                let at = Moment::from_millis(row.get(0)?);
                Ok(document::read("poll_cache", row).map(|doc| Polled { at, doc }))
            })
            .optional()?
            .transpose()
    }
}

impl Writer<'_> {
    /// Keeps an answer.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_polled(&self, key: &str, polled: &Polled) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "INSERT INTO poll_cache (key, at, doc) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET at = excluded.at, doc = excluded.doc",
            )?
            .execute(params![key, polled.at.millis(), document::write(&polled.doc)?])?;
        Ok(())
    }

    /// Empties the cache.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn clear_polled(&self) -> Result<(), StoreError> {
        self.conn.execute("DELETE FROM poll_cache", [])?;
        Ok(())
    }
}
