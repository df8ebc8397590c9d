//! Input steps: what waits, the answer, and what became of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::history::{History, Touch, build_of, touches};
use super::id::{Job, Place, RunRef};
use super::session::Jenkins;
use super::wire::{Definition, Input, RUN_TREE, RunPage};
use crate::http::{Answer, Call};
use crate::{
    Decision, GateHandle, GateId, PendingGate, Proof, Reason, Reconciled, RemoteError, StageId, Submission,
    Verdict, WriteError,
};

/// What a handle seals.
#[derive(Serialize, Deserialize)]
struct Sealed {
    job: String,
    run: u64,
    input: String,
    /// Where it asks: every stage of a run may ask under the same name.
    stage: String,
}

impl Jenkins {
    pub(super) async fn waiting(&self, history: &History) -> Result<Vec<PendingGate>, RemoteError> {
        let mut gates = Vec::new();
        for run in history.page.builds.iter().filter(|run| run.building) {
            let Some(inputs) = self.inputs_of(&history.job, run.number).await? else { continue };
            for (touch, input) in placed(&history.touches(run), inputs) {
                gates.push(self.pending(history, run, &touch.stage, touch.since, input));
            }
        }
        Ok(gates)
    }

    fn pending(
        &self,
        history: &History,
        run: &RunPage,
        stage: &StageId,
        since: DateTime<Utc>,
        input: Input,
    ) -> PendingGate {
        // Every stage may ask under the same name.
        let gate = GateId::new(format!("{stage}/{}", input.id));
        self.remember_gate(&history.job, stage, &gate);
        let sealed = json!(Sealed {
            job: history.job.name(),
            run: run.number,
            input: input.id,
            stage: stage.to_string(),
        });
        PendingGate {
            handle: GateHandle::seal(sealed.to_string()),
            pipeline: history.job.pipeline(),
            gate,
            stage: stage.clone(),
            build: history.build_of(run),
            run: Some(self.run_id(&history.job, run)),
            question: input.message.chars().take(2_000).collect(),
            fields: input.inputs.iter().map(|field| (field.name.clone(), default_of(field))).collect(),
            since,
            expires: None,
            may_answer: None,
        }
    }

    pub(super) async fn decide(
        &self,
        gate: &GateHandle,
        decision: &Decision,
    ) -> Result<Submission, WriteError> {
        let (job, sealed) = opened(gate)?;
        let run = self.run(&job, sealed.run).await?;
        let Some(input) = self.asks_still(&job, &run, &sealed).await? else {
            return Err(RemoteError::AlreadyDecided { by: None, verdict: None }.into());
        };
        let waits = build_of(&run, &self.inputs.build);
        if waits != decision.expect_build {
            let detail = format!("{waits} waits at the gate, and {} was seen", decision.expect_build);
            return Err(RemoteError::Stale { detail }.into());
        }
        let number = sealed.run.to_string();
        let call = match decision.verdict {
            Verdict::Reject => Call::post(self.at(&job, &[&number, "input", &sealed.input, "abort"])),
            Verdict::Approve => {
                let fields = filled(&input.inputs, decision)?;
                match fields.is_empty() {
                    true => Call::post(self.at(&job, &[&number, "input", &sealed.input, "proceedEmpty"])),
                    false => {
                        let json = json!({ "parameter": fields }).to_string();
                        Call::post(self.at(&job, &[&number, "input", &sealed.input, "proceed"]))
                            .form(&[("json", &json)])
                    }
                }
            }
        };
        let answer = self.write(call).await?;
        if let Some(refused) = refused(&answer) {
            return Err(refused.into());
        }
        self.accepted(answer)?;
        // Jenkins says yes before the run goes on: look whether the gate is gone.
        let gone = self.asks_still(&job, &run, &sealed).await.is_ok_and(|input| input.is_none());
        let proof = if gone { Proof::ReadBack } else { Proof::Pending };
        Ok(self.submission(Some(self.run_id(&job, &run)), proof))
    }

