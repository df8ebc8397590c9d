//! An act: decide on the present state, append the entries, fold them. One transaction, or nothing.

use crate::error::StoreError;
use crate::head::Head;
use crate::loader::Loader;
use crate::readers::Writer;
use crate::rebuild;
use crate::scope::Scope;
use crate::store::Store;
use crate::{project, table};
use rusqlite::{Connection, TransactionBehavior};
use signalbox_domain::state::{Ref, State};
use signalbox_ledger::{Entry, Hash, Header};
use std::collections::BTreeSet;
use std::ops::Range;
use thiserror::Error;

/// What an act is decided on.
#[derive(Debug)]
pub struct Basis<'a> {
    /// The part of the state that was asked for.
    pub state: &'a State,
    /// The head that every entry of the act must name.
    pub head: Head,
    /// Writes to this machine's own tables, which happen with the act or not at all.
    pub writer: Writer<'a>,
}

/// The signed entries of an act, and what the caller wants back with the receipt.
#[derive(Debug)]
pub struct Appended<T> {
    /// The entries, in order. None is allowed: then only this machine's own tables change.
    pub entries: Vec<Entry>,
    /// Handed through.
    pub value: T,
}

/// An act that is durable.
#[derive(Debug)]
pub struct Receipt<T> {
    /// The places of its entries.
    pub seqs: Range<u64>,
    /// The head after it.
    pub head: Head,
    /// The values that it changed.
    pub touched: BTreeSet<Ref>,
    /// What the caller handed through.
    pub value: T,
    /// Set when the log could not be copied into the file afterwards. The act itself is durable.
    pub unfinished: Option<StoreError>,
}

/// Why an act did not happen.
#[derive(Debug, Error)]
pub enum ActError<E> {
    /// It was decided against.
    #[error("the act was refused")]
    Refused(E),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Runs an act. Returns only after everything is durable; on an error nothing changed.
    ///
    /// `decide` runs while the database is locked for every other writer: it must not call the store again, ask a
    /// person or wait for anything.
    ///
    /// # Errors
    /// The refusal of `decide`, or why the act cannot be stored.
    pub fn act<T, E>(
        &self,
        scope: &Scope,
        decide: impl FnOnce(Basis<'_>) -> Result<Appended<T>, E>,
    ) -> Result<Receipt<T>, ActError<E>> {
        self.refuse_if_damaged()?;
        self.reserve().hold()?;
        let mut pen = self.pen();
        let done = run(&mut pen, scope, decide);
        drop(pen);
        match done {
            Ok(mut receipt) => {
                receipt.unfinished = self.checkpoint_now_and_then().err();
                Ok(receipt)
            }
            Err(ActError::Store(error)) => Err(self.relieve(error).into()),
            Err(refused) => Err(refused),
        }
    }
}

fn run<T, E>(
    conn: &mut Connection,
    scope: &Scope,
    decide: impl FnOnce(Basis<'_>) -> Result<Appended<T>, E>,
) -> Result<Receipt<T>, ActError<E>> {
    let transaction =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let loader = load(&transaction, scope)?;
    let head = table::head::read(&transaction)?;
    let basis = Basis { state: loader.state(), head: head.clone(), writer: Writer { conn: &transaction } };
    let appended = decide(basis).map_err(ActError::Refused)?;
    let (after, touched) = record(&transaction, loader, &head, &appended.entries)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(Receipt { seqs: head.size..after.size, head: after, touched, value: appended.value, unfinished: None })
}

/// Loads the scope; projections that are behind or damaged are folded again first.
fn load<'c>(conn: &'c Connection, scope: &Scope) -> Result<Loader<'c>, StoreError> {
    if rebuild::is_current(conn)? {
        let mut loader = Loader::new(conn);
        match loader.load(scope) {
            Ok(()) => return Ok(loader),
            Err(StoreError::Projection { table, id, reason }) => {
                tracing::warn!(table, id, reason, "a projection is damaged and is folded again");
            }
            Err(error) => return Err(error),
        }
    }
    rebuild::fold(conn)?;
    let mut loader = Loader::new(conn);
    loader.load(scope)?;
    Ok(loader)
}

/// Appends the entries and folds them into the documents that they concern.
fn record(
    conn: &Connection,
    mut loader: Loader<'_>,
    before: &Head,
    entries: &[Entry],
) -> Result<(Head, BTreeSet<Ref>), StoreError> {
    let mut frontier = table::tree::frontier(conn, before.size)?;
    if frontier.root() != before.root {
        return Err(StoreError::Damaged { reason: "the head is not the root of the tree".to_owned() });
    }
    let mut ledger = before.ledger.clone();
    let mut facts = Vec::with_capacity(entries.len());
    for entry in entries {
        let refused = |reason: String| StoreError::EntryRefused { reason };
        let header = Header::parse(&entry.header).map_err(|error| refused(error.to_string()))?;
        if (header.after.size, header.after.root) != (before.size, before.root) {
            return Err(StoreError::HeadMoved { decided: header.after.size, found: before.size });
        }
        if ledger.get_or_insert_with(|| header.ledger.clone()) != &header.ledger {
            return Err(refused(format!("it belongs to the ledger {}", header.ledger)));
        }
        let payload = entry.payload.as_deref().ok_or_else(|| refused("it has no payload".to_owned()))?;
        if Hash::of(payload) != header.payload {
            return Err(refused("its payload is not the one that was signed".to_owned()));
        }
        let fact = project::fact(&header, payload).map_err(refused)?;
        let seq = frontier.size();
        table::entry::append(conn, seq, &header.id, entry)?;
        table::tree::append(conn, &mut frontier, entry.leaf())?;
        table::entry_index::append(conn, seq, &header)?;
        facts.push((project::meta(&header), fact));
    }
    loader.load(&Scope::of_facts(&facts))?;
    let mut state = loader.into_state();
    for (meta, fact) in &facts {
        state.apply(meta, fact);
        table::outbox::follow(conn, meta, fact)?;
    }
    project::put_touched(conn, &state)?;
    let after = Head { ledger, size: frontier.size(), root: frontier.root() };
    table::head::write(conn, &after)?;
    table::projection::write(conn, after.size)?;
    Ok((after, state.touched))
}
