//! What GitHub sends, as far as it is needed. The shapes follow GitHub's own OpenAPI description.

use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct User {
    pub login: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Repository {
    pub full_name: String,
    #[serde(default)]
    pub default_branch: String,
    #[serde(default)]
    pub archived: bool,
    pub permissions: Option<Permissions>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Permissions {
    #[serde(default)]
    pub push: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Workflows {
    pub workflows: Vec<WorkflowEntry>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WorkflowEntry {
    pub path: String,
    pub state: String,
}

impl WorkflowEntry {
    /// Returns the file's name.
    pub fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Environments {
    #[serde(default)]
    pub environments: Vec<Environment>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Environment {
    pub name: String,
    #[serde(default)]
    pub protection_rules: Vec<ProtectionRule>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ProtectionRule {
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    pub tag_name: String,
    pub draft: bool,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub author: Option<User>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Tag {
    pub name: String,
    pub commit: Commit,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Commit {
    pub sha: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Deployment {
    pub id: u64,
    pub sha: String,
    #[serde(rename = "ref")]
    pub reference: String,
    pub environment: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct DeploymentStatus {
    pub id: u64,
    pub state: String,
    pub created_at: DateTime<Utc>,
    #[serde(default)]
    pub log_url: Option<String>,
    #[serde(default)]
    pub target_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Runs {
    pub total_count: u64,
    pub workflow_runs: Vec<Run>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub id: u64,
    pub display_title: String,
    pub event: String,
    pub head_branch: Option<String>,
    pub head_sha: String,
    #[serde(default = "first")]
    pub run_attempt: u64,
    pub status: Option<String>,
    pub conclusion: Option<String>,
    pub html_url: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub run_started_at: Option<DateTime<Utc>>,
}

fn first() -> u64 {
    1
}

impl Run {
    /// Says whether the run has ended.
    pub fn is_over(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Jobs {
    pub jobs: Vec<Job>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    pub id: u64,
    pub name: String,
    pub status: String,
    pub conclusion: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    pub name: String,
    pub status: String,
    pub conclusion: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Pending {
    pub environment: PendingEnvironment,
    pub wait_timer_started_at: Option<DateTime<Utc>>,
    pub current_user_can_approve: bool,
    pub reviewers: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct PendingEnvironment {
    pub id: u64,
    pub name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Approval {
    pub environments: Vec<PendingEnvironment>,
    pub state: String,
    pub user: Option<User>,
    #[serde(default)]
    pub comment: Option<String>,
}

/// The answer to a dispatch that asked for the run's details.
#[derive(Clone, Debug, Deserialize)]
pub struct Dispatched {
    pub workflow_run_id: u64,
}
