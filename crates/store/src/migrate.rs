//! Brings a database to the format of this program: checksums compared, a copy taken first.

use crate::error::{StoreError, known};
use crate::reserve::with_suffix;
use crate::store::OpenOptions;
use crate::table;
use refinery::error::Kind;
use refinery::{Migration, Runner};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Marks the file as a Signalbox database; set by the first migration.
const APPLICATION: i64 = 0x5367_6278;

/// Every migration, oldest first. A file is never edited once it landed.
const FILES: [(&str, &str); 4] = [
    ("V1__ledger", include_str!("../../../migrations/sqlite/V1__ledger.sql")),
    ("V2__projections", include_str!("../../../migrations/sqlite/V2__projections.sql")),
    ("V3__desk", include_str!("../../../migrations/sqlite/V3__desk.sql")),
    ("V4__outbox_kinds", include_str!("../../../migrations/sqlite/V4__outbox_kinds.sql")),
];

/// How far a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// How many migrations were applied.
    pub(crate) applied: usize,
}

impl Format {
    pub(crate) fn is_new(self) -> bool {
        self.applied == 0
    }

    pub(crate) fn is_current(self) -> bool {
        self.applied == FILES.len()
    }
}

struct Applied {
    version: i64,
    name: String,
    checksum: String,
}

/// Looks at a database without changing it.
pub(crate) fn inspect(conn: &Connection, path: &Path) -> Result<Format, StoreError> {
    let foreign = || StoreError::Foreign { path: path.to_owned() };
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(Format { applied: 0 });
    }
    let Some(applied) = applied(conn)? else { return Err(foreign()) };
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if !applied.is_empty() && application != APPLICATION {
        return Err(foreign());
    }
    let known = migrations()?;
    let newest = applied.iter().map(|row| row.version).max().unwrap_or(0);
    if newest > FILES.len() as i64 {
        return Err(StoreError::Newer {
            found: newest,
            known: FILES.len() as i64,
            program: table::program::version(conn),
        });
    }
    for (place, row) in applied.iter().enumerate() {
        let same = known.get(place).is_some_and(|migration| {
            i64::from(migration.version()) == row.version
                && migration.name() == row.name
                && migration.checksum().to_string() == row.checksum
        });
        if !same {
            return Err(StoreError::Migration {
                reason: format!(
                    "migration {} ({}) is not the one that this program has",
                    row.version, row.name
                ),
            });
        }
    }
    Ok(Format { applied: applied.len() })
}

/// Applies what is missing, in one transaction; returns the copy that was taken before.
pub(crate) fn upgrade(
    conn: &mut Connection,
    path: &Path,
    options: &OpenOptions,
) -> Result<Option<PathBuf>, StoreError> {
    let lock_path = with_suffix(path, "-upgrade");
    let lock = File::create(&lock_path).map_err(|error| StoreError::io(path, &error))?;
    lock.lock().map_err(|error| StoreError::io(path, &error))?;
    let format = inspect(conn, path)?;
    if format.is_current() {
        return Ok(None);
    }
    let backup = if format.is_new() {
        None
    } else {
        let stamp = options.now.utc().format("%Y%m%dT%H%M%SZ");
        let copy = with_suffix(path, &format!(".format-{}.{stamp}.bak", format.applied));
        back_up(conn, &copy)?;
        Some(copy)
    };
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    let ran = runner()?.run(conn);
    conn.set_transaction_behavior(TransactionBehavior::Deferred);
    ran.map_err(|error| match error.kind() {
        Kind::Connection(_, source) => source
            .downcast_ref::<rusqlite::Error>()
            .and_then(known)
            .unwrap_or_else(|| StoreError::Migration { reason: format!("{error}: {source}") }),
        _ => StoreError::Migration { reason: error.to_string() },
    })?;
    table::program::write(conn, &options.program, options.now)?;
    // The lock file stays: removing it would let two processes lock two different files of one name.
    Ok(backup)
}

