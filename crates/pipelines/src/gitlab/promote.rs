//! Promotions: the build's own deploy job is played, or run again where it has run before.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::GitLab;
use super::id::{JobRef, Project};
use super::wire::{Job, JobState, Pipeline};
use crate::blockers::Blockers;
use crate::http::{Answer, Call};
use crate::{Mechanism, Preflight, PromotionPlan, Proof, Reconciled, RemoteError, Submission, WriteError};

/// How far apart the server's times and ours may be after their clocks were compared.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// A code, a sentence and a next step.
type Defect = (&'static str, String, &'static str);

/// What the job needs to deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It waits for a person.
    Play,
    /// It has run before.
    Retry,
}

/// What stands in a promotion's way, and what it would send.
struct Considered {
    project: Project,
    blockers: Blockers,
    job: Option<(Step, Job)>,
}

impl GitLab {
    async fn consider(&self, plan: &PromotionPlan) -> Result<Considered, RemoteError> {
        let project = Project::of(&plan.pipeline)?;
        let sight = self.sight(&project).await?;
        let states = sight.states();
        let state = states.iter().find(|state| state.stage == plan.to);
        let pipeline = self.pipeline(&project, &plan.build).await?;
        let mut blockers = Blockers::default();
        blockers.no_digests(plan, "GitLab");
        if state.is_none() {
            blockers.note(
                "gitlab.stage-unknown",
                plan.to.as_str(),
                "The project has no such environment.",
                "Check the environments of the project and of the connection.",
            );
        }
        match &pipeline {
            None => blockers.note(
                "gitlab.build-unknown",
                plan.build.as_str(),
                "The project has no such pipeline that is a build.",
                "Choose a build from the list.",
            ),
            Some(known) if !plan.commit.is_empty() && known.sha != plan.commit => blockers.note(
                "gitlab.other-commit",
                plan.build.as_str(),
                "The pipeline is of another commit than the one that was shown.",
                "Read the list of builds again.",
            ),
            Some(_) => {}
        }
        let mut job = None;
        if let (Some(pipeline), Some(_)) = (pipeline, state) {
            job = match self.deploy_job(&project, &pipeline, plan.to.as_str()).await? {
                Ok((job, blocked)) => step(job, blocked, plan, &mut blockers),
                Err((code, sentence, next_step)) => {
                    blockers.note(code, plan.build.as_str(), sentence, next_step);
                    None
                }
            };
        }
        if let Some(state) = state {
            blockers.compare(plan, state.occupant.as_ref());
            if let Some(run) = &state.running {
                blockers.busy(plan, run.as_str());
            }
        }
        if job.is_none() && blockers.reasons().is_empty() {
            blockers.note(
                "gitlab.job-active",
                plan.build.as_str(),
                "Its job for the stage is at work already.",
                "Wait until it has ended.",
            );
        }
        Ok(Considered { project, blockers, job })
    }

    /// Finds the job of a build that deploys to an environment, as it is now, and whether its deployment waits
    /// for an approval.
    async fn deploy_job(
        &self,
        project: &Project,
        pipeline: &Pipeline,
        environment: &str,
    ) -> Result<Result<(Job, bool), Defect>, RemoteError> {
        let deployments = self.deployments_of(project, pipeline, environment).await?;
        let names: Vec<&str> =
            deployments.iter().filter_map(|known| Some(known.deployable.as_ref()?.name.as_str())).collect();
        let id = pipeline.id.to_string();
        let url = self.of_project(project, &["pipelines", &id, "jobs"], &[("per_page", "100")]);
        let mut jobs: Vec<Job> = if names.is_empty() { Vec::new() } else { self.pages(url, 10).await? };
        jobs.retain(|job| names.contains(&job.name.as_str()));
        // Of a job that ran several times, only the last one counts.
        jobs.sort_by_key(|job| std::cmp::Reverse(job.id));
        let mut seen = std::collections::BTreeSet::new();
        jobs.retain(|job| seen.insert(job.name.clone()));
        if jobs.len() > 1 && jobs.iter().filter(|job| job.state() == JobState::Manual).count() == 1 {
            jobs.retain(|job| job.state() == JobState::Manual);
        }
        match <[Job; 1]>::try_from(jobs) {
            Ok([job]) => {
                let blocked = deployments.iter().any(|known| {
                    known.status == "blocked" && known.deployable.as_ref().is_some_and(|of| of.id == job.id)
                });
                Ok(Ok((job, blocked)))
            }
            Err(none) if none.is_empty() => Ok(Err((
                "gitlab.no-deploy-job",
                format!("It has no job yet that deploys to {environment}."),
                "Wait until its earlier jobs have ended, or check the job's rules and environment.",
            ))),
            Err(_) => Ok(Err((
                "gitlab.several-deploy-jobs",
                format!("Several of its jobs deploy to {environment}, and none of them alone waits."),
                "Start the right one in GitLab.",
            ))),
        }
    }

