//! Approval rules: `n of role`, combined, with separation of duties (P6).

use crate::id::{PersonId, RoleKey};
use crate::person::role_name;
use serde::{Deserialize, Serialize};

/// Who has to agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// This many distinct people, each holding one of the roles.
    Of {
        /// How many.
        n: u32,
        /// Any of these roles counts.
        roles: Vec<RoleKey>,
    },
    /// Every part; a person counts in one part only.
    All {
        /// The parts.
        parts: Vec<Rule>,
        /// True when a part counts only after the parts before it.
        ordered: bool,
    },
    /// One part is enough.
    Any {
        /// The parts.
        parts: Vec<Rule>,
    },
}

/// Someone who must be another person than the approver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Apart {
    /// The author of the build's commit.
    Author,
    /// The person who requested the build's features.
    Requester,
    /// The person who deployed the build into the stage.
    Deployer,
    /// Anyone who approved this build at an earlier stage.
    OtherApprovers,
}

/// One approval that may count: who, acting in which role. Ordered by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// The person.
    pub person: PersonId,
    /// The role in which the person signed.
    pub role: RoleKey,
}

/// One smallest demand of a rule that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// How many more people.
    pub n: u32,
    /// Holding one of these roles.
    pub roles: Vec<RoleKey>,
}

impl Rule {
    /// `n` of one role.
    pub fn of(n: u32, role: &str) -> Self {
        Self::Of { n, roles: vec![role.into()] }
    }

    /// One of several roles.
    pub fn one_of(roles: &[&str]) -> Self {
        Self::Of { n: 1, roles: roles.iter().map(|role| (*role).into()).collect() }
    }

    /// What is still missing, given the approvals so far; empty when the rule is met.
    ///
    /// One person counts once: the assignment that leaves the fewest demands open is looked for.
    pub fn missing(&self, voices: &[Voice]) -> Vec<Missing> {
        self.demands()
            .into_iter()
            .map(|demands| open_demands(&demands, voices))
            .min_by_key(|open| open.iter().map(|missing| missing.n).sum::<u32>())
            .unwrap_or_default()
    }

    /// Every role that the rule names.
    pub fn roles(&self) -> Vec<RoleKey> {
        let mut roles = Vec::new();
        self.collect_roles(&mut roles);
        roles.sort();
        roles.dedup();
        roles
    }

    /// The rule as one plain sentence, without a full stop.
    pub fn sentence(&self, apart: &[Apart]) -> String {
        let mut sentence = self.phrase();
        if !apart.is_empty() {
            let others: Vec<&str> = apart.iter().map(|apart| apart.phrase()).collect();
            sentence.push_str(", not ");
            sentence.push_str(&join(&others, "or"));
        }
        let mut letters = sentence.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => sentence,
        }
    }

    /// The alternatives of the rule, each a list of (n, roles, order) demands that must all be met.
    fn demands(&self) -> Vec<Vec<Demand<'_>>> {
        match self {
            Self::Of { n, roles } => vec![vec![Demand { n: *n, roles, after: None }]],
            Self::Any { parts } => parts.iter().flat_map(Rule::demands).collect(),
            Self::All { parts, ordered } => {
                let mut ways: Vec<Vec<Demand<'_>>> = vec![Vec::new()];
                for part in parts {
                    let mut next = Vec::new();
                    for way in &ways {
                        for alternative in part.demands() {
                            let mut way = way.clone();
                            let before = if *ordered { way.len().checked_sub(1) } else { None };
                            let base = way.len();
                            way.extend(alternative.into_iter().map(|mut demand| {
                                demand.after = demand.after.map(|after| after + base).or(before);
                                demand
                            }));
                            next.push(way);
                        }
                    }
                    ways = next;
                }
                ways
            }
        }
    }

    fn collect_roles(&self, into: &mut Vec<RoleKey>) {
        match self {
            Self::Of { roles, .. } => into.extend(roles.iter().cloned()),
            Self::All { parts, .. } | Self::Any { parts } => {
                parts.iter().for_each(|part| part.collect_roles(into));
            }
        }
    }

    fn phrase(&self) -> String {
        match self {
            Self::Of { n, roles } => {
                let names: Vec<String> = roles.iter().map(|role| counted(*n, role_name(role))).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                format!("{} {}", number(*n), join(&names, "or"))
            }
            Self::All { parts, ordered } => {
                let parts: Vec<String> = parts.iter().map(Rule::phrase).collect();
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                join(&parts, if *ordered { "and then" } else { "and" })
            }
            Self::Any { parts } => {
                let parts: Vec<String> = parts.iter().map(Rule::phrase).collect();
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                join(&parts, "or else")
            }
        }
    }
}

impl Apart {
    fn phrase(self) -> &'static str {
        match self {
            Self::Author => "the author",
            Self::Requester => "the requester",
            Self::Deployer => "the person who deployed it",
            Self::OtherApprovers => "someone who approved an earlier stage",
        }
    }
}

#[derive(Clone, Debug)]
struct Demand<'a> {
    n: u32,
    roles: &'a [RoleKey],
    /// Index of the demand whose last approval must come before this one's.
    after: Option<usize>,
}

