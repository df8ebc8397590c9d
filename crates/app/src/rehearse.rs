//! Tries a first start before anything is made: no key, no folder and no entry is left behind by a mistake.

use crate::desk::Desk;
use crate::wire::{DeskCreate, Reason, WireError};
use signalbox_domain::decide::{Act, Context, NewPerson, decide};
use signalbox_domain::id::{PersonId, ProductId, ServiceId};
use signalbox_domain::refusal::Refusal;
use signalbox_domain::state::State;

impl Desk {
    /// Refuses a first start with everything that is wrong with it.
    pub(crate) fn rehearse_start(&self, request: &DeskCreate) -> Result<(), WireError> {
        let mut reasons: Vec<Reason> = Vec::new();
        let mut note = |tried: Result<State, Refusal>| match tried {
            Ok(state) => Some(state),
            Err(Refusal(blockers)) => {
                reasons.extend(blockers.into_iter().map(Reason::from));
                None
            }
        };
        let mut roles = request.roles.clone();
        roles.push("administrator".to_owned());
        let open = |name: &str, handle: &str, full: &str, roles: &[String]| Act::OpenLedger {
            name: name.to_owned(),
            person: newcomer("first", handle, full, roles),
            machine: newcomer("machine", "machine-1", "This machine", &[]),
        };
        note(self.rehearse(State::default(), open(&request.ledger, &request.handle, &request.name, &roles)));
        // The product is judged on its own, so that its mistakes show together with the person's.
        let plain = open("ledger", "first", "First", &["administrator".to_owned()]);
        if let Some(state) = note(self.rehearse(State::default(), plain)) {
            let services =
                request.services.iter().map(|name| (ServiceId::new(name.as_str()), name.clone())).collect();
            let product = Act::CreateProduct {
                product: ProductId::new("product"),
                key: request.product_key.clone(),
                name: request.product.clone(),
                services,
            };
            note(self.rehearse(state, product));
        }
        if reasons.is_empty() {
            return Ok(());
        }
        let mut refused =
            WireError::new("start.refused", "Some answers can't be used.", "Correct them and start again.");
        refused.reasons = reasons;
        Err(refused)
    }

    fn rehearse(&self, state: State, act: Act) -> Result<State, Refusal> {
        let mut ids = || self.new_entry_id();
        let context = Context {
            at: self.now(),
            who: PersonId::new("first"),
            role: "administrator".into(),
            machine: PersonId::new("machine"),
            ids: &mut ids,
        };
        decide(state, context, act).map(|decision| decision.state)
    }
}

fn newcomer(id: &str, handle: &str, name: &str, roles: &[String]) -> NewPerson {
    NewPerson {
        person: id.into(),
        handle: handle.to_owned(),
        name: name.to_owned(),
        roles: roles.iter().map(|role| role.as_str().into()).collect(),
        fingerprint: id.to_owned(),
        public: String::new(),
        machine: id == "machine",
    }
}
