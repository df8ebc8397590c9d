//! Small values that many answers share.

use super::wire;

wire! {
    /// A request without anything to say.
    #[derive(Default)]
    struct Empty {}

    /// An act was recorded.
    struct Done {
        /// Ledger entries that the act added.
        pub entries: Vec<String>,
        /// The id of what was made, where something was made.
        pub id: Option<String>,
        /// What follows, in one sentence.
        pub said: String,
    }

    /// A role.
    struct RoleView { pub key: String, pub name: String }

    /// A person, shortly.
    struct PersonBrief { pub id: String, pub handle: String, pub name: String, pub roles: Vec<RoleView>, pub machine: bool }

    /// A service, shortly.
    struct ServiceBrief { pub id: String, pub name: String }

    /// A product, shortly.
    struct ProductBrief { pub id: String, pub key: String, pub name: String, pub services: Vec<ServiceBrief>, pub strategy: Option<u32> }

    /// A build, shortly.
    struct BuildBrief { pub id: String, pub label: String, pub commit: String, pub service: String, pub service_name: String }

    /// A stage, shortly.
    struct StageBrief { pub key: String, pub name: String }

    /// Something that everybody should see now.
    struct Notice { pub tone: Tone, pub title: String, pub detail: String }

    /// How urgent something is.
    enum Tone { Calm, Wait, Stop, Go }

    /// Where a build stands at a stage, in the one list of words that screens use.
    enum BuildState { NotReached, Ready, Waiting, Deploying, Unknown, Stopped, Undecided, Passed, Rejected, Failed, Superseded, Ended }

    /// Whether an act is possible, and all the reasons if it is not.
    struct ActState { pub allowed: bool, pub reasons: Vec<Reason>, pub roles: Vec<RoleView> }

    /// One reason why something is not possible.
    struct Reason { pub code: String, pub sentence: String, pub next_step: String }
}

wire! {
    /// Tells every screen that something changed, by tag.
    struct Changed { pub tags: Vec<String> }
}
