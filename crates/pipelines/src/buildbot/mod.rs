//! Buildbot: force schedulers deploy, their build requests are the runs.
//!
//! Conventions, since Buildbot itself knows neither services nor stages: the builder `<service>` makes the
//! builds and names each by the property `version`; the force scheduler `promote-<service>-<stage>` deploys
//! one version and takes our operation key as an input, by which a lost answer is found again.

mod builds;
mod control;
mod line;
mod log;
mod promote;
mod run;
mod session;
mod stages;
mod start;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::http::{Address, Auth, Dialect, FormField, Http, Manners, retry_at};
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, Inputs, LogChunk, LogCursor, Logs, Look, Missing, Opening, OperationKey, Page,
    PendingGate, PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight,
    PromotionPlan, Reason, Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo,
    StageId, StageShape, StageState, Submission, SystemKind, TextRule, WriteError,
};
use line::Line;
use session::Session;

/// What a connection to Buildbot asks for.
pub(crate) const FIELDS: [FormField; 7] = [
    FormField {
        name: "base",
        title: "Address",
        hint: "Buildbot's own web address, for example https://ci.example.org/buildbot/.",
        required: true,
    },
    FormField {
        name: "account",
        title: "User name",
        hint: "An account of its own, with a role that may force, stop and rebuild on the deploying builders only. Empty for a server that everybody may use.",
        required: false,
    },
    FormField {
        name: "secret",
        title: "Password",
        hint: "The account's password in Buildbot (UserPasswordAuth, HTPasswdAuth or LDAP behind them).",
        required: false,
    },
    FormField {
        name: "stages",
        title: "Stages",
        hint: "The stages in their order, with commas between them. A force scheduler promote-<service>-<stage> stands for each.",
        required: true,
    },
    Inputs::FIELDS[0],
    Inputs::FIELDS[1],
    Inputs::FIELDS[2],
];

/// Buildbot publishes no limits, and works in one process.
const MANNERS: Manners = Manners {
    per_second: 10.0,
    background_per_second: 1.0,
    burst: 20.0,
    at_once: 4,
    between_writes: Duration::from_secs(1),
};

/// Buildbot 4.3 was seen to send broken gzip streams, so none is asked for.
const DIALECT: Dialect = Dialect {
    accept: "application/json",
    headers: &[("accept-encoding", "identity")],
    session: true,
    manners: MANNERS,
    limited: retry_at,
};

/// A connection to a Buildbot master.
pub struct Buildbot {
    connection: ConnectionId,
    capabilities: Capabilities,
    session: Session,
    stages: Vec<String>,
    inputs: Inputs,
}

impl Buildbot {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address can't be used or names no stages, with every reason.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Opening { connection, address, secret, hosts, clock } = opening;
        let stages = stages_of(address)?;
        let (auth, named) = auth_of(address, secret)?;
        let http = Http::open(address, auth, DIALECT, hosts, clock)?;
        Ok(Self {
            connection,
            capabilities: CAPABILITIES,
            session: Session::new(http, named),
            stages,
            inputs: Inputs::of(address, "version", "stage", "operation"),
        })
    }

    fn shape(line: &Line) -> PipelineShape {
        let stages = line.stages.iter().map(|stage| StageShape {
            id: StageId::new(stage.name.clone()),
            name: stage.name.clone(),
            environment: stage.scheduler.builder_names.first().cloned(),
            checks: Vec::new(),
            gates: Vec::new(),
        });
        PipelineShape {
            stages: stages.collect(),
            id: PipelineId::new(line.name.clone()),
            name: line.name.clone(),
        }
    }
}

fn stages_of(address: &Address) -> Result<Vec<String>, RemoteError> {
    let names = address.option("stages").unwrap_or_default().split(',').map(str::trim);
    let stages: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let twice = stages.iter().enumerate().find(|(at, name)| stages[..*at].contains(name));
    let refused = |sentence: String, next_step: &str| {
        Err(RemoteError::Invalid {
            reasons: vec![Reason {
                code: "connection.stages",
                place: "stages".into(),
                sentence,
                next_step: next_step.into(),
            }],
            detail: "The connection can't be used like this.".into(),
        })
    };
    match twice {
        _ if stages.is_empty() => refused(
            "The connection names no stages, and Buildbot keeps no order of them.".into(),
            "Write the stages in their order, with commas between them.",
        ),
        Some((_, name)) => refused(format!("The stage {name} is named twice."), "Name each stage once."),
        None => Ok(stages),
    }
}

