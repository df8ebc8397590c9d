//! Runs an act: decide on the present state, sign, append; then tell everyone.

use crate::desk::Desk;
use crate::wire::{Done, WireError};
use signalbox_domain::decide::{Act, Context, Decided, Hand, decide};
use signalbox_domain::id::{PersonId, ProductId, RoleKey, ServiceId};
use signalbox_domain::person::MACHINE_ROLE;
use signalbox_domain::refusal::Refusal;
use signalbox_domain::state::State;
use signalbox_ledger::{After, Entry, EntryDraft, Hash, Signer, SigningKey, Subject, canon};
use signalbox_store::{Appended, Basis, Scope};
use std::sync::Arc;

/// How an act is signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signing {
    /// The role; where none is named, one that makes the act possible.
    pub role: Option<String>,
    /// Proves that the person is there, where a stage asks for it.
    pub passphrase: Option<String>,
}

/// Refuses a signature without the key's passphrase where one is asked for (S2).
pub(crate) fn demand_passphrase(asks: bool, passphrase: Option<&str>) -> Result<(), WireError> {
    if asks && passphrase.is_none_or(str::is_empty) {
        return Err(WireError::new(
            "passphrase.needed",
            "This stage asks for the passphrase of your key at every signature.",
            "Type the passphrase; if your key has none, enrol one that has.",
        ));
    }
    Ok(())
}

/// An act that is in the ledger.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub entries: Vec<String>,
    pub facts: Vec<Decided>,
}

/// Everyone whose key an act needs.
struct Hands {
    ledger: String,
    person: PersonId,
    roles: Vec<RoleKey>,
    person_key: Arc<SigningKey>,
    machine: PersonId,
    machine_key: Arc<SigningKey>,
}

impl Recorded {
    /// The answer to a screen.
    pub fn done(&self, id: Option<String>, said: impl Into<String>) -> Done {
        Done { entries: self.entries.clone(), id, said: said.into() }
    }
}

impl Desk {
    /// Runs an act of the person who signs here.
    pub(crate) fn act(
        &self,
        product: Option<&ProductId>,
        act: Act,
        signing: &Signing,
    ) -> Result<Recorded, WireError> {
        let me = self.my_id()?;
        self.act_as(&me, product, act, signing)
    }

    /// Runs an act of a person whose key is on this machine.
    pub(crate) fn act_as(
        &self,
        who: &PersonId,
        product: Option<&ProductId>,
        act: Act,
        signing: &Signing,
    ) -> Result<Recorded, WireError> {
        let state = self.state(&Scope::desk())?;
        let person = state.people.get(who).ok_or_else(|| WireError::unknown("person"))?;
        let key = self.signer_of(person, signing.passphrase.as_deref())?;
        let roles = match &signing.role {
            Some(role) => vec![RoleKey::new(role)],
            None => person.roles.clone(),
        };
        self.run(product, act, person.id.clone(), roles, key)
    }

    /// Records what the machine saw.
    pub(crate) fn observe(&self, product: Option<&ProductId>, act: Act) -> Result<Recorded, WireError> {
        let machine = self.machine_id()?;
        let key = self.machine_key()?;
        self.run(product, act, machine, vec![MACHINE_ROLE.into()], key)
    }

    /// Records what the machine saw, if it is news; what the ledger knows already costs no transaction.
    pub(crate) fn observe_news(&self, product: &ProductId, act: Act) -> Result<Option<Recorded>, WireError> {
        let scope = act.mentions().into_iter().fold(Scope::product(product.clone()), Scope::around);
        let state = self.state(&scope)?;
        let machine = self.machine_id()?;
        let mut ids = || self.new_entry_id();
        let context = Context {
            at: self.now(),
            who: machine.clone(),
            role: MACHINE_ROLE.into(),
            machine,
            ids: &mut ids,
        };
        if decide(&state, context, act.clone())?.facts.is_empty() {
            return Ok(None);
        }
        self.observe(Some(product), act).map(Some)
    }

    fn run(
        &self,
        product: Option<&ProductId>,
        act: Act,
        person: PersonId,
        roles: Vec<RoleKey>,
        person_key: Arc<SigningKey>,
    ) -> Result<Recorded, WireError> {
        let hands = Hands {
            ledger: self.ledger_id()?,
            person,
            roles,
            person_key,
            machine: self.machine_id()?,
            machine_key: self.machine_key()?,
        };
        self.append(product, act, &hands)
    }

