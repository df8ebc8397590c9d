//! Starting a pipeline that promotes nothing, with the inputs that it declares as variables.

use aws_sdk_codepipeline::types::TriggerType;
use chrono::{DateTime, Utc};

use super::api::Api;
use super::history::time;
use super::id::Run;
use super::promote::{SHOWS, SKEW, is_ours, send_start, since, variables_of};
use super::shape::Shape;
use crate::{OperationKey, Proof, Reconciled, RemoteError, RunPlan, Submission, WriteError};

/// Starts an execution. The service remembers the token of the key: the same key again is the same execution.
pub(super) async fn start_run(
    api: &Api,
    plan: &RunPlan,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let shape = api.shape(&plan.pipeline, None).await?;
    let place = place(&shape, plan)?;
    let inputs = plan.declared(&api.operation_input, key, |name| shape.variable(name).is_some());
    // The service takes no empty value.
    let inputs = inputs.into_iter().filter(|(_, value)| !value.is_empty());
    send_start(api, &place, Vec::new(), variables_of(inputs)?, key).await
}

/// The run is over when the last stage that works is.
fn place(shape: &Shape, plan: &RunPlan) -> Result<Run, RemoteError> {
    let last = shape.stages.iter().rev().find(|stage| stage.steps().next().is_some());
    let last = last.ok_or_else(|| RemoteError::NotFound("a stage that works".into()))?;
    Ok(Run { pipeline: plan.pipeline.clone(), execution: String::new(), stage: last.name.clone() })
}

/// Reads back what became of a start: by its variable, where the pipeline declares one for it.
pub(super) async fn reconcile_run(
    api: &Api,
    plan: &RunPlan,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    let shape = api.shape(&plan.pipeline, None).await?;
    let place = place(&shape, plan)?;
    let gives_back = shape.variable(&api.operation_input).is_some();
    let mut started = 0_usize;
    for summary in since(api, &plan.pipeline, sent_at - SKEW).await? {
        let Some(id) = summary.pipeline_execution_id.clone() else { continue };
        let trigger = summary.trigger.as_ref().and_then(|trigger| trigger.trigger_type.clone());
        if trigger != Some(TriggerType::StartPipelineExecution) {
            continue;
        }
        started += 1;
        let run = Run { execution: id, ..place.clone() };
        if gives_back && is_ours(api, &run, key).await? {
            return Ok(Reconciled::Applied(Submission {
                run: Some(run.id()),
                accepted_at: time(summary.start_time.as_ref()).unwrap_or_else(|| api.now()),
                proof: Proof::ReadBack,
                request_id: None,
            }));
        }
    }
    Ok(if !gives_back && started > 0 {
        Reconciled::StillUnknown {
            evidence: format!(
                "{started} executions were started since then, and the pipeline has no variable {} that says by whom",
                api.operation_input
            ),
        }
    } else if api.now() - sent_at < SHOWS {
        Reconciled::StillUnknown {
            evidence: "no such execution has begun yet, and it may take a while to show".into(),
        }
    } else {
        Reconciled::NotApplied
    })
}
