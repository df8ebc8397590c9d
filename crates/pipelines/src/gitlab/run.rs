//! Runs: the jobs that deploy.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;

use super::GitLab;
use super::id::JobRef;
use super::wire::{Job, JobState};
use crate::http::{Call, problem_of, retry_at};
use crate::{
    LogChunk, LogCursor, Progress, Proof, RemoteError, RunId, RunState, RunStatus, Submission, WriteError,
};

impl GitLab {
    pub(super) async fn job(&self, job: &JobRef) -> Result<Job, RemoteError> {
        self.http.get(self.of_job(job, &[])).await
    }

    pub(super) async fn status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        let job = self.job(&JobRef::of(run)?).await?;
        let state = match (job.state(), job.status.as_str()) {
            (_, "success") => RunState::Succeeded,
            (_, "failed") => RunState::Failed,
            (_, "canceled") | (JobState::Skipped, _) => RunState::Cancelled,
            (_, "running" | "canceling") => RunState::Running,
            _ => RunState::Queued,
        };
        let why = job.failure_reason.as_deref().map(|why| format!(" ({})", why.replace('_', " ")));
        let summary: String = format!("Job {} is {}{}.", job.name, job.status, why.unwrap_or_default());
        Ok(RunStatus {
            run: run.clone(),
            state,
            step: Some("deploy".into()),
            deployed: state.is_final().then_some(state == RunState::Succeeded),
            checks: Vec::new(),
            progress: Progress { done: u32::from(state.is_final()), total: 1 },
            started: job.started_at,
            finished: job.finished_at,
            summary: summary.chars().take(500).collect(),
            link: job.web_url.filter(|link| link.starts_with("https://") || link.starts_with("http://")),
        })
    }

    /// Reads the log on. GitLab may send the range that was asked for or the whole log, so the cursor counts
    /// both the bytes on the wire and those of the decoded text.
    pub(super) async fn log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        let job = JobRef::of(run)?;
        let at = Place::of(at)?;
        // Asked first: once the job has ended, the log that is read afterwards is whole.
        let ended = matches!(self.job(&job).await?.state(), JobState::Ended | JobState::Skipped);
        let call = Call::get(self.of_job(&job, &["trace"])).header("range", format!("bytes={}-", at.wire));
        let answer = self.http.read_any(call).await?;
        let (text, range) = match answer.status {
            StatusCode::OK => (answer.body.get(at.text..).unwrap_or_default(), None),
            StatusCode::PARTIAL_CONTENT => {
                let range = answer.header("content-range").and_then(range_of);
                let range = range.filter(|range| range.0 == at.wire).ok_or(RemoteError::Protocol {
                    detail: "another part of the log came than was asked for".into(),
                })?;
                let new = if at.wire == 0 { at.text } else { 0 };
                (answer.body.get(new..).unwrap_or_default(), Some(range))
            }
            // Nothing new yet.
            StatusCode::RANGE_NOT_SATISFIABLE => ("", Some((at.wire, at.wire))),
            _ => return Err(problem_of(&answer, retry_at(&answer))),
        };
        let end = if ended { text.len() } else { text.rfind('\n').map_or(0, |end| end + 1) };
        let (text, rest) = text.split_at(end);
        // The bytes of a rest that was repaired or cleaned are not known: the whole is asked for next time.
        let counted = !rest.contains('\u{fffd}') && !rest.contains("[secret]");
        let wire = range.filter(|_| counted).map_or(0, |(_, behind)| behind.saturating_sub(rest.len()));
        let next = Place { wire, text: at.text + end }.cursor();
        Ok(LogChunk { text: text.to_owned(), next, complete: ended })
    }

    pub(super) async fn cancel_job(&self, run: &RunId) -> Result<Submission, WriteError> {
        let job = JobRef::of(run)?;
        let now = self.job(&job).await?;
        if matches!(now.state(), JobState::Ended | JobState::Skipped) {
            let detail = format!("job {} has ended as {}", now.name, now.status);
            return Err(RemoteError::Conflict { detail }.into());
        }
        let answer = self.http.send(Call::post(self.of_job(&job, &["cancel"]))).await?;
        let answer = self.http.accepted(answer)?;
        let after: Job = self.http.answered(&answer)?;
        Ok(Submission {
            run: Some(after.run(&job.project)),
            accepted_at: answer.at,
            proof: if after.state() == JobState::Ended { Proof::ServerSaid } else { Proof::Pending },
            request_id: answer.request_id(),
        })
    }

    /// Reads a job together with how far the server's clock is ahead of ours.
    pub(super) async fn clock_ahead(&self, job: &JobRef) -> Result<(Job, chrono::TimeDelta), RemoteError> {
        let answer = self.http.read(Call::get(self.of_job(job, &[]))).await?;
        let there = answer.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let ahead = there.map(|there| there.with_timezone(&Utc) - answer.at).unwrap_or_default();
        Ok((answer.json()?, ahead))
    }
}

/// Up to where a log has been read.
#[derive(Clone, Copy)]
struct Place {
    wire: usize,
    text: usize,
}

impl Place {
    fn of(cursor: &LogCursor) -> Result<Self, RemoteError> {
        if *cursor == LogCursor::start() {
            return Ok(Self { wire: 0, text: 0 });
        }
        let read = |text: &str| {
            let (wire, text) = text.split_once('-')?;
            Some(Self { wire: wire.parse().ok()?, text: text.parse().ok()? })
        };
        read(cursor.as_str()).ok_or_else(|| RemoteError::NotFound("no place in a log of GitLab".into()))
    }

    fn cursor(self) -> LogCursor {
        LogCursor::new(format!("{}-{}", self.wire, self.text))
    }
}

/// The first byte of a part, and the one behind its last.
fn range_of(range: &str) -> Option<(usize, usize)> {
    let (first, rest) = range.strip_prefix("bytes ")?.split_once('-')?;
    let last: usize = rest.split_once('/')?.0.parse().ok()?;
    Some((first.parse().ok()?, last.checked_add(1)?))
}
