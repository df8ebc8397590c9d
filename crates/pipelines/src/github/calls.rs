//! Every request that this system can make. Nothing else in it makes an address.

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::names::{Repo, RunAt, Workflow};
use super::scope::Scope;
use super::wire::{
    Approval, Commit, Deployment, DeploymentStatus, Environment, Environments, Job, Jobs, Pending, Release,
    Repository, Run, Runs, Tag, User, WorkflowEntry, Workflows,
};
use crate::http::{Answer, Call, Http};
use crate::{Cursor, Inputs, RemoteError, WriteError};

/// How many items a page may have, by GitHub's rule.
pub const PAGE: usize = 100;
/// How many pages of a list are read at most: a filtered search of runs ends at 1,000 results.
const PAGES: usize = 10;
const FULL: (&str, &str) = ("per_page", "100");

/// One connection's way to GitHub, and what it looks at there.
pub struct Site {
    pub http: Http,
    pub scope: Scope,
    pub inputs: Inputs,
}

/// What a list of runs told.
pub struct Found {
    pub runs: Vec<Run>,
    /// Whether there are more than a search gives.
    pub cut_off: bool,
}

impl Site {
    pub async fn user(&self) -> Result<(User, Answer), RemoteError> {
        let answer = self.http.read(Call::get(self.http.url(["user"]))).await?;
        Ok((answer.json()?, answer))
    }

    /// Reads one page of the repositories that the token reaches.
    pub async fn repositories(
        &self,
        at: Option<&Cursor>,
    ) -> Result<(Vec<Repository>, Option<Cursor>), RemoteError> {
        let first = self.http.url_with(["user", "repos"], &[FULL, ("sort", "full_name")]);
        self.page(first, at).await
    }

    pub async fn repository(&self, repo: &Repo) -> Result<Repository, RemoteError> {
        self.http.get(self.http.url(repo.path(&[]))).await
    }

    pub async fn workflows(&self, repo: &Repo) -> Result<Vec<WorkflowEntry>, RemoteError> {
        let url = self.http.url_with(repo.path(&["actions", "workflows"]), &[FULL]);
        let (pages, _) = self.pages::<Workflows>(url).await?;
        Ok(pages.into_iter().flat_map(|page| page.workflows).collect())
    }

    /// Reads a workflow; its answer also tells whether this is an Enterprise Server.
    pub async fn workflow(&self, workflow: &Workflow) -> Result<(WorkflowEntry, Answer), RemoteError> {
        let answer = self.http.read(Call::get(self.http.url(workflow.path(&[])))).await?;
        Ok((answer.json()?, answer))
    }

    /// Reads the environments that are stages, in their order.
    pub async fn environments(&self, repo: &Repo) -> Result<Vec<Environment>, RemoteError> {
        let url = self.http.url_with(repo.path(&["environments"]), &[FULL]);
        let (pages, _) = self.pages::<Environments>(url).await?;
        let found = pages.into_iter().flat_map(|page| page.environments).collect();
        Ok(self.scope.ordered(found, |environment: &Environment| &environment.name))
    }

    pub async fn releases(
        &self,
        repo: &Repo,
        limit: usize,
        at: Option<&Cursor>,
    ) -> Result<(Vec<Release>, Option<Cursor>), RemoteError> {
        let limit = limit.clamp(1, PAGE).to_string();
        let first = self.http.url_with(repo.path(&["releases"]), &[("per_page", limit.as_str())]);
        self.page(first, at).await
    }

    pub async fn release(&self, repo: &Repo, tag: &str) -> Result<Release, RemoteError> {
        self.http.get(self.http.url(repo.path(&["releases", "tags", tag]))).await
    }

    /// Reads the newest names among the tags; a full page says that there may be more.
    pub async fn tags(&self, repo: &Repo) -> Result<Vec<Tag>, RemoteError> {
        self.http.get(self.http.url_with(repo.path(&["tags"]), &[FULL])).await
    }

