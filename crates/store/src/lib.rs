//! The SQLite file: the ledger's entries, the projections folded from them, and what belongs to this machine.
//!
//! An act is one transaction: load the part of the state it needs, let the caller decide and sign, append the
//! entries, fold them into the projections, commit. Deliberately absent: rules (they are the domain's; a
//! projection is the domain's own document), signing keys, clocks, and any call to another system.

mod act;
pub mod bench;
mod check;
mod error;
mod head;
mod loader;
mod migrate;
mod page;
mod project;
mod readers;
mod rebuild;
mod reserve;
mod scope;
mod sqlite;
mod store;
mod table;
mod watch;

pub use act::{ActError, Appended, Basis, Receipt};
pub use check::{Damage, Health};
pub use error::StoreError;
pub use head::{Head, HeadCheck};
pub use page::{Cursor, Page};
pub use readers::{Reader, Writer};
pub use scope::Scope;
pub use store::{OpenOptions, Opened, Store};
pub use table::checkpoint::KeptCheckpoint;
pub use table::counts::Counts;
pub use table::draft::Draft;
pub use table::entry::{Records, StoredEntry};
pub use table::entry_index::{EntryFilter, ListedEntry};
pub use table::feature::FeatureFilter;
pub use table::issue::IssueFilter;
pub use table::outbox::{OutboxItem, OutboxKind, OutboxState};
pub use table::poll_cache::Polled;
pub use table::release::ReleaseFilter;
pub use watch::Watcher;
