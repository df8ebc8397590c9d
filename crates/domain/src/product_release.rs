//! One decision for a whole release: how each member goes on into a stage, and what became of it (R1, R5, R6).
//!
//! Only the values and what can be read off them. How a member can go on is in [`crate::prospect`], sending it in
//! [`crate::decide`].

use crate::id::{BuildId, EntryId, PersonId, RoleKey, ServiceId, StageKey};
use crate::line::{Build, Outcome, Phase, Standing};
use crate::moment::Moment;
use crate::refusal::Blocker;
use crate::release::{Chosen, Release};
use crate::state::State;
use serde::{Deserialize, Serialize};

/// A person's decision to send a release on into a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDecision {
    /// The entry.
    pub id: EntryId,
    /// The stage.
    pub stage: StageKey,
    /// Who decided.
    pub by: PersonId,
    /// In which role.
    pub role: RoleKey,
    /// When.
    pub at: Moment,
    /// Why.
    pub comment: String,
    /// The builds, frozen by the decision (R5).
    pub builds: Vec<Chosen>,
    /// What was done for each member, oldest first; the latest of a service counts.
    pub sent: Vec<MemberSent>,
    /// How often what did not go was sent again.
    pub resumed: Vec<Resumption>,
}

/// Members that did not go were sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// The entry.
    pub id: EntryId,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// What a decision did for one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSent {
    /// The entry.
    pub id: EntryId,
    /// The service.
    pub service: ServiceId,
    /// The build; none when the release carries none of this service.
    pub build: Option<BuildId>,
    /// What was done.
    pub course: Course,
    /// The gate that was signed, where one was.
    pub gate: Option<StageKey>,
    /// Why nothing was done, where nothing was.
    pub reasons: Vec<Blocker>,
    /// Who decided it.
    pub by: PersonId,
    /// When.
    pub at: Moment,
}

/// What a decision does for one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// It was admitted to the stage.
    Promoted,
    /// The gate that held it before the stage was approved.
    GateApproved,
    /// There was nothing to do.
    NothingToApprove,
    /// It could not go.
    Refused,
}

/// What became of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberOutcome {
    /// It is on its way and nothing runs: a gate waits for others, or someone brings it by hand.
    Sent,
    /// Its deployment runs.
    Running,
    /// Its deployment was carried out.
    Done,
    /// Its deployment, a check or the answer to the system's own gate failed, or never happened.
    Failed,
    /// Nobody knows how its deployment ended, or whether the system's own gate was answered.
    Unknown,
    /// It could not go, or what let it go counts no more.
    Refused,
    /// There was nothing to do.
    NothingToApprove,
    /// It was rejected on its own line.
    Rejected,
}

impl MemberOutcome {
    /// Says whether the member is sent again when the release is resumed.
    pub fn is_resumable(self) -> bool {
        matches!(self, Self::Failed | Self::Refused)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::NothingToApprove => "nothing to approve",
            Self::Rejected => "rejected",
        }
    }
}

/// One member of a decided release, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What was done for it, the last time.
    pub sent: MemberSent,
    /// What became of it.
    pub outcome: MemberOutcome,
}

impl ReleaseDecision {
    /// What was done for each member the last time, in the order of the first time.
    pub fn latest(&self) -> Vec<&MemberSent> {
        let mut latest: Vec<&MemberSent> = Vec::new();
        for sent in &self.sent {
            match latest.iter_mut().find(|known| known.service == sent.service) {
                Some(known) => *known = sent,
                None => latest.push(sent),
            }
        }
        latest
    }
}

impl Release {
    /// The decision on a stage.
    pub fn decision_on(&self, stage: &StageKey) -> Option<&ReleaseDecision> {
        self.decisions.iter().find(|decision| decision.stage == *stage)
    }

    /// The members of the latest decision, and what became of each.
    pub fn members(&self, state: &State) -> Vec<Member> {
        let Some(decision) = self.decisions.last() else { return Vec::new() };
        let latest = decision.latest().into_iter();
        latest
            .map(|sent| Member { sent: sent.clone(), outcome: outcome(state, sent, &decision.stage) })
            .collect()
    }