    /// Reads the commit that a tag stands on now.
    pub async fn commit(&self, repo: &Repo, tag: &str) -> Result<Commit, RemoteError> {
        let reference = format!("tags/{tag}");
        let url = self.http.url_with(repo.path(&["commits", &reference]), &[("per_page", "1")]);
        match self.http.get(url).await {
            // GitHub's answer to a reference that does not exist.
            Err(RemoteError::Invalid { detail, .. }) => Err(RemoteError::NotFound(detail)),
            other => other,
        }
    }

    /// Reads the newest deployments, newest first.
    pub async fn deployments(
        &self,
        repo: &Repo,
        filter: Option<(&str, &str)>,
    ) -> Result<Vec<Deployment>, RemoteError> {
        let mut query = vec![FULL];
        query.extend(filter);
        let mut found: Vec<Deployment> =
            self.http.get(self.http.url_with(repo.path(&["deployments"]), &query)).await?;
        found.sort_by_key(|deployment| std::cmp::Reverse((deployment.created_at, deployment.id)));
        Ok(found)
    }

    /// Reads what was said about a deployment, newest first.
    pub async fn statuses(&self, repo: &Repo, deployment: u64) -> Result<Vec<DeploymentStatus>, RemoteError> {
        let id = deployment.to_string();
        let url = self.http.url_with(repo.path(&["deployments", &id, "statuses"]), &[FULL]);
        let mut found: Vec<DeploymentStatus> = self.http.get(url).await?;
        found.sort_by_key(|status| std::cmp::Reverse((status.created_at, status.id)));
        Ok(found)
    }

    /// Reads a workflow's newest runs, one page.
    pub async fn newest_runs(&self, workflow: &Workflow) -> Result<Vec<Run>, RemoteError> {
        let url = self.http.url_with(workflow.path(&["runs"]), &[FULL, ("exclude_pull_requests", "true")]);
        Ok(self.http.get::<Runs>(url).await?.workflow_runs)
    }

    /// Searches a workflow's runs, as far as GitHub gives them.
    pub async fn search_runs(
        &self,
        workflow: &Workflow,
        filter: &[(&str, &str)],
    ) -> Result<Found, RemoteError> {
        let mut query = vec![FULL, ("exclude_pull_requests", "true")];
        query.extend(filter);
        let (pages, more) = self.pages::<Runs>(self.http.url_with(workflow.path(&["runs"]), &query)).await?;
        let total = pages.iter().map(|page| page.total_count).max().unwrap_or(0);
        let runs: Vec<Run> = pages.into_iter().flat_map(|page| page.workflow_runs).collect();
        Ok(Found { cut_off: more || total > runs.len() as u64, runs })
    }

    pub async fn run(&self, run: &RunAt) -> Result<Run, RemoteError> {
        self.http.get(self.http.url(run_path(run, &run.number.to_string(), &[]))).await
    }

    /// Reads the jobs of a run's last attempt, in the order in which they began.
    pub async fn jobs(&self, run: &RunAt) -> Result<Vec<Job>, RemoteError> {
        let url = self.http.url_with(run_path(run, &run.number.to_string(), &["jobs"]), &[FULL]);
        let (pages, _) = self.pages::<Jobs>(url).await?;
        let mut jobs: Vec<Job> = pages.into_iter().flat_map(|page| page.jobs).collect();
        jobs.sort_by_key(|job| (job.started_at, job.id));
        Ok(jobs)
    }

    pub async fn pending(&self, run: &RunAt) -> Result<Vec<Pending>, RemoteError> {
        self.http.get(self.http.url(run_path(run, &run.number.to_string(), &["pending_deployments"]))).await
    }

    pub async fn approvals(&self, run: &RunAt) -> Result<Vec<Approval>, RemoteError> {
        self.http.get(self.http.url(run_path(run, &run.number.to_string(), &["approvals"]))).await
    }

    /// Asks where a job's log lies. What comes is a redirect to a signed address, which must not be kept.
    pub async fn log(&self, repo: &Repo, job: u64) -> Result<Answer, RemoteError> {
        let id = job.to_string();
        self.http.read_any(Call::get(self.http.url(repo.path(&["actions", "jobs", &id, "logs"])))).await
    }

