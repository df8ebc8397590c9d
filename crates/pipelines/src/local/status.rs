//! Reads runs back: how they stand, what they wrote, what became of a sending; and ends them.

use std::io::{Read, Seek, SeekFrom};

use super::claim::{file_error, submission};
use super::lock::{self, StageLock};
use super::process;
use super::record::{RunFolder, RunRecord, StepEnd, StepRecord, StepWhy};
use super::system::Site;
use crate::{
    CheckResult, LogChunk, LogCursor, OperationKey, Progress, PromotionPlan, Proof, Reconciled, RemoteError,
    RunId, RunState, RunStatus, Submission, WriteError,
};

const CHUNK: u64 = 256 * 1024;

/// Tells how a run stands.
pub(super) fn run_status(site: &Site, run: &RunId) -> Result<RunStatus, RemoteError> {
    let folder = RunFolder::of_run(&site.runs(), run)?;
    let record = folder.record()?;
    let state = state(site, &folder, &record)?;
    let ends: Vec<_> = (0..record.steps.len()).map(|index| folder.step_ended(index)).collect();
    let done = ends.iter().flatten().count();
    let begun = (0..record.steps.len()).rev().find(|index| folder.step_started(*index).is_some());
    let step = begun.and_then(|index| record.steps.get(index)).map(|step| step.name.clone());
    let deployed = match ends.first() {
        Some(Some(end)) => record.environment.as_ref().map(|_| end.is_success()),
        _ => None,
    };
    let checks: Vec<_> = record
        .steps
        .iter()
        .enumerate()
        .skip(1)
        .filter_map(|(index, step)| {
            let end = ends.get(index)?.as_ref()?;
            Some(CheckResult {
                name: step.name.clone(),
                passed: end.is_success(),
                source: step.command.clone(),
                started: folder.step_started(index),
                finished: end.at,
                summary: describe(step, end),
            })
        })
        .collect();
    let summary = summary(&folder, &record, state, step.as_deref(), ends.first(), &checks);
    Ok(RunStatus {
        run: run.clone(),
        state,
        step,
        deployed,
        checks,
        progress: Progress { done: count(done), total: count(record.steps.len()) },
        started: folder.started(),
        finished: folder.ended().and_then(|(_, at)| at),
        summary,
        link: None,
    })
}

/// Reads a run's log on.
pub(super) fn read_log(site: &Site, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
    let folder = RunFolder::of_run(&site.runs(), run)?;
    let record = folder.record()?;
    let offset: u64 = match at.as_str() {
        "" => 0,
        text => text.parse().map_err(|_| RemoteError::Stale {
            detail: "the place in the log is not one of this system".into(),
        })?,
    };
    // Asked before reading, so that nothing written in between is missed.
    let over = state(site, &folder, &record)?.is_final();
    let path = folder.log();
    let wrong = |error: std::io::Error| file_error(&path, &error);
    let mut bytes = Vec::new();
    match std::fs::File::open(&path) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(offset)).map_err(wrong)?;
            file.take(CHUNK).read_to_end(&mut bytes).map_err(wrong)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(wrong(error)),
    }
    let full = bytes.len() as u64 == CHUNK;
    if full || !over {
        bytes.truncate(whole_lines(&bytes, full));
    }
    Ok(LogChunk {
        next: LogCursor::new((offset + bytes.len() as u64).to_string()),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        complete: over && !full,
    })
}

/// Reads back what became of a promotion.
pub(super) fn reconcile(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
) -> Result<Reconciled, RemoteError> {
    let working = site.working(plan.pipeline.as_str(), plan.to.as_str())?;
    reconcile_key(site, key, working.as_ref() == Some(key))
}

/// Reads back what became of a key that may be about to be claimed.
pub(super) fn reconcile_key(
    site: &Site,
    key: &OperationKey,
    is_starting: bool,
) -> Result<Reconciled, RemoteError> {
    let folder = RunFolder::of(&site.runs(), key);
    let unknown = |evidence: &str| Ok(Reconciled::StillUnknown { evidence: evidence.into() });
    if !folder.is_claimed() {
        if is_starting {
            return unknown("the operation is being started at this moment");
        }
        return Ok(Reconciled::NotApplied);
    }
    let record = folder.record()?;
    let state = state(site, &folder, &record)?;
    match (folder.started(), state) {
        (_, RunState::Queued) => unknown("the operation is being started at this moment"),
        (None, _) => unknown("the operation was claimed, but was never seen to begin"),
        (Some(_), RunState::Unknown) => {
            unknown("the operation began, and was interrupted before its end was recorded")
        }
        (Some(_), _) => Ok(Reconciled::Applied(submission(&record, Proof::ReadBack))),
    }
}

/// Ends a run.
pub(super) fn cancel(site: &Site, run: &RunId, reason: &str) -> Result<Submission, WriteError> {
    let folder = RunFolder::of_run(&site.runs(), run)?;
    let record = folder.record()?;
    let ended = || RemoteError::Conflict { detail: "the run has already ended".into() };
    let state = state(site, &folder, &record)?;
    let wrong = |error: std::io::Error| file_error(folder.path(), &error);
    let accepted = |proof| Submission { accepted_at: site.now(), ..submission(&record, proof) };
    match state {
        RunState::Queued | RunState::Running => {
            folder.ask_to_cancel(reason).map_err(wrong)?;
            // The runner looks for the request after it has left its number here, so that one of the
            // two is always seen.
            if let Some(pid) = folder.runner_pid()
                && self::state(site, &folder, &record)? == RunState::Running
            {
                process::tell_to_stop(pid).map_err(|error| WriteError::OutcomeUnknown {
                    cause: wrong(error),
                    sent_at: site.now(),
                })?;
            }
            Ok(accepted(Proof::Pending))
        }
        RunState::Unknown => {
            let lock = lock::path(&site.runs(), record.service.as_str(), record.stage.as_str());
            if process::survivors(folder.path()).is_empty() {
                return Err(ended().into());
            }
            let held = StageLock::take(&lock, &record.operation).map_err(wrong)?;
            if held.is_none() {
                let detail = "another operation works in this stage by now".into();
                return Err(RemoteError::Conflict { detail }.into());
            }
            folder.ask_to_cancel(reason).map_err(wrong)?;
            process::stop_survivors(folder.path());
            folder
                .end_as_cancelled(site.now())
                .map_err(|error| WriteError::OutcomeUnknown { cause: wrong(error), sent_at: site.now() })?;
            Ok(accepted(Proof::ReadBack))
        }
        _ => Err(ended().into()),
    }
}

