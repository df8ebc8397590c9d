//! What a simulation begins with: people for every role, one service, a pipeline that reaches each stage.

use crate::fact::{Fact, Meta};
use crate::id::{ConnectionId, EntryId, PersonId, ProductId, RoleKey, ServiceId};
use crate::moment::Moment;
use crate::person::{MACHINE_ROLE, STARTER_ROLES};
use crate::process::Process;
use crate::rule::Rule;
use crate::starters::go_rule;
use crate::strategy::Content;

/// More people than this in one role make a simulation slower and no clearer.
const CREW: u32 = 12;

pub(super) fn service() -> ServiceId {
    "service".into()
}

pub(super) fn product() -> ProductId {
    "product".into()
}

pub(super) fn machine() -> PersonId {
    "machine".into()
}

/// Who presses in a role. Approvers are the others, so that they can be other people.
pub(super) fn presser(role: &RoleKey) -> PersonId {
    PersonId::new(format!("{role}-0"))
}

/// The facts that stand in the ledger before the first act.
pub(super) fn opening(process: &Process) -> Vec<(Meta, Fact)> {
    let connection = ConnectionId::from("simulated");
    let content = Content { process: process.clone(), go_rule: Some(go_rule()), ..Content::default() };
    let mut facts = vec![Fact::LedgerOpened { name: "Simulation".into() }, enrolled(machine(), MACHINE_ROLE)];
    let crew = process
        .stages
        .iter()
        .filter_map(|stage| stage.gate.rule.as_ref())
        .fold(2, |sum: u32, rule| sum.saturating_add(heads(rule)))
        .min(CREW);
    for role in roles(process) {
        facts.extend((0..crew).map(|n| enrolled(PersonId::new(format!("{role}-{n}")), role.as_str())));
    }
    facts.extend([
        Fact::ProductCreated { product: product(), key: "SIM".into(), name: "Simulation".into() },
        Fact::ServiceAdded { product: product(), service: service(), name: "line".into() },
        Fact::ConnectionAdded {
            connection: connection.clone(),
            system: "simulated".into(),
            name: "Simulated pipeline".into(),
        },
        Fact::ServiceBound {
            service: service(),
            product: product(),
            connection,
            pipeline: "line".into(),
            stages: process.stages.iter().map(|stage| stage.key.as_str().to_owned()).collect(),
            mapped: Vec::new(),
        },
        Fact::StrategyDrafted { product: product(), version: 1, content: Box::new(content) },
        Fact::StrategyActivated { product: product(), version: 1 },
    ]);
    let at = Moment::from_millis(0);
    facts
        .into_iter()
        .zip(0_usize..)
        .map(|(fact, index)| (Meta { id: entry_id(index), at, author: machine() }, fact))
        .collect()
}

pub(super) fn entry_id(index: usize) -> EntryId {
    EntryId::new(format!("entry-{index:06}"))
}

fn enrolled(person: PersonId, role: &str) -> Fact {
    Fact::PersonEnrolled {
        handle: person.to_string(),
        name: person.as_str().replace('-', " "),
        roles: vec![role.into()],
        fingerprint: format!("simulated:{person}"),
        public: String::new(),
        machine: role == MACHINE_ROLE,
        person,
    }
}

/// The starter roles and every other role that the process names.
fn roles(process: &Process) -> Vec<RoleKey> {
    let mut roles: Vec<RoleKey> = STARTER_ROLES.iter().map(|(key, _)| RoleKey::from(*key)).collect();
    for stage in &process.stages {
        roles.extend(stage.gate.rule.iter().flat_map(Rule::roles));
        roles.extend(stage.deployers.iter().cloned());
    }
    roles.sort();
    roles.dedup();
    roles.retain(|role| role.as_str() != MACHINE_ROLE);
    roles
}

/// How many people a rule can ask for at most.
fn heads(rule: &Rule) -> u32 {
    match rule {
        Rule::Of { n, .. } => *n,
        Rule::All { parts, .. } | Rule::Any { parts } => {
            parts.iter().fold(0, |sum: u32, part| sum.saturating_add(heads(part)))
        }
    }
}