    pub(super) async fn check(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let considered = self.consider(plan).await?;
        let mut mechanism = Mechanism::PlayJob;
        let mut will_do = Vec::new();
        if let Some((step, job)) = &considered.job {
            if *step == Step::Retry && job.status == "success" {
                mechanism = Mechanism::RollbackStage;
            }
            let call = self.call(*step, &considered.project, job, plan);
            will_do.push(match step {
                Step::Play => format!("Start job {} as it waits: {}", job.name, call.described()),
                Step::Retry => {
                    format!("Run job {} again, which is {}: {}", job.name, job.status, call.described())
                }
            });
        }
        let blockers = considered.blockers.reasons().to_vec();
        Ok(Preflight { allowed: blockers.is_empty(), blockers, will_do, mechanism })
    }

    fn call(&self, step: Step, project: &Project, job: &Job, plan: &PromotionPlan) -> Call {
        let of = JobRef { project: project.clone(), job: job.id };
        match step {
            Step::Retry => Call::post(self.of_job(&of, &["retry"])),
            Step::Play if plan.parameters.is_empty() => Call::post(self.of_job(&of, &["play"])),
            Step::Play => {
                let variables: Vec<_> =
                    plan.parameters.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
                Call::post(self.of_job(&of, &["play"])).json(&json!({"job_variables_attributes": variables}))
            }
        }
    }

    pub(super) async fn carry_out(
        &self,
        plan: &PromotionPlan,
        only: Option<Step>,
    ) -> Result<Submission, WriteError> {
        let Considered { project, blockers, job } = self.consider(plan).await?;
        blockers.refusal()?;
        let Some((step, job)) = job else {
            return Err(RemoteError::Conflict { detail: "no job can be started".into() }.into());
        };
        if only.is_some_and(|only| only != step || job.status != "success") {
            let detail = format!("build {} never went through in {}; promote it", plan.build, plan.to);
            return Err(RemoteError::Conflict { detail }.into());
        }
        let call = self.call(step, &project, &job, plan);
        match step {
            Step::Play => self.play(&project, &job, call).await,
            Step::Retry => self.retry(&project, call).await,
        }
    }

    pub(super) async fn retry(&self, project: &Project, call: Call) -> Result<Submission, WriteError> {
        let answer = self.http.send(call).await?;
        let answer = self.http.accepted(answer)?;
        self.submitted(project, &answer)
    }

    /// Starts a manual job, once. GitLab may answer that the job can't be played although it was: the job itself
    /// tells.
    pub(super) async fn play(
        &self,
        project: &Project,
        job: &Job,
        call: Call,
    ) -> Result<Submission, WriteError> {
        let me = self.me().await?;
        let answer = self.http.send(call).await?;
        if answer.status.as_u16() != 400 {
            let answer = self.http.accepted(answer)?;
            return self.submitted(project, &answer);
        }
        let unknown = |cause| WriteError::OutcomeUnknown { cause, sent_at: answer.at };
        let now = self.job(&JobRef { project: project.clone(), job: job.id }).await.map_err(unknown)?;
        let began = now.state() == JobState::Active || now.started_at.is_some();
        if began && now.started_by(&me) {
            return Ok(Submission {
                run: Some(now.run(project)),
                accepted_at: answer.at,
                proof: Proof::ReadBack,
                request_id: answer.request_id(),
            });
        }
        let detail = if began {
            format!("job {} was started by {}", now.name, now.starter())
        } else {
            format!("job {} is {}: {}", now.name, now.status, answer.words())
        };
        Err(RemoteError::Conflict { detail }.into())
    }

