//! The facts that may stand in the ledger.
//!
//! Kinds are closed and versioned: once written, a kind is never changed; a new version is added beside it
//! and both stay readable. Nothing here decides anything.

use crate::feature::FeatureState;
use crate::id::{
    BuildId, ConnectionId, EntryId, FeatureKey, IssueId, ItemKey, PersonId, ProductId, ReleaseId, RoleKey,
    ServiceId, StageKey, StepId,
};
use crate::issue::{IssueReport, Lesson};
use crate::line::{Admitted, BuildContent, DeploymentKind, ItemState, Meaning, Outcome};
use crate::membership::Membership;
use crate::moment::Moment;
use crate::packet::Packet;
use crate::product::StageBinding;
use crate::product_release::Course;
use crate::product_test::{LeftOut, TestBinding};
use crate::refusal::Blocker;
use crate::release::{Chosen, Rehearsal, StepState};
use crate::strategy::Content;
use crate::trigger::Trigger;
use serde::{Deserialize, Serialize};

/// One fact. Serialised as `{"kind": …, "payload": …}`; the two are stored apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload")]
#[allow(missing_docs, reason = "the fields are described on the values that they fold into")]
pub enum Fact {
    /// The first entry: a ledger begins.
    #[serde(rename = "ledger-opened.v1")]
    LedgerOpened { name: String },
    /// A person or a machine may sign from here on.
    #[serde(rename = "person-enrolled.v1")]
    PersonEnrolled {
        person: PersonId,
        handle: String,
        name: String,
        roles: Vec<RoleKey>,
        fingerprint: String,
        public: String,
        machine: bool,
    },
    /// A person's roles were set.
    #[serde(rename = "roles-set.v1")]
    RolesSet { person: PersonId, roles: Vec<RoleKey>, reason: String },
    /// A further key of a person.
    #[serde(rename = "key-enrolled.v1")]
    KeyEnrolled { person: PersonId, fingerprint: String, public: String },
    /// A key counts no more.
    #[serde(rename = "key-revoked.v1")]
    KeyRevoked { person: PersonId, fingerprint: String, reason: String },
    /// A product exists.
    #[serde(rename = "product-created.v1")]
    ProductCreated { product: ProductId, key: String, name: String },
    /// A product has a further service.
    #[serde(rename = "service-added.v1")]
    ServiceAdded { product: ProductId, service: ServiceId, name: String },
    /// A connection to a pipeline system is known by this name.
    #[serde(rename = "connection-added.v1")]
    ConnectionAdded { connection: ConnectionId, system: String, name: String },
    /// A service's pipeline.
    #[serde(rename = "service-bound.v1")]
    ServiceBound {
        service: ServiceId,
        product: ProductId,
        connection: ConnectionId,
        pipeline: String,
        stages: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mapped: Vec<StageBinding>,
    },
    /// A new version of a strategy was written.
    #[serde(rename = "strategy-drafted.v1")]
    StrategyDrafted { product: ProductId, version: u32, content: Box<Content> },
    /// Someone agreed to a strategy version.
    #[serde(rename = "strategy-cosigned.v1")]
    StrategyCosigned { product: ProductId, version: u32, role: RoleKey, comment: String },
    /// A strategy version is in force.
    #[serde(rename = "strategy-activated.v1")]
    StrategyActivated { product: ProductId, version: u32 },
    /// A build arrived.
    #[serde(rename = "build-arrived.v1")]
    BuildArrived {
        build: BuildId,
        service: ServiceId,
        product: ProductId,
        number: u32,
        content: BuildContent,
        author: Option<PersonId>,
        strategy: u32,
    },
    /// A build waits before a stage (L2).
    #[serde(rename = "build-queued.v1")]
    BuildQueued { build: BuildId, service: ServiceId, stage: StageKey },
    /// A newer build took a waiting build's place (P3).
    #[serde(rename = "build-superseded.v1")]
    BuildSuperseded { build: BuildId, service: ServiceId, stage: StageKey, by: BuildId },
    /// A build is in a stage: the authorisation to deploy (S1).
    #[serde(rename = "build-admitted.v1")]
    BuildAdmitted {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        how: Admitted,
        by: PersonId,
        reason: String,
    },
    /// A remote execution is about to be asked for; this entry's id is its operation key (S1).
    #[serde(rename = "deployment-intended.v1")]
    DeploymentIntended {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        purpose: DeploymentKind,
        connection: ConnectionId,
        pipeline: String,
        by: PersonId,
    },
    /// How a remote execution ended.
    #[serde(rename = "deployment-ended.v1")]
    DeploymentEnded {
        deployment: EntryId,
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        outcome: Outcome,
        detail: String,
    },
    /// A check's result.
    #[serde(rename = "check-recorded.v1")]
    CheckRecorded {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        check: String,
        passed: bool,
        source: String,
        summary: String,
    },
    /// A checklist item was marked.
    #[serde(rename = "checklist-marked.v1")]
    ChecklistMarked {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        item: ItemKey,
        state: ItemState,
        reason: String,
    },
    /// A person's word on a gate (S2).
    #[serde(rename = "gate-signed.v1")]
    GateSigned {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        approved: bool,
        role: RoleKey,
        meaning: Meaning,
        comment: String,
        packet: Packet,
    },
    /// A person took a sign-off back (S4).
    #[serde(rename = "signoff-withdrawn.v1")]
    SignoffWithdrawn { signoff: EntryId, build: BuildId, service: ServiceId, stage: StageKey, reason: String },
    /// What a person signed changed, so the sign-off no longer counts (S3).
    #[serde(rename = "signoff-staled.v1")]
    SignoffStaled {
        signoff: EntryId,
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        lines: Vec<String>,
    },
    /// The verdict: passed.
    #[serde(rename = "build-passed.v1")]
    BuildPassed { build: BuildId, service: ServiceId, stage: StageKey },
    /// The verdict: rejected (L5).
    #[serde(rename = "build-rejected.v1")]
    BuildRejected { build: BuildId, service: ServiceId, stage: StageKey, by: PersonId, reason: String },
    /// A deployment or check failed and the lock opened (L6).
    #[serde(rename = "build-failed.v1")]
    BuildFailed { build: BuildId, service: ServiceId, stage: StageKey, reason: String },
    /// A build rejected elsewhere left this stage (L5).
    #[serde(rename = "build-ended.v1")]
    BuildEnded { build: BuildId, service: ServiceId, stage: StageKey, rejected_in: StageKey },
    /// Automation admits nothing to a stage (L10).
    #[serde(rename = "stage-held.v1")]
    StageHeld { service: ServiceId, stage: StageKey, reason: String },
    /// Automation goes on at a stage.
    #[serde(rename = "stage-released.v1")]
    StageReleased { service: ServiceId, stage: StageKey, reason: String },
    /// A release is planned.
    #[serde(rename = "release-created.v1")]
    ReleaseCreated {
        release: ReleaseId,
        product: ProductId,
        name: String,
        strategy: u32,
        planned: Option<Moment>,
    },
    /// Which builds go out.
    #[serde(rename = "release-composed.v1")]
    ReleaseComposed { release: ReleaseId, builds: Vec<Chosen> },
    /// A plan section was written.
    #[serde(rename = "plan-section-written.v1")]
    PlanSectionWritten { release: ReleaseId, section: String, text: String, rehearsal: Option<Rehearsal> },
    /// A plan section was signed away, or the waiver taken back (no reason).
    #[serde(rename = "plan-section-waived.v1")]
    PlanSectionWaived { release: ReleaseId, section: String, reason: Option<String> },
    /// A plan step was added or changed.
    #[serde(rename = "plan-step-set.v1")]
    PlanStepSet {
        release: ReleaseId,
        step: StepId,
        title: String,
        phase: String,
        owner: Option<PersonId>,
        planned: Option<Moment>,
        minutes: u32,
        after: Vec<StepId>,
        automated: bool,
    },
    /// A plan step was removed.
    #[serde(rename = "plan-step-removed.v1")]
    PlanStepRemoved { release: ReleaseId, step: StepId },
    /// A plan step moved.
    #[serde(rename = "plan-step-moved.v1")]
    PlanStepMoved { release: ReleaseId, step: StepId, state: StepState, reason: String, evidence: String },
    /// A go or a no-go (N5).
    #[serde(rename = "go-voiced.v1")]
    GoVoiced { release: ReleaseId, role: RoleKey, go: bool, comment: String },
    /// A release is over.
    #[serde(rename = "release-finished.v1")]
    ReleaseFinished { release: ReleaseId, outcome: String },
    /// A feature was asked for.
    #[serde(rename = "feature-requested.v1")]
    FeatureRequested { feature: FeatureKey, product: ProductId, title: String, requester: PersonId },
    /// A feature reached a state by a person's word.
    #[serde(rename = "feature-moved.v1")]
    FeatureMoved { feature: FeatureKey, state: FeatureState, developer: Option<PersonId>, evidence: String },
    /// A person's word on a feature in a build (S8).
    #[serde(rename = "feature-signed.v1")]
    FeatureSigned {
        feature: FeatureKey,
        build: BuildId,
        approved: bool,
        role: RoleKey,
        comment: String,
        packet: Packet,
    },
    /// A problem was recorded.
    #[serde(rename = "issue-recorded.v1")]
    IssueRecorded { issue: IssueId, key: String, product: ProductId, report: IssueReport },
    /// What is known of a problem changed.
    #[serde(rename = "issue-amended.v1")]
    IssueAmended { issue: IssueId, report: IssueReport },
    /// A problem was met again.
    #[serde(rename = "issue-met.v1")]
    IssueMet { issue: IssueId, note: String },
    /// A problem was closed with a lesson.
    #[serde(rename = "issue-closed.v1")]
    IssueClosed { issue: IssueId, lesson: Lesson },
    /// Someone took a copy of the register out.
    #[serde(rename = "history-exported.v1")]
    HistoryExported { format: String, entries: u32, filter: String, sha256: String },
    /// The ledger is older than the newest head this machine saw, and a person accepts it (a back-up was restored).
    #[serde(rename = "restore-accepted.v1")]
    RestoreAccepted { seen_size: u32, seen_root: String, reason: String },
    /// The pipeline system began to deploy by itself; this entry's id is the deployment's.
    #[serde(rename = "deployment-observed.v1")]
    DeploymentObserved {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        connection: ConnectionId,
        pipeline: String,
        run: String,
    },
    /// The system's own gate is about to be answered; this entry's id is the operation key.
    #[serde(rename = "gate-answer-intended.v1")]
    GateAnswerIntended {
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        approve: bool,
        gate: String,
        connection: ConnectionId,
        pipeline: String,
        by: PersonId,
        comment: String,
    },
    /// How answering the system's own gate ended.
    #[serde(rename = "gate-answer-ended.v1")]
    GateAnswerEnded {
        answer: EntryId,
        build: BuildId,
        service: ServiceId,
        stage: StageKey,
        outcome: Outcome,
        detail: String,
    },
    /// Something stands in a stage there that the ledger can't explain; this entry's id is the change's.
    #[serde(rename = "change-unexplained.v1")]
    ChangeUnexplained {
        service: ServiceId,
        product: ProductId,
        stage: StageKey,
        build: Option<BuildId>,
        found: String,
        detail: String,
    },
    /// A person explained what was found.
    #[serde(rename = "change-explained.v1")]
    ChangeExplained { change: EntryId, service: ServiceId, stage: StageKey, reason: String },
    /// A person sent every build of a release on into a stage; the builds are frozen (R1, R5).
    #[serde(rename = "release-decided.v1")]
    ReleaseDecided {
        release: ReleaseId,
        product: ProductId,
        stage: StageKey,
        builds: Vec<Chosen>,
        role: RoleKey,
        comment: String,
        packet: Packet,
    },
    /// A person sent the builds that did not go once more.
    #[serde(rename = "release-resumed.v1")]
    ReleaseResumed {
        release: ReleaseId,
        product: ProductId,
        stage: StageKey,
        builds: Vec<Chosen>,
        role: RoleKey,
        reason: String,
        packet: Packet,
    },
    /// What a decision on a release did for one service.
    #[serde(rename = "release-member-sent.v1")]
    ReleaseMemberSent {
        release: ReleaseId,
        service: ServiceId,
        build: Option<BuildId>,
        stage: StageKey,
        course: Course,
        gate: Option<StageKey>,
        by: PersonId,
        reasons: Vec<Blocker>,
    },
    /// Which services belong to the releases of a product (R3).
    #[serde(rename = "membership-set.v1")]
    MembershipSet { product: ProductId, membership: Membership },
    /// What a product does at set times (R4).
    #[serde(rename = "trigger-set.v1")]
    TriggerSet { product: ProductId, trigger: Option<Trigger> },
    /// The pipeline that tests a product, or none any more.
    #[serde(rename = "product-test-bound.v1")]
    ProductTestBound { product: ProductId, binding: Option<TestBinding> },
    /// A test of a whole product is about to be asked for; this entry's id is its operation key (R2).
    #[serde(rename = "product-test-intended.v1")]
    ProductTestIntended {
        product: ProductId,
        stage: StageKey,
        connection: ConnectionId,
        pipeline: String,
        builds: Vec<Chosen>,
        by: PersonId,
        due: Option<Moment>,
    },
    /// How a test of a whole product ended; *succeeded* is passed (R2).
    #[serde(rename = "product-test-ended.v1")]
    ProductTestEnded {
        product: ProductId,
        stage: StageKey,
        test: Option<EntryId>,
        outcome: Outcome,
        builds: Vec<Chosen>,
        left_out: Vec<LeftOut>,
        source: String,
        summary: String,
    },
    /// A build goes nowhere any more (R6).
    #[serde(rename = "build-vetoed.v1")]
    BuildVetoed { build: BuildId, service: ServiceId, reason: String },
}

