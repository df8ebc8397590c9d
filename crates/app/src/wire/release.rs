//! Releases and their plans.

use super::{
    ActState, BuildBrief, BuildState, PersonBrief, ProductBrief, Reason, RoleView, ServiceBrief, wire,
};

wire! {
    /// Asks for the releases of a product, or of all.
    struct ReleaseList { pub product: Option<String> }

    /// Releases, newest first.
    struct Releases { pub releases: Vec<ReleaseRow> }

    /// One release in the list.
    struct ReleaseRow {
        pub id: String,
        pub name: String,
        pub product: String,
        pub product_name: String,
        pub builds: Vec<BuildBrief>,
        pub planned: Option<String>,
        pub finished: Option<String>,
        pub sections_done: u32,
        pub steps_done: u32,
        pub steps: u32,
        pub go: u32,
        pub no_go: u32,
        pub open_points: u32,
    }

    /// Asks for one release.
    struct ReleaseShow { pub release: String }

    /// A release's room.
    struct ReleaseView {
        pub id: String,
        pub name: String,
        pub product: ProductBrief,
        pub owner: PersonBrief,
        pub strategy: u32,
        /// The strategy in force, if it moved on.
        pub strategy_now: Option<u32>,
        pub at: String,
        pub planned: Option<String>,
        pub finished: Option<String>,
        pub outcome: String,
        pub scope: Vec<ScopeRow>,
        pub sections: Vec<SectionView>,
        pub steps: Vec<StepView>,
        pub voices: Vec<GoView>,
        pub go_sentence: Option<String>,
        /// All that keeps the gate of the last stage closed.
        pub open_points: Vec<Reason>,
        pub go: ActState,
        pub compose: ActState,
        pub finish: ActState,
    }

    /// One service of the release.
    struct ScopeRow {
        pub service: ServiceBrief,
        pub chosen: Option<BuildBrief>,
        /// Where the chosen build stands now.
        pub state: BuildState,
        pub place: String,
        /// What runs at the end of the line now.
        pub live: Option<BuildBrief>,
        pub features: Vec<String>,
        /// Builds to choose from, newest first.
        pub choices: Vec<ScopeChoice>,
        /// Stage that the chosen build is ready to be pressed into.
        pub next_stage: Option<String>,
        pub running: Option<String>,
    }

    /// A build to choose.
    struct ScopeChoice { pub build: BuildBrief, pub place: String, pub ready: bool }

    /// A section of the plan.
    struct SectionView {
        pub key: String,
        pub title: String,
        pub text: String,
        pub settled: bool,
        pub waived: Option<WaiverView>,
        pub rehearsed: bool,
        pub rehearsal: Option<RehearsalView>,
        pub written: Option<String>,
        pub written_at: Option<String>,
        /// Open and past problems of the same services; only for the issue-log section.
        pub issues: Vec<super::IssueRow>,
        /// What the section wants to hear.
        pub question: String,
        pub may_waive: bool,
    }

    /// A section signed away.
    struct WaiverView { pub by: String, pub at: String, pub reason: String }

    /// A rehearsal.
    struct RehearsalView { pub at: String, pub passed: bool, pub note: String }

    /// A step of the plan.
    struct StepView {
        pub id: String,
        pub title: String,
        pub phase: String,
        pub owner: Option<PersonBrief>,
        pub planned: Option<String>,
        pub minutes: u32,
        pub after: Vec<String>,
        pub automated: bool,
        pub state: StepState,
        pub evidence: String,
        pub reason: String,
        pub moved_by: Option<String>,
        pub moved_at: Option<String>,
        /// Steps that must be done first are done.
        pub can_start: bool,
    }

    /// Where a step stands.
    #[derive(Copy)]
    enum StepState { Open, Doing, Blocked, Done, NotApplicable }

    /// A go or no-go.
    struct GoView { pub person: String, pub role: RoleView, pub go: bool, pub comment: String, pub at: String, pub current: bool }

    /// Plans a release.
    struct ReleaseCreate { pub product: String, pub name: String, pub planned: Option<String>, pub copy: Option<String> }

    /// Chooses the builds.
    struct ReleaseChoose { pub release: String, pub builds: Vec<ChosenBuild> }

    /// One service's build.
    struct ChosenBuild { pub service: String, pub build: String }

    /// Writes a section.
    struct PlanSectionWrite { pub release: String, pub section: String, pub text: String, pub rehearsal: Option<RehearsalView> }

    /// Waives a section with a reason, or takes the waiver back without.
    struct PlanSectionWaive { pub release: String, pub section: String, pub reason: Option<String> }

    /// Adds a step (no id) or changes one.
    struct PlanStepSet {
        pub release: String,
        pub step: Option<String>,
        pub title: String,
        pub phase: String,
        pub owner: Option<String>,
        pub planned: Option<String>,
        pub minutes: u32,
        pub after: Vec<String>,
        pub automated: bool,
    }

    /// Removes a step.
    struct PlanStepRemove { pub release: String, pub step: String }

    /// Moves a step.
    struct PlanStepMove { pub release: String, pub step: String, pub state: StepState, pub reason: String, pub evidence: String }

    /// Go or no-go.
    struct ReleaseGo { pub release: String, pub role: String, pub go: bool, pub comment: String, pub passphrase: Option<String> }

    /// Ends a release.
    struct ReleaseFinish { pub release: String, pub outcome: String }
}
