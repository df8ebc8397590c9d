//! Which services belong to the releases of a product, and the dry run of such a rule (R3).

use crate::refusal::Blocker;
use serde::{Deserialize, Serialize};
use strsim::osa_distance;

/// Which services belong to the releases of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Membership {
    /// These.
    List {
        /// Their names.
        services: Vec<String>,
    },
    /// Every service whose name begins like this, also one that is added later.
    Prefix {
        /// The beginning of the name.
        prefix: String,
    },
}

/// A service as it is seen at its pipeline system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The name.
    pub name: String,
    /// Its stages there, in order.
    pub stages: Vec<CandidateStage>,
}

/// A stage as it is seen at a pipeline system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateStage {
    /// The name.
    pub name: String,
    /// The names of the gates in it.
    pub gates: Vec<String>,
}

/// How stages and gates of members are to be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Convention {
    /// The stages, in order.
    pub stages: Vec<ExpectedStage>,
}

/// A stage that every member is to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedStage {
    /// The name, for example `StagingQA`.
    pub name: String,
    /// The gate in it, for example `approve`; none where the convention asks for none.
    pub gate: Option<String>,
}

/// What a membership rule would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    /// Candidates that the rule makes members, each with the reason.
    pub members: Vec<Finding>,
    /// Candidates that it leaves out and that look as if they were meant.
    pub near_misses: Vec<Finding>,
    /// What members break of the convention, one finding each.
    pub breaches: Vec<Finding>,
    /// Listed names that no candidate has.
    pub missing: Vec<String>,
}

/// What was found about one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The candidate's name.
    pub name: String,
    /// What was found, why, and what would resolve it.
    pub reason: Blocker,
}

impl Membership {
    /// Says whether a service of this name is a member.
    pub fn takes(&self, name: &str) -> bool {
        match self {
            Self::List { services } => services.iter().any(|listed| listed == name),
            Self::Prefix { prefix } => name.starts_with(prefix.as_str()),
        }
    }
}

/// Says what a membership rule would do with the services that a pipeline system has.
pub fn dry_run(rule: &Membership, convention: &Convention, candidates: &[Candidate]) -> DryRun {
    let mut run = DryRun::default();
    for candidate in candidates {
        let name = candidate.name.clone();
        if rule.takes(&name) {
            let why = match rule {
                Membership::List { .. } => "It is on the list.".to_owned(),
                Membership::Prefix { prefix } => format!("Its name begins with “{prefix}”."),
            };
            let reason = Blocker::new("membership.member", why, "Nothing is left to do.");
            run.members.push(Finding { name: name.clone(), reason });
            let broken = breaches(convention, candidate);
            run.breaches.extend(broken.into_iter().map(|reason| Finding { name: name.clone(), reason }));
        } else if let Some(reason) = near_miss(rule, &name) {
            run.near_misses.push(Finding { name, reason });
        }
    }
    if let Membership::List { services } = rule {
        let there = |name: &&String| candidates.iter().any(|candidate| candidate.name == **name);
        run.missing = services.iter().filter(|name| !there(name)).cloned().collect();
    }
    run
}

/// Why a name that the rule leaves out looks as if it was meant; none when it does not.
fn near_miss(rule: &Membership, name: &str) -> Option<Blocker> {
    match rule {
        Membership::List { services } => services.iter().find_map(|listed| {
            if same_but_case(listed, name) {
                return Some(only_case(name, listed));
            }
            let apart = osa_distance(listed, name);
            (apart <= slack(listed)).then(|| misspelt(name, listed, apart))
        }),
        Membership::Prefix { prefix } => {
            let head: String = name.chars().take(prefix.chars().count()).collect();
            if same_but_case(&head, prefix) {
                return Some(only_case(name, prefix));
            }
            if slack(prefix) > 0 && name.to_lowercase().contains(&prefix.to_lowercase()) {
                return Some(Blocker::new(
                    "membership.prefix-inside",
                    format!("“{name}” has “{prefix}” in its name, though not at the beginning."),
                    "Rename the service or list the members one by one, if it belongs to the product.",
                ));
            }
            let apart = heads(name, prefix).map(|head| osa_distance(&head, prefix)).min()?;
            (apart <= slack(prefix)).then(|| misspelt(name, prefix, apart))
        }
    }
}

/// The beginnings of a name that are about as long as the prefix.
fn heads(name: &str, prefix: &str) -> impl Iterator<Item = String> {
    let (long, most) = (prefix.chars().count(), name.chars().count());
    let lengths = long.saturating_sub(2)..=(long + 2).min(most);
    lengths.map(|length| name.chars().take(length).collect())
}

/// How many slips of the pen still look like the same word: two, fewer where the word is short.
fn slack(word: &str) -> usize {
    (word.chars().count().saturating_sub(1) / 2).min(2)
}

fn same_but_case(one: &str, other: &str) -> bool {
    one != other && one.to_lowercase() == other.to_lowercase()
}

fn only_case(name: &str, wanted: &str) -> Blocker {
    Blocker::new(
        "membership.case",
        format!("“{name}” differs from “{wanted}” only by upper and lower case."),
        "Write both alike, if it belongs to the product.",
    )
}

fn misspelt(name: &str, wanted: &str, apart: usize) -> Blocker {
    let letters = if apart == 1 { "one letter" } else { "two letters" };
    Blocker::new(
        "membership.misspelt",
        format!("“{name}” is {letters} away from “{wanted}”."),
        "Correct the spelling, if it belongs to the product.",
    )
}

/// What a member breaks of the convention.
fn breaches(convention: &Convention, member: &Candidate) -> Vec<Blocker> {
    let mut found = Vec::new();
    let mut places = Vec::new();
    for expected in &convention.stages {
        let wanted = &expected.name;
        let Some(at) = member.stages.iter().position(|stage| stage.name == *wanted) else {
            let names: Vec<&str> = member.stages.iter().map(|stage| stage.name.as_str()).collect();
            found.push(absent("stage", wanted, &names, "It"));
            continue;
        };
        places.push(at);
        let gates: Vec<&str> = member.stages[at].gates.iter().map(String::as_str).collect();
        if let Some(gate) = expected.gate.as_ref().filter(|gate| !gates.contains(&gate.as_str())) {
            found.push(absent("gate", gate, &gates, wanted));
        }
    }
    if !places.is_sorted() {
        let order: Vec<&str> = convention.stages.iter().map(|stage| stage.name.as_str()).collect();
        found.push(Blocker::new(
            "convention.order",
            format!("Its stages do not come in the order {}.", order.join(", ")),
            "Put them in this order at the pipeline system.",
        ));
    }
    found
}

/// What a member lacks, and what it has instead that looks like it.
fn absent(what: &str, wanted: &str, there: &[&str], place: &str) -> Blocker {
    let alike =
        there.iter().find(|name| same_but_case(name, wanted) || osa_distance(name, wanted) <= slack(wanted));
    match alike {
        Some(name) => Blocker::new(
            &format!("convention.{what}-name"),
            format!("{place} calls the {what} “{wanted}” “{name}”."),
            format!("Rename it to “{wanted}” at the pipeline system."),
        ),
        None => Blocker::new(
            &format!("convention.{what}-missing"),
            format!("{place} has no {what} “{wanted}”."),
            format!("Add the {what} “{wanted}” at the pipeline system."),
        ),
    }
}
