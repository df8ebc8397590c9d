//! [`LocalSystem`]: the port's methods, each on a worker thread because all of them touch files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::arrival::{self, DigestCache};
use super::claim::file_error;
use super::deploy;
use super::record::RunFolder;
use super::settings::{ServiceSettings, Settings};
use super::{environment, lock, plan, process, status, surroundings::Surroundings, test_run};
use crate::{
    BuildChoice, BuildPage, BuildQuery, Cancel, Capabilities, Clock, ConnectionId, Cursor, Decision, Dedup,
    GateHandle, GateScope, LogChunk, LogCursor, Logs, Missing, Occupant, OperationKey, Page, PendingGate,
    PipelineId, PipelineQuery, PipelineRef, PipelineShape, PipelineSystem, Preflight, PromotionPlan,
    Reconciled, RemoteError, RunId, RunIdFrom, RunPlan, RunStatus, ServerInfo, Settled, StageId, StageShape,
    StageState, Submission, SystemKind, TextRule, WriteError,
};

/// A connection to a folder of this machine.
///
/// `pipeline.toml` is read anew by every call, so a correction takes effect at once. Any number of
/// programs may use the same folder at the same time.
#[derive(Clone)]
pub struct LocalSystem {
    connection: ConnectionId,
    capabilities: Capabilities,
    site: Arc<Site>,
}

/// The connection's folder, with all that acting in it needs.
pub(super) struct Site {
    pub root: PathBuf,
    pub surroundings: Surroundings,
    pub digests: DigestCache,
    clock: Clock,
}

impl Site {
    /// Returns where runs are recorded.
    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Tells the time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Returns the operation that works in a stage now.
    pub fn working(&self, service: &str, stage: &str) -> Result<Option<OperationKey>, RemoteError> {
        let lock = lock::path(&self.runs(), service, stage);
        let holder = lock::holder(&lock).map_err(|error| file_error(&lock, &error))?;
        // A runner records its end an instant before it lets go of the lock.
        Ok(holder.filter(|key| RunFolder::of(&self.runs(), key).ended().is_none()))
    }

    fn settings(&self) -> Result<Settings, RemoteError> {
        Settings::load(&self.root, self.surroundings.path())
    }
}

impl LocalSystem {
    /// Connects to a folder, given by its absolute path. Whether it is usable shows in the calls.
    pub fn open(connection: ConnectionId, folder: &Path, surroundings: Surroundings, clock: Clock) -> Self {
        let site = Site { root: folder.to_owned(), surroundings, digests: DigestCache::default(), clock };
        Self { connection, capabilities: capabilities(), site: Arc::new(site) }
    }

    async fn on_worker<T, F>(&self, work: F) -> Result<T, RemoteError>
    where
        T: Send + 'static,
        F: FnOnce(&Site) -> Result<T, RemoteError> + Send + 'static,
    {
        let site = Arc::clone(&self.site);
        match tokio::task::spawn_blocking(move || work(&site)).await {
            Ok(result) => result,
            Err(error) => Err(RemoteError::Protocol { detail: error.to_string() }),
        }
    }

    async fn write_on_worker<F>(&self, work: F) -> Result<Submission, WriteError>
    where
        F: FnOnce(&Site) -> Result<Submission, WriteError> + Send + 'static,
    {
        let site = Arc::clone(&self.site);
        match tokio::task::spawn_blocking(move || work(&site)).await {
            Ok(result) => result,
            Err(error) => Err(WriteError::OutcomeUnknown {
                cause: RemoteError::Protocol { detail: error.to_string() },
                sent_at: self.site.now(),
            }),
        }
    }
}

#[async_trait]
impl PipelineSystem for LocalSystem {
    fn kind(&self) -> SystemKind {
        SystemKind::Local
    }

    fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn probe(&self) -> Result<ServerInfo, RemoteError> {
        let mut effective = self.capabilities.clone();
        self.on_worker(move |site| {
            site.settings()?;
            let mut missing = Vec::new();
            if !process::SUPPORTED {
                effective.build_choice = BuildChoice::None;
                effective.start_run = false;
                effective.cancel = Cancel::None;
                missing.push(Missing {
                    capability: "build_choice".into(),
                    why: "commands need a POSIX shell, and this system has none".into(),
                    next_step: "use a connection to a remote system".into(),
                });
            }
            Ok(ServerInfo {
                who: format!("{} on this machine", process::user()),
                server: format!("folder {}", site.root.display()),
                effective,
                missing,
            })
        })
        .await
    }

    async fn list_pipelines(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        if page.is_some() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let prefix = query.name_prefix.clone().unwrap_or_default();
        self.on_worker(move |site| {
            let settings = site.settings()?;
            let services = settings.services.into_iter().map(|service| service.name);
            let mut items: Vec<_> = services
                .chain(settings.tests.into_iter().map(|test| test.name))
                .filter(|name| name.starts_with(&prefix))
                .map(|name| PipelineRef { id: PipelineId::new(name.clone()), name })
                .collect();
            items.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(Page { items, next: None })
        })
        .await
    }