    /// Makes the dispatch of a workflow at a tag.
    pub fn dispatch(&self, workflow: &Workflow, tag: &str, inputs: &Value, with_details: bool) -> Call {
        let mut body = json!({ "ref": tag, "inputs": inputs });
        if with_details {
            body["return_run_details"] = true.into();
        }
        Call::new(Method::POST, self.http.url(workflow.path(&["dispatches"]))).json(&body)
    }

    /// Makes the answer to one environment's review.
    pub fn review(&self, run: &RunAt, environment: u64, state: &str, comment: &str) -> Call {
        let url = self.http.url(run_path(run, &run.number.to_string(), &["pending_deployments"]));
        let body = json!({ "environment_ids": [environment], "state": state, "comment": comment });
        Call::post(url).json(&body)
    }

    pub fn cancel(&self, run: &RunAt) -> Call {
        Call::post(self.http.url(run_path(run, &run.number.to_string(), &["cancel"])))
    }

    pub fn rerun_failed(&self, run: &RunAt) -> Call {
        Call::post(self.http.url(run_path(run, &run.number.to_string(), &["rerun-failed-jobs"])))
    }

    /// Sends a write, once, and says what its answer means.
    pub async fn send(&self, call: Call) -> Result<Answer, WriteError> {
        let answer = self.http.send(call).await?;
        // GitHub names the permission that would have done.
        let needs =
            answer.header("x-accepted-github-permissions").map(|named| named.chars().take(200).collect());
        self.http.accepted(answer).map_err(|error| match error {
            WriteError::NotApplied(RemoteError::Forbidden { detail, .. }) => {
                WriteError::NotApplied(RemoteError::Forbidden { needs, detail })
            }
            other => other,
        })
    }

    /// Reads one page of a list: the first one, or the one that an earlier page pointed to.
    async fn page<T: DeserializeOwned>(
        &self,
        first: Url,
        at: Option<&Cursor>,
    ) -> Result<(Vec<T>, Option<Cursor>), RemoteError> {
        // GitHub spells further pages by numbers (`/repositories/1/…`), so a place says which list it belongs to.
        let list = first.path().to_owned();
        let url = match at {
            None => first,
            Some(at) => match at.as_str().split_once(' ') {
                Some((of, next)) if of == list => self.http.link(next)?,
                _ => return Err(RemoteError::NotFound("that place in the list".into())),
            },
        };
        let answer = self.http.read(Call::get(url.clone())).await?;
        let next = self.next(&answer)?.filter(|next| *next != url);
        Ok((answer.json()?, next.map(|next| Cursor::new(format!("{list} {next}")))))
    }

    /// Reads a list page by page; says whether there would have been more.
    async fn pages<P: DeserializeOwned>(&self, first: Url) -> Result<(Vec<P>, bool), RemoteError> {
        let (mut pages, mut seen, mut url) = (Vec::new(), vec![first.clone()], first);
        loop {
            let answer = self.http.read(Call::get(url)).await?;
            pages.push(answer.json()?);
            match self.next(&answer)? {
                Some(next) if pages.len() < PAGES && !seen.contains(&next) => {
                    seen.push(next.clone());
                    url = next;
                }
                next => return Ok((pages, next.is_some())),
            }
        }
    }

    /// Reads from the `Link` header where the next page is; its address is GitHub's to make.
    fn next(&self, answer: &Answer) -> Result<Option<Url>, RemoteError> {
        let Some(links) = answer.header("link") else { return Ok(None) };
        let next = links.split(',').find(|link| link.contains("rel=\"next\""));
        let address = next.and_then(|link| Some(link.split_once('<')?.1.split_once('>')?.0));
        address.map(|address| self.http.link(address)).transpose()
    }
}

fn run_path<'a>(run: &'a RunAt, number: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    let mut path = run.repo.path(&["actions", "runs", number]);
    path.extend(rest);
    path
}
