//! Connections to remote systems: kinds, addresses, secrets, tests.

use super::{ActState, Notice, Reason, SecretText, ServiceBrief, StageWay, wire};
use std::collections::BTreeMap;

wire! {
    /// The kinds of systems that can be connected.
    struct ConnectionKinds { pub kinds: Vec<KindView> }

    /// A kind of system, and what it asks for.
    struct KindView {
        pub kind: String,
        pub title: String,
        /// What it is to Signalbox.
        pub role: ConnectionRole,
        pub fields: Vec<FieldView>,
        /// The least that the account there must be allowed.
        pub least: String,
        /// Where the documentation tells how to connect it.
        pub docs: String,
    }

    /// What a connected system is to Signalbox.
    #[derive(Copy)]
    enum ConnectionRole { Pipelines, Tracker }

    /// One thing that a kind of system asks for: `base`, `account`, `secret`, or the name of an option.
    struct FieldView { pub name: String, pub title: String, pub hint: String, pub required: bool, pub secret: bool }

    /// The way to a remote system, as a form fills it. A secret is not part of it.
    #[derive(Default)]
    struct AddressForm {
        /// The base address; the folder, for the local system.
        pub base: String,
        pub account: Option<String>,
        /// A PEM file with further certificate authorities.
        pub ca_file: Option<String>,
        #[serde(default)]
        pub proxy: ProxyChoice,
        /// What else the kind of system asks for, by the field's name.
        #[serde(default)]
        pub options: BTreeMap<String, String>,
    }

    /// Which proxy is used. Loopback is never reached through one.
    #[derive(Default)]
    enum ProxyChoice { #[default] System, None, Url(String) }

    /// Connections, and the services bound to them.
    struct Connections { pub connections: Vec<ConnectionView>, pub bindings: Vec<BindingView>, pub add: ActState }

    /// A connection.
    struct ConnectionView {
        pub id: String,
        pub kind: String,
        /// The kind, in words.
        pub title: String,
        pub role: ConnectionRole,
        pub name: String,
        /// Where this machine finds it.
        pub address: Option<AddressForm>,
        /// Whether a person allowed to speak to it without encryption.
        pub plain_http: bool,
        pub secret: SecretState,
        /// What keeps this machine from using it.
        pub problem: Option<Reason>,
        pub services: Vec<String>,
    }

    /// Whether this machine has the connection's secret.
    #[derive(Copy)]
    enum SecretState { Kept, Missing, NotAsked }

    /// A service's pipeline.
    struct BindingView {
        pub service: ServiceBrief,
        pub product: String,
        pub connection: Option<String>,
        pub pipeline: String,
        pub stages: Vec<BoundStageView>,
    }

    /// How a stage of the process is bound.
    struct BoundStageView { pub stage: String, pub way: StageWay, pub remote: String, pub gate: Option<String> }

    /// Adds a connection, after it answered.
    struct ConnectionAdd {
        pub kind: String,
        pub name: String,
        pub address: AddressForm,
        /// The host's name, typed by a person to allow an address without encryption.
        #[serde(default)]
        pub typed_host: Option<String>,
        #[serde(default)]
        pub secret: Option<SecretText>,
    }

    /// Points a known connection at another place on this machine. A secret for another origin is forgotten.
    struct ConnectionAddress {
        pub connection: String,
        pub address: AddressForm,
        #[serde(default)]
        pub typed_host: Option<String>,
        /// The secret for the new place; none keeps the one that was saved for the same origin.
        #[serde(default)]
        pub secret: Option<SecretText>,
    }

    /// Keeps a connection's secret in this machine's keychain.
    struct ConnectionSecretSet { pub connection: String, pub secret: SecretText }

    /// Removes a connection's secret from this machine's keychain.
    struct ConnectionSecretForget { pub connection: String }

    /// Tests a known connection, an address before it is added, or a changed address of a known connection.
    #[derive(Default)]
    struct ConnectionTest {
        #[serde(default)]
        pub connection: Option<String>,
        #[serde(default)]
        pub kind: Option<String>,
        #[serde(default)]
        pub address: Option<AddressForm>,
        #[serde(default)]
        pub typed_host: Option<String>,
        #[serde(default)]
        pub secret: Option<SecretText>,
        /// Only pipelines whose names begin with this text.
        #[serde(default)]
        pub prefix: Option<String>,
    }

    /// What a test found.
    struct TestView {
        pub ok: bool,
        /// Who we are there.
        pub account: String,
        pub version: String,
        /// The proxy in effect, in words.
        pub proxy: String,
        pub pipelines: Vec<PipelineView>,
        /// Whether there are more pipelines than are listed.
        pub more: bool,
        pub capabilities: Vec<CapabilityView>,
        pub problems: Vec<Notice>,
    }

    /// A pipeline found there; its stages where they were asked for.
    struct PipelineView { pub id: String, pub name: String, pub stages: Vec<String> }

    /// Something that the system can or can't do, and what would bring it back.
    struct CapabilityView { pub name: String, pub able: bool, pub detail: String, pub next_step: String }
}
