//! Looks for damage: in the file, in the ledger's bytes, in the projections.
//!
//! Signatures are the offline verifier's to check; this finds what a disk or another program did to the file.

use crate::error::StoreError;
use crate::readers::Reader;
use crate::rebuild;
use crate::store::Store;
use crate::table;
use rusqlite::{Connection, TransactionBehavior};
use signalbox_domain::moment::Moment;
use signalbox_ledger::{Frontier, Hash, Header};
use std::collections::BTreeMap;
use std::fmt;

/// How many of the last entries are compared with the tree whenever a database is opened.
const TAIL: u64 = 64;

/// How many findings are listed.
const MOST: usize = 100;

/// Something in the ledger that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The entry, where it is about one.
    pub seq: Option<u64>,
    /// What is wrong.
    pub detail: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "entry {seq}: {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What SQLite says about the file; empty when it is sound.
    pub file: Vec<String>,
    /// Damage in the ledger; while there is any, nothing is added.
    pub ledger: Vec<Damage>,
    /// Projections that differed from the ledger and were folded again.
    pub rebuilt: Vec<String>,
}

impl Store {
    /// Checks everything: the file, every entry against the tree, every projection against the entries.
    ///
    /// Projections that differ are folded again. A damaged ledger is from then on open for reading only, also
    /// after it is opened again, until a check finds nothing.
    ///
    /// # Errors
    /// When the check itself cannot be made.
    pub fn check(&self, now: Moment) -> Result<Health, StoreError> {
        let mut health = Health::default();
        self.read(|reader| {
            health.file = messages(reader.conn, "PRAGMA integrity_check")?;
            health.ledger = match ledger(&reader, health.file.is_empty()) {
                Err(StoreError::Damaged { reason }) => vec![Damage { seq: None, detail: reason }],
                found => found?,
            };
            Ok(())
        })?;
        if health.ledger.is_empty() {
            health.rebuilt = self.compare_projections(!health.file.is_empty())?;
        }
        let mut pen = self.pen();
        let remembered = (|| {
            let transaction = pen.transaction_with_behavior(TransactionBehavior::Immediate)?;
            table::damage::replace(&transaction, &health.ledger, now)?;
            Ok(transaction.commit()?)
        })();
        drop(pen);
        self.set_damage(health.ledger.first().cloned());
        remembered.map_err(|error| self.relieve(error))?;
        Ok(health)
    }

    /// Folds again and keeps the result where it differs; names the tables that did.
    fn compare_projections(&self, reindex: bool) -> Result<Vec<String>, StoreError> {
        let mut pen = self.pen();
        let compared = (|| {
            let transaction = pen.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let reader = Reader { conn: &transaction };
            let before = digests(&reader);
            rebuild::fold(&transaction)?;
            if reindex {
                transaction.execute_batch("REINDEX")?;
            }
            let after = digests(&reader)?;
            let differing: Vec<String> = match before {
                Ok(before) => after
                    .iter()
                    .chain(&before)
                    .filter(|(table, digest)| {
                        before.get(*table) != Some(*digest) || after.get(*table) != Some(*digest)
                    })
                    .map(|(table, _)| (*table).to_owned())
                    .collect(),
                Err(_) => after.keys().map(|table| (*table).to_owned()).collect(),
            };
            if !differing.is_empty() || reindex {
                transaction.commit()?;
            }
            Ok(differing)
        })();
        drop(pen);
        let mut differing = compared.map_err(|error| self.relieve(error))?;
        differing.sort();
        differing.dedup();
        Ok(differing)
    }
}

/// Compares the end of the ledger with the tree and the head, quickly.
pub(crate) fn tail(conn: &Connection) -> Result<Option<Damage>, StoreError> {
    if let Some(known) = table::damage::first(conn)? {
        return Ok(Some(known));
    }
    let found = match heads(conn) {
        Ok(None) => {
            let size = table::head::read(conn)?.size;
            leaves(conn, size.saturating_sub(TAIL)..size, 1, None).map(|found| found.into_iter().next())
        }
        other => other,
    };
    match found {
        Err(StoreError::Damaged { reason }) => Ok(Some(Damage { seq: None, detail: reason })),
        other => other,
    }
}

