//! What people do about executions and gates at pipeline systems: look, stop, try again, settle, explain.

use super::desk::done;
use crate::act::Signing;
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ConnectionId, EntryId, ServiceId, StageKey};
use signalbox_domain::line::Visit;
use signalbox_domain::moment::Moment;
use signalbox_domain::state::{Ref, State};
use signalbox_ledger::Header;
use signalbox_pipelines::{
    LogCursor, Logs, OperationKey, PipelineId, PipelineSystem, RemoteError, RunId, RunState, StageId,
    WriteError, sanitise,
};
use signalbox_store::{OutboxState, Scope};
use std::sync::Arc;

/// An execution at a pipeline system, begun from here or observed.
struct Execution {
    build: BuildId,
    stage: StageKey,
    connection: ConnectionId,
    run: Option<RunId>,
    over: bool,
}

impl Desk {
    pub(crate) fn deployment_cancel(&self, request: DeploymentCancel) -> Result<Done, WireError> {
        let operation = EntryId::new(request.deployment);
        let execution = self.execution(&operation)?;
        if execution.over {
            return Err(WireError::new(
                "deployment.over",
                "The deployment is over.",
                "Look at how it ended.",
            ));
        }
        let Some(run) = &execution.run else {
            return Err(WireError::new(
                "deployment.not-begun",
                "The deployment has not begun yet.",
                "Try again in a moment; its begin is being found out.",
            )
            .retryable());
        };
        let state = self.state(&Scope::desk().around(Ref::Build(execution.build.clone())))?;
        let value = state.builds.get(&execution.build).ok_or_else(|| WireError::unknown("build"))?;
        let me = self.me(&state);
        let may = view::packet::cancel_state(&state, value, &execution.stage, me.as_ref(), self.now());
        refuse(
            may,
            "deployment.not-yours",
            "You can't stop this deployment.",
            "Ask someone who deploys here.",
        )?;
        let reason = named_reason(&request.reason, me.as_ref(), "cancel.reason-empty")?;
        let system = self.system_named(&state, &execution.connection)?;
        let key = OperationKey::new(operation.as_str()).map_err(WireError::inside)?;
        written(self.wait(system.cancel(run, &reason, &key)))?;
        self.work.notify_one();
        Ok(done("The deployment is being stopped."))
    }

    pub(crate) fn deployment_log(&self, request: DeploymentLog) -> Result<LogView, WireError> {
        let (connection, run, over) = self.run_of(&EntryId::new(request.deployment))?;
        let Some(run) = &run else {
            return Ok(LogView {
                text: String::new(),
                next: request.after,
                more: !over,
                link: None,
                no_text: None,
                state: DeploymentState::Running,
                step: "not begun yet".to_owned(),
                done: 0,
                steps: 0,
                checks: Vec::new(),
            });
        };
        let state = self.state(&Scope::desk())?;
        let system = self.system_named(&state, &connection)?;
        let cursor = LogCursor::from(request.after.as_str());
        let (chunk, status) =
            self.wait(async { (system.read_log(run, &cursor).await, system.run_status(run).await) });
        let status = status?;
        let (text, next, more, no_text) = match chunk {
            Ok(chunk) => {
                (sanitise(&chunk.text).into_owned(), chunk.next.as_str().to_owned(), !chunk.complete, None)
            }
            Err(RemoteError::Unsupported(_)) => {
                let why = "The pipeline system gives no log; its own page has it.".to_owned();
                (String::new(), request.after, false, Some(why))
            }
            Err(_) if system.capabilities().logs == Logs::WhenFinished && !status.state.is_final() => {
                let why = "The pipeline system gives the log once the run has ended.".to_owned();
                (String::new(), request.after, true, Some(why))
            }
            Err(error) => return Err(error.into()),
        };
        Ok(LogView {
            text,
            next,
            more: more && no_text.is_none(),
            link: status.link.filter(|link| link.starts_with("https://") || link.starts_with("http://")),
            no_text,
            state: match status.state {
                RunState::Queued | RunState::Running => DeploymentState::Running,
                RunState::Succeeded => DeploymentState::Succeeded,
                RunState::Failed | RunState::Cancelled => DeploymentState::Failed,
                RunState::Unknown => DeploymentState::Unknown,
            },
            step: sanitise(&status.step.unwrap_or(status.summary)).into_owned(),
            done: status.progress.done,
            steps: status.progress.total,
            checks: status
                .checks
                .into_iter()
                .map(|check| CheckView {
                    name: sanitise(&check.name).into_owned(),
                    passed: Some(check.passed),
                    source: check.source,
                    summary: sanitise(&check.summary).into_owned(),
                    at: check.finished.map(|at| Moment::new(at).to_string()),
                })
                .collect(),
        })
    }

