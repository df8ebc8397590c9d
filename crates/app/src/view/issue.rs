//! The issue log: entries, and reports in both directions.

use super::common::stage_brief;
use crate::wire::{self, IssueRow, IssueView, LessonKind, ReportView};
use signalbox_domain::issue::{Issue, IssueReport, Lesson};
use signalbox_domain::process::Stage;
use signalbox_domain::refusal::Refusal;
use signalbox_domain::state::State;

/// Lists entries in the given order.
pub fn issue_rows(state: &State, issues: &[Issue]) -> Vec<IssueRow> {
    issues.iter().map(|issue| issue_row(state, issue)).collect()
}

/// Shows one entry in a list; service and stage are told by name.
pub fn issue_row(state: &State, issue: &Issue) -> IssueRow {
    let Issue { id, key, product, report, author: _, at, met, lesson, closed: _ } = issue;
    IssueRow {
        id: id.to_string(),
        key: key.clone(),
        problem: report.problem.clone(),
        product: product.to_string(),
        service: service_name(state, report),
        stage: stage_name(state, issue),
        severity: report.severity.into(),
        at: at.to_string(),
        met: u32::try_from(met.len()).unwrap_or(u32::MAX),
        open: lesson.is_none(),
        lesson: lesson.as_ref().map(lesson_text).unwrap_or_default(),
        solution: report.solution.clone(),
    }
}

/// Shows one entry whole.
pub fn issue_view(state: &State, issue: &Issue) -> IssueView {
    IssueView {
        row: issue_row(state, issue),
        report: report_view(&issue.report),
        author: state.name_of(&issue.author),
        met: issue.met.iter().map(ToString::to_string).collect(),
        closed: issue.closed.map(|closed| closed.to_string()),
        service_name: service_name(state, &issue.report),
        stage_name: stage_name(state, issue),
        build_label: issue.report.build.as_ref().map(|build| {
            state.builds.get(build).map_or_else(|| build.to_string(), |build| build.content.label.clone())
        }),
        stages: stages(state, issue).iter().map(stage_brief).collect(),
    }
}

/// What is known of a problem, for screens.
pub fn report_view(report: &IssueReport) -> ReportView {
    let IssueReport { problem, symptoms, cause, solution, severity, service, stage, build, links } = report;
    ReportView {
        problem: problem.clone(),
        symptoms: symptoms.clone(),
        cause: cause.clone(),
        solution: solution.clone(),
        severity: (*severity).into(),
        service: service.as_ref().map(ToString::to_string),
        stage: stage.as_ref().map(ToString::to_string),
        build: build.as_ref().map(ToString::to_string),
        links: links.clone(),
    }
}

/// What is known of a problem, as a person wrote it.
pub fn report_from_wire(report: ReportView) -> IssueReport {
    let ReportView { problem, symptoms, cause, solution, severity, service, stage, build, links } = report;
    IssueReport {
        problem,
        symptoms,
        cause,
        solution,
        severity: severity.into(),
        service: service.map(Into::into),
        stage: stage.map(Into::into),
        build: build.map(Into::into),
        links,
    }
}

/// What was learnt, as a person wrote it.
///
/// # Errors
/// When the lesson belongs to a stage and none is named.
pub fn lesson_from_wire(
    kind: wire::LessonKind,
    stage: Option<String>,
    text: String,
) -> Result<Lesson, Refusal> {
    let stage = stage.filter(|stage| !stage.is_empty()).map(Into::into).ok_or_else(|| {
        Refusal::one(
            "lesson.stage-missing",
            "The lesson names no stage.",
            "Choose the stage whose gate or checklist becomes stricter.",
        )
    });
    Ok(match kind {
        LessonKind::None => Lesson::None { because: text },
        LessonKind::ChecklistItem => Lesson::ChecklistItem { stage: stage?, text },
        LessonKind::Gate => Lesson::Gate { stage: stage?, text },
    })
}

/// A lesson in words.
pub fn lesson_text(lesson: &Lesson) -> String {
    match lesson {
        Lesson::ChecklistItem { stage: _, text } => format!("Checklist item: {text}"),
        Lesson::Gate { stage: _, text } => format!("Gate: {text}"),
        Lesson::None { because } => format!("Nothing to learn, because {because}"),
    }
}

fn service_name(state: &State, report: &IssueReport) -> Option<String> {
    let id = report.service.as_ref()?;
    Some(state.service(id).map_or_else(|| id.to_string(), |(_, service)| service.name.clone()))
}

fn stage_name(state: &State, issue: &Issue) -> Option<String> {
    let key = issue.report.stage.as_ref()?;
    let known = stages(state, issue).iter().find(|stage| stage.key == *key);
    Some(known.map_or_else(|| key.to_string(), |stage| stage.name.clone()))
}

fn stages<'a>(state: &'a State, issue: &Issue) -> &'a [Stage] {
    state
        .strategy_in_force(&issue.product)
        .map(|strategy| strategy.content.process.stages.as_slice())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_domain::issue::Severity;

    #[test]
    fn a_report_crosses_and_comes_back_unchanged() {
        let report = IssueReport {
            problem: "Pool too small".into(),
            symptoms: "Slow".into(),
            cause: "Load".into(),
            solution: "Bigger".into(),
            severity: Severity::High,
            service: Some("web".into()),
            stage: Some("QA".into()),
            build: Some("b".into()),
            links: vec!["https://example.org".into()],
        };
        assert_eq!(report_from_wire(report_view(&report)), report);
    }

    #[test]
    fn a_lesson_for_a_stage_names_the_stage() {
        let refused = lesson_from_wire(LessonKind::Gate, None, "stricter".into());
        assert_eq!(refused.map_err(|refusal| refusal.0[0].code.clone()), Err("lesson.stage-missing".into()));
        let lesson = lesson_from_wire(LessonKind::ChecklistItem, Some("QA".into()), "pool size".into());
        assert_eq!(
            lesson.map(|lesson| lesson_text(&lesson)).ok().as_deref(),
            Some("Checklist item: pool size")
        );
        assert!(lesson_from_wire(LessonKind::None, None, "it was a drill".into()).is_ok());
    }
}
