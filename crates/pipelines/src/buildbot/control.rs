//! Ending a run, and running it again.

use serde_json::json;

use super::Buildbot;
use super::run::{id_of, number_of};
use super::stages::SCHEDULER;
use super::wire::results;
use crate::{Proof, Reason, RemoteError, RunId, StageId, Submission, WriteError};

/// The longest reason that goes with a cancellation.
const LONGEST_REASON: usize = 500;

impl Buildbot {
    pub(super) async fn stop(&self, run: &RunId, reason: &str) -> Result<Submission, WriteError> {
        if reason.chars().count() > LONGEST_REASON {
            return Err(too_long().into());
        }
        let seen = self.seen(run, &[]).await?;
        if seen.ended() {
            return Err(RemoteError::Conflict { detail: "the run has ended".into() }.into());
        }
        let build = seen.build.filter(|build| !build.complete && build.results != Some(results::RETRY));
        let params = json!({ "reason": reason });
        let accepted = match build {
            Some(build) => {
                let path = ["builds", &build.buildid.to_string()];
                self.session.call(&path, "stop", params).await?
            }
            None => {
                let path = ["buildrequests", &number_of(run)?.to_string()];
                self.session.call(&path, "cancel", params).await?
            }
        };
        Ok(Submission {
            run: Some(run.clone()),
            accepted_at: accepted.at,
            // Buildbot passes the order on to itself; whether it took effect shows in the run.
            proof: Proof::Pending,
            request_id: None,
        })
    }

    /// Builds again what a run has built, with the same inputs. Buildbot makes a new request of it.
    pub(super) async fn rebuild(&self, run: &RunId, stage: &StageId) -> Result<Submission, WriteError> {
        let seen = self.seen(run, &[SCHEDULER]).await?;
        let scheduler = seen.request.text(SCHEDULER).unwrap_or_default();
        if !scheduler.starts_with("promote-") || !scheduler.ends_with(&format!("-{stage}")) {
            return Err(RemoteError::NotFound(format!("run {run} in the stage {stage}")).into());
        }
        let conflict = |detail: &str| WriteError::from(RemoteError::Conflict { detail: detail.into() });
        let Some(build) = seen.build.as_ref().filter(|_| seen.ended()) else {
            return Err(conflict("only a run that has begun and ended can be built again"));
        };
        if self.busy(seen.request.builderid, &scheduler).await? {
            return Err(conflict("another run waits or works in the stage"));
        }
        let path = ["builds", &build.buildid.to_string()];
        let accepted = self.session.call(&path, "rebuild", json!({})).await?;
        let request = accepted.request(seen.request.builderid)?;
        Ok(Submission {
            run: Some(id_of(request)),
            accepted_at: accepted.at,
            proof: Proof::ServerSaid,
            request_id: None,
        })
    }
}

fn too_long() -> RemoteError {
    RemoteError::Invalid {
        reasons: vec![Reason {
            code: "cancel.reason_too_long",
            place: "reason".into(),
            sentence: format!("The reason has more than {LONGEST_REASON} characters."),
            next_step: "Shorten it.".into(),
        }],
        detail: "the run can't be cancelled like this".into(),
    }
}
