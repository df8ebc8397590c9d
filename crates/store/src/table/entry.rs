//! Entries as they were signed. Only ever added.

use crate::error::StoreError;
use crate::readers::Reader;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signalbox_domain::id::EntryId;
use signalbox_ledger::{Entry, Record};
use std::collections::VecDeque;
use std::ops::Range;

/// How many records are read at a time.
const RECORDS: u32 = 256;

/// An entry and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The index of its leaf.
    pub seq: u64,
    /// Its bytes.
    pub entry: Entry,
}

/// The stored bytes from one place on, for the verifier and for exports; a few at a time are in memory.
#[derive(Debug)]
pub struct Records<'c> {
    conn: &'c Connection,
    read: VecDeque<Record>,
    next: u64,
    over: bool,
}

impl<'c> Reader<'c> {
    /// Reads the stored bytes from one place on, in order.
    pub fn records(&self, from: u64) -> Records<'c> {
        Records { conn: self.conn, read: VecDeque::new(), next: from, over: false }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.is_empty() && !self.over {
            match read_records(self.conn, self.next) {
                Ok(read) => {
                    self.over = read.len() < RECORDS as usize;
                    self.next = read.back().map_or(self.next, |last| last.seq + 1);
                    self.read = read;
                }
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        self.read.pop_front().map(Ok)
    }
}

impl Reader<'_> {
    /// Reads one entry by its place.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entry(&self, seq: u64) -> Result<Option<StoredEntry>, StoreError> {
        let sql = "SELECT seq, header, signature, payload FROM entry WHERE seq = ?1";
        Ok(self.conn.prepare_cached(sql)?.query_row([seq], read).optional()?)
    }

    /// Reads one entry by its id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entry_called(&self, id: &EntryId) -> Result<Option<StoredEntry>, StoreError> {
        let sql = "SELECT seq, header, signature, payload FROM entry WHERE id = ?1";
        Ok(self.conn.prepare_cached(sql)?.query_row([id.as_str()], read).optional()?)
    }

    /// Hands the entries of a range to `take`, in order and one at a time; stops at its first error.
    ///
    /// # Errors
    /// When the database cannot be read, or what `take` returns.
    pub fn each_entry<E: From<StoreError>>(
        &self,
        range: Range<u64>,
        take: impl FnMut(StoredEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        each(self.conn, range, take)
    }
}

pub(crate) fn each<E: From<StoreError>>(
    conn: &Connection,
    range: Range<u64>,
    mut take: impl FnMut(StoredEntry) -> Result<(), E>,
) -> Result<(), E> {
    let end = i64::try_from(range.end).unwrap_or(i64::MAX);
    let start = i64::try_from(range.start).unwrap_or(i64::MAX);
    let mut statement = conn
        .prepare_cached(
            "SELECT seq, header, signature, payload FROM entry WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
        )
        .map_err(StoreError::from)?;
    let mut rows = statement.query(params![start, end]).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        take(read(row).map_err(StoreError::from)?)?;
    }
    Ok(())
}

pub(crate) fn append(conn: &Connection, seq: u64, id: &str, entry: &Entry) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO entry (seq, id, header, signature, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![seq, id, entry.header, entry.signature, entry.payload])
    .map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            StoreError::EntryRefused { reason: format!("the id {id} is taken") }
        }
        _ => error.into(),
    })?;
    Ok(())
}

/// The last entry's place, if there is one.
pub(crate) fn last(conn: &Connection) -> Result<Option<u64>, StoreError> {
    Ok(conn.prepare_cached("SELECT max(seq) FROM entry")?.query_row([], |row| row.get(0))?)
}

/// Reads some records; a leaf that is missing from the tree is empty, for the verifier to find.
fn read_records(conn: &Connection, from: u64) -> Result<VecDeque<Record>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT e.seq, e.header, e.payload, e.signature, coalesce(t.hash, x'')
         FROM entry AS e LEFT JOIN tree AS t ON t.level = 0 AND t.position = e.seq
         WHERE e.seq >= ?1 ORDER BY e.seq LIMIT ?2",
    )?;
    let rows = statement.query_map(params![from, RECORDS], |row| {
        Ok(Record {
            seq: row.get(0)?,
            header: row.get(1)?,
            payload: row.get(2)?,
            signature: row.get(3)?,
            leaf: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    Ok(StoredEntry {
        seq: row.get(0)?,
        entry: Entry { header: row.get(1)?, signature: row.get(2)?, payload: row.get(3)? },
    })
}
