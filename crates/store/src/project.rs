//! From an entry to the fact it records, and from a folded state to the documents that changed.

use crate::error::StoreError;
use crate::table;
use rusqlite::Connection;
use signalbox_domain::fact::{Fact, Meta};
use signalbox_domain::id::{EntryId, PersonId};
use signalbox_domain::moment::Moment;
use signalbox_domain::state::{Ref, State};
use signalbox_ledger::Header;

/// What is recorded with the fact of an entry.
pub(crate) fn meta(header: &Header) -> Meta {
    Meta {
        id: EntryId::new(header.id.as_str()),
        at: Moment::new(header.at),
        author: PersonId::new(header.author.as_str()),
    }
}

/// The fact of an entry; an error when this program does not know the kind or its form.
pub(crate) fn fact(header: &Header, payload: &[u8]) -> Result<Fact, String> {
    let value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
    Fact::read(&header.kind, value).map_err(|error| error.to_string())
}

/// Writes every document that changed.
pub(crate) fn put_touched(conn: &Connection, state: &State) -> Result<(), StoreError> {
    // A value that is named and not there was never begun; there is nothing to write then.
    for value in &state.touched {
        match value {
            Ref::Ledger => state.ledger.as_ref().map(|found| table::ledger_info::put(conn, found)),
            Ref::Person(id) => state.people.get(id).map(|found| table::person::put(conn, found)),
            Ref::Product(id) => state.products.get(id).map(|found| table::product::put(conn, found)),
            Ref::Strategy(product, version) => state
                .strategies
                .get(&(product.clone(), *version))
                .map(|found| table::strategy::put(conn, found)),
            Ref::Connection(id) => state.connections.get(id).map(|found| table::connection::put(conn, found)),
            Ref::Line(id) => state.lines.get(id).map(|found| table::line::put(conn, found)),
            Ref::Build(id) => state.builds.get(id).map(|found| table::build::put(conn, found)),
            Ref::Release(id) => state.releases.get(id).map(|found| table::release::put(conn, found)),
            Ref::Feature(id) => state.features.get(id).map(|found| table::feature::put(conn, found)),
            Ref::Issue(id) => state.issues.get(id).map(|found| table::issue::put(conn, found)),
        }
        .transpose()?;
    }
    Ok(())
}
