//! Has a pipeline test a whole product: started once, followed to its end, and its result recorded (R2).

use crate::desk::Desk;
use crate::errand::Errand;
use crate::outbox::Step;
use crate::wire::WireError;
use signalbox_domain::decide::Act;
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{ProductId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::release::Chosen;
use signalbox_domain::state::{Ref, State};
use signalbox_pipelines::{
    OperationKey, PipelineSystem, Reconciled, RemoteError, RunId, RunPlan, RunState, RunStatus, Submission,
    WriteError, sanitise,
};
use signalbox_store::{OutboxItem, Scope};
use std::collections::BTreeMap;

/// A test with everything that it needs.
struct Test {
    item: OutboxItem,
    product: ProductId,
    stage: StageKey,
    builds: Vec<Chosen>,
    plan: RunPlan,
}

impl Desk {
    /// One step of a product test whose turn it is.
    pub(crate) fn carry_test(&self, item: OutboxItem) -> Result<Step, WireError> {
        let intent = Fact::read("product-test-intended.v1", item.doc.clone());
        let Ok(Fact::ProductTestIntended { product, stage, connection, pipeline, builds, due, .. }) = intent
        else {
            return Err(WireError::inside("the outbox holds something else than a product test"));
        };
        let around = builds.iter().map(|chosen| Ref::Build(chosen.build.clone()));
        let state = self.state(&around.fold(Scope::desk(), Scope::around))?;
        let plan = RunPlan {
            pipeline: pipeline.into(),
            inputs: inputs(&state, &product, &stage, &builds),
            reason: if due.is_some() { "product test, by its trigger" } else { "product test" }.to_owned(),
        };
        self.run_errand(&Test { item, product, stage, builds, plan }, &connection)
    }
}

/// What the pipeline is told: the product, the stage, and each build that stands there.
fn inputs(
    state: &State,
    product: &ProductId,
    stage: &StageKey,
    builds: &[Chosen],
) -> BTreeMap<String, String> {
    let name = state.products.get(product).map_or_else(|| product.to_string(), |known| known.name.clone());
    let builds = builds.iter().map(|chosen| {
        let service = state.service(&chosen.service).map(|(_, service)| service.name.as_str());
        let label = state.builds.get(&chosen.build).map(|build| build.content.label.as_str());
        format!("{}={}", service.unwrap_or(chosen.service.as_str()), label.unwrap_or(chosen.build.as_str()))
    });
    BTreeMap::from([
        (RunPlan::PRODUCT.to_owned(), name),
        (RunPlan::STAGE.to_owned(), stage.to_string()),
        (RunPlan::BUILDS.to_owned(), builds.collect::<Vec<_>>().join(" ")),
    ])
}

impl Errand for Test {
    fn item(&self) -> &OutboxItem {
        &self.item
    }

    fn send(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        desk.wait(system.start_run(&self.plan, key))
    }

    fn reconcile(
        &self,
        desk: &Desk,
        system: &dyn PipelineSystem,
        key: &OperationKey,
    ) -> Result<Reconciled, RemoteError> {
        desk.wait(system.reconcile_run(&self.plan, key, self.item.at.utc()))
    }

    fn outcome(&self, desk: &Desk) -> Result<Option<Outcome>, WireError> {
        let state = desk.state(&Scope::desk())?;
        let tests = state.products.get(&self.product).map(|known| known.releasing.tests.as_slice());
        let known = tests.unwrap_or_default().iter().find(|known| known.id == self.item.operation);
        Ok(known.and_then(|known| known.outcome))
    }

    fn end(&self, desk: &Desk, outcome: Outcome, detail: String) -> Result<(), WireError> {
        let summary = match detail.trim() {
            "" => wordless(outcome).to_owned(),
            said => said.to_owned(),
        };
        let act = Act::RecordProductTest {
            product: self.product.clone(),
            stage: self.stage.clone(),
            test: Some(self.item.operation.clone()),
            outcome,
            builds: self.builds.clone(),
            source: self.plan.pipeline.to_string(),
            summary,
        };
        match desk.observe(Some(&self.product), act) {
            // Another process, or a person, was quicker.
            Err(error) if error.code == "product-test.settled" => Ok(()),
            other => other.map(|_| ()),
        }
    }

    fn ran(
        &self,
        desk: &Desk,
        _system: &dyn PipelineSystem,
        _run: &RunId,
        status: &RunStatus,
    ) -> Result<(), WireError> {
        let outcome = match status.state {
            RunState::Succeeded => Outcome::Succeeded,
            RunState::Failed | RunState::Cancelled => Outcome::Failed,
            RunState::Unknown | RunState::Queued | RunState::Running => Outcome::Unknown,
        };
        self.end(desk, outcome, sanitise(&status.summary).into_owned())
    }
}

/// What is said of a test whose pipeline says nothing.
fn wordless(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "It passed.",
        Outcome::Failed => "It failed.",
        Outcome::NotDone => "Nothing was sent.",
        Outcome::Unknown => "What became of it can't be found out.",
    }
}
