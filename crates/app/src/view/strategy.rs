//! Strategies: topics, the process in sentences, agreement, defects, and what changed.

use super::Me;
use super::common::role_view;
use super::trial::{TYPED, Trial};
use crate::wire::{
    ChangeView, CosignView, DefectView, ProcessReport, ProcessStageView, StarterList, StarterView,
    StepTemplateView, StrategyView, TopicView, VersionRow,
};
use signalbox_domain::decide::Act;
use signalbox_domain::moment::Moment;
use signalbox_domain::person::Person;
use signalbox_domain::process::{Path, Process, Require, Stage};
use signalbox_domain::process_check::{Defect, check_content, check_process, describe};
use signalbox_domain::rule::Rule;
use signalbox_domain::starters::{Starter, starters as all_starters};
use signalbox_domain::state::State;
use signalbox_domain::strategy::{Content, Cosignature, StepTemplate, Strategy, Topic};

/// Shows a strategy version; `versions` are all of the product's, oldest first.
pub fn strategy_view(
    state: &State,
    strategy: &Strategy,
    versions: &[Strategy],
    me: Option<&Me>,
    at: Moment,
) -> StrategyView {
    let Strategy { product, version, content, author, at: written, cosigned, activated: _ } = strategy;
    let known = state.products.get(product);
    let in_force = known.and_then(|product| product.strategy);
    let mut whole = state.clone();
    for version in versions.iter().chain([strategy]) {
        whole.strategies.insert((product.clone(), version.version), version.clone());
    }
    let before = in_force.and_then(|version| whole.strategies.get(&(product.clone(), version)).cloned());
    let missing = strategy.agreement_missing();
    let trial = Trial::new(whole, me, at);
    let mut cosign = trial.mine(&Act::CosignStrategy {
        product: product.clone(),
        version: *version,
        comment: TYPED.into(),
    });
    // The roles whose agreement is still wanted come first.
    cosign.roles.sort_by_key(|role| !missing.iter().any(|wanted| wanted.as_str() == role.key));
    let people: Vec<&Person> = state.people.values().collect();
    let Content { topics, process, go_rule, steps } = content;
    StrategyView {
        product: product.to_string(),
        product_name: known.map_or_else(|| product.to_string(), |known| known.name.clone()),
        version: *version,
        in_force,
        versions: versions.iter().map(|version| version_row(state, version)).collect(),
        author: state.name_of(author),
        at: written.to_string(),
        topics: topics.iter().map(topic_view).collect(),
        stages: stage_views(process),
        go_sentence: go_rule.as_ref().map(|rule| rule.sentence(&[])),
        steps: steps.iter().map(template_view).collect(),
        defects: check_content(content, &people).iter().map(defect_view).collect(),
        cosigned: cosigned.iter().map(|given| cosign_view(state, given)).collect(),
        agreement_missing: missing.iter().map(role_view).collect(),
        changes: before.map(|before| changes(&before.content, content)).unwrap_or_default(),
        cosign,
        activate: trial.mine(&Act::ActivateStrategy { product: product.clone(), version: *version }),
        process: serde_json::to_value(process).unwrap_or_default(),
    }
}

/// Shows a defect.
pub fn defect_view(defect: &Defect) -> DefectView {
    let Defect { code, sentence, next_step, stages, trace } = defect;
    DefectView {
        code: code.clone(),
        sentence: sentence.clone(),
        next_step: next_step.clone(),
        stages: stages.iter().map(ToString::to_string).collect(),
        trace: trace.clone(),
    }
}

/// Looks for defects in a process that people of this desk would work under.
pub fn process_report(state: &State, process: &Process) -> ProcessReport {
    let people: Vec<&Person> = state.people.values().collect();
    ProcessReport {
        defects: check_process(process, &people).iter().map(defect_view).collect(),
        sentences: describe(process),
    }
}

/// The starter processes.
pub fn starters() -> StarterList {
    StarterList { starters: all_starters().iter().map(starter_view).collect() }
}

/// What a stage demands, as one sentence that does not repeat its name.
pub(super) fn stage_sentence(process: &Process, stage: &Stage) -> String {
    let sentences = describe(process);
    let place = process.stages.iter().position(|known| known.key == stage.key);
    let sentence = place.and_then(|place| sentences.into_iter().nth(place)).unwrap_or_default();
    let rest = sentence.strip_prefix(&format!("{}: ", stage.name)).unwrap_or(&sentence);
    super::words::capital(rest)
}

fn starter_view(starter: &Starter) -> StarterView {
    let Starter { key, name, summary, process, steps: _ } = starter;
    StarterView {
        key: (*key).to_owned(),
        name: (*name).to_owned(),
        summary: (*summary).to_owned(),
        stages: process.stages.iter().map(|stage| stage.name.clone()).collect(),
        sentences: describe(process),
    }
}

fn version_row(state: &State, strategy: &Strategy) -> VersionRow {
    VersionRow {
        version: strategy.version,
        at: strategy.at.to_string(),
        author: state.name_of(&strategy.author),
        activated: strategy.activated.map(|activated| activated.to_string()),
    }
}

