//! Everything that waits for one person, over all products.
//!
//! Each kind of waiting is read off the rules; nothing here decides who may act.

mod line;
mod plan;

use super::Me;
use crate::wire::{Inbox, InboxKind, InboxRow, IssueDraft, Risk};
use signalbox_domain::line::Build;
use signalbox_domain::moment::Moment;
use signalbox_domain::process::Stage;
use signalbox_domain::state::State;

/// Lists what waits for me, most risk first, then longest first; nothing waits for nobody.
pub fn inbox(state: &State, me: Option<&Me>, drafts: &[IssueDraft], at: Moment) -> Inbox {
    let Some(me) = me else { return Inbox { rows: Vec::new(), others: Vec::new() } };
    let mut rows = Vec::new();
    line::rows(state, me, at, &mut rows);
    plan::rows(state, me, &mut rows);
    rows.extend(
        drafts.iter().filter(|draft| concerns(state, me, draft)).map(|draft| draft_row(state, draft)),
    );
    rows.sort_by(|a, b| {
        let key =
            |row: &InboxRow| (urgency(&row.risk), row.since.is_none(), row.since.clone(), row.id.clone());
        key(a).cmp(&key(b))
    });
    rows.dedup_by(|a, b| a.id == b.id);
    Inbox { rows, others: Vec::new() }
}

/// An empty row, to be filled.
fn row(kind: InboxKind, id: String, title: String, detail: String) -> InboxRow {
    InboxRow {
        id,
        kind,
        title,
        detail,
        changes: String::new(),
        risk: Risk::Low,
        since: None,
        deadline: None,
        product: None,
        service: None,
        build: None,
        stage: None,
        release: None,
        feature: None,
        issue: None,
        strategy: None,
    }
}

/// A row about a build, at a stage or not.
fn of_build(row: InboxRow, build: &Build, stage: Option<&Stage>) -> InboxRow {
    InboxRow {
        product: Some(build.product.to_string()),
        service: Some(build.service.to_string()),
        build: Some(build.id.to_string()),
        stage: stage.map(|stage| stage.key.to_string()),
        ..row
    }
}

/// Drafts concern whoever deploys to or decides at the stage where the problem was met.
fn concerns(state: &State, me: &Me, draft: &IssueDraft) -> bool {
    let stage = draft.report.stage.as_ref().and_then(|key| {
        let strategy = state.strategy_in_force(&draft.product.as_str().into())?;
        strategy.content.process.stage(&key.as_str().into())
    });
    stage.is_none_or(|stage| {
        me.person.holds_any(&signalbox_domain::gate::deciding_roles(stage))
            || me.person.holds_any(&stage.deployers)
    })
}

fn draft_row(state: &State, draft: &IssueDraft) -> InboxRow {
    let service = draft.report.service.as_ref().and_then(|id| state.service(&id.as_str().into()));
    let service = service.map(|(_, service)| format!("{}: ", service.name)).unwrap_or_default();
    InboxRow {
        risk: match draft.report.severity {
            crate::wire::Severity::Low => Risk::Low,
            crate::wire::Severity::Medium => Risk::Medium,
            crate::wire::Severity::High => Risk::High,
        },
        since: Some(draft.at.clone()),
        product: Some(draft.product.clone()),
        service: draft.report.service.clone(),
        build: draft.report.build.clone(),
        stage: draft.report.stage.clone(),
        issue: Some(draft.id.clone()),
        ..row(
            InboxKind::IssueDraft,
            format!("draft:{}", draft.id),
            format!("{service}{}", draft.title),
            "Complete the entry for the issue log, or throw the draft away.".into(),
        )
    }
}

fn urgency(risk: &Risk) -> u8 {
    match risk {
        Risk::High => 0,
        Risk::Medium => 1,
        Risk::Low => 2,
    }
}

#[cfg(test)]
mod tests;