    /// The services that a decision on the release is about: the product's members, then whatever else it carries.
    pub fn services(&self, state: &State) -> Vec<ServiceId> {
        let product = state.products.get(&self.product);
        let mut services: Vec<ServiceId> =
            product.iter().flat_map(|product| product.members()).map(|service| service.id.clone()).collect();
        for chosen in &self.builds {
            if !services.contains(&chosen.service) {
                services.push(chosen.service.clone());
            }
        }
        services
    }

    /// The chosen builds that were vetoed, now or after the choice (R6).
    pub fn vetoed_builds<'a>(&self, state: &'a State) -> Vec<&'a Build> {
        let chosen = self.builds.iter().filter_map(|chosen| state.builds.get(&chosen.build));
        chosen.filter(|build| build.vetoed.is_some()).collect()
    }
}

/// What became of a member that a decision sent into a stage, read off its own line.
pub fn outcome(state: &State, sent: &MemberSent, stage: &StageKey) -> MemberOutcome {
    let build = sent.build.as_ref().and_then(|build| state.builds.get(build));
    let (Some(build), Course::Promoted | Course::GateApproved) = (build, sent.course) else {
        return match sent.course {
            Course::NothingToApprove => MemberOutcome::NothingToApprove,
            _ => MemberOutcome::Refused,
        };
    };
    match (build.standings.get(stage), &sent.gate) {
        (None, Some(gate)) => outcome_at_gate(build, gate, sent),
        (standing, _) => outcome_in(build, standing, stage),
    }
}

fn outcome_in(build: &Build, standing: Option<&Standing>, stage: &StageKey) -> MemberOutcome {
    match standing {
        Some(Standing::Passed { .. }) => MemberOutcome::Done,
        Some(Standing::Rejected { .. } | Standing::Ended { .. }) => MemberOutcome::Rejected,
        Some(Standing::Failed { .. }) => MemberOutcome::Failed,
        Some(Standing::Superseded { .. }) | None => MemberOutcome::Refused,
        Some(Standing::Waiting { .. }) => MemberOutcome::Sent,
        Some(Standing::InStage { .. }) => match build.visit(stage) {
            Some(visit) => match visit.phase() {
                Phase::Deploying => MemberOutcome::Running,
                Phase::Unknown => MemberOutcome::Unknown,
                Phase::Stopped => MemberOutcome::Failed,
                Phase::Undecided => match visit.deployment().map(|last| last.outcome) {
                    Some(Some(Outcome::Succeeded)) => MemberOutcome::Done,
                    _ => MemberOutcome::Sent,
                },
            },
            None => MemberOutcome::Sent,
        },
    }
}

/// A member whose gate was signed and that has not reached the stage.
fn outcome_at_gate(build: &Build, gate: &StageKey, sent: &MemberSent) -> MemberOutcome {
    match build.standings.get(gate) {
        Some(Standing::Rejected { .. } | Standing::Ended { .. }) => MemberOutcome::Rejected,
        Some(Standing::Failed { .. }) => MemberOutcome::Failed,
        Some(Standing::Passed { .. }) => {
            let answer = build.visit(gate).and_then(|visit| visit.answers.last());
            match answer.and_then(|answer| answer.outcome) {
                Some(Outcome::Failed | Outcome::NotDone) => MemberOutcome::Failed,
                Some(Outcome::Unknown) => MemberOutcome::Unknown,
                Some(Outcome::Succeeded) | None => MemberOutcome::Sent,
            }
        }
        Some(Standing::InStage { .. }) => {
            let stands = build.visit(gate).is_some_and(|visit| {
                visit.valid_signoffs().any(|given| given.person == sent.by && given.at >= sent.at)
            });
            if stands { MemberOutcome::Sent } else { MemberOutcome::Refused }
        }
        _ => MemberOutcome::Refused,
    }
}