    fn submitted(&self, project: &Project, answer: &Answer) -> Result<Submission, WriteError> {
        let job: Job = self.http.answered(answer)?;
        let waits = matches!(job.state(), JobState::Manual | JobState::NotReached);
        Ok(Submission {
            run: Some(job.run(project)),
            accepted_at: answer.at,
            proof: if waits { Proof::Pending } else { Proof::ServerSaid },
            request_id: answer.request_id(),
        })
    }

    /// Finds out what became of a promotion, by who started the job and when.
    pub(super) async fn read_back(
        &self,
        plan: &PromotionPlan,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let project = Project::of(&plan.pipeline)?;
        let Some(pipeline) = self.pipeline(&project, &plan.build).await? else {
            return Ok(Reconciled::NotApplied);
        };
        let Ok((job, _)) = self.deploy_job(&project, &pipeline, plan.to.as_str()).await? else {
            let evidence = format!("No single job of pipeline {} deploys to {} now.", plan.build, plan.to);
            return Ok(Reconciled::StillUnknown { evidence });
        };
        let me = self.me().await?;
        let (job, ahead) = self.clock_ahead(&JobRef { project: project.clone(), job: job.id }).await?;
        let sent = sent_at + ahead;
        let unknown = |what: &str| {
            let evidence = format!("Job {} (number {}) {what}.", job.name, job.id);
            Ok(Reconciled::StillUnknown { evidence })
        };
        match job.state() {
            JobState::Manual | JobState::NotReached | JobState::Skipped => return Ok(Reconciled::NotApplied),
            JobState::Ended if job.finished_at.is_some_and(|end| end < sent - TOLERANCE) => {
                return Ok(Reconciled::NotApplied);
            }
            _ => {}
        }
        if !job.started_by(&me) {
            return unknown(&format!("was started by {}, not by this account", job.starter()));
        }
        if job.started_at.is_some_and(|began| began < sent - TOLERANCE) {
            return unknown("had begun before the request was sent");
        }
        if job.finished_at.is_some_and(|end| end < sent + TOLERANCE) {
            return unknown("ended in the moment when the request was sent");
        }
        Ok(Reconciled::Applied(Submission {
            run: Some(job.run(&project)),
            accepted_at: job.started_at.unwrap_or(sent_at),
            proof: Proof::ReadBack,
            request_id: None,
        }))
    }
}

/// Tells what a job needs to deploy, or notes why it can't.
fn step(
    job: Job,
    waits_for_approval: bool,
    plan: &PromotionPlan,
    blockers: &mut Blockers,
) -> Option<(Step, Job)> {
    let (code, sentence, next_step) = match job.state() {
        _ if job.archived == Some(true) => (
            "gitlab.job-archived",
            "The pipeline's jobs are archived and can't run any more.".to_owned(),
            "Start a new pipeline of the same commit in GitLab.",
        ),
        JobState::Manual if waits_for_approval => (
            "gitlab.approval-missing",
            format!("The deployment to {} waits for an approval.", plan.to),
            "Answer its gate; the approval is followed by the start.",
        ),
        JobState::Manual => return Some((Step::Play, job)),
        JobState::Ended if plan.parameters.is_empty() => return Some((Step::Retry, job)),
        JobState::Ended => (
            "gitlab.no-parameters",
            "The job has run before, and running it again takes no variables.".to_owned(),
            "Leave the parameters out.",
        ),
        // The stage is busy with it, which is noted with the stage.
        JobState::Active => return None,
        JobState::NotReached => (
            "gitlab.job-not-reached",
            "It waits for other jobs of its pipeline.".to_owned(),
            "Wait until they have ended.",
        ),
        JobState::Skipped => (
            "gitlab.job-skipped",
            "It was skipped, because a job before it failed.".to_owned(),
            "Repair that job in GitLab.",
        ),
    };
    blockers.note(code, &job.name, sentence, next_step);
    None
}
