//! Builds that people put into stages, try again, or bring back; holds (P2, L1, L6, L9, L10, L12, L14, N2).

use super::sign::packet_blockers;
use super::{Work, text_blocker};
use crate::fact::Fact;
use crate::gate::{is_ready, not_ready_sentence, release_blockers, why_not_ready};
use crate::id::{BuildId, IssueId, ServiceId, StageKey};
use crate::issue::{IssueReport, Severity};
use crate::line::{Admitted, Build, DeploymentKind, Outcome, Phase, Standing};
use crate::packet::Packet;
use crate::person::role_name;
use crate::process::Stage;
use crate::refusal::{Blocker, Refusal};
use crate::sheet::gate_packet;
use crate::state::State;

impl Work<'_> {
    pub(super) fn promote(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        reason: String,
        shown: Packet,
    ) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let mut blockers = self.promote_blockers(&value, &step, &reason);
        blockers.extend(packet_blockers(&shown, &gate_packet(&self.state, &value, &step)));
        Refusal::unless_empty(blockers)?;
        let service = value.service.clone();
        self.admit_over(build, &step, Admitted::Pressed, reason, shown);
        self.settle(&service);
        Ok(())
    }

    /// Puts a build into a stage by the signature of a person who was shown a packet.
    pub(super) fn admit_over(
        &mut self,
        build: &BuildId,
        stage: &Stage,
        how: Admitted,
        reason: String,
        shown: Packet,
    ) {
        let from = self.facts.len();
        self.admit(build, stage, how, reason);
        let mut added = self.facts.iter_mut().skip(from);
        if let Some(admitted) = added.find(|decided| matches!(decided.fact, Fact::BuildAdmitted { .. })) {
            admitted.packet = Some(shown);
        }
    }

    /// Everything that keeps a person from choosing this build for this stage (P2, L1, L9, L10, L14, N2).
    pub(super) fn promote_blockers(&self, build: &Build, stage: &Stage, reason: &str) -> Vec<Blocker> {
        let mut blockers = promotion_blockers(&self.state, build, stage);
        blockers.extend(self.press_blockers(build, stage, reason));
        blockers
    }

    /// What keeps this person from choosing this build, whatever stands in the way of the build (P2, L14).
    pub(super) fn press_blockers(&self, build: &Build, stage: &Stage, reason: &str) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        let role = &self.context.role;
        if !stage.deployers.is_empty() && !stage.deployers.contains(role) {
            let names: Vec<String> = stage.deployers.iter().map(role_name).collect();
            blockers.push(Blocker::new(
                "stage.deployer",
                format!("Only {} puts builds into {}.", names.join(" or "), stage.name),
                "Act in that role, or ask someone who holds it.",
            ));
        }
        if reason.trim().is_empty()
            && let Some(newer) = newer_ready(&self.state, build, stage)
        {
            blockers.push(Blocker::new(
                "build.not-newest",
                format!("{} is ready too and newer.", newer.content.label),
                "Write the reason why the older build goes first.",
            ));
        }
        blockers
    }

    pub(super) fn retry(&mut self, build: &BuildId, stage: &StageKey, reason: String) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let service = value.service.clone();
        let mut blockers = retry_blockers(&self.state, &value, &step);
        blockers.extend(self.deployer_blocker(&step));
        Refusal::unless_empty(blockers)?;
        self.admit(build, &step, Admitted::Retried, reason);
        self.settle(&service);
        Ok(())
    }

    pub(super) fn release_failed(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        reason: String,
    ) -> Result<(), Refusal> {
        let (value, step) = self.occupant(build, stage)?;
        let service = value.service.clone();
        let mut blockers = Vec::new();
        if value.visit(stage).is_none_or(|visit| visit.phase() != Phase::Stopped) {
            blockers.push(Blocker::new(
                "build.not-failed-here",
                format!("{} has not failed in {}.", value.content.label, step.name),
                "Decide it at its gate.",
            ));
        }
        blockers.extend(text_blocker(&reason, "stage.reason-empty", "The reason"));
        blockers.extend(self.deployer_blocker(&step));
        Refusal::unless_empty(blockers)?;
        let failed = self.record(Fact::BuildFailed {
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            reason,
        });
        self.cause = Some(failed);
        self.settle(&service);
        Ok(())
    }

    pub(super) fn roll_back(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        reason: String,
        issue: IssueId,
    ) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let service = value.service.clone();
        let block = self.state.block(&service, stage);
        let mut blockers: Vec<Blocker> = veto_blocker(&self.state, &value).into_iter().collect();
        if !value.passed(stage) {
            blockers.push(Blocker::new(
                "build.never-passed-here",
                format!("{} never passed {}.", value.content.label, step.name),
                "Choose a build that passed here before.",
            ));
        }
        if block.deployed.as_ref() == Some(build) && !self.left_half_way(&service, stage) {
            blockers.push(Blocker::new(
                "build.already-there",
                format!("{} is what runs in {} now.", value.content.label, step.name),
                "Choose an earlier build.",
            ));
        }
        if let Some(occupant) = block.occupant.as_ref().and_then(|id| self.state.builds.get(id)) {
            blockers.push(Blocker::new(
                "stage.occupied",
                format!("{} is undecided in {}.", occupant.content.label, step.name),
                "Reject it or let it end first.",
            ));
        }
        if is_rolling_back(&self.state, &service, stage) {
            blockers.push(rolling_back());
        }
        if self.state.is_gated(&service, stage) {
            let next_step = "Roll back there, then explain the change that is found.";
            blockers.push(gated_blocker(&self.state, &value, &step, next_step));
        }
        blockers.extend(text_blocker(&reason, "roll-back.reason-empty", "The reason"));
        blockers.extend(self.deployer_blocker(&step));
        Refusal::unless_empty(blockers)?;
        let held = Fact::StageHeld {
            service: service.clone(),
            stage: stage.clone(),
            reason: format!("Rolled back: {reason}"),
        };
        self.record(held);
        if !self.intend(build, &service, stage, DeploymentKind::RollBack) {
            return Err(Refusal::one(
                "stage.not-automated",
                format!("No pipeline deploys to {}.", step.name),
                "Bring the build back by hand and write it in the issue log.",
            ));
        }
        let report = IssueReport {
            problem: format!("{} rolled back to {}", step.name, value.content.label),
            symptoms: reason,
            severity: Severity::High,
            service: Some(service.clone()),
            stage: Some(stage.clone()),
            build: block.shown.filter(|shown| shown != build),
            ..IssueReport::default()
        };
        self.record_issue_fact(issue, &value.product, report);
        self.settle(&service);
        Ok(())
    }

    /// Says whether the latest deployment to a stage ended badly, so that what runs there is not certain.
    pub(super) fn left_half_way(&self, service: &ServiceId, stage: &StageKey) -> bool {
        let builds = self.state.builds.values().filter(|build| build.service == *service);
        let latest = builds.filter_map(|build| build.visit(stage)?.deployment()).max_by_key(|last| last.at);
        latest.is_some_and(|last| matches!(last.outcome, Some(Outcome::Failed | Outcome::Unknown)))
    }

    pub(super) fn hold(
        &mut self,
        service: ServiceId,
        stage: StageKey,
        reason: String,
    ) -> Result<(), Refusal> {
        let mut blockers = self.stage_known(&service, &stage);
        if self.state.block(&service, &stage).hold.is_some() {
            blockers.push(Blocker::new("stage.held", "The stage is held already.", "Release it first."));
        }
        blockers.extend(text_blocker(&reason, "stage.reason-empty", "The reason"));
        blockers.extend(self.role_blocker(&["release-manager", "operations", "tester"], "Holding a stage"));
        Refusal::unless_empty(blockers)?;
        self.record(Fact::StageHeld { service: service.clone(), stage, reason });
        self.settle(&service);
        Ok(())
    }

    pub(super) fn release_stage(
        &mut self,
        service: ServiceId,
        stage: StageKey,
        reason: String,
    ) -> Result<(), Refusal> {
        let mut blockers = self.stage_known(&service, &stage);
        if self.state.block(&service, &stage).hold.is_none() {
            blockers.push(Blocker::new(
                "stage.not-held",
                "The stage is not held.",
                "Nothing is left to release.",
            ));
        }
        blockers.extend(self.role_blocker(&["release-manager", "operations", "tester"], "Releasing a stage"));
        Refusal::unless_empty(blockers)?;
        self.record(Fact::StageReleased { service: service.clone(), stage, reason });
        self.settle(&service);
        Ok(())
    }

    pub(super) fn stage_known(&self, service: &ServiceId, stage: &StageKey) -> Vec<Blocker> {
        match self.state.process_in_force(service).and_then(|process| process.stage(stage)) {
            Some(_) => Vec::new(),
            None => vec![Blocker::new(
                "stage.unknown",
                format!("There is no stage {stage} on this line."),
                "Look at the line again.",
            )],
        }
    }

    pub(super) fn deployer_blocker(&self, stage: &Stage) -> Option<Blocker> {
        if stage.deployers.is_empty() {
            return self.role_blocker(&["release-manager", "operations", "tester", "developer"], "Deploying");
        }
        (!stage.deployers.contains(&self.context.role)).then(|| {
            let names: Vec<String> = stage.deployers.iter().map(role_name).collect();
            Blocker::new(
                "stage.deployer",
                format!("Only {} deploys to {}.", names.join(" or "), stage.name),
                "Act in that role, or ask someone who holds it.",
            )
        })
    }
}

