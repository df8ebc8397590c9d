//! Folds facts about builds and lines.

use crate::fact::{Fact, Meta};
use crate::id::{BuildId, ServiceId, StageKey};
use crate::line::{
    Admission, Block, Build, CheckResult, Deployment, DeploymentKind, Hold, ItemMark, Line, Outcome, SignOff,
    Standing, Visit, Void,
};
use crate::state::{Ref, State};

/// How many builds that passed a stage are remembered as roll-back candidates.
const GOOD_KEPT: usize = 10;

impl State {
    /// Builds and lines.
    pub(super) fn apply_line(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::BuildArrived { build, service, product, number, content, author, strategy } => {
                let value = Build {
                    id: build.clone(),
                    service: service.clone(),
                    product: product.clone(),
                    number: *number,
                    content: content.clone(),
                    author: author.clone(),
                    arrived: meta.at,
                    strategy: *strategy,
                    standings: Default::default(),
                    visits: Default::default(),
                    live: true,
                    vetoed: None,
                };
                self.builds.insert(build.clone(), value);
                self.touched.insert(Ref::Build(build.clone()));
                if let Some(line) = self.line_mut(service) {
                    line.arrived = line.arrived.max(*number);
                    line.source = Some(build.clone());
                }
                for feature in &content.features {
                    self.carry(meta, feature, build);
                }
            }
            Fact::BuildQueued { build, service, stage } => {
                self.stand(build, stage, Standing::Waiting { since: meta.at });
                self.block_mut(service, stage, |block| block.waiting.push(build.clone()));
            }
            Fact::BuildSuperseded { build, service, stage, by } => {
                self.stand(build, stage, Standing::Superseded { at: meta.at, by: by.clone() });
                self.block_mut(service, stage, |block| block.waiting.retain(|waiting| waiting != build));
            }
            Fact::BuildAdmitted { build, service, stage, how, by, reason } => {
                self.stand(build, stage, Standing::InStage { since: meta.at, ending: None });
                self.visit_mut(build, stage, |visit| {
                    visit.admitted =
                        Some(Admission { at: meta.at, how: *how, by: by.clone(), reason: reason.clone() });
                    visit.checks.clear();
                });
                self.block_mut(service, stage, |block| {
                    block.waiting.retain(|waiting| waiting != build);
                    block.occupant = Some(build.clone());
                    block.shown = Some(build.clone());
                });
            }
            Fact::DeploymentIntended { build, stage, purpose, by, .. } => {
                self.visit_mut(build, stage, |visit| {
                    visit.deployments.push(Deployment {
                        id: meta.id.clone(),
                        kind: *purpose,
                        at: meta.at,
                        by: by.clone(),
                        outcome: None,
                        detail: String::new(),
                        ended: None,
                        run: None,
                    });
                });
            }
            Fact::DeploymentEnded { deployment, build, service, stage, outcome, detail } => {
                let mut back = false;
                self.visit_mut(build, stage, |visit| {
                    for known in visit.deployments.iter_mut().filter(|known| known.id == *deployment) {
                        known.outcome = Some(*outcome);
                        known.detail.clone_from(detail);
                        known.ended = Some(meta.at);
                        back = known.kind == DeploymentKind::RollBack;
                    }
                });
                if *outcome == Outcome::Succeeded {
                    self.block_mut(service, stage, |block| {
                        block.deployed = Some(build.clone());
                        // What was explained, was explained of the deployment before.
                        block.explained.clear();
                        if back {
                            block.shown = Some(build.clone());
                        }
                    });
                }
            }
            Fact::CheckRecorded { build, stage, check, passed, source, summary, .. } => {
                self.visit_mut(build, stage, |visit| {
                    visit.checks.retain(|known| known.name != *check);
                    visit.checks.push(CheckResult {
                        name: check.clone(),
                        passed: *passed,
                        source: source.clone(),
                        summary: summary.clone(),
                        at: meta.at,
                    });
                });
            }
            Fact::ChecklistMarked { build, stage, item, state, reason, .. } => {
                let mark =
                    ItemMark { state: *state, reason: reason.clone(), by: meta.author.clone(), at: meta.at };
                self.visit_mut(build, stage, |visit| {
                    visit.items.insert(item.clone(), mark);
                });
            }
            Fact::GateSigned { build, stage, approved, role, meaning, comment, packet, .. } => {
                self.visit_mut(build, stage, |visit| {
                    visit.signoffs.push(SignOff {
                        id: meta.id.clone(),
                        person: meta.author.clone(),
                        role: role.clone(),
                        approved: *approved,
                        meaning: *meaning,
                        comment: comment.clone(),
                        at: meta.at,
                        packet: packet.clone(),
                        void: None,
                    });
                });
            }
            Fact::SignoffWithdrawn { signoff, build, stage, reason, .. } => {
                let void = Void::Withdrawn { reason: reason.clone() };
                self.visit_mut(build, stage, |visit| {
                    visit
                        .signoffs
                        .iter_mut()
                        .filter(|given| given.id == *signoff)
                        .for_each(|given| given.void = Some(void.clone()));
                });
            }
            Fact::SignoffStaled { signoff, build, stage, lines, .. } => {
                let void = Void::Stale { lines: lines.clone() };
                self.visit_mut(build, stage, |visit| {
                    visit
                        .signoffs
                        .iter_mut()
                        .filter(|given| given.id == *signoff)
                        .for_each(|given| given.void = Some(void.clone()));
                });
            }
            Fact::BuildPassed { build, service, stage } => {
                self.stand(build, stage, Standing::Passed { at: meta.at });
                self.free(service, stage, build);
                self.block_mut(service, stage, |block| {
                    block.good.retain(|good| good != build);
                    block.good.insert(0, build.clone());
                    block.good.truncate(GOOD_KEPT);
                });
                self.mark_features(meta, build, stage);
                self.archive_older(service, build);
            }
            Fact::BuildRejected { build, service, stage, by, reason } => {
                let rejected = Standing::Rejected { at: meta.at, by: by.clone(), reason: reason.clone() };
                self.stand(build, stage, rejected);
                self.free(service, stage, build);
                self.block_mut(service, stage, |block| block.waiting.retain(|waiting| waiting != build));
                self.mark_ending(build, stage);
            }
            Fact::BuildFailed { build, service, stage, reason } => {
                self.stand(build, stage, Standing::Failed { at: meta.at, reason: reason.clone() });
                self.free(service, stage, build);
            }
            Fact::BuildEnded { build, service, stage, rejected_in } => {
                self.stand(build, stage, Standing::Ended { at: meta.at, rejected_in: rejected_in.clone() });
                self.free(service, stage, build);
                self.block_mut(service, stage, |block| block.waiting.retain(|waiting| waiting != build));
            }
            Fact::StageHeld { service, stage, reason } => {
                let hold = Hold { by: meta.author.clone(), since: meta.at, reason: reason.clone() };
                self.block_mut(service, stage, |block| block.hold = Some(hold.clone()));
            }
            Fact::StageReleased { service, stage, .. } => {
                self.block_mut(service, stage, |block| block.hold = None)
            }
            _ => return false,
        }
        true
    }

    pub(super) fn line_mut(&mut self, service: &ServiceId) -> Option<&mut Line> {
        self.touched.insert(Ref::Line(service.clone()));
        self.lines.get_mut(service)
    }

    pub(super) fn block_mut(
        &mut self,
        service: &ServiceId,
        stage: &StageKey,
        change: impl FnOnce(&mut Block),
    ) {
        if let Some(line) = self.line_mut(service) {
            change(line.sections.entry(stage.clone()).or_default());
        }
    }

    pub(super) fn stand(&mut self, build: &BuildId, stage: &StageKey, standing: Standing) {
        if let Some(value) = self.builds.get_mut(build) {
            value.standings.insert(stage.clone(), standing);
            let over = value.standings.values().any(|standing| {
                matches!(
                    standing,
                    Standing::Rejected { .. } | Standing::Superseded { .. } | Standing::Ended { .. }
                )
            });
            value.live = value.is_moving() || !(over || value.vetoed.is_some());
            self.touched.insert(Ref::Build(build.clone()));
        }
    }

    pub(super) fn visit_mut(&mut self, build: &BuildId, stage: &StageKey, change: impl FnOnce(&mut Visit)) {
        if let Some(value) = self.builds.get_mut(build) {
            change(value.visits.entry(stage.clone()).or_default());
            self.touched.insert(Ref::Build(build.clone()));
        }
    }

    /// Opens the lock if the build holds it; the build stays displayed (L7).
    pub(super) fn free(&mut self, service: &ServiceId, stage: &StageKey, build: &BuildId) {
        self.block_mut(service, stage, |block| {
            if block.occupant.as_ref() == Some(build) {
                block.occupant = None;
            }
        });
    }

    /// Remembers in every other stage that holds the rejected build that its delivery is over.
    pub(super) fn mark_ending(&mut self, build: &BuildId, rejected_in: &StageKey) {
        if let Some(value) = self.builds.get_mut(build) {
            for standing in value.standings.values_mut() {
                if let Standing::InStage { ending, .. } = standing {
                    *ending = Some(rejected_in.clone());
                }
            }
        }
    }

    /// Puts away the older builds that lie still once a newer one reached every end of the path.
    pub(super) fn archive_older(&mut self, service: &ServiceId, build: &BuildId) {
        let Some(newest) = self.builds.get(build) else { return };
        let Some(process) = self.process_of(newest) else { return };
        let ends: Vec<_> = process.on_path().filter(|stage| process.is_last(&stage.key)).collect();
        if ends.is_empty() || !ends.iter().all(|stage| newest.passed(&stage.key)) {
            return;
        }
        let number = newest.number;
        for value in self.builds.values_mut() {
            if value.service == *service && value.number <= number && value.live && !value.is_moving() {
                value.live = false;
                self.touched.insert(Ref::Build(value.id.clone()));
            }
        }
    }
}
