//! Acts on features and the issue log (§7, §8, S8).

use super::sign::packet_blockers;
use super::{Act, Work, text_blocker};
use crate::fact::Fact;
use crate::feature::FeatureState;
use crate::id::{BuildId, FeatureKey, IssueId, PersonId, ProductId};
use crate::issue::{IssueReport, Lesson};
use crate::packet::Packet;
use crate::refusal::{Blocker, Refusal};
use crate::sheet::feature_packet;

impl Work<'_> {
    pub(super) fn log(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::RequestFeature { feature, product, title } => self.request_feature(feature, product, title),
            Act::MoveFeature { feature, to, developer, evidence } => {
                self.move_feature(feature, to, developer, evidence)
            }
            Act::SignFeature { feature, build, approved, comment, shown } => {
                self.sign_feature(feature, build, approved, comment, shown)
            }
            Act::RecordIssue { issue, product, report } => {
                let mut blockers = report_blockers(&report);
                if !self.state.products.contains_key(&product) {
                    blockers.push(Blocker::new(
                        "product.unknown",
                        "There is no such product.",
                        "Choose one from the list.",
                    ));
                }
                Refusal::unless_empty(blockers)?;
                self.record_issue_fact(issue, &product, report);
                self.settle_product(&product);
                Ok(())
            }
            Act::AmendIssue { issue, report } => {
                let product = self.open_issue(&issue)?;
                Refusal::unless_empty(report_blockers(&report))?;
                self.record(Fact::IssueAmended { issue, report });
                self.settle_product(&product);
                Ok(())
            }
            Act::MeetIssue { issue, note } => {
                let product = self.known_issue(&issue)?;
                Refusal::unless_empty(
                    text_blocker(&note, "issue.note-empty", "What was seen").into_iter().collect(),
                )?;
                self.record(Fact::IssueMet { issue, note });
                self.settle_product(&product);
                Ok(())
            }
            Act::CloseIssue { issue, lesson } => self.close_issue(issue, lesson),
            _ => Ok(()),
        }
    }

    /// Records a problem under the product's next number.
    pub(super) fn record_issue_fact(&mut self, issue: IssueId, product: &ProductId, report: IssueReport) {
        let key = self
            .state
            .products
            .get(product)
            .map(|product| format!("{}-ISS-{}", product.key, product.issues + 1))
            .unwrap_or_default();
        self.record(Fact::IssueRecorded { issue, key, product: product.clone(), report });
    }

    fn request_feature(
        &mut self,
        feature: FeatureKey,
        product: ProductId,
        title: String,
    ) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(text_blocker(&title, "feature.title-empty", "The feature's title"));
        let shape = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        if feature.as_str().is_empty() || !feature.as_str().chars().all(shape) {
            blockers.push(Blocker::new(
                "feature.key-malformed",
                format!("“{feature}” is no feature key."),
                "Use upper-case letters, digits and hyphens, for example HAR-301.",
            ));
        }
        if self.state.features.contains_key(&feature) {
            blockers.push(Blocker::new(
                "feature.key-taken",
                format!("{feature} is tracked already."),
                "Choose another key.",
            ));
        }
        if !self.state.products.contains_key(&product) {
            blockers.push(Blocker::new(
                "product.unknown",
                "There is no such product.",
                "Choose one from the list.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        let requester = self.context.who.clone();
        self.record(Fact::FeatureRequested { feature, product: product.clone(), title, requester });
        self.settle_product(&product);
        Ok(())
    }

    fn move_feature(
        &mut self,
        feature: FeatureKey,
        to: FeatureState,
        developer: Option<PersonId>,
        evidence: String,
    ) -> Result<(), Refusal> {
        let value = self.feature(&feature)?;
        let mut blockers = Vec::new();
        if to >= FeatureState::Merged {
            blockers.push(Blocker::new(
                "feature.follows-builds",
                format!("A feature is “{}” when a build brings it there.", to.name()),
                "Let a build that carries it arrive or pass the stage.",
            ));
        } else if value.state() >= to {
            blockers.push(Blocker::new(
                "feature.not-forward",
                format!("{feature} is already “{}”.", value.state().name()),
                "Choose a later state.",
            ));
        }
        if to >= FeatureState::InBranch && value.developer.is_none() && developer.is_none() {
            blockers.push(Blocker::new(
                "feature.developer-missing",
                "Nobody is named as the developer.",
                "Name who writes the change.",
            ));
        }
        if to == FeatureState::Reviewed
            && developer.as_ref().or(value.developer.as_ref()) == Some(&self.context.who)
        {
            blockers.push(Blocker::new(
                "feature.reviewer-is-developer",
                "The review is by another person than the developer.",
                "Ask someone else to review it.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::FeatureMoved { feature, state: to, developer, evidence });
        Ok(())
    }

    fn sign_feature(
        &mut self,
        feature: FeatureKey,
        build: BuildId,
        approved: bool,
        comment: String,
        shown: Packet,
    ) -> Result<(), Refusal> {
        let value = self.feature(&feature)?;
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(&["business-analyst", "tester"], "Signing off a feature"));
        let Some(carrier) = self.state.builds.get(&build).cloned() else {
            blockers.push(Blocker::new(
                "build.unknown",
                "There is no such build.",
                "Choose a build that carries the feature.",
            ));
            return Err(Refusal(blockers));
        };
        if !carrier.content.features.contains(&feature) {
            blockers.push(Blocker::new(
                "feature.not-carried",
                format!("{} does not carry {feature}.", carrier.content.label),
                "Choose a build that carries the feature.",
            ));
        }
        if value.developer.as_ref() == Some(&self.context.who) {
            blockers.push(Blocker::new(
                "feature.signer-is-developer",
                "You wrote this change; someone else signs it off.",
                "Ask the business analyst.",
            ));
        }
        blockers.extend(packet_blockers(&shown, &feature_packet(&self.state, &value, &carrier)));
        if !approved {
            blockers.extend(text_blocker(&comment, "reject.reason-empty", "The reason"));
        }
        Refusal::unless_empty(blockers)?;
        let role = self.context.role.clone();
        let signed = Fact::FeatureSigned { feature, build, approved, role, comment, packet: shown.clone() };
        self.record_over(signed, shown);
        self.stale_signoffs(&carrier.service);
        self.settle(&carrier.service);
        Ok(())
    }

    fn close_issue(&mut self, issue: IssueId, lesson: Lesson) -> Result<(), Refusal> {
        let product = self.open_issue(&issue)?;
        let mut blockers = Vec::new();
        match &lesson {
            Lesson::None { because } => {
                blockers.extend(text_blocker(because, "lesson.because-empty", "Why nothing is to be learnt"))
            }
            Lesson::ChecklistItem { stage, text } | Lesson::Gate { stage, text } => {
                blockers.extend(text_blocker(text, "lesson.text-empty", "The lesson"));
                let strategy = self.state.strategy_in_force(&product);
                if strategy.is_some_and(|strategy| strategy.content.process.stage(stage).is_none()) {
                    blockers.push(Blocker::new(
                        "stage.unknown",
                        format!("There is no stage {stage}."),
                        "Choose a stage of the process.",
                    ));
                }
            }
        }
        if let Some(value) = self.state.issues.get(&issue) {
            blockers.extend(text_blocker(&value.report.solution, "issue.solution-empty", "The solution"));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::IssueClosed { issue, lesson });
        self.settle_product(&product);
        Ok(())
    }

    fn feature(&self, feature: &FeatureKey) -> Result<crate::feature::Feature, Refusal> {
        self.state.features.get(feature).cloned().ok_or_else(|| {
            Refusal::one("feature.unknown", format!("{feature} is not tracked."), "Request it first.")
        })
    }

    fn known_issue(&self, issue: &IssueId) -> Result<ProductId, Refusal> {
        self.state.issues.get(issue).map(|known| known.product.clone()).ok_or_else(|| {
            Refusal::one("issue.unknown", "There is no such entry.", "Look at the issue log again.")
        })
    }

    fn open_issue(&self, issue: &IssueId) -> Result<ProductId, Refusal> {
        let product = self.known_issue(issue)?;
        let closed = self.state.issues.get(issue).is_some_and(|known| known.lesson.is_some());
        if closed {
            return Err(Refusal::one(
                "issue.closed",
                "The entry is closed with its lesson.",
                "Record that it was met again.",
            ));
        }
        Ok(product)
    }

    /// What is known of a product changed: sheets that were signed may say something else now.
    fn settle_product(&mut self, product: &ProductId) {
        let services: Vec<_> = self
            .state
            .products
            .get(product)
            .map(|product| product.services.iter().map(|service| service.id.clone()).collect())
            .unwrap_or_default();
        for service in services {
            self.stale_signoffs(&service);
        }
    }
}

fn report_blockers(report: &IssueReport) -> Vec<Blocker> {
    text_blocker(&report.problem, "issue.problem-empty", "The problem").into_iter().collect()
}