/// Says how to sign in, and whether at all.
fn auth_of(address: &Address, secret: Option<SecretString>) -> Result<(Auth, bool), RemoteError> {
    let account = address.account.as_deref().map(str::trim).filter(|account| !account.is_empty());
    match (account, secret) {
        (Some(account), Some(secret)) => Ok((Auth::Basic(account.to_owned(), secret), true)),
        (None, None) => Ok((Auth::None, false)),
        (Some(_), None) => Err(RemoteError::Auth { reauth: true, detail: "the password is missing".into() }),
        (None, Some(_)) => Err(RemoteError::Auth { reauth: true, detail: "the user name is missing".into() }),
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    build_choice: BuildChoice::ByConvention,
    gate_scope: GateScope::None,
    gate_reject: false,
    gate_comment: TextRule::Unsupported,
    gate_multi_approver: false,
    gate_self_approval_may_be_refused: false,
    approve_starts_the_work: false,
    // Requests that wait may even be folded into one, the older ones being dropped.
    promote_dedup: Dedup::None,
    gate_dedup: Dedup::None,
    run_id_from: RunIdFrom::Response,
    logs: Logs::Incremental,
    cancel: Cancel::Any,
    retry_stage: true,
    roll_back: false,
    hold_stage: false,
    start_run: true,
    key_given_back: true,
    write_ack_is_proof: false,
};

fn no_gates() -> RemoteError {
    RemoteError::Unsupported("Buildbot has no gates of its own")
}

#[async_trait]
impl PipelineSystem for Buildbot {
    fn kind(&self) -> SystemKind {
        SystemKind::Buildbot
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let config = self.session.config().await?;
        let lines = self.lines().await?;
        let mut effective = self.capabilities.clone();
        let mut missing = Vec::new();
        if lines.is_empty() {
            effective.build_choice = BuildChoice::None;
            missing.push(Missing {
                capability: "build_choice".into(),
                why: "no builder has a force scheduler promote-<builder>-<stage> for one of the stages"
                    .into(),
                next_step: "name the stages as the force schedulers do, or add the force schedulers".into(),
            });
        }
        let user = config.user;
        let who = user.username.or(user.email).filter(|_| !user.anonymous);
        let version = config.versions.iter().find(|(product, _)| product == "Buildbot");
        Ok(ServerInfo {
            who: who.unwrap_or_else(|| "anonymous".into()),
            server: version.map_or_else(|| "Buildbot".into(), |(_, version)| format!("Buildbot {version}")),
            effective,
            missing,
        })
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        if page.is_some() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let prefix = query.name_prefix.as_deref().unwrap_or_default();
        let lines = self.lines().await?.into_iter().filter(|line| line.name.starts_with(prefix));
        let items = lines
            .map(|line| PipelineRef { id: PipelineId::new(line.name.clone()), name: line.name })
            .collect();
        Ok(Page { items, next: None })
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        Ok(Self::shape(&self.line(pipeline).await?))
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        self.builds(&self.line(pipeline).await?, query, page).await
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        self.states(&self.line(pipeline).await?).await
    }

    async fn pending_gates(&self, _pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        Err(no_gates())
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        self.status(run).await
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        self.log(run, at).await
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        self.examine(plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.force(plan, key).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile(plan, key, sent_at).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.start_tests(plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile_tests(plan, key, sent_at).await
    }

    async fn decide_gate(
        &self,
        _gate: &GateHandle,
        _decision: &Decision,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        Err(no_gates().into())
    }

    async fn reconcile_gate(
        &self,
        _gate: &GateHandle,
        _decision: &Decision,
        _key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        Err(no_gates())
    }

    async fn cancel(&self, run: &RunId, reason: &str, _key: &OperationKey) -> Result<Submission, WriteError> {
        self.stop(run, reason).await
    }

    async fn retry_stage(
        &self,
        run: &RunId,
        stage: &StageId,
        _key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        self.rebuild(run, stage).await
    }

    async fn look(&self, pipeline: &PipelineId) -> Result<Look, RemoteError> {
        let line = self.line(pipeline).await?;
        let builds = self.builds(&line, &BuildQuery::default(), None).await?;
        Ok(Look { builds, stages: self.states(&line).await?, gates: Vec::new() })
    }
}
