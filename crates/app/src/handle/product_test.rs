//! Tests of a whole product: which pipeline runs them, when they begin, how they ended.

use crate::act::Signing;
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ConnectionId, EntryId, ProductId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::product_test::{TestBinding, builds_in, test_stage};
use signalbox_domain::trigger::{Trigger, Triggered};
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn product_test_bind(&self, request: ProductTestBind) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let binding = request.binding.map(|TestPipeline { connection, pipeline }| TestBinding {
            connection: ConnectionId::new(connection),
            pipeline: pipeline.trim().to_owned(),
        });
        if let Some(binding) = &binding {
            self.refuse_unfit(&product, binding)?;
        }
        let said = match &binding {
            Some(binding) => format!("{} tests the product.", binding.pipeline),
            None => "No pipeline tests the product any more.".to_owned(),
        };
        let act = Act::BindProductTest { product: product.clone(), binding };
        Ok(self.act(Some(&product), act, &Signing::default())?.done(None, said))
    }

    /// Refuses a connection through which no test can be started, with every reason of the rules beside it.
    fn refuse_unfit(&self, product: &ProductId, binding: &TestBinding) -> Result<(), WireError> {
        let state = self.state(&Scope::product(product.clone()))?;
        let Some(connection) = state.connections.get(&binding.connection) else { return Ok(()) };
        let starts = self.system(&binding.connection, &connection.kind)?.capabilities().start_run;
        if starts {
            return Ok(());
        }
        let act = Act::BindProductTest { product: product.clone(), binding: Some(binding.clone()) };
        let mut reasons =
            view::product_release::may(&state, &act, self.me(&state).as_ref(), self.now()).reasons;
        reasons.push(Reason {
            code: "product-test.cannot-start".to_owned(),
            sentence: format!("No test can be started through {}.", connection.name),
            next_step: "Use another connection, or tell the results by hand.".to_owned(),
        });
        Err(WireError::of_reasons(reasons))
    }

    pub(crate) fn trigger_set(&self, request: TriggerSet) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let trigger = request.trigger.map(|rule| trigger_of(rule.cron, rule.zone));
        let said = match &trigger {
            Some(_) => "The tests of the product begin by themselves from now on.",
            None => "The tests of the product no longer begin by themselves.",
        };
        let act = Act::SetTrigger { product: product.clone(), trigger };
        Ok(self.act(Some(&product), act, &Signing::default())?.done(None, said))
    }

    pub(crate) fn trigger_next(&self, request: TriggerNext) -> Result<TriggerPreview, WireError> {
        Ok(view::trigger::trigger_preview(&trigger_of(request.cron, request.zone), self.now()))
    }

    pub(crate) fn product_test_begin(&self, request: ProductTestBegin) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let state = self.state(&Scope::product(product.clone()))?;
        let known = state.products.get(&product).ok_or_else(|| WireError::unknown("product"))?;
        // A product without a process has no such stage; the rules say so, with every other reason.
        let stage = test_stage(&state, known).unwrap_or_else(|| StageKey::new(""));
        let act = Act::BeginProductTest { product: product.clone(), stage, due: None };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        let test = recorded.entries.first().cloned();
        Ok(recorded.done(test, "The test of the product is on its way."))
    }

    pub(crate) fn product_test_record(&self, request: ProductTestRecord) -> Result<Done, WireError> {
        let ProductTestRecord { product, stage, test, outcome, summary } = request;
        let (product, stage) = (ProductId::new(product), StageKey::new(stage));
        let outcome: Outcome = view::common::outcome(&outcome).ok_or_else(|| {
            WireError::new("test.not-settled", "“Running” is no outcome.", "Say how it ended.")
        })?;
        let state = self.state(&Scope::product(product.clone()))?;
        let known = state.products.get(&product).ok_or_else(|| WireError::unknown("product"))?;
        let test = test.map(EntryId::new);
        let tested = test.as_ref().and_then(|id| known.releasing.tests.iter().find(|test| test.id == *id));
        let builds = match tested {
            Some(test) => test.builds.clone(),
            None => builds_in(&state, known, &stage),
        };
        let source = self.me(&state).map_or_else(String::new, |me| format!("by hand, {}", me.person.name));
        let act = Act::RecordProductTest {
            product: product.clone(),
            stage,
            test,
            outcome,
            builds,
            source,
            summary,
        };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(None, "The result of the product's tests is recorded."))
    }
}

fn trigger_of(cron: String, zone: String) -> Trigger {
    Trigger { cron: cron.trim().to_owned(), time_zone: zone.trim().to_owned(), what: Triggered::ProductTests }
}
