//! Folds facts about features and the issue log.

use crate::fact::{Fact, Meta};
use crate::feature::{Feature, FeatureSignOff, FeatureState, FeatureStep};
use crate::id::{BuildId, FeatureKey, StageKey};
use crate::issue::Issue;
use crate::state::{Ref, State};

impl State {
    /// Features and the issue log.
    pub(super) fn apply_log(&mut self, meta: &Meta, fact: &Fact) {
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

    pub(super) fn feature_mut(&mut self, feature: &FeatureKey, change: impl FnOnce(&mut Feature)) {
        if let Some(value) = self.features.get_mut(feature) {
            change(value);
            self.touched.insert(Ref::Feature(feature.clone()));
        }
    }

    pub(super) fn carry(&mut self, meta: &Meta, feature: &FeatureKey, build: &BuildId) {
        self.feature_mut(feature, |value| {
            value.builds.push(build.clone());
            advance(value, FeatureState::Merged, meta, build);
        });
    }

    pub(super) fn mark_features(&mut self, meta: &Meta, build: &BuildId, stage: &StageKey) {
        let Some(value) = self.builds.get(build) else { return };
        let Some(mark) = self.stage_of(value, stage).and_then(|stage| stage.marks) else { return };
        for feature in value.content.features.clone() {
            self.feature_mut(&feature, |value| advance(value, mark, meta, build));
        }
    }
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
