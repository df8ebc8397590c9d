//! Folds facts about releases and their plans.

use crate::fact::{Fact, Meta};
use crate::release::{GoVoice, REHEARSED, Release, SECTIONS, Section, Step, StepState, Waiver};
use crate::state::{Ref, State};

impl State {
    /// Releases and their plans.
    pub(super) fn apply_release(&mut self, meta: &Meta, fact: &Fact) -> bool {
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
                    decisions: Vec::new(),
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

    pub(super) fn release_mut(&mut self, release: &crate::id::ReleaseId, change: impl FnOnce(&mut Release)) {
        if let Some(value) = self.releases.get_mut(release) {
            change(value);
            self.touched.insert(Ref::Release(release.clone()));
        }
    }
}

fn empty_section(key: &str) -> Section {
    Section { key: key.to_owned(), text: String::new(), waived: None, rehearsal: None, written: None }
}
