//! One look at a pipeline's stages: what stands there, what works, what waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_codepipeline::types::{ExecutionType, StageExecutionStatus, StageState as Told};
use chrono::{DateTime, TimeDelta, Utc};

use super::api::Api;
use super::history::{self, Did, Status, newest, time};
use super::id::{Run, Waiting, gate_id};
use super::shape::{Action, Shape, Stage};
use crate::http::shortened;
use crate::{
    BuildId, GateId, Occupant, PendingGate, PipelineId, RemoteError, RunId, Settled, StageId, StageState,
};

/// The most pages of history that one look reads.
const PAGES: usize = 5;

/// A pipeline at one moment.
pub(super) struct Snapshot {
    pub shape: Arc<Shape>,
    stages: BTreeMap<String, View>,
    /// What actions did lately; read where the stages alone can't tell.
    did: Vec<Did>,
}

/// A stage as the system tells it.
#[derive(Default)]
struct View {
    latest: Option<Latest>,
    held: Option<String>,
    actions: BTreeMap<String, ActionView>,
}

struct Latest {
    execution: String,
    status: StageExecutionStatus,
    /// Whether it is a roll-back; nothing if that is not told.
    roll_back: Option<bool>,
}

struct ActionView {
    status: Status,
    changed: Option<DateTime<Utc>>,
    token: Option<String>,
}

/// A gate that waits, with what its handle holds.
#[derive(Clone)]
pub(super) struct Open {
    pub waiting: Waiting,
    since: Option<DateTime<Utc>>,
}

impl View {
    fn of(told: Told) -> Self {
        let held = told.inbound_transition_state.filter(|transition| !transition.enabled);
        let latest = told.latest_execution.map(|latest| Latest {
            roll_back: latest.r#type.as_ref().map(|kind| *kind == ExecutionType::Rollback),
            execution: latest.pipeline_execution_id,
            status: latest.status,
        });
        let actions = told.action_states.unwrap_or_default().into_iter().filter_map(|action| {
            let view = action.latest_execution?;
            let (status, changed) =
                (Status::of(view.status.as_ref()), time(view.last_status_change.as_ref()));
            Some((action.action_name?, ActionView { status, changed, token: view.token }))
        });
        Self {
            latest,
            held: held.map(|transition| {
                shortened(&transition.disabled_reason.unwrap_or_else(|| "no reason given".into()), 300)
            }),
            actions: actions.collect(),
        }
    }

    fn is_going(&self) -> bool {
        let going = [StageExecutionStatus::InProgress, StageExecutionStatus::Stopping];
        self.latest.as_ref().is_some_and(|latest| going.contains(&latest.status))
    }

    fn waits_at(&self, gate: &Action) -> Option<&ActionView> {
        let in_progress = |latest: &Latest| latest.status == StageExecutionStatus::InProgress;
        self.latest.as_ref().filter(|latest| in_progress(latest))?;
        self.actions
            .get(&gate.name)
            .filter(|action| action.status == Status::Working && action.token.is_some())
    }

    /// Says whether the stage's own status tells what stands in it.
    fn is_plain(&self, stage: &Stage) -> bool {
        let Some(latest) = &self.latest else { return true };
        match latest.status {
            StageExecutionStatus::Succeeded => true,
            StageExecutionStatus::InProgress => {
                stage.leading_gates().all(|gate| self.waits_at(gate).is_none())
            }
            _ => false,
        }
    }
}

impl Snapshot {
    /// Looks at a pipeline.
    pub async fn take(api: &Api, pipeline: &PipelineId) -> Result<Self, RemoteError> {
        super::id::check_name(pipeline.as_str(), "pipeline")?;
        let told = api.read(api.sdk.get_pipeline_state().name(pipeline.as_str()).send()).await?;
        let shape = api.shape(pipeline, told.pipeline_version).await?;
        let mut stages = BTreeMap::new();
        for told in told.stage_states.unwrap_or_default() {
            if let Some(name) = told.stage_name.clone() {
                stages.insert(name, View::of(told));
            }
        }
        let unclear: Vec<&Stage> = shape
            .stages
            .iter()
            .filter(|stage| stage.has_work())
            .filter(|stage| {
                shape.parallel || stages.get(&stage.name).is_some_and(|view| !view.is_plain(stage))
            })
            .collect();
        let did = if shape.parallel || !unclear.is_empty() {
            let told = |did: &[Did], stage: &Stage| {
                stage.work().any(|action| newest(did, &stage.name, &action.name).is_some())
            };
            // Side by side, a gate may wait for as long as it is allowed to, whatever went on since.
            let since = api.now() - TimeDelta::minutes(i64::from(shape.longest_gate()));
            let reaches_back =
                |did: &[Did]| did.last().is_some_and(|did| did.started.is_some_and(|began| began < since));
            let enough = |did: &[Did]| {
                unclear.iter().all(|stage| told(did, stage)) && (!shape.parallel || reaches_back(did))
            };
            history::recent(api, pipeline, PAGES, enough).await?
        } else {
            Vec::new()
        };
        Ok(Self { shape: Arc::clone(&shape), stages, did })
    }

    fn view(&self, stage: &Stage) -> Option<&View> {
        self.stages.get(&stage.name)
    }

    /// Says whether the way into a stage is closed.
    pub fn is_held(&self, stage: &Stage) -> bool {
        self.view(stage).is_some_and(|view| view.held.is_some())
    }

    fn run(&self, execution: &str, stage: &Stage) -> RunId {
        let (pipeline, stage) = (self.shape.pipeline.clone(), stage.name.clone());
        Run { pipeline, execution: execution.to_owned(), stage }.id()
    }

