//! Gates: deployments that wait for an approval, and manual jobs.
//!
//! An approval starts nothing by itself, except under GitLab's older rule of one approval count. So an approval
//! is two writes: the approval, and once that is proved, the start. What the first one leaves behind is seen in
//! the deployment, so the same answer given again only does what is missing.

use std::time::Duration;

use serde_json::json;

use super::id::{JobRef, Ticket};
use super::wire::{Deployment, Job, JobState, Person};
use super::{COMMENT, GitLab};
use crate::http::Call;
use crate::{Decision, GateHandle, Proof, Reason, Reconciled, RemoteError, Submission, Verdict, WriteError};

/// How often an approval is looked for after it was sent, and how long to wait between.
const LOOKS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

impl GitLab {
    async fn deployment(&self, ticket: &Ticket) -> Result<(Deployment, Job), RemoteError> {
        let id = ticket.deployment.to_string();
        let url = self.of_project(&ticket.project, &["deployments", &id], &[]);
        let deployment: Deployment = self.http.get(url).await?;
        let job = deployment.deployable.clone().filter(|job| job.id == ticket.job);
        let job =
            job.ok_or_else(|| RemoteError::Stale { detail: "another job waits there by now".into() })?;
        if deployment.pipeline() != Some(ticket.build) {
            return Err(RemoteError::Stale { detail: "another build waits there by now".into() });
        }
        Ok((deployment, job))
    }

    pub(super) async fn decide(
        &self,
        gate: &GateHandle,
        decision: &Decision,
    ) -> Result<Submission, WriteError> {
        let ticket = Ticket::of(gate)?;
        check_words(decision)?;
        if decision.expect_build != ticket.build() {
            let detail = format!("build {} waits there, not {}", ticket.build, decision.expect_build);
            return Err(RemoteError::Stale { detail }.into());
        }
        let me = self.me().await?;
        let (deployment, job) = self.deployment(&ticket).await?;
        if job.state() != JobState::Manual {
            return Err(decided(&deployment, &job).into());
        }
        let approved = deployment.approval_of(&me).map(|known| known.status.as_str());
        match (decision.verdict, deployment.waits_for_approval()) {
            (Verdict::Approve, false) => {
                let call = Call::post(self.of_job(&of_job(&ticket), &["play"]));
                self.play(&ticket.project, &job, call).await
            }
            (Verdict::Approve, true) if approved == Some("approved") => Err(RemoteError::AlreadyDecided {
                by: Some(me.username.clone()),
                verdict: Some(Verdict::Approve),
            }
            .into()),
            (Verdict::Approve, true) => {
                let answered = self.answer(&ticket, decision, &me).await?;
                self.start_if_open(&ticket, answered).await
            }
            (Verdict::Reject, true) => self.answer(&ticket, decision, &me).await,
            (Verdict::Reject, false) => {
                let reason = Reason {
                    code: "gitlab.no-reject",
                    place: format!("job {}", job.name),
                    sentence: "It is a manual job, and GitLab knows no way to reject one.".into(),
                    next_step: "Leave it as it is, or cancel it in GitLab.".into(),
                };
                let detail = "The gate can't be rejected.".into();
                Err(RemoteError::Invalid { reasons: vec![reason], detail }.into())
            }
        }
    }

