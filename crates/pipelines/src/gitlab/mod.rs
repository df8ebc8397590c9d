//! GitLab CI/CD: projects are pipelines, environments are stages, GitLab's pipelines are builds.
//!
//! A build is deployed by its own jobs: a manual job is played, one that has run before is run again. A gate is
//! a deployment that waits for approvals, or a manual job.

mod builds;
mod gate;
mod id;
mod list;
mod look;
mod probe;
mod promote;
mod run;
mod start;
mod wire;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;
use url::Url;

use self::id::{JobRef, Project, WholeRun};
use self::promote::Step;
use self::wire::{JobState, Person};
use crate::http::{Auth, Call, Dialect, FormField, Http, Manners, retry_at};
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, LogChunk, LogCursor, Logs, Look, Opening, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, PromotionPlan,
    Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo, StageId, StageState,
    Submission, SystemKind, TextRule, WriteError,
};

/// The longest comment of an approval.
const COMMENT: usize = 255;

/// What a connection to GitLab asks for.
pub(crate) const FIELDS: &[FormField] = &[
    FormField {
        name: "base",
        title: "Address",
        hint: "GitLab's address, for example https://gitlab.com/.",
        required: true,
    },
    FormField {
        name: "secret",
        title: "Access token",
        hint: "A project, group or personal access token with the scope api, of a member with the role Developer who may deploy; read_api is enough to watch. In GitLab: Settings, Access tokens.",
        required: true,
    },
    FormField {
        name: "group",
        title: "Group",
        hint: "Lists only the projects of this group, for example shop/backend. Left out: all projects of the account.",
        required: false,
    },
    FormField {
        name: "ref",
        title: "Branch or tag",
        hint: "Only its pipelines are builds, for example main. Left out: those of every branch and tag.",
        required: false,
    },
    FormField {
        name: "environments",
        title: "Environments",
        hint: "The environments that are stages, in their order, with commas between. Left out: all that are not stopped, by tier.",
        required: false,
    },
];

/// GitLab.com allows an account 2,000 calls a minute, and an own server 7,200 an hour unless it is set up
/// otherwise; the background stays below a tenth of the former.
const MANNERS: Manners = Manners {
    per_second: 10.0,
    background_per_second: 1.0,
    burst: 20.0,
    at_once: 4,
    between_writes: Duration::from_secs(1),
};

/// A connection to GitLab.
pub struct GitLab {
    connection: ConnectionId,
    capabilities: Capabilities,
    http: Http,
    group: Option<String>,
    reference: Option<String>,
    chosen: Vec<String>,
    account: OnceCell<Person>,
    /// By commit; commits don't change.
    known_authors: Mutex<BTreeMap<String, String>>,
}

impl GitLab {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address or the token can't be used.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Some(secret) = opening.secret else {
            return Err(RemoteError::Auth { reauth: true, detail: "an access token is needed".into() });
        };
        let dialect = Dialect {
            accept: "application/json",
            headers: &[],
            session: false,
            manners: MANNERS,
            limited: retry_at,
        };
        let address = opening.address;
        let auth = Auth::Header("private-token", secret);
        let chosen = address.option("environments").unwrap_or_default().split(',').map(str::trim);
        Ok(Self {
            connection: opening.connection,
            capabilities: capabilities(),
            http: Http::open(address, auth, dialect, opening.hosts, opening.clock)?,
            group: address.option("group").map(str::to_owned),
            reference: address.option("ref").map(str::to_owned),
            chosen: chosen.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            account: OnceCell::new(),
            known_authors: Mutex::default(),
        })
    }

    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let segments = ["api", "v4"].iter().chain(segments);
        if query.is_empty() { self.http.url(segments) } else { self.http.url_with(segments, query) }
    }

    fn of_project(&self, project: &Project, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let all: Vec<&str> = ["projects", project.as_str()].iter().chain(segments).copied().collect();
        self.url(&all, query)
    }

    fn of_job(&self, job: &JobRef, segments: &[&str]) -> Url {
        let id = job.job.to_string();
        let all: Vec<&str> = ["jobs", id.as_str()].iter().chain(segments).copied().collect();
        self.of_project(&job.project, &all, &[])
    }

    /// Returns as whom the token acts.
    async fn me(&self) -> Result<Person, RemoteError> {
        let ask = || self.http.get(self.url(&["user"], &[]));
        self.account.get_or_try_init(ask).await.cloned()
    }
}

