//! Promoting: starting a pipeline that takes the build and the stage as inputs, with our key as its
//! correlation id.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Spinnaker;
use super::line::Line;
use super::wire::{Execution, Started, is_final};
use crate::blockers::Blockers;
use crate::http::Call;
use crate::{
    Mechanism, OperationKey, PipelineId, Preflight, PromotionPlan, Proof, Reconciled, RemoteError, RunId,
    RunPlan, Submission, WriteError,
};

/// How much later than the sending an execution may still appear.
const STILL_COMING: TimeDelta = TimeDelta::seconds(5);
/// How far the clocks may be apart.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// A plan that nothing stands in the way of.
struct Ready {
    line: Line,
    inputs: Map<String, Value>,
}

impl Spinnaker {
    pub(super) async fn examine(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let (blockers, will_do) = match self.check(plan).await? {
            Ok(ready) => (Vec::new(), vec![self.will_do(&ready)]),
            Err(blockers) => (blockers.reasons().to_vec(), Vec::new()),
        };
        let mechanism = Mechanism::StartRun;
        Ok(Preflight { allowed: blockers.is_empty(), blockers, will_do, mechanism })
    }

    fn will_do(&self, Ready { line, inputs }: &Ready) -> String {
        let inputs: Vec<String> = inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "POST {} to start {} with {}, and this operation's key as its correlation id",
            self.http.url(["pipelines", &line.application, &line.config.id]),
            line.name(),
            inputs.join(", "),
        )
    }

    pub(super) async fn start(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        // Spinnaker forgets the id when the run ends, and would start a second one then.
        if let Some(earlier) = self.find(&plan.pipeline, key, None).await? {
            return Ok(submission(&earlier));
        }
        let Ready { line, inputs } = match self.check(plan).await? {
            Ok(ready) => ready,
            Err(blockers) => return Err(refused(blockers)),
        };
        self.trigger(&line, inputs, key).await
    }

    /// Starts a pipeline that promotes nothing, with those of the inputs that it declares.
    pub(super) async fn start_run_of(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        if let Some(earlier) = self.find(&plan.pipeline, key, None).await? {
            return Ok(submission(&earlier));
        }
        let line = self.line(&plan.pipeline).await?;
        if line.config.disabled {
            return Err(RemoteError::Conflict { detail: "the pipeline is switched off".into() }.into());
        }
        // The key goes as the correlation id, and also as an input where there is one for it.
        let declared = |name: &str| line.config.parameter_config.iter().any(|known| known.name == name);
        let inputs = plan.declared(&self.inputs.operation, key, declared);
        let inputs = inputs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        self.trigger(&line, inputs, key).await
    }

    async fn trigger(
        &self,
        line: &Line,
        inputs: Map<String, Value>,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        // No user is named: Spinnaker would believe it.
        let body = json!({ "type": "manual", "correlationId": key.as_str(), "parameters": inputs });
        let url = self.http.url(["pipelines", &line.application, &line.config.id]);
        let answer = self.http.accepted(self.http.send(Call::post(url).json(&body)).await?)?;
        let started: Started = self.http.answered(&answer)?;
        let run =
            started.reference.strip_prefix("/pipelines/").filter(|id| !id.is_empty()).ok_or_else(|| {
                let cause = RemoteError::Protocol { detail: "the answer names no execution".into() };
                WriteError::OutcomeUnknown { cause, sent_at: answer.at }
            })?;
        Ok(Submission {
            run: Some(RunId::new(run)),
            accepted_at: answer.at,
            proof: Proof::ServerSaid,
            request_id: answer.request_id(),
        })
    }

    pub(super) async fn reconcile(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile_in(&plan.pipeline, key, sent_at).await
    }

    /// Reads back what became of a start of a pipeline.
    pub(super) async fn reconcile_in(
        &self,
        pipeline: &PipelineId,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        Ok(match self.find(pipeline, key, Some(sent_at - SKEW)).await? {
            Some(execution) => Reconciled::Applied(submission(&execution)),
            None if self.http.now() - sent_at < STILL_COMING => {
                Reconciled::StillUnknown { evidence: "Spinnaker knows no such execution yet".into() }
            }
            None => Reconciled::NotApplied,
        })
    }

    /// Searches the execution with our key; the oldest, should there ever be two.
    async fn find(
        &self,
        pipeline: &PipelineId,
        key: &OperationKey,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<Execution>, RemoteError> {
        let Some((application, config)) = super::line::parts(pipeline) else { return Ok(None) };
        let trigger = BASE64_STANDARD.encode(json!({ "correlationId": key.as_str() }).to_string());
        let since = since.map(|since| since.timestamp_millis().max(0).to_string());
        let mut query = vec![("trigger", trigger.as_str()), ("size", "10"), ("expand", "false")];
        query.extend(since.iter().map(|since| ("triggerTimeStartBoundary", since.as_str())));
        let path = ["applications", application, "executions", "search"];
        let found: Vec<Execution> = match self.get(&path, &query).await {
            Err(RemoteError::NotFound(_)) => return Ok(None),
            other => other?,
        };
        // An older Gate does not know the parameter and returns everything.
        let ours = found.into_iter().filter(|execution| {
            execution.trigger.correlation_id.as_deref() == Some(key.as_str())
                && execution.pipeline_config_id.as_deref().is_none_or(|known| known == config)
        });
        Ok(ours.min_by_key(Execution::built))
    }

    /// Finds everything that stands in a plan's way.
    async fn check(&self, plan: &PromotionPlan) -> Result<Result<Ready, Blockers>, RemoteError> {
        let mut blockers = Blockers::default();
        let line = match self.line(&plan.pipeline).await {
            Ok(line) => line,
            Err(RemoteError::NotFound(_)) => {
                blockers.note(
                    "pipeline.not_found",
                    plan.pipeline.as_str(),
                    "Spinnaker has no such pipeline.",
                    "Choose another pipeline, or allow this account to read the application.",
                );
                return Ok(Err(blockers));
            }
            Err(error) => return Err(error),
        };
        if line.config.disabled {
            blockers.note(
                "pipeline.disabled",
                &line.config.name,
                "The pipeline is switched off.",
                "Switch it on in Spinnaker.",
            );
        }
        blockers.no_digests(plan, "Spinnaker");
        if !self.all_builds(&line).await?.iter().any(|build| build.id == plan.build) {
            blockers.note(
                "build.not_found",
                plan.build.as_str(),
                "No execution of the pipeline has carried this build.",
                "Choose another build.",
            );
        }
        if line.stages().iter().any(|stage| stage == plan.to.as_str()) {
            let executions = self.recent(&line).await?;
            let state = self.state(&line, plan.to.as_str(), &executions);
            blockers.compare(plan, state.occupant.as_ref());
            if let Some(run) = state.running {
                blockers.busy(plan, &format!("Execution {run}"));
            }
        } else {
            blockers.note(
                "stage.not_found",
                plan.to.as_str(),
                "The pipeline has no such stage.",
                "Choose another stage.",
            );
        }
        let inputs = self.fill(&line, plan, &mut blockers);
        Ok(if blockers.reasons().is_empty() { Ok(Ready { line, inputs }) } else { Err(blockers) })
    }

    /// Fills the pipeline's inputs.
    fn fill(&self, line: &Line, plan: &PromotionPlan, blockers: &mut Blockers) -> Map<String, Value> {
        let known = &line.config.parameter_config;
        if line.driven.is_none() {
            blockers.note(
                "stage.by_itself",
                &line.config.name,
                "The pipeline goes through its stages by itself.",
                format!(
                    "Answer its gates, or give it an input {} with the stages as options.",
                    self.inputs.stage
                ),
            );
            return Map::new();
        }
        let mut inputs = plan.parameters.clone();
        inputs.insert(self.inputs.build.clone(), plan.build.to_string());
        inputs.insert(self.inputs.stage.clone(), plan.to.to_string());
        for (name, value) in &inputs {
            match known.iter().find(|parameter| parameter.name == *name) {
                None => blockers.note(
                    "promotion.parameter",
                    name,
                    "The pipeline has no such input.",
                    "Add it to the pipeline's parameters in Spinnaker, or leave it out.",
                ),
                Some(parameter) => {
                    let choices = parameter.choices();
                    // A stage that is none of the options was named above.
                    if *name != self.inputs.stage
                        && choices.is_some_and(|choices| !choices.contains(&value.as_str()))
                    {
                        blockers.note(
                            "promotion.parameter",
                            name,
                            "The pipeline's input does not offer this value.",
                            "Choose one of its options.",
                        );
                    }
                }
            }
        }
        let filled =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_str).is_some_and(|v| !v.is_empty());
        for parameter in known.iter().filter(|parameter| parameter.required) {
            let given = inputs.get(&parameter.name).is_some_and(|value| !value.is_empty());
            if !given && !filled(&parameter.default) {
                blockers.note(
                    "promotion.parameter",
                    &parameter.name,
                    "The pipeline demands this input.",
                    "Give it a value.",
                );
            }
        }
        inputs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    }

    pub(super) async fn stop(&self, run: &RunId, words: &str) -> Result<Submission, WriteError> {
        let execution = self.execution(run).await?;
        if is_final(&execution.status) {
            return Err(RemoteError::Conflict { detail: "the run has ended".into() }.into());
        }
        let query = [("reason", words), ("force", "false")];
        let url = self.http.url_with(["pipelines", &execution.id, "cancel"], &query);
        self.put(Call::new(reqwest::Method::PUT, url), run).await
    }

    /// Runs the stage that failed again, in the same execution.
    pub(super) async fn restart(&self, run: &RunId, stage: &str) -> Result<Submission, WriteError> {
        let execution = self.execution(run).await?;
        let driven = execution.parameter(&self.inputs.stage);
        let failed = execution.stages.iter().find(|known| {
            let own = driven.as_deref().map_or(known.name == stage, |driven| driven == stage);
            own && known.parent_stage_id.is_none()
                && matches!(known.status.as_str(), "TERMINAL" | "STOPPED" | "CANCELED")
        });
        let Some(failed) = failed.filter(|_| is_final(&execution.status)) else {
            let detail = "the run has not ended with a failure in this stage".into();
            return Err(RemoteError::Conflict { detail }.into());
        };
        let url = self.http.url(["pipelines", &execution.id, "stages", &failed.id, "restart"]);
        self.put(Call::new(reqwest::Method::PUT, url).json(&json!({})), run).await
    }

    async fn put(&self, call: Call, run: &RunId) -> Result<Submission, WriteError> {
        let answer = self.http.accepted(self.http.send(call).await?)?;
        // What Spinnaker accepts it still has to do; the run shows it.
        Ok(Submission {
            run: Some(run.clone()),
            accepted_at: answer.at,
            proof: Proof::Pending,
            request_id: answer.request_id(),
        })
    }
}

fn refused(blockers: Blockers) -> WriteError {
    let nothing = || RemoteError::Protocol { detail: "refused without a reason".into() };
    WriteError::NotApplied(blockers.refusal().err().unwrap_or_else(nothing))
}

fn submission(execution: &Execution) -> Submission {
    Submission {
        run: Some(RunId::new(execution.id.clone())),
        accepted_at: execution.built().unwrap_or_default(),
        proof: Proof::ReadBack,
        request_id: None,
    }
}
