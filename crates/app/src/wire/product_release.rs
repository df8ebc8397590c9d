//! A product tested and released as a whole.

use super::{
    ActState, BuildBrief, DeploymentState, PacketPart, Reason, ServiceBrief, StageBrief, TestPipelineView,
    TriggerView, wire,
};

wire! {
    /// Asks how a product is tested and released as a whole.
    struct ReleasingShow { pub product: String }

    /// How a product is tested and released as a whole.
    struct ReleasingView {
        pub product: String,
        /// The stage in which the product is tested.
        pub test_stage: Option<StageBrief>,
        /// The rule; none while every service belongs to it.
        pub rule: Option<MembershipRule>,
        pub members: Vec<ServiceBrief>,
        /// Newest first, a few.
        pub tests: Vec<ProductTestView>,
        pub change: ActState,
        pub record_test: ActState,
        /// The pipeline that tests it, if one is bound.
        pub test_pipeline: Option<TestPipelineView>,
        pub bind_test: ActState,
        /// When its tests begin by themselves, if they do.
        pub trigger: Option<TriggerView>,
        pub set_trigger: ActState,
        pub begin_test: ActState,
    }

    /// Which services belong to the releases of a product: those listed, or those whose names begin so.
    struct MembershipRule { pub services: Vec<String>, pub prefix: Option<String> }

    /// A test of a whole product.
    struct ProductTestView {
        pub id: String,
        pub stage: String,
        pub builds: Vec<BuildBrief>,
        pub by: String,
        pub at: String,
        pub state: DeploymentState,
        pub summary: String,
        /// Services for which a passed test approved nothing, and why.
        pub left_out: Vec<LeftOutView>,
        /// Whether a pipeline was started for it, so that it has a log.
        pub has_log: bool,
        pub settle: ActState,
    }

    /// A service for which a passed test approved nothing.
    struct LeftOutView { pub service: ServiceBrief, pub build: String, pub reason: String }

    /// Says which services belong to a product's releases.
    struct MembershipSet { pub product: String, pub rule: MembershipRule }

    /// Tells how a test of a product ended, or settles an unknown one.
    struct ProductTestRecord { pub product: String, pub stage: String, pub test: Option<String>, pub outcome: DeploymentState, pub summary: String }

    /// Ends a build's way everywhere.
    struct BuildVeto { pub build: String, pub reason: String }

    /// Asks for the sheet on which a whole release is sent on.
    struct SendShow { pub release: String, pub stage: String }

    /// The sheet on which a whole release is sent on into a stage; what is signed is exactly its packet.
    struct SendView {
        pub digest: String,
        pub title: String,
        pub parts: Vec<PacketPart>,
        pub stage: StageBrief,
        /// Stages that a release can be sent to, in the order of the process.
        pub stages: Vec<StageBrief>,
        pub members: Vec<SendMember>,
        pub decided: Option<DecidedView>,
        pub decide: ActState,
        pub resume: ActState,
        /// Chosen builds that were vetoed.
        pub vetoed: Vec<BuildBrief>,
        /// Whether signing asks for the key's passphrase.
        pub asks_passphrase: bool,
    }

    /// How one service would go on, or what became of it.
    struct SendMember {
        pub service: ServiceBrief,
        pub build: Option<BuildBrief>,
        /// How it would go on: what will be done for it.
        pub way: String,
        pub reasons: Vec<Reason>,
        pub outcome: Option<MemberOutcome>,
        pub at: Option<String>,
    }

    /// What became of a service of a release that was sent on.
    #[derive(Copy)]
    enum MemberOutcome { Sent, Running, Done, Failed, Unknown, Refused, NothingToApprove, Rejected }

    /// Who sent a release on.
    struct DecidedView { pub by: String, pub at: String, pub comment: String, pub resumed: u32 }

    /// Sends a whole release on into a stage.
    struct ReleaseSend { pub release: String, pub stage: String, pub role: String, pub comment: String, pub packet: String, pub passphrase: Option<String> }

    /// Sends again the services that did not go.
    struct ReleaseResume { pub release: String, pub role: String, pub reason: String, pub packet: String, pub passphrase: Option<String> }

    /// Asks how two releases differ.
    struct ReleaseCompare { pub here: String, pub there: String }

    /// How two releases differ, service by service.
    struct CompareView { pub here: String, pub there: String, pub rows: Vec<CompareRow> }

    /// One service in two releases.
    struct CompareRow { pub service: ServiceBrief, pub here: Option<BuildBrief>, pub there: Option<BuildBrief>, pub same: bool }
}
