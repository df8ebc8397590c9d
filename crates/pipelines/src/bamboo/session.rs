//! [`Bamboo`]: one account on one Bamboo, and how it is read.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::wire::{Deployment, Environment, Me, Project, Queued, Statuses, Version, list};
use crate::http::{Auth, Call, Dialect, Http, Manners, problem_of, retry_at};
use crate::{Capabilities, ConnectionId, Opening, PipelineId, RemoteError, RunId, StageId};

/// How many versions come in a page, and how many pages are read at most.
const PAGE: usize = 100;
const MOST_PAGES: usize = 10;
/// How many deployments of an environment are looked at.
pub(super) const LOOK_BACK: usize = 25;
/// How long Bamboo may take to show what it accepted.
const SHOWN_AFTER: Duration = Duration::from_secs(5);

/// Bamboo's own limits are off until an administrator sets them; this is gentle.
const DIALECT: Dialect = Dialect {
    accept: "application/json",
    headers: &[("x-atlassian-token", "no-check")],
    session: false,
    manners: Manners {
        per_second: 5.0,
        background_per_second: 0.5,
        burst: 10.0,
        at_once: 4,
        between_writes: Duration::from_secs(1),
    },
    limited: retry_at,
};

/// A connection to a Bamboo.
pub struct Bamboo {
    pub(super) connection: ConnectionId,
    pub(super) capabilities: Capabilities,
    pub(super) http: Http,
    pub(super) shown_after: TimeDelta,
    me: Mutex<Option<Me>>,
}

/// A project with what stands in its environments, in their order.
pub(super) struct Site {
    pub project: Project,
    /// The newest deployments of each environment.
    pub deployments: Vec<Vec<Deployment>>,
}

