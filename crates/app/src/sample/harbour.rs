//! Who works on Harbour, and what they agreed.

use signalbox_domain::feature::FeatureState;
use signalbox_domain::process::{
    Entry, Gate, Item, OnFailure, Path, Predecessors, Process, Require, Stage, Waiting,
};
use signalbox_domain::rule::{Apart, Rule};
use signalbox_domain::starters;
use signalbox_domain::strategy::Content;

/// One person of the sample product.
#[derive(Clone, Copy, Debug)]
pub struct SamplePerson {
    /// The short name.
    pub handle: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The roles.
    pub roles: &'static [&'static str],
}

/// The people of the sample product; the first one begins the ledger.
pub const PEOPLE: [SamplePerson; 5] = [
    SamplePerson { handle: "ines", name: "Ines Okafor", roles: &["release-manager", "administrator"] },
    SamplePerson { handle: "priya", name: "Priya Raman", roles: &["tester"] },
    SamplePerson { handle: "tom", name: "Tom Becker", roles: &["operations"] },
    SamplePerson { handle: "maya", name: "Maya Lindqvist", roles: &["business-analyst"] },
    SamplePerson { handle: "jon", name: "Jon Adeyemi", roles: &["developer"] },
];

/// Harbour's strategy.
pub fn strategy() -> Content {
    Content {
        topics: starters::topics(),
        process: process(),
        go_rule: Some(Rule::All {
            parts: vec![Rule::of(1, "operations"), Rule::of(1, "business-analyst")],
            ordered: false,
        }),
        steps: starters::plan_steps(),
    }
}

/// Harbour's process: four stages, from the build's arrival to production.
pub fn process() -> Process {
    Process {
        stages: vec![
            Stage { gate: checks(), ..stage("dev", "Development", &[]) },
            Stage {
                gate: Gate {
                    checklist: vec![
                        item("explored", "New screens explored on a tablet"),
                        item("regression", "Regression notes read"),
                    ],
                    rule: Some(Rule::of(1, "tester")),
                    apart: vec![Apart::Author],
                    ..checks()
                },
                on_failure: OnFailure::StopLine,
                ..stage("qa", "Acceptance", &["dev"])
            },
            Stage {
                gate: Gate { features: true, rule: Some(Rule::of(1, "business-analyst")), ..checks() },
                on_failure: OnFailure::StopLine,
                marks: Some(FeatureState::InStaging),
                ..stage("staging", "Staging", &["qa"])
            },
            Stage {
                entry: Entry::Press,
                gate: Gate {
                    rule: Some(Rule::of(1, "operations")),
                    apart: vec![Apart::Author, Apart::Deployer],
                    ..checks()
                },
                deployers: vec!["release-manager".into(), "operations".into()],
                needs_release: true,
                on_failure: OnFailure::StopLine,
                marks: Some(FeatureState::InProduction),
                ..stage("production", "Production", &["staging"])
            },
        ],
    }
}

fn stage(key: &str, name: &str, after: &[&str]) -> Stage {
    Stage {
        key: key.into(),
        name: name.into(),
        path: Path::On,
        predecessors: Predecessors {
            require: Require::All,
            stages: after.iter().map(|key| (*key).into()).collect(),
        },
        entry: Entry::Automatic,
        waiting: Waiting::Queue,
        on_failure: OnFailure::Open,
        gate: Gate::default(),
        deployers: Vec::new(),
        needs_release: false,
        asks_passphrase: false,
        marks: None,
        note: String::new(),
    }
}

fn checks() -> Gate {
    Gate { checks: vec!["smoke test".into()], ..Gate::default() }
}

fn item(key: &str, text: &str) -> Item {
    Item { key: key.into(), text: text.into() }
}
