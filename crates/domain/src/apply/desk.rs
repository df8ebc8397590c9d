//! Folds facts about people, products, connections and strategies.

use crate::fact::{Fact, Meta};
use crate::line::Line;
use crate::person::{Key, Person};
use crate::product::{Binding, Connection, Product, Releasing, Service};
use crate::state::{LedgerInfo, Ref, State};
use crate::strategy::{Cosignature, Strategy};

impl State {
    /// People, products, connections, strategies.
    pub(super) fn apply_desk(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::LedgerOpened { name } => {
                self.ledger = Some(LedgerInfo { name: name.clone(), opened: meta.at });
                self.touched.insert(Ref::Ledger);
            }
            Fact::PersonEnrolled { person, handle, name, roles, fingerprint, public, machine } => {
                let key = Key {
                    fingerprint: fingerprint.clone(),
                    public: public.clone(),
                    enrolled: meta.at,
                    revoked: None,
                };
                let value = Person {
                    id: person.clone(),
                    handle: handle.clone(),
                    name: name.clone(),
                    roles: roles.clone(),
                    keys: vec![key],
                    machine: *machine,
                };
                self.people.insert(person.clone(), value);
                self.touched.insert(Ref::Person(person.clone()));
            }
            Fact::RolesSet { person, roles, .. } => {
                if let Some(value) = self.people.get_mut(person) {
                    value.roles.clone_from(roles);
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::KeyEnrolled { person, fingerprint, public } => {
                if let Some(value) = self.people.get_mut(person) {
                    value.keys.push(Key {
                        fingerprint: fingerprint.clone(),
                        public: public.clone(),
                        enrolled: meta.at,
                        revoked: None,
                    });
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::KeyRevoked { person, fingerprint, .. } => {
                if let Some(value) = self.people.get_mut(person) {
                    for key in value.keys.iter_mut().filter(|key| key.fingerprint == *fingerprint) {
                        key.revoked = Some(meta.at);
                    }
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::ProductCreated { product, key, name } => {
                let value = Product {
                    id: product.clone(),
                    key: key.clone(),
                    name: name.clone(),
                    services: Vec::new(),
                    strategy: None,
                    strategy_latest: 0,
                    issues: 0,
                    releases_finished: 0,
                    releasing: Releasing::default(),
                };
                self.products.insert(product.clone(), value);
                self.touched.insert(Ref::Product(product.clone()));
            }
            Fact::ServiceAdded { product, service, name } => {
                if let Some(value) = self.products.get_mut(product) {
                    value.services.push(Service { id: service.clone(), name: name.clone(), pipeline: None });
                    self.touched.insert(Ref::Product(product.clone()));
                }
                self.lines.insert(service.clone(), Line::new(service.clone(), product.clone()));
                self.touched.insert(Ref::Line(service.clone()));
            }
            Fact::ConnectionAdded { connection, system, name } => {
                let value = Connection { id: connection.clone(), kind: system.clone(), name: name.clone() };
                self.connections.insert(connection.clone(), value);
                self.touched.insert(Ref::Connection(connection.clone()));
            }
            Fact::ServiceBound { service, product, connection, pipeline, stages, mapped } => {
                if let Some(value) = self.products.get_mut(product) {
                    for bound in value.services.iter_mut().filter(|known| known.id == *service) {
                        bound.pipeline = Some(Binding {
                            connection: connection.clone(),
                            pipeline: pipeline.clone(),
                            stages: stages.clone(),
                            mapped: mapped.clone(),
                        });
                    }
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            Fact::StrategyDrafted { product, version, content } => {
                let value = Strategy {
                    product: product.clone(),
                    version: *version,
                    content: (**content).clone(),
                    author: meta.author.clone(),
                    at: meta.at,
                    cosigned: Vec::new(),
                    activated: None,
                };
                self.strategies.insert((product.clone(), *version), value);
                self.touched.insert(Ref::Strategy(product.clone(), *version));
                if let Some(value) = self.products.get_mut(product) {
                    value.strategy_latest = value.strategy_latest.max(*version);
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            Fact::StrategyCosigned { product, version, role, .. } => {
                if let Some(value) = self.strategies.get_mut(&(product.clone(), *version)) {
                    value.cosigned.push(Cosignature {
                        person: meta.author.clone(),
                        role: role.clone(),
                        at: meta.at,
                    });
                    self.touched.insert(Ref::Strategy(product.clone(), *version));
                }
            }
            Fact::StrategyActivated { product, version } => {
                if let Some(value) = self.strategies.get_mut(&(product.clone(), *version)) {
                    value.activated = Some(meta.at);
                    self.touched.insert(Ref::Strategy(product.clone(), *version));
                }
                if let Some(value) = self.products.get_mut(product) {
                    value.strategy = Some(*version);
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            _ => return false,
        }
        true
    }
}
