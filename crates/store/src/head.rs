//! The ledger's head: how many entries there are and the root over them.

use crate::error::StoreError;
use crate::readers::Reader;
use crate::store::Store;
use crate::table;
use signalbox_ledger::Hash;

/// How many entries there are and the root over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ledger's id; none before the first entry.
    pub ledger: Option<String>,
    /// How many entries there are.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// How the ledger compares with the newest head that this machine saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadCheck {
    /// This machine saw no head yet.
    First,
    /// The head is the one seen.
    Same,
    /// The ledger grew, and what was seen is its beginning.
    Grown,
    /// The ledger is shorter than what was seen: an older copy of the file.
    Older {
        /// How many entries were seen.
        seen: u64,
        /// How many there are.
        found: u64,
    },
    /// The entries that were seen are not the ones that are there.
    Forked {
        /// How many entries were seen.
        seen: u64,
        /// The root seen over them.
        seen_root: Hash,
        /// The root that they have now.
        found_root: Hash,
    },
}

impl Reader<'_> {
    /// Reads the ledger's head.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn head(&self) -> Result<Head, StoreError> {
        table::head::read(self.conn)
    }

    /// Computes the root over the first entries, from the tree.
    ///
    /// # Errors
    /// When the database cannot be read or the ledger is shorter.
    pub fn root_at(&self, size: u64) -> Result<Hash, StoreError> {
        Ok(table::tree::frontier(self.conn, size)?.root())
    }

    /// Reads the leaf hashes of a range of entries, for proofs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn leaves(&self, range: std::ops::Range<u64>) -> Result<Vec<Hash>, StoreError> {
        table::tree::leaves(self.conn, range)
    }

    /// Compares the ledger with the newest head that this machine saw.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check_head(&self, seen: Option<(u64, Hash)>) -> Result<HeadCheck, StoreError> {
        let Some((size, root)) = seen else { return Ok(HeadCheck::First) };
        let head = self.head()?;
        if head.size < size {
            return Ok(HeadCheck::Older { seen: size, found: head.size });
        }
        let found = self.root_at(size)?;
        Ok(if found != root {
            HeadCheck::Forked { seen: size, seen_root: root, found_root: found }
        } else if head.size == size {
            HeadCheck::Same
        } else {
            HeadCheck::Grown
        })
    }
}

impl Store {
    /// Reads the ledger's head.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn head(&self) -> Result<Head, StoreError> {
        self.read(|reader| reader.head())
    }

    /// Compares the ledger with the newest head that this machine saw.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn check_head(&self, seen: Option<(u64, Hash)>) -> Result<HeadCheck, StoreError> {
        self.read(|reader| reader.check_head(seen))
    }
}
