//! Starting what promotes nothing: a new pipeline of a project, with variables.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::GitLab;
use super::id::{Project, WholeRun};
use super::wire::Pipeline;
use crate::http::Call;
use crate::{
    LogChunk, OperationKey, Progress, Proof, Reconciled, RemoteError, RunPlan, RunState, RunStatus,
    Submission, WriteError,
};

/// The variable that takes our key.
const OPERATION: &str = "OPERATION";
/// How far the clocks may be apart, and back to where an earlier start is looked for.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// How much later than the sending a pipeline may still appear.
const STILL_COMING: TimeDelta = TimeDelta::seconds(5);
/// How many pipelines are asked for their variables at most.
const ASKED: usize = 40;

#[derive(Deserialize)]
struct Defaults {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Variable {
    key: String,
    value: Option<String>,
}

/// A pipeline as the answer about it alone describes it.
#[derive(Deserialize)]
struct Whole {
    status: String,
    #[serde(default)]
    started_at: Option<DateTime<Utc>>,
    #[serde(default)]
    finished_at: Option<DateTime<Utc>>,
    #[serde(default)]
    web_url: Option<String>,
}

/// Where our pipeline was looked for.
enum Found {
    Pipeline(Pipeline),
    Nowhere,
    /// It may be among those that could not be looked into.
    Hidden(String),
}

impl GitLab {
    pub(super) async fn start_pipeline(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        let project = Project::of(&plan.pipeline)?;
        if let Found::Pipeline(known) = self.find_pipeline(&project, key, self.http.now() - SKEW).await? {
            return Ok(read_back(&project, &known, self.http.now()));
        }
        let reference = self.reference_of(&project).await?;
        let variables: Vec<Value> = plan
            .all(OPERATION, key)
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let call = Call::post(self.of_project(&project, &["pipeline"], &[]))
            .json(&json!({ "ref": reference, "variables": variables }));
        let answer = self.http.accepted(self.http.send(call).await?)?;
        let made: Pipeline = self.http.answered(&answer)?;
        Ok(Submission {
            run: Some(WholeRun { project, pipeline: made.id }.run()),
            accepted_at: answer.at,
            proof: Proof::ServerSaid,
            request_id: answer.request_id(),
        })
    }

    /// The branch or tag of the connection, or the project's default branch.
    async fn reference_of(&self, project: &Project) -> Result<String, RemoteError> {
        if let Some(reference) = &self.reference {
            return Ok(reference.clone());
        }
        let defaults: Defaults = self.http.get(self.of_project(project, &[], &[])).await?;
        defaults
            .default_branch
            .filter(|branch| !branch.is_empty())
            .ok_or_else(|| RemoteError::NotFound(format!("a default branch of {project}")))
    }

    /// Searches the pipelines that this account began since a time for ours.
    async fn find_pipeline(
        &self,
        project: &Project,
        key: &OperationKey,
        since: DateTime<Utc>,
    ) -> Result<Found, RemoteError> {
        let me = self.me().await?;
        let query = [
            ("source", "api"),
            ("username", me.username.as_str()),
            ("order_by", "id"),
            ("sort", "desc"),
            ("per_page", "100"),
        ];
        let (listed, _) = self.page::<Pipeline>(self.of_project(project, &["pipelines"], &query)).await?;
        let recent: Vec<Pipeline> =
            listed.into_iter().filter(|known| known.created_at.is_none_or(|at| at >= since)).collect();
        let many = recent.len() > ASKED;
        for pipeline in recent.into_iter().take(ASKED) {
            let path = ["pipelines", &pipeline.id.to_string(), "variables"];
            let variables: Vec<Variable> = match self.http.get(self.of_project(project, &path, &[])).await {
                Ok(variables) => variables,
                Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => {
                    return Ok(Found::Hidden(format!(
                        "the variables of pipeline {} can't be read",
                        pipeline.id
                    )));
                }
                Err(error) => return Err(error),
            };
            let is_ours =
                |known: &Variable| known.key == OPERATION && known.value.as_deref() == Some(key.as_str());
            if variables.iter().any(is_ours) {
                return Ok(Found::Pipeline(pipeline));
            }
        }
        Ok(if many {
            Found::Hidden(format!("it is not among the newest {ASKED} pipelines of this account"))
        } else {
            Found::Nowhere
        })
    }

    pub(super) async fn reconcile_pipeline(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let project = Project::of(&plan.pipeline)?;
        let asked_at = self.http.now();
        Ok(match self.find_pipeline(&project, key, sent_at - SKEW).await? {
            Found::Pipeline(known) => Reconciled::Applied(read_back(&project, &known, sent_at)),
            Found::Hidden(evidence) => Reconciled::StillUnknown { evidence },
            Found::Nowhere if asked_at - sent_at < STILL_COMING => {
                Reconciled::StillUnknown { evidence: "GitLab shows no such pipeline yet".into() }
            }
            Found::Nowhere => Reconciled::NotApplied,
        })
    }

    pub(super) async fn pipeline_status(&self, of: &WholeRun) -> Result<RunStatus, RemoteError> {
        let whole: Whole = self.http.get(self.of_pipeline(of, &[])).await?;
        let state = match whole.status.as_str() {
            "success" => RunState::Succeeded,
            "failed" => RunState::Failed,
            "canceled" | "skipped" => RunState::Cancelled,
            // A pipeline that waits for a person goes on when somebody starts the job.
            "running" | "canceling" | "manual" => RunState::Running,
            _ => RunState::Queued,
        };
        Ok(RunStatus {
            run: of.run(),
            state,
            step: None,
            deployed: None,
            checks: Vec::new(),
            progress: Progress { done: u32::from(state.is_final()), total: 1 },
            started: whole.started_at,
            finished: whole.finished_at,
            summary: format!(
                "Pipeline {} is {}.",
                of.pipeline,
                whole.status.chars().take(40).collect::<String>()
            ),
            link: whole.web_url.filter(|link| link.starts_with("https://") || link.starts_with("http://")),
        })
    }

    pub(super) async fn cancel_pipeline(&self, of: &WholeRun) -> Result<Submission, WriteError> {
        let status = self.pipeline_status(of).await?;
        if status.state.is_final() {
            return Err(RemoteError::Conflict { detail: status.summary }.into());
        }
        let answer =
            self.http.accepted(self.http.send(Call::post(self.of_pipeline(of, &["cancel"]))).await?)?;
        Ok(Submission {
            run: Some(of.run()),
            accepted_at: answer.at,
            proof: Proof::Pending,
            request_id: answer.request_id(),
        })
    }

    pub(super) fn no_pipeline_log() -> Result<LogChunk, RemoteError> {
        Err(RemoteError::Unsupported(
            "each job of a pipeline has a log of its own; the pipeline's page has them",
        ))
    }

    fn of_pipeline(&self, of: &WholeRun, rest: &[&str]) -> url::Url {
        let id = of.pipeline.to_string();
        let all: Vec<&str> = ["pipelines", id.as_str()].iter().chain(rest).copied().collect();
        self.of_project(&of.project, &all, &[])
    }
}

fn read_back(project: &Project, known: &Pipeline, otherwise: DateTime<Utc>) -> Submission {
    Submission {
        run: Some(WholeRun { project: project.clone(), pipeline: known.id }.run()),
        accepted_at: known.created_at.unwrap_or(otherwise),
        proof: Proof::ReadBack,
        request_id: None,
    }
}
