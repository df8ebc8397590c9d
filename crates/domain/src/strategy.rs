//! A product's living, versioned agreement: 17 topics, the process, plan templates.

use crate::id::{PersonId, ProductId, RoleKey};
use crate::moment::Moment;
use crate::process::Process;
use crate::rule::Rule;
use serde::{Deserialize, Serialize};

/// One version of a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strategy {
    /// The product.
    pub product: ProductId,
    /// 1, 2, 3…
    pub version: u32,
    /// What was agreed.
    pub content: Content,
    /// Who wrote this version.
    pub author: PersonId,
    /// When.
    pub at: Moment,
    /// Who agreed to this version so far.
    pub cosigned: Vec<Cosignature>,
    /// When it was put in force, if it was.
    pub activated: Option<Moment>,
}

/// What a strategy version says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The 17 topics, in order.
    pub topics: Vec<Topic>,
    /// Stages, gates, authority.
    pub process: Process,
    /// Who has to say "go" to a release (N5).
    pub go_rule: Option<Rule>,
    /// Steps that a new release plan starts with (N6).
    pub steps: Vec<StepTemplate>,
}

/// One of the 17 topics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Stable key.
    pub key: String,
    /// The title.
    pub title: String,
    /// What the product's people agreed, as plain text.
    pub text: String,
    /// Roles that must both agree to the version because of this topic (P9).
    #[serde(default)]
    pub agree: Vec<RoleKey>,
}

/// A step that new release plans start with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTemplate {
    /// What is to be done.
    pub title: String,
    /// The heading it stands under, for example `Before`.
    pub phase: String,
    /// Expected minutes.
    pub minutes: u32,
}

/// Someone's agreement to a strategy version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosignature {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: RoleKey,
    /// When.
    pub at: Moment,
}

impl Strategy {
    /// Roles whose agreement is required and not there yet (P9).
    pub fn agreement_missing(&self) -> Vec<RoleKey> {
        let mut wanted: Vec<RoleKey> =
            self.content.topics.iter().flat_map(|topic| topic.agree.clone()).collect();
        wanted.sort();
        wanted.dedup();
        wanted.retain(|role| !self.cosigned.iter().any(|given| given.role == *role));
        wanted
    }
}
