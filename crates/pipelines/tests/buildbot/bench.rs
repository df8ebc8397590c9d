//! A release line with a real Buildbot behind a server that can spoil its answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use secrecy::SecretString;
use signalbox_pipelines::http::Hosts;
use signalbox_pipelines::testing::buildbot::{PASSWORD, ROSA, RealBuildbot};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::server::Server;
use signalbox_pipelines::{
    Opening, OperationKey, PipelineSystem, PromotionPlan, RemoteError, RunId, RunPlan, RunState, RunStatus,
    SystemKind, open,
};

pub const DEV: &str = "StagingDEV";
pub const QA: &str = "StagingQA";
pub const PROD: &str = "StagingPROD";

pub struct Line {
    pub real: RealBuildbot,
    pub server: Server,
    keys: AtomicU32,
}

impl Line {
    /// Starts a line whose service `web` has two builds, and one stage for each course.
    pub async fn start() -> Self {
        let real = RealBuildbot::start().await.unwrap();
        real.build("web", "1.0.0", "9fceb02d0ae598e95dc970b74767f19372d61af8").await.unwrap();
        real.build("web", "1.1.0", "1c002dd4b536e7479fe34593e72e6c6c1819e53b").await.unwrap();
        real.course("web", QA, Course::Fails).unwrap();
        real.course("web", PROD, Course::Hangs).unwrap();
        let server = Server::start(real.behind()).await.unwrap();
        Self { real, server, keys: AtomicU32::new(0) }
    }

    pub fn open(&self, account: &str, password: &str) -> Result<Arc<dyn PipelineSystem>, RemoteError> {
        let address = RealBuildbot::address(self.server.base(), Some(account));
        open_at(&address, Some(password))
    }

    pub fn plan(&self, stage: &str) -> PromotionPlan {
        PromotionPlan {
            pipeline: "web".into(),
            to: stage.into(),
            build: "1.1.0".into(),
            label: "1.1.0".into(),
            commit: "1c002dd4b536e7479fe34593e72e6c6c1819e53b".into(),
            expect_sha256: None,
            expect_current: None,
            parameters: Default::default(),
            reason: "the tests say so".into(),
        }
    }
}

pub fn open_at(
    address: &signalbox_pipelines::http::Address,
    password: Option<&str>,
) -> Result<Arc<dyn PipelineSystem>, RemoteError> {
    let opening = Opening {
        connection: "bb".into(),
        address,
        secret: password.map(SecretString::from),
        hosts: &Hosts::hurried_within(Duration::from_secs(20)),
        clock: Arc::new(Utc::now),
    };
    open(SystemKind::Buildbot, opening)
}

pub async fn until(
    system: &dyn PipelineSystem,
    run: &RunId,
    reached: impl Fn(&RunStatus) -> bool,
) -> RunStatus {
    for _ in 0..600 {
        let status = system.run_status(run).await.unwrap();
        if reached(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it takes too long: {:?}", system.run_status(run).await);
}

pub async fn until_ended(system: &dyn PipelineSystem, run: &RunId) -> RunStatus {
    until(system, run, |status| status.state.is_final()).await
}

pub async fn until_running(system: &dyn PipelineSystem, run: &RunId) -> RunStatus {
    until(system, run, |status| status.state == RunState::Running).await
}

#[async_trait]
impl Bench for Line {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        self.open(ROSA, PASSWORD).unwrap()
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.open(ROSA, PASSWORD).unwrap()
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        Line::plan(
            self,
            match course {
                Course::Succeeds => DEV,
                Course::Fails => QA,
                Course::Hangs => PROD,
            },
        )
    }

    fn fresh_key(&self) -> OperationKey {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        OperationKey::new(format!("01939f2e-7b0e-7a3e-9b8e-{number:012}")).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        // An accepted request begins a moment later.
        self.real.idle().await.unwrap();
        self.real.deployed(plan.pipeline.as_str(), plan.to.as_str()).len()
    }
}

#[async_trait]
impl FaultBench for Line {
    fn server(&self) -> &Server {
        &self.server
    }
}

#[async_trait]
impl RunBench for Line {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: "test-product".into(),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        // An accepted request begins a moment later.
        self.real.idle().await.unwrap();
        let names = ["PRODUCT", "STAGE", "BUILDS"].map(str::to_owned);
        let values = |line: String| line.split('|').map(str::to_owned).collect::<Vec<_>>();
        self.real
            .tested()
            .into_iter()
            .map(|line| names.clone().into_iter().zip(values(line)).collect())
            .collect()
    }
}
