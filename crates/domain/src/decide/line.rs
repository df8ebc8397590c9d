//! Acts on the line: arrivals, outcomes, marks, signatures, promotions, roll-backs, holds (P2, L1–L7, L10, L12, L14).

use super::{Act, CheckReport, Work, text_blocker};
use crate::fact::Fact;
use crate::gate::{GateStatus, gate_status, is_ready, person_blockers, release_blockers, why_not_ready};
use crate::id::{BuildId, EntryId, IssueId, ServiceId, StageKey};
use crate::issue::{IssueReport, Severity};
use crate::line::{
    Admitted, Build, BuildContent, DeploymentKind, ItemState, Meaning, Outcome, Phase, Standing,
};
use crate::packet::Packet;
use crate::person::role_name;
use crate::process::{Path, Stage};
use crate::refusal::{Blocker, Refusal};
use crate::sheet::gate_packet;

impl Work<'_> {
    pub(super) fn line(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::RecordArrival { build, service, content } => self.record_arrival(build, service, content),
            Act::RecordEnd { build, stage, deployment, outcome, detail, checks } => {
                self.record_end(&build, &stage, deployment, outcome, detail, checks)
            }
            Act::RecordCheck { build, stage, check } => self.record_check(&build, &stage, check),
            Act::MarkItem { build, stage, item, state, reason } => {
                self.mark_item(&build, &stage, item, state, reason)
            }
            Act::SignGate { build, stage, approved, meaning, comment, shown } => {
                self.sign_gate(&build, &stage, approved, meaning, comment, shown)
            }
            Act::WithdrawSignoff { build, stage, signoff, reason } => {
                self.withdraw(&build, &stage, signoff, reason)
            }
            Act::Promote { build, stage, reason, shown } => self.promote(&build, &stage, reason, shown),
            Act::Retry { build, stage, reason } => self.retry(&build, &stage, reason),
            Act::ReleaseFailed { build, stage, reason } => self.release_failed(&build, &stage, reason),
            Act::RollBack { build, stage, reason, issue } => self.roll_back(&build, &stage, reason, issue),
            Act::HoldStage { service, stage, reason } => self.hold(service, stage, reason),
            Act::ReleaseStage { service, stage, reason } => self.release_stage(service, stage, reason),
            _ => Ok(()),
        }
    }

    fn record_arrival(
        &mut self,
        build: BuildId,
        service: ServiceId,
        content: BuildContent,
    ) -> Result<(), Refusal> {
        let Some((product, _)) = self.state.service(&service) else {
            return Err(Refusal::one(
                "service.unknown",
                "There is no such service.",
                "Add the service to the product.",
            ));
        };
        let product = product.id.clone();
        let mut blockers = Vec::new();
        blockers.extend(text_blocker(&content.label, "build.label-empty", "The build's label"));
        let known = self.state.builds.values().any(|known| {
            known.id == build || (known.service == service && known.content.label == content.label)
        });
        if known {
            blockers.push(Blocker::new(
                "build.label-taken",
                format!("A build {} is already here.", content.label),
                "A build never changes: give the new one a new label.",
            ));
        }
        for digest in &content.digests {
            if digest.sha256.len() != 64 || !digest.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                blockers.push(Blocker::new(
                    "build.digest-malformed",
                    format!("The digest of {} is not a SHA-256.", digest.artifact),
                    "Write 64 hexadecimal digits.",
                ));
            }
        }
        let Some(strategy) = self.state.strategy_in_force(&product).map(|strategy| strategy.version) else {
            blockers.push(Blocker::new(
                "strategy.none-in-force",
                "The product has no strategy in force, so no stage can take the build.",
                "Activate a strategy version first.",
            ));
            return Err(Refusal(blockers));
        };
        Refusal::unless_empty(blockers)?;
        let author = self.state.person_called(&content.author).map(|person| person.id.clone());
        let number = self.state.lines.get(&service).map_or(0, |line| line.arrived) + 1;
        self.record(Fact::BuildArrived {
            build: build.clone(),
            service: service.clone(),
            product,
            number,
            content,
            author,
            strategy,
        });
        let first: Vec<Stage> = self
            .state
            .process_in_force(&service)
            .map(|process| process.arrivals().cloned().collect())
            .unwrap_or_default();
        self.candidate(&build, &first);
        self.settle(&service);
        Ok(())
    }

    fn record_end(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        deployment: EntryId,
        outcome: Outcome,
        detail: String,
        checks: Vec<CheckReport>,
    ) -> Result<(), Refusal> {
        let (value, _) = self.find(build, stage)?;
        let service = value.service.clone();
        let known = value
            .visit(stage)
            .and_then(|visit| visit.deployments.iter().find(|known| known.id == deployment))
            .cloned();
        let Some(known) = known else {
            return Err(Refusal::one(
                "deployment.unknown",
                "There is no such deployment.",
                "Look at the line again.",
            ));
        };
        let by_hand = !self.state.people.get(&self.context.who).is_some_and(|who| who.machine);
        let mut blockers = Vec::new();
        match known.outcome {
            None if by_hand => blockers.push(Blocker::new(
                "deployment.running",
                "The deployment is still running; its pipeline system reports how it ends.",
                "Wait, or cancel it.",
            )),
            None => {}
            Some(Outcome::Unknown) if outcome != Outcome::Unknown => {}
            Some(_) => blockers.push(Blocker::new(
                "deployment.settled",
                "How this deployment ended is already recorded.",
                "Nothing is left to do here.",
            )),
        }
        if by_hand {
            blockers.extend(self.role_blocker(&["release-manager", "operations"], "Settling a deployment"));
            blockers.extend(text_blocker(&detail, "deployment.detail-empty", "How it was found out"));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::DeploymentEnded {
            deployment,
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            outcome,
            detail,
        });
        if known.kind == DeploymentKind::Forward {
            for check in checks {
                self.record(check_fact(build, &service, stage, check));
            }
        }
        self.settle(&service);
        Ok(())
    }

    fn record_check(&mut self, build: &BuildId, stage: &StageKey, check: CheckReport) -> Result<(), Refusal> {
        let (value, step) = self.occupant(build, stage)?;
        let service = value.service.clone();
        let mut blockers = Vec::new();
        if !step.gate.checks.contains(&check.name) {
            blockers.push(Blocker::new(
                "check.unknown",
                format!("The gate of {} has no check “{}”.", step.name, check.name),
                "Name one of the gate's checks.",
            ));
        }
        blockers.extend(text_blocker(&check.summary, "check.summary-empty", "What the check said"));
        if matches!(value.visit(stage).map(|visit| visit.phase()), Some(Phase::Deploying | Phase::Unknown)) {
            blockers.push(Blocker::new(
                "gate.deploying",
                "The deployment has not ended, so nothing can be checked yet.",
                "Wait until it ends.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(check_fact(build, &service, stage, check));
        self.stale_signoffs(&service);
        self.settle(&service);
        Ok(())
    }

    fn mark_item(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        item: crate::id::ItemKey,
        state: ItemState,
        reason: String,
    ) -> Result<(), Refusal> {
        let (value, step) = self.occupant(build, stage)?;
        let service = value.service.clone();
        let mut blockers = Vec::new();
        if !step.gate.checklist.iter().any(|known| known.key == item) {
            blockers.push(Blocker::new(
                "item.unknown",
                format!("The checklist of {} has no item {item}.", step.name),
                "Look at the checklist again.",
            ));
        }
        if state == ItemState::NotApplicable {
            blockers.extend(text_blocker(
                &reason,
                "item.reason-empty",
                "The reason why the item is not applicable",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ChecklistMarked {
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            item,
            state,
            reason,
        });
        self.stale_signoffs(&service);
        self.settle(&service);
        Ok(())
    }

    fn sign_gate(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        approved: bool,
        meaning: Meaning,
        comment: String,
        shown: Packet,
    ) -> Result<(), Refusal> {
        let (value, step) = self.occupant(build, stage)?;
        let service = value.service.clone();
        let who = self.context.who.clone();
        let role = self.context.role.clone();
        let status = gate_status(&self.state, &value, &step);
        let mut blockers = packet_blockers(&shown, &gate_packet(&self.state, &value, &step));
        if approved {
            blockers.extend(person_blockers(&self.state, &value, &step, &who, &role));
            if step.gate.rule.is_none() {
                blockers.push(Blocker::new(
                    "gate.no-rule",
                    format!(
                        "{} asks nobody to approve; it passes when its checks and checklist are done.",
                        step.name
                    ),
                    "Nothing is left to sign here.",
                ));
            }
            blockers.extend(status.waits_for());
            blockers.extend(self.already_spoke(&value, stage));
        } else {
            blockers.extend(reject_blockers(&status, &comment));
            blockers.extend(
                person_blockers(&self.state, &value, &step, &who, &role)
                    .into_iter()
                    .filter(|blocker| blocker.code != "gate.must-be-another"),
            );
        }
        Refusal::unless_empty(blockers)?;
        self.record_over(
            Fact::GateSigned {
                build: build.clone(),
                service: service.clone(),
                stage: stage.clone(),
                approved,
                role,
                meaning,
                comment: comment.clone(),
                packet: shown.clone(),
            },
            shown,
        );
        if !approved {
            let (build, service, stage) = (build.clone(), service.clone(), stage.clone());
            // Beside the path a verdict concerns that stage alone; on the path it ends the delivery (L5).
            let ended = self.follow(match step.path {
                Path::On => Fact::BuildRejected { build, service, stage, by: who, reason: comment },
                Path::Off => Fact::BuildFailed { build, service, stage, reason: comment },
            });
            self.cause = Some(ended);
        }
        self.settle(&service);
        Ok(())
    }

    fn withdraw(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        signoff: EntryId,
        reason: String,
    ) -> Result<(), Refusal> {
        let (value, _) = self.find(build, stage)?;
        let service = value.service.clone();
        let given = value
            .visit(stage)
            .and_then(|visit| visit.signoffs.iter().find(|given| given.id == signoff))
            .cloned();
        let Some(given) = given else {
            return Err(Refusal::one(
                "signoff.unknown",
                "There is no such sign-off.",
                "Look at the gate again.",
            ));
        };
        let mut blockers = Vec::new();
        if given.person != self.context.who {
            blockers.push(Blocker::new(
                "signoff.not-yours",
                format!("{} signed it; only the signer can take it back.", self.state.name_of(&given.person)),
                "Ask the signer.",
            ));
        }
        if given.void.is_some() {
            blockers.push(Blocker::new(
                "signoff.void",
                "The sign-off counts no more.",
                "Nothing is left to take back.",
            ));
        }
        if !value.is_in(stage) {
            blockers.push(Blocker::new(
                "signoff.built-on",
                "The verdict was reached on this sign-off, so it can't be taken back.",
                "Hold or roll back the stages that follow.",
            ));
        }
        blockers.extend(text_blocker(&reason, "signoff.reason-empty", "The reason"));
        Refusal::unless_empty(blockers)?;
        self.record(Fact::SignoffWithdrawn {
            signoff,
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            reason,
        });
        self.settle(&service);
        Ok(())
    }

    fn promote(
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
        self.admit(build, &step, Admitted::Pressed, reason);
        if let Some(admitted) =
            self.facts.iter_mut().find(|decided| matches!(decided.fact, Fact::BuildAdmitted { .. }))
        {
            admitted.packet = Some(shown);
        }
        self.settle(&service);
        Ok(())
    }

    /// Everything that keeps a person from choosing this build for this stage (P2, L1, L9, L10, L14, N2).
    fn promote_blockers(&self, build: &Build, stage: &Stage, reason: &str) -> Vec<Blocker> {
        let mut blockers = crate::decide::promotion_blockers(&self.state, build, stage);
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
            && let Some(newer) = crate::decide::newer_ready(&self.state, build, stage)
        {
            blockers.push(Blocker::new(
                "build.not-newest",
                format!("{} is ready too and newer.", newer.content.label),
                "Write the reason why the older build goes first.",
            ));
        }
        blockers
    }

    fn retry(&mut self, build: &BuildId, stage: &StageKey, reason: String) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let service = value.service.clone();
        let block = self.state.block(&service, stage);
        let stopped = block.occupant.as_ref() == Some(build)
            && value.visit(stage).is_some_and(|visit| visit.phase() == Phase::Stopped);
        let open = block.occupant.is_none()
            && block.shown.as_ref() == Some(build)
            && matches!(value.standings.get(stage), Some(Standing::Failed { .. }));
        let mut blockers = Vec::new();
        if !stopped && !open {
            blockers.push(Blocker::new(
                "build.not-failed-here",
                format!("{} is not the failed build in {}.", value.content.label, step.name),
                "Only a failed build can be retried, while no other build has entered.",
            ));
        }
        if let Some(rejected) = value.rejected_at() {
            blockers.push(Blocker::new(
                "build.rejected",
                format!("{} was rejected in {rejected}, so it goes nowhere any more.", value.content.label),
                "Go on with another build.",
            ));
        }
        if self.is_busy(&service, stage) {
            blockers.push(rolling_back());
        }
        blockers.extend(self.deployer_blocker(&step));
        Refusal::unless_empty(blockers)?;
        self.admit(build, &step, Admitted::Retried, reason);
        self.settle(&service);
        Ok(())
    }

    fn release_failed(&mut self, build: &BuildId, stage: &StageKey, reason: String) -> Result<(), Refusal> {
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

    fn roll_back(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        reason: String,
        issue: IssueId,
    ) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let service = value.service.clone();
        let block = self.state.block(&service, stage);
        let mut blockers = Vec::new();
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
        if self.is_busy(&service, stage) {
            blockers.push(rolling_back());
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
    fn left_half_way(&self, service: &ServiceId, stage: &StageKey) -> bool {
        let builds = self.state.builds.values().filter(|build| build.service == *service);
        let latest = builds.filter_map(|build| build.visit(stage)?.deployment()).max_by_key(|last| last.at);
        latest.is_some_and(|last| matches!(last.outcome, Some(Outcome::Failed | Outcome::Unknown)))
    }

    fn hold(&mut self, service: ServiceId, stage: StageKey, reason: String) -> Result<(), Refusal> {
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

    fn release_stage(&mut self, service: ServiceId, stage: StageKey, reason: String) -> Result<(), Refusal> {
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

    /// A build and a stage of its process.
    fn find(&self, build: &BuildId, stage: &StageKey) -> Result<(Build, Stage), Refusal> {
        let Some(value) = self.state.builds.get(build) else {
            return Err(Refusal::one("build.unknown", "There is no such build.", "Look at the line again."));
        };
        let Some(step) = self.state.stage_of(value, stage) else {
            return Err(Refusal::one(
                "stage.unknown",
                format!("The process of {} has no stage {stage}.", value.content.label),
                "Look at the line again.",
            ));
        };
        Ok((value.clone(), step.clone()))
    }

    /// The undecided build of a stage, and nothing else (L3).
    fn occupant(&self, build: &BuildId, stage: &StageKey) -> Result<(Build, Stage), Refusal> {
        let (value, step) = self.find(build, stage)?;
        if self.state.lines.get(&value.service).and_then(|line| line.occupant(stage)) == Some(build) {
            return Ok((value, step));
        }
        let standing = why_not_ready(&self.state, &value, &step).unwrap_or_else(|| "has not entered".into());
        Err(Refusal::one(
            "build.not-occupant",
            format!("{} can't be decided in {}: it {standing}.", value.content.label, step.name),
            "Only the undecided build in a stage can be decided, once.",
        ))
    }

    fn stage_known(&self, service: &ServiceId, stage: &StageKey) -> Vec<Blocker> {
        match self.state.process_in_force(service).and_then(|process| process.stage(stage)) {
            Some(_) => Vec::new(),
            None => vec![Blocker::new(
                "stage.unknown",
                format!("There is no stage {stage} on this line."),
                "Look at the line again.",
            )],
        }
    }

    fn deployer_blocker(&self, stage: &Stage) -> Option<Blocker> {
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

    fn already_spoke(&self, build: &Build, stage: &StageKey) -> Option<Blocker> {
        build
            .visit(stage)
            .is_some_and(|visit| {
                visit.valid_signoffs().any(|given| given.approved && given.person == self.context.who)
            })
            .then(|| {
                Blocker::new(
                    "gate.already-signed",
                    "You approved this already; one person counts once.",
                    "Ask the others.",
                )
            })
    }
}

/// Why a build can't be put into a stage now, whoever asks (L1, L9, L10, N2).
pub fn promotion_blockers(state: &crate::state::State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    let block = state.block(&build.service, &stage.key);
    if let Some(why) = why_not_ready(state, build, stage) {
        blockers.push(Blocker::new(
            "build.not-ready",
            format!("{} is not ready for {}: it {why}.", build.content.label, stage.name),
            "Choose a ready build.",
        ));
    } else if stage.entry == crate::process::Entry::Automatic {
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
    if let Some(hold) = &block.hold {
        blockers.push(Blocker::new(
            "stage.held",
            format!(
                "{} is held by {}: {}.",
                stage.name,
                state.name_of(&hold.by),
                hold.reason.trim_end_matches('.')
            ),
            "Release the stage first.",
        ));
    }
    let rolling = state.builds.values().any(|other| {
        other.service == build.service
            && other.visit(&stage.key).is_some_and(|visit| {
                visit.running().is_some_and(|running| running.kind == DeploymentKind::RollBack)
            })
    });
    if rolling {
        blockers.push(rolling_back());
    }
    blockers.extend(release_blockers(state, build, stage));
    blockers
}

/// The newest ready build that is newer than this one (L14).
pub fn newer_ready<'a>(state: &'a crate::state::State, build: &Build, stage: &Stage) -> Option<&'a Build> {
    state
        .builds
        .values()
        .filter(|other| other.service == build.service && other.number > build.number)
        .filter(|other| is_ready(other, stage) && why_not_ready(state, other, stage).is_none())
        .max_by_key(|other| other.number)
}

fn packet_blockers(shown: &Packet, now: &Packet) -> Vec<Blocker> {
    shown
        .changes_to(now)
        .into_iter()
        .map(|change| {
            Blocker::new(
                "packet.changed",
                format!("{} changed from “{}” to “{}”.", change.line, change.before, change.now),
                "Read the sheet again, then sign.",
            )
        })
        .collect()
}

fn reject_blockers(status: &GateStatus, reason: &str) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    blockers.extend(text_blocker(reason, "reject.reason-empty", "The reason for rejecting"));
    blockers.extend(
        status
            .waits_for()
            .into_iter()
            .filter(|blocker| matches!(blocker.code.as_str(), "gate.deploying" | "gate.outcome-unknown")),
    );
    blockers
}

fn rolling_back() -> Blocker {
    Blocker::new("stage.rolling-back", "A roll-back is running in this stage.", "Wait until it ends.")
}

fn check_fact(build: &BuildId, service: &ServiceId, stage: &StageKey, check: CheckReport) -> Fact {
    Fact::CheckRecorded {
        build: build.clone(),
        service: service.clone(),
        stage: stage.clone(),
        check: check.name,
        passed: check.passed,
        source: check.source,
        summary: check.summary,
    }
}