/// Why a failed build can't be tried again in a stage now, whoever asks (L6).
pub fn retry_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let block = state.block(&build.service, &stage.key);
    let stopped = block.occupant.as_ref() == Some(&build.id)
        && build.visit(&stage.key).is_some_and(|visit| visit.phase() == Phase::Stopped);
    let open = block.occupant.is_none()
        && block.shown.as_ref() == Some(&build.id)
        && matches!(build.standings.get(&stage.key), Some(Standing::Failed { .. }));
    let mut blockers = Vec::new();
    if !stopped && !open {
        blockers.push(Blocker::new(
            "build.not-failed-here",
            format!("{} is not the failed build in {}.", build.content.label, stage.name),
            "Only a failed build can be retried, while no other build has entered.",
        ));
    }
    if let Some(rejected) = build.rejected_at() {
        blockers.push(Blocker::new(
            "build.rejected",
            format!("{} was rejected in {rejected}, so it goes nowhere any more.", build.content.label),
            "Go on with another build.",
        ));
    }
    blockers.extend(veto_blocker(state, build));
    if is_rolling_back(state, &build.service, &stage.key) {
        blockers.push(rolling_back());
    }
    // A build whose checks alone failed still stands there: to retry it is to await the checks again.
    let deployed = build.visit(&stage.key).and_then(|visit| visit.deployment()).map(|last| last.outcome);
    if state.is_gated(&build.service, &stage.key)
        && !matches!(deployed, None | Some(Some(Outcome::Succeeded)))
    {
        let next_step = "Retry it there; the line shows it when it has begun.";
        blockers.push(gated_blocker(state, build, stage, next_step));
    }
    blockers
}

