//! What the people of Harbour do about a release: plan it, agree to it, walk through its steps, end it.

use super::player::{Player, Ride, Sign};
use super::story::{self, Written, duty};
use crate::wire::{
    BuildPromote, ChosenBuild, Empty, PlanSectionWaive, PlanSectionWrite, PlanStepMove, PlanStepSet,
    PromotionPreview, RehearsalView, ReleaseChoose, ReleaseCreate, ReleaseFinish, ReleaseGo, ReleaseList,
    ReleaseShow, ReleaseView, StepState, StepView, WireError,
};
use serde_json::json;
use signalbox_domain::moment::Moment;

const A_DAY: i64 = 24 * 3_600_000;
/// How long after its planning a played release is meant to go out.
const SOON: i64 = 15 * 60_000;

/// Where a played release stands.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub id: String,
    pub name: String,
}

impl Player<'_> {
    /// Plans a release of builds, from nothing or as a copy, and writes its sections.
    pub(super) fn plan(
        &mut self,
        name: &str,
        rides: &[&Ride],
        copy: Option<&Plan>,
        sections: &[Written],
        waived: (&str, &str),
    ) -> Result<Plan, WireError> {
        let ines = self.sign_as("ines")?;
        let planned = Moment::from_millis(self.desk.now().millis() + SOON).to_string();
        let done = self.desk.release_create(ReleaseCreate {
            product: self.product()?.id,
            name: name.to_owned(),
            planned: Some(planned),
            copy: copy.map(|copy| copy.id.clone()),
        })?;
        let id = done.id.ok_or_else(|| WireError::unknown("release"))?;
        let plan = Plan { id, name: name.to_owned() };
        let builds = rides
            .iter()
            .map(|ride| ChosenBuild { service: ride.service.id.clone(), build: ride.id.clone() })
            .collect();
        self.desk.release_choose(ReleaseChoose { release: plan.id.clone(), builds })?;
        let titles: Vec<String> = rides.iter().map(|ride| ride.title()).collect();
        let from =
            copy.map_or_else(String::new, |copy| format!(", beginning from the plan of {}", copy.name));
        self.tell(
            "release_create",
            Some(&ines),
            format!("plans {name} with {}{from}.", titles.join(" and ")),
            Sign::Done,
            json!({ "release": plan.id, "name": name, "builds": titles }),
        );
        for written in sections {
            self.write(&plan, written)?;
        }
        let (section, reason) = waived;
        self.desk.plan_section_waive(PlanSectionWaive {
            release: plan.id.clone(),
            section: section.to_owned(),
            reason: Some(reason.to_owned()),
        })?;
        let view = self.release(&plan)?;
        let waived = view
            .sections
            .iter()
            .find(|known| known.key == section)
            .map_or(section, |known| known.title.as_str());
        let settled = view.sections.iter().filter(|section| section.settled).count();
        let said = format!(
            "writes {} sections of the plan and waives “{waived}”: {settled} of {} settled.",
            sections.len(),
            view.sections.len()
        );
        let keys: Vec<&str> = sections.iter().map(|written| written.section).collect();
        let detail = json!({ "release": plan.id, "written": keys, "waived": section, "reason": reason });
        self.tell("plan_section_write", Some(&ines), said, Sign::Done, detail);
        self.name_owners(&plan, &view)?;
        Ok(plan)
    }

    fn write(&mut self, plan: &Plan, written: &Written) -> Result<(), WireError> {
        let now = self.desk.now().millis();
        let rehearsal = written.rehearsed.map(|(days, note)| RehearsalView {
            at: Moment::from_millis(now - days * A_DAY).to_string(),
            passed: true,
            note: note.to_owned(),
        });
        self.desk.plan_section_write(PlanSectionWrite {
            release: plan.id.clone(),
            section: written.section.to_owned(),
            text: written.text.to_owned(),
            rehearsal,
        })?;
        Ok(())
    }

    fn name_owners(&mut self, plan: &Plan, view: &ReleaseView) -> Result<(), WireError> {
        let people = self.desk.desk_show(Empty {})?.here;
        let ines = self.sign_as("ines")?;
        for step in &view.steps {
            let owner = people.iter().find(|person| person.handle == duty(&step.title).owner);
            self.desk.plan_step_set(PlanStepSet {
                release: plan.id.clone(),
                step: Some(step.id.clone()),
                title: step.title.clone(),
                phase: step.phase.clone(),
                owner: owner.map(|person| person.id.clone()),
                planned: step.planned.clone(),
                minutes: step.minutes,
                after: step.after.clone(),
                automated: step.automated,
            })?;
        }
        let said = format!("names who does each of the {} steps.", view.steps.len());
        self.tell(
            "plan_step_set",
            Some(&ines),
            said,
            Sign::Done,
            json!({ "release": plan.id, "steps": view.steps.len() }),
        );
        Ok(())
    }

    pub(super) fn release(&self, plan: &Plan) -> Result<ReleaseView, WireError> {
        self.desk.release_show(ReleaseShow { release: plan.id.clone() })
    }

    /// A release by name.
    pub(super) fn planned(&self, name: &str) -> Result<Option<Plan>, WireError> {
        let releases = self.desk.release_list(ReleaseList { product: None })?.releases;
        let found = releases.into_iter().find(|row| row.name == name);
        Ok(found.map(|row| Plan { id: row.id, name: row.name }))
    }

    /// Lets the named stakeholders say go.
    pub(super) fn agree(&mut self, plan: &Plan) -> Result<(), WireError> {
        let voices = [
            ("tom", "operations", "Back-up checked, the way back rehearsed, pager in hand."),
            ("maya", "business-analyst", "Every feature looks as agreed; the marinas expect it."),
        ];
        for (handle, role, comment) in voices {
            let person = self.sign_as(handle)?;
            self.desk.release_go(ReleaseGo {
                release: plan.id.clone(),
                role: role.to_owned(),
                go: true,
                comment: comment.to_owned(),
                passphrase: None,
            })?;
            self.tell(
                "release_go",
                Some(&person),
                format!("says go to {}: “{comment}”", plan.name),
                Sign::Done,
                json!({ "release": plan.id, "go": true, "role": role }),
            );
        }
        Ok(())
    }

    /// Asks for the promotion of a build whose plan is not ready, to show that it is refused.
    pub(super) fn try_too_early(&mut self, ride: &Ride) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        let sheet = self.sheet(ride, "production")?;
        let Err(refusal) = self.press(ride, sheet.digest) else {
            return Err(WireError::new(
                "sample.unexpected",
                format!("{} entered production without a release.", ride.title()),
                "Look at the strategy in force: production should need a release.",
            ));
        };
        let said = format!("asks to promote {} to {} and is refused.", ride.title(), sheet.stage.name);
        self.tell(
            "build_promote",
            Some(&ines),
            said,
            Sign::Stopped,
            json!({ "build": ride.id, "refused": refusal }),
        );
        Ok(())
    }

    /// Puts a build into production.
    pub(super) fn promote(&mut self, ride: &Ride) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        let sheet = self.sheet(ride, "production")?;
        let preview = self
            .desk
            .promotion_preview(PromotionPreview { build: ride.id.clone(), stage: "production".to_owned() })?;
        self.press(ride, sheet.digest.clone())?;
        self.tell(
            "build_promote",
            Some(&ines),
            format!("promotes {} to {}.", ride.title(), sheet.stage.name),
            Sign::Done,
            json!({ "build": ride.id, "label": ride.label, "service": ride.service.name, "stage": "production",
                    "packet": sheet.digest, "mechanism": preview.mechanism, "will_do": preview.will_do }),
        );
        Ok(())
    }

    fn press(&self, ride: &Ride, packet: String) -> Result<(), WireError> {
        self.desk.build_promote(BuildPromote {
            build: ride.id.clone(),
            stage: "production".to_owned(),
            role: "release-manager".to_owned(),
            reason: String::new(),
            packet,
            passphrase: None,
        })?;
        Ok(())
    }

    /// Walks through the steps of these phases: each owner does what the step asks for.
    pub(super) fn walk(&mut self, plan: &Plan, phases: &[&str]) -> Result<(), WireError> {
        let steps = self.open_steps(plan, phases)?;
        for run in steps.chunk_by(|one, next| duty(&one.title).owner == duty(&next.title).owner) {
            let Some(first) = run.first() else { continue };
            let owner = self.sign_as(duty(&first.title).owner)?;
            let mut done = Vec::new();
            for step in run {
                let duty = duty(&step.title);
                let (state, reason, evidence) = match duty.applies {
                    true => (StepState::Done, "", duty.evidence),
                    false => (StepState::NotApplicable, duty.evidence, ""),
                };
                self.move_step(plan, step, state, reason, evidence)?;
                done.push(match duty.applies {
                    true => format!("“{}” is done.", step.title),
                    false => format!("“{}” is not applicable: {}", step.title, duty.evidence),
                });
            }
            let titles: Vec<&str> = run.iter().map(|step| step.title.as_str()).collect();
            let detail = json!({ "release": plan.id, "steps": titles });
            self.tell("plan_step_move", Some(&owner), done.join(" "), Sign::Done, detail);
        }
        Ok(())
    }

    /// Leaves out every step that is still open.
    pub(super) fn leave_out(&mut self, plan: &Plan, reason: &str) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        let steps = self.open_steps(plan, &[])?;
        for step in &steps {
            self.move_step(plan, step, StepState::NotApplicable, reason, "")?;
        }
        let said = format!("marks the {} steps that are left as not applicable: “{reason}”", steps.len());
        self.tell(
            "plan_step_move",
            Some(&ines),
            said,
            Sign::Done,
            json!({ "release": plan.id, "reason": reason }),
        );
        Ok(())
    }

    fn open_steps(&self, plan: &Plan, phases: &[&str]) -> Result<Vec<StepView>, WireError> {
        let steps = self.release(plan)?.steps.into_iter();
        let settled = [StepState::Done, StepState::NotApplicable];
        let wanted = |step: &StepView| phases.is_empty() || phases.contains(&step.phase.as_str());
        Ok(steps.filter(|step| wanted(step) && !settled.contains(&step.state)).collect())
    }

    fn move_step(
        &self,
        plan: &Plan,
        step: &StepView,
        state: StepState,
        reason: &str,
        evidence: &str,
    ) -> Result<(), WireError> {
        self.desk.plan_step_move(PlanStepMove {
            release: plan.id.clone(),
            step: step.id.clone(),
            state,
            reason: reason.to_owned(),
            evidence: evidence.to_owned(),
        })?;
        Ok(())
    }

    pub(super) fn finish(&mut self, plan: &Plan, outcome: &str) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        self.desk.release_finish(ReleaseFinish { release: plan.id.clone(), outcome: outcome.to_owned() })?;
        let said = format!("finishes {}: “{outcome}”", plan.name);
        self.tell(
            "release_finish",
            Some(&ines),
            said,
            Sign::Done,
            json!({ "release": plan.id, "outcome": outcome }),
        );
        Ok(())
    }

    /// Plans Harbour 2.7, the first release.
    pub(super) fn plan_first(&mut self, rides: &[&Ride]) -> Result<Plan, WireError> {
        self.plan("Harbour 2.7", rides, None, &story::FIRST_PLAN, ("data-migrations", story::NO_MIGRATION))
    }
}
