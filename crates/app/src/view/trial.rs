//! Asks the rules whether someone may act.
//!
//! Screens therefore never know a rule. Texts that are still to be typed are filled with [`TYPED`], so that an
//! empty field is not told as an obstacle.

use super::Me;
use super::common::act_state;
use crate::wire::ActState;
use signalbox_domain::decide::{Act, Context, check};
use signalbox_domain::id::{EntryId, PersonId, RoleKey};
use signalbox_domain::moment::Moment;
use signalbox_domain::person::Person;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::state::State;
use std::borrow::Cow;

/// Stands for a text that the person will have typed.
pub(super) const TYPED: &str = "…";

/// A state to try acts on; it stays as it is.
pub(super) struct Trial<'a> {
    state: Cow<'a, State>,
    machine: PersonId,
    me: Option<&'a Me>,
    at: Moment,
}

impl<'a> Trial<'a> {
    pub(super) fn new(state: impl Into<Cow<'a, State>>, me: Option<&'a Me>, at: Moment) -> Self {
        let state = state.into();
        let machine = state.people.values().find(|person| person.machine).map(|machine| machine.id.clone());
        Self { state, machine: machine.unwrap_or_else(|| "machine".into()), me, at }
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
            .state
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
        check(&self.state, context, act).err().map(|refusal| refusal.0).unwrap_or_default()
    }
}