/// Assigns voices to demands, each voice to at most one, and answers the assignment with the least left open.
fn open_demands(demands: &[Demand<'_>], voices: &[Voice]) -> Vec<Missing> {
    let mut people: Vec<&PersonId> = Vec::new();
    let distinct: Vec<(usize, &Voice)> = voices.iter().enumerate().collect();
    for (_, voice) in &distinct {
        if !people.contains(&&voice.person) {
            people.push(&voice.person);
        }
    }
    let mut best: Option<Vec<Vec<usize>>> = None;
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); demands.len()];
    search(demands, voices, &people, 0, &mut chosen, &mut best);
    let best = best.unwrap_or_else(|| vec![Vec::new(); demands.len()]);
    demands
        .iter()
        .zip(&best)
        .filter_map(|(demand, given)| {
            let open = demand.n.saturating_sub(u32::try_from(given.len()).unwrap_or(u32::MAX));
            (open > 0).then(|| Missing { n: open, roles: demand.roles.to_vec() })
        })
        .collect()
}

fn search(
    demands: &[Demand<'_>],
    voices: &[Voice],
    people: &[&PersonId],
    at: usize,
    chosen: &mut Vec<Vec<usize>>,
    best: &mut Option<Vec<Vec<usize>>>,
) {
    let total = |given: &[Vec<usize>]| given.iter().map(Vec::len).sum::<usize>();
    let wanted = demands.iter().map(|demand| demand.n as usize).sum::<usize>();
    if best.as_ref().is_some_and(|best| total(best) == wanted) {
        return;
    }
    // Even if everyone left found a seat, this way would end no better than the best one.
    let left = people.len() - at;
    if best.as_ref().is_some_and(|best| total(best) >= total(chosen) + left) {
        return;
    }
    let Some(person) = people.get(at) else {
        let kept = in_order(demands, chosen);
        if best.as_ref().is_none_or(|best| total(best) < total(&kept)) {
            *best = Some(kept);
        }
        return;
    };
    for (index, voice) in voices.iter().enumerate().filter(|(_, voice)| voice.person == **person) {
        for (slot, demand) in demands.iter().enumerate() {
            if demand.roles.contains(&voice.role) && chosen[slot].len() < demand.n as usize {
                chosen[slot].push(index);
                search(demands, voices, people, at + 1, chosen, best);
                chosen[slot].pop();
            }
        }
    }
    search(demands, voices, people, at + 1, chosen, best);
}

/// Drops the approvals that came before the part they had to wait for was complete.
fn in_order(demands: &[Demand<'_>], chosen: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut kept: Vec<Vec<usize>> = Vec::with_capacity(chosen.len());
    for (demand, given) in demands.iter().zip(chosen) {
        let after = demand.after.and_then(|after| kept.get(after).map(|before| (after, before)));
        kept.push(match after {
            None => given.clone(),
            Some((index, before)) if before.len() == demands[index].n as usize => {
                let last = before.iter().max().copied();
                given.iter().copied().filter(|vote| Some(*vote) > last).collect()
            }
            Some(_) => Vec::new(),
        });
    }
    kept
}

fn counted(n: u32, role: String) -> String {
    if n == 1 || role.ends_with('s') { role } else { role + "s" }
}

fn number(n: u32) -> String {
    match n {
        1 => "one".into(),
        2 => "two".into(),
        3 => "three".into(),
        n => n.to_string(),
    }
}

fn join(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(person: &str, role: &str) -> Voice {
        Voice { person: person.into(), role: role.into() }
    }

    #[test]
    fn p6_one_person_counts_once() {
        let rule =
            Rule::All { parts: vec![Rule::of(1, "tester"), Rule::of(1, "operations")], ordered: false };
        let both = [voice("tom", "tester"), voice("tom", "operations")];
        assert_eq!(rule.missing(&both).len(), 1);
        assert!(rule.missing(&[voice("tom", "tester"), voice("ada", "operations")]).is_empty());
    }

    #[test]
    fn p6_the_best_assignment_is_found() {
        let rule = Rule::All {
            parts: vec![Rule::one_of(&["tester", "operations"]), Rule::of(1, "tester")],
            ordered: false,
        };
        assert!(rule.missing(&[voice("tom", "tester"), voice("ada", "operations")]).is_empty());
    }

    #[test]
    fn p6_an_ordered_rule_counts_only_in_order() {
        let rule = Rule::All { parts: vec![Rule::of(1, "tester"), Rule::of(1, "operations")], ordered: true };
        assert!(rule.missing(&[voice("tom", "tester"), voice("ada", "operations")]).is_empty());
        assert_eq!(rule.missing(&[voice("ada", "operations"), voice("tom", "tester")]).len(), 1);
    }

    #[test]
    fn p6_any_part_is_enough() {
        let rule = Rule::Any { parts: vec![Rule::of(2, "developer"), Rule::of(1, "tester")] };
        assert!(rule.missing(&[voice("tom", "tester")]).is_empty());
        assert_eq!(rule.missing(&[]), [Missing { n: 1, roles: vec!["tester".into()] }]);
    }

    #[test]
    fn p6_a_rule_reads_as_one_sentence() {
        let rule = Rule::one_of(&["tester", "business-analyst"]);
        assert_eq!(rule.sentence(&[Apart::Author]), "One tester or business analyst, not the author");
        assert_eq!(Rule::of(2, "developer").sentence(&[]), "Two developers");
    }
}
