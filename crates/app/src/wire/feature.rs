//! Features, from request to deployment.

use super::{ActState, BuildBrief, PacketPart, PersonBrief, wire};

wire! {
    /// Searches features.
    struct FeatureList { pub product: Option<String>, pub text: String }

    /// Features, latest movement first.
    struct Features { pub features: Vec<FeatureRow> }

    /// One feature in the list.
    struct FeatureRow {
        pub key: String,
        pub title: String,
        pub product: String,
        pub state: FeatureState,
        pub word: String,
        pub since: String,
        pub build: Option<BuildBrief>,
        /// Where the build stands.
        pub place: String,
        pub waiting_for: String,
        pub signed_off: Option<bool>,
    }

    /// The seven states.
    #[derive(Copy)]
    enum FeatureState { Requested, InBranch, BranchTested, Reviewed, Merged, InStaging, InProduction }

    /// Asks for one feature, and for the sheet to sign it in a build (the newest that carries it if none is named).
    struct FeatureShow { pub feature: String, pub build: Option<String> }

    /// A feature.
    struct FeatureView {
        pub row: FeatureRow,
        pub requester: PersonBrief,
        pub developer: Option<PersonBrief>,
        pub history: Vec<FeatureMove>,
        pub builds: Vec<FeatureBuild>,
        pub sheet: Option<FeatureSheet>,
        /// States that a person can set now.
        pub next: Vec<FeatureState>,
    }

    /// A reached state.
    struct FeatureMove { pub state: FeatureState, pub word: String, pub at: String, pub by: Option<String>, pub build: Option<String>, pub evidence: String }

    /// A build that carries the feature.
    struct FeatureBuild { pub build: BuildBrief, pub place: String, pub signed_off: Option<bool>, pub by: Option<String>, pub comment: String }

    /// What is signed: the feature in one build.
    struct FeatureSheet { pub build: BuildBrief, pub digest: String, pub title: String, pub parts: Vec<PacketPart>, pub sign: ActState }

    /// Asks for a feature.
    struct FeatureRequest { pub product: String, pub key: String, pub title: String }

    /// Moves a feature by hand.
    struct FeatureMoveTo { pub feature: String, pub to: FeatureState, pub developer: Option<String>, pub evidence: String }

    /// Signs a feature in a build.
    struct FeatureSign { pub feature: String, pub build: String, pub approved: bool, pub role: String, pub comment: String, pub packet: String, pub passphrase: Option<String> }
}
