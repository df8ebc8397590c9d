//! How a version of a pipeline is built: stages, what their actions are for, and which gates lead where.

use aws_sdk_codepipeline::operation::get_pipeline::GetPipelineOutput;
use aws_sdk_codepipeline::types::{
    ActionCategory, ActionDeclaration, ExecutionMode, PipelineType, SourceRevisionType, StageDeclaration,
};

use super::id::gate_id;
use crate::http::shortened;
use crate::{PipelineId, PipelineShape, RemoteError, StageId, StageShape};

/// How long a manual approval waits unless its action says otherwise.
const GATE_MINUTES: i32 = 7 * 24 * 60;
/// The longest question that is handed on.
const QUESTION: usize = 1000;

/// A version of a pipeline.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub pipeline: PipelineId,
    pub version: i32,
    /// Type V2, which knows variables and roll-backs.
    pub v2: bool,
    /// Whether executions run side by side.
    pub parallel: bool,
    pub stages: Vec<Stage>,
    pub variables: Vec<Variable>,
    /// The account that owns it, from its ARN.
    pub account: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub name: String,
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug)]
pub(super) struct Action {
    pub name: String,
    pub kind: Kind,
    /// Actions with a lower order run before.
    pub order: i32,
    pub environment: Option<String>,
    /// What an approval asks.
    pub question: Option<String>,
    /// How long an approval waits.
    pub minutes: i32,
    /// How a source's revision can be chosen, and the artifacts by which its revision is told.
    pub source: Option<SourceRevisionType>,
    pub outputs: Vec<String>,
}

/// What an action is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    Gate,
    /// A test after the work.
    Test,
    /// Building and deploying; many pipelines deploy by a build action.
    Work,
}

/// A variable of a V2 pipeline.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub name: String,
    pub required: bool,
}

impl Shape {
    pub fn of(output: GetPipelineOutput) -> Result<Self, RemoteError> {
        let Some(declared) = output.pipeline else {
            return Err(RemoteError::Protocol { detail: "the answer holds no pipeline".into() });
        };
        let arn = output.metadata.and_then(|metadata| metadata.pipeline_arn);
        Ok(Self {
            pipeline: PipelineId::new(declared.name),
            version: declared.version.unwrap_or(1),
            v2: declared.pipeline_type == Some(PipelineType::V2),
            parallel: declared.execution_mode == Some(ExecutionMode::Parallel),
            stages: declared.stages.into_iter().map(Stage::of).collect(),
            variables: declared
                .variables
                .unwrap_or_default()
                .into_iter()
                .map(|variable| Variable { required: variable.default_value.is_none(), name: variable.name })
                .collect(),
            account: arn.and_then(|arn| arn.split(':').nth(4).map(str::to_owned)),
        })
    }

    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// Returns the gates whose answer lets a build into a stage's work: those before the work, or those with
    /// which the stage before ends.
    pub fn gates_into(&self, stage: &str) -> Vec<(&Stage, &Action)> {
        let Some(place) = self.stages.iter().position(|known| known.name == stage) else {
            return Vec::new();
        };
        let own = &self.stages[place];
        let leading: Vec<_> = own.leading_gates().map(|gate| (own, gate)).collect();
        match place.checked_sub(1).map(|before| &self.stages[before]) {
            Some(before) if leading.is_empty() => {
                before.trailing_gates().map(|gate| (before, gate)).collect()
            }
            _ => leading,
        }
    }

    /// Returns for how many minutes a gate may wait at most.
    pub fn longest_gate(&self) -> i32 {
        let gates = self.stages.iter().flat_map(Stage::gates);
        gates.map(|gate| gate.minutes).max().unwrap_or_default()
    }

    /// Describes the pipeline for the port.
    pub fn described(&self) -> PipelineShape {
        let stages = self.stages.iter().map(|stage| StageShape {
            id: StageId::new(stage.name.clone()),
            name: stage.name.clone(),
            environment: stage.work().find_map(|action| action.environment.clone()),
            checks: stage.of_kind(Kind::Test).map(|action| action.name.clone()).collect(),
            gates: stage.of_kind(Kind::Gate).map(|action| gate_id(&stage.name, &action.name)).collect(),
        });
        PipelineShape {
            stages: stages.collect(),
            id: self.pipeline.clone(),
            name: self.pipeline.as_str().to_owned(),
        }
    }
}

impl Stage {
    fn of(declared: StageDeclaration) -> Self {
        let mut actions: Vec<Action> = declared.actions.into_iter().map(Action::of).collect();
        actions.sort_by_key(|action| action.order);
        Self { name: declared.name, actions }
    }

    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(move |action| action.kind == kind)
    }

    /// Returns what changes something in the stage.
    pub fn work(&self) -> impl Iterator<Item = &Action> {
        self.of_kind(Kind::Work)
    }

    /// Returns what has to end well before a build counts as deployed and checked here.
    pub fn steps(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| matches!(action.kind, Kind::Work | Kind::Test))
    }

    pub fn gates(&self) -> impl Iterator<Item = &Action> {
        self.of_kind(Kind::Gate)
    }

    /// Returns the gates before all work; none in a stage that has no work.
    pub fn leading_gates(&self) -> impl Iterator<Item = &Action> {
        let first = self.steps().map(|action| action.order).min().unwrap_or(i32::MIN);
        self.gates().filter(move |gate| gate.order < first)
    }

    /// Returns the gates after all work; all gates of a stage that has no work.
    pub fn trailing_gates(&self) -> impl Iterator<Item = &Action> {
        let last = self.steps().map(|action| action.order).max().unwrap_or(i32::MIN);
        self.gates().filter(move |gate| gate.order > last)
    }

    /// Says whether builds can stand here.
    pub fn has_work(&self) -> bool {
        self.work().next().is_some()
    }
}

impl Action {
    fn of(declared: ActionDeclaration) -> Self {
        let kind = declared.action_type_id.as_ref().map(|kind| kind.category.clone());
        let provider = declared.action_type_id.map(|kind| kind.provider).unwrap_or_default();
        let configuration = declared.configuration.unwrap_or_default();
        let kind = match kind {
            Some(ActionCategory::Source) => Kind::Source,
            Some(ActionCategory::Approval) => Kind::Gate,
            Some(ActionCategory::Test) => Kind::Test,
            _ => Kind::Work,
        };
        let place = ["StackName", "ServiceName", "DeploymentGroupName", "EnvironmentName", "FunctionName"];
        let place = place.iter().find_map(|name| configuration.get(*name));
        let words = configuration.get("CustomData");
        let link = configuration.get("ExternalEntityLink");
        let question = [words, link].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        Self {
            kind,
            order: declared.run_order.unwrap_or(1),
            environment: place.map(|place| format!("{provider} {place}")),
            question: (!question.is_empty()).then(|| shortened(&question, QUESTION)),
            minutes: declared.timeout_in_minutes.unwrap_or(GATE_MINUTES),
            source: match provider.as_str() {
                "CodeCommit" | "CodeStarSourceConnection" => Some(SourceRevisionType::CommitId),
                "ECR" => Some(SourceRevisionType::ImageDigest),
                "S3" => Some(SourceRevisionType::S3ObjectVersionId),
                _ => None,
            },
            outputs: declared
                .output_artifacts
                .unwrap_or_default()
                .into_iter()
                .map(|artifact| artifact.name)
                .collect(),
            name: declared.name,
        }
    }
}
