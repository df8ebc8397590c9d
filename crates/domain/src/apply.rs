//! Folds one fact into the state. Never refuses and never decides: what is recorded, happened.

use crate::fact::{Fact, Meta};
use crate::feature::{Feature, FeatureSignOff, FeatureState, FeatureStep};
use crate::id::{BuildId, FeatureKey, ServiceId, StageKey};
use crate::issue::Issue;
use crate::line::{
    Admission, Block, Build, CheckResult, Deployment, DeploymentKind, Hold, ItemMark, Line, Outcome, SignOff,
    Standing, Visit, Void,
};
use crate::person::{Key, Person};
use crate::product::{Binding, Connection, Product, Service};
use crate::release::{GoVoice, REHEARSED, Release, SECTIONS, Section, Step, StepState, Waiver};
use crate::state::{LedgerInfo, Ref, State};
use crate::strategy::{Cosignature, Strategy};

/// How many builds that passed a stage are remembered as roll-back candidates.
const GOOD_KEPT: usize = 10;

impl State {
    /// Folds a fact into the state.
    pub fn apply(&mut self, meta: &Meta, fact: &Fact) {
        if !self.apply_desk(meta, fact) && !self.apply_line(meta, fact) && !self.apply_release(meta, fact) {
            self.apply_log(meta, fact);
        }
    }

