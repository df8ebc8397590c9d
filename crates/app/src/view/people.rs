//! People and their keys.

use super::Me;
use super::common::{person_brief, role_view};
use super::trial::{TYPED, Trial};
use crate::wire::{KeyView, People, PersonView};
use signalbox_domain::decide::{Act, NewPerson};
use signalbox_domain::moment::Moment;
use signalbox_domain::person::{Key, Person, STARTER_ROLES};
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
}
