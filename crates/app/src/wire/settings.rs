//! People, keys, services, appearance.

use super::{ActState, PersonBrief, RoleView, wire};

wire! {
    /// People and their keys.
    struct People { pub people: Vec<PersonView>, pub roles: Vec<RoleView>, pub enrol: ActState }

    /// A person and the keys.
    struct PersonView { pub person: PersonBrief, pub keys: Vec<KeyView>, pub here: bool }

    /// A key.
    struct KeyView { pub fingerprint: String, pub public: String, pub enrolled: String, pub revoked: Option<String>, pub here: bool }

    /// Enrols a person: makes a key on this machine, or takes a public key that was made elsewhere.
    struct PersonEnrol { pub handle: String, pub name: String, pub roles: Vec<String>, pub public: Option<String>, pub passphrase: Option<String> }

    /// Sets roles.
    struct PersonRolesSet { pub person: String, pub roles: Vec<String>, pub reason: String }

    /// Ends a key.
    struct KeyRevoke { pub person: String, pub fingerprint: String, pub reason: String }

    /// Adds a service to a product.
    struct ServiceAdd { pub product: String, pub name: String }

    /// Appearance and habits of this machine.
    struct Settings { pub theme: Theme, pub text_scale: u32, pub verify_at_start: bool }

    /// Light, dark, or as the system says.
    #[derive(Copy)]
    enum Theme { System, Light, Dark }
}
