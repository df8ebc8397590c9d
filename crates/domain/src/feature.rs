//! Tracked features, from request to deployment.

use crate::id::{BuildId, EntryId, FeatureKey, PersonId, ProductId};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// The seven states of the workflow, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureState {
    /// Asked for, with a unique key.
    Requested,
    /// Worked on in a branch named after it.
    InBranch,
    /// The branch was tested automatically.
    BranchTested,
    /// Reviewed by another person.
    Reviewed,
    /// Merged; a build carries it.
    Merged,
    /// A build that carries it reached staging.
    InStaging,
    /// A build that carries it is in production.
    InProduction,
}

impl FeatureState {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::InBranch,
        Self::BranchTested,
        Self::Reviewed,
        Self::Merged,
        Self::InStaging,
        Self::InProduction,
    ];

    /// The name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::InBranch => "in branch",
            Self::BranchTested => "branch tested",
            Self::Reviewed => "reviewed",
            Self::Merged => "merged and released",
            Self::InStaging => "in staging",
            Self::InProduction => "in production",
        }
    }
}

/// A tracked request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Unique key, for example `HAR-301`.
    pub key: FeatureKey,
    /// The product.
    pub product: ProductId,
    /// What is asked for.
    pub title: String,
    /// Who asked.
    pub requester: PersonId,
    /// Who wrote the change, once the branch exists.
    pub developer: Option<PersonId>,
    /// Every state reached, with when and by whom; the last is where the feature is.
    pub history: Vec<FeatureStep>,
    /// Builds that carry it, oldest first.
    pub builds: Vec<BuildId>,
    /// Sign-offs, one a build at most that counts (the latest).
    pub signoffs: Vec<FeatureSignOff>,
}

/// One reached state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureStep {
    /// The state.
    pub state: FeatureState,
    /// Since when.
    pub at: Moment,
    /// Who moved it; none when a build's passage did.
    pub by: Option<PersonId>,
    /// The build that brought it there.
    pub build: Option<BuildId>,
    /// A link or remark that shows it.
    pub evidence: String,
}

/// Someone's signed word on a feature in one build (S8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSignOff {
    /// The entry.
    pub id: EntryId,
    /// The build that was looked at.
    pub build: BuildId,
    /// Who.
    pub person: PersonId,
    /// True for yes.
    pub approved: bool,
    /// Why.
    pub comment: String,
    /// When.
    pub at: Moment,
}

impl Feature {
    /// Where the feature is now.
    pub fn state(&self) -> FeatureState {
        self.history.last().map_or(FeatureState::Requested, |step| step.state)
    }

    /// The latest word on the feature in this build.
    pub fn signed_off(&self, build: &BuildId) -> Option<&FeatureSignOff> {
        self.signoffs.iter().rev().find(|given| given.build == *build)
    }
}
