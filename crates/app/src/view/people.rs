//! People and their keys; connections and the services bound to them.

use super::Me;
use super::common::{person_brief, role_view, service_brief};
use super::trial::{TYPED, Trial};
use crate::wire::{BindingView, ConnectionView, Connections, KeyView, People, PersonView};
use signalbox_domain::decide::{Act, NewPerson};
use signalbox_domain::id::ConnectionId;
use signalbox_domain::moment::Moment;
use signalbox_domain::person::{Key, Person, STARTER_ROLES};
use signalbox_domain::product::{Connection, Product, Service};
use signalbox_domain::state::State;

/// Lists people, machines last; `here` says whether a key is on this machine.
pub fn people(state: &State, me: Option<&Me>, here: &dyn Fn(&str) -> bool, at: Moment) -> People {
    let mut people: Vec<&Person> = state.people.values().collect();
    people.sort_by(|a, b| (a.machine, &a.name).cmp(&(b.machine, &b.name)));
    let enrol = Act::EnrolPerson {
        new: NewPerson {
            person: TYPED.into(),
            // A short name that nobody can have: the shortest is one letter, and this is longer than all.
            handle: "x"
                .repeat(1 + state.people.values().map(|person| person.handle.len()).max().unwrap_or(0)),
            name: TYPED.into(),
            roles: vec!["tester".into()],
            fingerprint: TYPED.into(),
            public: TYPED.into(),
            machine: false,
        },
    };
    People {
        people: people.into_iter().map(|person| person_view(person, here)).collect(),
        roles: STARTER_ROLES.iter().map(|(key, _)| role_view(&(*key).into())).collect(),
        enrol: Trial::new(state, me, at).mine(&enrol),
    }
}

/// Lists connections and bindings; `address` is where this machine finds a connection.
pub fn connections(
    state: &State,
    me: Option<&Me>,
    address: &dyn Fn(&ConnectionId) -> Option<String>,
    at: Moment,
) -> Connections {
    let add = Act::AddConnection { connection: TYPED.into(), system: "local".into(), name: TYPED.into() };
    let mut connections: Vec<&Connection> = state.connections.values().collect();
    connections.sort_by(|a, b| a.name.cmp(&b.name));
    Connections {
        connections: connections.into_iter().map(|known| connection_view(state, known, address)).collect(),
        bindings: services(state).map(|(product, service)| binding_view(product, service)).collect(),
        add: Trial::new(state, me, at).mine(&add),
    }
}

fn person_view(person: &Person, here: &dyn Fn(&str) -> bool) -> PersonView {
    let keys: Vec<KeyView> = person.keys.iter().map(|key| key_view(key, here)).collect();
    PersonView {
        person: person_brief(person),
        here: keys.iter().any(|key| key.here && key.revoked.is_none()),
        keys,
    }
}

fn key_view(key: &Key, here: &dyn Fn(&str) -> bool) -> KeyView {
    let Key { fingerprint, public, enrolled, revoked } = key;
    KeyView {
        fingerprint: fingerprint.clone(),
        public: public.clone(),
        enrolled: enrolled.to_string(),
        revoked: revoked.map(|revoked| revoked.to_string()),
        here: here(fingerprint),
    }
}

fn connection_view(
    state: &State,
    connection: &Connection,
    address: &dyn Fn(&ConnectionId) -> Option<String>,
) -> ConnectionView {
    let Connection { id, kind, name } = connection;
    let bound = services(state)
        .filter(|(_, service)| service.pipeline.as_ref().is_some_and(|pipeline| pipeline.connection == *id));
    ConnectionView {
        id: id.to_string(),
        kind: kind.clone(),
        name: name.clone(),
        address: address(id),
        services: bound.map(|(_, service)| service.name.clone()).collect(),
    }
}

fn binding_view(product: &Product, service: &Service) -> BindingView {
    let pipeline = service.pipeline.as_ref();
    BindingView {
        service: service_brief(service),
        product: product.name.clone(),
        connection: pipeline.map(|pipeline| pipeline.connection.to_string()),
        pipeline: pipeline.map(|pipeline| pipeline.pipeline.clone()).unwrap_or_default(),
        stages: pipeline.map(|pipeline| pipeline.stages.clone()).unwrap_or_default(),
    }
}

fn services(state: &State) -> impl Iterator<Item = (&Product, &Service)> {
    state.products.values().flat_map(|product| product.services.iter().map(move |service| (product, service)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;

    #[test]
    fn people_show_whose_keys_are_here_and_who_may_enrol() {
        let desk = Desk::new("three-environments");
        let here = |fingerprint: &str| fingerprint == "SHA256:tom";
        let root = people(&desk.state, Some(&desk.me("root")), &here, desk.now());
        assert!(root.enrol.allowed, "{:?}", root.enrol);
        assert_eq!(root.people.iter().filter(|person| person.here).count(), 1);
        assert!(root.people.last().is_some_and(|last| last.person.machine));
        assert_eq!(root.roles.len(), 7);
        assert!(!people(&desk.state, Some(&desk.me("tom")), &here, desk.now()).enrol.allowed);
    }

    #[test]
    fn connections_show_their_services_and_addresses() {
        let desk = Desk::new("three-environments").bind(&["DEV"]);
        let address = |_: &ConnectionId| Some("folder".to_owned());
        let view = connections(&desk.state, Some(&desk.me("omar")), &address, desk.now());
        assert!(view.add.allowed);
        assert_eq!(view.connections[0].services, ["web"]);
        assert_eq!(view.bindings[0].stages, ["DEV"]);
    }
}
