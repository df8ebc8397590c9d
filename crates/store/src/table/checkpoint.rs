//! Signed checkpoints that were made or verified here.

use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::{OptionalExtension, params};
use signalbox_domain::moment::Moment;

/// A signed checkpoint that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When it was made or verified here.
    pub at: Moment,
}

impl Reader<'_> {
    /// Reads the checkpoint that covers the most entries.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn latest_checkpoint(&self) -> Result<Option<KeptCheckpoint>, StoreError> {
        let sql = "SELECT size, note, at FROM checkpoint ORDER BY size DESC, at DESC LIMIT 1";
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row([], |row| {
                Ok(KeptCheckpoint {
                    size: row.get(0)?,
                    note: row.get(1)?,
                    at: Moment::from_millis(row.get(2)?),
                })
            })
            .optional()?)
    }
}

impl Writer<'_> {
    /// Keeps a checkpoint.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_checkpoint(&self, checkpoint: &KeptCheckpoint) -> Result<(), StoreError> {
        self.conn
            .prepare_cached("INSERT OR IGNORE INTO checkpoint (size, note, at) VALUES (?1, ?2, ?3)")?
            .execute(params![checkpoint.size, checkpoint.note, checkpoint.at.millis()])?;
        Ok(())
    }
}
