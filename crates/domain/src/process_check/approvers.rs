//! Checks whether the people at hand can meet the approval rules and press what has to be pressed.
//!
//! Who wrote a build is not theirs to choose, so every developer is tried as its author and every business
//! analyst as the one who asked for it. Who presses and who approves is theirs to choose, so one good choice
//! is enough.

use super::graph::behind;
use super::{Defect, role_names, title};
use crate::id::{PersonId, RoleKey, StageKey};
use crate::person::Person;
use crate::process::{Entry, Process, Stage};
use crate::rule::{Apart, Rule};
use std::collections::BTreeSet;

/// How many choices of approvers are tried for one author before the process is taken as workable.
const TRIES: usize = 20_000;

/// Adds every defect that shows with these people.
pub(super) fn check(process: &Process, people: &[&Person], defects: &mut Vec<Defect>) {
    let living: Vec<&Person> =
        people.iter().copied().filter(|person| !person.machine && person.can_sign()).collect();
    for stage in &process.stages {
        if stage.entry == Entry::Press && deployers(stage, &living).is_empty() {
            defects.push(Defect::new(
                "process.no-deployer",
                &[stage],
                format!(
                    "Nobody may deploy to {}: no {} can sign.",
                    title(stage),
                    role_names(&stage.deployers)
                ),
                "Give someone the role, enrol a key, or name another role.",
                vec![
                    format!("A build is ready for {}.", title(stage)),
                    "Nobody is there who may press.".to_owned(),
                ],
            ));
        }
        check_rule(process, stage, &living, defects);
    }
}

/// Adds a defect when nobody could ever say go.
pub(super) fn check_go_rule(rule: &Rule, people: &[&Person], defects: &mut Vec<Defect>) {
    let living: Vec<&Person> =
        people.iter().copied().filter(|person| !person.machine && person.can_sign()).collect();
    if !can_meet(rule, &living) {
        defects.push(Defect::new(
            "process.rule-impossible",
            &[],
            format!("Nobody can say go to a release: “{}” can't be met.", rule.sentence(&[])),
            "Give more people the roles, or ask for fewer.",
            vec![
                "A release is complete.".into(),
                format!("To go ahead it needs {}.", lower(&rule.sentence(&[]))),
                able(rule, &living, &BTreeSet::new()),
            ],
        ));
    }
}

fn check_rule(process: &Process, stage: &Stage, living: &[&Person], defects: &mut Vec<Defect>) {
    let Some(rule) = stage.gate.rule.as_ref().filter(|rule| !super::asks_nobody(rule)) else { return };
    let sentence = rule.sentence(&stage.gate.apart);
    let stands = format!("A build stands in {}.", title(stage));
    let asks = format!("Its gate asks for: {}.", lower(&sentence));
    if alternatives(rule).iter().all(|way| way.iter().any(|demand| demand.able(living).is_empty())) {
        defects.push(Defect::new(
            "process.no-approver",
            &[stage],
            format!("The gate of {} has no living approver: {}.", title(stage), lower(&sentence)),
            "Give someone the role, enrol a key, or change the rule.",
            vec![stands, asks, able(rule, living, &BTreeSet::new())],
        ));
        return;
    }
    let Some(stuck) = stuck_with(process, stage, living) else { return };
    let named = |id: &PersonId| {
        living.iter().find(|person| person.id == *id).map_or_else(|| id.to_string(), |p| p.name.clone())
    };
    let mut trace = Vec::new();
    let mut out = BTreeSet::new();
    if let Some(author) = &stuck.author {
        trace.push(format!("{} writes the commit of a build.", named(author)));
        out.insert(author.clone());
    }
    if let Some(requester) = &stuck.requester {
        trace.push(format!("{} asked for a feature in it.", named(requester)));
        out.insert(requester.clone());
    }
    trace.extend([stands, asks]);
    if stage.gate.apart.contains(&Apart::Deployer) && stage.entry == Entry::Press {
        trace.push("Whoever deploys it can't approve it.".into());
    }
    if stage.gate.apart.contains(&Apart::OtherApprovers) {
        trace.push("Whoever approved it at an earlier stage can't approve it here.".into());
    }
    trace.push(able(rule, living, &out));
    defects.push(Defect::new(
        "process.rule-impossible",
        &[stage],
        format!("The people at hand can't meet the rule of {}: {}.", title(stage), lower(&sentence)),
        "Give more people the roles, ask for fewer, or relax who must be another person.",
        trace,
    ));
}

