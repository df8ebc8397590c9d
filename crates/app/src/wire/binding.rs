//! Binding services to pipelines, one by one or by a prefix.

use super::{ActState, Notice, Reason, StageBrief, StageWay, wire};

wire! {
    /// Binds a service to a pipeline; without stages, as is suggested.
    struct ServiceBind {
        pub service: String,
        pub connection: String,
        pub pipeline: String,
        #[serde(default)]
        pub stages: Option<Vec<StageMap>>,
    }

    /// How one stage of the process is to be bound; stages that are not named are passed by hand.
    struct StageMap { pub stage: String, pub way: StageWay, pub remote: Option<String>, pub gate: Option<String> }

    /// Asks how a service's stages would be bound to a pipeline.
    struct BindingSuggest { pub connection: String, pub pipeline: String, pub service: String }

    /// A mapping that fits the names on both sides.
    struct BindingSuggestion {
        pub pipeline: String,
        pub stages: Vec<StageSuggestion>,
        /// The stages there, in their order.
        pub remote: Vec<RemoteStage>,
        /// Whether the system can be told which build to deploy.
        pub can_drive: bool,
        /// Why not, where it can't.
        pub cannot_drive: String,
        /// Whether the system lists every gate; where it does not, one can be named.
        pub lists_gates: bool,
    }

    /// How one stage would be bound, and why.
    struct StageSuggestion {
        pub stage: StageBrief,
        pub way: StageWay,
        pub remote: Option<String>,
        pub gate: Option<String>,
        pub why: String,
    }

    /// A stage of a pipeline there.
    struct RemoteStage { pub id: String, pub name: String, pub environment: Option<String>, pub gates: Vec<String> }

    /// Asks which pipelines would become services of a product. Nothing is recorded.
    struct BindingDryRun { pub connection: String, pub product: String, pub prefix: String }

    /// Which pipelines would become services, and which almost would.
    struct BindingDry {
        pub rows: Vec<BindingDryRow>,
        pub near_misses: Vec<NearMiss>,
        /// Whether there are more pipelines than were looked at.
        pub more: bool,
        pub apply: ActState,
    }

    /// One pipeline that matches, and what would become of it.
    struct BindingDryRow {
        pub pipeline: String,
        pub name: String,
        /// The service's name.
        pub service: String,
        pub course: BindingCourse,
        pub stages: Vec<StageSuggestion>,
        /// Where it departs from the process, and why it can't be taken over, if it can't.
        pub notices: Vec<Notice>,
    }

    /// What would become of a matching pipeline.
    #[derive(Copy)]
    enum BindingCourse {
        /// A new service, bound.
        Add,
        /// A known service, bound.
        Bind,
        /// Bound like this already.
        Bound,
        /// Not possible.
        Refused,
    }

    /// A pipeline that the prefix just misses.
    struct NearMiss { pub name: String, pub why: String }

    /// Takes pipelines over as services.
    struct BindingApply { pub connection: String, pub product: String, pub rows: Vec<BindingApplyRow> }

    /// One pipeline to take over.
    struct BindingApplyRow { pub pipeline: String, pub service: String, #[serde(default)] pub stages: Option<Vec<StageMap>> }

    /// What became of each pipeline.
    struct BindingOutcomes { pub rows: Vec<BindingOutcome> }

    /// What became of one pipeline.
    struct BindingOutcome { pub pipeline: String, pub service: String, pub done: bool, pub said: String, pub reasons: Vec<Reason> }
}
