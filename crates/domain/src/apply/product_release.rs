//! Folds facts about releasing and testing a product as a whole, and about vetoes.

use crate::fact::{Fact, Meta};
use crate::id::{BuildId, ProductId, ServiceId};
use crate::line::{Standing, Veto};
use crate::product::Releasing;
use crate::product_release::{MemberSent, ReleaseDecision, Resumption};
use crate::product_test::ProductTest;
use crate::state::{Ref, State};
use crate::trigger::Armed;

/// How many tests of a product are remembered beside those that are open.
const TESTS_KEPT: usize = 10;

impl State {
    /// Decisions on releases, product tests, membership, triggers, vetoes.
    pub(super) fn apply_product_release(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::ReleaseDecided { release, stage, builds, role, comment, .. } => {
                self.release_mut(release, |value| {
                    value.decisions.push(ReleaseDecision {
                        id: meta.id.clone(),
                        stage: stage.clone(),
                        by: meta.author.clone(),
                        role: role.clone(),
                        at: meta.at,
                        comment: comment.clone(),
                        builds: builds.clone(),
                        sent: Vec::new(),
                        resumed: Vec::new(),
                    });
                })
            }
            Fact::ReleaseResumed { release, stage, reason, .. } => self.release_mut(release, |value| {
                for decision in value.decisions.iter_mut().filter(|known| known.stage == *stage) {
                    decision.resumed.push(Resumption {
                        id: meta.id.clone(),
                        by: meta.author.clone(),
                        at: meta.at,
                        reason: reason.clone(),
                    });
                }
            }),
            Fact::ReleaseMemberSent { release, service, build, stage, course, gate, by, reasons } => self
                .release_mut(release, |value| {
                    for decision in value.decisions.iter_mut().filter(|known| known.stage == *stage) {
                        decision.sent.push(MemberSent {
                            id: meta.id.clone(),
                            service: service.clone(),
                            build: build.clone(),
                            course: *course,
                            gate: gate.clone(),
                            reasons: reasons.clone(),
                            by: by.clone(),
                            at: meta.at,
                        });
                    }
                }),
            Fact::MembershipSet { product, membership } => {
                self.releasing_mut(product, |value| value.membership = Some(membership.clone()))
            }
            Fact::TriggerSet { product, trigger } => self.releasing_mut(product, |value| {
                value.trigger = trigger.clone().map(|trigger| Armed { trigger, since: meta.at });
            }),
            Fact::ProductTestBound { product, binding } => {
                self.releasing_mut(product, |value| value.test.clone_from(binding))
            }
            Fact::ProductTestIntended { product, stage, builds, by, due, .. } => {
                self.releasing_mut(product, |value| {
                    value.fired = value.fired.max(*due);
                    remember(
                        value,
                        ProductTest {
                            id: meta.id.clone(),
                            stage: stage.clone(),
                            builds: builds.clone(),
                            by: by.clone(),
                            at: meta.at,
                            due: *due,
                            outcome: None,
                            summary: String::new(),
                            ended: None,
                            left_out: Vec::new(),
                        },
                    );
                })
            }
            Fact::ProductTestEnded { product, stage, test, outcome, builds, left_out, summary, .. } => self
                .releasing_mut(product, |value| {
                    let known = value.tests.iter_mut().find(|known| Some(&known.id) == test.as_ref());
                    if let Some(known) = known {
                        known.outcome = Some(*outcome);
                        known.summary.clone_from(summary);
                        known.ended = Some(meta.at);
                        known.left_out.clone_from(left_out);
                        return;
                    }
                    remember(
                        value,
                        ProductTest {
                            id: test.clone().unwrap_or_else(|| meta.id.clone()),
                            stage: stage.clone(),
                            builds: builds.clone(),
                            by: meta.author.clone(),
                            at: meta.at,
                            due: None,
                            outcome: Some(*outcome),
                            summary: summary.clone(),
                            ended: Some(meta.at),
                            left_out: left_out.clone(),
                        },
                    );
                }),
            Fact::BuildVetoed { build, service, reason } => {
                let veto = Veto { by: meta.author.clone(), at: meta.at, reason: reason.clone() };
                self.veto(build, service, veto);
            }
            _ => return false,
        }
        true
    }

    fn releasing_mut(&mut self, product: &ProductId, change: impl FnOnce(&mut Releasing)) {
        if let Some(value) = self.products.get_mut(product) {
            change(&mut value.releasing);
            self.touched.insert(Ref::Product(product.clone()));
        }
    }

    /// Marks a build as vetoed: where it still stands its delivery ends, and nobody comes back to it.
    fn veto(&mut self, build: &BuildId, service: &ServiceId, veto: Veto) {
        if let Some(value) = self.builds.get_mut(build) {
            value.vetoed = Some(veto);
            value.live = value.is_moving();
            for (stage, standing) in &mut value.standings {
                if let Standing::InStage { ending, .. } = standing {
                    ending.get_or_insert_with(|| stage.clone());
                }
            }
            self.touched.insert(Ref::Build(build.clone()));
        }
        if let Some(line) = self.line_mut(service) {
            line.sections.values_mut().for_each(|block| block.good.retain(|good| good != build));
        }
    }
}

/// Adds a test and forgets the oldest ones that are over.
fn remember(releasing: &mut Releasing, test: ProductTest) {
    releasing.tests.push(test);
    while releasing.tests.iter().filter(|test| !test.is_open()).count() > TESTS_KEPT {
        let Some(oldest) = releasing.tests.iter().position(|test| !test.is_open()) else { return };
        releasing.tests.remove(oldest);
    }
}
