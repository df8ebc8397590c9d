//! A run's log: one job after the other, once the run has ended.

use super::calls::Site;
use super::names::RunAt;
use super::wire::Job;
use crate::http::{Answer, problem_of, retry_at};
use crate::{LogChunk, LogCursor, RemoteError};

/// How many bytes of a log are handed out at once.
const CHUNK: usize = 1 << 20;

/// Reads on from a place, `job's position:byte`.
pub async fn read(site: &Site, at: &RunAt, from: &LogCursor) -> Result<LogChunk, RemoteError> {
    let (position, offset) = place(from)?;
    if !site.run(at).await?.is_over() {
        return Ok(LogChunk { text: String::new(), next: from.clone(), complete: false });
    }
    let jobs = site.jobs(at).await?;
    let Some(job) = jobs.get(position) else {
        return Ok(LogChunk { text: String::new(), next: from.clone(), complete: true });
    };
    let whole = of_job(site, at, job).await?;
    let rest = whole.get(offset..).unwrap_or_default();
    let end = cut(rest);
    let next = if end < rest.len() { (position, offset + end) } else { (position + 1, 0) };
    Ok(LogChunk {
        text: rest[..end].to_owned(),
        next: LogCursor::new(format!("{}:{}", next.0, next.1)),
        complete: next.0 >= jobs.len(),
    })
}

/// Reads a job's whole log, with the job's name before it.
async fn of_job(site: &Site, at: &RunAt, job: &Job) -> Result<String, RemoteError> {
    let title = format!("==> {}\n", super::runs::short(&job.name));
    if job.conclusion.as_deref() == Some("skipped") {
        return Ok(format!("{title}The job was skipped.\n"));
    }
    let pointed = site.log(&at.repo, job.id).await?;
    let lies_at = pointed.header("location").map(str::to_owned);
    let text = match (pointed.status.as_u16(), lies_at) {
        (302, Some(address)) => {
            let answer = site.http.read_elsewhere(&address).await?;
            if answer.is_page() {
                return Err(RemoteError::Protocol { detail: "a web page came in place of the log".into() });
            }
            answer.body
        }
        // GitHub keeps logs for a time only, and has none of a job that never began.
        (404 | 410, _) => "GitHub has no log of this job, or no longer.\n".to_owned(),
        _ => return Err(problem(&pointed)),
    };
    let end = if text.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{title}{text}{end}"))
}

fn problem(answer: &Answer) -> RemoteError {
    match answer.status.is_success() {
        true => RemoteError::Protocol { detail: "no redirect to the log came".into() },
        false => problem_of(answer, retry_at(answer)),
    }
}

/// Finds the end of a chunk: behind a line as far as one ends there, and never inside a character.
fn cut(text: &str) -> usize {
    if text.len() <= CHUNK {
        return text.len();
    }
    let most = (0..=CHUNK).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(CHUNK);
    text[..most].rfind('\n').map_or(most, |line| line + 1)
}

fn place(cursor: &LogCursor) -> Result<(usize, usize), RemoteError> {
    if *cursor == LogCursor::start() {
        return Ok((0, 0));
    }
    let read =
        cursor.as_str().split_once(':').and_then(|(job, byte)| Some((job.parse().ok()?, byte.parse().ok()?)));
    read.ok_or_else(|| RemoteError::NotFound(format!("place {cursor} in the log")))
}
