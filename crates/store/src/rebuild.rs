//! Drops the projections and folds the ledger again; and writes them out in full, to be compared.

use crate::error::StoreError;
use crate::project;
use crate::readers::Reader;
use crate::store::Store;
use crate::table;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior};
use signalbox_domain::state::State;
use signalbox_ledger::Header;
use std::fmt::Write;

/// Every projection with the query that shows all of it. Row numbers are left out: they are places, not content.
const TABLES: [(&str, &str); 15] = [
    ("entry_index", "SELECT seq, at, author, kind, act FROM entry_index ORDER BY seq"),
    ("entry_subject", "SELECT kind, id, seq FROM entry_subject ORDER BY kind, id, seq"),
    ("ledger_info", "SELECT id, doc FROM ledger_info ORDER BY id"),
    ("person", "SELECT id, handle, doc FROM person ORDER BY id"),
    ("product", "SELECT id, key, doc FROM product ORDER BY id"),
    ("strategy", "SELECT product, version, doc FROM strategy ORDER BY product, version"),
    ("connection", "SELECT id, doc FROM connection ORDER BY id"),
    ("line", "SELECT id, product, doc FROM line ORDER BY id"),
    ("build", "SELECT id, product, service, number, label, live, doc FROM build ORDER BY id"),
    ("release", "SELECT id, product, open, at, doc FROM release ORDER BY id"),
    (
        "release_text",
        "SELECT r.id, t.name, t.sections, t.steps FROM release_text AS t
         LEFT JOIN release AS r ON r.row = t.rowid ORDER BY r.id",
    ),
    ("feature", "SELECT id, product, state, open, since, doc FROM feature ORDER BY id"),
    (
        "feature_text",
        "SELECT f.id, t.key, t.title FROM feature_text AS t
         LEFT JOIN feature AS f ON f.row = t.rowid ORDER BY f.id",
    ),
    ("issue", "SELECT id, product, key, open, at, service, stage, doc FROM issue ORDER BY id"),
    (
        "issue_text",
        "SELECT i.id, t.key, t.problem, t.symptoms, t.cause, t.solution, t.lesson FROM issue_text AS t
         LEFT JOIN issue AS i ON i.row = t.rowid ORDER BY i.id",
    ),
];

impl Store {
    /// Drops every projection and folds the ledger again.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn rebuild(&self) -> Result<(), StoreError> {
        let mut pen = self.pen();
        let folded = (|| {
            let transaction = pen.transaction_with_behavior(TransactionBehavior::Immediate)?;
            fold(&transaction)?;
            Ok(transaction.commit()?)
        })();
        drop(pen);
        folded.map_err(|error| self.relieve(error))
    }
}

impl Reader<'_> {
    /// Hands every row of every projection to `take` as the table's name and the row's text.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn each_projected(&self, mut take: impl FnMut(&'static str, &str)) -> Result<(), StoreError> {
        let mut text = String::new();
        for (table, sql) in TABLES {
            let mut statement = self.conn.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                text.clear();
                for column in 0..columns {
                    // Writing to a string cannot fail.
                    let _ = match row.get_ref(column)? {
                        ValueRef::Null => write!(text, "-"),
                        ValueRef::Integer(value) => write!(text, "{value}"),
                        ValueRef::Real(value) => write!(text, "{value}"),
                        ValueRef::Text(value) => write!(text, "{:?}", String::from_utf8_lossy(value)),
                        ValueRef::Blob(value) => write!(text, "{value:?}"),
                    };
                    text.push('\t');
                }
                take(table, &text);
            }
        }
        Ok(())
    }
}

/// Says whether the projections are those of the present entries in the shape of this program.
pub(crate) fn is_current(conn: &Connection) -> Result<bool, StoreError> {
    let folded = table::projection::read(conn)?;
    let head = table::head::read(conn)?;
    Ok(folded.shape == table::projection::SHAPE && folded.size == head.size)
}

/// Folds the ledger into empty projections, within the transaction of the caller.
pub(crate) fn fold(conn: &Connection) -> Result<(), StoreError> {
    for (table, _) in TABLES {
        conn.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let mut state = State::default();
    let mut size = 0;
    table::entry::each(conn, 0..u64::MAX, |stored| {
        size = stored.seq + 1;
        // What cannot be read is the verifier's to report; everything else is folded all the same.
        let Ok(header) = serde_json::from_slice::<Header>(&stored.entry.header) else {
            return Ok(());
        };
        table::entry_index::append(conn, stored.seq, &header)?;
        if let Some(Ok(fact)) = stored.entry.payload.map(|payload| project::fact(&header, &payload)) {
            state.apply(&project::meta(&header), &fact);
        }
        Ok::<(), StoreError>(())
    })?;
    project::put_touched(conn, &state)?;
    table::projection::write(conn, size)
}
