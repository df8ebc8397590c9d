//! Acts on releases and their plans (N1–N6, R5).

use super::{Act, StepDraft, Work, text_blocker};
use crate::fact::Fact;
use crate::id::{ProductId, ReleaseId, StepId};
use crate::moment::Moment;
use crate::refusal::{Blocker, Refusal};
use crate::release::{Chosen, FIRST_DEPLOYMENT, Release, SECTIONS, StepState};

const PLANNERS: [&str; 3] = ["release-manager", "operations", "administrator"];

impl Work<'_> {
    pub(super) fn release(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::CreateRelease { release, product, name, planned, copy, steps } => {
                self.create_release(release, product, name, planned, copy, steps)
            }
            Act::ComposeRelease { release, builds } => self.compose(release, builds),
            Act::WriteSection { release, section, text, rehearsal } => {
                let mut blockers = self.plan_blockers(&release);
                blockers.extend(section_blocker(&section));
                blockers.extend(text_blocker(&text, "plan.text-empty", "The section"));
                Refusal::unless_empty(blockers)?;
                self.record(Fact::PlanSectionWritten { release, section, text, rehearsal });
                Ok(())
            }
            Act::WaiveSection { release, section, reason } => self.waive(release, section, reason),
            Act::SetStep { release, step } => self.set_step(release, step),
            Act::RemoveStep { release, step } => {
                let mut blockers = self.plan_blockers(&release);
                blockers.extend(self.role_blocker(&PLANNERS, "Changing a plan's steps"));
                blockers.extend(self.step_blocker(&release, &step));
                Refusal::unless_empty(blockers)?;
                self.record(Fact::PlanStepRemoved { release, step });
                Ok(())
            }
            Act::MoveStep { release, step, state, reason, evidence } => {
                self.move_step(release, step, state, reason, evidence)
            }
            Act::VoiceGo { release, go, comment } => self.voice_go(release, go, comment),
            Act::FinishRelease { release, outcome } => self.finish(release, outcome),
            _ => Ok(()),
        }?;
        Ok(())
    }

    fn create_release(
        &mut self,
        release: ReleaseId,
        product: ProductId,
        name: String,
        planned: Option<Moment>,
        copy: Option<ReleaseId>,
        ids: Vec<StepId>,
    ) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(&PLANNERS, "Planning a release"));
        blockers.extend(text_blocker(&name, "release.name-empty", "The release's name"));
        if self.state.releases.values().any(|known| known.product == product && known.name == name) {
            blockers.push(Blocker::new(
                "release.name-taken",
                format!("A release “{name}” exists."),
                "Choose another name.",
            ));
        }
        let strategy = self.state.strategy_in_force(&product).cloned();
        if strategy.is_none() {
            blockers.push(Blocker::new(
                "strategy.none-in-force",
                "The product has no strategy in force.",
                "Activate a strategy version first.",
            ));
        }
        let earlier = copy.as_ref().and_then(|copy| self.state.releases.get(copy)).cloned();
        if copy.is_some() && earlier.is_none() {
            blockers.push(Blocker::new(
                "release.unknown",
                "There is no such earlier release.",
                "Choose one from the list.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        let Some(strategy) = strategy else { return Ok(()) };
        self.record(Fact::ReleaseCreated {
            release: release.clone(),
            product,
            name,
            strategy: strategy.version,
            planned,
        });
        let steps: Vec<(String, String, u32)> = match &earlier {
            Some(earlier) => earlier
                .steps
                .iter()
                .map(|step| (step.title.clone(), step.phase.clone(), step.minutes))
                .collect(),
            None => strategy
                .content
                .steps
                .iter()
                .map(|step| (step.title.clone(), step.phase.clone(), step.minutes))
                .collect(),
        };
        let mut before: Option<StepId> = None;
        for (step, (title, phase, minutes)) in ids.into_iter().zip(steps) {
            self.record(Fact::PlanStepSet {
                release: release.clone(),
                step: step.clone(),
                title,
                phase,
                owner: None,
                planned: None,
                minutes,
                after: before.into_iter().collect(),
                automated: false,
            });
            before = Some(step);
        }
        for section in
            earlier.iter().flat_map(|earlier| &earlier.sections).filter(|section| !section.text.is_empty())
        {
            if section.key != FIRST_DEPLOYMENT {
                self.record(Fact::PlanSectionWritten {
                    release: release.clone(),
                    section: section.key.clone(),
                    text: section.text.clone(),
                    rehearsal: section.rehearsal.clone(),
                });
            }
        }
        Ok(())
    }

    fn compose(&mut self, release: ReleaseId, builds: Vec<Chosen>) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        blockers.extend(self.role_blocker(&PLANNERS, "Choosing builds"));
        if let Some(decision) =
            self.state.releases.get(&release).and_then(|release| release.decisions.first())
        {
            blockers.push(Blocker::new(
                "release.frozen",
                format!(
                    "{} decided the release, so its builds can't be changed any more.",
                    self.state.name_of(&decision.by)
                ),
                "Start a new release from it.",
            ));
        }
        let product = self.state.releases.get(&release).map(|release| release.product.clone());
        let mut services = Vec::new();
        for chosen in &builds {
            match self.state.builds.get(&chosen.build) {
                None => blockers.push(Blocker::new(
                    "build.unknown",
                    "There is no such build.",
                    "Choose one from the line.",
                )),
                Some(build) => {
                    let label = &build.content.label;
                    if Some(&build.product) != product.as_ref() || build.service != chosen.service {
                        blockers.push(Blocker::new(
                            "release.foreign-build",
                            format!("{label} does not belong to this service of this product."),
                            "Choose a build of the service.",
                        ));
                    }
                    if build.vetoed.is_some() {
                        blockers.push(Blocker::new(
                            "release.vetoed-build",
                            format!("{label} was vetoed."),
                            "Choose another build.",
                        ));
                    }
                    if let Some(stage) = build.rejected_at() {
                        blockers.push(Blocker::new(
                            "release.rejected-build",
                            format!("{label} was rejected in {stage}."),
                            "Choose another build.",
                        ));
                    }
                }
            }
            if services.contains(&&chosen.service) {
                blockers.push(Blocker::new(
                    "release.two-builds",
                    "A service has two builds.",
                    "Choose one build a service.",
                ));
            }
            services.push(&chosen.service);
        }
        Refusal::unless_empty(blockers)?;
        let services: Vec<_> = builds.iter().map(|chosen| chosen.service.clone()).collect();
        self.record(Fact::ReleaseComposed { release, builds });
        for service in services {
            self.settle(&service);
        }
        Ok(())
    }

    fn waive(&mut self, release: ReleaseId, section: String, reason: Option<String>) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        blockers.extend(self.role_blocker(&["release-manager"], "Waiving a section"));
        blockers.extend(section_blocker(&section));
        if let Some(reason) = &reason {
            blockers.extend(text_blocker(reason, "plan.reason-empty", "The reason"));
            let first = self
                .state
                .releases
                .get(&release)
                .and_then(|release| self.state.products.get(&release.product))
                .is_some_and(|product| product.releases_finished == 0);
            if section == FIRST_DEPLOYMENT && first {
                blockers.push(Blocker::new(
                    "plan.first-deployment",
                    "This is the product's first release; the section on the first deployment can't be waived.",
                    "Write the section.",
                ));
            }
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::PlanSectionWaived { release, section, reason });
        Ok(())
    }

    fn set_step(&mut self, release: ReleaseId, step: StepDraft) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        blockers.extend(self.role_blocker(&PLANNERS, "Changing a plan's steps"));
        blockers.extend(text_blocker(&step.title, "step.title-empty", "The step's title"));
        if let Some(owner) = step.owner.as_ref().filter(|owner| !self.state.people.contains_key(*owner)) {
            blockers.push(Blocker::new(
                "person.unknown",
                format!("There is no person {owner}."),
                "Choose one from the list.",
            ));
        }
        if let Some(value) = self.state.releases.get(&release) {
            for before in &step.after {
                if !value.steps.iter().any(|known| known.id == *before) {
                    blockers.push(Blocker::new(
                        "step.unknown",
                        format!("There is no step {before}."),
                        "Choose one of this plan.",
                    ));
                }
            }
            if leads_to(value, &step.after, &step.id) {
                blockers.push(Blocker::new(
                    "step.cycle",
                    "The step would wait for itself.",
                    "Take a dependency away.",
                ));
            }
        }
        Refusal::unless_empty(blockers)?;
        let StepDraft { id, title, phase, owner, planned, minutes, after, automated } = step;
        self.record(Fact::PlanStepSet {
            release,
            step: id,
            title,
            phase,
            owner,
            planned,
            minutes,
            after,
            automated,
        });
        Ok(())
    }

    fn move_step(
        &mut self,
        release: ReleaseId,
        step: StepId,
        state: StepState,
        reason: String,
        evidence: String,
    ) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        blockers.extend(self.step_blocker(&release, &step));
        if matches!(state, StepState::Blocked | StepState::NotApplicable) {
            blockers.extend(text_blocker(&reason, "step.reason-empty", "The reason"));
        }
        if let Some(value) = self.state.releases.get(&release) {
            let after = value
                .steps
                .iter()
                .find(|known| known.id == step)
                .map(|known| known.after.clone())
                .unwrap_or_default();
            if matches!(state, StepState::Doing | StepState::Done) {
                for before in
                    value.steps.iter().filter(|known| after.contains(&known.id) && !known.is_settled())
                {
                    blockers.push(Blocker::new(
                        "step.too-early",
                        format!("“{}” comes first.", before.title),
                        "Finish it, or mark it not applicable with a reason.",
                    ));
                }
            }
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::PlanStepMoved { release, step, state, reason, evidence });
        Ok(())
    }

    fn voice_go(&mut self, release: ReleaseId, go: bool, comment: String) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        if !go {
            blockers.extend(text_blocker(&comment, "go.reason-empty", "The reason for the no-go"));
        }
        if self.state.releases.get(&release).is_some_and(|value| value.builds.is_empty()) {
            blockers.push(Blocker::new(
                "release.empty",
                "The release has no builds yet.",
                "Choose the builds first.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        let role = self.context.role.clone();
        self.record(Fact::GoVoiced { release, role, go, comment });
        Ok(())
    }

    fn finish(&mut self, release: ReleaseId, outcome: String) -> Result<(), Refusal> {
        let mut blockers = self.plan_blockers(&release);
        blockers.extend(self.role_blocker(&["release-manager"], "Finishing a release"));
        blockers.extend(text_blocker(&outcome, "release.outcome-empty", "How the release went"));
        if let Some(value) = self.state.releases.get(&release) {
            for step in value.steps.iter().filter(|step| !step.is_settled()) {
                blockers.push(Blocker::new(
                    "step.open",
                    format!("The step “{}” is open.", step.title),
                    "Do it, or mark it not applicable with a reason.",
                ));
            }
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ReleaseFinished { release, outcome });
        Ok(())
    }

    /// A plan can be changed while it exists and is not finished (N6).
    pub(super) fn plan_blockers(&self, release: &ReleaseId) -> Vec<Blocker> {
        match self.state.releases.get(release) {
            None => vec![Blocker::new(
                "release.unknown",
                "There is no such release.",
                "Choose one from the list.",
            )],
            Some(value) if value.finished.is_some() => vec![Blocker::new(
                "release.finished",
                format!("{} is finished; its plan can only be read.", value.name),
                "Start a new release from it.",
            )],
            Some(_) => Vec::new(),
        }
    }

    fn step_blocker(&self, release: &ReleaseId, step: &StepId) -> Option<Blocker> {
        let value = self.state.releases.get(release)?;
        (!value.steps.iter().any(|known| known.id == *step))
            .then(|| Blocker::new("step.unknown", "There is no such step.", "Choose one of this plan."))
    }
}

fn section_blocker(section: &str) -> Option<Blocker> {
    (!SECTIONS.iter().any(|(key, _)| *key == section)).then(|| {
        Blocker::new(
            "plan.section-unknown",
            format!("A plan has no section “{section}”."),
            "Choose one of the ten sections.",
        )
    })
}

/// Says whether following `after` backwards ever reaches `target`.
fn leads_to(release: &Release, after: &[StepId], target: &StepId) -> bool {
    let mut seen: Vec<&StepId> = Vec::new();
    let mut open: Vec<&StepId> = after.iter().collect();
    while let Some(step) = open.pop() {
        if step == target {
            return true;
        }
        if !seen.contains(&step) {
            seen.push(step);
            open.extend(
                release.steps.iter().filter(|known| known.id == *step).flat_map(|known| &known.after),
            );
        }
    }
    false
}
