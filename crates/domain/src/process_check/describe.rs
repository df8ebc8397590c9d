//! Says in plain sentences what a process demands, for people who read a strategy.

use super::{role_names, title, titles};
use crate::process::{Entry, OnFailure, Path, Process, Require, Stage, Waiting};
use crate::rule::Rule;

/// One sentence a stage, in the order of the process.
///
/// ```text
/// QA: enters by itself after DEV; waits first in, first out; one tester, not the author, approves after
/// the smoke test check and 2 checklist items.
/// ```
pub fn describe(process: &Process) -> Vec<String> {
    process.stages.iter().map(|stage| sentence(process, stage)).collect()
}

fn sentence(process: &Process, stage: &Stage) -> String {
    let mut clauses = vec![entry(process, stage)];
    if stage.entry == Entry::Automatic && stage.path == Path::On {
        clauses.push(match stage.waiting {
            Waiting::Queue => "waits first in, first out".to_owned(),
            Waiting::Supersede => "a newer waiting build replaces older ones".to_owned(),
        });
    }
    if stage.needs_release {
        clauses.push("needs a release whose plan is complete and agreed".to_owned());
    }
    clauses.push(gate(stage));
    if stage.on_failure == OnFailure::StopLine {
        clauses.push("a failure stops the line here".to_owned());
    }
    if stage.asks_passphrase {
        clauses.push("signing asks for the passphrase again".to_owned());
    }
    if let Some(mark) = stage.marks {
        clauses.push(format!("its features are then {}", mark.name()));
    }
    if stage.entry == Entry::Automatic
        && process.is_last(&stage.key)
        && !process.arrivals().any(|a| a == stage)
    {
        clauses.push("this is continuous deployment".to_owned());
    }
    format!("{}: {}.", title(stage), clauses.join("; "))
}

fn entry(process: &Process, stage: &Stage) -> String {
    let before = &stage.predecessors.stages;
    let word = if stage.predecessors.require == Require::Any { "or" } else { "and" };
    let after = titles(process, before, word);
    let who = || {
        if stage.deployers.is_empty() {
            "anyone".to_owned()
        } else {
            format!("a person ({})", role_names(&stage.deployers))
        }
    };
    let beside = if stage.path == Path::Off { "stands beside the path; " } else { "" };
    let how = match (stage.entry, before.is_empty()) {
        (Entry::Automatic, true) => "enters by itself on arrival".to_owned(),
        (Entry::Automatic, false) => format!("enters by itself after {after}"),
        (Entry::Press, true) if stage.path == Path::Off => format!("{} deploys when needed", who()),
        (Entry::Press, true) => format!("{} chooses an arrived build and deploys it", who()),
        (Entry::Press, false) => format!("{} chooses a build that has passed {after} and deploys it", who()),
    };
    format!("{beside}{how}")
}

fn gate(stage: &Stage) -> String {
    let gate = &stage.gate;
    let mut after = Vec::new();
    match gate.checks.as_slice() {
        [] => {}
        [one] => after.push(format!("the {one} check")),
        many => after.push(format!("the checks {}", super::join(many, "and"))),
    }
    match gate.checklist.len() {
        0 => {}
        1 => after.push("1 checklist item".to_owned()),
        n => after.push(format!("{n} checklist items")),
    }
    if gate.features {
        after.push("a sign-off of every feature it carries".to_owned());
    }
    let after = super::join(&after, "and");
    match &gate.rule {
        Some(rule) => {
            let comma = if gate.apart.is_empty() { "" } else { "," };
            let verb = if is_one(rule) { "approves" } else { "approve" };
            let who = lower(&rule.sentence(&gate.apart));
            if after.is_empty() {
                format!("{who}{comma} {verb}")
            } else {
                format!("{who}{comma} {verb} after {after}")
            }
        }
        None if after.is_empty() => "passes as soon as it is deployed".to_owned(),
        None => format!("passes after {after}"),
    }
}

fn is_one(rule: &Rule) -> bool {
    match rule {
        Rule::Of { n, .. } => *n == 1,
        Rule::All { parts, .. } => parts.len() == 1 && parts.iter().all(is_one),
        Rule::Any { parts } => parts.last().is_some_and(is_one),
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
