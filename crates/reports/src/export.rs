//! Writes entries one after another; memory does not grow with their number.

use crate::row::{COLUMNS, Names, cells};
use crate::tally::Tally;
use csv::{Terminator, WriterBuilder};
use serde_json::{Value, json};
use signalbox_ledger::{Entry, Hash, Header, canon};
use std::io::{self, Write};
use thiserror::Error;

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180 in UTF-8 with a heading; safe to open in a spreadsheet.
    Csv,
    /// One JSON object a line, in canonical form, with every byte that verification needs.
    Jsonl,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many entries.
    pub entries: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The SHA-256 of all bytes.
    pub sha256: Hash,
}

/// Why a file could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// An entry cannot be read.
    #[error("entry {seq} cannot be read: {reason}")]
    Entry {
        /// Its place.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// The file cannot be written.
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// A file in the making.
pub struct Export<W: Write> {
    out: Out<W>,
    entries: u64,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<Tally<W>>>),
    Jsonl(Tally<W>),
}

impl<W: Write> Export<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn begin(format: Format, out: W) -> Result<Self, ReportError> {
        let tally = Tally::new(out);
        let out = match format {
            Format::Csv => {
                let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(tally);
                csv.write_record(COLUMNS).map_err(of_csv)?;
                Out::Csv(Box::new(csv))
            }
            Format::Jsonl => Out::Jsonl(tally),
        };
        Ok(Self { out, entries: 0 })
    }

    /// Writes the next entry.
    ///
    /// # Errors
    ///
    /// When the entry cannot be read or the file cannot be written.
    pub fn entry(&mut self, seq: u64, entry: &Entry, names: &dyn Names) -> Result<(), ReportError> {
        let unreadable = |reason: String| ReportError::Entry { seq, reason };
        let header = Header::parse(&entry.header).map_err(|error| unreadable(error.to_string()))?;
        match &mut self.out {
            Out::Csv(csv) => csv.write_record(cells(seq, entry, &header, names)).map_err(of_csv)?,
            Out::Jsonl(out) => {
                let mut line = object(seq, entry).map_err(unreadable)?;
                line.push(b'\n');
                out.write_all(&line)?;
            }
        }
        self.entries += 1;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(self) -> Result<Exported, ReportError> {
        let tally = match self.out {
            Out::Csv(csv) => csv.into_inner().map_err(|error| error.into_error())?,
            Out::Jsonl(tally) => tally,
        };
        let (bytes, sha256) = tally.finish()?;
        Ok(Exported { entries: self.entries, bytes, sha256 })
    }
}

/// The entry as one canonical object. Header and payload are canonical JSON themselves, so their own canonical bytes,
/// which are what was signed, can be had back from it.
fn object(seq: u64, entry: &Entry) -> Result<Vec<u8>, String> {
    let parse = |bytes: &[u8]| canon::parse(bytes).map_err(|error| error.to_string());
    let signature = std::str::from_utf8(&entry.signature).map_err(|error| error.to_string())?;
    let object = json!({
        "seq": seq,
        "header": parse(&entry.header)?,
        "payload": entry.payload.as_deref().map_or(Ok(Value::Null), parse)?,
        "signature": signature,
        "leaf": entry.leaf(),
    });
    canon::to_bytes(&object).map_err(|error| error.to_string())
}

fn of_csv(error: csv::Error) -> ReportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReportError::Write(error),
        // Every record has as many cells as the heading and needs no serialiser.
        other => ReportError::Write(io::Error::other(format!("{other:?}"))),
    }
}
