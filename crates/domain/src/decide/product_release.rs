//! One signed decision for a whole release, and sending again what did not go (R1, R3, R5).

use super::product_test::Told;
use super::sign::packet_blockers;
use super::{Act, Work, text_blocker};
use crate::fact::Fact;
use crate::gate::plan_blockers;
use crate::id::{EntryId, ProductId, ReleaseId, StageKey};
use crate::line::{Admitted, Meaning};
use crate::membership::Membership;
use crate::packet::Packet;
use crate::product_release::Course;
use crate::prospect::{Passage, Prospect, prospects};
use crate::refusal::{Blocker, Refusal};
use crate::release::{Chosen, Release};
use crate::release_sheet::release_packet;
use crate::sheet::gate_packet;

/// A decision that is being carried out.
struct Sending {
    release: ReleaseId,
    stage: StageKey,
    /// The entry of the decision or of its resumption.
    cause: EntryId,
    comment: String,
    shown: Packet,
}

impl Work<'_> {
    pub(super) fn product_release(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::DecideRelease { release, stage, shown, comment } => {
                self.decide_release(release, stage, shown, comment)
            }
            Act::ResumeRelease { release, shown, reason } => self.resume_release(release, shown, reason),
            Act::SetMembership { product, membership } => self.set_membership(product, membership),
            Act::SetTrigger { product, trigger } => self.set_trigger(product, trigger),
            Act::BindProductTest { product, binding } => self.bind_test(product, binding),
            Act::BeginProductTest { product, stage, due } => self.begin_test(product, stage, due),
            Act::RecordProductTest { product, stage, test, outcome, builds, source, summary } => {
                self.record_test(product, Told { stage, test, outcome, builds, source, summary })
            }
            Act::VetoBuild { build, reason } => self.veto(build, reason),
            _ => Ok(()),
        }
    }

    fn decide_release(
        &mut self,
        release: ReleaseId,
        stage: StageKey,
        shown: Packet,
        comment: String,
    ) -> Result<(), Refusal> {
        let value = self.open_release(&release)?;
        let mut blockers = Vec::new();
        if value.builds.is_empty() {
            blockers.push(Blocker::new(
                "release.empty",
                "The release has no builds yet.",
                "Choose the builds first.",
            ));
        }
        if let Some(decision) = value.decision_on(&stage) {
            let by = self.state.name_of(&decision.by);
            blockers.push(Blocker::new(
                "release.decided",
                format!("{by} decided already that {} goes to {stage}.", value.name),
                "Resume the release, if something did not go.",
            ));
            return Err(Refusal(blockers));
        }
        let members = self.judged(&value, &stage, &comment);
        blockers.extend(self.sending_blockers(&value, &stage, &shown, &members));
        Refusal::unless_empty(blockers)?;
        let role = self.context.role.clone();
        let decided = Fact::ReleaseDecided {
            release: release.clone(),
            product: value.product,
            stage: stage.clone(),
            builds: value.builds,
            role,
            comment: comment.clone(),
            packet: shown.clone(),
        };
        let cause = self.record_over(decided, shown.clone());
        self.send(&Sending { release, stage, cause, comment, shown }, members);
        Ok(())
    }

    fn resume_release(&mut self, release: ReleaseId, shown: Packet, reason: String) -> Result<(), Refusal> {
        let value = self.open_release(&release)?;
        let Some(decision) = value.decisions.last() else {
            return Err(Refusal::one(
                "release.undecided",
                format!("Nobody decided that {} goes on.", value.name),
                "Decide the release first.",
            ));
        };
        let stage = decision.stage.clone();
        let mut blockers = Vec::new();
        blockers.extend(text_blocker(&reason, "release.reason-empty", "The reason"));
        let members = self.judged(&value, &stage, &reason);
        if members.is_empty() {
            blockers.push(Blocker::new(
                "release.nothing-to-resume",
                "Every member is under way, done, rejected, or its outcome is unknown.",
                "Wait, or settle what is unknown.",
            ));
            return Err(Refusal(blockers));
        }
        blockers.extend(self.sending_blockers(&value, &stage, &shown, &members));
        Refusal::unless_empty(blockers)?;
        let again = |member: &Prospect| {
            let (service, build) = (member.service.clone(), member.build.clone()?);
            Some(Chosen { service, build })
        };
        let resumed = Fact::ReleaseResumed {
            release: release.clone(),
            product: value.product,
            stage: stage.clone(),
            builds: members.iter().filter_map(again).collect(),
            role: self.context.role.clone(),
            reason: reason.clone(),
            packet: shown.clone(),
        };
        let cause = self.record_over(resumed, shown.clone());
        self.send(&Sending { release, stage, cause, comment: reason, shown }, members);
        Ok(())
    }

    fn set_membership(&mut self, product: ProductId, membership: Membership) -> Result<(), Refusal> {
        let value = self.product(&product)?;
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(&["administrator", "release-manager"], "Setting the membership"));
        match &membership {
            Membership::Prefix { prefix } => {
                blockers.extend(text_blocker(prefix, "membership.prefix-empty", "The prefix"));
            }
            Membership::List { services } => {
                if services.is_empty() {
                    blockers.push(Blocker::new(
                        "membership.empty",
                        "The list names no service.",
                        "Name at least one.",
                    ));
                }
                for (at, name) in services.iter().enumerate() {
                    if services[..at].contains(name) {
                        blockers.push(Blocker::new(
                            "membership.twice",
                            format!("“{name}” is listed twice."),
                            "Name it once.",
                        ));
                    }
                    if !value.services.iter().any(|service| service.name == *name) {
                        blockers.push(Blocker::new(
                            "service.unknown",
                            format!("{} has no service “{name}”.", value.name),
                            "Add the service to the product, or take it off the list.",
                        ));
                    }
                }
            }
        }
        if value.releasing.membership.as_ref() == Some(&membership) {
            blockers.push(Blocker::new(
                "membership.unchanged",
                "This is the membership already.",
                "Nothing is left to do.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::MembershipSet { product, membership });
        Ok(())
    }

    fn open_release(&self, release: &ReleaseId) -> Result<Release, Refusal> {
        Refusal::unless_empty(self.plan_blockers(release))?;
        self.state.releases.get(release).cloned().ok_or_else(|| Refusal(Vec::new()))
    }

    /// How every member would go on when this person sends it, with all that keeps it.
    fn judged(&self, release: &Release, stage: &StageKey, reason: &str) -> Vec<Prospect> {
        let mut members = prospects(&self.state, release, stage);
        for member in &mut members {
            let build = member.build.as_ref().and_then(|build| self.state.builds.get(build));
            let Some(build) = build else { continue };
            let step = |key: &StageKey| self.state.stage_of(build, key);
            let own = match &member.passage {
                Passage::Promotion => step(stage).map(|step| self.press_blockers(build, step, reason)),
                Passage::Retry => step(stage).map(|step| self.deployer_blocker(step).into_iter().collect()),
                Passage::Approval(gate) => step(gate).map(|step| self.approval_blockers(build, step)),
                Passage::Answer(_) => Some(self.answerer_blocker().into_iter().collect()),
                Passage::Nothing(_) | Passage::Closed => None,
            };
            for blocker in own.into_iter().flatten() {
                if !member.blockers.contains(&blocker) {
                    member.blockers.push(blocker);
                }
            }
        }
        members
    }

    /// What keeps the whole decision: the sheet changed, the plan is not complete, or no member can go.
    fn sending_blockers(
        &self,
        release: &Release,
        stage: &StageKey,
        shown: &Packet,
        members: &[Prospect],
    ) -> Vec<Blocker> {
        let mut blockers = packet_blockers(shown, &release_packet(&self.state, release, stage));
        let wants_plan = members.iter().any(|member| {
            let build = member.build.as_ref().and_then(|build| self.state.builds.get(build));
            let step = build.and_then(|build| self.state.stage_of(build, stage));
            !matches!(member.passage, Passage::Nothing(_)) && step.is_some_and(|step| step.needs_release)
        });
        if wants_plan {
            blockers.extend(plan_blockers(&self.state, release));
        }
        if members.iter().any(Prospect::goes) {
            return blockers;
        }
        for member in members {
            let name = self.state.service(&member.service).map(|(_, service)| service.name.clone());
            let name = name.unwrap_or_else(|| member.service.to_string());
            let own = member.blockers.iter().filter(|own| !blockers.contains(own)).cloned();
            for blocker in own.collect::<Vec<_>>() {
                blockers.push(Blocker::new(
                    &blocker.code,
                    format!("{name}: {}", blocker.sentence),
                    &blocker.next_step,
                ));
            }
        }
        if members.iter().all(|member| member.blockers.is_empty()) {
            blockers.push(Blocker::new(
                "release.nothing-to-approve",
                format!("No build of {} has to go to {stage}.", release.name),
                "Nothing is left to decide here.",
            ));
        }
        blockers
    }

    /// Sends each member on its own line; what refuses one does not stop the others.
    fn send(&mut self, sending: &Sending, members: Vec<Prospect>) {
        for member in members {
            self.cause = Some(sending.cause.clone());
            let (course, gate, reasons) = match &member.passage {
                _ if !member.blockers.is_empty() => (Course::Refused, None, member.blockers.clone()),
                Passage::Promotion | Passage::Retry => (Course::Promoted, None, Vec::new()),
                Passage::Approval(gate) | Passage::Answer(gate) => {
                    (Course::GateApproved, Some(gate.clone()), Vec::new())
                }
                Passage::Nothing(why) => {
                    let why = Blocker::new("member.nothing-to-approve", why, "Nothing is left to do.");
                    (Course::NothingToApprove, None, vec![why])
                }
                Passage::Closed => (Course::Refused, None, Vec::new()),
            };
            self.follow(Fact::ReleaseMemberSent {
                release: sending.release.clone(),
                service: member.service.clone(),
                build: member.build.clone(),
                stage: sending.stage.clone(),
                course,
                gate,
                by: self.context.who.clone(),
                reasons,
            });
            if member.goes() {
                self.go(sending, &member);
                self.settle(&member.service);
            }
        }
    }

    fn go(&mut self, sending: &Sending, member: &Prospect) {
        let Some(build) = member.build.as_ref().and_then(|build| self.state.builds.get(build)).cloned()
        else {
            return;
        };
        let step = |key: &StageKey| self.state.stage_of(&build, key).cloned();
        let (comment, shown) = (sending.comment.clone(), sending.shown.clone());
        match &member.passage {
            Passage::Promotion | Passage::Retry => {
                let Some(step) = step(&sending.stage) else { return };
                let how = match member.passage {
                    Passage::Retry => Admitted::Retried,
                    _ => Admitted::Pressed,
                };
                self.admit_over(&build.id, &step, how, comment, shown);
            }
            Passage::Approval(gate) => {
                let Some(step) = step(gate) else { return };
                let packet = gate_packet(&self.state, &build, &step);
                let signed = Fact::GateSigned {
                    build: build.id,
                    service: build.service,
                    stage: step.key,
                    approved: true,
                    role: self.context.role.clone(),
                    meaning: Meaning::Approval,
                    comment,
                    packet: packet.clone(),
                };
                self.record_over(signed, packet);
            }
            Passage::Answer(gate) => self.intend_answer_again(&build, gate, comment),
            Passage::Nothing(_) | Passage::Closed => {}
        }
    }
}
