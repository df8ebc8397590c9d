//! Finds entries by author, kind, time, act and what they are about.

use super::entry::StoredEntry;
use crate::error::StoreError;
use crate::page::{Conditions, Page};
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::fact::Subject;
use signalbox_domain::id::PersonId;
use signalbox_domain::moment::Moment;
use signalbox_ledger::{Entry, Header};

/// Which entries to list; what is not set does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Signed by this person.
    pub person: Option<PersonId>,
    /// Of this kind, for example `gate-signed.v1`.
    pub kind: Option<String>,
    /// About this.
    pub subject: Option<Subject>,
    /// Not before.
    pub from: Option<Moment>,
    /// Before.
    pub until: Option<Moment>,
}

/// An entry of a list: its bytes and what it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry {
    /// The entry.
    pub stored: StoredEntry,
    /// When its author says it happened.
    pub at: Moment,
    /// Who signed it.
    pub author: PersonId,
    /// The kind of fact.
    pub kind: String,
    /// The act it belongs to.
    pub act: String,
}

const SELECT: &str = "SELECT i.seq, e.header, e.signature, e.payload, i.at, i.author, i.kind, i.act
     FROM entry_index AS i JOIN entry AS e ON e.seq = i.seq WHERE 1 = 1";
const SELECT_BY_SUBJECT: &str =
    "SELECT i.seq, e.header, e.signature, e.payload, i.at, i.author, i.kind, i.act
     FROM entry_subject AS s JOIN entry_index AS i ON i.seq = s.seq JOIN entry AS e ON e.seq = s.seq
     WHERE 1 = 1";

impl Reader<'_> {
    /// Lists entries, the newest first; `before` is the place of the last one shown.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries(
        &self,
        filter: &EntryFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Page<ListedEntry, u64>, StoreError> {
        let before = before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let mut query = Conditions::new(if filter.subject.is_some() { SELECT_BY_SUBJECT } else { SELECT });
        let order = match &filter.subject {
            Some(subject) => {
                query.and("s.kind = ?", subject.kind.clone());
                query.and("s.id = ?", subject.id.clone());
                query.and_some("s.seq < ?", before);
                " ORDER BY s.seq DESC"
            }
            None => {
                query.and_some("i.seq < ?", before);
                " ORDER BY i.seq DESC"
            }
        };
        query.and_some("i.author = ?", filter.person.as_ref().map(ToString::to_string));
        query.and_some("i.kind = ?", filter.kind.clone());
        query.and_some("i.at >= ?", filter.from.map(Moment::millis));
        query.and_some("i.at < ?", filter.until.map(Moment::millis));
        query.page(self.conn, order, limit, |row| Ok((row.get(0)?, listed(row)?)))
    }

    /// Reads the entries of one act, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries_of_act(&self, act: &str) -> Result<Vec<StoredEntry>, StoreError> {
        let mut query = Conditions::new(SELECT);
        query.and("i.act = ?", act.to_owned());
        let page: Page<_, u64> = query
            .page(self.conn, " ORDER BY i.seq", u32::MAX, |row| Ok((row.get(0)?, listed(row)?.stored)))?;
        Ok(page.items)
    }
}

pub(crate) fn append(conn: &Connection, seq: u64, header: &Header) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO entry_index (seq, at, author, kind, act) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![seq, header.at.timestamp_millis(), header.author, header.kind, header.act])?;
    let mut insert =
        conn.prepare_cached("INSERT OR IGNORE INTO entry_subject (kind, id, seq) VALUES (?1, ?2, ?3)")?;
    for subject in &header.subjects {
        insert.execute(params![subject.kind, subject.id, seq])?;
    }
    Ok(())
}

fn listed(row: &rusqlite::Row<'_>) -> Result<ListedEntry, StoreError> {
    Ok(ListedEntry {
        stored: StoredEntry {
            seq: row.get(0)?,
            entry: Entry { header: row.get(1)?, signature: row.get(2)?, payload: row.get(3)? },
        },
        at: Moment::from_millis(row.get(4)?),
        author: PersonId::new(row.get::<_, String>(5)?),
        kind: row.get(6)?,
        act: row.get(7)?,
    })
}
