//! What a person (or the observing machine) can ask for.

use crate::feature::FeatureState;
use crate::id::{
    BuildId, ConnectionId, EntryId, FeatureKey, IssueId, ItemKey, PersonId, ProductId, ReleaseId, RoleKey,
    ServiceId, StageKey, StepId,
};
use crate::issue::{IssueReport, Lesson};
use crate::line::{BuildContent, ItemState, Meaning, Outcome};
use crate::membership::Membership;
use crate::moment::Moment;
use crate::packet::Packet;
use crate::product::StageBinding;
use crate::product_test::TestBinding;
use crate::release::{Chosen, Rehearsal, StepState};
use crate::state::Ref;
use crate::strategy::Content;
use crate::trigger::Trigger;

/// An act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are described on the facts that they become")]
pub enum Act {
    /// Begins a ledger with its first administrator and its machine.
    OpenLedger { name: String, person: NewPerson, machine: NewPerson },
    /// Lets a person or machine sign.
    EnrolPerson { new: NewPerson },
    /// Sets a person's roles.
    SetRoles { person: PersonId, roles: Vec<RoleKey>, reason: String },
    /// Adds a key.
    EnrolKey { person: PersonId, fingerprint: String, public: String },
    /// Ends a key.
    RevokeKey { person: PersonId, fingerprint: String, reason: String },
    /// Creates a product with services.
    CreateProduct { product: ProductId, key: String, name: String, services: Vec<(ServiceId, String)> },
    /// Adds a service.
    AddService { product: ProductId, service: ServiceId, name: String },
    /// Makes a connection known.
    AddConnection { connection: ConnectionId, system: String, name: String },
    /// Binds a service to a pipeline.
    BindService {
        service: ServiceId,
        connection: ConnectionId,
        pipeline: String,
        stages: Vec<String>,
        mapped: Vec<StageBinding>,
    },
    /// Writes a new version of a strategy.
    DraftStrategy { product: ProductId, content: Box<Content> },
    /// Agrees to a strategy version.
    CosignStrategy { product: ProductId, version: u32, comment: String },
    /// Puts a strategy version in force.
    ActivateStrategy { product: ProductId, version: u32 },
    /// Someone takes a copy of the register out.
    RecordExport { format: String, entries: u32, filter: String, sha256: String },
    /// Accepts a restored back-up.
    AcceptRestore { seen_size: u32, seen_root: String, reason: String },

    /// A build arrived.
    RecordArrival { build: BuildId, service: ServiceId, content: BuildContent },
    /// A remote execution ended, or a person settles an unknown one.
    RecordEnd {
        build: BuildId,
        stage: StageKey,
        deployment: EntryId,
        outcome: Outcome,
        detail: String,
        checks: Vec<CheckReport>,
    },
    /// A check's result that no deployment brought.
    RecordCheck { build: BuildId, stage: StageKey, check: CheckReport },
    /// Marks a checklist item.
    MarkItem { build: BuildId, stage: StageKey, item: ItemKey, state: ItemState, reason: String },
    /// Approves or rejects at a gate.
    SignGate {
        build: BuildId,
        stage: StageKey,
        approved: bool,
        meaning: Meaning,
        comment: String,
        shown: Packet,
    },
    /// Takes a sign-off back.
    WithdrawSignoff { build: BuildId, stage: StageKey, signoff: EntryId, reason: String },
    /// Chooses a ready build and puts it into a stage.
    Promote { build: BuildId, stage: StageKey, reason: String, shown: Packet },
    /// Runs a failed deployment again.
    Retry { build: BuildId, stage: StageKey, reason: String },
    /// Opens a stage that a failure holds.
    ReleaseFailed { build: BuildId, stage: StageKey, reason: String },
    /// Brings back a build that passed before.
    RollBack { build: BuildId, stage: StageKey, reason: String, issue: IssueId },
    /// Lets automation admit nothing.
    HoldStage { service: ServiceId, stage: StageKey, reason: String },
    /// Lets automation go on.
    ReleaseStage { service: ServiceId, stage: StageKey, reason: String },

    /// Says which build stands in a stage on the pipeline system now; `found` is what it is called there.
    ObserveMove { service: ServiceId, stage: StageKey, build: Option<BuildId>, found: String, run: String },
    /// Explains a change that the ledger could not.
    ExplainChange { change: EntryId, reason: String },
    /// Answering the system's own gate ended, or a person settles an unknown answer.
    RecordAnswerEnd { build: BuildId, stage: StageKey, answer: EntryId, outcome: Outcome, detail: String },
    /// Answers the system's own gate again, where the last answer did not arrive.
    AnswerAgain { build: BuildId, stage: StageKey, reason: String },

