//! The live state of one service: builds, where each stands, and the block sections they stand in.
//!
//! Only the values and what can be read off them. How they change is in [`crate::apply`], what may change
//! them in [`crate::decide`].

use crate::answer::Answer;
use crate::change::UnexplainedChange;
use crate::id::{BuildId, EntryId, FeatureKey, ItemKey, PersonId, ProductId, RoleKey, ServiceId, StageKey};
use crate::moment::Moment;
use crate::packet::Packet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One immutable set of artifacts of one service, and how far it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The id.
    pub id: BuildId,
    /// The service.
    pub service: ServiceId,
    /// The product.
    pub product: ProductId,
    /// Order of arrival at the service: 1, 2, 3…
    pub number: u32,
    /// What it is.
    pub content: BuildContent,
    /// The person behind `content.author`, where it names one.
    pub author: Option<PersonId>,
    /// When it arrived.
    pub arrived: Moment,
    /// The strategy version it started under and keeps (P8).
    pub strategy: u32,
    /// Where it stands, a stage; a stage that is absent is not reached.
    pub standings: BTreeMap<StageKey, Standing>,
    /// What happened to it in each stage.
    pub visits: BTreeMap<StageKey, Visit>,
    /// False once nothing more can happen to it unless a person names it.
    pub live: bool,
    /// Set once the build goes nowhere any more (R6).
    pub vetoed: Option<Veto>,
}

/// A person's word that a build goes nowhere any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Veto {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// What a build is made of; never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildContent {
    /// The label, unique within the service, for example `2.8.0`.
    pub label: String,
    /// The source commit.
    pub commit: String,
    /// Artifacts by name with their SHA-256.
    pub digests: Vec<Digest>,
    /// Versions of the four components.
    pub components: Components,
    /// Keys of the features it carries.
    pub features: Vec<FeatureKey>,
    /// Who wrote the commit, as the pipeline says it.
    pub author: String,
    /// What the pipeline system calls the build: an execution, a run, a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An artifact's content digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The artifact's name.
    pub artifact: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// Versions of the four components of a build; empty where not versioned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Components {
    /// The application.
    pub application: String,
    /// Its configuration.
    pub configuration: String,
    /// The infrastructure.
    pub infrastructure: String,
    /// The data (migrations).
    pub data: String,
}

/// Where a build stands at a stage that it reached (L8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// In the waiting list.
    Waiting {
        /// Since when.
        since: Moment,
    },
    /// In the stage: deploying or undecided.
    InStage {
        /// Since when.
        since: Moment,
        /// Set when it was rejected elsewhere while work was running here.
        ending: Option<StageKey>,
    },
    /// The verdict is passed.
    Passed {
        /// When.
        at: Moment,
    },
    /// The verdict is rejected.
    Rejected {
        /// When.
        at: Moment,
        /// By whom.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// Its deployment or a check failed and the lock opened.
    Failed {
        /// When.
        at: Moment,
        /// What failed.
        reason: String,
    },
    /// A newer build took its place in the waiting list.
    Superseded {
        /// When.
        at: Moment,
        /// By which build.
        by: BuildId,
    },
    /// Rejected at another stage.
    Ended {
        /// When.
        at: Moment,
        /// Where it was rejected.
        rejected_in: StageKey,
    },
}

/// What happened to one build in one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// How it got in, the last time.
    pub admitted: Option<Admission>,
    /// Deployments, oldest first.
    pub deployments: Vec<Deployment>,
    /// The latest result of each check.
    pub checks: Vec<CheckResult>,
    /// Checklist items that were touched.
    pub items: BTreeMap<ItemKey, ItemMark>,
    /// Sign-offs on the gate, oldest first.
    pub signoffs: Vec<SignOff>,
    /// Answers to the pipeline system's own gate, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// How a build got into a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// When.
    pub at: Moment,
    /// By a rule or by a person.
    pub how: Admitted,
    /// Who pressed, or whose act let the rule admit it.
    pub by: PersonId,
    /// The typed reason, where one was needed (L14).
    pub reason: String,
}

/// By what a build was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admitted {
    /// By the rule of an automatic stage.
    Automatic,
    /// By a person.
    Pressed,
    /// Again, after a failure.
    Retried,
    /// By the pipeline system itself, in a way that the ledger explains.
    Observed,
}

/// One remote execution: intent or observation, then outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The entry of the intent, which is the operation key of the remote call, or of the observation.
    pub id: EntryId,
    /// Forward, or a roll-back.
    pub kind: DeploymentKind,
    /// When it was intended.
    pub at: Moment,
    /// Who caused it.
    pub by: PersonId,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
    /// What the pipeline system said, or what a person found out.
    pub detail: String,
    /// When the outcome was recorded.
    pub ended: Option<Moment>,
    /// The run there, where the pipeline system began it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// Why a deployment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentKind {
    /// To go forward.
    Forward,
    /// To bring back a build that passed here before.
    RollBack,
}

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was carried out.
    Succeeded,
    /// It was carried out and failed, or was stopped.
    Failed,
    /// It provably never happened.
    NotDone,
    /// Nobody knows yet; a person or a later look settles it.
    Unknown,
}

/// The latest result of an automated check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// Whether it was good.
    pub passed: bool,
    /// What ran it.
    pub source: String,
    /// What it said, in one line.
    pub summary: String,
    /// When.
    pub at: Moment,
}

/// A checklist item as it was marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemMark {
    /// The mark.
    pub state: ItemState,
    /// Why, for "not applicable".
    pub reason: String,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Moment,
}

/// The mark of a checklist item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemState {
    /// Not done (again).
    Open,
    /// Done.
    Done,
    /// Not applicable, with a reason.
    NotApplicable,
}

