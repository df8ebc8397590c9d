//! Answering gates: manual approvals, bound to a build by their token alone, and found again by the operation
//! key in their summary.

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus};
use chrono::Utc;

use super::api::Api;
use super::history::{self, Did, Status, time};
use super::id::{Waiting, gate_id};
use super::snapshot::Snapshot;
use crate::{
    Decision, GateHandle, OperationKey, Proof, Reason, Reconciled, RemoteError, RunId, Submission, Verdict,
    WriteError,
};

/// The longest summary that the system takes.
const SUMMARY: usize = 512;
/// The longest comment that fits into it together with any operation key.
pub(super) const COMMENT: usize = 360;

/// Marks a summary with the operation that sent it.
fn mark(key: &OperationKey) -> String {
    format!("[Signalbox operation {key}]")
}

/// Writes the words of an answer: the comment, then the mark.
fn summary(comment: &str, key: &OperationKey) -> String {
    let words = format!("{} {}", comment.trim(), mark(key));
    words.trim().to_owned()
}

/// Answers a gate once, after a last look at it.
pub(super) async fn decide(
    api: &Api,
    gate: &GateHandle,
    decision: &Decision,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let waiting = Waiting::open(gate)?;
    check(decision)?;
    if decision.expect_build != waiting.build {
        return Err(stale(&waiting).into());
    }
    let snapshot = Snapshot::take(api, &waiting.pipeline).await?;
    let open = snapshot.open(api).await?;
    let there = open.into_iter().map(|open| open.waiting).find(|there| {
        (&there.stage, &there.action, &there.execution)
            == (&waiting.stage, &waiting.action, &waiting.execution)
    });
    match there {
        Some(there) if there == waiting => {}
        _ => return Err(stale(&waiting).into()),
    }
    answer(api, &waiting, decision.verdict, &decision.comment, key).await
}

fn stale(waiting: &Waiting) -> RemoteError {
    let gate = gate_id(&waiting.stage, &waiting.action);
    RemoteError::Stale { detail: format!("{gate} does not wait any more with the build that you saw") }
}

fn check(decision: &Decision) -> Result<(), RemoteError> {
    let mut reasons = Vec::new();
    let mut refuse = |code, sentence: String, next_step: &str| {
        reasons.push(Reason { code, place: "decision".into(), sentence, next_step: next_step.into() });
    };
    if decision.comment.chars().count() > COMMENT {
        let sentence = format!("The comment is longer than {COMMENT} characters.");
        refuse("codepipeline.comment-long", sentence, "Shorten it.");
    }
    if !decision.fields.is_empty() {
        let sentence = "A manual approval has no fields.".to_owned();
        refuse("codepipeline.fields", sentence, "Leave the fields out.");
    }
    if reasons.is_empty() {
        return Ok(());
    }
    Err(RemoteError::Invalid { reasons, detail: "The answer can't be given like this.".into() })
}

/// Sends an answer to a gate that was just looked at.
pub(super) async fn answer(
    api: &Api,
    waiting: &Waiting,
    verdict: Verdict,
    comment: &str,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let status = match verdict {
        Verdict::Approve => ApprovalStatus::Approved,
        Verdict::Reject => ApprovalStatus::Rejected,
    };
    let room = SUMMARY - mark(key).chars().count() - 1;
    let comment: String = comment.chars().take(room).collect();
    let result = ApprovalResult::builder().status(status).summary(summary(&comment, key)).build();
    let result = result.map_err(|error| RemoteError::Protocol { detail: error.to_string() })?;
    let call = api
        .sdk
        .put_approval_result()
        .pipeline_name(waiting.pipeline.as_str())
        .stage_name(&waiting.stage)
        .action_name(&waiting.action)
        .token(&waiting.token)
        .result(result)
        .send();
    let told = api.write(call).await?;
    let accepted_at = time(told.approved_at.as_ref()).unwrap_or_else(|| api.now());
    Ok(Submission {
        run: Some(waiting.run().id()),
        accepted_at,
        proof: Proof::ServerSaid,
        request_id: request_id(&told),
    })
}

