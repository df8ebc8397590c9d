//! Executions: the builds that they carry, what they left in the stages, and how each of them stands.

use std::collections::BTreeSet;

use super::Spinnaker;
use super::line::Line;
use super::wire::{Execution, Stage, has_begun, is_final};
use crate::{
    Build, BuildId, BuildPage, BuildQuery, Cursor, Occupant, OperationKey, Progress, RemoteError, RunId,
    RunState, RunStatus, Settled, StageId, StageState,
};

/// How many executions are looked at for what stands where.
const LOOKED_AT: usize = 50;
/// How many executions are looked at for builds.
const SEARCHED: usize = 200;

impl Spinnaker {
    /// Reads the newest executions of a pipeline, the newest first.
    async fn newest(&self, line: &Line, limit: usize) -> Result<Vec<Execution>, RemoteError> {
        let limit = limit.to_string();
        let query = [("pipelineConfigIds", line.config.id.as_str()), ("limit", &limit), ("expand", "true")];
        let mut executions: Vec<Execution> = self.get(&["executions"], &query).await?;
        executions.sort_by(|a, b| (b.built(), &b.id).cmp(&(a.built(), &a.id)));
        Ok(executions)
    }

    pub(super) async fn recent(&self, line: &Line) -> Result<Vec<Execution>, RemoteError> {
        self.newest(line, LOOKED_AT).await
    }

    /// Lists the builds that executions carried; the newest execution of each tells about it.
    pub(super) async fn builds(
        &self,
        line: &Line,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let mut builds = self.all_builds(line).await?;
        if let Some(page) = page {
            let at = builds.iter().position(|build| build.id.as_str() == page.as_str());
            let at = at.ok_or_else(|| RemoteError::Stale {
                detail: "the list of builds changed; read it from the beginning".into(),
            })?;
            builds.drain(..=at);
        }
        let more = builds.len() > query.limit.max(1);
        builds.truncate(query.limit.max(1));
        let next = builds.last().filter(|_| more).map(|build| Cursor::new(build.id.as_str()));
        Ok(BuildPage { builds, problems: Vec::new(), next })
    }

    pub(super) async fn all_builds(&self, line: &Line) -> Result<Vec<Build>, RemoteError> {
        let executions = self.newest(line, SEARCHED).await?;
        let mut seen = BTreeSet::new();
        let first = executions.iter().filter(|execution| seen.insert(self.version_of(execution)));
        let build = |execution: &Execution| {
            let version = self.version_of(execution);
            Build {
                id: BuildId::new(version.clone()),
                label: version,
                commit: execution.commit().unwrap_or_default(),
                author: execution.author().unwrap_or_default(),
                created: execution.built().unwrap_or_default(),
                artifact: None,
                versions: Default::default(),
                features: Vec::new(),
            }
        };
        Ok(first.map(build).collect())
    }

    pub(super) async fn states(&self, line: &Line) -> Result<Vec<StageState>, RemoteError> {
        let executions = self.recent(line).await?;
        Ok(line.stages().iter().map(|stage| self.state(line, stage, &executions)).collect())
    }

    pub(super) fn state(&self, line: &Line, stage: &str, executions: &[Execution]) -> StageState {
        let mut state = StageState { stage: StageId::new(stage), occupant: None, running: None, held: None };
        for execution in executions {
            let Some((status, since)) = self.share(line, stage, execution) else { continue };
            if !is_final(status) {
                state.running = Some(RunId::new(execution.id.clone()));
            }
            if state.occupant.is_none() && has_begun(status) {
                state.occupant = Some(Occupant {
                    build: BuildId::new(self.version_of(execution)),
                    sha256: None,
                    run: Some(RunId::new(execution.id.clone())),
                    operation: execution
                        .trigger
                        .correlation_id
                        .as_deref()
                        .filter(|_| line.driven.is_some())
                        .and_then(|key| OperationKey::new(key).ok()),
                    since: since.or(execution.built()).unwrap_or_default(),
                    settled: match status {
                        "SUCCEEDED" | "FAILED_CONTINUE" => Settled::Deployed,
                        status if is_final(status) => Settled::Broken,
                        _ => Settled::Deploying,
                    },
                });
            }
        }
        state
    }

    /// Returns how an execution stands in a stage; nothing if it has nothing to do with it (yet).
    fn share<'e>(
        &self,
        line: &Line,
        stage: &str,
        execution: &'e Execution,
    ) -> Option<(&'e str, Option<chrono::DateTime<chrono::Utc>>)> {
        if line.driven.is_some() {
            let own = execution.parameter(&self.inputs.stage)? == stage;
            // A cancelled execution that never began has touched nothing.
            let idle = is_final(&execution.status) && execution.started().is_none();
            return (own && !idle).then_some((execution.status.as_str(), execution.started()));
        }
        let own = |known: &&Stage| known.parent_stage_id.is_none() && known.name == stage;
        let own = execution.stages.iter().find(own)?;
        // What waits before the stage has not come to it.
        (has_begun(&own.status) && own.started().is_some()).then_some((own.status.as_str(), own.started()))
    }

    /// Reads an execution. Gate answers with an empty success where it could not ask: that is no answer.
    pub(super) async fn execution(&self, run: &RunId) -> Result<Execution, RemoteError> {
        let id = run.as_str();
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || !(8..=64).contains(&id.len()) {
            return Err(RemoteError::NotFound(format!("run {run}")));
        }
        self.get(&["pipelines", id], &[]).await
    }

    pub(super) async fn status(&self, run: &RunId) -> Result<RunStatus, RemoteError> {
        let execution = self.execution(run).await?;
        let own: Vec<&Stage> =
            execution.stages.iter().filter(|stage| stage.parent_stage_id.is_none()).collect();
        let state = match execution.status.as_str() {
            "NOT_STARTED" | "BUFFERED" => RunState::Queued,
            "RUNNING" | "PAUSED" | "SUSPENDED" => RunState::Running,
            "SUCCEEDED" => RunState::Succeeded,
            "CANCELED" => RunState::Cancelled,
            "TERMINAL" | "FAILED_CONTINUE" | "STOPPED" | "SKIPPED" | "REDIRECT" => RunState::Failed,
            _ => RunState::Unknown,
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let current = own.iter().find(|stage| has_begun(&stage.status) && !is_final(&stage.status));
        let failed = own.iter().find(|stage| matches!(stage.status.as_str(), "TERMINAL" | "STOPPED"));
        let named =
            failed.or(current).map(|stage| format!(" at the stage {}", stage.name)).unwrap_or_default();
        Ok(RunStatus {
            run: run.clone(),
            state,
            step: current.or(own.last()).map(|stage| stage.name.clone()),
            deployed: state.is_final().then_some(state == RunState::Succeeded),
            checks: Vec::new(),
            progress: Progress {
                done: count(own.iter().filter(|stage| is_final(&stage.status)).count()),
                total: count(own.len()),
            },
            started: execution.started(),
            finished: execution.finished(),
            summary: format!("{}{named}", execution.status).chars().take(300).collect(),
            link: self.deck.as_ref().map(|deck| {
                let application: String =
                    url::form_urlencoded::byte_serialize(execution.application.as_bytes()).collect();
                format!("{deck}/#/applications/{application}/executions/{}", run.as_str())
            }),
        })
    }
}
