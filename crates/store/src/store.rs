//! One database file: opened, written by one connection, read by a few others.

use crate::check::{self, Damage};
use crate::error::StoreError;
use crate::readers::{Reader, Readers, Writer};
use crate::reserve::Reserve;
use crate::{migrate, rebuild, sqlite};
use rusqlite::{Connection, TransactionBehavior};
use signalbox_domain::moment::Moment;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// After so many acts the write-ahead log is copied into the file.
const ACTS_BETWEEN_CHECKPOINTS: u32 = 250;

/// What the store must be told when it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// The version of the program.
    pub program: String,
    /// The present time.
    pub now: Moment,
    /// How many connections may read at once.
    pub readers: usize,
}

impl OpenOptions {
    /// Options with the usual number of readers.
    pub fn new(program: impl Into<String>, now: Moment) -> Self {
        Self { program: program.into(), now, readers: 4 }
    }
}

/// What happened when the database was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// It is a new database.
    pub created: bool,
    /// The copy that was taken before an upgrade.
    pub backup: Option<PathBuf>,
    /// The projections were folded again.
    pub rebuilt: bool,
    /// There is no room on the disk: everything can be read, acts are refused until there is.
    pub disk_full: bool,
}

/// One database file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    pen: Mutex<Connection>,
    readers: Readers,
    reserve: Reserve,
    damage: RwLock<Option<Damage>>,
    acts: AtomicU32,
    opened: Opened,
}