fn topic_view(topic: &Topic) -> TopicView {
    let Topic { key, title, text, agree } = topic;
    TopicView {
        key: key.clone(),
        title: title.clone(),
        text: text.clone(),
        agree: agree.iter().map(role_view).collect(),
    }
}

fn template_view(step: &StepTemplate) -> StepTemplateView {
    let StepTemplate { title, phase, minutes } = step;
    StepTemplateView { title: title.clone(), phase: phase.clone(), minutes: *minutes }
}

fn cosign_view(state: &State, given: &Cosignature) -> CosignView {
    let Cosignature { person, role, at } = given;
    CosignView { person: state.name_of(person), role: role_view(role), at: at.to_string() }
}

fn stage_views(process: &Process) -> Vec<ProcessStageView> {
    process
        .stages
        .iter()
        .map(|stage| ProcessStageView {
            key: stage.key.to_string(),
            name: stage.name.clone(),
            on_path: stage.path == Path::On,
            predecessors: stage.predecessors.stages.iter().map(ToString::to_string).collect(),
            all: stage.predecessors.require == Require::All,
            sentence: stage_sentence(process, stage),
            checks: stage.gate.checks.clone(),
            checklist: stage.gate.checklist.iter().map(|item| item.text.clone()).collect(),
            rule: stage.gate.rule.as_ref().map(|rule| rule.sentence(&stage.gate.apart)),
            deployers: stage.deployers.iter().map(role_view).collect(),
            note: stage.note.clone(),
        })
        .collect()
}

/// The lines in which a content differs from the one before.
fn changes(before: &Content, now: &Content) -> Vec<ChangeView> {
    let (old, new) = (lines(before), lines(now));
    let text = |lines: &[(String, String)], name: &str| {
        lines.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut names: Vec<&String> = new.iter().map(|(name, _)| name).collect();
    names
        .extend(old.iter().map(|(name, _)| name).filter(|name| !new.iter().any(|(known, _)| known == *name)));
    names
        .into_iter()
        .map(|name| ChangeView { line: name.clone(), before: text(&old, name), now: text(&new, name) })
        .filter(|change| change.before != change.now)
        .collect()
}

/// A content as named lines, to be compared.
fn lines(content: &Content) -> Vec<(String, String)> {
    let Content { topics, process, go_rule, steps } = content;
    let mut lines: Vec<(String, String)> = Vec::new();
    for topic in topics {
        lines.push((topic.title.clone(), topic.text.clone()));
        if !topic.agree.is_empty() {
            lines.push((format!("{}: agreement of", topic.title), super::words::role_names(&topic.agree)));
        }
    }
    for stage in &process.stages {
        lines.push((format!("Stage {}", stage.name), stage_sentence(process, stage)));
        let items: Vec<&str> = stage.gate.checklist.iter().map(|item| item.text.as_str()).collect();
        lines.push((format!("Stage {}: checklist", stage.name), items.join("\n")));
        lines.push((format!("Stage {}: note", stage.name), stage.note.clone()));
    }
    let names: Vec<&str> = process.stages.iter().map(|stage| stage.name.as_str()).collect();
    lines.push(("Order of the stages".into(), names.join(", ")));
    lines.push((
        "Go or no-go".into(),
        go_rule.as_ref().map(|rule: &Rule| rule.sentence(&[])).unwrap_or_default(),
    ));
    let steps: Vec<String> =
        steps.iter().map(|step| format!("{}: {} ({} min)", step.phase, step.title, step.minutes)).collect();
    lines.push(("Steps of a new plan".into(), steps.join("\n")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;

    #[test]
    fn p9_a_new_version_shows_what_changed_and_whose_agreement_is_missing() {
        let mut desk = Desk::new("three-environments");
        let mut content = desk.state.strategies[&("harbour".into(), 1)].content.clone();
        content.topics[0].text = "Everything is under version control.".into();
        content.process.stages[1].gate.checks.push("smoke test".into());
        desk.act("rosa", Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) });
        let versions: Vec<Strategy> = desk.state.strategies.values().cloned().collect();
        let me = desk.me("omar");
        let view = strategy_view(&desk.state, &versions[1], &versions, Some(&me), desk.now());
        assert_eq!((view.version, view.in_force, view.versions.len()), (2, Some(1), 2));
        let changed: Vec<&str> = view.changes.iter().map(|change| change.line.as_str()).collect();
        assert_eq!(changed, ["Assets and their configuration", "Stage QA"]);
        assert_eq!(view.agreement_missing.len(), 2);
        assert!(view.cosign.allowed);
        assert!(!view.activate.allowed);
        assert!(view.defects.is_empty(), "{:?}", view.defects);
        assert!(view.process.get("stages").is_some());
        let old = strategy_view(&desk.state, &versions[0], &versions, Some(&me), desk.now());
        assert!(old.changes.is_empty() && !old.cosign.allowed);
    }

    #[test]
    fn starters_describe_each_stage() {
        for starter in starters().starters {
            assert_eq!(starter.stages.len(), starter.sentences.len(), "{}", starter.key);
        }
    }
}