/// Checks every entry against the tree, and the tree against the head.
fn ledger(reader: &Reader<'_>, sound: bool) -> Result<Vec<Damage>, StoreError> {
    let mut found = Vec::new();
    if !sound {
        for table in ["entry", "tree", "head"] {
            let about = messages(reader.conn, &format!("PRAGMA integrity_check('{table}')"))?;
            found.extend(about.into_iter().map(|detail| Damage { seq: None, detail }));
        }
    }
    found.extend(heads(reader.conn)?);
    let mut frontier = Frontier::default();
    found.extend(leaves(reader.conn, 0..u64::MAX, MOST, Some(&mut frontier))?);
    let head = reader.head()?;
    if found.is_empty() && (frontier.size(), frontier.root()) != (head.size, head.root) {
        found.push(Damage { seq: None, detail: "the entries do not lead to the head".to_owned() });
    }
    Ok(found)
}

fn heads(conn: &Connection) -> Result<Option<Damage>, StoreError> {
    let head = table::head::read(conn)?;
    let entries = table::entry::last(conn)?.map_or(0, |last| last + 1);
    let detail = if entries != head.size {
        format!("the head counts {} entries, and there are {entries}", head.size)
    } else if table::tree::frontier(conn, head.size)?.root() != head.root {
        "the head is not the root of the tree".to_owned()
    } else {
        return Ok(None);
    };
    Ok(Some(Damage { seq: None, detail }))
}

/// Compares a range of entries with their leaves, and lists at most so many that differ.
fn leaves(
    conn: &Connection,
    range: std::ops::Range<u64>,
    most: usize,
    mut frontier: Option<&mut Frontier>,
) -> Result<Vec<Damage>, StoreError> {
    let mut found = Vec::new();
    let mut expected = range.start;
    let mut leaf_of = conn.prepare_cached("SELECT hash FROM tree WHERE level = 0 AND position = ?1")?;
    table::entry::each(conn, range, |stored| {
        let leaf = stored.entry.leaf();
        if let Some(frontier) = frontier.as_deref_mut() {
            frontier.append(leaf);
        }
        let known = leaf_of.query_row([stored.seq], |row| row.get(0).map(Hash::from_bytes));
        let detail = if stored.seq != expected {
            format!("entry {expected} is missing")
        } else if !known.is_ok_and(|known| known == leaf) {
            "its header or signature is not the one that was written".to_owned()
        } else if payload_differs(&stored.entry.header, stored.entry.payload.as_deref()) {
            "its payload is not the one that was signed".to_owned()
        } else {
            String::new()
        };
        if !detail.is_empty() && found.len() < most {
            found.push(Damage { seq: Some(stored.seq), detail });
        }
        expected = stored.seq + 1;
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

fn payload_differs(header: &[u8], payload: Option<&[u8]>) -> bool {
    let Ok(header) = serde_json::from_slice::<Header>(header) else { return true };
    payload.is_some_and(|payload| Hash::of(payload) != header.payload)
}

fn messages(conn: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare(pragma)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found: Vec<String> = rows.collect::<Result<_, _>>()?;
    found.retain(|message| message != "ok");
    Ok(found)
}

fn digests(reader: &Reader<'_>) -> Result<BTreeMap<&'static str, Hash>, StoreError> {
    let mut digests: BTreeMap<&'static str, Hash> = BTreeMap::new();
    reader.each_projected(|table, row| {
        let so_far = digests.get(table).map(ToString::to_string).unwrap_or_default();
        digests.insert(table, Hash::of(format!("{so_far}\n{row}").as_bytes()));
    })?;
    Ok(digests)
}
