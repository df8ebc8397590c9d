//! The stage graph of a strategy version: stages, gates, who may act.

use crate::feature::FeatureState;
use crate::id::{ItemKey, RoleKey, StageKey};
use crate::rule::{Apart, Rule};
use serde::{Deserialize, Serialize};

/// The stages that a build passes, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The stages.
    pub stages: Vec<Stage>,
}

/// One step that a build must pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Unique within the process.
    pub key: StageKey,
    /// The name shown to people.
    pub name: String,
    /// Whether it counts for readiness.
    pub path: Path,
    /// What has to be passed before. Off-path stages: the stage whose passed builds can be used, if any.
    #[serde(default)]
    pub predecessors: Predecessors,
    /// How a ready build gets in.
    pub entry: Entry,
    /// What happens to builds that find the stage occupied.
    #[serde(default)]
    pub waiting: Waiting,
    /// What a failed deployment or check does to the lock.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// What has to be true before the verdict is *passed*.
    #[serde(default)]
    pub gate: Gate,
    /// Roles that may choose a build and deploy it here (press); empty: everyone but the machine.
    #[serde(default)]
    pub deployers: Vec<RoleKey>,
    /// A build enters only with a release whose plan is complete and agreed (N2, N5).
    #[serde(default)]
    pub needs_release: bool,
    /// Signing here asks for the key's passphrase again (S2).
    #[serde(default)]
    pub asks_passphrase: bool,
    /// Where a feature stands once a build that carries it has passed here.
    #[serde(default)]
    pub marks: Option<FeatureState>,
    /// A remark for readers of the strategy.
    #[serde(default)]
    pub note: String,
}

/// Whether a stage is part of the way to production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// Counts for readiness.
    On,
    /// Beside the path (support infrastructure, baking, self-service); never a predecessor.
    Off,
}

/// The stages that must have passed the same build (P1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessors {
    /// All of them, or any one.
    pub require: Require,
    /// The stages; empty for a stage where builds arrive.
    pub stages: Vec<StageKey>,
}

/// How many of the predecessors are required.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Require {
    /// Each of them.
    #[default]
    All,
    /// At least one.
    Any,
}

/// How a ready build gets into a stage (P2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Admitted as soon as the section is free.
    Automatic,
    /// An authorised person chooses one of the ready builds.
    Press,
}

/// What happens to the waiting builds of an automatic stage (P3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// First in, first out.
    #[default]
    Queue,
    /// A newer waiting build replaces older waiting ones.
    Supersede,
}

/// What a failure does (L6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The lock opens; the build is recorded as failed.
    #[default]
    Open,
    /// The failed build holds the stage until a person retries, rejects or releases it.
    StopLine,
}

/// What has to be true before a stage's verdict is *passed* (P5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Names of automated checks whose results must be good.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Items a person ticks or marks "not applicable" with a reason.
    #[serde(default)]
    pub checklist: Vec<Item>,
    /// Every feature that the build carries must be signed off for this build (S8).
    #[serde(default)]
    pub features: bool,
    /// Who has to agree.
    #[serde(default)]
    pub rule: Option<Rule>,
    /// Who must be another person than an approver (separation of duties).
    #[serde(default)]
    pub apart: Vec<Apart>,
}

/// One item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Unique within the stage.
    pub key: ItemKey,
    /// What is to be done.
    pub text: String,
}

impl Process {
    /// Finds a stage by key.
    pub fn stage(&self, key: &StageKey) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == *key)
    }

    /// The stages that count for readiness, in order.
    pub fn on_path(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| stage.path == Path::On)
    }

    /// The on-path stages that builds arrive at.
    pub fn arrivals(&self) -> impl Iterator<Item = &Stage> {
        self.on_path().filter(|stage| stage.predecessors.stages.is_empty())
    }

    /// The on-path stages that name `key` as a predecessor.
    pub fn successors<'a>(&'a self, key: &'a StageKey) -> impl Iterator<Item = &'a Stage> {
        self.on_path().filter(move |stage| stage.predecessors.stages.contains(key))
    }

    /// Says whether a stage ends the path: on path, with no successor.
    pub fn is_last(&self, key: &StageKey) -> bool {
        self.stage(key).is_some_and(|stage| stage.path == Path::On) && self.successors(key).next().is_none()
    }
}

impl Gate {
    /// A gate with nothing in it passes as soon as the deployment succeeded.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.checklist.is_empty() && self.rule.is_none() && !self.features
    }
}
