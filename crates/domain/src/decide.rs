//! Decides which facts an act adds: validates it against the state and answers all facts, or all reasons.
//!
//! An act and everything that follows from it by rule is one decision: it is recorded whole or not at all.
//! Replay never comes through here.

mod acts;
mod bind;
mod desk;
mod gated;
mod line;
mod log;
mod product_release;
mod product_test;
mod promote;
mod release;
mod settle;
mod sign;
mod veto;

pub use acts::{Act, CheckReport, NewPerson, StepDraft};
pub use gated::answer_again_blockers;
pub use promote::{
    entry_blockers, held_blocker, newer_ready, promotion_blockers, retry_blockers, veto_blocker,
};
pub use sign::no_rule_blocker;

use crate::fact::{Fact, Meta};
use crate::id::{EntryId, PersonId, RoleKey};
use crate::moment::Moment;
use crate::packet::Packet;
use crate::refusal::{Blocker, Refusal};
use crate::state::State;
use std::borrow::Cow;

/// Who acts, when, and where new entry ids come from.
pub struct Context<'a> {
    /// The instant of the act.
    pub at: Moment,
    /// The person who acts, or the machine when it observes something.
    pub who: PersonId,
    /// The role in which the person acts.
    pub role: RoleKey,
    /// The machine that writes what follows by rule.
    pub machine: PersonId,
    /// Makes entry ids.
    pub ids: &'a mut dyn FnMut() -> EntryId,
}

/// Whose key signs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The acting person's.
    Person,
    /// The machine's.
    Machine,
}

/// One fact to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The entry's id.
    pub id: EntryId,
    /// The fact.
    pub fact: Fact,
    /// Whose key signs it.
    pub hand: Hand,
    /// The entry that it follows from, where the machine writes it.
    pub cause: Option<EntryId>,
    /// What the signer saw, where there was a sheet.
    pub packet: Option<Packet>,
}

/// A decision: the facts, in order, and the state after them.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The facts.
    pub facts: Vec<Decided>,
    /// The state with the facts folded in.
    pub state: State,
}

/// Decides an act. A state that is lent is copied only once there is something to record.
///
/// # Errors
/// All the reasons why the act is not possible; then nothing changes.
pub fn decide<'a>(
    state: impl Into<Cow<'a, State>>,
    context: Context<'a>,
    act: Act,
) -> Result<Decision, Refusal> {
    let mut work = Work { state: state.into(), context, facts: Vec::new(), cause: None, asked: false };
    work.check_actor(&act)?;
    work.act(act)?;
    Ok(Decision { facts: work.facts, state: work.state.into_owned() })
}

/// Says whether an act is possible and decides nothing: far cheaper than [`decide`].
///
/// # Errors
/// The reasons that [`decide`] would give.
pub fn check<'a>(state: &'a State, context: Context<'a>, act: Act) -> Result<(), Refusal> {
    let mut work = Work { state: state.into(), context, facts: Vec::new(), cause: None, asked: true };
    work.check_actor(&act)?;
    work.act(act)
}

/// A decision in the making.
struct Work<'a> {
    state: Cow<'a, State>,
    context: Context<'a>,
    facts: Vec<Decided>,
    /// What the next machine-written entry follows from.
    cause: Option<EntryId>,
    /// Somebody only asks: the state stays as it is, and nothing follows.
    asked: bool,
}

impl Work<'_> {
    fn act(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            act if act.is_desk() => self.desk(act),
            act if act.is_line() => self.line(act),
            act if act.is_gated() => self.gated(act),
            act if act.is_release() => {
                self.release(act)?;
                self.follow_plans();
                Ok(())
            }
            act if act.is_product_release() => self.product_release(act),
            act => self.log(act),
        }
    }

    /// The actor must be enrolled, hold the role and have a key that counts; opening the ledger comes first.
    fn check_actor(&self, act: &Act) -> Result<(), Refusal> {
        if matches!(act, Act::OpenLedger { .. }) {
            return Ok(());
        }
        let who = &self.context.who;
        let Some(person) = self.state.people.get(who) else {
            return Err(Refusal::one(
                "person.unknown",
                "You are not enrolled in this ledger.",
                "An administrator enrols you.",
            ));
        };
        let mut blockers = Vec::new();
        if !person.can_sign() {
            blockers.push(Blocker::new(
                "person.no-key",
                format!("{} has no key that counts.", person.name),
                "An administrator enrols a key for you.",
            ));
        }
        if !person.holds(&self.context.role) {
            blockers.push(Blocker::new(
                "person.role-not-held",
                format!(
                    "{} does not hold the role {}.",
                    person.name,
                    crate::person::role_name(&self.context.role)
                ),
                "Act in a role that you hold.",
            ));
        }
        if person.machine && !act.is_observation() {
            blockers.push(Blocker::new(
                "person.machine",
                "A machine observes; it does not decide.",
                "A person acts.",
            ));
        }
        Refusal::unless_empty(blockers)
    }

    /// Records a fact signed by the acting person.
    fn record(&mut self, fact: Fact) -> EntryId {
        self.push(fact, Hand::Person, None)
    }

    /// Records a fact signed by the acting person over a packet.
    fn record_over(&mut self, fact: Fact, packet: Packet) -> EntryId {
        self.push(fact, Hand::Person, Some(packet))
    }

    /// Records a fact that follows by rule, signed by the machine.
    fn follow(&mut self, fact: Fact) -> EntryId {
        self.push(fact, Hand::Machine, None)
    }

    fn push(&mut self, fact: Fact, hand: Hand, packet: Option<Packet>) -> EntryId {
        let id = (self.context.ids)();
        let author = match hand {
            Hand::Person => self.context.who.clone(),
            Hand::Machine => self.context.machine.clone(),
        };
        let cause = match hand {
            Hand::Person => None,
            Hand::Machine => self.cause.clone(),
        };
        if !self.asked {
            self.state.to_mut().apply(&Meta { id: id.clone(), at: self.context.at, author }, &fact);
        }
        if self.cause.is_none() {
            self.cause = Some(id.clone());
        }
        self.facts.push(Decided { id: id.clone(), fact, hand, cause, packet });
        id
    }

    /// Demands one of the roles of the acting person.
    fn role_blocker(&self, roles: &[&str], what: &str) -> Option<Blocker> {
        let role = self.context.role.as_str();
        (!roles.contains(&role)).then(|| {
            let names: Vec<String> =
                roles.iter().map(|role| crate::person::role_name(&(*role).into())).collect();
            Blocker::new(
                "person.role-needed",
                format!("{what} takes the role {}.", names.join(" or ")),
                "Act in that role, or ask someone who holds it.",
            )
        })
    }
}

/// Refuses empty text.
fn text_blocker(text: &str, code: &str, what: &str) -> Option<Blocker> {
    text.trim().is_empty().then(|| Blocker::new(code, format!("{what} is empty."), "Write it."))
}
