//! How a workflow run stands: its jobs, and whether its deployment went through.

use super::calls::Site;
use super::names::RunAt;
use super::stages::place_of;
use super::wire::{Job, Run};
use crate::{CheckResult, Progress, RemoteError, RunState, RunStatus};

/// Reads everything about a run.
pub async fn status(site: &Site, at: &RunAt) -> Result<RunStatus, RemoteError> {
    let run = site.run(at).await?;
    let jobs = site.jobs(at).await?;
    let state = state_of(&run);
    let deploying = if jobs.iter().any(Job::is_over) { deploying(site, at, &run).await? } else { Vec::new() };
    let went_through = deploying.iter().any(|deploying| deploying.succeeded);
    Ok(RunStatus {
        state,
        step: step(&jobs),
        deployed: match state {
            RunState::Succeeded => Some(true),
            _ if went_through => Some(true),
            RunState::Failed | RunState::Cancelled => Some(false),
            _ => None,
        },
        checks: checks(&jobs, &deploying),
        progress: Progress {
            done: count(jobs.iter().filter(|job| job.is_over())),
            total: count(jobs.iter()),
        },
        started: run.run_started_at.or(Some(run.created_at)),
        finished: run.is_over().then_some(run.updated_at),
        summary: summary(&run, &jobs),
        link: Some(run.html_url.clone()).filter(|link| link.starts_with("http")),
        run: at.id(),
    })
}

/// One deployment of the run.
pub struct Deploying {
    pub environment: String,
    job: Option<u64>,
    pub succeeded: bool,
}

/// Finds the deployments that the run carried out, by what GitHub says about them.
pub async fn deploying(site: &Site, at: &RunAt, run: &Run) -> Result<Vec<Deploying>, RemoteError> {
    let mut found = Vec::new();
    for deployment in site.deployments(&at.repo, Some(("sha", &run.head_sha))).await? {
        let statuses = site.statuses(&at.repo, deployment.id).await?;
        let places = statuses.iter().filter_map(|status| place_of(status, &at.repo));
        let mut ours = places.filter(|(number, _)| *number == at.number).peekable();
        if ours.peek().is_some() {
            found.push(Deploying {
                environment: deployment.environment,
                job: ours.find_map(|(_, job)| job),
                succeeded: statuses.iter().any(|status| status.state == "success"),
            });
        }
    }
    Ok(found)
}

/// Translates GitHub's status and conclusion.
pub fn state_of(run: &Run) -> RunState {
    match (run.status.as_deref().unwrap_or_default(), run.conclusion.as_deref().unwrap_or_default()) {
        ("completed", "success") => RunState::Succeeded,
        ("completed", "failure" | "timed_out" | "startup_failure") => RunState::Failed,
        ("completed", "cancelled") => RunState::Cancelled,
        ("completed", _) => RunState::Unknown,
        ("queued" | "requested" | "pending", _) => RunState::Queued,
        _ => RunState::Running,
    }
}

impl Job {
    /// Says whether the job has ended.
    pub fn is_over(&self) -> bool {
        self.status == "completed"
    }

    fn passed(&self) -> bool {
        matches!(self.conclusion.as_deref(), Some("success" | "neutral"))
    }
}

/// The jobs that began once the last deployment had ended: what was run against it.
fn checks(jobs: &[Job], deploying: &[Deploying]) -> Vec<CheckResult> {
    let is_deploying = |job: &&Job| deploying.iter().any(|deploying| deploying.job == Some(job.id));
    let deployed = jobs.iter().filter(is_deploying).filter_map(|job| job.completed_at).max();
    let Some(deployed) = deployed else { return Vec::new() };
    let after = |job: &&Job| job.started_at.is_some_and(|started| started >= deployed) && !is_deploying(job);
    let ended = |job: &&Job| job.is_over() && job.conclusion.as_deref() != Some("skipped");
    jobs.iter()
        .filter(ended)
        .filter(after)
        .map(|job| CheckResult {
            name: short(&job.name),
            passed: job.passed(),
            source: "GitHub Actions".into(),
            started: job.started_at,
            finished: job.completed_at,
            summary: job.conclusion.clone().unwrap_or_default(),
        })
        .collect()
}

fn step(jobs: &[Job]) -> Option<String> {
    let working = jobs.iter().find(|job| job.status == "in_progress");
    let job = working.or_else(|| jobs.iter().rfind(|job| job.is_over()))?;
    let step = job.steps.iter().find(|step| step.status == "in_progress");
    Some(match step {
        Some(step) => short(&format!("{}: {}", job.name, step.name)),
        None => short(&job.name),
    })
}

fn summary(run: &Run, jobs: &[Job]) -> String {
    let failed = jobs
        .iter()
        .find(|job| job.is_over() && !job.passed() && job.conclusion.as_deref() != Some("skipped"));
    let step =
        failed.and_then(|job| job.steps.iter().find(|step| step.conclusion.as_deref() == Some("failure")));
    let at = match (failed, step) {
        (Some(job), Some(step)) => format!(" in {}, at {}", short(&job.name), short(&step.name)),
        (Some(job), None) => format!(" in {}", short(&job.name)),
        _ => String::new(),
    };
    let attempt = if run.run_attempt > 1 { format!(" (attempt {})", run.run_attempt) } else { String::new() };
    let words = match (state_of(run), run.status.as_deref(), run.conclusion.as_deref()) {
        (RunState::Succeeded, ..) => "The run succeeded".to_owned(),
        (RunState::Failed, _, Some("timed_out")) => format!("The run took too long{at}"),
        (RunState::Failed, _, Some("startup_failure")) => "The workflow could not be started".to_owned(),
        (RunState::Failed, ..) => format!("The run failed{at}"),
        (RunState::Cancelled, ..) => "The run was cancelled".to_owned(),
        (_, Some("waiting"), _) => "The run waits for the review of an environment".to_owned(),
        (RunState::Queued, ..) => "The run waits for its turn".to_owned(),
        (RunState::Running, ..) => "The run is working".to_owned(),
        (RunState::Unknown, _, conclusion) => {
            format!("The run ended as {}", conclusion.unwrap_or("nothing known"))
        }
    };
    format!("{words}{attempt}.")
}

fn count<'j>(jobs: impl Iterator<Item = &'j Job>) -> u32 {
    u32::try_from(jobs.count()).unwrap_or(u32::MAX)
}

/// Names are foreign text of any length.
pub fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
