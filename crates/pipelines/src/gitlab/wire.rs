//! GitLab's answers, as far as they are read.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::id::{JobRef, Project};
use crate::{BuildId, RunId};

/// A user in any answer.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Person {
    pub id: u64,
    pub username: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// A pipeline, in a list or beside its jobs.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pipeline {
    pub id: u64,
    pub sha: String,
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Job {
    pub id: u64,
    pub name: String,
    pub status: String,
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub finished_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub user: Option<Person>,
    #[serde(default)]
    pub pipeline: Option<Pipeline>,
    #[serde(default)]
    pub failure_reason: Option<String>,
    #[serde(default)]
    pub web_url: Option<String>,
    #[serde(default)]
    pub archived: Option<bool>,
}

/// Where a job stands, as far as a decision depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobState {
    /// It waits for jobs before it.
    NotReached,
    /// It waits for a person.
    Manual,
    /// It was started and has not ended.
    Active,
    /// It has ended.
    Ended,
    /// It will never run.
    Skipped,
}

impl Job {
    pub fn state(&self) -> JobState {
        match self.status.as_str() {
            "manual" => JobState::Manual,
            "success" | "failed" | "canceled" => JobState::Ended,
            "skipped" => JobState::Skipped,
            "created" | "scheduled" => JobState::NotReached,
            // pending, preparing, running, canceling, waiting_for_resource, waiting_for_callback
            _ => JobState::Active,
        }
    }

    pub fn run(&self, project: &Project) -> RunId {
        JobRef { project: project.clone(), job: self.id }.run()
    }

    pub fn started_by(&self, person: &Person) -> bool {
        self.user.as_ref().is_some_and(|user| user.id == person.id)
    }

    /// Names who started it, for a person.
    pub fn starter(&self) -> String {
        self.user.as_ref().map_or_else(|| "somebody".to_owned(), |user| user.username.clone())
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Environment {
    #[serde(default)]
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub external_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Deployment {
    pub id: u64,
    pub status: String,
    pub sha: String,
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    pub created_at: DateTime<Utc>,
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub environment: Option<Environment>,
    /// Nothing for a deployment that something else than GitLab's jobs carried out.
    #[serde(default)]
    pub deployable: Option<Job>,
    /// Only in the answer about one deployment, and only in paid tiers.
    #[serde(default)]
    pub pending_approval_count: Option<u64>,
    #[serde(default)]
    pub approvals: Option<Vec<Approval>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Approval {
    pub user: Person,
    pub status: String,
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
}

impl Deployment {
    pub fn is_into(&self, environment: &str) -> bool {
        self.environment.as_ref().is_some_and(|known| known.name == environment)
    }

    pub fn pipeline(&self) -> Option<u64> {
        Some(self.deployable.as_ref()?.pipeline.as_ref()?.id)
    }

    /// What it deploys: a pipeline, or a commit that something else deployed.
    pub fn build(&self) -> BuildId {
        match self.pipeline() {
            Some(pipeline) => BuildId::new(pipeline.to_string()),
            None => BuildId::new(format!("commit {}", self.sha)),
        }
    }

    /// Says whether somebody's approval is missing. A deployment can stay `blocked` when none is, until it is
    /// started.
    pub fn waits_for_approval(&self) -> bool {
        self.status == "blocked" && self.pending_approval_count != Some(0)
    }

    pub fn approval_of(&self, person: &Person) -> Option<&Approval> {
        self.approvals.iter().flatten().find(|approval| approval.user.id == person.id)
    }

    /// Says whether the work has begun and goes on, or is queued for it.
    pub fn is_active(&self) -> bool {
        self.status == "running"
            || self.deployable.as_ref().is_some_and(|job| job.state() == JobState::Active)
    }

    /// When it left something in the environment; nothing if it did not get that far.
    pub fn settled_at(&self) -> Option<DateTime<Utc>> {
        let began = self.deployable.as_ref().is_none_or(|job| job.started_at.is_some());
        let settled = match self.status.as_str() {
            "success" => true,
            "failed" | "canceled" => began && !self.is_active(),
            _ => false,
        };
        let finished = self.deployable.as_ref().and_then(|job| job.finished_at);
        settled.then(|| finished.or(self.updated_at).unwrap_or(self.created_at))
    }
}

/// What is listed, by its number.
pub(super) trait Listed {
    fn number(&self) -> u64;
}

macro_rules! listed {
    ($($kind:ty),+) => {$(
        impl Listed for $kind {
            fn number(&self) -> u64 {
                self.id
            }
        }
    )+};
}

listed!(Pipeline, Job, Environment, Deployment);
