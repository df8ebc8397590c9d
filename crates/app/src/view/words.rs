//! Small phrases: lists of names, counts, what a gate still wants.

use signalbox_domain::gate::GateStatus;
use signalbox_domain::id::{PersonId, RoleKey};
use signalbox_domain::line::{ItemState, Phase};
use signalbox_domain::person::role_name;
use signalbox_domain::rule::Missing;
use signalbox_domain::state::State;

/// `a, b or c`.
pub(super) fn join(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}

/// `1 section`, `2 sections`.
pub(super) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `tester or operations`.
pub(super) fn role_names(roles: &[RoleKey]) -> String {
    join(&roles.iter().map(role_name).collect::<Vec<_>>(), "or")
}

/// A first name where only one person has it, the full name otherwise.
pub(super) fn short_name(state: &State, id: &PersonId) -> String {
    let Some(person) = state.people.get(id) else { return id.to_string() };
    let first = |name: &str| name.split_whitespace().next().unwrap_or(name).to_owned();
    let short = first(&person.name);
    let same = state.people.values().filter(|other| !other.machine && first(&other.name) == short).count();
    if person.machine || same > 1 { person.name.clone() } else { short }
}

/// `Priya, Tom or 2 others`: whom to ask.
pub(super) fn any_of(state: &State, people: &[PersonId]) -> String {
    let mut names: Vec<String> = people.iter().map(|id| short_name(state, id)).collect();
    names.sort();
    if names.len() > 3 {
        let others = names.split_off(2).len();
        names.push(format!("{others} others"));
    }
    join(&names, "or")
}

/// What a gate still wants before and besides approvals, one phrase a kind.
pub(super) fn waits(status: &GateStatus) -> Vec<String> {
    let mut phrases = Vec::new();
    match status.phase {
        Phase::Undecided => {}
        Phase::Deploying => phrases.push("the deployment is still running".to_owned()),
        Phase::Unknown => phrases.push("nobody knows how the deployment ended".to_owned()),
        Phase::Stopped => phrases.push("the deployment or a check failed".to_owned()),
    }
    let quoted = |failed: bool| -> Vec<String> {
        let wanted = status.checks.iter().filter(|(_, result)| match result {
            None => !failed,
            Some(result) => failed && !result.passed,
        });
        wanted.map(|(name, _)| format!("“{name}”")).collect()
    };
    match quoted(true).as_slice() {
        [] => {}
        [one] => phrases.push(format!("the check {one} failed")),
        many => phrases.push(format!("the checks {} failed", join(many, "and"))),
    }
    match quoted(false).as_slice() {
        [] => {}
        [one] => phrases.push(format!("the check {one} has no result")),
        many => phrases.push(format!("{} checks have no result", many.len())),
    }
    let open = status
        .items
        .iter()
        .filter(|(_, mark)| mark.as_ref().is_none_or(|mark| mark.state == ItemState::Open))
        .count();
    if open > 0 {
        let verb = if open == 1 { "is" } else { "are" };
        phrases.push(format!("{open} of {} {verb} open", count(status.items.len(), "checklist item")));
    }
    for (key, answer) in &status.features {
        match answer {
            Some(true) => {}
            Some(false) => phrases.push(format!("{key} was not accepted")),
            None => phrases.push(format!("{key} is not signed off")),
        }
    }
    match status.ahead.as_slice() {
        [] => {}
        [one] => phrases.push(one.sentence.trim_end_matches('.').to_owned()),
        many => phrases.push(format!("{} keep it from going on", count(many.len(), "point"))),
    }
    phrases
}

/// The approvals that a rule still wants, one phrase a demand.
pub(super) fn approvals(missing: &[Missing]) -> Vec<String> {
    missing
        .iter()
        .map(|missing| {
            format!("{} from {}", count(missing.n as usize, "more approval"), role_names(&missing.roles))
        })
        .collect()
}

/// The phrase with a capital letter.
pub(super) fn capital(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_as_people_say_it() {
        let words: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(join(&words, "or"), "a, b or c");
        assert_eq!(join(&words[..1], "or"), "a");
        assert_eq!(count(1, "step"), "1 step");
        assert_eq!(count(0, "step"), "0 steps");
        assert_eq!(capital("one tester"), "One tester");
    }
}
