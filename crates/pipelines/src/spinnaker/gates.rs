//! Manual judgments. Gate may accept an answer and do nothing, so nothing but reading back counts as proof.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Spinnaker;
use super::line::Line;
use super::wire::{Execution, Stage, is_final};
use crate::http::Call;
use crate::{
    BuildId, Decision, GateHandle, PendingGate, PipelineId, Proof, Reason, Reconciled, RemoteError, RunId,
    StageId, Submission, Verdict, WriteError,
};

/// The field that takes one of a judgment's choices.
const CHOICE: &str = "judgmentInput";
/// How long Spinnaker may take to act on an answer, or to drop it: its task looks every 15 seconds.
const TAKEN_UP: TimeDelta = TimeDelta::seconds(20);
/// How long a judgment waits unless the pipeline says otherwise.
const USUAL_WAIT: TimeDelta = TimeDelta::days(3);

/// What became of a judgment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Judged {
    /// It waits.
    No,
    /// An answer is recorded, and not taken up yet.
    Recorded(Verdict),
    /// An answer was taken up.
    Settled(Verdict),
    /// It ended without an answer.
    Lapsed,
}

impl Spinnaker {
    pub(super) async fn gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        let line = self.line(pipeline).await?;
        let executions = self.recent(&line).await?;
        let waiting: Vec<(&Execution, &Stage)> = executions
            .iter()
            .filter(|execution| !is_final(&execution.status))
            .flat_map(|execution| execution.stages.iter().map(move |stage| (execution, stage)))
            .filter(|(_, stage)| {
                stage.is_judgment() && judged(stage) == Judged::No && stage.status == "RUNNING"
            })
            .collect();
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let user = self.user().await?;
        let roles = user.map(|user| user.roles).unwrap_or_default();
        let gates = waiting.into_iter().filter_map(|(execution, stage)| {
            let configured = line.configured(stage)?;
            Some(self.gate(&line, execution, stage, configured, &roles))
        });
        Ok(gates.collect())
    }

    fn gate(
        &self,
        line: &Line,
        execution: &Execution,
        stage: &Stage,
        configured: &super::wire::ConfigStage,
        roles: &[String],
    ) -> PendingGate {
        let context = &stage.context;
        let since = stage.started().or(execution.built()).unwrap_or_default();
        let wait = context.stage_timeout_ms.map_or(USUAL_WAIT, TimeDelta::milliseconds);
        let asked = &context.selected_stage_roles;
        let first = context.judgment_inputs.first().map(|choice| choice.value.clone());
        let question = context.instructions.clone().filter(|words| !words.trim().is_empty());
        PendingGate {
            handle: GateHandle::seal(format!("{}/{}", execution.id, stage.id)),
            pipeline: line.id(),
            gate: line.gate(configured),
            stage: StageId::new(
                line.stage_of(configured).map_or_else(|| stage.name.clone(), |own| own.name.clone()),
            ),
            build: BuildId::new(self.version_of(execution)),
            run: Some(RunId::new(execution.id.clone())),
            question: question.unwrap_or_else(|| stage.name.clone()).chars().take(1_000).collect(),
            fields: first.map(|first| BTreeMap::from([(CHOICE.to_owned(), first)])).unwrap_or_default(),
            since,
            expires: since.checked_add_signed(wait),
            may_answer: (!asked.is_empty()).then(|| asked.iter().any(|role| roles.contains(role))),
        }
    }

    pub(super) async fn decide(
        &self,
        gate: &GateHandle,
        decision: &Decision,
    ) -> Result<Submission, WriteError> {
        let (execution, stage) = self.judgment(gate).await?;
        match judged(&stage) {
            Judged::No if stage.status == "RUNNING" => {}
            Judged::No => {
                return Err(RemoteError::Stale { detail: "the judgment does not wait yet".into() }.into());
            }
            Judged::Recorded(verdict) | Judged::Settled(verdict) => {
                let by = stage.last_modified.and_then(|modified| modified.user);
                return Err(RemoteError::AlreadyDecided { by, verdict: Some(verdict) }.into());
            }
            Judged::Lapsed => {
                return Err(RemoteError::AlreadyDecided { by: None, verdict: None }.into());
            }
        }
        let waits = self.version_of(&execution);
        if decision.expect_build.as_str() != waits {
            return Err(RemoteError::Stale { detail: format!("build {waits} waits there now") }.into());
        }
        let status = match decision.verdict {
            Verdict::Approve => "continue",
            Verdict::Reject => "stop",
        };
        let mut body = json!({ "judgmentStatus": status });
        let choices: Vec<&str> =
            stage.context.judgment_inputs.iter().map(|choice| choice.value.as_str()).collect();
        match decision.fields.get(CHOICE).map(String::as_str) {
            Some(choice) if choices.contains(&choice) => body[CHOICE] = json!(choice),
            None if choices.is_empty() || decision.verdict == Verdict::Reject => {}
            _ => {
                let sentence = format!("The judgment asks to choose one of: {}.", choices.join(", "));
                return Err(invalid("gate.field", CHOICE, &sentence, "Choose one of them.").into());
            }
        }
        let sent_at = self.http.now();
        let url = self.http.url(["pipelines", &execution.id, "stages", &stage.id]);
        let call = Call::new(reqwest::Method::PATCH, url).json(&body);
        let answer = self.http.accepted(self.http.send(call).await?)?;
        let unknown = |cause| WriteError::OutcomeUnknown { cause, sent_at };
        let (_, after) = self.judgment(gate).await.map_err(unknown)?;
        let proof = match judged(&after) {
            Judged::Settled(verdict) if verdict == decision.verdict => Proof::ReadBack,
            Judged::Recorded(verdict) if verdict == decision.verdict => Proof::Pending,
            _ => {
                let detail = "Spinnaker accepted the answer, and the judgment does not show it".into();
                return Err(unknown(RemoteError::Protocol { detail }));
            }
        };
        let run = Some(RunId::new(execution.id));
        Ok(Submission { run, accepted_at: answer.at, proof, request_id: answer.request_id() })
    }

    pub(super) async fn reconcile_answer(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let (execution, stage) = self.judgment(gate).await?;
        let unknown = |evidence: &str| Reconciled::StillUnknown { evidence: evidence.into() };
        let by = stage.last_modified.as_ref().and_then(|modified| modified.user.clone());
        Ok(match judged(&stage) {
            Judged::Settled(verdict) if verdict == decision.verdict => {
                let us = self.user().await?.and_then(|user| user.username);
                if by.is_some() && us.is_some() && by != us {
                    // Somebody else was quicker; ours would be refused as already answered.
                    return Ok(Reconciled::NotApplied);
                }
                Reconciled::Applied(Submission {
                    run: Some(RunId::new(execution.id)),
                    accepted_at: stage.finished().unwrap_or(sent_at),
                    proof: Proof::ReadBack,
                    request_id: None,
                })
            }
            Judged::Settled(_) | Judged::Lapsed => Reconciled::NotApplied,
            Judged::Recorded(_) => unknown("the answer is recorded, and Spinnaker has not taken it up yet"),
            // An answer without the right role is dropped by the next look of Spinnaker's task.
            Judged::No if self.http.now() - sent_at >= TAKEN_UP => Reconciled::NotApplied,
            Judged::No => unknown("the judgment shows no answer yet"),
        })
    }

    async fn judgment(&self, gate: &GateHandle) -> Result<(Execution, Stage), RemoteError> {
        let gone = || RemoteError::NotFound("the judgment".into());
        let (run, stage) = gate.open().split_once('/').ok_or_else(gone)?;
        let execution = self.execution(&RunId::new(run)).await?;
        let found = execution.stages.iter().find(|known| known.id == stage && known.is_judgment()).cloned();
        Ok((execution, found.ok_or_else(gone)?))
    }
}

fn judged(stage: &Stage) -> Judged {
    let said = stage.context.judgment_status.as_deref().unwrap_or_default();
    let verdict = match said.to_ascii_lowercase().as_str() {
        "continue" => Some(Verdict::Approve),
        "stop" => Some(Verdict::Reject),
        // Whatever else was written there means nothing to Spinnaker.
        _ => None,
    };
    match (verdict, is_final(&stage.status)) {
        (Some(verdict), true) => Judged::Settled(verdict),
        (Some(verdict), false) => Judged::Recorded(verdict),
        (None, true) => Judged::Lapsed,
        (None, false) => Judged::No,
    }
}

fn invalid(code: &'static str, place: &str, sentence: &str, next_step: &str) -> RemoteError {
    RemoteError::Invalid {
        reasons: vec![Reason {
            code,
            place: place.into(),
            sentence: sentence.into(),
            next_step: next_step.into(),
        }],
        detail: "the gate can't be answered like this".into(),
    }
}
