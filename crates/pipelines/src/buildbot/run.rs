//! A run is a build request: it has an id before any build of it begins, and keeps it when one is tried again.

use super::Buildbot;
use super::wire::{Build, Builds, Request, Requests, Step, Steps, results, went_well};
use crate::{CheckResult, Progress, RemoteError, RunId, RunState, RunStatus};

/// The step that deploys; those behind it are the checks.
const DEPLOY: &str = "deploy";
/// The step that Buildbot itself puts before all others.
const PREPARATION: &str = "worker_preparation";

/// How far the deployment itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deployment {
    /// Nothing has touched the stage.
    NotBegun,
    /// It is going on.
    Open,
    /// It went through.
    Done,
    /// It ended without success.
    Failed,
}

impl Deployment {
    /// Reads it from a build's steps. Without a step of the name `deploy`, all of them deploy.
    pub fn of(steps: &[Step], ended: bool) -> Self {
        if let Some(deploy) = steps.iter().find(|step| step.name == DEPLOY) {
            return match (deploy.started(), deploy.complete) {
                _ if deploy.results == Some(results::SKIPPED) => Self::NotBegun,
                (None, _) => Self::NotBegun,
                (Some(_), false) => {
                    if ended {
                        Self::Failed
                    } else {
                        Self::Open
                    }
                }
                (Some(_), true) => {
                    if went_well(deploy.results) {
                        Self::Done
                    } else {
                        Self::Failed
                    }
                }
            };
        }
        let own: Vec<&Step> = steps.iter().filter(|step| step.name != PREPARATION).collect();
        let begun = own.iter().any(|step| step.started().is_some());
        let well = own.iter().all(|step| went_well(step.results) || step.results == Some(results::SKIPPED));
        match (begun, ended) {
            (false, _) => Self::NotBegun,
            (true, false) => Self::Open,
            (true, true) => {
                if well {
                    Self::Done
                } else {
                    Self::Failed
                }
            }
        }
    }
}

/// Everything that is known about a run.
pub(super) struct Seen {
    pub request: Request,
    pub build: Option<Build>,
    pub steps: Vec<Step>,
}

pub(super) fn id_of(request: u64) -> RunId {
    RunId::new(request.to_string())
}

/// Reads the build request's number; only as this adapter writes it.
pub(super) fn number_of(run: &RunId) -> Result<u64, RemoteError> {
    let number = run.as_str().parse::<u64>().ok().filter(|number| number.to_string() == run.as_str());
    number.ok_or_else(|| RemoteError::NotFound(format!("run {run}")))
}

impl Buildbot {
    pub(super) async fn seen(&self, run: &RunId, properties: &[&str]) -> Result<Seen, RemoteError> {
        let number = number_of(run)?.to_string();
        let query: Vec<(&str, &str)> = properties.iter().map(|name| ("property", *name)).collect();
        let requests: Requests = self.session.get(&["buildrequests", &number], &query).await?;
        let request = requests.buildrequests.into_iter().next();
        let request = request.ok_or_else(|| RemoteError::NotFound(format!("run {run}")))?;
        let newest = [("order", "-buildid"), ("limit", "1")];
        let builds: Builds = self.session.get(&["buildrequests", &number, "builds"], &newest).await?;
        let build = builds.builds.into_iter().next();
        let steps = match &build {
            None => Vec::new(),
            Some(build) => {
                let path = ["builds", &build.buildid.to_string(), "steps"];
                let steps: Steps = self.session.get(&path, &[]).await?;
                steps.steps
            }
        };
        Ok(Seen { request, build, steps })
    }

    pub(super) async fn status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        let seen = self.seen(run, &[]).await?;
        let page = match &seen.build {
            Some(build) => format!("#/builders/{}/builds/{}", build.builderid, build.number),
            None => format!("#/buildrequests/{}", seen.request.buildrequestid),
        };
        Ok(RunStatus { link: Some(format!("{}{page}", self.session.http.base())), ..seen.status(run) })
    }
}

impl Seen {
    /// Says whether nothing will happen any more. The request ends a moment after its build.
    pub fn ended(&self) -> bool {
        self.request.complete && self.build.as_ref().is_none_or(|build| build.complete)
    }

    fn deployment(&self) -> Deployment {
        Deployment::of(&self.steps, self.build.as_ref().is_some_and(|build| build.complete))
    }

    fn state(&self) -> RunState {
        match (&self.build, self.ended()) {
            (None, false) => RunState::Queued,
            // Buildbot tries again by itself, for example when it lost a worker.
            (Some(build), false) if build.results == Some(results::RETRY) => RunState::Queued,
            (Some(_), false) => RunState::Running,
            (_, true) => match self.request.results {
                Some(results::CANCELLED) => RunState::Cancelled,
                well if went_well(well) && self.deployment() == Deployment::Done => RunState::Succeeded,
                _ => RunState::Failed,
            },
        }
    }

    fn status(&self, run: &RunId) -> RunStatus {
        let state = self.state();
        let deployed = match self.deployment() {
            Deployment::Done => Some(true),
            Deployment::Failed => Some(false),
            Deployment::NotBegun | Deployment::Open => state.is_final().then_some(false),
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let current = self.steps.iter().find(|step| !step.complete && step.started().is_some());
        RunStatus {
            run: run.clone(),
            state,
            step: current.or(self.steps.last()).map(|step| step.name.clone()),
            deployed,
            checks: self.checks(),
            progress: Progress {
                done: count(self.steps.iter().filter(|step| step.complete).count()),
                total: count(self.steps.len()),
            },
            started: self.build.as_ref().and_then(Build::started),
            finished: if state.is_final() {
                self.build.as_ref().and_then(Build::finished).or(self.request.finished())
            } else {
                None
            },
            summary: self.summary(state),
            link: None,
        }
    }

    fn checks(&self) -> Vec<CheckResult> {
        let behind = self.steps.iter().skip_while(|step| step.name != DEPLOY).skip(1);
        let ended = behind.filter(|step| step.complete && step.results != Some(results::SKIPPED));
        let check = |step: &Step| CheckResult {
            name: step.name.clone(),
            passed: went_well(step.results),
            source: "Buildbot".into(),
            started: step.started(),
            finished: step.finished(),
            summary: short(&step.state_string),
        };
        ended.map(check).collect()
    }

    fn summary(&self, state: RunState) -> String {
        match (&self.build, state) {
            (None, RunState::Queued) => "Waits for a worker.".into(),
            (None, RunState::Failed) if self.request.results == Some(results::SKIPPED) => {
                "Buildbot folded this request into a later one; it was never carried out.".into()
            }
            (None, RunState::Cancelled) => "Cancelled before it began.".into(),
            (None, _) => "It ended before it began.".into(),
            (Some(_), RunState::Failed)
                if went_well(self.request.results) && self.deployment() == Deployment::NotBegun =>
            {
                "It ended without its step deploy.".into()
            }
            (Some(build), _) => short(&build.state_string),
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(300).collect()
}
