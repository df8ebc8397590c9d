//! Loads a scope into the domain's state, in bounded steps and each value once.

use crate::error::StoreError;
use crate::readers::Reader;
use crate::scope::{Extent, Scope};
use crate::table;
use rusqlite::Connection;
use signalbox_domain::id::{BuildId, FeatureKey, ProductId};
use signalbox_domain::line::Build;
use signalbox_domain::state::{Ref, State};
use std::collections::BTreeSet;

/// How many of the builds that passed a stage are loaded, the newest first. What is compared with is the newest
/// that is not the build in question, and the way back is the newest that is not live: one of two.
const GOOD_LOADED: usize = 2;

pub(crate) struct Loader<'c> {
    conn: &'c Connection,
    state: State,
    desk: bool,
    live: BTreeSet<ProductId>,
    /// Builds whose features and strategy are loaded.
    understood: BTreeSet<BuildId>,
}

impl Reader<'_> {
    /// Loads a part of the state.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn state(&self, scope: &Scope) -> Result<State, StoreError> {
        self.state_with(scope, Vec::new())
    }

    /// Loads a part of the state around builds that were read already.
    ///
    /// # Errors
    /// When the database cannot be read or a document is damaged.
    pub fn state_with(&self, scope: &Scope, builds: Vec<Build>) -> Result<State, StoreError> {
        let mut loader = Loader::new(self.conn);
        loader.state.builds.extend(builds.into_iter().map(|build| (build.id.clone(), build)));
        loader.load(scope)?;
        Ok(loader.state)
    }
}

