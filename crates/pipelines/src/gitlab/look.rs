//! What stands in the environments, and what waits before them.

use super::GitLab;
use super::id::{Project, Ticket};
use super::wire::{Deployment, Environment, JobState};
use crate::{GateId, Occupant, PendingGate, RemoteError, RunId, Settled, StageId, StageShape, StageState};

/// Sorting by the time of the last change is only allowed together with a filter by that time.
const EVER: &str = "2000-01-01T00:00:00Z";
/// How many waiting builds are shown before one environment; older ones can still be promoted.
const MOST_WAITING: usize = 20;
const PAGES: usize = 10;

/// The environments of a project with their deployments, at one time.
pub(super) struct Sight {
    project: Project,
    pub environments: Vec<Environment>,
    deployments: Vec<Deployment>,
}

impl GitLab {
    /// Takes one look at all environments. The newest changes come in one call; what is older is asked for one
    /// by one.
    pub(super) async fn sight(&self, project: &Project) -> Result<Sight, RemoteError> {
        let environments = self.environments(project).await?;
        let (mut deployments, more) = self.newest(project, &[], "100").await?;
        if more {
            for status in ["running", "blocked"] {
                deployments.extend(self.newest(project, &[("status", status)], "100").await?.0);
            }
            for environment in &environments {
                let settled =
                    |known: &Deployment| known.is_into(&environment.name) && known.settled_at().is_some();
                if deployments.iter().any(settled) {
                    continue;
                }
                for status in ["success", "failed", "canceled"] {
                    let which = [("environment", environment.name.as_str()), ("status", status)];
                    deployments.extend(self.newest(project, &which, "5").await?.0);
                }
            }
            deployments.sort_by_key(|known| std::cmp::Reverse(known.id));
            deployments.dedup_by_key(|known| known.id);
        }
        Ok(Sight { project: project.clone(), environments, deployments })
    }

    async fn newest(
        &self,
        project: &Project,
        which: &[(&str, &str)],
        most: &str,
    ) -> Result<(Vec<Deployment>, bool), RemoteError> {
        let mut query =
            vec![("order_by", "updated_at"), ("sort", "desc"), ("updated_after", EVER), ("per_page", most)];
        query.extend(which);
        let (deployments, next) = self.page(self.of_project(project, &["deployments"], &query)).await?;
        Ok((deployments, next.is_some()))
    }

    /// Lists the environments in the order of the line: as the connection says, or by tier and name.
    async fn environments(&self, project: &Project) -> Result<Vec<Environment>, RemoteError> {
        let url =
            self.of_project(project, &["environments"], &[("states", "available"), ("per_page", "100")]);
        let mut all: Vec<Environment> = self.pages(url, PAGES).await?;
        if self.chosen.is_empty() {
            all.sort_by(|a, b| (tier(a), &a.name).cmp(&(tier(b), &b.name)));
            return Ok(all);
        }
        let place = |known: &Environment| self.chosen.iter().position(|name| *name == known.name);
        all.retain(|known| place(known).is_some());
        all.sort_by_key(place);
        Ok(all)
    }

    /// Lists every deployment of a build into an environment.
    pub(super) async fn deployments_of(
        &self,
        project: &Project,
        pipeline: &super::wire::Pipeline,
        environment: &str,
    ) -> Result<Vec<Deployment>, RemoteError> {
        let since = pipeline.created_at.unwrap_or_default() - chrono::TimeDelta::minutes(1);
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let query = [
            ("environment", environment),
            ("order_by", "updated_at"),
            ("sort", "asc"),
            ("updated_after", &since),
            ("per_page", "100"),
        ];
        let url = self.of_project(project, &["deployments"], &query);
        let mut all: Vec<Deployment> = self.pages(url, PAGES).await?;
        all.retain(|known| known.pipeline() == Some(pipeline.id));
        Ok(all)
    }
}

fn tier(environment: &Environment) -> usize {
    let order = ["development", "testing", "staging", "other", "production"];
    let tier = environment.tier.as_deref().unwrap_or("other");
    order.iter().position(|known| *known == tier).unwrap_or(3)
}

impl Sight {
    fn into<'s>(&'s self, environment: &'s Environment) -> impl Iterator<Item = &'s Deployment> {
        self.deployments.iter().filter(|known| known.is_into(&environment.name))
    }

