//! A service's line: stages, trains, signals, builds; and the acts on it.

use super::{
    ActState, BuildBrief, BuildState, Notice, ProductBrief, RoleView, ServiceBrief, StageBrief, Tone,
    UnexplainedView, wire,
};

wire! {
    /// Asks for a line.
    struct LineShow { pub service: String }

    /// A line.
    struct LineView {
        pub product: ProductBrief,
        pub service: ServiceBrief,
        pub strategy: Option<u32>,
        /// In the order of the process; off-path stages included.
        pub stages: Vec<StageView>,
        /// Newest first.
        pub builds: Vec<BuildRow>,
        /// Older builds than the listed ones exist.
        pub more: bool,
        pub notices: Vec<Notice>,
        pub pipeline: Option<PipelineBrief>,
    }

    /// Where builds come from.
    struct PipelineBrief { pub connection: String, pub connection_name: String, pub kind: String, pub pipeline: String, pub problems: Vec<Notice> }

    /// Who moves builds into a stage: the line, the pipeline system, or people.
    #[derive(Copy)]
    enum StageWay { Driven, Gated, ByHand }

    /// A block section of the line.
    struct StageView {
        pub key: String,
        pub name: String,
        pub on_path: bool,
        pub predecessors: Vec<String>,
        /// True: every predecessor; false: any.
        pub all: bool,
        pub automatic: bool,
        /// Who moves builds into it.
        pub way: StageWay,
        /// The pipeline system that the stage is bound to.
        pub system: Option<String>,
        /// What stands there and nothing in the ledger explains.
        pub changes: Vec<UnexplainedView>,
        pub needs_release: bool,
        /// The undecided build, which holds the lock.
        pub occupant: Option<TrainView>,
        /// What stands there to be seen: the occupant or the last decided build.
        pub shown: Option<TrainView>,
        pub waiting: Vec<TrainView>,
        /// Ready builds of a stage that is pressed, newest first.
        pub ready: Vec<TrainView>,
        pub hold: Option<HoldView>,
        pub deployed: Option<TrainView>,
        /// The build that a roll-back would bring back.
        pub last_good: Option<BuildBrief>,
        pub signal: SignalView,
        /// What stands under the section.
        pub note: Option<String>,
        /// Who can release the lock.
        pub who: Vec<String>,
        /// The stage's rules as one sentence.
        pub sentence: String,
        pub hold_act: ActState,
        pub roll_back: ActState,
    }

    /// A build that stands at or before a section.
    struct TrainView { pub build: String, pub label: String, pub state: BuildState, pub word: String, pub since: Option<String> }

    /// The signal behind a section.
    struct SignalView { pub tone: Tone, pub word: String }

    /// Why automation admits nothing.
    struct HoldView { pub by: String, pub since: String, pub reason: String }

    /// One build in the list.
    struct BuildRow {
        pub build: BuildBrief,
        pub state: BuildState,
        /// The stage of its one derived place.
        pub stage: Option<StageBrief>,
        /// For example `undecided in QA`.
        pub place: String,
        pub since: String,
        pub features: Vec<String>,
        /// What comes next, in a few words.
        pub next: String,
        pub flags: Vec<String>,
    }

    /// Asks for one build.
    struct BuildShow { pub build: String }

    /// One build, whole.
    struct BuildView {
        pub build: BuildBrief,
        pub author: String,
        pub arrived: String,
        pub number: u32,
        pub strategy: u32,
        pub digests: Vec<DigestView>,
        pub components: Vec<ComponentView>,
        pub features: Vec<CarriedFeature>,
        pub stages: Vec<VisitView>,
        pub veto: ActState,
        pub vetoed: Option<VetoView>,
    }

    /// A person's word that a build goes nowhere any more.
    struct VetoView { pub by: String, pub at: String, pub reason: String }

    /// An artifact.
    struct DigestView { pub artifact: String, pub sha256: String }

    /// A component's version.
    struct ComponentView { pub name: String, pub version: String }

    /// A feature that a build carries.
    struct CarriedFeature { pub key: String, pub title: String, pub planned: bool, pub signed_off: Option<bool>, pub by: Option<String> }

    /// What happened to a build in a stage.
    struct VisitView {
        pub stage: StageBrief,
        pub state: BuildState,
        pub word: String,
        pub since: Option<String>,
        pub reason: String,
        pub deployments: Vec<DeploymentView>,
        pub checks: Vec<CheckView>,
        pub signoffs: Vec<SignOffView>,
    }

    /// One remote execution.
    struct DeploymentView {
        pub id: String,
        pub roll_back: bool,
        pub at: String,
        pub by: String,
        pub state: DeploymentState,
        pub detail: String,
        pub ended: Option<String>,
    }

    /// How a remote execution stands.
    enum DeploymentState { Running, Succeeded, Failed, NotDone, Unknown }

    /// A check of a gate.
    struct CheckView { pub name: String, pub passed: Option<bool>, pub source: String, pub summary: String, pub at: Option<String> }

    /// A sign-off on a gate.
    struct SignOffView {
        pub id: String,
        pub person: String,
        pub role: RoleView,
        pub approved: bool,
        pub meaning: Meaning,
        pub comment: String,
        pub at: String,
        /// Why it no longer counts; empty while it does.
        pub void: String,
        pub mine: bool,
    }

    /// What a signature means.
    #[derive(Copy)]
    enum Meaning { Approval, Review, Responsibility }

    /// Looks for new builds now.
    struct BuildsScan { pub service: Option<String> }

    /// What a look brought.
    struct ScanView { pub arrived: Vec<BuildBrief>, pub problems: Vec<Notice> }

    /// Records a build by hand, for a service without a pipeline.
    struct BuildRecord {
        pub service: String,
        pub label: String,
        pub commit: String,
        pub author: String,
        pub features: Vec<String>,
        /// SHA-256 of the artifact, if there is one.
        pub sha256: Option<String>,
        pub application: String,
        pub configuration: String,
        pub infrastructure: String,
        pub data: String,
    }

    /// Lets automation admit nothing to a stage.
    struct StageHold { pub service: String, pub stage: String, pub reason: String }

    /// Lets automation go on.
    struct StageRelease { pub service: String, pub stage: String, pub reason: String }

    /// What is where: services by environments.
    struct WhereView { pub product: ProductBrief, pub stages: Vec<StageBrief>, pub rows: Vec<WhereRow> }

    /// Asks what is where.
    struct WhereShow { pub product: String }

    /// One service's row.
    struct WhereRow { pub service: ServiceBrief, pub cells: Vec<WhereCell> }

    /// What runs in one environment.
    struct WhereCell { pub stage: String, pub build: Option<TrainView>, pub by: String, pub newest_ready: Option<BuildBrief> }
}