/// Who could approve, as a sentence.
fn able(rule: &Rule, living: &[&Person], out: &BTreeSet<PersonId>) -> String {
    let roles = rule.roles();
    let able: Vec<String> = living
        .iter()
        .filter(|person| person.holds_any(&roles) && !out.contains(&person.id))
        .map(|person| person.name.clone())
        .collect();
    if able.is_empty() {
        format!("Nobody is left in the role {}.", role_names(&roles))
    } else {
        format!("Left to approve: {}. That is not enough.", super::join(&able, "and"))
    }
}

/// Whose build gets stuck at a gate.
struct Stuck {
    author: Option<PersonId>,
    requester: Option<PersonId>,
}

fn stuck_with(process: &Process, stage: &Stage, living: &[&Person]) -> Option<Stuck> {
    let apart = &stage.gate.apart;
    let before = behind(process, &stage.key);
    let chain: Vec<&Stage> = if apart.contains(&Apart::OtherApprovers) {
        process.stages.iter().filter(|other| before.contains(&other.key)).collect()
    } else {
        Vec::new()
    };
    let matters =
        |what: Apart| apart.contains(&what) || chain.iter().any(|earlier| earlier.gate.apart.contains(&what));
    let authors = candidates(matters(Apart::Author), "developer", living);
    let requesters = candidates(matters(Apart::Requester), "business-analyst", living);
    for author in &authors {
        for requester in &requesters {
            let mut search = Search { process, living, author, requester, tries: TRIES };
            if !search.can_pass(stage, &BTreeSet::new()) {
                return Some(Stuck { author: author.cloned(), requester: requester.cloned() });
            }
        }
    }
    None
}

fn candidates<'a>(matters: bool, role: &str, living: &[&'a Person]) -> Vec<Option<&'a PersonId>> {
    let role = RoleKey::from(role);
    let holders: Vec<Option<&PersonId>> = living
        .iter()
        .filter(|person| matters && person.holds(&role))
        .map(|person| Some(&person.id))
        .collect();
    if holders.is_empty() { vec![None] } else { holders }
}

struct Search<'a> {
    process: &'a Process,
    living: &'a [&'a Person],
    author: &'a Option<&'a PersonId>,
    requester: &'a Option<&'a PersonId>,
    tries: usize,
}

impl Search<'_> {
    /// Says whether a stage, and the stages behind it that it depends on, can be approved by people who are
    /// not `taken`.
    fn can_pass(&mut self, stage: &Stage, taken: &BTreeSet<PersonId>) -> bool {
        let before = behind(self.process, &stage.key);
        let earlier: Vec<StageKey> = self
            .process
            .stages
            .iter()
            .filter(|other| before.contains(&other.key) && other.key != stage.key)
            .map(|other| other.key.clone())
            .collect();
        let Some(rule) = stage.gate.rule.as_ref().filter(|rule| !super::asks_nobody(rule)) else {
            return true;
        };
        let apart = &stage.gate.apart;
        let mut out: BTreeSet<&PersonId> = taken.iter().collect();
        for (what, who) in [(Apart::Author, self.author), (Apart::Requester, self.requester)] {
            out.extend(who.filter(|_| apart.contains(&what)));
        }
        let pressers: Vec<Option<PersonId>> =
            if apart.contains(&Apart::Deployer) && stage.entry == Entry::Press {
                deployers(stage, self.living).into_iter().map(|person| Some(person.id.clone())).collect()
            } else {
                vec![None]
            };
        for presser in &pressers {
            let out: BTreeSet<&PersonId> = out.iter().copied().chain(presser.as_ref()).collect();
            let pool: Vec<&Person> =
                self.living.iter().filter(|person| !out.contains(&person.id)).copied().collect();
            if !apart.contains(&Apart::OtherApprovers) {
                if can_meet(rule, &pool) {
                    return true;
                }
                continue;
            }
            for approvers in approver_sets(rule, &pool) {
                if self.tries == 0 {
                    return true;
                }
                self.tries -= 1;
                let mut taken = taken.clone();
                taken.extend(approvers);
                let stages: Vec<Stage> =
                    earlier.iter().filter_map(|key| self.process.stage(key)).cloned().collect();
                if stages.iter().all(|stage| self.can_pass(stage, &taken)) {
                    return true;
                }
            }
        }
        false
    }
}

