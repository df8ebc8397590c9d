//! Finds what is wrong with a process before it is put in force (P7), and says what it means in sentences.
//!
//! Owns the list of defects and the checks on single stages; the checks on the graph are in `graph`, those
//! on people in `approvers`, the sentences in `describe`. Nothing here refuses an act: whoever activates a
//! strategy asks and decides.

mod approvers;
mod describe;
mod graph;

use crate::id::{RoleKey, StageKey};
use crate::person::{Person, STARTER_ROLES, role_name};
use crate::process::{Entry, Process, Stage};
use crate::refusal::Blocker;
use crate::rule::Rule;
use crate::strategy::Content;
use serde::{Deserialize, Serialize};

pub use describe::describe;

/// One thing that is wrong with a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Stable, for programs: `process.reason`.
    pub code: String,
    /// For a person: what is wrong.
    pub sentence: String,
    /// For a person: what would mend it.
    pub next_step: String,
    /// The stages it is about, in the order of the process.
    pub stages: Vec<StageKey>,
    /// A shortest course of events that shows the defect, one event a line.
    pub trace: Vec<String>,
}

impl Defect {
    fn new(code: &str, stages: &[&Stage], sentence: String, next_step: &str, trace: Vec<String>) -> Self {
        Self {
            code: code.to_owned(),
            sentence,
            next_step: next_step.to_owned(),
            stages: stages.iter().map(|stage| stage.key.clone()).collect(),
            trace,
        }
    }

    /// The defect as a reason against an act.
    pub fn blocker(&self) -> Blocker {
        Blocker::new(&self.code, self.sentence.clone(), self.next_step.clone())
    }
}

/// Finds every defect of a process.
///
/// `people` are those who would work under it; with none given, what depends on people is not looked at.
pub fn check_process(process: &Process, people: &[&Person]) -> Vec<Defect> {
    let mut defects = Vec::new();
    check_stages_exist(process, &mut defects);
    check_keys(process, &mut defects);
    for stage in &process.stages {
        check_texts(stage, &mut defects);
        check_release(stage, &mut defects);
        check_roles(stage, people, &mut defects);
    }
    graph::check(process, &mut defects);
    if !people.is_empty() {
        approvers::check(process, people, &mut defects);
    }
    defects
}

/// Finds every defect of a strategy's content: of its process, of its go rule, of the agreement it asks for.
pub fn check_content(content: &Content, people: &[&Person]) -> Vec<Defect> {
    let mut defects = check_process(&content.process, people);
    if let Some(rule) = &content.go_rule {
        if asks_nobody(rule) {
            defects.push(Defect::new(
                "process.rule-empty",
                &[],
                "The rule for going ahead with a release asks for nobody.".into(),
                "Name at least one person of one role, or remove the rule.",
                vec!["A release is ready.".into(), "Part of its go rule can be met by no one.".into()],
            ));
        } else if !people.is_empty() {
            approvers::check_go_rule(rule, people, &mut defects);
        }
    }
    let wanted = content.go_rule.iter().flat_map(Rule::roles);
    let wanted = wanted.chain(content.topics.iter().flat_map(|topic| topic.agree.iter().cloned()));
    let mut unknown: Vec<RoleKey> = wanted.filter(|role| !is_known(role, people)).collect();
    unknown.sort();
    unknown.dedup();
    defects.extend(unknown.iter().map(|role| unknown_role(role, &[], "The strategy")));
    defects
}

fn check_stages_exist(process: &Process, defects: &mut Vec<Defect>) {
    if process.stages.is_empty() {
        defects.push(Defect::new(
            "process.no-stages",
            &[],
            "The process has no stages.".into(),
            "Add at least one stage on the path, or begin with a starter.",
            vec!["A build arrives.".into(), "There is no stage for it to enter.".into()],
        ));
    } else if process.on_path().next().is_none() {
        let stages: Vec<&Stage> = process.stages.iter().collect();
        defects.push(Defect::new(
            "process.no-path",
            &stages,
            "Every stage of the process is off the path.".into(),
            "Put at least one stage on the path.",
            vec!["A build arrives.".into(), "No stage on the path takes it.".into()],
        ));
    }
}

fn check_keys(process: &Process, defects: &mut Vec<Defect>) {
    for (at, stage) in process.stages.iter().enumerate() {
        let key = stage.key.as_str();
        if key.trim().is_empty() {
            defects.push(Defect::new(
                "process.key-empty",
                &[stage],
                format!("Stage {} has no key.", at + 1),
                "Give the stage a short key that no other stage has.",
                vec![format!("Stage {} is called “{}” and its key is empty.", at + 1, stage.name)],
            ));
        } else if let Some(first) = process.stages[..at].iter().position(|other| other.key == stage.key) {
            defects.push(Defect::new(
                "process.key-repeated",
                &[stage],
                format!("Two stages have the key “{key}”."),
                "Give each stage a key of its own.",
                vec![
                    format!("Stage {} has the key “{key}”.", first + 1),
                    format!("Stage {} has the key “{key}”, too.", at + 1),
                ],
            ));
        }
    }
}