    /// Plans a release; steps come from an earlier plan or the strategy's templates.
    CreateRelease {
        release: ReleaseId,
        product: ProductId,
        name: String,
        planned: Option<Moment>,
        copy: Option<ReleaseId>,
        steps: Vec<StepId>,
    },
    /// Chooses the builds.
    ComposeRelease { release: ReleaseId, builds: Vec<Chosen> },
    /// Writes a section.
    WriteSection { release: ReleaseId, section: String, text: String, rehearsal: Option<Rehearsal> },
    /// Waives a section, or takes the waiver back.
    WaiveSection { release: ReleaseId, section: String, reason: Option<String> },
    /// Adds or changes a step.
    SetStep { release: ReleaseId, step: StepDraft },
    /// Removes a step.
    RemoveStep { release: ReleaseId, step: StepId },
    /// Moves a step.
    MoveStep { release: ReleaseId, step: StepId, state: StepState, reason: String, evidence: String },
    /// Go or no-go.
    VoiceGo { release: ReleaseId, go: bool, comment: String },
    /// Ends a release.
    FinishRelease { release: ReleaseId, outcome: String },

    /// Asks for a feature.
    RequestFeature { feature: FeatureKey, product: ProductId, title: String },
    /// Moves a feature by hand.
    MoveFeature { feature: FeatureKey, to: FeatureState, developer: Option<PersonId>, evidence: String },
    /// Signs a feature in a build.
    SignFeature { feature: FeatureKey, build: BuildId, approved: bool, comment: String, shown: Packet },
    /// Records a problem.
    RecordIssue { issue: IssueId, product: ProductId, report: IssueReport },
    /// Changes what is known of a problem.
    AmendIssue { issue: IssueId, report: IssueReport },
    /// Meets a problem again.
    MeetIssue { issue: IssueId, note: String },
    /// Closes a problem with a lesson.
    CloseIssue { issue: IssueId, lesson: Lesson },

    /// Sends every build of a release on into a stage.
    DecideRelease { release: ReleaseId, stage: StageKey, shown: Packet, comment: String },
    /// Sends the builds that did not go once more.
    ResumeRelease { release: ReleaseId, shown: Packet, reason: String },
    /// Says which services belong to the releases of a product.
    SetMembership { product: ProductId, membership: Membership },
    /// Sets or takes away what a product does at set times.
    SetTrigger { product: ProductId, trigger: Option<Trigger> },
    /// Binds a product to the pipeline that tests it, or unbinds it.
    BindProductTest { product: ProductId, binding: Option<TestBinding> },
    /// Begins a test of the builds that stand in a stage now; a machine does it for an instant of the trigger.
    BeginProductTest { product: ProductId, stage: StageKey, due: Option<Moment> },
    /// A test of a whole product ended, or a person settles an unknown one or tells a result.
    RecordProductTest {
        product: ProductId,
        stage: StageKey,
        test: Option<EntryId>,
        outcome: Outcome,
        builds: Vec<Chosen>,
        source: String,
        summary: String,
    },
    /// Ends a build's way everywhere.
    VetoBuild { build: BuildId, reason: String },
}

/// Someone to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The id.
    pub person: PersonId,
    /// The short unique name.
    pub handle: String,
    /// The full name.
    pub name: String,
    /// The roles.
    pub roles: Vec<RoleKey>,
    /// The key's fingerprint.
    pub fingerprint: String,
    /// The public key as one OpenSSH line.
    pub public: String,
    /// True for a machine.
    pub machine: bool,
}

/// A check's result as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The check's name.
    pub name: String,
    /// Whether it was good.
    pub passed: bool,
    /// What ran it.
    pub source: String,
    /// What it said, in one line.
    pub summary: String,
}

/// A plan step as a person writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDraft {
    /// The id; a known one is changed, a new one added.
    pub id: StepId,
    /// What is to be done.
    pub title: String,
    /// The heading it stands under.
    pub phase: String,
    /// Who does it.
    pub owner: Option<PersonId>,
    /// When it is meant to start.
    pub planned: Option<Moment>,
    /// Expected minutes.
    pub minutes: u32,
    /// Steps before it.
    pub after: Vec<StepId>,
    /// True when a machine does it.
    pub automated: bool,
}

impl Act {
    pub(super) fn is_desk(&self) -> bool {
        matches!(
            self,
            Self::OpenLedger { .. }
                | Self::EnrolPerson { .. }
                | Self::SetRoles { .. }
                | Self::EnrolKey { .. }
                | Self::RevokeKey { .. }
                | Self::CreateProduct { .. }
                | Self::AddService { .. }
                | Self::AddConnection { .. }
                | Self::BindService { .. }
                | Self::DraftStrategy { .. }
                | Self::CosignStrategy { .. }
                | Self::ActivateStrategy { .. }
                | Self::RecordExport { .. }
                | Self::AcceptRestore { .. }
        )
    }