    /// Sends an approval or a rejection, once. It counts only when it is seen in the deployment.
    async fn answer(
        &self,
        ticket: &Ticket,
        decision: &Decision,
        me: &Person,
    ) -> Result<Submission, WriteError> {
        let status = status_of(decision.verdict);
        let mut body = json!({ "status": status });
        if !decision.comment.trim().is_empty() {
            body["comment"] = json!(decision.comment);
        }
        let id = ticket.deployment.to_string();
        let call =
            Call::post(self.of_project(&ticket.project, &["deployments", &id, "approval"], &[])).json(&body);
        let sent_at = self.http.now();
        let sent = self.http.send(call).await.and_then(|answer| self.http.accepted(answer));
        let (cause, request_id) = match sent {
            Ok(answer) => {
                let detail = "the approval was accepted and is not to be seen".into();
                (RemoteError::Protocol { detail }, answer.request_id())
            }
            Err(WriteError::OutcomeUnknown { cause, .. }) => (cause, None),
            Err(refused) => return Err(refused),
        };
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let Ok((deployment, _)) = self.deployment(ticket).await else { continue };
            let Some(_) = deployment.approval_of(me).filter(|known| known.status == status) else { continue };
            return Ok(Submission {
                run: Some(ticket.run()),
                accepted_at: self.http.now(),
                proof: Proof::ReadBack,
                request_id,
            });
        }
        Err(WriteError::OutcomeUnknown { cause, sent_at })
    }

    /// Starts the job behind an approval that is proved, unless further approvals are missing or GitLab has
    /// started it itself.
    async fn start_if_open(&self, ticket: &Ticket, approved: Submission) -> Result<Submission, WriteError> {
        let pending = Submission { proof: Proof::Pending, ..approved.clone() };
        let unknown = |cause| WriteError::OutcomeUnknown { cause, sent_at: approved.accepted_at };
        let (deployment, job) = self.deployment(ticket).await.map_err(unknown)?;
        if job.state() != JobState::Manual {
            return Ok(approved);
        }
        if deployment.waits_for_approval() {
            return Ok(pending);
        }
        let call = Call::post(self.of_job(&of_job(ticket), &["play"]));
        match self.play(&ticket.project, &job, call).await {
            Ok(started) => Ok(started),
            // The approval stands. Who may approve need not be allowed to deploy; the job waits for one who is.
            Err(WriteError::NotApplied(RemoteError::Forbidden { .. } | RemoteError::Conflict { .. })) => {
                Ok(approved)
            }
            Err(WriteError::NotApplied(cause)) => Err(unknown(cause)),
            Err(lost) => Err(lost),
        }
    }

    /// Finds out what became of an answer. "Not applied" means that something of it is missing, and that the
    /// same answer given again does no more than that.
    pub(super) async fn read_answer(
        &self,
        gate: &GateHandle,
        decision: &Decision,
    ) -> Result<Reconciled, RemoteError> {
        let ticket = Ticket::of(gate)?;
        let me = self.me().await?;
        let (deployment, job) = self.deployment(&ticket).await?;
        let ours = deployment.approval_of(&me);
        let given = ours.is_some_and(|known| known.status == status_of(decision.verdict));
        let began = job.state() == JobState::Active || job.started_at.is_some();
        let applied = match decision.verdict {
            Verdict::Reject => given,
            Verdict::Approve if began => given || job.started_by(&me),
            Verdict::Approve => given && (deployment.waits_for_approval() || job.state() != JobState::Manual),
        };
        if !applied {
            return Ok(Reconciled::NotApplied);
        }
        let given_at = ours.and_then(|known| known.created_at);
        Ok(Reconciled::Applied(Submission {
            run: Some(ticket.run()),
            accepted_at: job.started_at.or(given_at).unwrap_or_else(|| self.http.now()),
            proof: if began || decision.verdict == Verdict::Reject {
                Proof::ReadBack
            } else {
                Proof::Pending
            },
            request_id: None,
        }))
    }
}

fn of_job(ticket: &Ticket) -> JobRef {
    JobRef { project: ticket.project.clone(), job: ticket.job }
}

fn status_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
    }
}

fn check_words(decision: &Decision) -> Result<(), RemoteError> {
    let mut reasons = Vec::new();
    if decision.comment.chars().count() > COMMENT {
        reasons.push(Reason {
            code: "gitlab.comment-too-long",
            place: "comment".into(),
            sentence: format!("GitLab takes at most {COMMENT} characters."),
            next_step: "Shorten it.".into(),
        });
    }
    if !decision.fields.is_empty() {
        reasons.push(Reason {
            code: "gitlab.no-fields",
            place: "fields".into(),
            sentence: "The gates of GitLab have no fields.".into(),
            next_step: "Leave them out.".into(),
        });
    }
    if reasons.is_empty() {
        return Ok(());
    }
    Err(RemoteError::Invalid { reasons, detail: "The answer can't be given like this.".into() })
}

fn decided(deployment: &Deployment, job: &Job) -> RemoteError {
    let rejected = deployment.approvals.iter().flatten().find(|known| known.status == "rejected");
    match rejected {
        Some(known) => RemoteError::AlreadyDecided {
            by: Some(known.user.username.clone()),
            verdict: Some(Verdict::Reject),
        },
        None => RemoteError::AlreadyDecided { by: Some(job.starter()), verdict: Some(Verdict::Approve) },
    }
}
