//! Packets as they were shown, until they are signed or forgotten.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::params;
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::Packet;
use signalbox_ledger::Hash;

impl Reader<'_> {
    /// Reads a packet that was shown.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn shown_packet(&self, digest: &Hash) -> Result<Option<Packet>, StoreError> {
        document::one(
            self.conn,
            "shown_packet",
            "SELECT digest AS id, packet AS doc FROM shown_packet WHERE digest = ?1",
            [digest.to_string()],
        )
    }
}

impl Writer<'_> {
    /// Remembers a packet as it is shown.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_packet(&self, digest: &Hash, packet: &Packet, at: Moment) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "INSERT INTO shown_packet (digest, packet, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (digest) DO UPDATE SET at = excluded.at",
            )?
            .execute(params![digest.to_string(), document::write(packet)?, at.millis()])?;
        Ok(())
    }

    /// Forgets packets that were shown before a time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget_packets(&self, before: Moment) -> Result<(), StoreError> {
        self.conn.prepare_cached("DELETE FROM shown_packet WHERE at < ?1")?.execute([before.millis()])?;
        Ok(())
    }
}
