//! The floor that a durable act is measured against: a bare insert of the same bytes with the same settings.

use crate::error::StoreError;
use crate::sqlite;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// A database with nothing in it but rows of bytes.
#[derive(Debug)]
pub struct Floor {
    conn: Connection,
}

impl Floor {
    /// Makes the database.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let conn = sqlite::open_plain(path)?;
        sqlite::configure(&conn)?;
        conn.execute_batch("CREATE TABLE floor (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
        Ok(Self { conn })
    }

    /// Inserts a row durably.
    ///
    /// # Errors
    /// When the row cannot be written.
    pub fn insert(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.prepare_cached("INSERT INTO floor (bytes) VALUES (?1)")?.execute([bytes])?;
        Ok(transaction.commit()?)
    }

    /// Copies the write-ahead log into the file, as the store does between acts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }
}
