//! Gates: the reviews that environments ask for before a job may deploy.
//!
//! GitHub gives no token for an answer: a run and an environment name the same review again when the run is run
//! again. So the handle holds the attempt and the commit that were seen, and both are read again right before the
//! answer is sent. The operation goes into the comment, by which our own answer is found in the run's history.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::builds::{self, Known};
use super::calls::Site;
use super::names::{RunAt, Workflow, says};
use super::wire::{Approval, Pending, Run};
use crate::{
    Decision, GateHandle, GateId, OperationKey, PendingGate, Proof, Reason, Reconciled, RemoteError, RunId,
    StageId, Submission, Verdict, WriteError,
};

/// The longest comment that is sent; GitHub publishes no limit.
pub const LONGEST_COMMENT: usize = 1_000;
/// How long a review may stay open before the run fails, by GitHub's rule.
const PATIENCE: TimeDelta = TimeDelta::days(30);
/// How long an answer that broke off may still be on its way.
const ON_ITS_WAY: TimeDelta = TimeDelta::seconds(15);

/// What a handle holds: one review of one attempt of one run.
#[derive(Serialize, Deserialize)]
struct Sealed {
    run: String,
    attempt: u64,
    commit: String,
    environment: u64,
    name: String,
    build: String,
}

/// Lists the reviews that wait.
pub async fn pending(
    site: &Site,
    workflow: &Workflow,
    known: &Known,
) -> Result<Vec<PendingGate>, RemoteError> {
    let waiting = site.search_runs(workflow, &[("status", "waiting")]).await?;
    let mut gates = Vec::new();
    for run in waiting.runs {
        let at = RunAt { repo: workflow.repo.clone(), number: run.id };
        let build = known.named(site, &workflow.repo, run.head_branch.as_deref(), &run.head_sha).await?;
        for review in site.pending(&at).await?.into_iter().filter(asks_people) {
            gates.push(gate(workflow, &at, &run, &build, review)?);
        }
    }
    Ok(gates)
}

/// Only what people are asked for can be answered: timers end by themselves, rules of apps by their apps.
fn asks_people(review: &Pending) -> bool {
    !review.reviewers.is_empty()
}

fn gate(
    workflow: &Workflow,
    at: &RunAt,
    run: &Run,
    build: &crate::BuildId,
    review: Pending,
) -> Result<PendingGate, RemoteError> {
    let sealed = Sealed {
        run: at.id().to_string(),
        attempt: run.run_attempt,
        commit: run.head_sha.clone(),
        environment: review.environment.id,
        name: review.environment.name.clone(),
        build: build.to_string(),
    };
    let token = serde_json::to_string(&sealed)
        .map_err(|error| RemoteError::Protocol { detail: error.to_string() })?;
    let since = review.wait_timer_started_at.unwrap_or(run.updated_at);
    let title: String = super::runs::short(&run.display_title);
    Ok(PendingGate {
        handle: GateHandle::seal(token),
        pipeline: workflow.id(),
        gate: GateId::new(review.environment.name.clone()),
        question: format!("May “{title}” deploy to {}?", review.environment.name),
        stage: StageId::new(review.environment.name),
        build: build.clone(),
        run: Some(at.id()),
        fields: Default::default(),
        since,
        expires: since.checked_add_signed(PATIENCE),
        may_answer: Some(review.current_user_can_approve),
    })
}

/// Answers a review.
pub async fn decide(
    site: &Site,
    handle: &GateHandle,
    decision: &Decision,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let (sealed, at) = open(handle)?;
    check_comment(&decision.comment)?;
    if decision.expect_build.as_str() != sealed.build {
        let detail = format!("{} waits at this review, not {}", sealed.build, decision.expect_build);
        return Err(RemoteError::Stale { detail }.into());
    }
    let run = site.run(&at).await?;
    still_the_same(&sealed, &run)?;
    // A release could have been given another commit since the review was shown.
    let build = builds::known(site, &at.repo).await?;
    let build = build.named(site, &at.repo, run.head_branch.as_deref(), &run.head_sha).await?;
    if build.as_str() != sealed.build {
        return Err(RemoteError::Stale { detail: format!("the run now carries {build}") }.into());
    }
    let reviews = site.pending(&at).await?;
    let Some(review) = reviews.iter().find(|review| review.environment.id == sealed.environment) else {
        return Err(settled_by(&site.approvals(&at).await?, &sealed).into());
    };
    if !review.current_user_can_approve {
        return Err(RemoteError::Forbidden {
            needs: Some(format!("to be a required reviewer of {}", sealed.name)),
            detail:
                "GitHub says that this account may not answer the review; who started the run may be barred"
                    .into(),
        }
        .into());
    }
    let state = match decision.verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
    };
    let answer = site.send(site.review(&at, sealed.environment, state, &comment(decision, key))).await?;
    // The answer lists the deployments; one that can't be read may be anybody's.
    site.http.answered::<Vec<serde_json::Value>>(&answer)?;
    Ok(submission(&at.id(), Proof::ServerSaid, answer.at, answer.request_id()))
}

