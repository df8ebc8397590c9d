//! What a pipeline system holds: pipelines, their stages, their builds, and which build is where.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{BuildId, Cursor, GateId, OperationKey, PendingGate, PipelineId, Reason, RunId, StageId};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// Which pipelines to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipelineQuery {
    /// Only names that begin with this text.
    pub name_prefix: Option<String>,
}

/// A pipeline in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineRef {
    /// The pipeline.
    pub id: PipelineId,
    /// Its name there.
    pub name: String,
}

/// A pipeline's stages, in their order there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineShape {
    /// The pipeline.
    pub id: PipelineId,
    /// Its name there.
    pub name: String,
    /// Its stages.
    pub stages: Vec<StageShape>,
}

/// One stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageShape {
    /// The stage.
    pub id: StageId,
    /// Its name there.
    pub name: String,
    /// Where it deploys to, in the system's words.
    pub environment: Option<String>,
    /// The names of the automated checks that run after a deployment.
    pub checks: Vec<String>,
    /// The system's own gates that belong to the stage.
    pub gates: Vec<GateId>,
}

/// Which builds to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildQuery {
    /// The most items a page may have.
    pub limit: usize,
}

impl Default for BuildQuery {
    fn default() -> Self {
        Self { limit: 100 }
    }
}

/// One immutable set of artifacts of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The build.
    pub id: BuildId,
    /// The label that people use.
    pub label: String,
    /// The source revision.
    pub commit: String,
    /// Who wrote the change.
    pub author: String,
    /// When it was built.
    pub created: DateTime<Utc>,
    /// What gets deployed, where the system can tell.
    pub artifact: Option<Artifact>,
    /// The versions of its components, as far as the system knows them.
    pub versions: ComponentVersions,
    /// The keys of the features it carries.
    pub features: Vec<String>,
}

/// A build's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name in the system.
    pub name: String,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The versions of a build's four components.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentVersions {
    /// The program.
    pub application: Option<String>,
    /// Its settings.
    pub configuration: Option<String>,
    /// What it runs on.
    pub infrastructure: Option<String>,
    /// The shape of its data.
    pub data: Option<String>,
}

/// A page of builds, together with what arrived and can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildPage {
    /// The usable builds, newest first.
    pub builds: Vec<Build>,
    /// What can't be used, with every reason; complete on the first page, empty on the others.
    pub problems: Vec<BuildProblem>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// Something that arrived as a build and can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BuildProblem {
    /// What arrived.
    pub name: String,
    /// Every reason.
    pub reasons: Vec<Reason>,
}

/// What stands in a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageState {
    /// The stage.
    pub stage: StageId,
    /// The build that stands there.
    pub occupant: Option<Occupant>,
    /// The run that is working there now.
    pub running: Option<RunId>,
    /// Why the stage is held there, if it is.
    pub held: Option<String>,
}

/// One look at a pipeline.
#[derive(Clone, Debug)]
pub struct Look {
    /// The newest builds.
    pub builds: BuildPage,
    /// What stands in each stage.
    pub stages: Vec<StageState>,
    /// The gates that wait for an answer.
    pub gates: Vec<PendingGate>,
}

/// The build that was last deployed to a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// The build.
    pub build: BuildId,
    /// The digest that was deployed, where the system can tell.
    pub sha256: Option<String>,
    /// The run that put it there, where the system tells.
    pub run: Option<RunId>,
    /// The operation that put it there, where it was ours.
    pub operation: Option<OperationKey>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether the deployment went through.
    pub settled: Settled,
}

/// How a deployment left its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is going on.
    Deploying,
    /// It went through.
    Deployed,
    /// It ended half-way; what stands there is not certain.
    Broken,
}
