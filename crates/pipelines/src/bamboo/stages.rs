//! What stands in the environments, and which version waits for an approval.

use super::session::{Bamboo, Site};
use super::wire::{Deployment, Environment, Stand, Statuses, Version, moment};
use crate::{
    Build, BuildId, ComponentVersions, GateHandle, GateId, Occupant, PendingGate, PipelineId, PipelineShape,
    RemoteError, RunId, Settled, StageId, StageShape, StageState,
};

/// The one gate of an environment: its version has to be approved.
pub(super) const GATE: &str = "release-approval";

/// What an environment demands of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    Nothing,
    NotBroken,
    Approved,
}

impl Environment {
    pub fn demand(&self) -> Demand {
        let rule = self.release_approval_prerequisite.as_deref().unwrap_or_default();
        match rule.to_ascii_uppercase().replace('-', "_").as_str() {
            "APPROVED" => Demand::Approved,
            "NOT_BROKEN" => Demand::NotBroken,
            _ => Demand::Nothing,
        }
    }

    pub fn stage(&self) -> StageId {
        StageId::new(self.id.to_string())
    }
}

impl Deployment {
    pub fn run(&self) -> RunId {
        RunId::new(self.id.to_string())
    }

    pub fn build(&self) -> BuildId {
        BuildId::new(self.deployment_version.id.to_string())
    }
}

impl Statuses {
    pub fn is(&self, state: &str) -> bool {
        self.version_general_state.eq_ignore_ascii_case(state)
    }

    pub fn is_mine(&self, state: &str) -> bool {
        self.current_user_state.eq_ignore_ascii_case(state)
    }
}

impl Site {
    pub fn shape(&self, pipeline: &PipelineId) -> PipelineShape {
        let stage = |environment: &Environment| StageShape {
            id: environment.stage(),
            name: environment.name.clone(),
            environment: Some(environment.name.clone()),
            checks: Vec::new(),
            gates: match environment.demand() {
                Demand::Approved => vec![GateId::new(GATE)],
                Demand::NotBroken | Demand::Nothing => Vec::new(),
            },
        };
        PipelineShape {
            id: pipeline.clone(),
            name: self.project.name.clone(),
            stages: self.project.environments.iter().map(stage).collect(),
        }
    }

    pub fn states(&self) -> Vec<StageState> {
        let environments = self.project.environments.iter().zip(&self.deployments);
        environments
            .map(|(environment, deployments)| StageState {
                stage: environment.stage(),
                occupant: deployments.iter().find_map(occupant),
                running: deployments
                    .iter()
                    .find(|deployment| matches!(deployment.stand(), Stand::Waiting | Stand::Working))
                    .map(Deployment::run),
                held: environment.suspended.then(|| "The environment is suspended in Bamboo.".to_owned()),
            })
            .collect()
    }

    /// Names the version that waits before an environment: what stands in the one before, or the newest.
    fn before(&self, at: usize, newest: Option<&Version>) -> Option<(u64, i64)> {
        match at.checked_sub(1) {
            None => newest.map(|version| (version.id, version.creation_date)),
            Some(before) => {
                let there = self.deployments.get(before)?;
                let last = there.iter().find(|deployment| occupant(deployment).is_some())?;
                let since = last.finished_date.or(last.queued_date).unwrap_or_default();
                (last.stand() == Stand::Passed).then_some((last.deployment_version.id, since))
            }
        }
    }
}

/// What a deployment leaves in its environment; one that never began leaves nothing.
fn occupant(deployment: &Deployment) -> Option<Occupant> {
    let settled = match deployment.stand() {
        Stand::Working => Settled::Deploying,
        Stand::Passed => Settled::Deployed,
        Stand::Broken | Stand::Unclear => Settled::Broken,
        Stand::Waiting | Stand::Dropped => return None,
    };
    let since = deployment.finished_date.or(deployment.started_date).or(deployment.queued_date);
    Some(Occupant {
        build: deployment.build(),
        sha256: None,
        run: Some(deployment.run()),
        operation: None,
        since: moment(since.unwrap_or_default()),
        settled,
    })
}

impl Bamboo {
    /// Lists the versions that wait for an approval, at most one an environment.
    pub(super) async fn waiting(
        &self,
        pipeline: &PipelineId,
        site: &Site,
    ) -> Result<Vec<PendingGate>, RemoteError> {
        let demanding = |environment: &Environment| environment.demand() == Demand::Approved;
        if !site.project.environments.iter().any(demanding) {
            return Ok(Vec::new());
        }
        let versions = self.versions(site.project.id, 1).await?;
        let mut gates = Vec::new();
        for (at, environment) in site.project.environments.iter().enumerate() {
            if !demanding(environment) {
                continue;
            }
            let Some((version, since)) = site.before(at, versions.first()) else { continue };
            let there = site.deployments.get(at).and_then(|there| there.iter().find_map(occupant));
            if there.is_some_and(|there| there.build.as_str() == version.to_string()) {
                continue;
            }
            let statuses = self.statuses(version).await?;
            if statuses.is("Approved") || statuses.is("Broken") {
                continue;
            }
            let known = versions.iter().find(|known| known.id == version);
            gates.push(PendingGate {
                handle: GateHandle::seal(format!("{version} {}", environment.id)),
                pipeline: pipeline.clone(),
                gate: GateId::new(GATE),
                stage: environment.stage(),
                build: BuildId::new(version.to_string()),
                run: None,
                question: format!(
                    "May the release {} go to {} and to every other environment that asks for an approval?",
                    known.map_or_else(|| version.to_string(), |known| known.name.clone()),
                    environment.name
                ),
                fields: Default::default(),
                since: moment(since),
                expires: None,
                may_answer: known.and_then(|known| known.operations.allowed_to_set_version_status),
            });
        }
        Ok(gates)
    }
}

/// Tells of a version as a build.
pub(super) fn build_of(version: Version) -> Build {
    let author = version.creator_display_name.or(version.creator_user_name);
    Build {
        id: BuildId::new(version.id.to_string()),
        label: version.name,
        commit: String::new(),
        author: author.unwrap_or_default(),
        created: moment(version.creation_date),
        artifact: None,
        versions: ComponentVersions::default(),
        features: Vec::new(),
    }
}