    pub(crate) fn answer_again(&self, request: AnswerAgain) -> Result<Done, WireError> {
        let build = BuildId::new(request.build);
        let act = Act::AnswerAgain {
            build: build.clone(),
            stage: StageKey::new(request.stage),
            reason: request.reason,
        };
        Ok(self.act_about(&build, act)?.done(None, "The gate is answered again."))
    }

    pub(crate) fn answer_settle(&self, request: AnswerSettle) -> Result<Done, WireError> {
        let build = BuildId::new(request.build);
        let outcome = view::common::outcome(&request.outcome).ok_or_else(|| {
            WireError::new("answer.not-settled", "“Running” is no outcome.", "Say how it ended.")
        })?;
        let act = Act::RecordAnswerEnd {
            build: build.clone(),
            stage: StageKey::new(request.stage),
            answer: EntryId::new(request.answer),
            outcome,
            detail: request.detail,
        };
        Ok(self.act_about(&build, act)?.done(None, "The outcome is recorded."))
    }

    pub(crate) fn change_explain(&self, request: ChangeExplain) -> Result<Done, WireError> {
        let change = EntryId::new(request.change);
        let state = self.state(&Scope::live())?;
        let service = state
            .lines
            .values()
            .find(|line| {
                line.sections.values().any(|block| block.changes.iter().any(|known| known.id == change))
            })
            .map(|line| line.service.clone());
        let product = service.map(|service| self.product_of(&service)).transpose()?;
        let act = Act::ExplainChange { change, reason: request.reason };
        Ok(self.act(product.as_ref(), act, &Signing::default())?.done(None, "The change is explained."))
    }

    /// Has the system run again what failed there; the line observes what comes of it.
    pub(crate) fn remote_retry(&self, request: RemoteRetry) -> Result<Done, WireError> {
        let build = BuildId::new(request.build);
        let stage = StageKey::new(request.stage);
        let state = self.state(&Scope::desk().around(Ref::Build(build.clone())))?;
        let value = state.builds.get(&build).ok_or_else(|| WireError::unknown("build"))?;
        let me = self.me(&state);
        let may = view::packet::retry_there(&state, value, &stage, me.as_ref(), self.now());
        refuse(may, "retry.not-yours", "You can't have it run again.", "Ask someone who operates it.")?;
        named_reason(&request.reason, me.as_ref(), "retry.reason-empty")?;
        let binding = state.binding(&value.service).ok_or_else(|| WireError::unknown("pipeline"))?;
        let remote = binding.remote_of(&stage).unwrap_or(stage.as_str());
        let run = value.visit(&stage).and_then(Visit::deployment).and_then(|last| last.run.clone());
        let run = run.ok_or_else(|| WireError::unknown("run"))?;
        let system = self.system_named(&state, &binding.connection)?;
        let key = OperationKey::new(self.new_id()).map_err(WireError::inside)?;
        written(self.wait(system.retry_stage(&RunId::new(run), &StageId::new(remote), &key)))?;
        Ok(done("The pipeline system runs it again."))
    }

    /// Holds a gated stage at the pipeline system too, or lets it go on there; says what came of it.
    pub(crate) fn hold_there(&self, service: &ServiceId, stage: &StageKey, reason: Option<&str>) -> String {
        let held = || -> Result<Option<String>, WireError> {
            let state = self.state(&Scope::desk())?;
            let Some(binding) = state.binding(service).filter(|_| state.is_gated(service, stage)) else {
                return Ok(None);
            };
            let name = state.system_name(service);
            let system = self.system_named(&state, &binding.connection)?;
            if !system.capabilities().hold_stage {
                return Ok(Some(format!("{name} can't hold a stage; answers to its gates are kept back.")));
            }
            let remote = StageId::new(binding.remote_of(stage).unwrap_or(stage.as_str()));
            let pipeline = PipelineId::new(binding.pipeline.clone());
            let key = OperationKey::new(self.new_id()).map_err(WireError::inside)?;
            Ok(Some(match self.wait(system.set_hold(&pipeline, &remote, reason, &key)) {
                Ok(_) => format!("{name} does the same."),
                Err(WriteError::NotApplied(error)) => {
                    format!("At {name} nothing was done: {}.", sanitise(&error.to_string()))
                }
                Err(WriteError::OutcomeUnknown { .. }) => {
                    format!("Whether {name} does the same is not known: look there.")
                }
            }))
        };
        match held() {
            Ok(said) => said.map(|said| format!(" {said}")).unwrap_or_default(),
            Err(error) => format!(" At the pipeline system nothing was done: {}", error.message),
        }
    }

