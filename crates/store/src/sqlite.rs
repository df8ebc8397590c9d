//! Connections with the settings that durability rests on.

use crate::error::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The first version without a known fault in resetting the write-ahead log.
const OLDEST: i32 = 3_051_003;

/// How long a connection waits for another process.
const BUSY: Duration = Duration::from_millis(10_000);

/// Refuses a SQLite library with known faults.
pub(crate) fn check_engine() -> Result<(), StoreError> {
    let found = rusqlite::version_number();
    if found < OLDEST {
        return Err(StoreError::Engine {
            reason: format!("it is version {}, and 3.51.3 is the oldest that is safe", rusqlite::version()),
        });
    }
    Ok(())
}

/// Opens the file without changing it, or makes an empty one.
pub(crate) fn open_plain(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    Ok(conn)
}

/// Sets everything that a connection must have before it writes.
pub(crate) fn configure(conn: &Connection) -> Result<(), StoreError> {
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::Engine {
            reason: format!("the folder's file system does not allow a write-ahead log ({mode})"),
        });
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Automatic checkpoints swallow input and output errors, so they are off; the store makes its own.
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8000;",
    )?;
    let synchronous: i64 = conn.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    if synchronous != 2 {
        return Err(StoreError::Engine { reason: "synchronous=FULL is not in effect".to_owned() });
    }
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = open_plain(path)?;
    configure(&conn)?;
    conn.execute_batch("PRAGMA query_only = ON")?;
    Ok(conn)
}
