//! Products, their services and the connections that their pipelines live on.

use crate::id::{ConnectionId, ProductId, ServiceId, StageKey};
use crate::membership::Membership;
use crate::moment::Moment;
use crate::product_test::{ProductTest, TestBinding};
use crate::trigger::Armed;
use serde::{Deserialize, Serialize};

/// What is released under one name: a group of services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The id.
    pub id: ProductId,
    /// The short upper-case key that numbers are made with, for example `HAR`.
    pub key: String,
    /// The name.
    pub name: String,
    /// The services, in the order in which they were added.
    pub services: Vec<Service>,
    /// The strategy version in force.
    pub strategy: Option<u32>,
    /// The highest strategy version that exists.
    pub strategy_latest: u32,
    /// How many issue-log entries were made; the next key is one more.
    pub issues: u32,
    /// How many releases went to the end.
    pub releases_finished: u32,
    /// How the product is tested and released as a whole.
    pub releasing: Releasing,
}

/// How a product is tested and released as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releasing {
    /// Which services belong to its releases; every one while no rule is set.
    pub membership: Option<Membership>,
    /// The trigger of its tests.
    pub trigger: Option<Armed>,
    /// The latest instant of a trigger that was acted on.
    pub fired: Option<Moment>,
    /// The pipeline that tests it.
    pub test: Option<TestBinding>,
    /// Its latest tests, oldest first, a few.
    pub tests: Vec<ProductTest>,
}

/// One deliverable of a product, with its own pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The id.
    pub id: ServiceId,
    /// The short name used on lines and in pipelines, for example `web`.
    pub name: String,
    /// Where its builds come from and are deployed, if bound.
    pub pipeline: Option<Binding>,
}

/// A service's counterpart on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The connection.
    pub connection: ConnectionId,
    /// The pipeline's name there.
    pub pipeline: String,
    /// Driven stages: those that the pipeline deploys to when the line says so.
    pub stages: Vec<String>,
    /// What is said of single stages beyond that: how they are bound, what they are called there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mapped: Vec<StageBinding>,
}

/// How one stage is bound to its counterpart on the pipeline system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageBinding {
    /// The stage of the process.
    pub stage: StageKey,
    /// Who moves builds into it.
    pub way: Way,
    /// What the stage is called there.
    pub remote: String,
    /// The gate there that the stage's verdict answers, for example `StagingQA/approve`; gated stages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
}

/// Who moves builds into a bound stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The line decides who enters and starts the deployment.
    Driven,
    /// The pipeline system moves builds by itself; the line observes them and answers the system's own gate.
    Gated,
}

impl Binding {
    /// How a stage is bound; none when it is passed by hand.
    pub fn way(&self, stage: &StageKey) -> Option<Way> {
        match self.mapping(stage) {
            Some(mapped) => Some(mapped.way),
            None => self.stages.iter().any(|known| known == stage.as_str()).then_some(Way::Driven),
        }
    }

    /// What a stage is called on the pipeline system; none when it is passed by hand.
    pub fn remote_of<'a>(&'a self, stage: &'a StageKey) -> Option<&'a str> {
        match self.mapping(stage) {
            Some(mapped) => Some(mapped.remote.as_str()),
            None => self.way(stage).map(|_| stage.as_str()),
        }
    }

    /// The system's own gate that the verdict in a gated stage answers.
    pub fn gate_of(&self, stage: &StageKey) -> Option<&str> {
        self.mapping(stage).filter(|mapped| mapped.way == Way::Gated)?.gate.as_deref()
    }

    fn mapping(&self, stage: &StageKey) -> Option<&StageBinding> {
        self.mapped.iter().find(|mapped| mapped.stage == *stage)
    }
}

impl Service {
    /// How a stage is bound; none when it is passed by hand.
    pub fn way(&self, stage: &StageKey) -> Option<Way> {
        self.pipeline.as_ref()?.way(stage)
    }

    /// What a stage is called on the pipeline system; none when it is passed by hand.
    pub fn remote_of<'a>(&'a self, stage: &'a StageKey) -> Option<&'a str> {
        self.pipeline.as_ref()?.remote_of(stage)
    }

    /// The system's own gate that the verdict in a gated stage answers.
    pub fn gate_of(&self, stage: &StageKey) -> Option<&str> {
        self.pipeline.as_ref()?.gate_of(stage)
    }
}

/// One account on one pipeline system. Addresses and secrets are not in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The id.
    pub id: ConnectionId,
    /// The kind of system, for example `local`.
    pub kind: String,
    /// The name shown to people.
    pub name: String,
}

impl Product {
    /// The services that belong to the product's releases.
    pub fn members(&self) -> impl Iterator<Item = &Service> {
        let rule = self.releasing.membership.as_ref();
        self.services.iter().filter(move |service| rule.is_none_or(|rule| rule.takes(&service.name)))
    }
}

impl Releasing {
    /// The instant for which a trigger is to be acted on now, if one was missed or has just come.
    pub fn due(&self, now: Moment) -> Option<Moment> {
        let armed = self.trigger.as_ref()?;
        let last = self.fired.map_or(armed.since, |fired| fired.max(armed.since));
        armed.trigger.missed(last, now)
    }

    /// The test whose outcome is not settled, of a stage.
    pub fn open_test(&self, stage: &StageKey) -> Option<&ProductTest> {
        self.tests.iter().find(|test| test.stage == *stage && test.is_open())
    }
}