    async fn describe(&self, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
        let pipeline = pipeline.clone();
        self.on_worker(move |site| {
            let settings = site.settings()?;
            if let Some(test) = settings.test(pipeline.as_str()) {
                return Ok(PipelineShape { stages: Vec::new(), name: test.name.clone(), id: pipeline });
            }
            let service = find(&settings, &pipeline)?;
            let stages = service.stages.iter().map(|stage| StageShape {
                id: StageId::new(stage.name.clone()),
                name: stage.name.clone(),
                environment: Some(stage.environment_shown.clone()),
                checks: stage.checks.iter().map(|check| check.name.clone()).collect(),
                gates: Vec::new(),
            });
            Ok(PipelineShape { stages: stages.collect(), name: service.name.clone(), id: pipeline })
        })
        .await
    }

    async fn list_builds(
        &self,
        pipeline: &PipelineId,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let (pipeline, limit, page) = (pipeline.clone(), query.limit.max(1), page.cloned());
        self.on_worker(move |site| {
            let settings = site.settings()?;
            let service = find(&settings, &pipeline)?;
            let (arrivals, problems) = arrival::list(&service.arrivals, &site.digests)
                .map_err(|error| file_error(&service.arrivals, &error))?;
            let place = |build: &crate::Build| {
                Cursor::new(format!("{} {}", build.created.format("%s%.9f"), build.id))
            };
            let mut builds: Vec<_> = arrivals.into_iter().map(|arrival| arrival.build).collect();
            if let Some(page) = &page {
                let after = builds.iter().position(|build| place(build) == *page);
                let after = after.ok_or_else(|| RemoteError::Stale {
                    detail: "the list of builds changed; read it from the beginning".into(),
                })?;
                builds.drain(..=after);
            }
            let more = builds.len() > limit;
            builds.truncate(limit);
            Ok(BuildPage {
                next: builds.last().filter(|_| more).map(place),
                problems: if page.is_none() { problems } else { Vec::new() },
                builds,
            })
        })
        .await
    }

    async fn stage_states(&self, pipeline: &PipelineId) -> Result<Vec<StageState>, RemoteError> {
        let pipeline = pipeline.clone();
        self.on_worker(move |site| {
            let settings = site.settings()?;
            let service = find(&settings, &pipeline)?;
            service
                .stages
                .iter()
                .map(|stage| {
                    let running = site.working(&service.name, &stage.name)?;
                    let occupant = environment::read(&stage.environment)?.map(|there| Occupant {
                        // A deployment that nothing works on any more will never settle.
                        settled: match there.state {
                            Settled::Deploying if running.as_ref() != Some(&there.operation) => {
                                Settled::Broken
                            }
                            state => state,
                        },
                        build: there.build,
                        sha256: Some(there.sha256),
                        run: Some(RunId::new(there.operation.as_str())),
                        operation: Some(there.operation),
                        since: there.since,
                    });
                    Ok(StageState {
                        stage: StageId::new(stage.name.clone()),
                        occupant,
                        running: running.map(|key| RunId::new(key.as_str())),
                        held: None,
                    })
                })
                .collect()
        })
        .await
    }

    async fn pending_gates(&self, _pipeline: &PipelineId) -> Result<Vec<PendingGate>, RemoteError> {
        Err(no_gates())
    }

    async fn run_status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        let run = run.clone();
        self.on_worker(move |site| status::run_status(site, &run)).await
    }

    async fn read_log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        let (run, at) = (run.clone(), at.clone());
        self.on_worker(move |site| status::read_log(site, &run, &at)).await
    }

    async fn preflight(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let plan = plan.clone();
        self.on_worker(move |site| Ok(plan::preflight(site, &plan))).await
    }

    async fn promote(&self, plan: &PromotionPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        let (plan, key) = (plan.clone(), key.clone());
        self.write_on_worker(move |site| deploy::promote(site, &plan, &key)).await
    }

    async fn reconcile_promotion(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let (plan, key) = (plan.clone(), key.clone());
        self.on_worker(move |site| status::reconcile(site, &plan, &key)).await
    }

    async fn start_run(&self, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
        let (plan, key) = (plan.clone(), key.clone());
        self.write_on_worker(move |site| test_run::start(site, &plan, &key)).await
    }

    async fn reconcile_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        _sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let (plan, key) = (plan.clone(), key.clone());
        self.on_worker(move |site| {
            let is_starting = test_run::is_starting(site, &plan, &key)?;
            status::reconcile_key(site, &key, is_starting)
        })
        .await
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
        let (run, reason) = (run.clone(), reason.to_owned());
        self.write_on_worker(move |site| status::cancel(site, &run, &reason)).await
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        build_choice: BuildChoice::Any,
        gate_scope: GateScope::None,
        gate_reject: false,
        gate_comment: TextRule::Unsupported,
        gate_multi_approver: false,
        gate_self_approval_may_be_refused: false,
        approve_starts_the_work: false,
        promote_dedup: Dedup::ServerToken,
        gate_dedup: Dedup::None,
        run_id_from: RunIdFrom::Response,
        logs: Logs::Incremental,
        cancel: Cancel::Any,
        retry_stage: false,
        roll_back: false,
        hold_stage: false,
        start_run: true,
        key_given_back: true,
        write_ack_is_proof: true,
    }
}

fn find<'s>(settings: &'s Settings, id: &PipelineId) -> Result<&'s ServiceSettings, RemoteError> {
    settings.service(id.as_str()).ok_or_else(|| RemoteError::NotFound(format!("pipeline {id}")))
}

fn no_gates() -> RemoteError {
    RemoteError::Unsupported("the local system has no gates of its own")
}
