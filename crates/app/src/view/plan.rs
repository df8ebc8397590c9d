//! A release's plan: its ten sections and its steps.

use super::common::person_called;
use super::issue::issue_row;
use super::trial::{TYPED, Trial};
use crate::wire::{IssueRow, RehearsalView, SectionView, StepView, WaiverView};
use signalbox_domain::decide::Act;
use signalbox_domain::gate::plan_blockers;
use signalbox_domain::id::ServiceId;
use signalbox_domain::issue::Issue;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::release::{ISSUE_LOG, REHEARSED, Rehearsal, Release, Section, Step, Waiver};
use signalbox_domain::state::State;

/// Problems listed in the section on earlier deployments at most.
const ISSUES_SHOWN: usize = 30;

/// What each section wants to hear.
const QUESTIONS: [(&str, &str); 10] = [
    (
        "first-deployment",
        "What is needed only this first time: accounts, addresses, first data, and who prepares them?",
    ),
    (
        "smoke-tests",
        "Which quick tests show that the product and everything it depends on answers, and who runs them?",
    ),
    ("back-out", "How do we get back to what ran before, until when is that possible, and who decides it?"),
    ("back-up-restore", "Which back-up is taken when, and how do we know that it can be restored?"),
    ("upgrade", "What happens to open sessions, queues and files while the version changes?"),
    (
        "restart",
        "If a part stops half-way: what is started again, in which order, and how do we see that it worked?",
    ),
    ("logs", "Where do the logs lie, what do they hold, and which lines tell that something is wrong?"),
    ("monitoring", "Which graphs and alarms do we watch, for how long, and who is called?"),
    ("data-migrations", "Which data change, how long does it take, and is there a way back past it?"),
    ("issue-log", "What went wrong in earlier deployments, and what do we do differently this time?"),
];

/// Says whether a section keeps nothing waiting: written, waived, or not asked for this time (N2).
pub(super) fn is_settled(state: &State, release: &Release, section: &Section) -> bool {
    let alone = Release { sections: vec![section.clone()], ..release.clone() };
    !plan_blockers(state, &alone).iter().any(is_about_section)
}

/// Says whether a reason against a plan is about one of its sections.
pub(super) fn is_about_section(blocker: &Blocker) -> bool {
    matches!(blocker.code.as_str(), "plan.section-empty" | "plan.first-deployment")
}

/// Shows a section of the plan.
pub(super) fn section_view(
    state: &State,
    release: &Release,
    section: &Section,
    trial: &Trial<'_>,
) -> SectionView {
    let Section { key, text, waived, rehearsal, written } = section;
    let waive =
        Act::WaiveSection { release: release.id.clone(), section: key.clone(), reason: Some(TYPED.into()) };
    SectionView {
        key: key.clone(),
        title: Release::section_title(key).to_owned(),
        text: text.clone(),
        settled: is_settled(state, release, section),
        waived: waived.as_ref().map(|Waiver { by, at, reason }| WaiverView {
            by: state.name_of(by),
            at: at.to_string(),
            reason: reason.clone(),
        }),
        rehearsed: REHEARSED.contains(&key.as_str()),
        rehearsal: rehearsal.as_ref().map(rehearsal_view),
        written: written.as_ref().map(|(person, _)| state.name_of(person)),
        written_at: written.as_ref().map(|(_, at)| at.to_string()),
        issues: if key == ISSUE_LOG { earlier_problems(state, release) } else { Vec::new() },
        question: question(key).to_owned(),
        may_waive: trial.mine(&waive).allowed,
    }
}

/// Shows a step of the plan.
pub(super) fn step_view(state: &State, release: &Release, step: &Step) -> StepView {
    let Step {
        id,
        title,
        phase,
        owner,
        planned,
        minutes,
        after,
        automated,
        state: stands,
        evidence,
        reason,
        moved,
    } = step;
    StepView {
        id: id.to_string(),
        title: title.clone(),
        phase: phase.clone(),
        owner: owner.as_ref().map(|owner| person_called(state, owner)),
        planned: planned.map(|planned| planned.to_string()),
        minutes: *minutes,
        after: after.iter().map(ToString::to_string).collect(),
        automated: *automated,
        state: (*stands).into(),
        evidence: evidence.clone(),
        reason: reason.clone(),
        moved_by: moved.as_ref().map(|(person, _)| state.name_of(person)),
        moved_at: moved.as_ref().map(|(_, at)| at.to_string()),
        can_start: can_start(release, step),
    }
}

/// Says whether every step that comes before is settled.
pub(super) fn can_start(release: &Release, step: &Step) -> bool {
    release.steps.iter().filter(|known| step.after.contains(&known.id)).all(Step::is_settled)
}

fn question(key: &str) -> &'static str {
    QUESTIONS.iter().find(|(known, _)| *known == key).map_or("", |(_, question)| question)
}

fn rehearsal_view(rehearsal: &Rehearsal) -> RehearsalView {
    let Rehearsal { at, passed, note } = rehearsal;
    RehearsalView { at: at.to_string(), passed: *passed, note: note.clone() }
}

/// Open and past problems of the product that are about a chosen service, or about none in particular (N7).
///
/// While nothing is chosen yet, those of every service matter.
fn earlier_problems(state: &State, release: &Release) -> Vec<IssueRow> {
    let concerns = |issue: &Issue| {
        let chosen = |service: &ServiceId| release.builds.iter().any(|chosen| chosen.service == *service);
        release.builds.is_empty() || issue.report.service.as_ref().is_none_or(chosen)
    };
    let mut issues: Vec<&Issue> =
        state.issues.values().filter(|issue| issue.product == release.product && concerns(issue)).collect();
    issues.sort_by_key(|issue| (issue.lesson.is_some(), std::cmp::Reverse(issue.met.last().copied())));
    issues.into_iter().take(ISSUES_SHOWN).map(|issue| issue_row(state, issue)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_domain::release::SECTIONS;

    #[test]
    fn every_section_asks_a_question() {
        for (key, _) in SECTIONS {
            assert!(question(key).ends_with('?'), "{key} asks nothing");
        }
    }
}