impl<'c> Loader<'c> {
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self {
            conn,
            state: State::default(),
            desk: false,
            live: BTreeSet::new(),
            understood: BTreeSet::new(),
        }
    }

    /// The state loaded so far.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Gives the state up.
    pub(crate) fn into_state(self) -> State {
        self.state
    }

    /// Loads what the scope asks for and is not there yet.
    pub(crate) fn load(&mut self, scope: &Scope) -> Result<(), StoreError> {
        self.load_desk()?;
        for value in scope.values.iter().chain(&scope.around) {
            self.load_value(value)?;
        }
        let products: Vec<ProductId> = match &scope.extent {
            Extent::Whole => return self.load_whole(),
            Extent::Live => self.state.products.keys().cloned().collect(),
            Extent::Products(named) => {
                let around = scope.around.iter().filter_map(|value| self.product_of(value));
                named.iter().cloned().chain(around).collect()
            }
        };
        for product in products {
            if self.live.insert(product.clone()) {
                self.load_live(&product)?;
            }
        }
        self.load_named_builds()?;
        self.load_features()?;
        self.load_strategies()
    }

    fn load_desk(&mut self) -> Result<(), StoreError> {
        if !self.desk {
            self.state.ledger = table::ledger_info::read(self.conn)?;
            table::person::all(self.conn, &mut self.state.people)?;
            table::product::all(self.conn, &mut self.state.products)?;
            table::connection::all(self.conn, &mut self.state.connections)?;
            self.desk = true;
        }
        Ok(())
    }

    fn load_value(&mut self, value: &Ref) -> Result<(), StoreError> {
        let (conn, state) = (self.conn, &mut self.state);
        match value {
            Ref::Ledger | Ref::Person(_) | Ref::Product(_) | Ref::Connection(_) => {}
            Ref::Strategy(product, version) => {
                if !state.strategies.contains_key(&(product.clone(), *version))
                    && let Some(found) = table::strategy::get(conn, product, *version)?
                {
                    state.strategies.insert((product.clone(), *version), found);
                }
            }
            Ref::Line(id) => {
                if !state.lines.contains_key(id)
                    && let Some(found) = table::line::get(conn, id)?
                {
                    state.lines.insert(id.clone(), found);
                }
            }
            Ref::Build(id) => self.load_build(id)?,
            Ref::Release(id) => {
                if !state.releases.contains_key(id)
                    && let Some(found) = table::release::get(conn, id)?
                {
                    state.releases.insert(id.clone(), found);
                }
            }
            Ref::Feature(id) => self.load_feature(id)?,
            Ref::Issue(id) => {
                if !state.issues.contains_key(id)
                    && let Some(found) = table::issue::get(conn, id)?
                {
                    state.issues.insert(id.clone(), found);
                }
            }
        }
        Ok(())
    }

    fn load_build(&mut self, id: &BuildId) -> Result<(), StoreError> {
        if !self.state.builds.contains_key(id)
            && let Some(found) = table::build::get(self.conn, id)?
        {
            self.state.builds.insert(id.clone(), found);
        }
        Ok(())
    }

    fn load_feature(&mut self, id: &FeatureKey) -> Result<(), StoreError> {
        if !self.state.features.contains_key(id)
            && let Some(found) = table::feature::get(self.conn, id)?
        {
            self.state.features.insert(id.clone(), found);
        }
        Ok(())
    }

    fn load_live(&mut self, product: &ProductId) -> Result<(), StoreError> {
        let (conn, state) = (self.conn, &mut self.state);
        table::line::of_product(conn, product, &mut state.lines)?;
        table::build::live(conn, product, &mut state.builds)?;
        table::release::open(conn, product, &mut state.releases)?;
        table::issue::open(conn, product, &mut state.issues)?;
        table::feature::open(conn, product, &mut state.features)
    }

    fn load_whole(&mut self) -> Result<(), StoreError> {
        let (conn, state) = (self.conn, &mut self.state);
        table::strategy::all(conn, &mut state.strategies)?;
        table::line::all(conn, &mut state.lines)?;
        table::build::all(conn, &mut state.builds)?;
        table::release::all(conn, &mut state.releases)?;
        table::feature::all(conn, &mut state.features)?;
        table::issue::all(conn, &mut state.issues)
    }

    /// The builds that the loaded lines and releases name.
    fn load_named_builds(&mut self) -> Result<(), StoreError> {
        let mut named: BTreeSet<BuildId> = BTreeSet::new();
        for line in self.state.lines.values() {
            named.extend(line.source.clone());
            for block in line.sections.values() {
                named.extend(block.occupant.iter().cloned());
                named.extend(block.shown.iter().cloned());
                named.extend(block.deployed.iter().cloned());
                named.extend(block.waiting.iter().cloned());
                named.extend(block.good.iter().take(GOOD_LOADED).cloned());
                named.extend(block.changes.iter().filter_map(|change| change.build.clone()));
            }
        }
        for release in self.state.releases.values() {
            named.extend(release.builds.iter().map(|chosen| chosen.build.clone()));
        }
        named.iter().try_for_each(|build| self.load_build(build))
    }

    /// The features that the loaded builds carry.
    fn load_features(&mut self) -> Result<(), StoreError> {
        let carried: BTreeSet<FeatureKey> = self
            .state
            .builds
            .values()
            .filter(|build| !self.understood.contains(&build.id))
            .flat_map(|build| build.content.features.iter().cloned())
            .collect();
        carried.iter().try_for_each(|feature| self.load_feature(feature))
    }

    /// The strategy versions in force, the latest ones, and those that loaded builds and releases started under.
    fn load_strategies(&mut self) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<(ProductId, u32)> = BTreeSet::new();
        for product in self.live.iter().filter_map(|id| self.state.products.get(id)) {
            wanted.extend(product.strategy.map(|version| (product.id.clone(), version)));
            wanted.insert((product.id.clone(), product.strategy_latest));
        }
        for build in self.state.builds.values() {
            if self.understood.insert(build.id.clone()) {
                wanted.insert((build.product.clone(), build.strategy));
            }
        }
        for release in self.state.releases.values() {
            wanted.insert((release.product.clone(), release.strategy));
        }
        wanted
            .into_iter()
            .try_for_each(|(product, version)| self.load_value(&Ref::Strategy(product, version)))
    }

    /// The product that a loaded value belongs to.
    fn product_of(&self, value: &Ref) -> Option<ProductId> {
        let state = &self.state;
        match value {
            Ref::Ledger | Ref::Person(_) | Ref::Connection(_) => None,
            Ref::Product(id) | Ref::Strategy(id, _) => Some(id.clone()),
            Ref::Line(id) => state.lines.get(id).map(|line| line.product.clone()),
            Ref::Build(id) => state.builds.get(id).map(|build| build.product.clone()),
            Ref::Release(id) => state.releases.get(id).map(|release| release.product.clone()),
            Ref::Feature(id) => state.features.get(id).map(|feature| feature.product.clone()),
            Ref::Issue(id) => state.issues.get(id).map(|issue| issue.product.clone()),
        }
    }
}
