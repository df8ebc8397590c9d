//! One entry as a row: who, when, in which role, about what, with which verdict, why, and on what evidence.

use crate::cell::safe;
use serde_json::Value;
use signalbox_domain::fact::Fact;
use signalbox_domain::line::{Meaning, Outcome};
use signalbox_domain::moment::Moment;
use signalbox_ledger::{Entry, Header};

/// The columns of the CSV, in order. A column is never renamed, moved or removed; new ones go to the end.
pub const COLUMNS: [&str; 25] = [
    "seq",
    "at",
    "author",
    "author_name",
    "role",
    "kind",
    "verdict",
    "meaning",
    "reason",
    "product",
    "service",
    "stage",
    "build",
    "release",
    "feature",
    "issue",
    "packet_sha256",
    "act",
    "id",
    "cause",
    "key",
    "subjects",
    "payload_sha256",
    "after_size",
    "leaf",
];

/// What ids are called. The ledger holds ids; a reader wants names beside them.
pub trait Names {
    /// The name of something: of a `person`, `product`, `service`, `stage`, `build`, `release`, `feature` or `issue`.
    fn name(&self, kind: &str, id: &str) -> Option<String>;
}

/// No names: ids stand for themselves.
impl Names for () {
    fn name(&self, _: &str, _: &str) -> Option<String> {
        None
    }
}

/// The cells of an entry.
pub(crate) fn cells(seq: u64, entry: &Entry, header: &Header, names: &dyn Names) -> [String; COLUMNS.len()] {
    let payload: Value =
        entry.payload.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    let fact = Fact::read(&header.kind, payload.clone()).ok();
    let (verdict, meaning) = fact.as_ref().map_or(("", ""), judgement);
    let verdict = if entry.payload.is_none() { "redacted" } else { verdict };
    let named = |kind: &str| {
        let subject = header.subjects.iter().find(|subject| subject.kind == kind)?;
        Some(names.name(kind, &subject.id).unwrap_or_else(|| subject.id.clone()))
    };
    let about = |kind: &str| named(kind).unwrap_or_default();
    let subjects: Vec<String> =
        header.subjects.iter().map(|subject| format!("{}:{}", subject.kind, subject.id)).collect();
    [
        seq.to_string(),
        Moment::new(header.at).to_string(),
        header.author.clone(),
        names.name("person", &header.author).unwrap_or_default(),
        header.role.clone(),
        header.kind.clone(),
        verdict.to_owned(),
        meaning.to_owned(),
        reason(&payload),
        about("product"),
        about("service"),
        about("stage"),
        about("build"),
        about("release"),
        about("feature"),
        about("issue"),
        header.packet.map(|packet| packet.to_string()).unwrap_or_default(),
        header.act.clone(),
        header.id.clone(),
        header.cause.clone().unwrap_or_default(),
        header.key.clone(),
        subjects.join(" "),
        header.payload.to_string(),
        header.after.size.to_string(),
        entry.leaf().to_string(),
    ]
    .map(|text| safe(&text))
}

/// What the fact decides, in one word, and what the signature means.
fn judgement(fact: &Fact) -> (&'static str, &'static str) {
    let either = |yes: bool, word, other| if yes { word } else { other };
    match fact {
        Fact::GateSigned { approved, meaning, .. } => {
            let meaning = match meaning {
                Meaning::Approval => "approval",
                Meaning::Review => "review",
                Meaning::Responsibility => "responsibility",
            };
            (either(*approved, "approved", "rejected"), meaning)
        }
        Fact::FeatureSigned { approved, .. } => (either(*approved, "approved", "rejected"), "approval"),
        Fact::GoVoiced { go, .. } => (either(*go, "go", "no-go"), "approval"),
        Fact::ReleaseDecided { .. } | Fact::ReleaseResumed { .. } => ("sent", "approval"),
        Fact::BuildVetoed { .. } => ("vetoed", ""),
        Fact::BuildPassed { .. } => ("passed", ""),
        Fact::BuildRejected { .. } => ("rejected", ""),
        Fact::BuildFailed { .. } => ("failed", ""),
        Fact::BuildEnded { .. } => ("ended", ""),
        Fact::BuildSuperseded { .. } => ("superseded", ""),
        Fact::SignoffWithdrawn { .. } => ("withdrawn", ""),
        Fact::SignoffStaled { .. } => ("stale", ""),
        Fact::CheckRecorded { passed, .. } => (either(*passed, "passed", "failed"), ""),
        Fact::DeploymentEnded { outcome, .. } => (ending(*outcome, "succeeded"), ""),
        Fact::ProductTestEnded { outcome, .. } => (ending(*outcome, "passed"), ""),
        _ => ("", ""),
    }
}

/// The word for an outcome; what was carried out has a word of its own.
fn ending(outcome: Outcome, good: &'static str) -> &'static str {
    match outcome {
        Outcome::Succeeded => good,
        Outcome::Failed => "failed",
        Outcome::NotDone => "not done",
        Outcome::Unknown => "unknown",
    }
}

/// The words of the author or the machine on why, whatever the kind calls them.
fn reason(payload: &Value) -> String {
    ["reason", "comment", "detail", "summary", "note", "outcome"]
        .iter()
        .filter_map(|field| payload.get(field)?.as_str())
        .find(|words| !words.is_empty())
        .unwrap_or_default()
        .to_owned()
}
