//! Acts on the line: arrivals, outcomes, results, marks (L1–L7).

use super::{Act, CheckReport, Work, text_blocker};
use crate::fact::Fact;
use crate::gate::why_not_ready;
use crate::id::{BuildId, EntryId, ServiceId, StageKey};
use crate::line::{Build, BuildContent, DeploymentKind, ItemState, Outcome, Phase};
use crate::process::Stage;
use crate::refusal::{Blocker, Refusal};

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

    pub(super) fn record_arrival(
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

    pub(super) fn record_end(
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

    pub(super) fn record_check(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        check: CheckReport,
    ) -> Result<(), Refusal> {
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

    pub(super) fn mark_item(
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

    /// A build and a stage of its process.
    pub(super) fn find(&self, build: &BuildId, stage: &StageKey) -> Result<(Build, Stage), Refusal> {
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
    pub(super) fn occupant(&self, build: &BuildId, stage: &StageKey) -> Result<(Build, Stage), Refusal> {
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
