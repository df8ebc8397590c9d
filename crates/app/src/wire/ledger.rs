//! The register: read, verify, export.

use super::wire;

wire! {
    /// Which entries.
    #[derive(Default)]
    struct EntryFilter {
        pub person: Option<String>,
        pub kind: Option<String>,
        /// For example `build` and its id.
        pub subject_kind: Option<String>,
        pub subject: Option<String>,
        pub from: Option<String>,
        pub until: Option<String>,
    }

    /// Asks for entries, newest first, before a sequence number.
    struct LedgerList { pub filter: EntryFilter, pub before: Option<u32>, pub limit: u32 }

    /// Entries.
    struct Entries { pub entries: Vec<EntryRow>, pub size: u32, pub more: bool, pub kinds: Vec<String> }

    /// One entry in the list.
    struct EntryRow {
        pub seq: u32,
        pub id: String,
        pub at: String,
        pub author: String,
        pub author_name: String,
        pub role: String,
        pub kind: String,
        /// What happened, in one sentence.
        pub sentence: String,
        pub act: String,
    }

    /// Asks for one entry by id.
    struct LedgerEntry { pub entry: String }

    /// One entry, whole.
    struct EntryView {
        pub row: EntryRow,
        pub key: String,
        pub after_size: u32,
        pub after_root: String,
        pub cause: Option<String>,
        pub packet: Option<String>,
        /// The stored header bytes.
        pub header: String,
        /// The stored payload bytes; none when redacted.
        pub payload: Option<String>,
        pub signature: String,
        pub leaf: String,
    }

    /// Verifies from the first entry.
    struct LedgerVerify {}

    /// What a verification found.
    struct VerifyView { pub size: u32, pub root: String, pub findings: Vec<FindingView>, pub checked_at: String, pub millis: u32 }

    /// One finding.
    struct FindingView { pub index: Option<u32>, pub entry: Option<String>, pub code: String, pub sentence: String }

    /// How far a verification is.
    struct ProgressView { pub running: bool, pub done: u32, pub total: u32 }

    /// Writes entries to a file.
    struct LedgerExport { pub format: ExportFormat, pub filter: EntryFilter, pub path: String }

    /// The file's format.
    #[derive(Copy)]
    enum ExportFormat { Csv, Jsonl, AllowedSigners, Checkpoint }

    /// What was written.
    struct ExportView { pub path: String, pub entries: u32, pub bytes: u32, pub sha256: String }

    /// A signed checkpoint.
    struct CheckpointView { pub size: u32, pub root: String, pub note: String }
}
