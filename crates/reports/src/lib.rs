//! Files for people and other programs, made from ledger entries: CSV and JSON Lines.
//!
//! The same entries and names always give the same bytes. Deliberately absent: where entries come from, where the
//! file goes, which entries are wanted, and any judgement of them: verifying is the ledger's.

mod cell;
mod export;
mod row;
mod tally;

pub use export::{Export, Exported, Format, ReportError};
pub use row::{COLUMNS, Names};
