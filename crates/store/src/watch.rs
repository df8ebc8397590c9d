//! Tells whether anyone, in this process or another, changed the database.

use crate::error::StoreError;
use crate::sqlite;
use crate::store::Store;
use rusqlite::Connection;

/// Notices commits of every other connection, those of other processes included.
#[derive(Debug)]
pub struct Watcher {
    conn: Connection,
    seen: i64,
}

impl Store {
    /// Starts to watch for changes.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn watcher(&self) -> Result<Watcher, StoreError> {
        let conn = sqlite::open_reader(self.path()).map_err(|error| self.explain(error))?;
        let seen = version(&conn)?;
        Ok(Watcher { conn, seen })
    }
}

impl Watcher {
    /// Says whether the database changed since the last call; costs next to nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changed(&mut self) -> Result<bool, StoreError> {
        let now = version(&self.conn)?;
        let changed = now != self.seen;
        self.seen = now;
        Ok(changed)
    }
}

fn version(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}
