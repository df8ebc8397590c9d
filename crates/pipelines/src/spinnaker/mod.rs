//! Spinnaker, spoken to through Gate: pipelines that take the build and the stage as inputs are started;
//! pipelines that go through their stages by themselves are answered at their manual judgments.

mod executions;
mod gates;
mod line;
mod promote;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::http::{Address, Answer, Auth, Call, Dialect, FormField, Http, Manners, retry_at};
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, Inputs, LogChunk, LogCursor, Logs, Missing, Opening, OperationKey, Page,
    PendingGate, PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight,
    PromotionPlan, Reason, Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo,
    StageId, StageShape, StageState, Submission, SystemKind, TextRule, WriteError,
};
use wire::{User, Version};

/// What a connection to Spinnaker asks for.
pub(crate) const FIELDS: [FormField; 7] = [
    FormField {
        name: "base",
        title: "Gate's address",
        hint: "Where Gate, Spinnaker's API, is reached; with x509 that is its own port, for example https://gate.example.org:8085/.",
        required: true,
    },
    FormField {
        name: "account",
        title: "User name",
        hint: "Only for Basic sign-in. Empty for a bearer token or a client certificate.",
        required: false,
    },
    FormField {
        name: "secret",
        title: "Password, token or certificate",
        hint: "A password (with a user name), an OAuth2 token, or a client certificate and its key as PEM. The account needs READ and EXECUTE on the applications, and no more.",
        required: false,
    },
    FormField {
        name: "applications",
        title: "Applications",
        hint: "The applications whose pipelines are shown, with commas between them.",
        required: true,
    },
    FormField {
        name: "deck",
        title: "Deck's address",
        hint: "Where Spinnaker's pages are, for links. Empty for no links.",
        required: false,
    },
    Inputs::FIELDS[0],
    Inputs::FIELDS[1],
];

/// Gate's published default is 60 calls in 10 seconds for each account; the background takes a tenth.
const MANNERS: Manners = Manners {
    per_second: 6.0,
    background_per_second: 0.6,
    burst: 20.0,
    at_once: 4,
    between_writes: Duration::from_secs(1),
};

/// The least wait when Gate limits us and does not say for how long.
const LEAST_WAIT: TimeDelta = TimeDelta::seconds(5);

const DIALECT: Dialect =
    Dialect { accept: "application/json", headers: &[], session: true, manners: MANNERS, limited };

/// Gate gives the reset as a date, and for limits of what is behind it a date in 1970.
fn limited(answer: &Answer) -> Option<DateTime<Utc>> {
    let usual = retry_at(answer)?;
    let past = |date: &str| {
        DateTime::parse_from_rfc2822(date.trim()).is_ok_and(|date| date.with_timezone(&Utc) <= answer.at)
    };
    match answer.header("x-ratelimit-reset") {
        Some(reset) if past(reset) && answer.header("retry-after").is_none() => Some(answer.at + LEAST_WAIT),
        _ => Some(usual),
    }
}

/// A connection to Spinnaker's Gate.
pub struct Spinnaker {
    connection: ConnectionId,
    capabilities: Capabilities,
    http: Http,
    applications: Vec<String>,
    inputs: Inputs,
    /// Where Spinnaker's pages are, without a slash at its end.
    deck: Option<String>,
}

impl Spinnaker {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address can't be used or names no applications, with every reason.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Opening { connection, address, secret, hosts, clock } = opening;
        let names = address.option("applications").unwrap_or_default().split(',').map(str::trim);
        let applications: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if applications.is_empty() {
            return Err(RemoteError::Invalid {
                reasons: vec![Reason {
                    code: "connection.applications",
                    place: "applications".into(),
                    sentence: "The connection names no application.".into(),
                    next_step: "Write the applications' names, with commas between them.".into(),
                }],
                detail: "The connection can't be used like this.".into(),
            });
        }
        let http = Http::open(address, auth_of(address, secret), DIALECT, hosts, clock)?;
        let web = |deck: &&str| deck.starts_with("https://") || deck.starts_with("http://");
        let deck = address.option("deck").filter(web).map(|deck| deck.trim_end_matches('/').to_owned());
        let inputs = Inputs::of(address, "VERSION", "ENVIRONMENT", "OPERATION");
        Ok(Self { connection, capabilities: CAPABILITIES, http, applications, inputs, deck })
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, RemoteError> {
        let url = if query.is_empty() { self.http.url(path) } else { self.http.url_with(path, query) };
        let answer = self.http.read(Call::get(url)).await?;
        if answer.body.trim().is_empty() {
            return Err(RemoteError::Unavailable { retry_after: None });
        }
        answer.json()
    }