/// Every kind, in the order of [`Fact`].
pub const KINDS: [&str; 61] = [
    "ledger-opened.v1",
    "person-enrolled.v1",
    "roles-set.v1",
    "key-enrolled.v1",
    "key-revoked.v1",
    "product-created.v1",
    "service-added.v1",
    "connection-added.v1",
    "service-bound.v1",
    "strategy-drafted.v1",
    "strategy-cosigned.v1",
    "strategy-activated.v1",
    "build-arrived.v1",
    "build-queued.v1",
    "build-superseded.v1",
    "build-admitted.v1",
    "deployment-intended.v1",
    "deployment-ended.v1",
    "check-recorded.v1",
    "checklist-marked.v1",
    "gate-signed.v1",
    "signoff-withdrawn.v1",
    "signoff-staled.v1",
    "build-passed.v1",
    "build-rejected.v1",
    "build-failed.v1",
    "build-ended.v1",
    "stage-held.v1",
    "stage-released.v1",
    "release-created.v1",
    "release-composed.v1",
    "plan-section-written.v1",
    "plan-section-waived.v1",
    "plan-step-set.v1",
    "plan-step-removed.v1",
    "plan-step-moved.v1",
    "go-voiced.v1",
    "release-finished.v1",
    "feature-requested.v1",
    "feature-moved.v1",
    "feature-signed.v1",
    "issue-recorded.v1",
    "issue-amended.v1",
    "issue-met.v1",
    "issue-closed.v1",
    "history-exported.v1",
    "restore-accepted.v1",
    "deployment-observed.v1",
    "gate-answer-intended.v1",
    "gate-answer-ended.v1",
    "change-unexplained.v1",
    "change-explained.v1",
    "release-decided.v1",
    "release-resumed.v1",
    "release-member-sent.v1",
    "membership-set.v1",
    "trigger-set.v1",
    "product-test-bound.v1",
    "product-test-intended.v1",
    "product-test-ended.v1",
    "build-vetoed.v1",
];

