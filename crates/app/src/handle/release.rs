//! Releases and their plans.

use crate::act::{Recorded, Signing};
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::{Act, StepDraft};
use signalbox_domain::id::{ProductId, ReleaseId, StepId};
use signalbox_domain::moment::Moment;
use signalbox_domain::release::{Chosen, Rehearsal};
use signalbox_domain::state::Ref;
use signalbox_store::{ReleaseFilter, Scope};

/// How many releases a list holds.
const RELEASES: u32 = 200;
/// How many steps a new plan may start with.
const STEPS: usize = 100;

impl Desk {
    pub(crate) fn release_list(&self, request: ReleaseList) -> Result<Releases, WireError> {
        let filter =
            ReleaseFilter { product: request.product.map(ProductId::new), ..ReleaseFilter::default() };
        let (state, releases) = self.store.read(|reader| {
            let releases = reader.releases(&filter, None, RELEASES)?.items;
            let scope = releases
                .iter()
                .fold(Scope::desk(), |scope, release| scope.and(Ref::Release(release.id.clone())));
            Ok((reader.state(&scope)?, releases))
        })?;
        Ok(Releases { releases: view::release::release_rows(&state, &releases) })
    }

    pub(crate) fn release_show(&self, request: ReleaseShow) -> Result<ReleaseView, WireError> {
        let id = ReleaseId::new(request.release);
        let mut state = self.release_state(&id)?;
        let product = state.releases.get(&id).map(|release| release.product.clone());
        for issue in product.map_or(Ok(Vec::new()), |product| self.past_issues(&product, None))? {
            state.issues.insert(issue.id.clone(), issue);
        }
        let release = state.releases.get(&id).ok_or_else(|| WireError::unknown("release"))?;
        Ok(view::release::release_view(&state, release, self.me(&state).as_ref(), self.now()))
    }

