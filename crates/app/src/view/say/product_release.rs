//! Words for releasing and testing a product as a whole.

use super::{Say, because};
use crate::view::words::{capital, join};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ProductId, ReleaseId, ServiceId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::membership::Membership;
use signalbox_domain::person::role_name;
use signalbox_domain::product_release::Course;
use signalbox_domain::product_test::{LeftOut, TestBinding};
use signalbox_domain::refusal::Blocker;
use signalbox_domain::release::Chosen;
use signalbox_domain::trigger::{Trigger, Triggered};

impl Say<'_> {
    /// Says a fact about releasing and testing a product; nothing for any other.
    pub(super) fn product_release(&self, fact: &Fact, who: &str) -> String {
        match fact {
            Fact::ReleaseDecided { release, product: _, stage, builds, role, comment, packet: _ } => format!(
                "{who} sent {} with {} to {} as {}{}",
                self.release(release),
                self.chosen(builds),
                self.stage_among(builds, stage),
                role_name(role),
                because(comment)
            ),
            Fact::ReleaseResumed { release, product: _, stage, builds, role, reason, packet: _ } => format!(
                "{who} sent {} of {} to {} again as {}{}",
                self.chosen(builds),
                self.release(release),
                self.stage_among(builds, stage),
                role_name(role),
                because(reason)
            ),
            Fact::ReleaseMemberSent { release, service, build, stage, course, gate, by: _, reasons } => {
                self.member_sent(release, service, build.as_ref(), stage, *course, gate.as_ref(), reasons)
            }
            Fact::MembershipSet { product, membership } => {
                format!("{who} set that {}", self.membership(product, membership))
            }
            Fact::TriggerSet { product, trigger } => match trigger {
                Some(Trigger { cron, time_zone, what: Triggered::ProductTests }) => {
                    format!("{who} let {} be tested at “{cron}” in {time_zone}", self.product(product))
                }
                None => format!("{who} took the trigger of {} away", self.product(product)),
            },
            Fact::ProductTestBound { product, binding } => match binding {
                Some(TestBinding { connection, pipeline }) => format!(
                    "{who} bound the tests of {} to the pipeline {pipeline} on {}",
                    self.product(product),
                    self.connection(connection)
                ),
                None => format!("{who} unbound the tests of {}", self.product(product)),
            },
            Fact::ProductTestIntended { product, stage, connection, pipeline, builds, by: _, due } => {
                let due = due.map(|due| format!(", due at {due}"));
                format!(
                    "{who} began the test of {} in {} with {} by the pipeline {pipeline} on {}{}",
                    self.product(product),
                    self.stage_among(builds, stage),
                    self.chosen(builds),
                    self.connection(connection),
                    due.unwrap_or_default()
                )
            }
            Fact::ProductTestEnded {
                product,
                stage,
                test: _,
                outcome,
                builds,
                left_out,
                source: _,
                summary,
            } => {
                let (product, place) = (self.product(product), self.stage_among(builds, stage));
                let said = if self.by_machine() { String::new() } else { format!("{who} told that ") };
                let test = format!("the test of {product} in {place} with {}", self.chosen(builds));
                let left = self.left_out(left_out);
                capital(&format!("{said}{test} {}{left}{}", test_outcome(*outcome), because(summary)))
            }
            Fact::BuildVetoed { build, service, reason } => {
                format!("{who} vetoed {}{}", self.build(build, service), because(reason))
            }
            _ => String::new(),
        }
    }

    fn chosen(&self, builds: &[Chosen]) -> String {
        let builds: Vec<String> =
            builds.iter().map(|chosen| self.build(&chosen.build, &chosen.service)).collect();
        if builds.is_empty() { "no builds".to_owned() } else { join(&builds, "and") }
    }

    /// A stage as the first of these builds sees it.
    fn stage_among(&self, builds: &[Chosen], key: &StageKey) -> String {
        match builds.first() {
            Some(chosen) => self.stage(&chosen.build, &chosen.service, key),
            None => key.to_string(),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "they are the fields of one fact")]
    fn member_sent(
        &self,
        release: &ReleaseId,
        service: &ServiceId,
        build: Option<&BuildId>,
        stage: &StageKey,
        course: Course,
        gate: Option<&StageKey>,
        reasons: &[Blocker],
    ) -> String {
        let release = self.release(release);
        let what = build.map_or_else(|| self.service(service), |build| self.build(build, service));
        let name = |key| match build {
            Some(build) => self.stage(build, service, key),
            None => self.stage_of(service, key),
        };
        let place = name(stage);
        let reasons: Vec<&str> = reasons.iter().map(|reason| reason.sentence.as_str()).collect();
        let reasons = reasons.join(" ");
        match (course, gate) {
            (Course::Promoted, _) => format!("{release} promoted {what} to {place}"),
            (Course::GateApproved, Some(gate)) => {
                format!("{release} approved the gate of {what} in {} on the way to {place}", name(gate))
            }
            (Course::GateApproved, None) => {
                format!("{release} approved the gate of {what} on the way to {place}")
            }
            (Course::NothingToApprove, _) => {
                format!("{release} had nothing to approve for {what} in {place}: {reasons}")
            }
            (Course::Refused, _) => format!("{release} could not send {what} to {place}: {reasons}"),
        }
    }

    fn membership(&self, product: &ProductId, membership: &Membership) -> String {
        let product = self.product(product);
        match membership {
            Membership::List { services } => {
                format!("the releases of {product} are made of {}", join(services, "and"))
            }
            Membership::Prefix { prefix } => {
                format!("the releases of {product} are made of every service that begins with “{prefix}”")
            }
        }
    }

    /// Services that a passed test approved nothing for.
    fn left_out(&self, left_out: &[LeftOut]) -> String {
        if left_out.is_empty() {
            return String::new();
        }
        let builds: Vec<String> =
            left_out.iter().map(|left| self.build(&left.build, &left.service)).collect();
        format!(" and approved nothing for {}", join(&builds, "and"))
    }
}

/// How a test of a product ended.
fn test_outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "passed",
        Outcome::Failed => "failed",
        Outcome::NotDone => "never happened",
        Outcome::Unknown => "ended in a way that nobody knows yet",
    }
}
