//! What a Spinnaker pipeline is to us: one that takes the stage as an input, or one that goes through its
//! stages by itself and waits at manual judgments.

use super::Spinnaker;
use super::wire::{Config, ConfigStage, Execution, Stage};
use crate::{GateId, PipelineId, RemoteError};

/// The types of stages that prepare or wait, and deploy nothing.
const TECHNICAL: [&str; 4] = ["wait", "checkPreconditions", "evaluateVariables", "webhook"];

/// A pipeline of an application.
pub(super) struct Line {
    pub application: String,
    pub config: Config,
    /// The values of its stage input; nothing for a pipeline that goes through its stages by itself.
    pub driven: Option<Vec<String>>,
}

/// Splits a pipeline's id; an application's name has no slash.
pub(super) fn parts(id: &PipelineId) -> Option<(&str, &str)> {
    id.as_str().split_once('/').filter(|(application, config)| !application.is_empty() && !config.is_empty())
}

impl Spinnaker {
    /// Reads the pipelines of an application.
    pub(super) async fn lines(&self, application: &str) -> Result<Vec<Line>, RemoteError> {
        let configs: Vec<Config> = self.get(&["applications", application, "pipelineConfigs"], &[]).await?;
        Ok(configs.into_iter().map(|config| self.line_of(application, config)).collect())
    }

    pub(super) async fn line(&self, id: &PipelineId) -> Result<Line, RemoteError> {
        let unknown = || RemoteError::NotFound(format!("pipeline {id}"));
        let (application, config) = parts(id).ok_or_else(unknown)?;
        let lines = self.lines(application).await?;
        lines.into_iter().find(|line| line.config.id == config).ok_or_else(unknown)
    }

    fn line_of(&self, application: &str, config: Config) -> Line {
        let input = config.parameter_config.iter().find(|parameter| parameter.name == self.inputs.stage);
        let choices = input.and_then(|input| input.choices());
        let driven = choices.map(|choices| choices.into_iter().map(str::to_owned).collect());
        Line { application: application.into(), config, driven }
    }

    /// Returns what names the build that an execution carries.
    pub(super) fn version_of(&self, execution: &Execution) -> String {
        execution
            .parameter(&self.inputs.build)
            .or_else(|| execution.trigger.build())
            .unwrap_or_else(|| execution.id.clone())
    }
}

impl Line {
    pub fn id(&self) -> PipelineId {
        PipelineId::new(format!("{}/{}", self.application, self.config.id))
    }

    pub fn name(&self) -> String {
        format!("{}: {}", self.application, self.config.name)
    }

    /// Returns the stages' names in their order.
    pub fn stages(&self) -> Vec<String> {
        match &self.driven {
            Some(stages) => stages.clone(),
            None => self.ordered().into_iter().filter(|s| deploys(s)).map(|s| s.name.clone()).collect(),
        }
    }

    /// Orders the configured stages so that each stands behind all that it needs.
    fn ordered(&self) -> Vec<&ConfigStage> {
        let mut left: Vec<&ConfigStage> = self.config.stages.iter().collect();
        let mut ordered: Vec<&ConfigStage> = Vec::new();
        while !left.is_empty() {
            let ready = left.iter().position(|stage| {
                stage.requisite_stage_ref_ids.iter().all(|id| !left.iter().any(|other| other.ref_id == *id))
            });
            // A circle can't be saved in Spinnaker; were there one, the order of the list stands in for it.
            ordered.push(left.remove(ready.unwrap_or(0)));
        }
        ordered
    }

    /// Returns the gates that belong to a stage.
    pub fn gates_of(&self, stage: &str) -> Vec<GateId> {
        if self.driven.is_some() {
            return Vec::new();
        }
        let judgments = self.ordered().into_iter().filter(|judgment| judgment.is_judgment());
        let own = judgments.filter(|judgment| self.stage_of(judgment).is_some_and(|own| own.name == stage));
        own.map(|judgment| self.gate(judgment)).collect()
    }

    /// Names a judgment; with its reference where another one has the same name.
    pub fn gate(&self, judgment: &ConfigStage) -> GateId {
        let same = |other: &&ConfigStage| other.is_judgment() && other.name == judgment.name;
        if self.config.stages.iter().filter(same).count() > 1 {
            GateId::new(format!("{} ({})", judgment.name, judgment.ref_id))
        } else {
            GateId::new(judgment.name.clone())
        }
    }

    /// Returns the configured stage of an execution's stage.
    pub fn configured(&self, stage: &Stage) -> Option<&ConfigStage> {
        self.config.stages.iter().find(|known| known.ref_id == stage.ref_id && known.name == stage.name)
    }

    /// Returns the stage that a judgment lets through; at the pipeline's end, the one that it judges.
    pub fn stage_of(&self, judgment: &ConfigStage) -> Option<&ConfigStage> {
        let order = self.ordered();
        let mut reached = vec![judgment.ref_id.as_str()];
        for stage in &order {
            if stage.requisite_stage_ref_ids.iter().any(|id| reached.contains(&id.as_str())) {
                if deploys(stage) {
                    return Some(stage);
                }
                reached.push(&stage.ref_id);
            }
        }
        let mut needed = vec![judgment.ref_id.as_str()];
        for stage in order.iter().rev() {
            if needed.contains(&stage.ref_id.as_str()) {
                if deploys(stage) {
                    return Some(stage);
                }
                needed.extend(stage.requisite_stage_ref_ids.iter().map(String::as_str));
            }
        }
        None
    }
}

fn deploys(stage: &ConfigStage) -> bool {
    !stage.is_judgment() && !TECHNICAL.contains(&stage.kind.as_str())
}
