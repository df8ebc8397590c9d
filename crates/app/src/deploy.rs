//! Carries out what the ledger intends, exactly once: intent recorded, call, outcome recorded.
//!
//! The outbox says how far each call came, and `outbox` whose turn it is. A call that may have arrived is read back before anything is sent
//! again; what can't be found out is recorded as unknown, and a person settles it.

use crate::desk::Desk;
use crate::outbox::Step;
use crate::wire::WireError;
use signalbox_domain::decide::{Act, CheckReport};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ConnectionId, ServiceId, StageKey};
use signalbox_domain::issue::{IssueReport, Severity};
use signalbox_domain::line::{Build, DeploymentKind, Outcome, Phase, Standing};
use signalbox_domain::state::{Ref, State};
use signalbox_pipelines::{
    LogCursor, OperationKey, PipelineSystem, PromotionPlan, Reconciled, RunId, RunState, RunStatus,
    WriteError, sanitise,
};
use signalbox_store::{Draft, OutboxItem, OutboxState, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;

/// For how long a lost answer is looked for before it is recorded as unknown.
const LOST_MILLIS: i64 = 120_000;
/// How much of a failed run's log goes into the draft of an issue-log entry.
const SYMPTOM_LINES: usize = 12;

/// A call with everything that it needs.
struct Call {
    item: OutboxItem,
    build: BuildId,
    service: ServiceId,
    stage: StageKey,
    purpose: DeploymentKind,
    connection: ConnectionId,
    pipeline: String,
}

impl Desk {
    /// One step of a deployment whose turn it is.
    pub(crate) fn carry_deployment(&self, item: OutboxItem) -> Result<Step, WireError> {
        let call = self.read_call(item)?;
        self.advance(&call)
    }

    fn read_call(&self, item: OutboxItem) -> Result<Call, WireError> {
        match Fact::read("deployment-intended.v1", item.doc.clone()) {
            Ok(Fact::DeploymentIntended { build, service, stage, purpose, connection, pipeline, .. }) => {
                Ok(Call { item, build, service, stage, purpose, connection, pipeline })
            }
            Ok(_) => Err(WireError::inside("the outbox holds something else than an intent")),
            Err(error) => Err(WireError::inside(error)),
        }
    }

    fn advance(&self, call: &Call) -> Result<Step, WireError> {
        let system = match self.system_of(call) {
            Ok(system) => system,
            // Nothing was sent yet and nothing can be: that is an outcome.
            Err(error) if call.item.state == OutboxState::Intended => {
                self.end(call, Outcome::NotDone, format!("{} {}", error.message, error.hint), Vec::new())?;
                return Ok(Step::Over);
            }
            Err(error) => return Err(error),
        };
        let key = OperationKey::new(call.item.operation.as_str()).map_err(WireError::inside)?;
        let plan = self.plan(call)?;
        match call.item.state {
            OutboxState::Intended => self.send(call, system.as_ref(), &plan, &key),
            OutboxState::Sending | OutboxState::Unknown => self.read_back(call, system.as_ref(), &plan, &key),
            OutboxState::Sent => self.look(call, system.as_ref(), &plan, &key),
            OutboxState::Done => Ok(Step::Over),
        }
    }

    fn system_of(&self, call: &Call) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let state = self.state(&Scope::desk())?;
        let connection =
            state.connections.get(&call.connection).ok_or_else(|| WireError::unknown("connection"))?;
        self.system(&call.connection, &connection.kind)
    }

    fn plan(&self, call: &Call) -> Result<PromotionPlan, WireError> {
        let state = self.state(&Scope::desk().around(Ref::Build(call.build.clone())))?;
        let build = state.builds.get(&call.build).ok_or_else(|| WireError::unknown("build"))?;
        Ok(plan_of(&state, build, &call.stage, &call.pipeline, call.purpose))
    }

    fn move_on(
        &self,
        call: &Call,
        from: OutboxState,
        to: OutboxState,
        run: Option<&str>,
    ) -> Result<bool, WireError> {
        self.store
            .write(|writer| writer.move_call(&call.item.operation, from, to, run).map_err(WireError::from))
    }

    fn send(
        &self,
        call: &Call,
        system: &dyn PipelineSystem,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        if !self.move_on(call, OutboxState::Intended, OutboxState::Sending, None)? {
            return Ok(Step::Next);
        }
        match self.wait(system.promote(plan, key)) {
            Ok(submission) => {
                let run = submission.run.as_ref().map(RunId::as_str);
                self.move_on(call, OutboxState::Sending, OutboxState::Sent, run)?;
                self.tell(&["line", "packet", "log"]);
                Ok(Step::Running)
            }
            Err(WriteError::NotApplied(error)) => {
                self.end(call, Outcome::NotDone, sanitise(&error.to_string()).into_owned(), Vec::new())?;
                Ok(Step::Over)
            }
            Err(WriteError::OutcomeUnknown { cause, .. }) => {
                tracing::warn!(%cause, operation = key.as_str(), "the answer was lost; reading back");
                self.move_on(call, OutboxState::Sending, OutboxState::Unknown, None)?;
                Ok(Step::Lost)
            }
        }
    }

    fn read_back(
        &self,
        call: &Call,
        system: &dyn PipelineSystem,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let from = call.item.state;
        match self.wait(system.reconcile_promotion(plan, key, call.item.at.utc())) {
            Ok(Reconciled::Applied(submission)) => {
                let run = submission.run.as_ref().map(RunId::as_str);
                self.move_on(call, from, OutboxState::Sent, run)?;
                Ok(Step::Running)
            }
            Ok(Reconciled::NotApplied) if from == OutboxState::Sent => {
                self.give_up_in_time(call, "the system accepted the call and shows no run of it")
            }
            Ok(Reconciled::NotApplied) => {
                self.move_on(call, from, OutboxState::Intended, None)?;
                Ok(Step::Next)
            }
            Ok(Reconciled::StillUnknown { evidence }) => self.give_up_in_time(call, &evidence),
            Err(error) => self.give_up_in_time(call, &error.to_string()),
        }
    }

    /// Records an outcome as unknown once there was time enough to find out; then a person settles it.
    fn give_up_in_time(&self, call: &Call, evidence: &str) -> Result<Step, WireError> {
        if self.now().millis() - call.item.at.millis() < LOST_MILLIS {
            return Ok(Step::Lost);
        }
        if self.outcome(call)? != Some(Outcome::Unknown) {
            self.end(call, Outcome::Unknown, sanitise(evidence).into_owned(), Vec::new())?;
        }
        Ok(Step::Settle)
    }

    fn look(
        &self,
        call: &Call,
        system: &dyn PipelineSystem,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let Some(run) = call.item.run.clone().map(RunId::new) else {
            // Accepted, but the system did not say yet as which run.
            return self.read_back(call, system, plan, key);
        };
        let status = match self.wait(system.run_status(&run)) {
            Ok(status) => status,
            Err(error) => {
                tracing::debug!(%error, "the run could not be looked at");
                return Ok(Step::Running);
            }
        };
        if !status.state.is_final() {
            self.tell(&["log"]);
            return Ok(Step::Running);
        }
        if status.state == RunState::Unknown && self.outcome(call)? == Some(Outcome::Unknown) {
            return Ok(Step::Settle);
        }
        let (outcome, checks) = outcome_of(&status, call.purpose);
        let detail = sanitise(&status.summary).into_owned();
        let failed = outcome != Outcome::Succeeded || checks.iter().any(|check| !check.passed);
        self.end(call, outcome, detail, checks)?;
        if failed {
            self.draft_issue(call, system, &run)?;
        }
        Ok(Step::Over)
    }

    fn outcome(&self, call: &Call) -> Result<Option<Outcome>, WireError> {
        let build = self.store.read(|reader| reader.build(&call.build))?;
        Ok(build.as_ref().and_then(|build| build.visit(&call.stage)).and_then(|visit| {
            visit
                .deployments
                .iter()
                .find(|known| known.id == call.item.operation)
                .and_then(|known| known.outcome)
        }))
    }

    fn end(
        &self,
        call: &Call,
        outcome: Outcome,
        detail: String,
        checks: Vec<CheckReport>,
    ) -> Result<(), WireError> {
        let product = self.product_of(&call.service)?;
        let act = Act::RecordEnd {
            build: call.build.clone(),
            stage: call.stage.clone(),
            deployment: call.item.operation.clone(),
            outcome,
            detail,
            checks,
        };
        match self.observe(Some(&product), act) {
            // Another process, or a person, was quicker.
            Err(error) if error.code == "deployment.settled" => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Begins an issue-log entry from what was seen, for a person to complete.
    fn draft_issue(&self, call: &Call, system: &dyn PipelineSystem, run: &RunId) -> Result<(), WireError> {
        let state = self.state(&Scope::desk().around(Ref::Build(call.build.clone())))?;
        let Some(build) = state.builds.get(&call.build) else { return Ok(()) };
        let Some(stage) = state.stage_of(build, &call.stage) else { return Ok(()) };
        let Some(visit) = build.visit(&call.stage) else { return Ok(()) };
        let failed_here = visit.phase() == Phase::Stopped
            || matches!(build.standings.get(&call.stage), Some(Standing::Failed { .. }))
            || call.purpose == DeploymentKind::RollBack;
        if !failed_here {
            return Ok(());
        }
        let what =
            visit.checks.iter().find(|check| !check.passed).map_or("deployment", |check| check.name.as_str());
        let report = IssueReport {
            problem: format!("{} of {} failed in {}", capital(what), build.content.label, stage.name),
            symptoms: self.tail(system, run),
            severity: if state.process_of(build).is_some_and(|process| process.is_last(&stage.key)) {
                Severity::High
            } else {
                Severity::Medium
            },
            service: Some(call.service.clone()),
            stage: Some(call.stage.clone()),
            build: Some(call.build.clone()),
            ..IssueReport::default()
        };
        let doc = serde_json::json!({ "product": build.product, "report": report });
        let draft =
            Draft { id: call.item.operation.to_string(), kind: "issue".to_owned(), at: self.now(), doc };
        self.store.write(|writer| writer.put_draft(&draft).map_err(WireError::from))?;
        self.tell(&["issue", "inbox", "packet"]);
        Ok(())
    }

    fn tail(&self, system: &dyn PipelineSystem, run: &RunId) -> String {
        let mut at = LogCursor::start();
        let mut lines: Vec<String> = Vec::new();
        // Logs are capped on disk; the bound only guards against a system that never says it is complete.
        for _ in 0..64 {
            let Ok(chunk) = self.wait(system.read_log(run, &at)) else { break };
            lines.extend(sanitise(&chunk.text).lines().map(str::to_owned));
            let keep = lines.len().saturating_sub(SYMPTOM_LINES);
            lines.drain(..keep);
            if chunk.complete || chunk.text.is_empty() {
                break;
            }
            at = chunk.next;
        }
        lines.join("\n")
    }
}

/// What the pipeline system is asked for, in its own words for the build and the stage.
pub(crate) fn plan_of(
    state: &State,
    build: &Build,
    stage: &StageKey,
    pipeline: &str,
    purpose: DeploymentKind,
) -> PromotionPlan {
    let binding = state.binding(&build.service);
    let remote = binding.and_then(|binding| binding.remote_of(stage)).unwrap_or(stage.as_str());
    let content = &build.content;
    PromotionPlan {
        pipeline: pipeline.into(),
        to: remote.into(),
        build: content.reference.as_deref().unwrap_or(&content.label).into(),
        label: content.label.clone(),
        commit: content.commit.clone(),
        expect_sha256: content.digests.first().map(|digest| digest.sha256.clone()),
        expect_current: None,
        parameters: BTreeMap::new(),
        reason: match purpose {
            DeploymentKind::Forward => "promotion".to_owned(),
            DeploymentKind::RollBack => "roll-back".to_owned(),
        },
    }
}

/// What a finished run means for the ledger.
fn outcome_of(status: &RunStatus, purpose: DeploymentKind) -> (Outcome, Vec<CheckReport>) {
    let checks: Vec<CheckReport> = status
        .checks
        .iter()
        .map(|check| CheckReport {
            name: check.name.clone(),
            passed: check.passed,
            source: check.source.clone(),
            summary: check_summary(&check.name, &sanitise(&check.summary)),
        })
        .collect();
    let outcome = match status.state {
        RunState::Succeeded => Outcome::Succeeded,
        RunState::Unknown | RunState::Queued | RunState::Running => Outcome::Unknown,
        // A check that failed leaves a deployment that was carried out; going back has no gate to hold it.
        RunState::Failed if status.deployed == Some(true) && purpose == DeploymentKind::Forward => {
            Outcome::Succeeded
        }
        RunState::Failed | RunState::Cancelled => Outcome::Failed,
    };
    (outcome, checks)
}

/// What a check said, without its name, which stands beside it wherever it is shown.
fn check_summary(name: &str, said: &str) -> String {
    let rest = said.strip_prefix(&format!("check \"{name}\" ")).unwrap_or(said).trim_end_matches('.');
    if rest == "passed" { "exit code 0".to_owned() } else { rest.to_owned() }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