/// The system's own id of a request.
pub(super) fn request_id(told: &impl aws_sdk_codepipeline::operation::RequestId) -> Option<String> {
    told.request_id().map(|id| id.chars().take(100).collect())
}

/// What became of an answer, as far as the gate's own past tells.
pub(super) enum Past {
    /// Our answer took effect.
    Ours(Submission),
    /// The gate still waits.
    Waits,
    /// The gate was answered with other words.
    Others,
    /// The gate was answered, and the words can't be read.
    Silent(String),
    /// The execution never came to the gate.
    Never,
}

/// Reads back what became of an answer.
pub(super) async fn reconcile(
    api: &Api,
    gate: &GateHandle,
    decision: &Decision,
    key: &OperationKey,
) -> Result<Reconciled, RemoteError> {
    let waiting = Waiting::open(gate)?;
    let did = history::of_execution(api, &waiting.pipeline, &waiting.execution).await?;
    let run = waiting.run().id();
    Ok(match past(api, &waiting, decision.verdict, key, &did, run).await? {
        Past::Ours(submission) => Reconciled::Applied(submission),
        // The token is spent by the first answer, so ours had no effect.
        Past::Waits | Past::Others | Past::Never => Reconciled::NotApplied,
        Past::Silent(evidence) => Reconciled::StillUnknown { evidence },
    })
}

/// Looks for our words in the past of a gate, first in the history of the execution, then in the state of the
/// stage, which keeps the summary of the newest answer.
pub(super) async fn past(
    api: &Api,
    waiting: &Waiting,
    verdict: Verdict,
    key: &OperationKey,
    did: &[Did],
    run: RunId,
) -> Result<Past, RemoteError> {
    let Waiting { pipeline, stage, action, execution, .. } = waiting;
    let here: Vec<&Did> = did.iter().filter(|did| did.stage == *stage && did.action == *action).collect();
    let wanted = match verdict {
        Verdict::Approve => Status::Done,
        Verdict::Reject => Status::Failed,
    };
    let ours = |accepted_at: Option<chrono::DateTime<Utc>>| {
        Past::Ours(Submission {
            run: Some(run.clone()),
            accepted_at: accepted_at.unwrap_or_else(|| api.now()),
            proof: Proof::ReadBack,
            request_id: None,
        })
    };
    let mark = mark(key);
    let marked = |words: &Option<String>| words.as_ref().is_some_and(|words| words.contains(&mark));
    if let Some(did) = here.iter().find(|did| marked(&did.summary) && did.status == wanted) {
        return Ok(ours(did.changed));
    }
    let Some(newest) = here.first() else { return Ok(Past::Never) };
    if newest.status == Status::Working {
        return Ok(Past::Waits);
    }
    let told = api.read(api.sdk.get_pipeline_state().name(pipeline.as_str()).send()).await?;
    let told = told.stage_states.unwrap_or_default();
    let there = told.iter().find(|state| state.stage_name.as_deref() == Some(stage.as_str()));
    let same = there
        .and_then(|state| state.latest_execution.as_ref())
        .is_some_and(|latest| latest.pipeline_execution_id == *execution);
    let words = there
        .filter(|_| same)
        .and_then(|state| {
            state.action_states().iter().find(|state| state.action_name.as_deref() == Some(action.as_str()))
        })
        .and_then(|state| state.latest_execution.as_ref())
        .and_then(|latest| latest.summary.clone());
    if marked(&words) && newest.status == wanted {
        return Ok(ours(newest.changed));
    }
    let by = newest.by.as_deref().unwrap_or("somebody");
    Ok(match words.is_some() {
        true => Past::Others,
        false => Past::Silent(format!(
            "{stage}/{action} was answered by {by}, and its words can't be read any more"
        )),
    })
}
