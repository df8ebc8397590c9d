//! Settings of this machine.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Reader<'_> {
    /// Reads a setting.
    ///
    /// # Errors
    /// When the database cannot be read or the setting has another type.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        document::one(self.conn, "setting", "SELECT key AS id, doc FROM setting WHERE key = ?1", [key])
    }
}

impl Writer<'_> {
    /// Writes a setting.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_setting<T: Serialize>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "INSERT INTO setting (key, doc) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET doc = excluded.doc",
            )?
            .execute(params![key, document::write(value)?])?;
        Ok(())
    }

    /// Forgets a setting.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_setting(&self, key: &str) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM setting WHERE key = ?1")?.execute([key])?;
        Ok(())
    }
}
