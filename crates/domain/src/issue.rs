//! The issue log: problems met in earlier deployments, their solutions, and what was learnt.

use crate::id::{BuildId, IssueId, PersonId, ProductId, ServiceId, StageKey};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// One problem and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The id.
    pub id: IssueId,
    /// The number people use, for example `HAR-ISS-47`.
    pub key: String,
    /// The product.
    pub product: ProductId,
    /// What is known.
    pub report: IssueReport,
    /// Who recorded it.
    pub author: PersonId,
    /// When it was recorded.
    pub at: Moment,
    /// When it was met, again and again; the first is the first time.
    pub met: Vec<Moment>,
    /// What was learnt; an entry without one is open.
    pub lesson: Option<Lesson>,
    /// When it was closed.
    pub closed: Option<Moment>,
}

/// What is known of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueReport {
    /// The problem in one line.
    pub problem: String,
    /// How it showed.
    pub symptoms: String,
    /// Why it happened.
    pub cause: String,
    /// What solved it.
    pub solution: String,
    /// How bad it was.
    pub severity: Severity,
    /// The service, if it is about one.
    pub service: Option<ServiceId>,
    /// The stage.
    pub stage: Option<StageKey>,
    /// The build.
    pub build: Option<BuildId>,
    /// Links to logs, tickets, pages.
    pub links: Vec<String>,
}

/// How bad a problem was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// No user noticed.
    Low,
    /// Users noticed; work went on.
    #[default]
    Medium,
    /// Users could not work.
    High,
}

/// What closes an issue-log entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// A new checklist item.
    ChecklistItem {
        /// The stage it belongs to.
        stage: StageKey,
        /// The item.
        text: String,
    },
    /// A new gate or a stricter one.
    Gate {
        /// The stage.
        stage: StageKey,
        /// What is demanded.
        text: String,
    },
    /// Nothing to learn, because.
    None {
        /// Why not.
        because: String,
    },
}