/// What GitLab can do at best.
fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::Any,
        gate_scope: GateScope::Run,
        gate_reject: true,
        gate_comment: TextRule::Optional { max: COMMENT },
        gate_multi_approver: true,
        gate_self_approval_may_be_refused: true,
        approve_starts_the_work: false,
        promote_dedup: Dedup::None,
        gate_dedup: Dedup::OneShotHandle,
        run_id_from: RunIdFrom::Response,
        logs: Logs::Incremental,
        cancel: Cancel::Any,
        retry_stage: true,
        roll_back: true,
        hold_stage: false,
        start_run: true,
        key_given_back: false,
        write_ack_is_proof: false,
    }
}

#[async_trait]
impl PipelineSystem for GitLab {
    fn kind(&self) -> SystemKind {
        SystemKind::GitLab
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        self.look_at_server().await
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        self.projects(query, page, "100").await
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        let project = Project::of(pipeline)?;
        let stages = self.sight(&project).await?.stages();
        Ok(PipelineShape { id: pipeline.clone(), name: project.to_string(), stages })
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        self.builds(&Project::of(pipeline)?, query, page).await
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        Ok(self.sight(&Project::of(pipeline)?).await?.states())
    }

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        Ok(self.sight(&Project::of(pipeline)?).await?.gates())
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        match WholeRun::of(run) {
            Some(pipeline) => self.pipeline_status(&pipeline).await,
            None => self.status(run).await,
        }
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        match WholeRun::of(run) {
            Some(_) => Self::no_pipeline_log(),
            None => self.log(run, at).await,
        }
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        self.check(plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, _key: &OperationKey) -> Result<Submission, WriteError> {
        self.carry_out(plan, None).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        _key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back(plan, sent_at).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.start_pipeline(plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile_pipeline(plan, key, sent_at).await
    }

    async fn decide_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        self.decide(gate, decision).await
    }

    async fn reconcile_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        _key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_answer(gate, decision).await
    }

    async fn cancel(
        &self,
        run: &RunId,
        _reason: &str,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        match WholeRun::of(run) {
            Some(pipeline) => self.cancel_pipeline(&pipeline).await,
            None => self.cancel_job(run).await,
        }
    }

    async fn retry_stage(
        &self,
        run: &RunId,
        stage: &StageId,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        let of = JobRef::of(run)?;
        let job = self.job(&of).await?;
        let sight = self.sight(&of.project).await?;
        if let Some(state) = sight.states().iter().find(|state| state.stage == *stage)
            && let Some(busy) = &state.running
        {
            return Err(RemoteError::Conflict { detail: format!("{busy} is deploying there") }.into());
        }
        if !sight.deploys(job.id, stage) {
            let detail = format!("job {} is not known to deploy to {stage}", job.name);
            return Err(RemoteError::Conflict { detail }.into());
        }
        if job.state() != JobState::Ended || job.status == "success" {
            let detail = format!("job {} is {} and has nothing to be run again", job.name, job.status);
            return Err(RemoteError::Conflict { detail }.into());
        }
        self.retry(&of.project, Call::post(self.of_job(&of, &["retry"]))).await
    }

    async fn roll_back(&self, plan: &PromotionPlan, _key: &OperationKey) -> Result<Submission, WriteError> {
        self.carry_out(plan, Some(Step::Retry)).await
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let project = Project::of(pipeline)?;
        let builds = self.builds(&project, &BuildQuery::default(), None).await?;
        let sight = self.sight(&project).await?;
        Ok(Look { builds, stages: sight.states(), gates: sight.gates() })
    }
}
