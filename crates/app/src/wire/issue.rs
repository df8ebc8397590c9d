//! The issue log.

use super::{StageBrief, wire};

wire! {
    /// Searches the issue log.
    struct IssueList { pub product: Option<String>, pub text: String, pub open_only: bool }

    /// Entries, latest first, or best match first; and the drafts that failures opened.
    struct Issues { pub issues: Vec<IssueRow>, pub drafts: Vec<IssueDraft> }

    /// One entry in the list.
    struct IssueRow {
        pub id: String,
        pub key: String,
        pub problem: String,
        pub product: String,
        pub service: Option<String>,
        pub stage: Option<String>,
        pub severity: Severity,
        pub at: String,
        /// How often it was met.
        pub met: u32,
        pub open: bool,
        pub lesson: String,
        pub solution: String,
    }

    /// How bad a problem was.
    #[derive(Copy)]
    enum Severity { Low, Medium, High }

    /// An entry that a failure began and nobody recorded yet.
    struct IssueDraft { pub id: String, pub product: String, pub at: String, pub report: ReportView, pub title: String }

    /// What is known of a problem.
    struct ReportView {
        pub problem: String,
        pub symptoms: String,
        pub cause: String,
        pub solution: String,
        pub severity: Severity,
        pub service: Option<String>,
        pub stage: Option<String>,
        pub build: Option<String>,
        pub links: Vec<String>,
    }

    /// Asks for one entry.
    struct IssueShow { pub issue: String }

    /// One entry, whole.
    struct IssueView {
        pub row: IssueRow,
        pub report: ReportView,
        pub author: String,
        pub met: Vec<String>,
        pub closed: Option<String>,
        pub service_name: Option<String>,
        pub stage_name: Option<String>,
        pub build_label: Option<String>,
        /// Stages that a lesson can name.
        pub stages: Vec<StageBrief>,
    }

    /// Records a problem; names the draft that it came from, if it did.
    struct IssueRecord { pub product: String, pub report: ReportView, pub draft: Option<String> }

    /// Changes what is known of a problem.
    struct IssueAmend { pub issue: String, pub report: ReportView }

    /// Meets a problem again.
    struct IssueMeet { pub issue: String, pub note: String }

    /// Closes a problem with a lesson.
    struct IssueClose { pub issue: String, pub lesson: LessonKind, pub stage: Option<String>, pub text: String }

    /// What was learnt.
    #[derive(Copy)]
    enum LessonKind { ChecklistItem, Gate, None }

    /// Throws a draft away.
    struct DraftDiscard { pub draft: String }
}
