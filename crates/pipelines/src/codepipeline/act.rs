//! The smaller writes: ending an execution, retrying a stage, holding a stage.

use aws_sdk_codepipeline::types::{PipelineExecutionStatus, StageRetryMode, StageTransitionType};

use super::api::Api;
use super::gate::request_id;
use super::history::{self, Status};
use super::id::{Run, check_name};
use super::run::{execution, status};
use super::snapshot::Snapshot;
use crate::{PipelineId, Proof, Reason, RemoteError, RunId, RunState, StageId, Submission, WriteError};

/// The longest reason for a stop.
const STOP_REASON: usize = 200;
/// The longest reason for a hold.
const HOLD_REASON: usize = 300;

fn done(api: &Api, run: Option<RunId>, proof: Proof, request_id: Option<String>) -> Submission {
    Submission { run, accepted_at: api.now(), proof, request_id }
}

/// Ends an execution: what works now is awaited, nothing further begins. What only waits at a gate is abandoned,
/// and so is everything when an execution is ended that is stopping already.
pub(super) async fn cancel(api: &Api, run: &Run, reason: &str) -> Result<Submission, WriteError> {
    let told = execution(api, run).await?;
    let stopping = match told.status {
        Some(PipelineExecutionStatus::InProgress) => false,
        Some(PipelineExecutionStatus::Stopping) => true,
        _ => return Err(RemoteError::Conflict { detail: "the execution has ended".into() }.into()),
    };
    let shape = api.shape(&run.pipeline, told.pipeline_version).await?;
    let did = history::of_execution(api, &run.pipeline, &run.execution).await?;
    let works = did.iter().filter(|did| did.status == Status::Working).any(|did| {
        shape.stage(&did.stage).is_none_or(|stage| stage.gates().all(|gate| gate.name != did.action))
    });
    let reason: String = reason.trim().chars().take(STOP_REASON).collect();
    let call = api
        .sdk
        .stop_pipeline_execution()
        .pipeline_name(run.pipeline.as_str())
        .pipeline_execution_id(&run.execution)
        .abandon(stopping || !works)
        .set_reason((!reason.is_empty()).then_some(reason))
        .send();
    let told = api.write(call).await?;
    Ok(done(api, Some(run.id()), Proof::Pending, request_id(&told)))
}

/// Runs what failed in a stage again, in the same execution.
pub(super) async fn retry(api: &Api, run: &Run, stage: &StageId) -> Result<Submission, WriteError> {
    let run = Run { stage: stage.to_string(), ..run.clone() };
    check_name(&run.stage, "stage")?;
    if status(api, &run).await?.state != RunState::Failed {
        let detail = format!("nothing of the execution has failed in {stage}");
        return Err(RemoteError::Conflict { detail }.into());
    }
    let call = api
        .sdk
        .retry_stage_execution()
        .pipeline_name(run.pipeline.as_str())
        .stage_name(&run.stage)
        .pipeline_execution_id(&run.execution)
        .retry_mode(StageRetryMode::FailedActions)
        .send();
    let told = api.write(call).await?;
    Ok(done(api, Some(run.id()), Proof::ServerSaid, request_id(&told)))
}

/// Closes the way into a stage, or opens it again.
pub(super) async fn hold(
    api: &Api,
    pipeline: &PipelineId,
    stage: &StageId,
    reason: Option<&str>,
) -> Result<Submission, WriteError> {
    let snapshot = Snapshot::take(api, pipeline).await?;
    let place = snapshot.shape.stages.iter().position(|known| known.name == stage.as_str());
    let invalid = |code, sentence: &str, next_step: &str| {
        let place = stage.to_string();
        let reason = Reason { code, place, sentence: sentence.into(), next_step: next_step.into() };
        RemoteError::Invalid { reasons: vec![reason], detail: "The stage can't be held like this.".into() }
    };
    match place {
        None => return Err(RemoteError::NotFound(format!("stage {stage}")).into()),
        Some(0) => {
            let sentence = "Nothing leads into the first stage, so it can't be held.";
            return Err(invalid("codepipeline.first-stage", sentence, "Hold the stage after it.").into());
        }
        Some(_) => {}
    }
    let Some(reason) = reason else {
        let call = api
            .sdk
            .enable_stage_transition()
            .pipeline_name(pipeline.as_str())
            .stage_name(stage.as_str())
            .transition_type(StageTransitionType::Inbound)
            .send();
        let told = api.write(call).await?;
        return Ok(done(api, None, Proof::ServerSaid, request_id(&told)));
    };
    let reason = spelled(reason);
    if !reason.chars().any(|c| c.is_ascii_alphanumeric()) {
        let sentence = "The reason has no letter that CodePipeline can write down.";
        return Err(invalid("codepipeline.reason", sentence, "Write the reason with Latin letters.").into());
    }
    let call = api
        .sdk
        .disable_stage_transition()
        .pipeline_name(pipeline.as_str())
        .stage_name(stage.as_str())
        .transition_type(StageTransitionType::Inbound)
        .reason(reason)
        .send();
    let told = api.write(call).await?;
    Ok(done(api, None, Proof::ServerSaid, request_id(&told)))
}

/// Writes a reason with the few characters that are allowed there: letters, digits, blanks and `!@().*?-`.
/// Any other character becomes a hyphen.
fn spelled(reason: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c);
    reason.trim().chars().take(HOLD_REASON).map(|c| if allowed(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn a_reason_for_a_hold_keeps_to_the_allowed_characters() {
        assert_eq!(spelled("waits: QA, SHOP-12/13_a"), "waits- QA- SHOP-12-13-a");
        assert_eq!(spelled(&"x".repeat(400)).len(), 300);
    }
}
