//! Why the store could not do something: a closed list of codes, each with a sentence and a way out.

use crate::check::Damage;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the store could not do something.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A newer program made the database what it is.
    #[error("the database has format {found}; this program knows formats up to {known}")]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format this program knows.
        known: i64,
        /// The version of the program that made it, where it can be read.
        program: Option<String>,
    },
    /// The file is something else than a Signalbox database.
    #[error("{} is not a Signalbox database", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The migrations that were applied are not the ones this program has.
    #[error("the database was not made by this program's migrations: {reason}")]
    Migration {
        /// What differs.
        reason: String,
    },
    /// There is no room on the disk.
    #[error("there is no room left on the disk that holds {}", path.display())]
    DiskFull {
        /// The database.
        path: PathBuf,
    },
    /// Another process held the database for too long.
    #[error("another process holds the database")]
    Busy,
    /// The folder or the file cannot be used.
    #[error("{} cannot be used: {reason}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The ledger is damaged, so nothing may be added.
    #[error("the ledger is damaged and is open for reading only: {0}")]
    ReadOnly(Damage),
    /// The file itself is damaged.
    #[error("the database file is damaged: {reason}")]
    Damaged {
        /// What SQLite said.
        reason: String,
    },
    /// A document of a projection cannot be read; the entries it was folded from are not affected.
    #[error("the {table} document {id} cannot be read: {reason}")]
    Projection {
        /// The table.
        table: &'static str,
        /// The document.
        id: String,
        /// Why.
        reason: String,
    },
    /// An entry was decided on another head than the one it would follow.
    #[error("the entry was decided after {decided} entries, and there are {found}")]
    HeadMoved {
        /// The size it was decided on.
        decided: u64,
        /// The size there is.
        found: u64,
    },
    /// An entry cannot be appended.
    #[error("the entry cannot be appended: {reason}")]
    EntryRefused {
        /// Why.
        reason: String,
    },
    /// The SQLite library is not one that keeps its promises.
    #[error("the SQLite library cannot be used: {reason}")]
    Engine {
        /// Why.
        reason: String,
    },
    /// A value cannot be written as JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Json(String),
    /// Anything else that SQLite reports.
    #[error("SQLite: {0}")]
    Sqlite(rusqlite::Error),
}

impl StoreError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "store.newer",
            Self::Foreign { .. } => "store.foreign",
            Self::Migration { .. } => "store.migration",
            Self::DiskFull { .. } => "store.disk-full",
            Self::Busy => "store.busy",
            Self::Access { .. } => "store.access",
            Self::ReadOnly(_) => "store.read-only",
            Self::Damaged { .. } => "store.damaged",
            Self::Projection { .. } => "store.projection-damaged",
            Self::HeadMoved { .. } => "store.head-moved",
            Self::EntryRefused { .. } => "store.entry-refused",
            Self::Engine { .. } => "store.engine",
            Self::Json(_) => "store.json",
            Self::Sqlite(_) => "store.sqlite",
        }
    }

    /// What happened, for a person.
    pub fn sentence(&self) -> String {
        match self {
            Self::Newer { program: Some(program), .. } => {
                format!(
                    "This database was last opened by Signalbox {program}, which is newer than this program."
                )
            }
            Self::Newer { .. } => "This database belongs to a newer Signalbox than this program.".to_owned(),
            Self::Foreign { path } => format!("{} is not a Signalbox database.", path.display()),
            Self::Migration { .. } => "This database was not made by the program you are running.".to_owned(),
            Self::DiskFull { path } => {
                format!("The disk that holds {} is full. Nothing was changed.", path.display())
            }
            Self::Busy => "Another Signalbox on this machine is busy with the same database.".to_owned(),
            Self::Access { path, reason } => format!("{} cannot be used: {reason}.", path.display()),
            Self::ReadOnly(damage) => format!("The ledger is damaged, so nothing can be added: {damage}."),
            Self::Damaged { .. } => "The database file is damaged.".to_owned(),
            Self::Projection { .. } => {
                "A derived table is damaged. The ledger itself is not affected.".to_owned()
            }
            Self::HeadMoved { .. } => "Someone else was faster: the ledger has grown meanwhile.".to_owned(),
            Self::EntryRefused { reason } => format!("The entry cannot be added: {reason}."),
            Self::Engine { reason } => format!("The SQLite library cannot be used: {reason}."),
            Self::Json(_) | Self::Sqlite(_) => "The database did not do what it should.".to_owned(),
        }
    }

    /// What would resolve it, for a person.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "Install the newer Signalbox and open it again.",
            Self::Foreign { .. } => "Choose another file, or a folder without a database.",
            Self::Migration { .. } => "Open it with the program that made it, or restore a back-up copy.",
            Self::DiskFull { .. } => "Make room on the disk and repeat the act.",
            Self::Busy => "Wait a moment and repeat the act.",
            Self::Access { .. } => "Check that the folder exists and that you may write to it.",
            Self::ReadOnly(_) => "Verify the ledger to see every finding, then restore a back-up copy.",
            Self::Damaged { .. } => "Restore a back-up copy; everything readable can still be exported.",
            Self::Projection { .. } => "Repeat it: the table is folded again from the ledger.",
            Self::HeadMoved { .. } => "Look at what is new and decide again.",
            Self::EntryRefused { .. } | Self::Json(_) => "Report this with the log; nothing was changed.",
            Self::Engine { .. } => "Install Signalbox from its own package.",
            Self::Sqlite(_) => "Repeat it; if it happens again, check the database.",
        }
    }

    /// Says whether the same act may work later without a change.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Busy | Self::HeadMoved { .. } | Self::Projection { .. })
    }

    /// Reads an input or output error on a file.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        if is_full(error) {
            return Self::DiskFull { path: path.to_owned() };
        }
        Self::Access { path: path.to_owned(), reason: error.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        known(&error).unwrap_or(Self::Sqlite(error))
    }
}

/// The errors of SQLite that someone acts on. Paths are filled in where the database is known.
pub(crate) fn known(error: &rusqlite::Error) -> Option<StoreError> {
    let path = PathBuf::new();
    Some(match error.sqlite_error_code()? {
        ErrorCode::DiskFull => StoreError::DiskFull { path },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DatabaseCorrupt => StoreError::Damaged { reason: error.to_string() },
        ErrorCode::NotADatabase => StoreError::Foreign { path },
        ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
            StoreError::Access { path, reason: error.to_string() }
        }
        _ => return None,
    })
}

/// Says whether an input or output error means that there is no room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
