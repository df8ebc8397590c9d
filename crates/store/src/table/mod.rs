//! One module a table: its row, its reads on a connection, its writes.

pub(crate) mod build;
pub(crate) mod checkpoint;
pub(crate) mod connection;
pub(crate) mod connection_address;
pub(crate) mod counts;
pub(crate) mod damage;
pub(crate) mod document;
pub(crate) mod draft;
pub(crate) mod entry;
pub(crate) mod entry_index;
pub(crate) mod feature;
pub(crate) mod head;
pub(crate) mod issue;
pub(crate) mod ledger_info;
pub(crate) mod line;
pub(crate) mod outbox;
pub(crate) mod person;
pub(crate) mod poll_cache;
pub(crate) mod product;
pub(crate) mod program;
pub(crate) mod projection;
pub(crate) mod release;
pub(crate) mod setting;
pub(crate) mod shown_packet;
pub(crate) mod strategy;
pub(crate) mod tree;