impl Bamboo {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address or the secret can't be used.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let auth = match (opening.address.account.as_deref().filter(|name| !name.is_empty()), opening.secret)
        {
            (Some(account), Some(secret)) => Auth::Basic(account.to_owned(), secret),
            (None, Some(token)) => Auth::Bearer(token),
            (_, None) => Auth::None,
        };
        Ok(Self {
            connection: opening.connection,
            capabilities: super::system::capabilities(),
            http: Http::open(opening.address, auth, DIALECT, opening.hosts, opening.clock)?,
            shown_after: TimeDelta::from_std(opening.hosts.limit(SHOWN_AFTER)).unwrap_or_default(),
            me: Mutex::default(),
        })
    }

    /// Makes an address of the API.
    pub(super) fn at(&self, rest: &[&str], query: &[(&str, &str)]) -> Url {
        let segments = ["rest", "api", "latest"].iter().chain(rest);
        match query {
            [] => self.http.url(segments),
            query => self.http.url_with(segments, query),
        }
    }

    /// Reads what may not exist.
    async fn maybe<T: DeserializeOwned>(&self, url: Url) -> Result<Option<T>, RemoteError> {
        let answer = self.http.read_any(Call::get(url)).await?;
        match answer.status.as_u16() {
            200..=299 => answer.json().map(Some),
            404 => Ok(None),
            _ => Err(problem_of(&answer, retry_at(&answer))),
        }
    }

    pub(super) async fn me(&self) -> Result<Me, RemoteError> {
        let known = self.me.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(me) = known {
            return Ok(me);
        }
        let me: Me = self.http.get(self.at(&["currentUser"], &[])).await?;
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        Ok(me)
    }

    pub(super) async fn projects(&self) -> Result<Vec<Project>, RemoteError> {
        let all: Value = self.http.get(self.at(&["deploy", "project", "all"], &[])).await?;
        list(all, &["projects", "results"])
    }

    /// Reads a project with its environments in their order.
    pub(super) async fn project(&self, pipeline: &PipelineId) -> Result<Project, RemoteError> {
        let missing = || RemoteError::NotFound(format!("pipeline {pipeline}"));
        let id = number(pipeline.as_str()).ok_or_else(missing)?.to_string();
        let project: Option<Project> = self.maybe(self.at(&["deploy", "project", &id], &[])).await?;
        let mut project = project.ok_or_else(missing)?;
        project.environments.sort_by_key(|environment| environment.position);
        for environment in &mut project.environments {
            if environment.release_approval_prerequisite.is_none() {
                let id = environment.id.to_string();
                let whole: Option<Environment> =
                    self.maybe(self.at(&["deploy", "environment", &id], &[])).await?;
                environment.release_approval_prerequisite =
                    whole.and_then(|whole| whole.release_approval_prerequisite);
            }
        }
        Ok(project)
    }

    /// Reads a project and what stands in its environments.
    pub(super) async fn site(&self, pipeline: &PipelineId) -> Result<Site, RemoteError> {
        let project = self.project(pipeline).await?;
        let mut deployments = Vec::new();
        for environment in &project.environments {
            deployments.push(self.deployments(environment.id).await?.0);
        }
        Ok(Site { project, deployments })
    }

    /// Reads the newest deployments of an environment, newest first, and by how much Bamboo's clock is ahead.
    pub(super) async fn deployments(
        &self,
        environment: u64,
    ) -> Result<(Vec<Deployment>, TimeDelta), RemoteError> {
        let (id, most) = (environment.to_string(), LOOK_BACK.to_string());
        let url = self.at(&["deploy", "environment", &id, "results"], &[("max-results", &most)]);
        let answer = self.http.read(Call::get(url)).await?;
        let theirs = answer.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let ahead = theirs.map_or(TimeDelta::zero(), |theirs| theirs.with_timezone(&Utc) - answer.at);
        let mut deployments: Vec<Deployment> = list(answer.json()?, &["results"])?;
        deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.id));
        Ok((deployments, ahead))
    }

    /// Reads the newest versions of a project, at least as many as are wanted if there are. Bamboo has several
    /// names for the size and the start of a page and ignores the wrong ones: a page without a new id is the last.
    pub(super) async fn versions(&self, project: u64, wanted: usize) -> Result<Vec<Version>, RemoteError> {
        let (id, size) = (project.to_string(), PAGE.to_string());
        let mut versions: Vec<Version> = Vec::new();
        let mut known = BTreeSet::new();
        for _ in 0..MOST_PAGES {
            let start = versions.len().to_string();
            let query = [("start-index", start.as_str()), ("max-results", size.as_str())];
            let page: Value = self.http.get(self.at(&["deploy", "project", &id, "versions"], &query)).await?;
            let page: Vec<Version> = list(page, &["versions"])?;
            let before = versions.len();
            versions.extend(page.into_iter().filter(|version| known.insert(version.id)));
            if versions.len() == before || versions.len() > wanted {
                break;
            }
        }
        versions.sort_by_key(|version| std::cmp::Reverse((version.creation_date, version.id)));
        Ok(versions)
    }

    pub(super) async fn statuses(&self, version: u64) -> Result<Statuses, RemoteError> {
        let id = version.to_string();
        self.http.get(self.at(&["deploy", "version", &id, "status"], &[])).await
    }

    pub(super) async fn deployment(&self, run: &RunId, log: bool) -> Result<Deployment, RemoteError> {
        let missing = || RemoteError::NotFound(format!("run {run}"));
        let id = number(run.as_str()).ok_or_else(missing)?.to_string();
        let query: &[(&str, &str)] =
            if log { &[("includeLogs", "true"), ("max-results", "10000")] } else { &[] };
        let found: Option<Deployment> = self.maybe(self.at(&["deploy", "result", &id], query)).await?;
        found.ok_or_else(missing)
    }

    /// Reads the ids of the deployments that wait in the queue.
    pub(super) async fn queue(&self) -> Result<Vec<u64>, RemoteError> {
        let queue: Value =
            self.http.get(self.at(&["queue", "deployment"], &[("expand", "queuedDeployments")])).await?;
        let queued: Vec<Queued> = list(queue, &["queuedDeployments", "queuedDeployment"])?;
        Ok(queued.into_iter().map(|queued| queued.deployment_result_id).collect())
    }
}

impl Site {
    /// Finds an environment by its stage's id.
    pub fn environment(&self, stage: &StageId) -> Option<(usize, &Environment)> {
        let id = number(stage.as_str())?;
        self.project.environments.iter().enumerate().find(|(_, environment)| environment.id == id)
    }
}

/// Reads an id: digits and nothing else, as Bamboo writes them.
pub(super) fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}
