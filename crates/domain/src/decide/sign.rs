//! Signatures at a gate: approve, reject, take back (L3, L5, P6, S1–S4).

use super::{Work, text_blocker};
use crate::fact::Fact;
use crate::gate::{GateStatus, gate_status, person_blockers};
use crate::id::{BuildId, EntryId, StageKey};
use crate::line::{Build, Meaning};
use crate::packet::Packet;
use crate::process::{Path, Stage};
use crate::refusal::{Blocker, Refusal};
use crate::sheet::gate_packet;

impl Work<'_> {
    pub(super) fn sign_gate(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        approved: bool,
        meaning: Meaning,
        comment: String,
        shown: Packet,
    ) -> Result<(), Refusal> {
        let (value, step) = self.occupant(build, stage)?;
        let service = value.service.clone();
        let who = self.context.who.clone();
        let role = self.context.role.clone();
        let status = gate_status(&self.state, &value, &step);
        let mut blockers = packet_blockers(&shown, &gate_packet(&self.state, &value, &step));
        if approved {
            blockers.extend(self.approval_blockers(&value, &step));
        } else {
            blockers.extend(reject_blockers(&status, &comment));
            blockers.extend(
                person_blockers(&self.state, &value, &step, &who, &role)
                    .into_iter()
                    .filter(|blocker| blocker.code != "gate.must-be-another"),
            );
        }
        Refusal::unless_empty(blockers)?;
        self.record_over(
            Fact::GateSigned {
                build: build.clone(),
                service: service.clone(),
                stage: stage.clone(),
                approved,
                role,
                meaning,
                comment: comment.clone(),
                packet: shown.clone(),
            },
            shown,
        );
        if !approved {
            let (build, service, stage) = (build.clone(), service.clone(), stage.clone());
            // Beside the path a verdict concerns that stage alone; on the path it ends the delivery (L5).
            let ended = self.follow(match step.path {
                Path::On => Fact::BuildRejected { build, service, stage, by: who, reason: comment },
                Path::Off => Fact::BuildFailed { build, service, stage, reason: comment },
            });
            self.cause = Some(ended);
            self.answer_gate(&value, &step.key, false);
        }
        self.settle(&service);
        Ok(())
    }

    /// Everything that keeps this person from approving this build at this gate, whatever was shown.
    pub(super) fn approval_blockers(&self, build: &Build, stage: &Stage) -> Vec<Blocker> {
        let mut blockers = person_blockers(&self.state, build, stage, &self.context.who, &self.context.role);
        blockers.extend(no_rule_blocker(stage));
        blockers.extend(gate_status(&self.state, build, stage).waits_for());
        blockers.extend(self.already_spoke(build, &stage.key));
        blockers
    }

    pub(super) fn withdraw(
        &mut self,
        build: &BuildId,
        stage: &StageKey,
        signoff: EntryId,
        reason: String,
    ) -> Result<(), Refusal> {
        let (value, _) = self.find(build, stage)?;
        let service = value.service.clone();
        let given = value
            .visit(stage)
            .and_then(|visit| visit.signoffs.iter().find(|given| given.id == signoff))
            .cloned();
        let Some(given) = given else {
            return Err(Refusal::one(
                "signoff.unknown",
                "There is no such sign-off.",
                "Look at the gate again.",
            ));
        };
        let mut blockers = Vec::new();
        if given.person != self.context.who {
            blockers.push(Blocker::new(
                "signoff.not-yours",
                format!("{} signed it; only the signer can take it back.", self.state.name_of(&given.person)),
                "Ask the signer.",
            ));
        }
        if given.void.is_some() {
            blockers.push(Blocker::new(
                "signoff.void",
                "The sign-off counts no more.",
                "Nothing is left to take back.",
            ));
        }
        if !value.is_in(stage) {
            blockers.push(Blocker::new(
                "signoff.built-on",
                "The verdict was reached on this sign-off, so it can't be taken back.",
                "Hold or roll back the stages that follow.",
            ));
        }
        blockers.extend(text_blocker(&reason, "signoff.reason-empty", "The reason"));
        Refusal::unless_empty(blockers)?;
        self.record(Fact::SignoffWithdrawn {
            signoff,
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            reason,
        });
        self.settle(&service);
        Ok(())
    }

    pub(super) fn already_spoke(&self, build: &Build, stage: &StageKey) -> Option<Blocker> {
        build
            .visit(stage)
            .is_some_and(|visit| {
                visit.valid_signoffs().any(|given| given.approved && given.person == self.context.who)
            })
            .then(|| {
                Blocker::new(
                    "gate.already-signed",
                    "You approved this already; one person counts once.",
                    "Ask the others.",
                )
            })
    }
}

/// A gate that asks nobody can't be approved.
pub fn no_rule_blocker(stage: &Stage) -> Option<Blocker> {
    stage.gate.rule.is_none().then(|| {
        Blocker::new(
            "gate.no-rule",
            format!(
                "{} asks nobody to approve; it passes when its checks and checklist are done.",
                stage.name
            ),
            "Nothing is left to sign here.",
        )
    })
}

pub(super) fn packet_blockers(shown: &Packet, now: &Packet) -> Vec<Blocker> {
    shown
        .changes_to(now)
        .into_iter()
        .map(|change| {
            Blocker::new(
                "packet.changed",
                format!("{} changed from “{}” to “{}”.", change.line, change.before, change.now),
                "Read the sheet again, then sign.",
            )
        })
        .collect()
}

fn reject_blockers(status: &GateStatus, reason: &str) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    blockers.extend(text_blocker(reason, "reject.reason-empty", "The reason for rejecting"));
    blockers.extend(
        status
            .waits_for()
            .into_iter()
            .filter(|blocker| matches!(blocker.code.as_str(), "gate.deploying" | "gate.outcome-unknown")),
    );
    blockers
}
