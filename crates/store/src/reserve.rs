//! The reserve: a file of 1 MiB beside the database that is given up when the disk is full.
//!
//! A database in WAL mode needs room even to be read. The room that the reserve gives back is for that and for
//! a checkpoint; acts wait until the reserve could be made again.

use crate::error::{StoreError, is_full};
use rusqlite::ErrorCode;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const SIZE: usize = 1 << 20;

#[derive(Debug)]
pub(crate) struct Reserve {
    database: PathBuf,
    file: PathBuf,
}

impl Reserve {
    pub(crate) fn beside(database: &Path) -> Self {
        Self { database: database.to_owned(), file: with_suffix(database, "-reserve") }
    }

    /// Makes the reserve unless it is there.
    pub(crate) fn hold(&self) -> Result<(), StoreError> {
        if fs::metadata(&self.file).is_ok_and(|found| found.len() == SIZE as u64) {
            return Ok(());
        }
        fill(&self.file, 0).map_err(|error| {
            // A part of a reserve only takes room away.
            let _ = fs::remove_file(&self.file);
            StoreError::io(&self.database, &error)
        })
    }

    /// Gives the reserve up; says whether there was one.
    pub(crate) fn release(&self) -> bool {
        fs::remove_file(&self.file).is_ok()
    }

    /// Names the file in an error, and finds out whether a vague error means that there is no room.
    pub(crate) fn explain(&self, error: StoreError) -> StoreError {
        let path = self.database.clone();
        match error {
            StoreError::DiskFull { .. } => StoreError::DiskFull { path },
            StoreError::Foreign { .. } => StoreError::Foreign { path },
            StoreError::Access { .. } if self.is_full() => StoreError::DiskFull { path },
            StoreError::Access { path: named, reason } if named.as_os_str().is_empty() => {
                StoreError::Access { path, reason }
            }
            StoreError::Sqlite(error)
                if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && self.is_full() =>
            {
                StoreError::DiskFull { path }
            }
            other => other,
        }
    }

    fn is_full(&self) -> bool {
        // As long as the longest file, for file systems and accounts that limit the length of a file.
        let longest = [self.database.clone(), with_suffix(&self.database, "-wal")]
            .iter()
            .filter_map(|file| fs::metadata(file).ok())
            .map(|found| found.len())
            .max();
        let probe = with_suffix(&self.database, "-probe");
        let full = fill(&probe, longest.unwrap_or(0)).is_err_and(|error| is_full(&error));
        let _ = fs::remove_file(&probe);
        full
    }
}

/// The file's name with something appended to it.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Fills a file from a place on with bytes that no file system can store in less room.
fn fill(path: &Path, from: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(SIZE);
    while bytes.len() < SIZE {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    file.write_all(&bytes)?;
    file.sync_all()
}