/// Why a build can't be put into a stage now, whoever asks (L1, L9, L10, N2).
pub fn promotion_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let mut blockers = entry_blockers(state, build, stage);
    blockers.extend(release_blockers(state, build, stage));
    blockers
}

/// The same, without what a release plan has to say.
pub fn entry_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    let block = state.block(&build.service, &stage.key);
    let gated = state.is_gated(&build.service, &stage.key);
    if gated {
        blockers.push(gated_blocker(
            state,
            build,
            stage,
            "Approve it at the gate before; then it is brought.",
        ));
    }
    if let Some(blocker) = veto_blocker(state, build) {
        blockers.push(blocker);
    } else if let Some(why) = not_ready_sentence(state, build, stage) {
        blockers.push(Blocker::new("build.not-ready", why, "Choose a ready build."));
    } else if stage.entry == crate::process::Entry::Automatic && !gated {
        blockers.push(Blocker::new(
            "stage.automatic",
            format!("{} admits builds by itself.", stage.name),
            "Nothing is to be pressed here.",
        ));
    }
    if let Some(occupant) =
        block.occupant.as_ref().filter(|id| **id != build.id).and_then(|id| state.builds.get(id))
    {
        blockers.push(Blocker::new(
            "stage.occupied",
            format!("{} is undecided in {}.", occupant.content.label, stage.name),
            "Decide it first.",
        ));
    }
    blockers.extend(held_blocker(state, build, stage));
    if is_rolling_back(state, &build.service, &stage.key) {
        blockers.push(rolling_back());
    }
    blockers
}

/// The hold on a stage (L10).
pub fn held_blocker(state: &State, build: &Build, stage: &Stage) -> Option<Blocker> {
    let hold = state.block(&build.service, &stage.key).hold?;
    let (by, reason) = (state.name_of(&hold.by), hold.reason.trim_end_matches('.'));
    Some(Blocker::new(
        "stage.held",
        format!("{} is held by {by}: {reason}.", stage.name),
        "Release the stage first.",
    ))
}

/// The veto on a build (R6).
pub fn veto_blocker(state: &State, build: &Build) -> Option<Blocker> {
    let veto = build.vetoed.as_ref()?;
    let (by, reason) = (state.name_of(&veto.by), veto.reason.trim_end_matches('.'));
    Some(Blocker::new(
        "build.vetoed",
        format!("{} was vetoed by {by}: {reason}.", build.content.label),
        "Go on with another build.",
    ))
}

/// The newest ready build that is newer than this one (L14).
pub fn newer_ready<'a>(state: &'a State, build: &Build, stage: &Stage) -> Option<&'a Build> {
    state
        .builds
        .values()
        .filter(|other| other.service == build.service && other.number > build.number)
        .filter(|other| is_ready(other, stage) && why_not_ready(state, other, stage).is_none())
        .max_by_key(|other| other.number)
}

/// The pipeline system itself moves builds into this stage; the line can't.
fn gated_blocker(state: &State, build: &Build, stage: &Stage, next_step: &str) -> Blocker {
    let system = state.system_name(&build.service);
    Blocker::new("stage.gated", format!("{system} itself brings builds into {}.", stage.name), next_step)
}

/// Says whether work runs in a stage beside its occupant: a roll-back.
pub(super) fn is_rolling_back(state: &State, service: &ServiceId, stage: &StageKey) -> bool {
    state.builds.values().any(|build| {
        build.service == *service
            && build.visit(stage).is_some_and(|visit| {
                visit.running().is_some_and(|running| running.kind == DeploymentKind::RollBack)
            })
    })
}

fn rolling_back() -> Blocker {
    Blocker::new("stage.rolling-back", "A roll-back is running in this stage.", "Wait until it ends.")
}
