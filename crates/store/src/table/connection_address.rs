//! Where connections are found from this machine.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::params;
use serde_json::Value;
use signalbox_domain::id::ConnectionId;

impl Reader<'_> {
    /// Reads where a connection is found.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn connection_address(&self, connection: &ConnectionId) -> Result<Option<Value>, StoreError> {
        document::one(
            self.conn,
            "connection_address",
            "SELECT connection AS id, doc FROM connection_address WHERE connection = ?1",
            [connection.as_str()],
        )
    }
}

impl Writer<'_> {
    /// Writes where a connection is found.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_connection_address(
        &self,
        connection: &ConnectionId,
        address: &Value,
    ) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "INSERT INTO connection_address (connection, doc) VALUES (?1, ?2)
                 ON CONFLICT (connection) DO UPDATE SET doc = excluded.doc",
            )?
            .execute(params![connection.as_str(), document::write(address)?])?;
        Ok(())
    }
}
