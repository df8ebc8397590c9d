//! The pipeline that tests a product, and what begins its tests.

use super::{Reason, wire};

wire! {
    /// The pipeline that tests a product.
    struct TestPipelineView { pub connection: String, pub connection_name: String, pub pipeline: String }

    /// When the tests of a product begin by themselves.
    struct TriggerView {
        pub cron: String,
        /// The IANA name of the zone whose wall clock counts.
        pub zone: String,
        /// The next few instants.
        pub next: Vec<String>,
    }

    /// A pipeline on a connection.
    struct TestPipeline { pub connection: String, pub pipeline: String }

    /// Binds the pipeline that tests a product, or none.
    struct ProductTestBind { pub product: String, pub binding: Option<TestPipeline> }

    /// A cron expression of five fields, on the wall clock of a zone.
    struct TriggerRule { pub cron: String, pub zone: String }

    /// Sets when the tests of a product begin by themselves, or that they never do.
    struct TriggerSet { pub product: String, pub trigger: Option<TriggerRule> }

    /// Asks when a trigger would come, while it is typed.
    struct TriggerNext { pub cron: String, pub zone: String }

    /// When a trigger would come, or every reason why it can't be set.
    struct TriggerPreview { pub next: Vec<String>, pub reasons: Vec<Reason> }

    /// Begins a test of a product now.
    struct ProductTestBegin { pub product: String }
}
