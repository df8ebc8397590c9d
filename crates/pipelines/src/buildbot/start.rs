//! Starting what promotes nothing: a force scheduler by its own name, with the inputs that it declares.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Buildbot;
use super::line::Offer;
use super::promote::{LONGEST_REASON, REASON};
use super::wire::ForceScheduler;
use crate::{OperationKey, Reconciled, RemoteError, RunPlan, Submission, WriteError};

impl Buildbot {
    pub(super) async fn start_tests(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        let (scheduler, builder) = self.forced(plan).await?;
        if let Some(earlier) = self.sent_before(builder, key).await? {
            return Ok(earlier);
        }
        if !scheduler.enabled {
            return Err(RemoteError::Conflict { detail: "the force scheduler is switched off".into() }.into());
        }
        let inputs = plan.declared(&self.inputs.operation, key, |name| scheduler.takes(name));
        let mut inputs: Map<String, Value> =
            inputs.into_iter().map(|(name, value)| (name, json!(value))).collect();
        if scheduler.takes(REASON) {
            let words: String = plan.reason.chars().take(LONGEST_REASON).collect();
            inputs.insert(REASON.into(), json!(words));
        }
        self.send_force(&scheduler.name, builder, inputs).await
    }

    pub(super) async fn reconcile_tests(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let (scheduler, builder) = self.forced(plan).await?;
        if !scheduler.takes(&self.inputs.operation) {
            let evidence = format!(
                "The force scheduler has no input {}, so its requests don't say who began them.",
                self.inputs.operation
            );
            return Ok(Reconciled::StillUnknown { evidence });
        }
        self.reconcile_at(builder, key, sent_at).await
    }

    /// Finds the force scheduler that the plan names, and its builder.
    async fn forced(&self, plan: &RunPlan) -> Result<(ForceScheduler, u64), RemoteError> {
        let offer = Offer::read(self).await?;
        match offer.scheduler(plan.pipeline.as_str()) {
            Some((scheduler, Some(builder))) => Ok((scheduler.clone(), builder)),
            Some((_, None)) => Err(RemoteError::Conflict {
                detail: "the force scheduler does not lead to exactly one builder".into(),
            }),
            None => Err(RemoteError::NotFound(format!("force scheduler {}", plan.pipeline))),
        }
    }
}