    /// People, products, connections, strategies.
    fn apply_desk(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::LedgerOpened { name } => {
                self.ledger = Some(LedgerInfo { name: name.clone(), opened: meta.at });
                self.touched.insert(Ref::Ledger);
            }
            Fact::PersonEnrolled { person, handle, name, roles, fingerprint, public, machine } => {
                let key = Key {
                    fingerprint: fingerprint.clone(),
                    public: public.clone(),
                    enrolled: meta.at,
                    revoked: None,
                };
                let value = Person {
                    id: person.clone(),
                    handle: handle.clone(),
                    name: name.clone(),
                    roles: roles.clone(),
                    keys: vec![key],
                    machine: *machine,
                };
                self.people.insert(person.clone(), value);
                self.touched.insert(Ref::Person(person.clone()));
            }
            Fact::RolesSet { person, roles, .. } => {
                if let Some(value) = self.people.get_mut(person) {
                    value.roles.clone_from(roles);
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::KeyEnrolled { person, fingerprint, public } => {
                if let Some(value) = self.people.get_mut(person) {
                    value.keys.push(Key {
                        fingerprint: fingerprint.clone(),
                        public: public.clone(),
                        enrolled: meta.at,
                        revoked: None,
                    });
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::KeyRevoked { person, fingerprint, .. } => {
                if let Some(value) = self.people.get_mut(person) {
                    for key in value.keys.iter_mut().filter(|key| key.fingerprint == *fingerprint) {
                        key.revoked = Some(meta.at);
                    }
                    self.touched.insert(Ref::Person(person.clone()));
                }
            }
            Fact::ProductCreated { product, key, name } => {
                let value = Product {
                    id: product.clone(),
                    key: key.clone(),
                    name: name.clone(),
                    services: Vec::new(),
                    strategy: None,
                    strategy_latest: 0,
                    issues: 0,
                    releases_finished: 0,
                };
                self.products.insert(product.clone(), value);
                self.touched.insert(Ref::Product(product.clone()));
            }
            Fact::ServiceAdded { product, service, name } => {
                if let Some(value) = self.products.get_mut(product) {
                    value.services.push(Service { id: service.clone(), name: name.clone(), pipeline: None });
                    self.touched.insert(Ref::Product(product.clone()));
                }
                self.lines.insert(service.clone(), Line::new(service.clone(), product.clone()));
                self.touched.insert(Ref::Line(service.clone()));
            }
            Fact::ConnectionAdded { connection, system, name } => {
                let value = Connection { id: connection.clone(), kind: system.clone(), name: name.clone() };
                self.connections.insert(connection.clone(), value);
                self.touched.insert(Ref::Connection(connection.clone()));
            }
            Fact::ServiceBound { service, product, connection, pipeline, stages } => {
                if let Some(value) = self.products.get_mut(product) {
                    for bound in value.services.iter_mut().filter(|known| known.id == *service) {
                        bound.pipeline = Some(Binding {
                            connection: connection.clone(),
                            pipeline: pipeline.clone(),
                            stages: stages.clone(),
                        });
                    }
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            Fact::StrategyDrafted { product, version, content } => {
                let value = Strategy {
                    product: product.clone(),
                    version: *version,
                    content: (**content).clone(),
                    author: meta.author.clone(),
                    at: meta.at,
                    cosigned: Vec::new(),
                    activated: None,
                };
                self.strategies.insert((product.clone(), *version), value);
                self.touched.insert(Ref::Strategy(product.clone(), *version));
                if let Some(value) = self.products.get_mut(product) {
                    value.strategy_latest = value.strategy_latest.max(*version);
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            Fact::StrategyCosigned { product, version, role, .. } => {
                if let Some(value) = self.strategies.get_mut(&(product.clone(), *version)) {
                    value.cosigned.push(Cosignature {
                        person: meta.author.clone(),
                        role: role.clone(),
                        at: meta.at,
                    });
                    self.touched.insert(Ref::Strategy(product.clone(), *version));
                }
            }
            Fact::StrategyActivated { product, version } => {
                if let Some(value) = self.strategies.get_mut(&(product.clone(), *version)) {
                    value.activated = Some(meta.at);
                    self.touched.insert(Ref::Strategy(product.clone(), *version));
                }
                if let Some(value) = self.products.get_mut(product) {
                    value.strategy = Some(*version);
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            _ => return false,
        }
        true
    }

    /// Builds and lines.
    fn apply_line(&mut self, meta: &Meta, fact: &Fact) -> bool {
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

    /// Releases and their plans.
    fn apply_release(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::ReleaseCreated { release, product, name, strategy, planned } => {
                let sections = SECTIONS.iter().map(|(key, _)| empty_section(key)).collect();
                let value = Release {
                    id: release.clone(),
                    product: product.clone(),
                    name: name.clone(),
                    strategy: *strategy,
                    owner: meta.author.clone(),
                    at: meta.at,
                    planned: *planned,
                    builds: Vec::new(),
                    sections,
                    steps: Vec::new(),
                    voices: Vec::new(),
                    finished: None,
                    outcome: String::new(),
                };
                self.releases.insert(release.clone(), value);
                self.touched.insert(Ref::Release(release.clone()));
            }
            Fact::ReleaseComposed { release, builds } => self.release_mut(release, |value| {
                value.builds.clone_from(builds);
                value.voices.iter_mut().for_each(|voice| voice.current = false);
            }),
            Fact::PlanSectionWritten { release, section, text, rehearsal } => {
                self.release_mut(release, |value| {
                    for known in value.sections.iter_mut().filter(|known| known.key == *section) {
                        known.text.clone_from(text);
                        if REHEARSED.contains(&section.as_str()) && rehearsal.is_some() {
                            known.rehearsal.clone_from(rehearsal);
                        }
                        known.written = Some((meta.author.clone(), meta.at));
                    }
                })
            }
            Fact::PlanSectionWaived { release, section, reason } => self.release_mut(release, |value| {
                for known in value.sections.iter_mut().filter(|known| known.key == *section) {
                    known.waived = reason.as_ref().map(|reason| Waiver {
                        by: meta.author.clone(),
                        at: meta.at,
                        reason: reason.clone(),
                    });
                }
            }),
            Fact::PlanStepSet { release, step, title, phase, owner, planned, minutes, after, automated } => {
                let fresh = Step {
                    id: step.clone(),
                    title: title.clone(),
                    phase: phase.clone(),
                    owner: owner.clone(),
                    planned: *planned,
                    minutes: *minutes,
                    after: after.clone(),
                    automated: *automated,
                    state: StepState::Open,
                    evidence: String::new(),
                    reason: String::new(),
                    moved: None,
                };
                self.release_mut(release, |value| {
                    match value.steps.iter_mut().find(|known| known.id == *step) {
                        Some(known) => {
                            let old = known.clone();
                            *known = Step {
                                state: old.state,
                                evidence: old.evidence,
                                reason: old.reason,
                                moved: old.moved,
                                ..fresh.clone()
                            };
                        }
                        None => value.steps.push(fresh.clone()),
                    }
                });
            }
            Fact::PlanStepRemoved { release, step } => self.release_mut(release, |value| {
                value.steps.retain(|known| known.id != *step);
                value.steps.iter_mut().for_each(|known| known.after.retain(|before| before != step));
            }),
            Fact::PlanStepMoved { release, step, state, reason, evidence } => {
                self.release_mut(release, |value| {
                    for known in value.steps.iter_mut().filter(|known| known.id == *step) {
                        known.state = *state;
                        known.reason.clone_from(reason);
                        known.evidence.clone_from(evidence);
                        known.moved = Some((meta.author.clone(), meta.at));
                    }
                })
            }
            Fact::GoVoiced { release, role, go, comment } => self.release_mut(release, |value| {
                value.voices.push(GoVoice {
                    id: meta.id.clone(),
                    person: meta.author.clone(),
                    role: role.clone(),
                    go: *go,
                    comment: comment.clone(),
                    at: meta.at,
                    current: true,
                });
            }),
            Fact::ReleaseFinished { release, outcome } => {
                self.release_mut(release, |value| {
                    value.finished = Some(meta.at);
                    value.outcome.clone_from(outcome);
                });
                let product = self.releases.get(release).map(|value| value.product.clone());
                if let Some(value) = product.and_then(|product| self.products.get_mut(&product)) {
                    value.releases_finished += 1;
                    self.touched.insert(Ref::Product(value.id.clone()));
                }
            }
            _ => return false,
        }
        true
    }

    /// Features and the issue log.
    fn apply_log(&mut self, meta: &Meta, fact: &Fact) {
        match fact {
            Fact::FeatureRequested { feature, product, title, requester } => {
                let first = FeatureStep {
                    state: FeatureState::Requested,
                    at: meta.at,
                    by: Some(meta.author.clone()),
                    build: None,
                    evidence: String::new(),
                };
                let value = Feature {
                    key: feature.clone(),
                    product: product.clone(),
                    title: title.clone(),
                    requester: requester.clone(),
                    developer: None,
                    history: vec![first],
                    builds: Vec::new(),
                    signoffs: Vec::new(),
                };
                self.features.insert(feature.clone(), value);
                self.touched.insert(Ref::Feature(feature.clone()));
            }
            Fact::FeatureMoved { feature, state, developer, evidence } => {
                self.feature_mut(feature, |value| {
                    if developer.is_some() {
                        value.developer.clone_from(developer);
                    }
                    value.history.push(FeatureStep {
                        state: *state,
                        at: meta.at,
                        by: Some(meta.author.clone()),
                        build: None,
                        evidence: evidence.clone(),
                    });
                })
            }
            Fact::FeatureSigned { feature, build, approved, comment, .. } => {
                self.feature_mut(feature, |value| {
                    value.signoffs.push(FeatureSignOff {
                        id: meta.id.clone(),
                        build: build.clone(),
                        person: meta.author.clone(),
                        approved: *approved,
                        comment: comment.clone(),
                        at: meta.at,
                    });
                })
            }
            Fact::IssueRecorded { issue, key, product, report } => {
                let value = Issue {
                    id: issue.clone(),
                    key: key.clone(),
                    product: product.clone(),
                    report: report.clone(),
                    author: meta.author.clone(),
                    at: meta.at,
                    met: vec![meta.at],
                    lesson: None,
                    closed: None,
                };
                self.issues.insert(issue.clone(), value);
                self.touched.insert(Ref::Issue(issue.clone()));
                if let Some(value) = self.products.get_mut(product) {
                    value.issues += 1;
                    self.touched.insert(Ref::Product(product.clone()));
                }
            }
            Fact::IssueAmended { issue, report } => {
                if let Some(value) = self.issues.get_mut(issue) {
                    value.report = report.clone();
                    self.touched.insert(Ref::Issue(issue.clone()));
                }
            }
            Fact::IssueMet { issue, .. } => {
                if let Some(value) = self.issues.get_mut(issue) {
                    value.met.push(meta.at);
                    self.touched.insert(Ref::Issue(issue.clone()));
                }
            }
            Fact::IssueClosed { issue, lesson } => {
                if let Some(value) = self.issues.get_mut(issue) {
                    value.lesson = Some(lesson.clone());
                    value.closed = Some(meta.at);
                    self.touched.insert(Ref::Issue(issue.clone()));
                }
            }
            // Facts that are about the register itself change nothing else.
            _ => {}
        }
    }

    fn line_mut(&mut self, service: &ServiceId) -> Option<&mut Line> {
        self.touched.insert(Ref::Line(service.clone()));
        self.lines.get_mut(service)
    }

    fn block_mut(&mut self, service: &ServiceId, stage: &StageKey, change: impl FnOnce(&mut Block)) {
        if let Some(line) = self.line_mut(service) {
            change(line.sections.entry(stage.clone()).or_default());
        }
    }

    fn stand(&mut self, build: &BuildId, stage: &StageKey, standing: Standing) {
        if let Some(value) = self.builds.get_mut(build) {
            value.standings.insert(stage.clone(), standing);
            let over = value.standings.values().any(|standing| {
                matches!(
                    standing,
                    Standing::Rejected { .. } | Standing::Superseded { .. } | Standing::Ended { .. }
                )
            });
            value.live = value.is_moving() || !over;
            self.touched.insert(Ref::Build(build.clone()));
        }
    }

    fn visit_mut(&mut self, build: &BuildId, stage: &StageKey, change: impl FnOnce(&mut Visit)) {
        if let Some(value) = self.builds.get_mut(build) {
            change(value.visits.entry(stage.clone()).or_default());
            self.touched.insert(Ref::Build(build.clone()));
        }
    }

    fn release_mut(&mut self, release: &crate::id::ReleaseId, change: impl FnOnce(&mut Release)) {
        if let Some(value) = self.releases.get_mut(release) {
            change(value);
            self.touched.insert(Ref::Release(release.clone()));
        }
    }

    fn feature_mut(&mut self, feature: &FeatureKey, change: impl FnOnce(&mut Feature)) {
        if let Some(value) = self.features.get_mut(feature) {
            change(value);
            self.touched.insert(Ref::Feature(feature.clone()));
        }
    }

    /// Opens the lock if the build holds it; the build stays displayed (L7).
    fn free(&mut self, service: &ServiceId, stage: &StageKey, build: &BuildId) {
        self.block_mut(service, stage, |block| {
            if block.occupant.as_ref() == Some(build) {
                block.occupant = None;
            }
        });
    }

    /// Remembers in every other stage that holds the rejected build that its delivery is over.
    fn mark_ending(&mut self, build: &BuildId, rejected_in: &StageKey) {
        if let Some(value) = self.builds.get_mut(build) {
            for standing in value.standings.values_mut() {
                if let Standing::InStage { ending, .. } = standing {
                    *ending = Some(rejected_in.clone());
                }
            }
        }
    }

    fn carry(&mut self, meta: &Meta, feature: &FeatureKey, build: &BuildId) {
        self.feature_mut(feature, |value| {
            value.builds.push(build.clone());
            advance(value, FeatureState::Merged, meta, build);
        });
    }

    fn mark_features(&mut self, meta: &Meta, build: &BuildId, stage: &StageKey) {
        let Some(value) = self.builds.get(build) else { return };
        let Some(mark) = self.stage_of(value, stage).and_then(|stage| stage.marks) else { return };
        for feature in value.content.features.clone() {
            self.feature_mut(&feature, |value| advance(value, mark, meta, build));
        }
    }

    /// Puts away the older builds that lie still once a newer one reached every end of the path.
    fn archive_older(&mut self, service: &ServiceId, build: &BuildId) {
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

fn empty_section(key: &str) -> Section {
    Section { key: key.to_owned(), text: String::new(), waived: None, rehearsal: None, written: None }
}

fn advance(feature: &mut Feature, to: FeatureState, meta: &Meta, build: &BuildId) {
    if feature.state() < to {
        feature.history.push(FeatureStep {
            state: to,
            at: meta.at,
            by: None,
            build: Some(build.clone()),
            evidence: String::new(),
        });
    }
}