    /// The deployment that last left something there.
    fn settled<'s>(&'s self, environment: &'s Environment) -> Option<&'s Deployment> {
        self.into(environment).filter(|known| known.settled_at().is_some()).max_by_key(|known| {
            // Equal times are told apart by the number.
            (known.settled_at(), known.id)
        })
    }

    /// Says whether a job is known to deploy to a stage.
    pub fn deploys(&self, job: u64, stage: &StageId) -> bool {
        let of = |known: &&Deployment| known.deployable.as_ref().is_some_and(|of| of.id == job);
        self.deployments.iter().filter(of).any(|known| known.is_into(stage.as_str()))
    }

    /// Returns what stands in each environment.
    pub fn states(&self) -> Vec<StageState> {
        self.environments.iter().map(|environment| self.state(environment)).collect()
    }

    fn state(&self, environment: &Environment) -> StageState {
        let run =
            |known: &Deployment| -> Option<RunId> { Some(known.deployable.as_ref()?.run(&self.project)) };
        let active = self.into(environment).filter(|known| known.is_active()).max_by_key(|known| known.id);
        let working = active.filter(|known| known.status == "running");
        let occupant = match (working, self.settled(environment)) {
            (Some(known), _) => Some(Occupant {
                build: known.build(),
                sha256: None,
                run: run(known),
                operation: None,
                since: known.deployable.as_ref().and_then(|job| job.started_at).unwrap_or(known.created_at),
                settled: Settled::Deploying,
            }),
            (None, Some(known)) => Some(Occupant {
                build: known.build(),
                sha256: None,
                run: run(known),
                operation: None,
                since: known.settled_at().unwrap_or(known.created_at),
                settled: if known.status == "success" { Settled::Deployed } else { Settled::Broken },
            }),
            (None, None) => None,
        };
        StageState {
            stage: StageId::new(environment.name.clone()),
            occupant,
            running: active.and_then(run),
            held: None,
        }
    }

    /// Returns the stages with the names of the jobs that deploy to them; each of them may be a gate.
    pub fn stages(&self) -> Vec<StageShape> {
        let stage = |environment: &Environment| {
            let mut gates: Vec<GateId> = self
                .into(environment)
                .filter_map(|known| Some(GateId::new(known.deployable.as_ref()?.name.clone())))
                .collect();
            gates.sort();
            gates.dedup();
            StageShape {
                id: StageId::new(environment.name.clone()),
                name: environment.name.clone(),
                environment: environment.external_url.clone().filter(|url| !url.is_empty()),
                checks: Vec::new(),
                gates,
            }
        };
        self.environments.iter().map(stage).collect()
    }

    /// Returns what waits for an approval or for a person's start: builds newer than the one that stands there.
    pub fn gates(&self) -> Vec<PendingGate> {
        self.environments.iter().flat_map(|environment| self.waiting(environment)).collect()
    }

    fn waiting(&self, environment: &Environment) -> Vec<PendingGate> {
        let standing = self.settled(environment).and_then(Deployment::pipeline).unwrap_or(0);
        let mut waiting: Vec<_> = self
            .into(environment)
            .filter_map(|known| {
                let (job, build) = (known.deployable.as_ref()?, known.pipeline()?);
                let blocked = known.status == "blocked";
                let open = job.state() == JobState::Manual
                    && job.archived != Some(true)
                    && (blocked || (known.status == "created" && build > standing));
                let ticket =
                    Ticket { project: self.project.clone(), deployment: known.id, job: job.id, build };
                open.then(|| PendingGate {
                    handle: ticket.seal(),
                    pipeline: self.project.pipeline(),
                    gate: GateId::new(job.name.clone()),
                    stage: StageId::new(environment.name.clone()),
                    build: ticket.build(),
                    run: Some(ticket.run()),
                    question: question(known, &job.name, &environment.name, build),
                    fields: Default::default(),
                    since: known.created_at,
                    expires: None,
                    may_answer: None,
                })
            })
            .collect();
        waiting.sort_by_key(|gate| std::cmp::Reverse((gate.since, gate.run.clone())));
        waiting.truncate(MOST_WAITING);
        waiting
    }
}

fn question(deployment: &Deployment, job: &str, environment: &str, build: u64) -> String {
    let reference = deployment.reference.as_deref().unwrap_or("no branch");
    if deployment.status == "blocked" {
        format!(
            "The deployment of pipeline {build} ({reference}) to {environment} asks for an approval. Once all approvals are there, job {job} is started."
        )
    } else {
        format!(
            "Job {job} of pipeline {build} ({reference}) waits to be started. A manual job can't be rejected."
        )
    }
}
