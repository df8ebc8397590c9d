//! What the store is measured against: bare statements with the same settings.
//!
//! A durable act's floor is an insert of the same bytes; a query's floor is reading as many documents.

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

/// Reads documents of a store's file, and makes nothing of them.
#[derive(Debug)]
pub struct BareReader {
    conn: Connection,
}

impl BareReader {
    /// Opens a store's file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { conn: sqlite::open_reader(path)? })
    }

    /// Reads the documents of so many builds, the newest first; answers their length in bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn documents(&self, count: u64) -> Result<usize, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM build ORDER BY rowid DESC LIMIT ?1")?;
        let mut rows = statement.query([count])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += row.get::<_, String>(0)?.len();
        }
        Ok(bytes)
    }
}