    /// Returns who we are; nothing for a Gate that asks nobody.
    async fn user(&self) -> Result<Option<User>, RemoteError> {
        let answer = self.http.read(Call::get(self.http.url(["auth", "user"]))).await?;
        if answer.body.trim().is_empty() { Ok(None) } else { answer.json().map(Some) }
    }
}

fn auth_of(address: &Address, secret: Option<SecretString>) -> Auth {
    let account = address.account.as_deref().map(str::trim).filter(|account| !account.is_empty());
    match (account, secret) {
        (_, None) => Auth::None,
        (_, Some(secret)) if secret.expose_secret().trim_start().starts_with("-----BEGIN") => {
            Auth::Certificate(secret)
        }
        (Some(account), Some(secret)) => Auth::Basic(account.to_owned(), secret),
        (None, Some(secret)) => Auth::Bearer(secret),
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    build_choice: BuildChoice::ByConvention,
    gate_scope: GateScope::Run,
    gate_reject: true,
    gate_comment: TextRule::Unsupported,
    gate_multi_approver: false,
    gate_self_approval_may_be_refused: false,
    approve_starts_the_work: true,
    promote_dedup: Dedup::WhileRunning,
    gate_dedup: Dedup::None,
    run_id_from: RunIdFrom::Response,
    logs: Logs::LinkOnly,
    cancel: Cancel::Any,
    retry_stage: true,
    roll_back: false,
    hold_stage: false,
    start_run: true,
    key_given_back: true,
    write_ack_is_proof: false,
};

#[async_trait]
impl PipelineSystem for Spinnaker {
    fn kind(&self) -> SystemKind {
        SystemKind::Spinnaker
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let who = self.user().await?.and_then(|user| user.username).filter(|name| !name.is_empty());
        let mut effective = self.capabilities.clone();
        let mut missing = Vec::new();
        let mut lines = Vec::new();
        for application in &self.applications {
            match self.lines(application).await {
                Ok(found) => lines.extend(found),
                Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => missing.push(Missing {
                    capability: "list_pipelines".into(),
                    why: format!("this account can't read the application {application}"),
                    next_step: "check its name, and give the account READ on it".into(),
                }),
                Err(error) => return Err(error),
            }
        }
        if !lines.iter().any(|line| line.driven.is_some()) {
            effective.build_choice = BuildChoice::None;
            missing.push(Missing {
                capability: "build_choice".into(),
                why: format!("no pipeline has an input {} with options", self.inputs.stage),
                next_step: "add the input with the stages as its options, or name it in the connection"
                    .into(),
            });
        }
        // Gate tells its version, or not, depending on how it was built.
        let version: Option<Version> = self.get(&["version"], &[]).await.ok();
        let version = version.and_then(|version| version.version).map(|version| format!(" (Gate {version})"));
        Ok(ServerInfo {
            who: who.unwrap_or_else(|| "anonymous".into()),
            server: format!("Spinnaker{}", version.unwrap_or_default()),
            effective,
            missing,
        })
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        let mut items = Vec::new();
        if page.is_none() {
            let prefix = query.name_prefix.as_deref().unwrap_or_default();
            for application in &self.applications {
                let lines = self.lines(application).await?;
                let named = lines.iter().map(|line| PipelineRef { id: line.id(), name: line.name() });
                items.extend(named.filter(|pipeline| pipeline.name.starts_with(prefix)));
            }
        }
        Ok(Page { items, next: None })
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        let line = self.line(pipeline).await?;
        let stage = |name: String| StageShape {
            id: StageId::new(name.clone()),
            gates: line.gates_of(&name),
            name,
            environment: None,
            checks: Vec::new(),
        };
        Ok(PipelineShape {
            id: line.id(),
            name: line.name(),
            stages: line.stages().into_iter().map(stage).collect(),
        })
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

    async fn pending_gates(&self, pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        self.gates(pipeline).await
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        self.status(run).await
    }

    async fn read_log(&self, _run: &RunId, _at: &LogCursor) -> Result<LogChunk, RemoteError> {
        Err(RemoteError::Unsupported("Spinnaker keeps no logs; its pages link to where they are"))
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        self.examine(plan).await
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        self.start(plan, key).await
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
        self.start_run_of(plan, key).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile_in(&plan.pipeline, key, sent_at).await
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
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.reconcile_answer(gate, decision, sent_at).await
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
        self.restart(run, stage.as_str()).await
    }
}
