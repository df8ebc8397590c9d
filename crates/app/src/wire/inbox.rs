//! Everything that waits for me.

use super::wire;

wire! {
    /// Everything that waits for the person who signs here.
    struct Inbox {
        pub rows: Vec<InboxRow>,
        /// What waits for other people whose keys are on this machine.
        pub others: Vec<OtherInbox>,
    }

    /// How much waits for someone else who can sign here.
    struct OtherInbox { pub person: super::PersonBrief, pub rows: u32 }

    /// One thing that waits.
    struct InboxRow {
        pub id: String,
        pub kind: InboxKind,
        pub title: String,
        /// What has to be done, in a sentence.
        pub detail: String,
        /// What changed, in a few words.
        pub changes: String,
        pub risk: Risk,
        pub since: Option<String>,
        pub deadline: Option<String>,
        pub product: Option<String>,
        pub service: Option<String>,
        pub build: Option<String>,
        pub stage: Option<String>,
        pub release: Option<String>,
        pub feature: Option<String>,
        pub issue: Option<String>,
        pub strategy: Option<u32>,
    }

    /// What kind of act is waited for.
    enum InboxKind { Gate, Checklist, Failed, Unknown, Ready, Feature, Go, Step, Plan, Strategy, IssueDraft, Stale, Answer, Change }

    /// How much hangs on it.
    enum Risk { Low, Medium, High }
}