fn check_texts(stage: &Stage, defects: &mut Vec<Defect>) {
    let name = title(stage);
    if stage.name.trim().is_empty() {
        defects.push(Defect::new(
            "process.name-empty",
            &[stage],
            format!("Stage {name} has no name."),
            "Write the name that people will read.",
            vec![format!("A screen shows stage {name} with an empty heading.")],
        ));
    }
    for (at, check) in stage.gate.checks.iter().enumerate() {
        let trace = vec![format!("Check {} of {name} is called “{check}”.", at + 1)];
        if check.trim().is_empty() {
            defects.push(Defect::new(
                "process.check-empty",
                &[stage],
                format!("A check of {name} has no name."),
                "Name the check as the pipeline reports it, or remove it.",
                trace,
            ));
        } else if stage.gate.checks[..at].contains(check) {
            defects.push(Defect::new(
                "process.check-repeated",
                &[stage],
                format!("{name} names the check “{check}” twice."),
                "Keep one of the two.",
                trace,
            ));
        }
    }
    for (at, item) in stage.gate.checklist.iter().enumerate() {
        let key = item.key.as_str();
        if item.text.trim().is_empty() {
            defects.push(Defect::new(
                "process.item-empty",
                &[stage],
                format!("Item {} of the checklist of {name} says nothing.", at + 1),
                "Write what has to be done, or remove the item.",
                vec![
                    format!("A build stands in {name}."),
                    format!("Its checklist asks for item {}, which has no text.", at + 1),
                ],
            ));
        }
        if key.trim().is_empty() || stage.gate.checklist[..at].iter().any(|other| other.key == item.key) {
            defects.push(Defect::new(
                "process.item-key-repeated",
                &[stage],
                format!("Item {} of the checklist of {name} has no key of its own (“{key}”).", at + 1),
                "Give each item of the stage a key of its own.",
                vec![
                    format!("A build stands in {name}."),
                    format!("Marking “{key}” as done would mark more than one item, or none."),
                ],
            ));
        }
    }
}

fn check_release(stage: &Stage, defects: &mut Vec<Defect>) {
    if stage.needs_release && stage.entry == Entry::Automatic {
        let name = title(stage);
        defects.push(Defect::new(
            "process.release-without-press",
            &[stage],
            format!("{name} needs a release, yet admits builds by itself."),
            "Let a person press there, or do without the release.",
            vec![
                format!("A build becomes ready for {name} and no release carries it."),
                format!("{name} admits it by itself: nobody asked for the release."),
            ],
        ));
    }
}

fn check_roles(stage: &Stage, people: &[&Person], defects: &mut Vec<Defect>) {
    let name = title(stage);
    if let Some(rule) = stage.gate.rule.as_ref().filter(|rule| asks_nobody(rule)) {
        defects.push(Defect::new(
            "process.rule-empty",
            &[stage],
            format!("The approval rule of {name} asks for nobody: “{}”.", rule.sentence(&stage.gate.apart)),
            "Name at least one person of one role, or remove the rule.",
            vec![
                format!("A build stands in {name}."),
                "Part of its approval rule can be met by no one.".into(),
            ],
        ));
    }
    let mut roles: Vec<RoleKey> = stage.gate.rule.iter().flat_map(Rule::roles).collect();
    roles.extend(stage.deployers.iter().cloned());
    roles.sort();
    roles.dedup();
    for role in roles.iter().filter(|role| !is_known(role, people)) {
        defects.push(unknown_role(role, &[stage], &name));
    }
}

fn is_known(role: &RoleKey, people: &[&Person]) -> bool {
    STARTER_ROLES.iter().any(|(key, _)| *key == role.as_str())
        || people.iter().any(|person| !person.machine && person.holds(role))
}

fn unknown_role(role: &RoleKey, stages: &[&Stage], whose: &str) -> Defect {
    Defect::new(
        "process.role-unknown",
        stages,
        format!("{whose} names the role “{role}”, which does not exist."),
        "Name a role that someone can hold.",
        vec![format!("{whose} asks for a person in the role “{role}”."), "No one can hold it.".into()],
    )
}

/// Says whether some part of the rule can't ask for anybody: no roles, no people, no parts.
fn asks_nobody(rule: &Rule) -> bool {
    match rule {
        Rule::Of { n, roles } => *n == 0 || roles.is_empty(),
        Rule::All { parts, .. } | Rule::Any { parts } => parts.is_empty() || parts.iter().any(asks_nobody),
    }
}

/// The name of a stage, or its key where it has no name.
fn title(stage: &Stage) -> String {
    if stage.name.trim().is_empty() { format!("“{}”", stage.key) } else { stage.name.clone() }
}

fn titles(process: &Process, keys: &[StageKey], last: &str) -> String {
    let names: Vec<String> =
        keys.iter().map(|key| process.stage(key).map_or_else(|| format!("“{key}”"), title)).collect();
    join(&names, last)
}

fn role_names(roles: &[RoleKey]) -> String {
    join(&roles.iter().map(role_name).collect::<Vec<_>>(), "or")
}

fn join(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}