/// A person's signed word on a gate (S2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// The entry.
    pub id: EntryId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: RoleKey,
    /// True for approve.
    pub approved: bool,
    /// What the signature means.
    pub meaning: Meaning,
    /// Why.
    pub comment: String,
    /// When.
    pub at: Moment,
    /// Exactly what the signer saw.
    pub packet: Packet,
    /// Why it no longer counts, if so.
    pub void: Option<Void>,
}

/// What a signature means (S2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The signer agrees.
    #[default]
    Approval,
    /// The signer has looked at it.
    Review,
    /// The signer answers for it.
    Responsibility,
}

/// Why a sign-off no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Void {
    /// The signer took it back.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// What was signed changed.
    Stale {
        /// The lines that changed.
        lines: Vec<String>,
    },
}

/// The live state of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The service.
    pub service: ServiceId,
    /// The product.
    pub product: ProductId,
    /// How many builds arrived.
    pub arrived: u32,
    /// The build that arrived last.
    pub source: Option<BuildId>,
    /// The block sections, one a stage that was ever used.
    pub sections: BTreeMap<StageKey, Block>,
}

/// One block section: one undecided build at most (L1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The undecided build, which holds the lock.
    pub occupant: Option<BuildId>,
    /// The build displayed: the occupant, or the last decided one (L7).
    pub shown: Option<BuildId>,
    /// Builds that wait to be admitted, first in front.
    pub waiting: Vec<BuildId>,
    /// The build that runs there as far as is known.
    pub deployed: Option<BuildId>,
    /// Builds that passed here, newest first, a few; the roll-back candidates.
    pub good: Vec<BuildId>,
    /// A hold: automation admits nothing (L10).
    pub hold: Option<Hold>,
    /// What was found there, can't be explained by the ledger and was explained by nobody, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<UnexplainedChange>,
    /// What was found there and explained by a person since the last deployment succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<String>,
}

/// Why automation admits nothing to a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who.
    pub by: PersonId,
    /// Since when.
    pub since: Moment,
    /// Why.
    pub reason: String,
}

/// What the occupant of a stage is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Work is running.
    Deploying,
    /// The outcome of the work is unknown.
    Unknown,
    /// The work failed and the line is stopped here.
    Stopped,
    /// Deployed; the verdict is open.
    Undecided,
}

impl Visit {
    /// The latest deployment.
    pub fn deployment(&self) -> Option<&Deployment> {
        self.deployments.last()
    }

    /// The deployment whose outcome is not settled.
    pub fn running(&self) -> Option<&Deployment> {
        self.deployment().filter(|last| {
            !matches!(last.outcome, Some(Outcome::Succeeded | Outcome::Failed | Outcome::NotDone))
        })
    }

    /// What the occupant is doing, read off its latest deployment and checks.
    pub fn phase(&self) -> Phase {
        match self.deployment().map(|last| last.outcome) {
            Some(None) => Phase::Deploying,
            Some(Some(Outcome::Unknown)) => Phase::Unknown,
            Some(Some(Outcome::Failed | Outcome::NotDone)) => Phase::Stopped,
            Some(Some(Outcome::Succeeded)) | None => {
                if self.checks.iter().any(|check| !check.passed) {
                    Phase::Stopped
                } else {
                    Phase::Undecided
                }
            }
        }
    }

    /// The answer to the system's own gate whose outcome is not settled.
    pub fn open_answer(&self) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.is_open())
    }

    /// The sign-offs that count.
    pub fn valid_signoffs(&self) -> impl Iterator<Item = &SignOff> {
        self.signoffs.iter().filter(|given| given.void.is_none())
    }
}

impl Build {
    /// The visit to a stage, empty when it was never there.
    pub fn visit(&self, stage: &StageKey) -> Option<&Visit> {
        self.visits.get(stage)
    }

    /// Says whether the build passed the stage.
    pub fn passed(&self, stage: &StageKey) -> bool {
        matches!(self.standings.get(stage), Some(Standing::Passed { .. }))
    }

    /// Says whether the build is in the stage.
    pub fn is_in(&self, stage: &StageKey) -> bool {
        matches!(self.standings.get(stage), Some(Standing::InStage { .. }))
    }

    /// The stage at which the build was rejected, if it was.
    pub fn rejected_at(&self) -> Option<&StageKey> {
        self.standings
            .iter()
            .find(|(_, standing)| matches!(standing, Standing::Rejected { .. }))
            .map(|(stage, _)| stage)
    }

    /// Says whether the build waits or stands undecided anywhere.
    pub fn is_moving(&self) -> bool {
        self.standings
            .values()
            .any(|standing| matches!(standing, Standing::Waiting { .. } | Standing::InStage { .. }))
    }
}

impl Line {
    /// A line that no build has reached.
    pub fn new(service: ServiceId, product: ProductId) -> Self {
        Self { service, product, arrived: 0, source: None, sections: BTreeMap::new() }
    }

    /// The section of a stage, if it was ever used.
    pub fn section(&self, stage: &StageKey) -> Option<&Block> {
        self.sections.get(stage)
    }

    /// What was found on the pipeline system and explained by nobody, with its stage.
    pub fn changes(&self) -> impl Iterator<Item = (&StageKey, &UnexplainedChange)> {
        self.sections
            .iter()
            .flat_map(|(stage, block)| block.changes.iter().map(move |change| (stage, change)))
    }

    /// The undecided build of a stage.
    pub fn occupant(&self, stage: &StageKey) -> Option<&BuildId> {
        self.section(stage).and_then(|block| block.occupant.as_ref())
    }
}
