//! Which build is where: GitHub's own deployment records, one environment after the other.

use std::collections::BTreeMap;

use super::builds::Known;
use super::calls::{PAGE, Site};
use super::names::{Repo, RunAt, Workflow, operation_in, run_in, says};
use super::wire::{Deployment, DeploymentStatus, Run};
use crate::{Occupant, RemoteError, Settled, StageId, StageState};

/// How many deployments of one environment are looked through for one that really began.
const LOOKED_THROUGH: usize = 20;

/// Tells what stands in every stage.
pub async fn states(site: &Site, workflow: &Workflow, known: &Known) -> Result<Vec<StageState>, RemoteError> {
    let repo = &workflow.repo;
    let runs = site.newest_runs(workflow).await?;
    let stages = site.environments(repo).await?;
    let newest = site.deployments(repo, None).await?;
    let mut reader = Reader { site, repo, known, runs: runs.into_iter().map(|run| (run.id, run)).collect() };
    let mut states = Vec::new();
    for stage in stages {
        let mut of_stage: Vec<Deployment> =
            newest.iter().filter(|deployment| deployment.environment == stage.name).cloned().collect();
        if of_stage.is_empty() && newest.len() >= PAGE {
            of_stage = site.deployments(repo, Some(("environment", &stage.name))).await?;
        }
        states.push(reader.state(&stage.name, &of_stage).await?);
    }
    Ok(states)
}

/// Tells what stands in one stage.
pub async fn state(
    site: &Site,
    workflow: &Workflow,
    known: &Known,
    stage: &StageId,
) -> Result<StageState, RemoteError> {
    let runs = site.newest_runs(workflow).await?;
    let deployments = site.deployments(&workflow.repo, Some(("environment", stage.as_str()))).await?;
    let runs = runs.into_iter().map(|run| (run.id, run)).collect();
    Reader { site, repo: &workflow.repo, known, runs }.state(stage.as_str(), &deployments).await
}

struct Reader<'s> {
    site: &'s Site,
    repo: &'s Repo,
    known: &'s Known,
    runs: BTreeMap<u64, Run>,
}

impl Reader<'_> {
    async fn state(&mut self, stage: &str, deployments: &[Deployment]) -> Result<StageState, RemoteError> {
        let (mut occupant, mut running) = (None, None);
        for deployment in deployments.iter().take(LOOKED_THROUGH) {
            let statuses = self.site.statuses(self.repo, deployment.id).await?;
            let run = match run_of(&statuses, self.repo) {
                Some(number) => self.run(number).await?,
                None => None,
            };
            if let Some(run) = run.as_ref().filter(|run| !run.is_over() && !is_settled(&statuses)) {
                running = running.or(Some(run.id));
            }
            if has_begun(&statuses) {
                occupant = Some(self.occupant(deployment, &statuses, run).await?);
                break;
            }
        }
        // A run that was just dispatched has no deployment yet; its name tells where it goes.
        let heading_here = |run: &&Run| {
            !run.is_over() && run.event == "workflow_dispatch" && says(&run.display_title, stage)
        };
        let running = running.or_else(|| self.runs.values().find(heading_here).map(|run| run.id));
        Ok(StageState {
            stage: StageId::new(stage),
            occupant,
            running: running.map(|number| RunAt { repo: self.repo.clone(), number }.id()),
            held: None,
        })
    }

    async fn occupant(
        &self,
        deployment: &Deployment,
        statuses: &[DeploymentStatus],
        run: Option<Run>,
    ) -> Result<Occupant, RemoteError> {
        // A later deployment makes this one inactive, which says nothing about how it went.
        let last = statuses.iter().find(|status| status.state != "inactive");
        let settled = match last.map(|status| status.state.as_str()) {
            Some("success") => Settled::Deployed,
            Some("failure" | "error") | None => Settled::Broken,
            // A deployment that nothing works on any more will never settle.
            Some(_) if run.as_ref().is_some_and(Run::is_over) => Settled::Broken,
            Some(_) => Settled::Deploying,
        };
        let build =
            self.known.named(self.site, self.repo, Some(&deployment.reference), &deployment.sha).await?;
        Ok(Occupant {
            build,
            sha256: None,
            operation: run.as_ref().and_then(|run| operation_in(&run.display_title)),
            run: run.map(|run| RunAt { repo: self.repo.clone(), number: run.id }.id()),
            since: last.map_or(deployment.created_at, |status| status.created_at),
            settled,
        })
    }

    async fn run(&mut self, number: u64) -> Result<Option<Run>, RemoteError> {
        if let Some(run) = self.runs.get(&number) {
            return Ok(Some(run.clone()));
        }
        match self.site.run(&RunAt { repo: self.repo.clone(), number }).await {
            Ok(run) => Ok(Some(run)),
            // Runs can be deleted, and old ones are.
            Err(RemoteError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Says whether a deployment's work ever began: one that was refused at its review never did.
pub fn has_begun(statuses: &[DeploymentStatus]) -> bool {
    statuses.iter().any(|status| matches!(status.state.as_str(), "in_progress" | "success"))
}

/// Finds the run that carried out a deployment, in the address of its log.
pub fn run_of(statuses: &[DeploymentStatus], repo: &Repo) -> Option<u64> {
    statuses.iter().find_map(|status| Some(place_of(status, repo)?.0))
}

/// Reads the run and the job from one status.
pub fn place_of(status: &DeploymentStatus, repo: &Repo) -> Option<(u64, Option<u64>)> {
    let addresses = [&status.log_url, &status.target_url];
    addresses.into_iter().flatten().find_map(|address| run_in(address, repo))
}

fn is_settled(statuses: &[DeploymentStatus]) -> bool {
    let newest = statuses.first().map(|status| status.state.as_str());
    matches!(newest, Some("success" | "failure" | "error" | "inactive"))
}