    /// An act on a build, signed in the role that fits.
    fn act_about(&self, build: &BuildId, act: Act) -> Result<crate::act::Recorded, WireError> {
        let known = self.store.read(|reader| reader.build(build))?;
        let known = known.ok_or_else(|| WireError::unknown("build"))?;
        self.act(Some(&known.product), act, &Signing::default())
    }

    /// The run of a deployment or of a test of a whole product: where, which, and whether it is over.
    fn run_of(&self, id: &EntryId) -> Result<(ConnectionId, Option<RunId>, bool), WireError> {
        if let Some(call) = self.store.read(|reader| reader.call(id))?
            && let Ok(Fact::ProductTestIntended { connection, .. }) =
                Fact::read("product-test-intended.v1", call.doc.clone())
        {
            return Ok((connection, call.run.map(RunId::new), call.state == OutboxState::Done));
        }
        let Execution { connection, run, over, .. } = self.execution(id)?;
        Ok((connection, run, over))
    }

    fn execution(&self, id: &EntryId) -> Result<Execution, WireError> {
        if let Some(call) = self.store.read(|reader| reader.call(id))?
            && let Ok(Fact::DeploymentIntended { build, stage, connection, .. }) =
                Fact::read("deployment-intended.v1", call.doc.clone())
        {
            let over = call.state == OutboxState::Done;
            return Ok(Execution { build, stage, connection, run: call.run.map(RunId::new), over });
        }
        let stored = self.store.read(|reader| reader.entry_called(id))?;
        let observed = stored.and_then(|stored| {
            let header = Header::parse(&stored.entry.header).ok()?;
            let payload = serde_json::from_slice(stored.entry.payload.as_deref()?).ok()?;
            Fact::read(&header.kind, payload).ok()
        });
        let Some(Fact::DeploymentObserved { build, stage, connection, run, .. }) = observed else {
            return Err(WireError::unknown("deployment"));
        };
        let known = self.store.read(|reader| reader.build(&build))?;
        let over = known
            .as_ref()
            .and_then(|known| known.visit(&stage))
            .and_then(|visit| visit.deployments.iter().find(|known| known.id == *id))
            .is_none_or(|known| known.outcome.is_some());
        Ok(Execution { build, stage, connection, run: Some(RunId::new(run)), over })
    }

    fn system_named(
        &self,
        state: &State,
        connection: &ConnectionId,
    ) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let known = state.connections.get(connection).ok_or_else(|| WireError::unknown("connection"))?;
        self.system(connection, &known.kind)
    }
}

fn refuse(may: ActState, code: &'static str, message: &str, hint: &str) -> Result<(), WireError> {
    if may.allowed {
        return Ok(());
    }
    let mut refused = WireError::new(code, message, hint);
    refused.reasons = may.reasons;
    Err(refused)
}

/// The reason with the name of who gave it.
fn named_reason(reason: &str, me: Option<&view::Me>, code: &'static str) -> Result<String, WireError> {
    if reason.trim().is_empty() {
        return Err(WireError::new(code, "The reason is empty.", "Write it."));
    }
    let who = me.map_or("", |me| me.person.name.as_str());
    Ok(format!("{who}: {}", reason.trim()))
}

fn written<T>(outcome: Result<T, WriteError>) -> Result<T, WireError> {
    outcome.map_err(|error| match error {
        WriteError::NotApplied(error) => error.into(),
        WriteError::OutcomeUnknown { cause, .. } => WireError::new(
            "remote.outcome-unknown",
            format!("Whether it was done is not known: {}.", sanitise(&cause.to_string())),
            "Look at the pipeline system before you try again.",
        ),
    })
}