/// Reads back what became of an answer.
pub async fn reconcile(
    site: &Site,
    handle: &GateHandle,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    let (sealed, at) = open(handle)?;
    // The review is read first: were it read last, an answer could arrive in between and be missed.
    let reviews = site.pending(&at).await?;
    let history = site.approvals(&at).await?;
    let ours =
        |given: &&Approval| given.comment.as_deref().is_some_and(|comment| says(comment, key.as_str()));
    if history.iter().any(|given| ours(&given)) {
        return Ok(Reconciled::Applied(submission(&at.id(), Proof::ReadBack, site.http.now(), None)));
    }
    let waits = reviews.iter().any(|review| review.environment.id == sealed.environment);
    if waits && site.http.now() - sent_at >= ON_ITS_WAY {
        return Ok(Reconciled::NotApplied);
    }
    let evidence = if waits {
        format!("the review of {} still waits; the answer may be on its way", sealed.name)
    } else {
        format!(
            "the review of {} waits no more, and the run's history holds no answer with {key}",
            sealed.name
        )
    };
    Ok(Reconciled::StillUnknown { evidence })
}

fn open(handle: &GateHandle) -> Result<(Sealed, RunAt), RemoteError> {
    let sealed: Sealed = serde_json::from_str(handle.open())
        .map_err(|_| RemoteError::NotFound("a review that this connection has shown".into()))?;
    let at = RunAt::of(&RunId::new(sealed.run.clone()))?;
    Ok((sealed, at))
}

fn still_the_same(sealed: &Sealed, run: &Run) -> Result<(), RemoteError> {
    let detail = if run.head_sha != sealed.commit {
        format!("the run is at commit {} now", run.head_sha)
    } else if run.run_attempt != sealed.attempt {
        format!("the run is in attempt {} now, and attempt {} was shown", run.run_attempt, sealed.attempt)
    } else {
        return Ok(());
    };
    Err(RemoteError::Stale { detail })
}

/// Says who answered a review that waits no more.
fn settled_by(history: &[Approval], sealed: &Sealed) -> RemoteError {
    let of_ours = |given: &&Approval| given.environments.iter().any(|place| place.id == sealed.environment);
    match history.iter().find(of_ours) {
        Some(given) => RemoteError::AlreadyDecided {
            by: given.user.as_ref().map(|user| user.login.clone()),
            verdict: match given.state.as_str() {
                "approved" => Some(Verdict::Approve),
                "rejected" => Some(Verdict::Reject),
                _ => None,
            },
        },
        None => RemoteError::Stale { detail: format!("the review of {} waits no more", sealed.name) },
    }
}

fn check_comment(comment: &str) -> Result<(), RemoteError> {
    let length = comment.chars().count();
    let (code, sentence) = if comment.trim().is_empty() {
        ("gate.comment-missing", "The review needs a comment.".to_owned())
    } else if length > LONGEST_COMMENT {
        (
            "gate.comment-too-long",
            format!("The comment has {length} characters; {LONGEST_COMMENT} are the limit."),
        )
    } else {
        return Ok(());
    };
    let next_step = "Write a short comment.".to_owned();
    let reasons = vec![Reason { code, place: "comment".into(), sentence, next_step }];
    Err(RemoteError::Invalid { reasons, detail: "The review can't be answered like this.".into() })
}

fn comment(decision: &Decision, key: &OperationKey) -> String {
    format!("{} [{key}]", decision.comment.trim())
}

fn submission(run: &RunId, proof: Proof, at: DateTime<Utc>, request_id: Option<String>) -> Submission {
    Submission { run: Some(run.clone()), accepted_at: at, proof, request_id }
}
