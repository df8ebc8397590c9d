//! A call that leads to a run: sent once, read back when its answer was lost, followed to its end.
//!
//! The outbox says how far each call came, and `outbox` whose turn it is. A call that may have arrived is read back
//! before anything is sent again; what can't be found out is recorded as unknown, and a person settles it. What is sent
//! and what its end means is the errand's; the order of the steps is the same for all of them.

use crate::desk::Desk;
use crate::outbox::Step;
use crate::wire::WireError;
use signalbox_domain::id::ConnectionId;
use signalbox_domain::line::Outcome;
use signalbox_pipelines::{
    OperationKey, PipelineSystem, Reconciled, RemoteError, RunId, RunState, RunStatus, Submission,
    WriteError, sanitise,
};
use signalbox_store::{OutboxItem, OutboxState, Scope};
use std::sync::Arc;

/// What a call asks for, and what its end means for the ledger.
pub(crate) trait Errand {
    /// How far it came.
    fn item(&self) -> &OutboxItem;

    /// Sends it.
    fn send(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Submission, WriteError>;

    /// Reads back what became of it.
    fn reconcile(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Reconciled, RemoteError>;

    /// The outcome that is recorded so far.
    fn outcome(&self, desk: &Desk) -> Result<Option<Outcome>, WireError>;

    /// Records an outcome that no run told.
    fn end(&self, desk: &Desk, outcome: Outcome, detail: String) -> Result<(), WireError>;

    /// Records how its run ended.
    fn ran(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        run: &RunId,
        status: &RunStatus,
    ) -> Result<(), WireError>;
}

impl Desk {
    /// One step of an errand whose turn it is.
    pub(crate) fn run_errand(
        &self,
        errand: &dyn Errand,
        connection: &ConnectionId,
    ) -> Result<Step, WireError> {
        let item = errand.item();
        let system = match self.system_of(connection) {
            Ok(system) => system,
            // Nothing was sent yet and nothing can be: that is an outcome.
            Err(error) if item.state == OutboxState::Intended => {
                errand.end(self, Outcome::NotDone, format!("{} {}", error.message, error.hint))?;
                return Ok(Step::Over);
            }
            Err(error) => return Err(error),
        };
        let key = OperationKey::new(item.operation.as_str()).map_err(WireError::inside)?;
        match item.state {
            OutboxState::Intended => self.send_errand(errand, system.as_ref(), &key),
            OutboxState::Sending | OutboxState::Unknown => {
                self.read_errand_back(errand, system.as_ref(), &key)
            }
            OutboxState::Sent => self.look_at_errand(errand, system.as_ref(), &key),
            OutboxState::Done => Ok(Step::Over),
        }
    }

    fn system_of(&self, connection: &ConnectionId) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let state = self.state(&Scope::desk())?;
        let known = state.connections.get(connection).ok_or_else(|| WireError::unknown("connection"))?;
        self.system(connection, &known.kind)
    }

    fn send_errand(
        &self,
        errand: &dyn Errand,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let item = errand.item();
        if !self.move_call(item, OutboxState::Intended, OutboxState::Sending, None)? {
            return Ok(Step::Next);
        }
        match errand.send(self, system, key) {
            Ok(submission) => {
                let run = submission.run.as_ref().map(RunId::as_str);
                self.move_call(item, OutboxState::Sending, OutboxState::Sent, run)?;
                self.tell(&["line", "packet", "release", "log"]);
                Ok(Step::Running)
            }
            Err(WriteError::NotApplied(error)) => {
                errand.end(self, Outcome::NotDone, sanitise(&error.to_string()).into_owned())?;
                Ok(Step::Over)
            }
            Err(WriteError::OutcomeUnknown { cause, .. }) => {
                tracing::warn!(%cause, operation = key.as_str(), "the answer was lost; reading back");
                self.move_call(item, OutboxState::Sending, OutboxState::Unknown, None)?;
                Ok(Step::Lost)
            }
        }
    }

    fn read_errand_back(
        &self,
        errand: &dyn Errand,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let item = errand.item();
        match errand.reconcile(self, system, key) {
            Ok(Reconciled::Applied(submission)) => {
                let run = submission.run.as_ref().map(RunId::as_str);
                self.move_call(item, item.state, OutboxState::Sent, run)?;
                Ok(Step::Running)
            }
            Ok(Reconciled::NotApplied) if item.state == OutboxState::Sent => {
                self.give_up_in_time(errand, "the system accepted the call and shows no run of it")
            }
            Ok(Reconciled::NotApplied) => {
                self.move_call(item, item.state, OutboxState::Intended, None)?;
                Ok(Step::Next)
            }
            Ok(Reconciled::StillUnknown { evidence }) => self.give_up_in_time(errand, &evidence),
            Err(error) => self.give_up_in_time(errand, &error.to_string()),
        }
    }

    /// Records an outcome as unknown once there was time enough to find out; then a person settles it.
    fn give_up_in_time(&self, errand: &dyn Errand, evidence: &str) -> Result<Step, WireError> {
        if self.may_still_be_found(errand.item()) {
            return Ok(Step::Lost);
        }
        if errand.outcome(self)? != Some(Outcome::Unknown) {
            errand.end(self, Outcome::Unknown, sanitise(evidence).into_owned())?;
        }
        Ok(Step::Settle)
    }

    fn look_at_errand(
        &self,
        errand: &dyn Errand,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Step, WireError> {
        let Some(run) = errand.item().run.clone().map(RunId::new) else {
            // Accepted, but the system did not say yet as which run.
            return self.read_errand_back(errand, system, key);
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
        if status.state == RunState::Unknown && errand.outcome(self)? == Some(Outcome::Unknown) {
            return Ok(Step::Settle);
        }
        errand.ran(self, system, &run, &status)?;
        Ok(Step::Over)
    }
}
