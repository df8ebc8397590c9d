//! Asks the rules whether someone may act: decides the act on a copy of the state and throws the answer away.
//!
//! Screens therefore never know a rule. Texts that are still to be typed are filled with [`TYPED`], so that an
//! empty field is not told as an obstacle.

use super::Me;
use super::common::act_state;
use crate::wire::ActState;
use signalbox_domain::decide::{Act, Context, decide};
use signalbox_domain::id::{EntryId, PersonId, ProductId, RoleKey, ServiceId};
use signalbox_domain::moment::Moment;
use signalbox_domain::person::Person;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for a text that the person will have typed.
pub(super) const TYPED: &str = "…";

/// A part of the state to try acts on.
pub(super) struct Trial<'a> {
    part: State,
    machine: PersonId,
    me: Option<&'a Me>,
    at: Moment,
}

impl<'a> Trial<'a> {
    pub(super) fn new(part: State, me: Option<&'a Me>, at: Moment) -> Self {
        let machine = part.people.values().find(|person| person.machine).map(|machine| machine.id.clone());
        Self { part, machine: machine.unwrap_or_else(|| "machine".into()), me, at }
    }

    /// The part of the state that acts are tried on.
    pub(super) fn state(&self) -> &State {
        &self.part
    }

    /// Whether I may do this now, in which of my roles, and all the reasons if not.
    pub(super) fn mine(&self, act: &Act) -> ActState {
        self.mine_where(act, |_| true)
    }

    /// The same, listening only to some of the reasons.
    pub(super) fn mine_where(&self, act: &Act, keep: impl Fn(&Blocker) -> bool) -> ActState {
        let Some(me) = self.me else {
            return act_state(
                vec![Blocker::new("person.none", "Nobody signs on this machine yet.", "Choose who you are.")],
                Vec::new(),
            );
        };
        let (roles, mut blockers) = self.ask(&me.person, act, &keep);
        if me.key.is_none() {
            blockers.push(Blocker::new(
                "key.unusable",
                format!("The signing key of {} is locked or not on this machine.", me.person.name),
                "Unlock it, or sign as someone whose key is here.",
            ));
        }
        act_state(blockers, roles)
    }

    /// The people who may do this now, by name.
    pub(super) fn who(&self, act: &Act) -> Vec<&Person> {
        let mut people: Vec<&Person> = self
            .part
            .people
            .values()
            .filter(|person| !person.machine && !self.ask(person, act, &|_| true).0.is_empty())
            .collect();
        people.sort_by(|a, b| a.name.cmp(&b.name));
        people
    }

    /// The roles in which the person may act; without any, the reasons of the role that comes closest.
    fn ask(
        &self,
        person: &Person,
        act: &Act,
        keep: &dyn Fn(&Blocker) -> bool,
    ) -> (Vec<RoleKey>, Vec<Blocker>) {
        let mut allowed = Vec::new();
        let mut closest: Option<Vec<Blocker>> = None;
        for role in &person.roles {
            let blockers: Vec<Blocker> = self
                .blockers(&person.id, role, act.clone())
                .into_iter()
                .filter(|blocker| keep(blocker))
                .collect();
            if blockers.is_empty() {
                allowed.push(role.clone());
            } else if closest.as_ref().is_none_or(|known| blockers.len() < known.len()) {
                closest = Some(blockers);
            }
        }
        if !allowed.is_empty() {
            return (allowed, Vec::new());
        }
        let none =
            || vec![Blocker::new("person.no-role", "You hold no role.", "An administrator gives you one.")];
        (allowed, closest.unwrap_or_else(none))
    }

    fn blockers(&self, who: &PersonId, role: &RoleKey, act: Act) -> Vec<Blocker> {
        let mut made = 0_u32;
        let mut ids = || {
            made += 1;
            EntryId::new(format!("trial-{made}"))
        };
        let context = Context {
            at: self.at,
            who: who.clone(),
            role: role.clone(),
            machine: self.machine.clone(),
            ids: &mut ids,
        };
        match decide(self.part.clone(), context, act) {
            Ok(_) => Vec::new(),
            Err(refusal) => refusal.0,
        }
    }
}

/// People, products, strategies and connections.
pub(super) fn desk_part(state: &State) -> State {
    State {
        ledger: state.ledger.clone(),
        people: state.people.clone(),
        products: state.products.clone(),
        strategies: state.strategies.clone(),
        connections: state.connections.clone(),
        ..State::default()
    }
}

/// What is on one product's desk: its lines, builds, releases, features and issues.
pub(super) fn product_part(state: &State, product: &ProductId) -> State {
    part(state, product, |_| true)
}

/// What matters to one service's line.
pub(super) fn line_part(state: &State, service: &ServiceId) -> State {
    match state.service(service) {
        Some((product, _)) => part(state, &product.id, |known| known == service),
        None => desk_part(state),
    }
}

fn part(state: &State, product: &ProductId, service: impl Fn(&ServiceId) -> bool) -> State {
    State {
        ledger: state.ledger.clone(),
        people: state.people.clone(),
        products: kept(&state.products, |value| value.id == *product),
        strategies: kept(&state.strategies, |value| value.product == *product),
        connections: state.connections.clone(),
        lines: kept(&state.lines, |value| value.product == *product && service(&value.service)),
        builds: kept(&state.builds, |value| value.product == *product && service(&value.service)),
        releases: kept(&state.releases, |value| value.product == *product),
        features: kept(&state.features, |value| value.product == *product),
        issues: kept(&state.issues, |value| value.product == *product),
        touched: BTreeSet::new(),
    }
}

fn kept<K: Clone + Ord, V: Clone>(all: &BTreeMap<K, V>, keep: impl Fn(&V) -> bool) -> BTreeMap<K, V> {
    all.iter().filter(|(_, value)| keep(value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The sections of one service's line, without the builds: enough for holds.
pub(super) fn sections_part(state: &State, service: &ServiceId) -> State {
    let Some((product, _)) = state.service(service) else { return desk_part(state) };
    let in_force = product.strategy.map(|version| (product.id.clone(), version));
    let strategies = in_force.and_then(|key| state.strategies.get(&key).map(|known| (key, known.clone())));
    let line = state.lines.get(service).map(|line| (service.clone(), line.clone()));
    State {
        people: state.people.clone(),
        products: BTreeMap::from([(product.id.clone(), product.clone())]),
        strategies: strategies.into_iter().collect(),
        lines: line.into_iter().collect(),
        ..State::default()
    }
}