impl Store {
    /// Opens a database, or makes a new one in an existing folder.
    ///
    /// An older format is upgraded after a copy was taken. Projections that are behind are folded again. Damage
    /// that is found in the ledger leaves the database open for reading only.
    ///
    /// # Errors
    /// When the database is newer than the program, is something else, or cannot be opened.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        sqlite::check_engine()?;
        let reserve = Reserve::beside(path);
        let first = Self::open_once(path, options).map_err(|error| reserve.explain(error));
        match first {
            Err(StoreError::DiskFull { .. }) if reserve.release() => {
                Self::open_once(path, options).map_err(|error| reserve.explain(error))
            }
            other => other,
        }
    }

    fn open_once(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        let mut conn = sqlite::open_plain(path)?;
        let format = migrate::inspect(&conn, path)?;
        sqlite::configure(&conn)?;
        let mut opened = Opened { created: format.is_new(), ..Opened::default() };
        if !format.is_current() {
            opened.backup = migrate::upgrade(&mut conn, path, options)?;
        }
        let reserve = Reserve::beside(path);
        // What the log holds is durable already, so a copy that fails here can be made later.
        if let Err(error) = copy_log(&conn, "PASSIVE") {
            tracing::warn!(%error, "the write-ahead log could not be copied");
        }
        match reserve.hold() {
            Err(StoreError::DiskFull { .. }) => opened.disk_full = true,
            held => held?,
        }
        let damage = check::tail(&conn)?;
        if damage.is_none() && !rebuild::is_current(&conn)? {
            let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have been faster.
            if !rebuild::is_current(&transaction)? {
                rebuild::fold(&transaction)?;
                opened.rebuilt = true;
            }
            transaction.commit()?;
        }
        Ok(Self {
            path: path.to_owned(),
            pen: Mutex::new(conn),
            readers: Readers::new(path, options.readers),
            reserve,
            damage: RwLock::new(damage),
            acts: AtomicU32::new(0),
            opened,
        })
    }

    /// What happened when the database was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The damage in the ledger that keeps acts from being added, if any is known.
    pub fn damage(&self) -> Option<Damage> {
        self.damage.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads one consistent view. The question is asked a second time if a projection had to be folded again.
    ///
    /// # Errors
    /// What the question returns, or why the database cannot be read.
    pub fn read<T>(
        &self,
        mut question: impl FnMut(Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let answer = match self.readers.read(&mut question) {
            Err(StoreError::Projection { table, id, reason }) if self.damage().is_none() => {
                tracing::warn!(table, id, reason, "a projection is damaged and is folded again");
                self.rebuild()?;
                self.readers.read(&mut question)
            }
            other => other,
        };
        answer.map_err(|error| self.relieve(error))
    }

    /// Writes this machine's own tables, in one transaction.
    ///
    /// # Errors
    /// What the caller returns, or why the database cannot be written; nothing changed then.
    pub fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.reserve.hold()?;
        let mut pen = self.pen();
        let begun = pen.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| self.explain(error.into()))?;
        let value = change(Writer { conn: &transaction })?;
        let committed = transaction.commit();
        drop(pen);
        committed.map_err(|error| self.relieve(error.into()))?;
        Ok(value)
    }

    /// Copies the write-ahead log into the file and empties it; says whether readers left it time to finish.
    ///
    /// # Errors
    /// When the file cannot be written. Nothing is lost: what was acknowledged stays in the log.
    pub fn checkpoint(&self) -> Result<bool, StoreError> {
        let copied = copy_log(&self.pen(), "TRUNCATE");
        if !matches!(copied, Err(StoreError::DiskFull { .. })) {
            return copied.map_err(|error| self.explain(error));
        }
        if !self.reserve.release() {
            return copied.map_err(|error| self.explain(error));
        }
        // The reserve's room may be just what the copy needs; afterwards the log's room is free.
        copy_log(&self.pen(), "TRUNCATE").map_err(|error| self.explain(error))
    }

    /// Copies the whole database into a new file.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        let source = sqlite::open_reader(&self.path)?;
        migrate::back_up(&source, to).map_err(|error| Reserve::beside(to).explain(error))
    }

    /// Copies the log into the file and closes everything.
    ///
    /// # Errors
    /// When the log could not be copied. Nothing is lost: the next start copies it.
    pub fn close(self) -> Result<(), StoreError> {
        self.readers.close_idle();
        self.checkpoint().map(|_| ())
    }

    pub(crate) fn reserve(&self) -> &Reserve {
        &self.reserve
    }

    pub(crate) fn pen(&self) -> MutexGuard<'_, Connection> {
        // A panic in a decision rolled its transaction back; the connection is as good as before.
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn explain(&self, error: StoreError) -> StoreError {
        self.reserve.explain(error)
    }

    /// Explains an error; when the disk is full, gives the reserve up so that everything can still be read.
    pub(crate) fn relieve(&self, error: StoreError) -> StoreError {
        let error = self.explain(error);
        if matches!(error, StoreError::DiskFull { .. }) && self.reserve.release() {
            // Best effort: with the log in the file, the log's room is free as well. Whoever holds the pen may be
            // this very thread, so nothing waits for it.
            if let Ok(pen) = self.pen.try_lock() {
                let _ = copy_log(&pen, "TRUNCATE");
            }
        }
        error
    }

    pub(crate) fn refuse_if_damaged(&self) -> Result<(), StoreError> {
        self.damage().map_or(Ok(()), |damage| Err(StoreError::ReadOnly(damage)))
    }

    pub(crate) fn set_damage(&self, damage: Option<Damage>) {
        *self.damage.write().unwrap_or_else(PoisonError::into_inner) = damage;
    }

    pub(crate) fn checkpoint_now_and_then(&self) -> Result<(), StoreError> {
        if self.acts.fetch_add(1, Ordering::Relaxed) % ACTS_BETWEEN_CHECKPOINTS
            == ACTS_BETWEEN_CHECKPOINTS - 1
        {
            copy_log(&self.pen(), "PASSIVE").map_err(|error| self.explain(error))?;
        }
        Ok(())
    }
}

/// Copies the write-ahead log into the file; says whether all of it could be copied.
fn copy_log(conn: &Connection, mode: &'static str) -> Result<bool, StoreError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let (busy, log, copied): (i64, i64, i64) =
        conn.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(busy == 0 && log == copied)
}
