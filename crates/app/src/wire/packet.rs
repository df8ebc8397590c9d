//! Decision sheets and the acts that are taken on them.

use super::{
    ActState, BuildBrief, BuildState, CheckView, DeploymentState, DeploymentView, Meaning, PersonBrief,
    Reason, ServiceBrief, SignOffView, StageBrief, VetoView, wire,
};

wire! {
    /// Asks for the decision sheet of a build at a stage.
    struct PacketShow { pub build: String, pub stage: String }

    /// The decision sheet; what is signed is exactly its packet.
    struct PacketView {
        /// SHA-256 of the packet; goes back with the signature.
        pub digest: String,
        pub title: String,
        pub parts: Vec<PacketPart>,
        pub product: String,
        pub service: ServiceBrief,
        pub build: BuildBrief,
        pub stage: StageBrief,
        pub state: BuildState,
        pub word: String,
        pub since: Option<String>,
        pub gate: GateView,
        pub acts: PacketActs,
        pub deployment: Option<DeploymentView>,
        /// The pipeline system's own gate that the verdict here answers.
        pub remote_gate: Option<RemoteGateView>,
        /// What stands in the stage there and nothing in the ledger explains.
        pub changes: Vec<UnexplainedView>,
        /// The stage asks for the key's passphrase at signing.
        pub asks_passphrase: bool,
        /// Problems of earlier deployments at this service and stage, open or closed.
        pub last_time: Vec<PastIssue>,
        /// The draft that a failure opened, if it is not recorded yet.
        pub issue_draft: Option<String>,
        pub vetoed: Option<VetoView>,
    }

    /// The pipeline system's own gate that a verdict answers.
    struct RemoteGateView {
        /// The system, as people call it.
        pub system: String,
        pub gate: String,
        /// What the gate asks there.
        pub question: String,
        /// The build that waits there now; none when nothing waits.
        pub waits: Option<String>,
        /// Whether that is this build.
        pub this_build: bool,
        pub since: Option<String>,
        pub expires: Option<String>,
        /// Whether this connection's account may answer, where the system tells.
        pub may_answer: Option<bool>,
        pub answer: Option<AnswerView>,
    }

    /// An answer to the pipeline system's own gate.
    struct AnswerView {
        pub id: String,
        pub approve: bool,
        pub by: String,
        pub at: String,
        pub state: DeploymentState,
        pub detail: String,
    }

    /// Something that stands in a stage there and that the ledger can't explain.
    struct UnexplainedView {
        pub id: String,
        /// What the pipeline system calls it.
        pub found: String,
        pub build: Option<BuildBrief>,
        pub detail: String,
        pub at: String,
        pub explain: ActState,
    }

    /// Lines of a packet that belong together.
    struct PacketPart { pub part: String, pub lines: Vec<PacketLineView> }

    /// One line of a packet.
    struct PacketLineView { pub label: String, pub text: String }

    /// A problem met before.
    struct PastIssue { pub issue: String, pub key: String, pub problem: String, pub lesson: String }

    /// Where the gate stands.
    struct GateView {
        pub checks: Vec<CheckView>,
        pub items: Vec<ItemView>,
        pub features: Vec<FeatureMark>,
        pub sentence: Option<String>,
        /// What is still missing, in words.
        pub missing: Vec<String>,
        pub who: Vec<PersonBrief>,
        pub signoffs: Vec<SignOffView>,
    }

    /// A checklist item.
    struct ItemView { pub key: String, pub text: String, pub state: ItemState, pub reason: String, pub by: Option<String>, pub at: Option<String> }

    /// The mark of a checklist item.
    #[derive(Copy)]
    enum ItemState { Open, Done, NotApplicable }

    /// A feature that the gate wants signed off.
    struct FeatureMark { pub key: String, pub title: String, pub signed_off: Option<bool> }

    /// What can be done on this sheet by the person who signs here.
    struct PacketActs {
        pub approve: ActState,
        pub reject: ActState,
        pub promote: ActState,
        pub retry: ActState,
        pub release_failed: ActState,
        pub roll_back: ActState,
        pub cancel: ActState,
        pub settle: ActState,
        pub answer_again: ActState,
        pub settle_answer: ActState,
        /// Runs again what failed there, by the system's own means.
        pub retry_there: ActState,
        /// Ends the build's way everywhere.
        pub veto: ActState,
        /// A typed reason is needed to promote, because a newer build is ready.
        pub reason_needed: bool,
    }

    /// Approves or rejects.
    struct GateSign {
        pub build: String,
        pub stage: String,
        pub approved: bool,
        pub role: String,
        pub meaning: Meaning,
        pub comment: String,
        pub packet: String,
        pub passphrase: Option<String>,
    }

    /// Takes a sign-off back.
    struct SignoffWithdraw { pub build: String, pub stage: String, pub signoff: String, pub reason: String }

    /// Marks a checklist item.
    struct ChecklistSet { pub build: String, pub stage: String, pub item: String, pub state: ItemState, pub reason: String }

    /// Records a check's result by hand.
    struct CheckRecord { pub build: String, pub stage: String, pub check: String, pub passed: bool, pub summary: String }

    /// Asks how a promotion would be carried out.
    struct PromotionPreview { pub build: String, pub stage: String }

    /// How a promotion would be carried out.
    struct PreviewView {
        pub allowed: bool,
        pub reasons: Vec<Reason>,
        /// The system, as people call it.
        pub system: String,
        /// Who we are there.
        pub account: String,
        pub mechanism: String,
        /// What will be done there, step by step.
        pub will_do: Vec<String>,
        /// The build in the stage now.
        pub now: Option<BuildBrief>,
    }

    /// Puts a build into a stage.
    struct BuildPromote { pub build: String, pub stage: String, pub role: String, pub reason: String, pub packet: String, pub passphrase: Option<String> }

    /// Brings back a build that passed before.
    struct BuildRollBack { pub build: String, pub stage: String, pub role: String, pub reason: String, pub passphrase: Option<String> }

    /// Runs a failed deployment again.
    struct DeploymentRetry { pub build: String, pub stage: String, pub role: String, pub reason: String }

    /// Opens a stage that a failure holds.
    struct FailureRelease { pub build: String, pub stage: String, pub role: String, pub reason: String }

    /// Stops a running deployment.
    struct DeploymentCancel { pub deployment: String, pub reason: String }

    /// Says how a deployment with an unknown outcome ended.
    struct DeploymentSettle { pub build: String, pub stage: String, pub deployment: String, pub outcome: DeploymentState, pub detail: String }

    /// Answers the pipeline system's own gate again, where the last answer did not arrive.
    struct AnswerAgain { pub build: String, pub stage: String, pub reason: String }

    /// Says how an answer with an unknown outcome ended.
    struct AnswerSettle { pub build: String, pub stage: String, pub answer: String, pub outcome: DeploymentState, pub detail: String }

    /// Runs again what failed in a stage that the pipeline system moves builds into.
    struct RemoteRetry { pub build: String, pub stage: String, pub reason: String }

    /// Explains a change that the ledger could not.
    struct ChangeExplain { pub change: String, pub reason: String }

    /// Asks for a piece of a deployment's log.
    struct DeploymentLog {
        pub deployment: String,
        /// Where the last piece ended; empty for the beginning.
        pub after: String,
    }

    /// A piece of a log; remote text, made safe to show.
    struct LogView {
        pub text: String,
        /// Where the next piece starts.
        pub next: String,
        pub more: bool,
        /// The system's own page about the run.
        pub link: Option<String>,
        /// Why there is no text, where the system gives none.
        pub no_text: Option<String>,
        pub state: DeploymentState,
        /// What runs now, in words.
        pub step: String,
        pub done: u32,
        pub steps: u32,
        pub checks: Vec<CheckView>,
    }
}