fn state(site: &Site, folder: &RunFolder, record: &RunRecord) -> Result<RunState, RemoteError> {
    if let Some((state, _)) = folder.ended() {
        return Ok(state);
    }
    let working = site.working(record.service.as_str(), record.stage.as_str())?;
    if working.as_ref() == Some(&record.operation) {
        let begun = folder.started().is_some();
        return Ok(if begun { RunState::Running } else { RunState::Queued });
    }
    // It may have ended between the two looks.
    Ok(folder.ended().map_or(RunState::Unknown, |(state, _)| state))
}

fn summary(
    folder: &RunFolder,
    record: &RunRecord,
    state: RunState,
    step: Option<&str>,
    deploy: Option<&Option<StepEnd>>,
    checks: &[CheckResult],
) -> String {
    let (build, stage) = (&record.build, &record.stage);
    if record.environment.is_none() {
        return test_summary(record, state, deploy);
    }
    match state {
        RunState::Queued => format!("{build} is about to be deployed to {stage}."),
        RunState::Running => match step {
            Some("deploy") | None => format!("{build} is being deployed to {stage}."),
            Some(check) => format!("{build} is in {stage}; check \"{check}\" is running."),
        },
        RunState::Succeeded => match checks.len() {
            0 => format!("{build} was deployed to {stage}."),
            1 => format!("{build} was deployed to {stage}, and its check passed."),
            n => format!("{build} was deployed to {stage}, and its {n} checks passed."),
        },
        RunState::Failed => {
            let failed: Vec<_> = checks.iter().filter(|c| !c.passed).map(|c| c.summary.as_str()).collect();
            match (record.steps.first(), deploy) {
                (Some(step), Some(Some(end))) if !end.is_success() => {
                    format!("{build} could not be deployed to {stage}. {}", describe(step, end))
                }
                _ => format!("{build} was deployed to {stage}, but {}", failed.join(" ")),
            }
        }
        RunState::Cancelled => format!("The deployment of {build} to {stage} was cancelled."),
        RunState::Unknown => {
            let left = process::survivors(folder.path()).len();
            let mut text = format!(
                "The deployment of {build} to {stage} was interrupted, and its end is not known. \
                 Look at the environment before you decide."
            );
            if left > 0 {
                text.push_str(&format!(" {left} of its processes are still working."));
            }
            text
        }
    }
}

/// What is said of a test of a whole product.
fn test_summary(record: &RunRecord, state: RunState, end: Option<&Option<StepEnd>>) -> String {
    let test = &record.service;
    match (state, record.steps.first(), end) {
        (RunState::Queued, ..) => format!("The test {test} is about to begin."),
        (RunState::Running, ..) => format!("The test {test} is running."),
        (RunState::Failed, Some(step), Some(Some(end))) => {
            how_it_ended(&format!("The test {test}"), step, end)
        }
        (RunState::Cancelled, ..) => format!("The test {test} was cancelled."),
        (RunState::Unknown, ..) => {
            format!("The test {test} was interrupted, and its end is not known. Look at what it left behind.")
        }
        (RunState::Succeeded, ..) => format!("The test {test} passed."),
        (RunState::Failed, ..) => format!("The test {test} failed."),
    }
}

fn describe(step: &StepRecord, end: &StepEnd) -> String {
    let what = match step.name.as_str() {
        "deploy" => "The deploy command".to_owned(),
        name => format!("check \"{name}\""),
    };
    how_it_ended(&what, step, end)
}

fn how_it_ended(what: &str, step: &StepRecord, end: &StepEnd) -> String {
    match (end.why, end.exit_code) {
        (StepWhy::Exit, 0) => format!("{what} passed."),
        (StepWhy::Exit, 126 | 127) => {
            format!("{what} could not be started (exit code {}).", end.exit_code)
        }
        (StepWhy::Exit, code) if code > 128 => {
            format!("{what} was ended by signal {}.", code - 128)
        }
        (StepWhy::Exit, code) => format!("{what} failed with exit code {code}."),
        (StepWhy::TimeLimit, _) => {
            format!("{what} was stopped by its time limit of {} s.", step.limit_seconds)
        }
        (StepWhy::Cancelled, _) => format!("{what} was cancelled."),
    }
}

/// Returns the length of the leading whole lines; of the leading whole characters if one line fills
/// the chunk.
fn whole_lines(bytes: &[u8], full: bool) -> usize {
    if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
        return last + 1;
    }
    if !full {
        return 0;
    }
    let tail = bytes.len().saturating_sub(4);
    match std::str::from_utf8(&bytes[tail..]) {
        Err(error) if error.error_len().is_none() => tail + error.valid_up_to(),
        _ => bytes.len(),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl StepEnd {
    fn is_success(&self) -> bool {
        self.why == StepWhy::Exit && self.exit_code == 0
    }
}
