//! Which part of the state an act or a question needs.

use signalbox_domain::fact::{Fact, Meta};
use signalbox_domain::id::ProductId;
use signalbox_domain::state::Ref;
use std::collections::BTreeSet;

/// Which part of the state to load.
///
/// People, products and connections are always loaded. The live part of a product is what an act can touch
/// without naming it: its lines, live builds and the builds its lines name, open releases with their builds,
/// open issues, features on their way, and the strategy versions all of these were made under. It stays small
/// while the history grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub(crate) extent: Extent,
    pub(crate) values: BTreeSet<Ref>,
    pub(crate) around: BTreeSet<Ref>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Products(BTreeSet<ProductId>),
    Live,
    Whole,
}

impl Default for Extent {
    fn default() -> Self {
        Self::Products(BTreeSet::new())
    }
}

impl Scope {
    /// People, products and connections alone.
    pub fn desk() -> Self {
        Self::default()
    }

    /// The live part of one product.
    pub fn product(product: ProductId) -> Self {
        Self { extent: Extent::Products(BTreeSet::from([product])), ..Self::default() }
    }

    /// The live part of every product.
    pub fn live() -> Self {
        Self { extent: Extent::Live, ..Self::default() }
    }

    /// Everything there ever was.
    pub fn whole() -> Self {
        Self { extent: Extent::Whole, ..Self::default() }
    }

    /// Adds one value of any age, and what is needed to understand it.
    #[must_use]
    pub fn and(mut self, value: Ref) -> Self {
        self.values.insert(value);
        self
    }

    /// Adds values of any age, and what is needed to understand them.
    #[must_use]
    pub fn and_all(mut self, values: impl IntoIterator<Item = Ref>) -> Self {
        self.values.extend(values);
        self
    }

    /// Adds one value of any age and the live part of the product it belongs to.
    #[must_use]
    pub fn around(mut self, value: Ref) -> Self {
        self.around.insert(value);
        self
    }

    /// What the fold of these facts reads and writes.
    pub(crate) fn of_facts(facts: &[(Meta, Fact)]) -> Self {
        let mut scope = Self::default();
        for (_, fact) in facts {
            for subject in fact.subjects() {
                let value = match subject.kind.as_str() {
                    "build" => Ref::Build(subject.id.into()),
                    "service" => Ref::Line(subject.id.into()),
                    "release" => Ref::Release(subject.id.into()),
                    "feature" => Ref::Feature(subject.id.into()),
                    "issue" => Ref::Issue(subject.id.into()),
                    _ => continue,
                };
                scope.values.insert(value);
            }
            match fact {
                Fact::BuildArrived { content, product, strategy, .. } => {
                    scope.values.extend(content.features.iter().cloned().map(Ref::Feature));
                    scope.values.insert(Ref::Strategy(product.clone(), *strategy));
                }
                Fact::StrategyCosigned { product, version, .. }
                | Fact::StrategyActivated { product, version } => {
                    scope.values.insert(Ref::Strategy(product.clone(), *version));
                }
                // A build that passes puts older live builds of its service away.
                Fact::BuildPassed { service, .. } => {
                    scope.around.insert(Ref::Line(service.clone()));
                }
                _ => {}
            }
        }
        scope
    }
}
