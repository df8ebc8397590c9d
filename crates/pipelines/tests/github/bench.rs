//! A connection to the fake, and what the suites need of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use secrecy::SecretString;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{self, Bench};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::server::{Request, Response, Server};
use signalbox_pipelines::{
    BuildId, Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, RunPlan, StageId, SystemKind,
    Verdict, open,
};

use super::fake::{Course, OWNER, Shared, TESTS, TOKEN, World, lock, sha_of};

pub type Exchanges = Arc<Mutex<Vec<(Request, Response)>>>;

pub struct GitHub {
    pub world: Shared,
    /// Everything that was asked and answered.
    pub exchanges: Exchanges,
    server: Server,
    /// Another host, where the logs lie.
    pub logs: Server,
    hosts: Hosts,
    keys: AtomicU64,
    /// How far our clock is ahead: what may still be on its way has arrived.
    ahead: TimeDelta,
    system: Arc<dyn PipelineSystem>,
}

impl GitHub {
    pub async fn start() -> Self {
        Self::with(&[], TimeDelta::minutes(2)).await
    }

    /// Starts with further options of the connection, and a clock that is so much ahead.
    pub async fn with(options: &[(&str, &str)], ahead: TimeDelta) -> Self {
        let mut world = World::new();
        world.add_repo(
            "shop",
            &[
                ("qa", Course::Succeeds, false),
                ("broken", Course::Fails, false),
                ("slow", Course::Hangs, false),
                ("flaky", Course::FailsLater, false),
            ],
        );
        world.add_repo("till", &[("prod", Course::Succeeds, true)]);
        for tag in ["v1.4.1", "v1.4.2"] {
            world.publish("shop", tag);
        }
        let world: Shared = Arc::new(Mutex::new(world));
        let exchanges = Exchanges::default();
        let (behind, noted) = (Arc::clone(&world), Arc::clone(&exchanges));
        let server = Server::start(move |request| {
            let response = lock(&behind).answer(request);
            noted.lock().unwrap().push((request.clone(), response.clone()));
            response
        });
        let server = server.await.unwrap();
        let logs = Server::start(log_store).await.unwrap();
        lock(&world).logs = logs.base().to_owned();
        let hosts = Hosts::hurried();
        let system = connect(server.base(), options, &hosts, ahead);
        Self { world, exchanges, server, logs, hosts, keys: AtomicU64::new(0), ahead, system }
    }

    /// Starts with a workflow that tests, besides those that deploy.
    pub async fn with_tests() -> Self {
        let github = Self::start().await;
        github.world().repo("shop").files.push((TESTS.into(), "active"));
        github
    }

    pub fn world(&self) -> std::sync::MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn seen(&self) -> Vec<Request> {
        self.server.seen()
    }

    /// Returns how many requests changed something.
    pub fn writes(&self) -> usize {
        self.seen().iter().filter(|request| request.is_write()).count()
    }

    /// Connects a second time, with other options.
    pub fn connect(&self, options: &[(&str, &str)]) -> Arc<dyn PipelineSystem> {
        connect(self.server.base(), options, &self.hosts, self.ahead)
    }

    pub fn plan_to(&self, stage: &str) -> PromotionPlan {
        PromotionPlan {
            pipeline: pipeline("shop"),
            to: StageId::new(stage),
            build: BuildId::new("v1.4.2"),
            label: "v1.4.2".into(),
            commit: sha_of("v1.4.2"),
            expect_sha256: None,
            expect_current: None,
            parameters: BTreeMap::new(),
            reason: "the test says so".into(),
        }
    }

    /// Makes a new release of the till wait for its review, and returns its run.
    pub fn wait_for_review(&self) -> u64 {
        let mut world = self.world();
        let number = world.repo("till").releases.len() + 1;
        let tag = format!("v2.0.{number}");
        world.publish("till", &tag);
        world.start("till", "deploy.yml", "prod", &tag, format!("Deploy {tag} to prod"))
    }
}

pub fn pipeline(repo: &str) -> PipelineId {
    PipelineId::new(format!("{OWNER}/{repo}/deploy.yml"))
}

fn connect(base: &str, options: &[(&str, &str)], hosts: &Hosts, ahead: TimeDelta) -> Arc<dyn PipelineSystem> {
    let mut all = BTreeMap::from([("owner".to_owned(), OWNER.to_owned())]);
    all.extend(options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let address = Address { base: base.into(), options: all, ..Address::default() };
    let opening = Opening {
        connection: "github".into(),
        address: &address,
        secret: Some(SecretString::from(TOKEN)),
        hosts,
        clock: Arc::new(move || Utc::now() + ahead),
    };
    open(SystemKind::GitHub, opening).unwrap()
}

/// Keeps the logs; it must never see the token.
fn log_store(request: &Request) -> Response {
    if request.headers.iter().any(|(name, value)| name == "authorization" || value.contains(TOKEN)) {
        return Response::text(400, "Only one auth mechanism allowed");
    }
    let job = request.path.rsplit('/').next().unwrap_or_default();
    Response::text(
        200,
        format!("2026-11-21T10:00:00.0000000Z log of job {job}\n2026-11-21T10:00:01.0000000Z done\n"),
    )
    .with("content-type", "text/plain")
}

#[async_trait]
impl Bench for GitHub {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        Arc::clone(&self.system)
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.connect(&[])
    }

    fn plan(&self, course: contract::Course) -> PromotionPlan {
        self.plan_to(match course {
            contract::Course::Succeeds => "qa",
            contract::Course::Fails => "broken",
            contract::Course::Hangs => "slow",
        })
    }

    fn fresh_key(&self) -> OperationKey {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        OperationKey::new(format!("01939f2e-7b0e-7a3e-9b8e-{number:012}")).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        let mut world = self.world();
        let runs = &world.repo("shop").runs;
        let fits =
            runs.iter().filter(|run| run.stage == plan.to.as_str() && run.reference == plan.build.as_str());
        fits.map(|run| run.effects).sum()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        self.wait_for_review();
        Some(pipeline("till"))
    }

    async fn answers(&self, _pipeline: &PipelineId) -> Vec<Verdict> {
        self.world().repo("till").verdicts()
    }
}

#[async_trait]
impl FaultBench for GitHub {
    fn server(&self) -> &Server {
        &self.server
    }
}

#[async_trait]
impl RunBench for GitHub {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: PipelineId::new(format!("{OWNER}/shop/{TESTS}")),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        self.world().tests.clone()
    }
}
