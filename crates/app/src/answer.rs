//! Carries a verdict to the pipeline system's own gate: only for the build that the signers saw, and once.
//!
//! The right to answer is a one-shot token at some systems. While an answer is under way it is kept where
//! secrets are kept, so that another process can find out what became of it; it is never in the database.

use crate::desk::Desk;
use crate::outbox::Step;
use crate::wire::WireError;
use secrecy::{ExposeSecret, SecretString};
use signalbox_domain::answer::approval_blockers;
use signalbox_domain::decide::Act;
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ConnectionId, PersonId, ServiceId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::state::{Ref, State};
use signalbox_pipelines::{
    Decision, GateHandle, OperationKey, PendingGate, PipelineId, PipelineSystem, Proof, Reconciled, TextRule,
    Verdict, WriteError, sanitise,
};
use signalbox_store::{OutboxItem, OutboxState, Scope};
use std::sync::Arc;

/// For how long a gate that is not open yet is waited for.
const UNOPENED_MILLIS: i64 = 3_600_000;

/// An answer with everything that it needs.
struct Answer {
    item: OutboxItem,
    build: BuildId,
    service: ServiceId,
    stage: StageKey,
    approve: bool,
    gate: String,
    connection: ConnectionId,
    pipeline: PipelineId,
    by: PersonId,
    comment: String,
}

impl Desk {
    /// One step of an answer whose turn it is.
    pub(crate) fn carry_answer(&self, item: OutboxItem) -> Result<Step, WireError> {
        let Ok(Fact::GateAnswerIntended {
            build,
            service,
            stage,
            approve,
            gate,
            connection,
            pipeline,
            by,
            comment,
        }) = Fact::read("gate-answer-intended.v1", item.doc.clone())
        else {
            return Err(WireError::inside("the outbox holds something else than an answer"));
        };
        let pipeline = PipelineId::new(pipeline);
        let answer = Answer { item, build, service, stage, approve, gate, connection, pipeline, by, comment };
        let state = self.state(&Scope::desk().around(Ref::Build(answer.build.clone())))?;
        let known =
            state.connections.get(&answer.connection).ok_or_else(|| WireError::unknown("connection"))?;
        let system = match self.system(&answer.connection, &known.kind) {
            Ok(system) => system,
            // This machine can't reach the system; another one may be able to.
            Err(_) if answer.item.state == OutboxState::Intended && self.is_waiting(&answer) => {
                return Ok(Step::Running);
            }
            Err(error) => return self.end_answer(&answer, Outcome::NotDone, &error.message),
        };
        let key = OperationKey::new(answer.item.operation.as_str()).map_err(WireError::inside)?;
        match answer.item.state {
            OutboxState::Intended => self.send_answer(&state, &answer, &system, &key),
            OutboxState::Sending | OutboxState::Sent | OutboxState::Unknown => {
                self.read_answer_back(&state, &answer, &system, &key)
            }
            OutboxState::Done => Ok(Step::Over),
        }
    }

    fn send_answer(
        &self,
        state: &State,
        answer: &Answer,
        system: &Arc<dyn PipelineSystem>,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let Some(build) = state.builds.get(&answer.build) else { return Err(WireError::unknown("build")) };
        let stage = state.stage_of(build, &answer.stage);
        let kept_back = match stage {
            Some(stage) if answer.approve => approval_blockers(state, build, stage),
            _ => Vec::new(),
        };
        if !kept_back.is_empty() {
            let why: Vec<&str> = kept_back.iter().map(|blocker| blocker.sentence.as_str()).collect();
            return self.end_answer(answer, Outcome::NotDone, &why.join(" "));
        }
        let ours = build.content.reference.as_deref().unwrap_or(&build.content.label);
        let gates = match self.wait(system.pending_gates(&answer.pipeline)) {
            Ok(gates) => gates,
            Err(_) if self.is_waiting(answer) => return Ok(Step::Running),
            Err(error) => return self.end_answer(answer, Outcome::NotDone, &error.to_string()),
        };
        let here: Vec<&PendingGate> = gates.iter().filter(|gate| gate.gate.as_str() == answer.gate).collect();
        let Some(gate) = here.iter().find(|gate| gate.build.as_str() == ours) else {
            if self.is_waiting(answer) {
                return Ok(Step::Running);
            }
            let why = match here.first() {
                Some(other) => format!("{} waits at {} instead.", other.build, answer.gate),
                None => format!("{} did not open for this build.", answer.gate),
            };
            return self.end_answer(answer, Outcome::NotDone, &why);
        };
        if !answer.approve && !system.capabilities().gate_reject {
            let why = format!("{} can't be rejected through its interface.", answer.gate);
            return self.end_answer(answer, Outcome::NotDone, &why);
        }
        let decision = decision(state, answer, system.as_ref(), gate);
        self.keep_handle(answer, &gate.handle)?;
        if !self.move_call(&answer.item, OutboxState::Intended, OutboxState::Sending, None)? {
            return Ok(Step::Next);
        }
        match self.wait(system.decide_gate(&gate.handle, &decision, key)) {
            Ok(submission) if submission.proof == Proof::Pending => {
                self.move_call(&answer.item, OutboxState::Sending, OutboxState::Sent, None)?;
                Ok(Step::Lost)
            }
            Ok(_) => self.end_answer(answer, Outcome::Succeeded, ""),
            Err(WriteError::NotApplied(error)) => {
                self.end_answer(answer, Outcome::NotDone, &error.to_string())
            }
            Err(WriteError::OutcomeUnknown { cause, .. }) => {
                tracing::warn!(%cause, operation = key.as_str(), "the answer was lost; reading back");
                self.move_call(&answer.item, OutboxState::Sending, OutboxState::Unknown, None)?;
                Ok(Step::Lost)
            }
        }
    }

