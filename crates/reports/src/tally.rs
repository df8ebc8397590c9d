//! Counts and hashes what goes through.

use sha2::{Digest, Sha256};
use signalbox_ledger::Hash;
use std::io::{self, Write};

pub(crate) struct Tally<W> {
    out: W,
    bytes: u64,
    hasher: Sha256,
}

impl<W: Write> Tally<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, bytes: 0, hasher: Sha256::new() }
    }

    /// Flushes, and returns the number of bytes and their hash.
    pub(crate) fn finish(mut self) -> io::Result<(u64, Hash)> {
        self.out.flush()?;
        Ok((self.bytes, Hash::from_bytes(self.hasher.finalize().into())))
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
