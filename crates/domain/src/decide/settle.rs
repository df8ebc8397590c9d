//! What follows by rule: verdicts, admissions, endings. Runs until nothing more follows.

use super::Work;
use super::promote::is_rolling_back;
use crate::fact::Fact;
use crate::gate::{gate_status, is_ready};
use crate::id::{BuildId, ServiceId, StageKey};
use crate::line::{Admitted, Build, DeploymentKind, Phase, Standing, Veto};
use crate::process::{Entry, OnFailure, Stage, Waiting};
use crate::sheet::gate_packet;

impl Work<'_> {
    /// Lets everything follow that the rules say, on one service's line.
    pub(super) fn settle(&mut self, service: &ServiceId) {
        while !self.asked && self.settle_once(service) {}
        self.stale_signoffs(service);
    }

    /// Lets a build that newly arrived or passed become a candidate at each stage that follows (L4).
    pub(super) fn candidate(&mut self, build: &BuildId, stages: &[Stage]) {
        for stage in stages {
            let Some(value) = self.state.builds.get(build) else { return };
            if value.standings.contains_key(&stage.key)
                || !is_ready(value, stage)
                || stage.entry != Entry::Automatic
            {
                continue;
            }
            let service = value.service.clone();
            if self.state.is_gated(&service, &stage.key) {
                continue;
            }
            let block = self.state.block(&service, &stage.key);
            if block.occupant.is_none()
                && block.hold.is_none()
                && block.waiting.is_empty()
                && !is_rolling_back(&self.state, &service, &stage.key)
            {
                self.admit(build, stage, Admitted::Automatic, String::new());
                continue;
            }
            self.follow(Fact::BuildQueued {
                build: build.clone(),
                service: service.clone(),
                stage: stage.key.clone(),
            });
            if stage.waiting == Waiting::Supersede {
                for older in block.waiting {
                    self.follow(Fact::BuildSuperseded {
                        build: older,
                        service: service.clone(),
                        stage: stage.key.clone(),
                        by: build.clone(),
                    });
                }
            }
        }
    }

    /// Puts a build into a stage, and intends its deployment where the pipeline has one.
    pub(super) fn admit(&mut self, build: &BuildId, stage: &Stage, how: Admitted, reason: String) {
        let Some(service) = self.state.builds.get(build).map(|value| value.service.clone()) else { return };
        let by = self.context.who.clone();
        let admitted = Fact::BuildAdmitted {
            build: build.clone(),
            service: service.clone(),
            stage: stage.key.clone(),
            how,
            by,
            reason,
        };
        match how {
            Admitted::Automatic => self.follow(admitted),
            Admitted::Pressed | Admitted::Retried | Admitted::Observed => self.record(admitted),
        };
        self.intend(build, &service, &stage.key, DeploymentKind::Forward);
    }

    /// Intends a deployment where the service's pipeline can deploy to the stage.
    pub(super) fn intend(
        &mut self,
        build: &BuildId,
        service: &ServiceId,
        stage: &StageKey,
        purpose: DeploymentKind,
    ) -> bool {
        let Some(binding) = self.state.service(service).and_then(|(_, service)| service.pipeline.clone())
        else {
            return false;
        };
        if !binding.stages.iter().any(|known| known == stage.as_str()) {
            return false;
        }
        let by = self.context.who.clone();
        self.follow(Fact::DeploymentIntended {
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            purpose,
            connection: binding.connection,
            pipeline: binding.pipeline,
            by,
        });
        true
    }

    fn settle_once(&mut self, service: &ServiceId) -> bool {
        let Some(line) = self.state.lines.get(service) else { return false };
        let blocks: Vec<(StageKey, Option<BuildId>)> =
            line.sections.iter().map(|(key, block)| (key.clone(), block.occupant.clone())).collect();
        for (key, occupant) in &blocks {
            let Some(build) = occupant.as_ref().and_then(|build| self.state.builds.get(build)).cloned()
            else {
                continue;
            };
            if self.settle_occupant(&build, key) {
                return true;
            }
        }
        self.end_waiting(service) || self.admit_next(service)
    }

    fn settle_occupant(&mut self, build: &Build, key: &StageKey) -> bool {
        let Some(stage) = self.state.stage_of(build, key).cloned() else { return false };
        let phase = build.visit(key).map_or(Phase::Undecided, |visit| visit.phase());
        let (id, service, stage_key) = (build.id.clone(), build.service.clone(), key.clone());
        let running = matches!(phase, Phase::Deploying | Phase::Unknown);
        if let Some(Standing::InStage { ending: Some(rejected_in), .. }) = build.standings.get(key) {
            let rejected_in = rejected_in.clone();
            if running {
                return false;
            }
            let Some(Veto { by, reason, .. }) = build.vetoed.clone() else {
                self.follow(Fact::BuildEnded { build: id, service, stage: stage_key, rejected_in });
                return true;
            };
            let rejected =
                self.follow(Fact::BuildRejected { build: id, service, stage: stage_key, by, reason });
            self.cause = Some(rejected);
            self.answer_gate(build, key, false);
            return true;
        }
        if phase == Phase::Stopped && stage.on_failure == OnFailure::Open {
            let reason = failure_of(build, key);
            self.follow(Fact::BuildFailed { build: id, service, stage: stage_key, reason });
            return true;
        }
        if !gate_status(&self.state, build, &stage).is_open() {
            return false;
        }
        let passed = self.follow(Fact::BuildPassed { build: id, service, stage: stage_key });
        self.cause = Some(passed);
        self.answer_gate(build, key, true);
        let next: Vec<Stage> = self
            .state
            .process_of(build)
            .map(|process| process.successors(key).cloned().collect())
            .unwrap_or_default();
        self.candidate(&build.id, &next);
        true
    }

    /// Takes builds that were rejected elsewhere or vetoed out of the waiting lists (L5, R6).
    fn end_waiting(&mut self, service: &ServiceId) -> bool {
        let Some(line) = self.state.lines.get(service) else { return false };
        let over = line.sections.iter().find_map(|(key, block)| {
            block.waiting.iter().find_map(|id| {
                let build = self.state.builds.get(id)?;
                let (id, service, stage) = (id.clone(), service.clone(), key.clone());
                if let Some(Veto { by, reason, .. }) = build.vetoed.clone() {
                    return Some(Fact::BuildRejected { build: id, service, stage, by, reason });
                }
                let rejected_in = build.rejected_at()?.clone();
                Some(Fact::BuildEnded { build: id, service, stage, rejected_in })
            })
        });
        let Some(fact) = over else { return false };
        self.follow(fact);
        true
    }

    /// Admits the next waiting build of a stage that is free (L4).
    fn admit_next(&mut self, service: &ServiceId) -> bool {
        let Some(line) = self.state.lines.get(service) else { return false };
        let next = line.sections.iter().find_map(|(key, block)| {
            let free = block.occupant.is_none()
                && block.hold.is_none()
                && !is_rolling_back(&self.state, service, key);
            let free = free && !self.state.is_gated(service, key);
            let build = block.waiting.first().filter(|_| free)?;
            let stage = self.state.stage_of(self.state.builds.get(build)?, key)?;
            Some((build.clone(), stage.clone()))
        });
        let Some((build, stage)) = next else { return false };
        self.admit(&build, &stage, Admitted::Automatic, String::new());
        true
    }

    /// Marks approvals whose packet changed after they were given (S3).
    pub(super) fn stale_signoffs(&mut self, service: &ServiceId) {
        if self.asked {
            return;
        }
        let Some(line) = self.state.lines.get(service) else { return };
        let mut stale = Vec::new();
        for (key, block) in &line.sections {
            let Some(build) = block.occupant.as_ref().and_then(|build| self.state.builds.get(build)) else {
                continue;
            };
            let Some(stage) = self.state.stage_of(build, key) else { continue };
            let Some(visit) = build.visit(key) else { continue };
            if visit.valid_signoffs().next().is_none() {
                continue;
            }
            let now = gate_packet(&self.state, build, stage);
            for given in visit.valid_signoffs() {
                let changes = given.packet.changes_to(&now);
                if !changes.is_empty() {
                    let lines = changes
                        .into_iter()
                        .map(|change| format!("{}: “{}” → “{}”", change.line, change.before, change.now))
                        .collect();
                    stale.push(Fact::SignoffStaled {
                        signoff: given.id.clone(),
                        build: build.id.clone(),
                        service: service.clone(),
                        stage: key.clone(),
                        lines,
                    });
                }
            }
        }
        for fact in stale {
            self.follow(fact);
        }
    }
}

/// What failed, in one line.
fn failure_of(build: &Build, stage: &StageKey) -> String {
    let Some(visit) = build.visit(stage) else { return String::new() };
    match visit.checks.iter().find(|check| !check.passed) {
        Some(check) => format!("{}: {}", check.name, check.summary),
        None => visit.deployment().map(|last| last.detail.clone()).unwrap_or_default(),
    }
}
