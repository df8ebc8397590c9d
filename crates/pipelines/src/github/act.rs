//! What can be done to a run: end it, or run what failed in it again.

use super::calls::Site;
use super::names::RunAt;
use super::runs;
use super::wire::Run;
use crate::http::Answer;
use crate::{Proof, RemoteError, RunState, StageId, Submission, WriteError};

/// Ends a run. GitHub has no place for a reason.
pub async fn cancel(site: &Site, at: &RunAt) -> Result<Submission, WriteError> {
    let run = site.run(at).await?;
    if run.is_over() {
        let detail = format!("run {} has ended", at.number);
        return Err(RemoteError::Conflict { detail }.into());
    }
    let answer = site.send(site.cancel(at)).await?;
    Ok(asked(at, &answer))
}

/// Runs the failed jobs of a run again, if the run deployed to the stage and nowhere else.
pub async fn retry(site: &Site, at: &RunAt, stage: &StageId) -> Result<Submission, WriteError> {
    let run = site.run(at).await?;
    may_run_again(site, at, &run, stage).await?;
    let answer = site.send(site.rerun_failed(at)).await?;
    Ok(asked(at, &answer))
}

async fn may_run_again(site: &Site, at: &RunAt, run: &Run, stage: &StageId) -> Result<(), RemoteError> {
    if !matches!(runs::state_of(run), RunState::Failed | RunState::Cancelled) {
        return Err(RemoteError::Conflict { detail: format!("run {} has not failed", at.number) });
    }
    let deploying = runs::deploying(site, at, run).await?;
    if !deploying.iter().any(|deploying| deploying.environment == stage.as_str()) {
        return Err(RemoteError::NotFound(format!("a deployment of run {} to {stage}", at.number)));
    }
    // Whoever asks for one stage must not start work in another.
    match deploying.iter().find(|deploying| deploying.environment != stage.as_str() && !deploying.succeeded) {
        None => {}
        Some(other) => {
            let detail =
                format!("the run failed in {} too, and GitHub runs all that failed again", other.environment);
            return Err(RemoteError::Conflict { detail });
        }
    }
    let newest = site.deployments(&at.repo, Some(("environment", stage.as_str()))).await?;
    for deployment in newest.iter().take(1) {
        let statuses = site.statuses(&at.repo, deployment.id).await?;
        if super::stages::run_of(&statuses, &at.repo).is_some_and(|newest| newest != at.number) {
            let detail = format!("another run has deployed to {stage} since");
            return Err(RemoteError::Stale { detail });
        }
    }
    Ok(())
}

fn asked(at: &RunAt, answer: &Answer) -> Submission {
    Submission {
        run: Some(at.id()),
        accepted_at: answer.at,
        proof: Proof::Pending,
        request_id: answer.request_id(),
    }
}