/// Copies the whole database into a new file and checks the copy; leaves nothing behind when it cannot.
pub(crate) fn back_up(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Access { path: to.to_owned(), reason: "it exists already".to_owned() });
    }
    copy(conn, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

fn copy(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    const PAGES: i32 = 1024;
    let mut copy = Connection::open(to)?;
    let backup = Backup::new(conn, &mut copy)?;
    loop {
        match backup.step(PAGES)? {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(StoreError::Busy),
        }
    }
    drop(backup);
    // A copy is one file: without this it would need a write-ahead log beside it to be read.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(StoreError::Damaged { reason: format!("the copy is not sound: {found}") });
    }
    copy.close().map_err(|(_, error)| error)?;
    let synced = File::options().write(true).open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| StoreError::io(to, &error))
}

fn runner() -> Result<Runner, StoreError> {
    Ok(Runner::new(&migrations()?).set_grouped(true))
}

fn migrations() -> Result<Vec<Migration>, StoreError> {
    FILES
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<_, _>>()
        .map_err(|error| StoreError::Migration { reason: error.to_string() })
}

/// The applied migrations, oldest first; none when the table that lists them is not there.
fn applied(conn: &Connection) -> Result<Option<Vec<Applied>>, StoreError> {
    let listed = conn
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'refinery_schema_history'",
            [],
            |_| Ok(()),
        )
        .optional()?;
    if listed.is_none() {
        return Ok(None);
    }
    let mut statement = conn.prepare(
        "SELECT version, name, checksum, applied_on FROM refinery_schema_history ORDER BY version",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let applied_on: String = row.get(3)?;
        // The library panics on a time or checksum that it cannot read.
        if chrono::DateTime::parse_from_rfc3339(&applied_on).is_err() {
            return Err(StoreError::Migration { reason: format!("{applied_on} is not a time") });
        }
        found.push(Applied { version: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? });
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use refinery::Target;
    use std::collections::BTreeSet;

    #[test]
    fn every_migration_file_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        let embedded = FILES.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn an_older_database_is_copied_and_then_upgraded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut conn = Connection::open(&path).unwrap();
        Runner::new(&migrations().unwrap()).set_target(Target::Version(2)).run(&mut conn).unwrap();
        conn.execute_batch("INSERT INTO person (id, handle, doc) VALUES ('p', 'h', '{}')").unwrap();
        assert_eq!(inspect(&conn, &path).unwrap(), Format { applied: 2 });

        let options = OpenOptions::new("1.0", signalbox_domain::moment::Moment::from_millis(0));
        let copy = upgrade(&mut conn, &path, &options).unwrap().unwrap();
        assert!(inspect(&conn, &path).unwrap().is_current());
        assert_eq!(table::program::version(&conn).as_deref(), Some("1.0"));
        let people = |conn: &Connection| -> i64 {
            conn.query_row("SELECT count(*) FROM person", [], |row| row.get(0)).unwrap()
        };
        assert_eq!(people(&conn), 1);

        assert_eq!(copy.file_name().unwrap(), "ledger.db.format-2.19700101T000000Z.bak");
        let copy_conn = Connection::open(&copy).unwrap();
        assert_eq!(inspect(&copy_conn, &copy).unwrap(), Format { applied: 2 });
        assert_eq!(people(&copy_conn), 1);
    }

    #[test]
    fn a_call_of_an_older_database_is_for_a_deployment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut conn = Connection::open(&path).unwrap();
        Runner::new(&migrations().unwrap()).set_target(Target::Version(3)).run(&mut conn).unwrap();
        conn.execute_batch(
            "INSERT INTO outbox (operation, kind, state, at, doc) VALUES ('e1', 'deploy', 'sent', 1, '{}')",
        )
        .unwrap();
        let options = OpenOptions::new("1.0", signalbox_domain::moment::Moment::from_millis(0));
        upgrade(&mut conn, &path, &options).unwrap();
        let kind: String = conn.query_row("SELECT kind FROM outbox", [], |row| row.get(0)).unwrap();
        assert_eq!(kind, "deployment");
    }
}
