//! People, keys, connections, appearance.

use super::{ActState, Notice, PersonBrief, RoleView, ServiceBrief, wire};

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

    /// Connections to pipeline systems.
    struct Connections { pub connections: Vec<ConnectionView>, pub bindings: Vec<BindingView>, pub add: ActState }

    /// A connection.
    struct ConnectionView { pub id: String, pub kind: String, pub name: String, pub address: Option<String>, pub services: Vec<String> }

    /// A service's pipeline.
    struct BindingView { pub service: ServiceBrief, pub product: String, pub connection: Option<String>, pub pipeline: String, pub stages: Vec<String> }

    /// Adds a connection.
    struct ConnectionAdd { pub kind: String, pub name: String, pub address: String }

    /// Points a known connection at another place on this machine.
    struct ConnectionAddress { pub connection: String, pub address: String }

    /// Tests a connection, or an address before it is added.
    struct ConnectionTest { pub connection: Option<String>, pub kind: Option<String>, pub address: Option<String> }

    /// What a test found.
    struct TestView {
        pub ok: bool,
        /// Who we are there.
        pub account: String,
        pub version: String,
        pub pipelines: Vec<PipelineView>,
        pub capabilities: Vec<CapabilityView>,
        pub problems: Vec<Notice>,
    }

    /// A pipeline found there.
    struct PipelineView { pub name: String, pub stages: Vec<String> }

    /// Something that the system can or can't do.
    struct CapabilityView { pub name: String, pub able: bool, pub detail: String }

    /// Binds a service to a pipeline.
    struct ServiceBind { pub service: String, pub connection: String, pub pipeline: String }

    /// Adds a service to a product.
    struct ServiceAdd { pub product: String, pub name: String }

    /// Appearance and habits of this machine.
    struct Settings { pub theme: Theme, pub text_scale: u32, pub verify_at_start: bool }

    /// Light, dark, or as the system says.
    #[derive(Copy)]
    enum Theme { System, Light, Dark }
}
