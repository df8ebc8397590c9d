//! How much there is of everything.

use crate::error::StoreError;
use crate::readers::Reader;

/// How much there is of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries in the ledger.
    pub entries: u64,
    /// Builds that something can still happen to.
    pub live_builds: u64,
    /// Releases that are not finished.
    pub open_releases: u64,
    /// Issue-log entries without a lesson.
    pub open_issues: u64,
    /// Features that are not in production.
    pub open_features: u64,
    /// Calls to pipeline systems whose outcome is not settled.
    pub open_calls: u64,
}

impl Reader<'_> {
    /// Counts what is live. Every number comes from a small index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let sql = "SELECT (SELECT size FROM head WHERE one = 1),
                          (SELECT count(*) FROM build WHERE live = 1),
                          (SELECT count(*) FROM release WHERE open = 1),
                          (SELECT count(*) FROM issue WHERE open = 1),
                          (SELECT count(*) FROM feature WHERE open = 1),
                          (SELECT count(*) FROM outbox WHERE state <> 'done')";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| {
            Ok(Counts {
                entries: row.get(0)?,
                live_builds: row.get(1)?,
                open_releases: row.get(2)?,
                open_issues: row.get(3)?,
                open_features: row.get(4)?,
                open_calls: row.get(5)?,
            })
        })?)
    }
}
