//! Everything the ledger folds into, whole or the part that an act needs.
//!
//! The store keeps each value as one document and loads the part around one product; tests and as-at views
//! fold the whole. The rules are the same for both.

use crate::feature::Feature;
use crate::id::{
    BuildId, ConnectionId, FeatureKey, IssueId, PersonId, ProductId, ReleaseId, ServiceId, StageKey,
};
use crate::issue::Issue;
use crate::line::{Block, Build, Line};
use crate::moment::Moment;
use crate::person::Person;
use crate::process::{Process, Stage};
use crate::product::{Binding, Connection, Product, Service, Way};
use crate::release::Release;
use crate::strategy::Strategy;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The folded ledger, or a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The ledger's name and beginning.
    pub ledger: Option<LedgerInfo>,
    /// People and machines.
    pub people: BTreeMap<PersonId, Person>,
    /// Products.
    pub products: BTreeMap<ProductId, Product>,
    /// Strategy versions.
    pub strategies: BTreeMap<(ProductId, u32), Strategy>,
    /// Connections.
    pub connections: BTreeMap<ConnectionId, Connection>,
    /// Lines, one a service.
    pub lines: BTreeMap<ServiceId, Line>,
    /// Builds.
    pub builds: BTreeMap<BuildId, Build>,
    /// Releases.
    pub releases: BTreeMap<ReleaseId, Release>,
    /// Features.
    pub features: BTreeMap<FeatureKey, Feature>,
    /// Issue-log entries.
    pub issues: BTreeMap<IssueId, Issue>,
    /// What changed since the state was loaded.
    pub touched: BTreeSet<Ref>,
}

/// The ledger's name and beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerInfo {
    /// The name.
    pub name: String,
    /// When it was opened.
    pub opened: Moment,
}

/// Names one value of the state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ref {
    /// The ledger's name and beginning.
    Ledger,
    /// A person.
    Person(PersonId),
    /// A product.
    Product(ProductId),
    /// A strategy version.
    Strategy(ProductId, u32),
    /// A connection.
    Connection(ConnectionId),
    /// A line.
    Line(ServiceId),
    /// A build.
    Build(BuildId),
    /// A release.
    Release(ReleaseId),
    /// A feature.
    Feature(FeatureKey),
    /// An issue-log entry.
    Issue(IssueId),
}

impl<'a> From<&'a State> for Cow<'a, State> {
    fn from(state: &'a State) -> Self {
        Self::Borrowed(state)
    }
}

impl From<State> for Cow<'_, State> {
    fn from(state: State) -> Self {
        Self::Owned(state)
    }
}

impl State {
    /// The product that a service belongs to, and the service.
    pub fn service(&self, id: &ServiceId) -> Option<(&Product, &Service)> {
        self.products.values().find_map(|product| {
            product.services.iter().find(|service| service.id == *id).map(|service| (product, service))
        })
    }

    /// The pipeline that a service is bound to.
    pub fn binding(&self, service: &ServiceId) -> Option<&Binding> {
        self.service(service)?.1.pipeline.as_ref()
    }

    /// Says whether the pipeline system itself moves builds of a service into a stage.
    pub fn is_gated(&self, service: &ServiceId, stage: &StageKey) -> bool {
        self.binding(service).is_some_and(|binding| binding.way(stage) == Some(Way::Gated))
    }

    /// The name of the connection that a service's pipeline lives on.
    pub fn system_name(&self, service: &ServiceId) -> String {
        let connection = self.binding(service).and_then(|binding| self.connections.get(&binding.connection));
        connection.map_or_else(|| "the pipeline system".to_owned(), |known| known.name.clone())
    }

    /// The process that a build moves through: that of the strategy version it started under (P8).
    pub fn process_of(&self, build: &Build) -> Option<&Process> {
        self.strategies
            .get(&(build.product.clone(), build.strategy))
            .map(|strategy| &strategy.content.process)
    }

    /// The strategy in force for a product.
    pub fn strategy_in_force(&self, product: &ProductId) -> Option<&Strategy> {
        let version = self.products.get(product)?.strategy?;
        self.strategies.get(&(product.clone(), version))
    }

    /// The process in force for a service.
    pub fn process_in_force(&self, service: &ServiceId) -> Option<&Process> {
        let (product, _) = self.service(service)?;
        self.strategy_in_force(&product.id).map(|strategy| &strategy.content.process)
    }

    /// A stage as a build sees it.
    pub fn stage_of(&self, build: &Build, stage: &StageKey) -> Option<&Stage> {
        self.process_of(build)?.stage(stage)
    }

    /// The section of a stage of a service; empty when it was never used.
    pub fn block(&self, service: &ServiceId, stage: &StageKey) -> Block {
        self.lines.get(service).and_then(|line| line.section(stage)).cloned().unwrap_or_default()
    }

    /// The loaded builds of a service, oldest first.
    pub fn builds_of<'a>(&'a self, service: &'a ServiceId) -> Vec<&'a Build> {
        let mut builds: Vec<&Build> =
            self.builds.values().filter(|build| build.service == *service).collect();
        builds.sort_by_key(|build| build.number);
        builds
    }

    /// A person's name, or the id when the person is unknown.
    pub fn name_of(&self, person: &PersonId) -> String {
        self.people.get(person).map_or_else(|| person.to_string(), |person| person.name.clone())
    }

    /// The person whom a build manifest names by handle or full name.
    pub fn person_called(&self, text: &str) -> Option<&Person> {
        self.people.values().find(|person| {
            !person.machine
                && (person.handle.eq_ignore_ascii_case(text) || person.name.eq_ignore_ascii_case(text))
        })
    }
}
