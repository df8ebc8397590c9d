//! The issue log and its full text.

use super::document;
use crate::error::StoreError;
use crate::page::{Conditions, Cursor, Page, text_query};
use crate::readers::Reader;
use rusqlite::{Connection, params};
use signalbox_domain::id::{IssueId, ProductId, ServiceId, StageKey};
use signalbox_domain::issue::{Issue, Lesson};
use std::collections::BTreeMap;

/// Which issue-log entries to list; what is not set does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueFilter {
    /// Of this product.
    pub product: Option<ProductId>,
    /// Only those without a lesson, or only those with one.
    pub open: Option<bool>,
    /// About this service.
    pub service: Option<ServiceId>,
    /// About this stage.
    pub stage: Option<StageKey>,
    /// Words of the problem, symptoms, cause, solution or lesson.
    pub text: String,
}

impl Reader<'_> {
    /// Reads one issue-log entry.
    ///
    /// # Errors
    /// When the database cannot be read or the document is damaged.
    pub fn issue(&self, id: &IssueId) -> Result<Option<Issue>, StoreError> {
        get(self.conn, id)
    }

    /// Lists issue-log entries, the latest recorded first.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn issues(
        &self,
        filter: &IssueFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Issue>, StoreError> {
        let mut query = Conditions::new("SELECT id, doc FROM issue WHERE 1 = 1");
        query.and_some("product = ?", filter.product.as_ref().map(ToString::to_string));
        query.and_some("open = ?", filter.open);
        query.and_some("service = ?", filter.service.as_ref().map(ToString::to_string));
        query.and_some("stage = ?", filter.stage.as_ref().map(ToString::to_string));
        query.and_some(
            "row IN (SELECT rowid FROM issue_text WHERE issue_text MATCH ?)",
            text_query(&filter.text),
        );
        query.after("(at, id) < (?, ?)", after);
        query.page(self.conn, " ORDER BY at DESC, id DESC", limit, |row| {
            let issue: Issue = document::read("issue", row)?;
            Ok((Cursor { at: issue.at.millis(), id: issue.id.to_string() }, issue))
        })
    }
}

pub(crate) fn get(conn: &Connection, id: &IssueId) -> Result<Option<Issue>, StoreError> {
    document::one(conn, "issue", "SELECT id, doc FROM issue WHERE id = ?1", [id.as_str()])
}

pub(crate) fn open(
    conn: &Connection,
    product: &ProductId,
    into: &mut BTreeMap<IssueId, Issue>,
) -> Result<(), StoreError> {
    let sql = "SELECT id, doc FROM issue WHERE product = ?1 AND open = 1";
    document::each(conn, "issue", sql, [product.as_str()], |value| insert(into, value))
}

pub(crate) fn all(conn: &Connection, into: &mut BTreeMap<IssueId, Issue>) -> Result<(), StoreError> {
    document::each(conn, "issue", "SELECT id, doc FROM issue", [], |value| insert(into, value))
}

pub(crate) fn put(conn: &Connection, value: &Issue) -> Result<(), StoreError> {
    let row: i64 = conn
        .prepare_cached(
            "INSERT INTO issue (id, product, key, open, at, service, stage, doc)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET product = excluded.product, key = excluded.key,
                 open = excluded.open, at = excluded.at, service = excluded.service,
                 stage = excluded.stage, doc = excluded.doc
             RETURNING row",
        )?
        .query_row(
            params![
                value.id.as_str(),
                value.product.as_str(),
                value.key,
                value.closed.is_none(),
                value.at.millis(),
                value.report.service.as_ref().map(ServiceId::as_str),
                value.report.stage.as_ref().map(StageKey::as_str),
                document::write(value)?,
            ],
            |row| row.get(0),
        )?;
    let report = &value.report;
    conn.prepare_cached("DELETE FROM issue_text WHERE rowid = ?1")?.execute([row])?;
    conn.prepare_cached(
        "INSERT INTO issue_text (rowid, key, problem, symptoms, cause, solution, lesson)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        row,
        value.key,
        report.problem,
        report.symptoms,
        report.cause,
        report.solution,
        value.lesson.as_ref().map_or("", lesson_text),
    ])?;
    Ok(())
}

fn lesson_text(lesson: &Lesson) -> &str {
    match lesson {
        Lesson::ChecklistItem { text, .. } | Lesson::Gate { text, .. } => text,
        Lesson::None { because } => because,
    }
}

fn insert(into: &mut BTreeMap<IssueId, Issue>, value: Issue) {
    into.insert(value.id.clone(), value);
}