    fn read_answer_back(
        &self,
        state: &State,
        answer: &Answer,
        system: &Arc<dyn PipelineSystem>,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let Some(handle) = self.kept_handle(answer) else {
            return self.answer_unknown(answer, "The right to ask about this answer is on another machine.");
        };
        let Some(build) = state.builds.get(&answer.build) else { return Err(WireError::unknown("build")) };
        let reference = build.content.reference.as_deref().unwrap_or(&build.content.label);
        let decision = Decision {
            verdict: verdict(answer),
            comment: words(state, answer, system.as_ref()),
            fields: Default::default(),
            expect_build: reference.into(),
        };
        let sent_at = answer.item.at.utc();
        match self.wait(system.reconcile_gate(&handle, &decision, key, sent_at)) {
            Ok(Reconciled::Applied(_)) => self.end_answer(answer, Outcome::Succeeded, ""),
            // Accepted, and not seen yet: some systems need a while.
            Ok(Reconciled::NotApplied) if answer.item.state == OutboxState::Sent => {
                self.answer_unknown(answer, "The system accepted the answer and does not show it.")
            }
            Ok(Reconciled::NotApplied) => {
                self.move_call(&answer.item, answer.item.state, OutboxState::Intended, None)?;
                Ok(Step::Next)
            }
            Ok(Reconciled::StillUnknown { evidence }) => self.answer_unknown(answer, &evidence),
            Err(error) => self.answer_unknown(answer, &error.to_string()),
        }
    }

    /// Goes on looking for a while, then leaves it to a person.
    fn answer_unknown(&self, answer: &Answer, evidence: &str) -> Result<Step, WireError> {
        if self.may_still_be_found(&answer.item) {
            return Ok(Step::Lost);
        }
        let build = self.store.read(|reader| reader.build(&answer.build))?;
        let recorded = build
            .as_ref()
            .and_then(|build| build.visit(&answer.stage))
            .and_then(|visit| visit.answers.iter().find(|known| known.id == answer.item.operation))
            .and_then(|known| known.outcome);
        if recorded != Some(Outcome::Unknown) {
            self.record_answer_end(answer, Outcome::Unknown, evidence)?;
        }
        Ok(Step::Settle)
    }

    fn end_answer(&self, answer: &Answer, outcome: Outcome, detail: &str) -> Result<Step, WireError> {
        self.record_answer_end(answer, outcome, detail)?;
        if let Ok(vault) = self.secrets().vault() {
            // What is left behind could only ask about an answer that is settled.
            let _ = vault.delete_secret(&kept_as(answer));
        }
        Ok(Step::Over)
    }

    fn record_answer_end(&self, answer: &Answer, outcome: Outcome, detail: &str) -> Result<(), WireError> {
        let product = self.product_of(&answer.service)?;
        let act = Act::RecordAnswerEnd {
            build: answer.build.clone(),
            stage: answer.stage.clone(),
            answer: answer.item.operation.clone(),
            outcome,
            detail: sanitise(detail).into_owned(),
        };
        match self.observe(Some(&product), act) {
            // Another process, or a person, was quicker.
            Err(error) if error.code == "answer.settled" => Ok(()),
            other => other.map(|_| ()),
        }
    }

    fn is_waiting(&self, answer: &Answer) -> bool {
        self.now().millis() - answer.item.at.millis() < UNOPENED_MILLIS
    }

    fn keep_handle(&self, answer: &Answer, handle: &GateHandle) -> Result<(), WireError> {
        let vault = self.secrets().vault()?;
        Ok(vault.save_secret(&kept_as(answer), &SecretString::from(handle.open().to_owned()))?)
    }

    fn kept_handle(&self, answer: &Answer) -> Option<GateHandle> {
        let vault = self.secrets().vault().ok()?;
        let secret = vault.load_secret(&kept_as(answer)).ok()?;
        Some(GateHandle::seal(secret.expose_secret()))
    }
}

fn kept_as(answer: &Answer) -> String {
    format!("answer-{}", answer.item.operation)
}

fn verdict(answer: &Answer) -> Verdict {
    if answer.approve { Verdict::Approve } else { Verdict::Reject }
}

fn decision(state: &State, answer: &Answer, system: &dyn PipelineSystem, gate: &PendingGate) -> Decision {
    Decision {
        verdict: verdict(answer),
        comment: words(state, answer, system),
        fields: gate.fields.clone(),
        expect_build: gate.build.clone(),
    }
}

/// Who decided and why, as far as the system has a place for it.
fn words(state: &State, answer: &Answer, system: &dyn PipelineSystem) -> String {
    let most = match system.capabilities().gate_comment {
        TextRule::Required { max } | TextRule::Optional { max } => max,
        TextRule::Unsupported => return String::new(),
    };
    let said = match answer.comment.trim() {
        "" => format!("Decided in Signalbox by {}", state.name_of(&answer.by)),
        comment => format!("{}: {comment}", state.name_of(&answer.by)),
    };
    // A system may add the operation key behind it.
    let room = most.saturating_sub(64);
    match said.char_indices().nth(room) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    }
}
