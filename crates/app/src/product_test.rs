//! Ends intended tests of a whole product that no pipeline system is asked for.

use crate::desk::Desk;
use crate::outbox::Step;
use crate::wire::WireError;
use signalbox_domain::decide::Act;
use signalbox_domain::fact::Fact;
use signalbox_domain::line::Outcome;
use signalbox_store::{OutboxItem, OutboxState};

impl Desk {
    /// One step of a product test whose turn it is: nothing was sent for it, and that is its outcome.
    pub(crate) fn carry_test(&self, item: OutboxItem) -> Result<Step, WireError> {
        match item.state {
            OutboxState::Intended => {}
            OutboxState::Sending | OutboxState::Sent | OutboxState::Unknown => return Ok(Step::Settle),
            OutboxState::Done => return Ok(Step::Over),
        }
        let Ok(Fact::ProductTestIntended { product, stage, pipeline, builds, .. }) =
            Fact::read("product-test-intended.v1", item.doc)
        else {
            return Err(WireError::inside("the outbox holds something else than a product test"));
        };
        let act = Act::RecordProductTest {
            product: product.clone(),
            stage,
            test: Some(item.operation),
            outcome: Outcome::NotDone,
            builds,
            source: pipeline,
            summary: "nothing was sent: its pipeline is not started from here".to_owned(),
        };
        self.observe(Some(&product), act)?;
        Ok(Step::Over)
    }
}