    pub(crate) fn release_create(&self, request: ReleaseCreate) -> Result<Done, WireError> {
        let ReleaseCreate { product, name, planned, copy } = request;
        let (product, release) = (ProductId::new(product), ReleaseId::new(self.new_id()));
        self.refuse_finished_name(&product, &name)?;
        let steps = (0..STEPS).map(|_| StepId::new(self.new_id())).collect();
        let planned = planned.as_deref().map(instant).transpose()?;
        let copy = copy.filter(|copy| !copy.is_empty()).map(ReleaseId::new);
        let act = Act::CreateRelease {
            release: release.clone(),
            product: product.clone(),
            name: name.clone(),
            planned,
            copy,
            steps,
        };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(Some(release.to_string()), format!("{name} is planned.")))
    }

    pub(crate) fn release_choose(&self, request: ReleaseChoose) -> Result<Done, WireError> {
        let builds = request
            .builds
            .into_iter()
            .map(|chosen| Chosen { service: chosen.service.into(), build: chosen.build.into() })
            .collect();
        let act = Act::ComposeRelease { release: request.release.as_str().into(), builds };
        Ok(self.act_on_release(&request.release, act)?.done(None, "The builds are chosen."))
    }

    pub(crate) fn plan_section_write(&self, request: PlanSectionWrite) -> Result<Done, WireError> {
        let PlanSectionWrite { release, section, text, rehearsal } = request;
        let rehearsal = rehearsal
            .map(|rehearsal| {
                let RehearsalView { at, passed, note } = rehearsal;
                instant(&at).map(|at| Rehearsal { at, passed, note })
            })
            .transpose()?;
        let act = Act::WriteSection { release: release.as_str().into(), section, text, rehearsal };
        Ok(self.act_on_release(&release, act)?.done(None, "The section is written."))
    }

    pub(crate) fn plan_section_waive(&self, request: PlanSectionWaive) -> Result<Done, WireError> {
        let PlanSectionWaive { release, section, reason } = request;
        let said = if reason.is_some() { "The section is waived." } else { "The waiver is taken back." };
        let act = Act::WaiveSection { release: release.as_str().into(), section, reason };
        Ok(self.act_on_release(&release, act)?.done(None, said))
    }

    pub(crate) fn plan_step_set(&self, request: PlanStepSet) -> Result<Done, WireError> {
        let PlanStepSet { release, step, title, phase, owner, planned, minutes, after, automated } = request;
        let id = StepId::new(step.unwrap_or_else(|| self.new_id()));
        let step = StepDraft {
            id: id.clone(),
            title,
            phase,
            owner: owner.filter(|owner| !owner.is_empty()).map(Into::into),
            planned: planned.as_deref().map(instant).transpose()?,
            minutes,
            after: after.into_iter().map(StepId::new).collect(),
            automated,
        };
        let act = Act::SetStep { release: release.as_str().into(), step };
        Ok(self.act_on_release(&release, act)?.done(Some(id.to_string()), "The step is written."))
    }

    pub(crate) fn plan_step_remove(&self, request: PlanStepRemove) -> Result<Done, WireError> {
        let act = Act::RemoveStep { release: request.release.as_str().into(), step: request.step.into() };
        Ok(self.act_on_release(&request.release, act)?.done(None, "The step is gone."))
    }

    pub(crate) fn plan_step_move(&self, request: PlanStepMove) -> Result<Done, WireError> {
        let PlanStepMove { release, step, state, reason, evidence } = request;
        let act = Act::MoveStep {
            release: release.as_str().into(),
            step: step.into(),
            state: state.into(),
            reason,
            evidence,
        };
        Ok(self.act_on_release(&release, act)?.done(None, "The step moved."))
    }

    pub(crate) fn release_go(&self, request: ReleaseGo) -> Result<Done, WireError> {
        let ReleaseGo { release, role, go, comment, passphrase } = request;
        let id = ReleaseId::new(release);
        let product = self.product_of_release(&id)?;
        let act = Act::VoiceGo { release: id, go, comment };
        let signing = Signing {
            role: Some(role).filter(|role| !role.is_empty()),
            passphrase: passphrase.filter(|given| !given.is_empty()),
        };
        let said = if go { "Go." } else { "No-go; the dissent is kept." };
        Ok(self.act(Some(&product), act, &signing)?.done(None, said))
    }

    pub(crate) fn release_finish(&self, request: ReleaseFinish) -> Result<Done, WireError> {
        let act = Act::FinishRelease { release: request.release.as_str().into(), outcome: request.outcome };
        Ok(self
            .act_on_release(&request.release, act)?
            .done(None, "The release is finished; its plan can be read and copied."))
    }

    /// Acts load open releases only; the names of finished ones are taken, too.
    fn refuse_finished_name(&self, product: &ProductId, name: &str) -> Result<(), WireError> {
        let filter =
            ReleaseFilter { product: Some(product.clone()), open: Some(false), text: name.to_owned() };
        let finished = self.store.read(|reader| reader.releases(&filter, None, RELEASES))?.items;
        if finished.iter().any(|release| release.name == name.trim()) {
            let sentence = format!("A release “{name}” exists and is finished.");
            return Err(WireError::new("release.name-taken", sentence, "Choose another name."));
        }
        Ok(())
    }

    fn act_on_release(&self, release: &str, act: Act) -> Result<Recorded, WireError> {
        let product = self.product_of_release(&ReleaseId::new(release))?;
        self.act(Some(&product), act, &Signing::default())
    }

    pub(super) fn product_of_release(&self, release: &ReleaseId) -> Result<ProductId, WireError> {
        let found = self.store.read(|reader| reader.release(release))?;
        found.map(|release| release.product).ok_or_else(|| WireError::unknown("release"))
    }

    fn release_state(&self, release: &ReleaseId) -> Result<signalbox_domain::state::State, WireError> {
        self.state(&Scope::desk().around(Ref::Release(release.clone())))
    }
}

/// Reads an instant that a person or script wrote.
pub(super) fn instant(text: &str) -> Result<Moment, WireError> {
    Moment::parse(text).ok_or_else(|| {
        WireError::new(
            "time.malformed",
            format!("“{text}” is no instant."),
            "Write RFC 3339 with an offset, for example 2026-11-21T14:00:00Z.",
        )
    })
}