    pub(super) async fn read_back_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let (job, sealed) = opened(gate)?;
        let run = self.run(&job, sealed.run).await?;
        if self.asks_still(&job, &run, &sealed).await?.is_some() {
            return Ok(match self.http.now() - sent_at < self.shown_after {
                true => still("The gate still waits."),
                false => Reconciled::NotApplied,
            });
        }
        // Jenkins keeps the approver in the log alone.
        let me = self.me().await?;
        let number = sealed.run.to_string();
        let log = self.http.read(Call::get(self.at(&job, &[&number, "logText", "progressiveText"]))).await?;
        let word = match decision.verdict {
            Verdict::Approve => "Approved by ",
            Verdict::Reject => "Rejected by ",
        };
        let answers: Vec<&str> = log.body.lines().filter_map(|line| line.trim().strip_prefix(word)).collect();
        let ours =
            answers.iter().filter(|who| [&me.full_name, &me.id].contains(&&(**who).to_owned())).count();
        Ok(match (ours, answers.len()) {
            // An approval always leaves its line; a rejection that the pipeline catches may not.
            (0, 0) if run.building || decision.verdict == Verdict::Reject => {
                still("The gate is gone, and the log doesn't say who answered it.")
            }
            (0, _) => Reconciled::NotApplied,
            (ours, all) if ours == all => {
                let run = self.run_id(&job, &run);
                Reconciled::Applied(self.submission(Some(run), Proof::ReadBack))
            }
            _ => still("The gate is gone; this account and others answered gates of this run."),
        })
    }

    /// Looks whether a gate still waits. The stages are read on both sides of the inputs, so that a run that goes
    /// on meanwhile, to a gate of the same name, is not taken for one that waits.
    async fn asks_still(
        &self,
        job: &Job,
        run: &RunPage,
        sealed: &Sealed,
    ) -> Result<Option<Input>, RemoteError> {
        let touches = async || {
            let stages = self.stages_of(job, sealed.run, true).await?;
            Ok::<_, RemoteError>(touches(run, &stages, &self.inputs.stage))
        };
        let before = touches().await?;
        let inputs = self.inputs_of(job, sealed.run).await?.unwrap_or_default();
        let after = touches().await?;
        let ours = |touches: &[Touch], inputs: Vec<Input>| {
            let mut placed = placed(touches, inputs).into_iter();
            placed.find(|(touch, input)| input.id == sealed.input && touch.stage.as_str() == sealed.stage)
        };
        Ok(ours(&before, inputs.clone()).and(ours(&after, inputs)).map(|(_, input)| input))
    }

    /// Reads one run.
    pub(super) async fn run(&self, job: &Job, number: u64) -> Result<RunPage, RemoteError> {
        let text = number.to_string();
        let url = self.tree(job.segments(&[&text, "api", "json"]), RUN_TREE);
        let missing = || RunRef { job: job.clone(), place: Place::Number(number) }.id();
        self.maybe(Call::get(url)).await?.ok_or_else(|| RemoteError::NotFound(format!("run {}", missing())))
    }
}

/// Finds the stage of each open input; one beside the stages belongs to the stage that came last.
fn placed(touches: &[Touch], inputs: Vec<Input>) -> Vec<(Touch, Input)> {
    let mut waiting: Vec<&Touch> = touches.iter().filter(|touch| touch.course.waits()).collect();
    if waiting.is_empty() {
        waiting.extend(touches.last());
    }
    let place = |(n, input): (usize, Input)| Some(((*waiting.get(n).or(waiting.last())?).clone(), input));
    inputs.into_iter().enumerate().filter_map(place).collect()
}

fn opened(gate: &GateHandle) -> Result<(Job, Sealed), RemoteError> {
    let sealed: Option<Sealed> = serde_json::from_str(gate.open()).ok();
    let opened = sealed.and_then(|sealed| Some((Job::parse(&sealed.job)?, sealed)));
    opened.ok_or_else(|| RemoteError::NotFound("the gate".into()))
}

fn still(evidence: &str) -> Reconciled {
    Reconciled::StillUnknown { evidence: evidence.into() }
}

fn default_of(field: &Definition) -> String {
    match field.definition.as_ref().map(|definition| &definition["defaultVal"]) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Fills a gate's fields. Jenkins settles every field that is left out as null, so none may be.
fn filled(fields: &[Definition], decision: &Decision) -> Result<Vec<Value>, RemoteError> {
    let mut reasons = Vec::new();
    let mut note = |code, name: &str, sentence: String, next_step: &str| {
        reasons.push(Reason { code, place: name.into(), sentence, next_step: next_step.into() });
    };
    let mut filled = Vec::new();
    for field in fields {
        let choices = field.definition.as_ref().and_then(|d| d["choices"].as_array());
        match decision.fields.get(&field.name) {
            None => note(
                "gate.missing-field",
                &field.name,
                "The gate asks for this field; left out, Jenkins would settle it as null.".into(),
                "Fill it in.",
            ),
            Some(value) if choices.is_some_and(|all| !all.iter().any(|choice| choice == value)) => note(
                "gate.field-value",
                &field.name,
                format!("The gate doesn't offer {value:?}."),
                "Choose one of its values.",
            ),
            Some(value) if field.kind == "BooleanParameterDefinition" => match value.parse::<bool>() {
                Ok(value) => filled.push(json!({ "name": field.name, "value": value })),
                Err(_) => note(
                    "gate.field-value",
                    &field.name,
                    format!("{value:?} is neither true nor false."),
                    "Write true or false.",
                ),
            },
            Some(value) => filled.push(json!({ "name": field.name, "value": value })),
        }
    }
    for name in decision.fields.keys().filter(|name| !fields.iter().any(|field| field.name == **name)) {
        note("gate.unknown-field", name, "The gate has no such field.".into(), "Leave it out.");
    }
    match reasons.is_empty() {
        true => Ok(filled),
        false => {
            Err(RemoteError::Invalid { reasons, detail: "The gate can't be answered like this.".into() })
        }
    }
}

/// Reads a refusal of the input step. Nothing was done by it.
fn refused(answer: &Answer) -> Option<RemoteError> {
    let words = answer.header("x-error").unwrap_or_default();
    match answer.status.as_u16() {
        404 => Some(RemoteError::AlreadyDecided { by: None, verdict: None }),
        400 if words.contains("already given") => {
            Some(RemoteError::AlreadyDecided { by: None, verdict: None })
        }
        400 if words.contains("You need to be") => Some(RemoteError::Forbidden {
            needs: Some("to be a submitter of this input step".into()),
            detail: words.chars().take(300).collect(),
        }),
        _ => None,
    }
}
