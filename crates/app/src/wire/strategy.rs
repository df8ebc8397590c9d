//! Strategies: 17 topics and the process.

use super::{ActState, RoleView, wire};

wire! {
    /// Asks for a strategy; the version in force, or the latest, if none is named.
    struct StrategyShow { pub product: String, pub version: Option<u32> }

    /// A strategy version.
    struct StrategyView {
        pub product: String,
        pub product_name: String,
        pub version: u32,
        pub in_force: Option<u32>,
        pub versions: Vec<VersionRow>,
        pub author: String,
        pub at: String,
        pub topics: Vec<TopicView>,
        pub stages: Vec<ProcessStageView>,
        pub go_sentence: Option<String>,
        pub steps: Vec<StepTemplateView>,
        pub defects: Vec<DefectView>,
        pub cosigned: Vec<CosignView>,
        pub agreement_missing: Vec<RoleView>,
        /// Lines that differ from the version in force.
        pub changes: Vec<ChangeView>,
        pub cosign: ActState,
        pub activate: ActState,
        /// The process as JSON, for `process check` and for editing.
        pub process: serde_json::Value,
    }

    /// One version in the list.
    struct VersionRow { pub version: u32, pub at: String, pub author: String, pub activated: Option<String> }

    /// A topic.
    struct TopicView { pub key: String, pub title: String, pub text: String, pub agree: Vec<RoleView> }

    /// A stage as the strategy describes it.
    struct ProcessStageView {
        pub key: String,
        pub name: String,
        pub on_path: bool,
        pub predecessors: Vec<String>,
        pub all: bool,
        pub sentence: String,
        pub checks: Vec<String>,
        pub checklist: Vec<String>,
        pub rule: Option<String>,
        pub deployers: Vec<RoleView>,
        pub note: String,
    }

    /// A step that new plans start with.
    struct StepTemplateView { pub title: String, pub phase: String, pub minutes: u32 }

    /// A defect of a process, with the trace that shows it.
    struct DefectView { pub code: String, pub sentence: String, pub next_step: String, pub stages: Vec<String>, pub trace: Vec<String> }

    /// Someone's agreement.
    struct CosignView { pub person: String, pub role: RoleView, pub at: String }

    /// One changed line.
    struct ChangeView { pub line: String, pub before: String, pub now: String }

    /// Writes a new version from the latest one: changed topics by key, and a changed process if given.
    struct StrategyDraft { pub product: String, pub topics: Vec<TopicText>, pub process: Option<serde_json::Value> }

    /// A topic's new text.
    struct TopicText { pub key: String, pub text: String }

    /// Agrees to a version.
    struct StrategyCosign { pub product: String, pub version: u32, pub role: String, pub comment: String, pub passphrase: Option<String> }

    /// Puts a version in force.
    struct StrategyActivate { pub product: String, pub version: u32 }

    /// Looks for defects in a process.
    struct ProcessCheck { pub process: serde_json::Value }

    /// What was found.
    struct ProcessReport { pub defects: Vec<DefectView>, pub sentences: Vec<String> }
}
