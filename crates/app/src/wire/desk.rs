//! The desk as a whole: who am I, which ledger, first start.

use super::{Notice, PersonBrief, ProductBrief, wire};

wire! {
    /// The frame around every screen.
    struct DeskView {
        /// Nothing is here yet: choose the sample product or your own.
        pub first_start: bool,
        pub version: String,
        pub ledger: Option<LedgerBrief>,
        pub me: Option<PersonBrief>,
        /// The key that signs, as OpenSSH prints fingerprints.
        pub key: Option<String>,
        /// People whose keys are on this machine: who can sign here.
        pub here: Vec<PersonBrief>,
        pub products: Vec<ProductBrief>,
        pub inbox: u32,
        pub secrets: SecretsView,
        pub notices: Vec<Notice>,
        /// Where the database lies.
        pub folder: String,
    }

    /// The ledger, shortly.
    struct LedgerBrief {
        pub id: String,
        pub name: String,
        pub size: u32,
        /// Entries verified so far, and when.
        pub verified: u32,
        pub verified_at: Option<String>,
        pub findings: u32,
        pub sample: bool,
    }

    /// Where keys and secrets are kept.
    struct SecretsView { pub store: SecretStore, pub usable: bool, pub detail: String }

    /// Where keys and secrets are kept.
    #[derive(Copy)]
    enum SecretStore { Keychain, File }

    /// Makes the sample product and its ledger.
    struct SampleCreate { pub folder: Option<String>, pub secrets: SecretStore, pub passphrase: Option<String> }

    /// Begins one's own ledger.
    struct DeskCreate {
        pub ledger: String,
        pub handle: String,
        pub name: String,
        pub roles: Vec<String>,
        pub product: String,
        pub product_key: String,
        pub services: Vec<String>,
        /// Key of a starter process.
        pub starter: String,
        /// A folder with a `pipeline.toml`, if the services are deployed by the local pipeline system.
        pub pipeline_folder: Option<String>,
        pub secrets: SecretStore,
        /// For the passphrase file, and to protect the signing key.
        pub passphrase: Option<String>,
    }

    /// The starter processes to choose from.
    struct StarterList { pub starters: Vec<StarterView> }

    /// A starter process.
    struct StarterView { pub key: String, pub name: String, pub summary: String, pub stages: Vec<String>, pub sentences: Vec<String> }

    /// Opens the passphrase file after a start, or a key that is protected.
    struct DeskUnlock { pub passphrase: String }

    /// Signs as someone else whose key is on this machine.
    struct PersonSwitch { pub person: String }

    /// Accepts that the ledger is older than what this machine saw: a back-up was restored.
    struct RestoreAccept { pub reason: String }

    /// Searches everything by words.
    struct Find { pub text: String }

    /// What was found.
    struct FindResult { pub hits: Vec<Hit> }

    /// One thing that was found.
    struct Hit { pub kind: String, pub id: String, pub title: String, pub detail: String, pub product: Option<String>, pub service: Option<String> }
}