    /// Opens the ledger: the only act before anyone is enrolled.
    pub(crate) fn open_ledger(
        &self,
        ledger: &str,
        act: Act,
        person: PersonId,
        person_key: Arc<SigningKey>,
        machine: PersonId,
        machine_key: Arc<SigningKey>,
    ) -> Result<Recorded, WireError> {
        let roles = vec!["administrator".into()];
        let hands = Hands { ledger: ledger.to_owned(), person, roles, person_key, machine, machine_key };
        self.append(None, act, &hands)
    }

    fn append(&self, product: Option<&ProductId>, act: Act, hands: &Hands) -> Result<Recorded, WireError> {
        let mut scope = product.map_or_else(Scope::desk, |product| Scope::product(product.clone()));
        for value in act.mentions() {
            scope = scope.around(value);
        }
        let act_id = self.new_id();
        let receipt = self.store.act(&scope, |basis| self.decide_and_sign(basis, act, hands, &act_id))?;
        if let Some(unfinished) = &receipt.unfinished {
            tracing::warn!(%unfinished, "the act is durable, but its log was not copied into the database file");
        }
        self.remember_head(&receipt.head);
        self.work.notify_one();
        self.tell_all();
        let facts: Vec<Decided> = receipt.value;
        Ok(Recorded { entries: facts.iter().map(|decided| decided.id.to_string()).collect(), facts })
    }

    fn decide_and_sign(
        &self,
        basis: Basis<'_>,
        act: Act,
        hands: &Hands,
        act_id: &str,
    ) -> Result<Appended<Vec<Decided>>, WireError> {
        let after = After { size: basis.head.size, root: basis.head.root };
        let (role, facts) = self.decide_in_some_role(basis.state, act, hands)?;
        let at = self.now();
        let mut entries: Vec<Entry> = Vec::with_capacity(facts.len());
        for decided in &facts {
            let (kind, payload) = decided.fact.split();
            let (author, role, key) = match decided.hand {
                Hand::Person => (&hands.person, role.to_string(), &hands.person_key),
                Hand::Machine => (&hands.machine, MACHINE_ROLE.to_owned(), &hands.machine_key),
            };
            let packet = decided.packet.as_ref().map(packet_digest).transpose()?;
            let draft = EntryDraft {
                ledger: hands.ledger.clone(),
                id: decided.id.to_string(),
                at: at.utc(),
                author: author.to_string(),
                role,
                act: act_id.to_owned(),
                kind,
                subjects: decided
                    .fact
                    .subjects()
                    .into_iter()
                    .map(|subject| Subject { kind: subject.kind, id: subject.id })
                    .collect(),
                payload: canon::to_bytes(&payload).map_err(WireError::inside)?,
                packet,
                after: after.clone(),
                cause: decided.cause.as_ref().map(ToString::to_string),
            };
            entries.push(draft.sign(key.as_ref() as &dyn Signer)?);
        }
        Ok(Appended { entries, value: facts })
    }

    /// Decides in the first role that makes the act possible; a refusal is the one with the fewest reasons.
    fn decide_in_some_role(
        &self,
        state: &State,
        act: Act,
        hands: &Hands,
    ) -> Result<(RoleKey, Vec<Decided>), WireError> {
        let mut best: Option<Refusal> = None;
        for role in &hands.roles {
            let mut ids = || self.new_entry_id();
            let context = Context {
                at: self.now(),
                who: hands.person.clone(),
                role: role.clone(),
                machine: hands.machine.clone(),
                ids: &mut ids,
            };
            match decide(state, context, act.clone()) {
                Ok(decision) => return Ok((role.clone(), decision.facts)),
                Err(refusal) if best.as_ref().is_none_or(|best| refusal.0.len() < best.0.len()) => {
                    best = Some(refusal)
                }
                Err(_) => {}
            }
        }
        Err(best.map_or_else(
            || WireError::new("person.no-role", "You hold no role.", "An administrator gives you one."),
            WireError::from,
        ))
    }

    /// The product that a service belongs to.
    pub(crate) fn product_of(&self, service: &ServiceId) -> Result<ProductId, WireError> {
        let state = self.state(&Scope::desk())?;
        state
            .service(service)
            .map(|(product, _)| product.id.clone())
            .ok_or_else(|| WireError::unknown("service"))
    }
}

/// The SHA-256 of a packet in canonical form: what a signature covers.
pub(crate) fn packet_digest(packet: &signalbox_domain::packet::Packet) -> Result<Hash, WireError> {
    canon::to_bytes(packet).map(|bytes| Hash::of(&bytes)).map_err(WireError::inside)
}
