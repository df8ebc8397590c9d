//! What a new product can begin with: processes, support infrastructure, strategy topics, plan steps,
//! practices. Everything here is a suggestion; every name and text can be changed afterwards.
//!
//! Deliberately absent: the ten sections of a release plan ([`crate::release::SECTIONS`]) and the seven
//! states of a feature ([`crate::feature::FeatureState`]), which are part of the vocabulary.

mod nine_stages;
mod six_phases;
mod support;
mod texts;
mod three_environments;

use crate::id::{ItemKey, RoleKey, StageKey};
use crate::process::{Entry, Gate, Item, OnFailure, Path, Predecessors, Process, Require, Stage, Waiting};
use crate::rule::{Apart, Rule};
use crate::strategy::{Content, StepTemplate};

pub use support::support_infrastructure;
pub use texts::{Practice, go_rule, plan_steps, practices, topics};

/// A process to begin with, and the plan steps that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// Stable key, for example `nine-stages`.
    pub key: &'static str,
    /// The name shown to people.
    pub name: &'static str,
    /// What it is for, in a sentence or two.
    pub summary: &'static str,
    /// The stages.
    pub process: Process,
    /// Steps that a new release plan starts with.
    pub steps: Vec<StepTemplate>,
}

impl Starter {
    /// A whole first strategy: the topics, this process, the go rule and the steps.
    pub fn content(&self) -> Content {
        Content {
            topics: topics(),
            process: self.process.clone(),
            go_rule: Some(go_rule()),
            steps: self.steps.clone(),
        }
    }
}

/// Every starter, the fullest first.
pub fn starters() -> Vec<Starter> {
    vec![
        Starter {
            key: "nine-stages",
            name: "Nine stages",
            summary: "A cloud pipeline: after acceptance, people explore while machines measure capacity; both \
                      must agree before pre-production; production is a person's press.",
            process: nine_stages::process(),
            steps: plan_steps(),
        },
        Starter {
            key: "six-phases",
            name: "Six phases",
            summary: "Six phases in a row with 24 checklist items, from the commit to the running product. \
                      Works without any automation.",
            process: six_phases::process(),
            steps: plan_steps(),
        },
        Starter {
            key: "three-environments",
            name: "Three environments",
            summary: "DEV, QA, PROD: every approved build moves on by itself, up to production.",
            process: three_environments::process(),
            steps: plan_steps(),
        },
    ]
}

/// The starter with this key.
pub fn starter(key: &str) -> Option<Starter> {
    starters().into_iter().find(|starter| starter.key == key)
}

/// A stage on the path with nothing asked for; `after` are predecessors that must all have passed.
fn on_path(key: &str, name: &str, entry: Entry, after: &[&str]) -> Stage {
    Stage {
        key: StageKey::from(key),
        name: name.to_owned(),
        path: Path::On,
        predecessors: Predecessors {
            require: Require::All,
            stages: after.iter().map(|key| StageKey::from(*key)).collect(),
        },
        entry,
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

/// A stage beside the path that people of these roles run when it is needed.
fn off_path(key: &str, name: &str, after: &[&str], deployers: &[&str], note: &str) -> Stage {
    Stage {
        path: Path::Off,
        deployers: roles(deployers),
        note: note.to_owned(),
        ..on_path(key, name, Entry::Press, after)
    }
}

fn roles(keys: &[&str]) -> Vec<RoleKey> {
    keys.iter().map(|key| RoleKey::from(*key)).collect()
}

fn gate(checks: &[&str], rule: Option<Rule>, apart: &[Apart]) -> Gate {
    Gate {
        checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        rule,
        apart: apart.to_vec(),
        ..Gate::default()
    }
}

fn items(items: &[(&str, &str)]) -> Vec<Item> {
    items.iter().map(|(key, text)| Item { key: ItemKey::from(*key), text: (*text).to_owned() }).collect()
}
