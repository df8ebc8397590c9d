//! The two handles: one that reads a consistent view, one that writes this machine's own tables.

use crate::error::StoreError;
use crate::sqlite;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

/// Reads one consistent view of the database. Its methods stand beside the table that they read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'c> {
    pub(crate) conn: &'c Connection,
}

/// Writes the tables that are not in the ledger, within one transaction. Its methods stand beside the table
/// that they write.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'c> {
    pub(crate) conn: &'c Connection,
}

impl<'c> Writer<'c> {
    /// Reads what this transaction sees, its own writes included.
    pub fn reader(&self) -> Reader<'c> {
        Reader { conn: self.conn }
    }
}

/// A few connections that read beside the writer.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    most: usize,
    state: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Readers {
    pub(crate) fn new(path: &Path, most: usize) -> Self {
        Self { path: path.to_owned(), most: most.max(1), state: Mutex::default(), returned: Condvar::new() }
    }

    /// Lends a connection in a transaction of its own; waits while all are lent.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let lent = self.lend()?;
        let conn = lent.conn()?;
        let view = conn.unchecked_transaction().map_err(StoreError::from)?;
        let answer = question(Reader { conn: &view })?;
        view.finish().map_err(StoreError::from)?;
        Ok(answer)
    }

    /// Closes the connections that nobody uses.
    pub(crate) fn close_idle(&self) {
        let mut pool = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        pool.open -= pool.idle.len();
        pool.idle.clear();
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let mut pool = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(conn) = pool.idle.pop() {
                return Ok(Lent { readers: self, conn: Some(conn) });
            }
            if pool.open < self.most {
                pool.open += 1;
                break;
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        drop(pool);
        // From here on the place in the pool is given back by dropping, also when opening fails.
        let mut lent = Lent { readers: self, conn: None };
        lent.conn = Some(sqlite::open_reader(&self.path)?);
        Ok(lent)
    }
}

struct Lent<'r> {
    readers: &'r Readers,
    conn: Option<Connection>,
}

impl Lent<'_> {
    fn conn(&self) -> Result<&Connection, StoreError> {
        self.conn.as_ref().ok_or(StoreError::Busy)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.conn.take() {
            Some(conn) => pool.idle.push(conn),
            None => pool.open -= 1,
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}