    pub(super) fn is_line(&self) -> bool {
        matches!(
            self,
            Self::RecordArrival { .. }
                | Self::RecordEnd { .. }
                | Self::RecordCheck { .. }
                | Self::MarkItem { .. }
                | Self::SignGate { .. }
                | Self::WithdrawSignoff { .. }
                | Self::Promote { .. }
                | Self::Retry { .. }
                | Self::ReleaseFailed { .. }
                | Self::RollBack { .. }
                | Self::HoldStage { .. }
                | Self::ReleaseStage { .. }
        )
    }

    pub(super) fn is_gated(&self) -> bool {
        matches!(
            self,
            Self::ObserveMove { .. }
                | Self::ExplainChange { .. }
                | Self::RecordAnswerEnd { .. }
                | Self::AnswerAgain { .. }
        )
    }

    pub(super) fn is_release(&self) -> bool {
        matches!(
            self,
            Self::CreateRelease { .. }
                | Self::ComposeRelease { .. }
                | Self::WriteSection { .. }
                | Self::WaiveSection { .. }
                | Self::SetStep { .. }
                | Self::RemoveStep { .. }
                | Self::MoveStep { .. }
                | Self::VoiceGo { .. }
                | Self::FinishRelease { .. }
        )
    }

    pub(super) fn is_product_release(&self) -> bool {
        matches!(
            self,
            Self::DecideRelease { .. }
                | Self::ResumeRelease { .. }
                | Self::SetMembership { .. }
                | Self::SetTrigger { .. }
                | Self::BindProductTest { .. }
                | Self::BeginProductTest { .. }
                | Self::RecordProductTest { .. }
                | Self::VetoBuild { .. }
        )
    }

    /// What a machine may do: say what it saw, and begin what a person set a trigger for.
    pub(super) fn is_observation(&self) -> bool {
        matches!(
            self,
            Self::RecordArrival { .. }
                | Self::RecordEnd { .. }
                | Self::RecordCheck { .. }
                | Self::RecordExport { .. }
                | Self::ObserveMove { .. }
                | Self::RecordAnswerEnd { .. }
                | Self::BeginProductTest { .. }
                | Self::RecordProductTest { .. }
        )
    }

    /// The values beyond the live part of the state that the act names, for whoever loads the state.
    pub fn mentions(&self) -> Vec<Ref> {
        match self {
            Self::RecordEnd { build, .. }
            | Self::RecordCheck { build, .. }
            | Self::MarkItem { build, .. }
            | Self::SignGate { build, .. }
            | Self::WithdrawSignoff { build, .. }
            | Self::Promote { build, .. }
            | Self::Retry { build, .. }
            | Self::ReleaseFailed { build, .. }
            | Self::RollBack { build, .. }
            | Self::RecordAnswerEnd { build, .. }
            | Self::AnswerAgain { build, .. }
            | Self::VetoBuild { build, .. } => vec![Ref::Build(build.clone())],
            Self::ObserveMove { service, build, .. } => {
                let build = build.iter().cloned().map(Ref::Build);
                std::iter::once(Ref::Line(service.clone())).chain(build).collect()
            }
            Self::CosignStrategy { product, version, .. } | Self::ActivateStrategy { product, version } => {
                vec![Ref::Strategy(product.clone(), *version)]
            }
            Self::CreateRelease { copy, .. } => copy.iter().cloned().map(Ref::Release).collect(),
            Self::ComposeRelease { release, builds } => {
                let builds = builds.iter().map(|chosen| Ref::Build(chosen.build.clone()));
                std::iter::once(Ref::Release(release.clone())).chain(builds).collect()
            }
            Self::RecordProductTest { product, builds, .. } => {
                let builds = builds.iter().map(|chosen| Ref::Build(chosen.build.clone()));
                std::iter::once(Ref::Product(product.clone())).chain(builds).collect()
            }
            Self::SetMembership { product, .. }
            | Self::SetTrigger { product, .. }
            | Self::BindProductTest { product, .. }
            | Self::BeginProductTest { product, .. } => vec![Ref::Product(product.clone())],
            Self::WriteSection { release, .. }
            | Self::WaiveSection { release, .. }
            | Self::SetStep { release, .. }
            | Self::RemoveStep { release, .. }
            | Self::MoveStep { release, .. }
            | Self::VoiceGo { release, .. }
            | Self::FinishRelease { release, .. }
            | Self::DecideRelease { release, .. }
            | Self::ResumeRelease { release, .. } => vec![Ref::Release(release.clone())],
            Self::RequestFeature { feature, .. } | Self::MoveFeature { feature, .. } => {
                vec![Ref::Feature(feature.clone())]
            }
            Self::SignFeature { feature, build, .. } => {
                vec![Ref::Feature(feature.clone()), Ref::Build(build.clone())]
            }
            Self::RecordArrival { content, .. } => {
                content.features.iter().cloned().map(Ref::Feature).collect()
            }
            Self::AmendIssue { issue, .. }
            | Self::MeetIssue { issue, .. }
            | Self::CloseIssue { issue, .. } => {
                vec![Ref::Issue(issue.clone())]
            }
            _ => Vec::new(),
        }
    }
}
