//! Has a pipeline system deploy what the ledger intends, exactly once.
//!
//! The order of the steps is in `errand`; here is what is sent, and what its end means for the line.

use crate::desk::Desk;
use crate::errand::Errand;
use crate::outbox::Step;
use crate::wire::WireError;
use signalbox_domain::decide::{Act, CheckReport};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ServiceId, StageKey};
use signalbox_domain::issue::{IssueReport, Severity};
use signalbox_domain::line::{Build, DeploymentKind, Outcome, Phase, Standing};
use signalbox_domain::state::{Ref, State};
use signalbox_pipelines::{
    LogCursor, OperationKey, PipelineSystem, PromotionPlan, Reconciled, RemoteError, RunId, RunState,
    RunStatus, Submission, WriteError, sanitise,
};
use signalbox_store::{Draft, OutboxItem, Scope};
use std::collections::BTreeMap;

/// How much of a failed run's log goes into the draft of an issue-log entry.
const SYMPTOM_LINES: usize = 12;

/// A deployment with everything that it needs.
struct Call {
    item: OutboxItem,
    build: BuildId,
    service: ServiceId,
    stage: StageKey,
    purpose: DeploymentKind,
    plan: PromotionPlan,
}

impl Desk {
    /// One step of a deployment whose turn it is.
    pub(crate) fn carry_deployment(&self, item: OutboxItem) -> Result<Step, WireError> {
        let intent = Fact::read("deployment-intended.v1", item.doc.clone());
        let Ok(Fact::DeploymentIntended { build, service, stage, purpose, connection, pipeline, .. }) =
            intent
        else {
            return Err(WireError::inside("the outbox holds something else than a deployment"));
        };
        let state = self.state(&Scope::desk().around(Ref::Build(build.clone())))?;
        let known = state.builds.get(&build).ok_or_else(|| WireError::unknown("build"))?;
        let plan = plan_of(&state, known, &stage, &pipeline, purpose);
        self.run_errand(&Call { item, build, service, stage, purpose, plan }, &connection)
    }
}

impl Errand for Call {
    fn item(&self) -> &OutboxItem {
        &self.item
    }

    fn send(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        if self.purpose == DeploymentKind::RollBack && system.capabilities().roll_back {
            match desk.wait(system.roll_back(&self.plan, key)) {
                // Nothing was done that way; the build can be put there like any other.
                Err(WriteError::NotApplied(cause)) => {
                    tracing::info!(%cause, "the system does not roll back by itself");
                }
                sent => return sent,
            }
        }
        desk.wait(system.promote(&self.plan, key))
    }

    fn reconcile(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Reconciled, RemoteError> {
        desk.wait(system.reconcile_promotion(&self.plan, key, self.item.at.utc()))
    }

    fn outcome(&self, desk: &Desk) -> Result<Option<Outcome>, WireError> {
        let build = desk.store.read(|reader| reader.build(&self.build))?;
        Ok(build.as_ref().and_then(|build| build.visit(&self.stage)).and_then(|visit| {
            visit
                .deployments
                .iter()
                .find(|known| known.id == self.item.operation)
                .and_then(|known| known.outcome)
        }))
    }

    fn end(&self, desk: &Desk, outcome: Outcome, detail: String) -> Result<(), WireError> {
        desk.end_deployment(self, outcome, detail, Vec::new())
    }

    fn ran(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        run: &RunId,
        status: &RunStatus,
    ) -> Result<(), WireError> {
        let (outcome, checks) = outcome_of(status, self.purpose);
        let detail = sanitise(&status.summary).into_owned();
        let failed = outcome != Outcome::Succeeded || checks.iter().any(|check| !check.passed);
        desk.end_deployment(self, outcome, detail, checks)?;
        if failed {
            desk.draft_issue(self, system, run)?;
        }
        Ok(())
    }
}

impl Desk {
    fn end_deployment(
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
