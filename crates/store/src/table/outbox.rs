//! Calls to pipeline systems: intent recorded, call, outcome recorded.
//!
//! The row of an intent is written by the act that records it and closed by the act that records its outcome.
//! It holds what the call needs and never a secret.

use super::document;
use crate::error::StoreError;
use crate::readers::{Reader, Writer};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use signalbox_domain::fact::{Fact, Meta};
use signalbox_domain::id::EntryId;
use signalbox_domain::line::Outcome;
use signalbox_domain::moment::Moment;

/// A call to a pipeline system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// The intent's entry: the key under which the call is made.
    pub operation: EntryId,
    /// The kind of call.
    pub kind: OutboxKind,
    /// How far it came.
    pub state: OutboxState,
    /// The run on the pipeline system, once it is known.
    pub run: Option<String>,
    /// How often the call was begun.
    pub attempts: u32,
    /// When it was intended.
    pub at: Moment,
    /// The process that works on it, and until when nobody else may.
    pub held: Option<(String, Moment)>,
    /// What the call needs: the intent's payload.
    pub doc: Value,
}

/// What a pipeline system is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxKind {
    /// To deploy a build into a stage.
    Deployment,
    /// To answer its own gate.
    Answer,
    /// To test a whole product.
    Test,
}

impl OutboxKind {
    fn text(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Answer => "answer",
            Self::Test => "test",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Deployment, Self::Answer, Self::Test].into_iter().find(|kind| kind.text() == text)
    }
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Nothing was sent.
    Intended,
    /// The call was begun; whether it arrived is to be read back.
    Sending,
    /// The pipeline system has it.
    Sent,
    /// Nobody knows; a later look or a person settles it.
    Unknown,
    /// The outcome is recorded.
    Done,
}

impl OutboxState {
    fn text(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Done => "done",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "intended" => Self::Intended,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "done" => Self::Done,
            // The table allows no other; to look again is always safe.
            _ => Self::Unknown,
        }
    }
}

impl Reader<'_> {
    /// Lists the calls whose outcome is not recorded, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_calls(&self) -> Result<Vec<OutboxItem>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT operation, kind, state, run, attempts, at, holder, held_until, doc, operation AS id
             FROM outbox WHERE state <> 'done' ORDER BY at, operation",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Reads one call.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn call(&self, operation: &EntryId) -> Result<Option<OutboxItem>, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT operation, kind, state, run, attempts, at, holder, held_until, doc, operation AS id
                 FROM outbox WHERE operation = ?1",
            )?
            .query_row([operation.as_str()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }
}

impl Writer<'_> {
    /// Takes a call for one process until a time, unless another process has it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn hold_call(
        &self,
        operation: &EntryId,
        holder: &str,
        now: Moment,
        until: Moment,
    ) -> Result<bool, StoreError> {
        let taken = self
            .conn
            .prepare_cached(
                "UPDATE outbox SET holder = ?2, held_until = ?4
                 WHERE operation = ?1 AND state <> 'done'
                   AND (holder IS NULL OR holder = ?2 OR held_until <= ?3)",
            )?
            .execute(params![operation.as_str(), holder, now.millis(), until.millis()])?;
        Ok(taken == 1)
    }

    /// Gives a call back, so that another process need not wait.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn release_call(&self, operation: &EntryId, holder: &str) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "UPDATE outbox SET holder = NULL, held_until = NULL WHERE operation = ?1 AND holder = ?2",
            )?
            .execute(params![operation.as_str(), holder])?;
        Ok(())
    }

    /// Moves a call on, if it is still in the state that the caller saw; entering `sending` counts an attempt.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn move_call(
        &self,
        operation: &EntryId,
        from: OutboxState,
        to: OutboxState,
        run: Option<&str>,
    ) -> Result<bool, StoreError> {
        let moved = self
            .conn
            .prepare_cached(
                "UPDATE outbox SET state = ?3, run = coalesce(?4, run),
                     attempts = attempts + (?3 = 'sending')
                 WHERE operation = ?1 AND state = ?2",
            )?
            .execute(params![operation.as_str(), from.text(), to.text(), run])?;
        Ok(moved == 1)
    }
}

/// Writes what a newly recorded fact means for the outbox.
pub(crate) fn follow(conn: &Connection, meta: &Meta, fact: &Fact) -> Result<(), StoreError> {
    match fact {
        Fact::DeploymentIntended { .. } => open(conn, meta, OutboxKind::Deployment, fact),
        Fact::GateAnswerIntended { .. } => open(conn, meta, OutboxKind::Answer, fact),
        Fact::ProductTestIntended { .. } => open(conn, meta, OutboxKind::Test, fact),
        Fact::DeploymentEnded { deployment: operation, outcome, .. }
        | Fact::GateAnswerEnded { answer: operation, outcome, .. }
        | Fact::ProductTestEnded { test: Some(operation), outcome, .. } => settle(conn, operation, *outcome),
        _ => Ok(()),
    }
}

fn open(conn: &Connection, meta: &Meta, kind: OutboxKind, fact: &Fact) -> Result<(), StoreError> {
    let (_, payload) = fact.split();
    conn.prepare_cached(
        "INSERT INTO outbox (operation, kind, state, at, doc) VALUES (?1, ?2, 'intended', ?3, ?4)",
    )?
    .execute(params![meta.id.as_str(), kind.text(), meta.at.millis(), document::write(&payload)?])?;
    Ok(())
}

fn settle(conn: &Connection, operation: &EntryId, outcome: Outcome) -> Result<(), StoreError> {
    let state = match outcome {
        Outcome::Unknown => OutboxState::Unknown,
        Outcome::Succeeded | Outcome::Failed | Outcome::NotDone => OutboxState::Done,
    };
    conn.prepare_cached("UPDATE outbox SET state = ?2 WHERE operation = ?1")?
        .execute(params![operation.as_str(), state.text()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<OutboxItem, StoreError> {
    let holder: Option<String> = row.get(6)?;
    let until: Option<i64> = row.get(7)?;
    let operation: String = row.get(0)?;
    let kind = row.get_ref(1)?.as_str().unwrap_or_default();
    let kind = OutboxKind::read(kind).ok_or_else(|| StoreError::Projection {
        table: "outbox",
        id: operation.clone(),
        reason: format!("{kind} is no kind of call"),
    })?;
    Ok(OutboxItem {
        operation: EntryId::new(operation),
        kind,
        state: OutboxState::read(row.get_ref(2)?.as_str().unwrap_or_default()),
        run: row.get(3)?,
        attempts: row.get(4)?,
        at: Moment::from_millis(row.get(5)?),
        held: holder.zip(until.map(Moment::from_millis)),
        doc: document::read("outbox", row)?,
    })
}