/// What is recorded with every fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The entry's id.
    pub id: EntryId,
    /// When its author says it happened.
    pub at: Moment,
    /// Who signed it.
    pub author: PersonId,
}

/// What a fact is about, typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The type, for example `build`.
    pub kind: String,
    /// The id.
    pub id: String,
}

impl Fact {
    /// Splits the fact into the kind's name and its payload.
    pub fn split(&self) -> (String, serde_json::Value) {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(mut whole)) => {
                let payload = whole.remove("payload").unwrap_or_default();
                let kind = whole
                    .remove("kind")
                    .and_then(|kind| kind.as_str().map(str::to_owned))
                    .unwrap_or_default();
                (kind, payload)
            }
            // Every variant is a struct variant of plain values, which always serialises to an object.
            _ => (String::new(), serde_json::Value::Null),
        }
    }

    /// Reads a fact from a kind's name and its payload.
    ///
    /// # Errors
    /// When the kind is unknown or the payload does not have its shape.
    pub fn read(kind: &str, payload: serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "kind": kind, "payload": payload }))
    }

    /// What the fact is about: every typed id at the top of its payload.
    pub fn subjects(&self) -> Vec<Subject> {
        const TYPED: [&str; 15] = [
            "product",
            "service",
            "build",
            "stage",
            "release",
            "feature",
            "issue",
            "person",
            "connection",
            "step",
            "signoff",
            "deployment",
            "answer",
            "change",
            "test",
        ];
        let (_, payload) = self.split();
        TYPED
            .iter()
            .filter_map(|kind| {
                let id = payload.get(kind)?.as_str()?;
                Some(Subject { kind: (*kind).to_owned(), id: id.to_owned() })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_and_no_other() {
        for kind in KINDS {
            let error = Fact::read(kind, serde_json::json!({})).unwrap_err().to_string();
            assert!(error.contains("missing field"), "{kind}: {error}");
        }
        let error = Fact::read("build-arrived.v0", serde_json::json!({})).unwrap_err().to_string();
        let listed = KINDS.iter().filter(|kind| error.contains(&format!("`{kind}`"))).count();
        assert_eq!(listed, KINDS.len(), "{error}");
        assert_eq!(error.matches(".v1`").count(), KINDS.len());
    }
}
