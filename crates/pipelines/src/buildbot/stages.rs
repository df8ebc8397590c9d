//! What stands in each stage, read from the builds that deployed there.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Buildbot;
use super::line::{Line, Stage};
use super::run::{Deployment, id_of};
use super::wire::{Build, Builds, Request, Requests, Steps, went_well};
use crate::{BuildId, Occupant, OperationKey, RemoteError, Settled, StageId, StageState};

/// The property in which Buildbot keeps the name of the scheduler.
pub(super) const SCHEDULER: &str = "scheduler";
/// How many deployments are looked at, at most.
const LOOKED_AT: &str = "40";
/// How many deployments that did not go well are looked into, at most.
const LOOKED_INTO: usize = 3;

/// What a builder did last, and what waits for it.
#[derive(Default)]
struct Work {
    builds: Vec<Build>,
    open: Vec<Request>,
}

impl Buildbot {
    pub(super) async fn states(&self, line: &Line) -> Result<Vec<StageState>, RemoteError> {
        let mut works: BTreeMap<u64, Work> = BTreeMap::new();
        let mut states = Vec::new();
        for stage in &line.stages {
            let work = match stage.builder {
                None => &Work::default(),
                Some(builder) => {
                    if let Entry::Vacant(place) = works.entry(builder) {
                        place.insert(self.work(builder).await?);
                    }
                    works.entry(builder).or_default()
                }
            };
            states.push(self.state(stage, work).await?);
        }
        Ok(states)
    }

    /// Reads what stands in one stage.
    pub(super) async fn state_of(&self, stage: &Stage, builder: u64) -> Result<StageState, RemoteError> {
        let work = self.work(builder).await?;
        self.state(stage, &work).await
    }

    /// Returns the requests of a builder that have not ended.
    pub(super) async fn open_requests(&self, builder: u64) -> Result<Vec<Request>, RemoteError> {
        let query = [("complete", "false"), ("order", "buildrequestid"), ("property", SCHEDULER)];
        let requests: Requests =
            self.session.get(&["builders", &builder.to_string(), "buildrequests"], &query).await?;
        Ok(requests.buildrequests)
    }

    async fn work(&self, builder: u64) -> Result<Work, RemoteError> {
        // What is open is read first: a deployment that begins in between shows among the builds.
        let open = self.open_requests(builder).await?;
        let query = [
            ("order", "-number"),
            ("limit", LOOKED_AT),
            ("property", SCHEDULER),
            ("property", self.inputs.build.as_str()),
            ("property", self.inputs.operation.as_str()),
        ];
        let builds: Builds = self.session.get(&["builders", &builder.to_string(), "builds"], &query).await?;
        Ok(Work { builds: builds.builds, open })
    }

    async fn state(&self, stage: &Stage, work: &Work) -> Result<StageState, RemoteError> {
        let ours = Some(stage.scheduler.name.as_str());
        let running = work.open.iter().find(|request| request.text(SCHEDULER).as_deref() == ours);
        let mut occupant = None;
        let mut looked_into = 0;
        for build in work.builds.iter().filter(|build| build.text(SCHEDULER).as_deref() == ours) {
            let settled = if !build.complete {
                Some(Settled::Deploying)
            } else if went_well(build.results) {
                Some(Settled::Deployed)
            } else if looked_into == LOOKED_INTO {
                Some(Settled::Broken)
            } else {
                looked_into += 1;
                self.left(build.buildid).await?
            };
            // Without a version, nobody can say what was deployed there.
            if let (Some(settled), Some(version)) = (settled, build.text(&self.inputs.build)) {
                occupant = Some(Occupant {
                    build: BuildId::new(version),
                    sha256: None,
                    run: Some(id_of(build.buildrequestid)),
                    operation: build.text(&self.inputs.operation).and_then(|key| OperationKey::new(key).ok()),
                    since: build.started().unwrap_or_default(),
                    settled,
                });
                break;
            }
        }
        Ok(StageState {
            stage: StageId::new(stage.name.clone()),
            occupant,
            running: running.map(|request| id_of(request.buildrequestid)),
            held: None,
        })
    }

    /// Says how a build that did not go well left its stage; nothing if it never came to deploying.
    async fn left(&self, build: u64) -> Result<Option<Settled>, RemoteError> {
        let steps: Steps = self.session.get(&["builds", &build.to_string(), "steps"], &[]).await?;
        Ok(match Deployment::of(&steps.steps, true) {
            Deployment::NotBegun => None,
            Deployment::Done => Some(Settled::Deployed),
            Deployment::Open | Deployment::Failed => Some(Settled::Broken),
        })
    }
}