fn deployers<'a>(stage: &Stage, living: &[&'a Person]) -> Vec<&'a Person> {
    living
        .iter()
        .copied()
        .filter(|person| stage.deployers.is_empty() || person.holds_any(&stage.deployers))
        .collect()
}

/// So many people, each holding one of the roles.
#[derive(Clone)]
struct Demand<'a> {
    n: usize,
    roles: &'a [RoleKey],
}

impl Demand<'_> {
    fn able<'p>(&self, people: &[&'p Person]) -> Vec<&'p Person> {
        people.iter().copied().filter(|person| person.holds_any(self.roles)).collect()
    }
}

/// The alternatives of a rule, each a list of demands that must all be met by distinct people. The order of
/// an ordered rule does not matter here: people who can sign at all can sign in that order.
fn alternatives(rule: &Rule) -> Vec<Vec<Demand<'_>>> {
    match rule {
        Rule::Of { n, roles } => {
            vec![vec![Demand { n: usize::try_from(*n).unwrap_or(usize::MAX), roles }]]
        }
        Rule::Any { parts } => parts.iter().flat_map(alternatives).collect(),
        Rule::All { parts, .. } => parts.iter().fold(vec![Vec::new()], |ways, part| {
            let more = alternatives(part);
            ways.iter()
                .flat_map(|way| more.iter().map(move |add| way.iter().chain(add).cloned().collect()))
                .collect()
        }),
    }
}

fn can_meet(rule: &Rule, people: &[&Person]) -> bool {
    alternatives(rule).iter().any(|way| {
        let wanted = way.iter().map(|demand| demand.n).fold(0, usize::saturating_add);
        wanted <= people.len() && matched(way, people) == wanted
    })
}

/// How many seats of the demands can be filled with distinct people (bipartite matching by augmenting ways).
fn matched(demands: &[Demand<'_>], people: &[&Person]) -> usize {
    let seats: Vec<&[RoleKey]> =
        demands.iter().flat_map(|demand| std::iter::repeat_n(demand.roles, demand.n)).collect();
    let mut seat_of: Vec<Option<usize>> = vec![None; people.len()];
    (0..seats.len())
        .filter(|seat| seat_someone(*seat, &seats, people, &mut seat_of, &mut BTreeSet::new()))
        .count()
}

fn seat_someone(
    seat: usize,
    seats: &[&[RoleKey]],
    people: &[&Person],
    seat_of: &mut Vec<Option<usize>>,
    asked: &mut BTreeSet<usize>,
) -> bool {
    for (at, person) in people.iter().enumerate() {
        if !person.holds_any(seats[seat]) || !asked.insert(at) {
            continue;
        }
        let moved = match seat_of[at] {
            None => true,
            Some(other) => seat_someone(other, seats, people, seat_of, asked),
        };
        if moved {
            seat_of[at] = Some(seat);
            return true;
        }
    }
    false
}

/// The sets of people that meet the rule with nobody to spare, a bounded number of them.
fn approver_sets(rule: &Rule, people: &[&Person]) -> BTreeSet<BTreeSet<PersonId>> {
    let mut sets = BTreeSet::new();
    for way in alternatives(rule) {
        let wanted = way.iter().map(|demand| demand.n).fold(0, usize::saturating_add);
        if wanted > people.len() {
            continue;
        }
        let seats: Vec<&[RoleKey]> =
            way.iter().flat_map(|demand| std::iter::repeat_n(demand.roles, demand.n)).collect();
        let mut partial: BTreeSet<BTreeSet<PersonId>> = BTreeSet::from([BTreeSet::new()]);
        for roles in seats {
            let mut next = BTreeSet::new();
            for set in &partial {
                let able =
                    people.iter().filter(|person| person.holds_any(roles) && !set.contains(&person.id));
                for person in able.take(TRIES.saturating_sub(next.len())) {
                    let mut larger = set.clone();
                    larger.insert(person.id.clone());
                    next.insert(larger);
                }
            }
            partial = next;
        }
        sets.extend(partial);
    }
    sets
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