    /// Tells what stands in each stage.
    pub async fn states(&self, api: &Api) -> Result<Vec<StageState>, RemoteError> {
        let mut states = Vec::new();
        for stage in &self.shape.stages {
            states.push(self.state(api, stage).await?);
        }
        Ok(states)
    }

    /// Tells what stands in one stage.
    pub async fn state(&self, api: &Api, stage: &Stage) -> Result<StageState, RemoteError> {
        let view = self.view(stage);
        let found = match view {
            _ if !stage.has_work() => None,
            Some(view) if !self.shape.parallel && view.is_plain(stage) => self.plain(stage, view),
            _ => self.told_by_history(stage),
        };
        let running =
            found.as_ref().filter(|found| found.settled == Settled::Deploying).map(|f| f.execution.clone());
        let occupant = match found {
            Some(found) => Some(Occupant {
                build: api.build_of(&self.shape, &found.execution, found.roll_back).await?,
                sha256: None,
                run: Some(self.run(&found.execution, stage)),
                operation: None,
                since: found.since.unwrap_or(DateTime::UNIX_EPOCH),
                settled: found.settled,
            }),
            None => None,
        };
        Ok(StageState {
            stage: StageId::new(stage.name.clone()),
            occupant,
            running: running.map(|execution| self.run(&execution, stage)),
            held: view.and_then(|view| view.held.clone()),
        })
    }

    fn plain(&self, stage: &Stage, view: &View) -> Option<Found> {
        let latest = view.latest.as_ref()?;
        let steps: Vec<_> = stage.steps().filter_map(|step| view.actions.get(&step.name)).collect();
        let at_the_end = stage.trailing_gates().any(|gate| view.waits_at(gate).is_some());
        Some(Found {
            execution: latest.execution.clone(),
            roll_back: latest.roll_back,
            since: steps.iter().filter_map(|step| step.changed).max(),
            settled: if view.is_going() && !at_the_end { Settled::Deploying } else { Settled::Deployed },
        })
    }

    fn told_by_history(&self, stage: &Stage) -> Option<Found> {
        let is_step =
            |did: &&Did| did.stage == stage.name && stage.steps().any(|step| step.name == did.action);
        let last = self.did.iter().find(is_step)?;
        let own: Vec<Did> =
            self.did.iter().filter(is_step).filter(|did| did.execution == last.execution).cloned().collect();
        let steps: Vec<_> = stage.steps().map(|step| newest(&own, &stage.name, &step.name)).collect();
        let all = |status| steps.iter().all(|step| step.is_some_and(|step| step.status == status));
        let latest = self.view(stage).filter(|view| view.is_going()).and_then(|view| view.latest.as_ref());
        let still = latest.is_some_and(|latest| latest.execution == last.execution)
            || own.iter().any(|did| did.status == Status::Working);
        Some(Found {
            execution: last.execution.clone(),
            roll_back: None,
            since: own.iter().filter_map(|did| did.changed).max(),
            settled: match () {
                () if all(Status::Done) => Settled::Deployed,
                () if still => Settled::Deploying,
                () => Settled::Broken,
            },
        })
    }

    /// Returns the gates that wait.
    pub async fn open(&self, api: &Api) -> Result<Vec<Open>, RemoteError> {
        let mut open = Vec::new();
        for stage in &self.shape.stages {
            for gate in stage.gates() {
                for (execution, roll_back, token, since) in self.waiting_at(stage, gate) {
                    let build = api.build_of(&self.shape, &execution, roll_back).await?;
                    let (stage, action) = (stage.name.clone(), gate.name.clone());
                    let pipeline = self.shape.pipeline.clone();
                    let waiting = Waiting { pipeline, stage, action, execution, build, token };
                    open.push(Open { waiting, since });
                }
            }
        }
        Ok(open)
    }

    /// In a pipeline whose executions run side by side, only the history tells what waits.
    fn waiting_at(&self, stage: &Stage, gate: &Action) -> Vec<WaitsAt> {
        if self.shape.parallel {
            let waits = |did: &&Did| {
                did.stage == stage.name && did.action == gate.name && did.status == Status::Working
            };
            let told = |did: &Did| Some((did.execution.clone(), None, did.token.clone()?, did.started));
            return self.did.iter().filter(waits).filter_map(told).collect();
        }
        let told = || {
            let view = self.view(stage)?;
            let (latest, action) = (view.latest.as_ref()?, view.waits_at(gate)?);
            Some((latest.execution.clone(), latest.roll_back, action.token.clone()?, action.changed))
        };
        told().into_iter().collect()
    }

    /// Tells an open gate as the port does.
    pub fn pending(&self, open: &Open, now: DateTime<Utc>) -> PendingGate {
        let Open { waiting, since } = open;
        let action = self.shape.stage(&waiting.stage).and_then(|stage| stage.action(&waiting.action));
        let minutes = action.map(|action| i64::from(action.minutes));
        let gate: GateId = gate_id(&waiting.stage, &waiting.action);
        PendingGate {
            handle: waiting.seal(),
            pipeline: waiting.pipeline.clone(),
            question: action
                .and_then(|action| action.question.clone())
                .unwrap_or_else(|| format!("Manual approval {gate}")),
            gate,
            stage: StageId::new(waiting.stage.clone()),
            build: BuildId::new(waiting.build.as_str()),
            run: Some(waiting.run().id()),
            fields: BTreeMap::new(),
            since: since.unwrap_or(now),
            expires: since.zip(minutes).map(|(since, minutes)| since + TimeDelta::minutes(minutes)),
            may_answer: None,
        }
    }
}

/// Execution, whether it is a roll-back, token, since when.
type WaitsAt = (String, Option<bool>, String, Option<DateTime<Utc>>);

/// What stands in a stage.
struct Found {
    execution: String,
    roll_back: Option<bool>,
    since: Option<DateTime<Utc>>,
    settled: Settled,
}
