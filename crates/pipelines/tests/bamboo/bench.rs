//! The played Bamboo with a connection to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::server::{Request, Server};
use signalbox_pipelines::{
    Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, SystemKind, Verdict, open,
};

use super::fake::{BAD, ENDLESS, Fake, GATED, GOOD, QA, SHOP};

pub struct Plant {
    pub fake: Fake,
    pub server: Server,
    hosts: Hosts,
    system: OnceLock<Arc<dyn PipelineSystem>>,
    keys: AtomicU32,
}

impl Plant {
    pub async fn new() -> Self {
        let fake = Fake::new();
        let handler = fake.clone();
        let server = Server::start(move |request: &Request| handler.handle(request)).await.unwrap();
        Self { fake, server, hosts: Hosts::hurried(), system: OnceLock::new(), keys: AtomicU32::new(0) }
    }

    fn open(&self) -> Arc<dyn PipelineSystem> {
        let address = Address { base: self.server.base().into(), ..Address::default() };
        let opening = Opening {
            connection: "bamboo".into(),
            address: &address,
            secret: Some("NjA1MDQ4".to_owned().into()),
            hosts: &self.hosts,
            clock: Arc::new(Utc::now),
        };
        open(SystemKind::Bamboo, opening).unwrap()
    }

    pub fn plan_for(&self, environment: u64) -> PromotionPlan {
        let version = self.fake.state().versions[1].clone();
        PromotionPlan {
            pipeline: SHOP.to_string().into(),
            to: environment.to_string().into(),
            build: version.id.to_string().into(),
            label: version.name,
            commit: String::new(),
            expect_sha256: None,
            expect_current: None,
            parameters: Default::default(),
            reason: "tests".into(),
        }
    }

    /// Returns the writes that arrived, as method and path.
    pub fn writes(&self) -> Vec<String> {
        let seen = self.server.seen().into_iter().filter(Request::is_write);
        seen.map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

#[async_trait]
impl Bench for Plant {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        Arc::clone(self.system.get_or_init(|| self.open()))
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.open()
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        // A play is not begun within a second of the last one: deployments are told apart by their time.
        self.fake.state().deployments.iter_mut().for_each(|deployment| deployment.at_ms -= 60_000);
        self.plan_for(match course {
            Course::Succeeds => GOOD,
            Course::Fails => BAD,
            Course::Hangs => ENDLESS,
        })
    }

    fn fresh_key(&self) -> OperationKey {
        OperationKey::new(format!("op-{}", self.keys.fetch_add(1, Ordering::Relaxed))).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        let state = self.fake.state();
        let ours = |deployment: &&super::fake::Deployment| {
            !deployment.seed
                && deployment.environment.to_string() == plan.to.as_str()
                && deployment.version.to_string() == plan.build.as_str()
        };
        state.deployments.iter().filter(ours).count()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        let name = format!("release-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        let version = self.fake.release(GATED, &name);
        self.fake.deployed(version, QA, "grace", Duration::from_secs(60));
        Some(GATED.to_string().into())
    }

    async fn answers(&self, _pipeline: &PipelineId) -> Vec<Verdict> {
        let verdict = |state: &String| if state == "APPROVED" { Verdict::Approve } else { Verdict::Reject };
        self.fake.state().set.iter().map(|(_, state)| verdict(state)).collect()
    }
}

#[async_trait]
impl FaultBench for Plant {
    fn server(&self) -> &Server {
        &self.server
    }

    fn promotion_may_stay_unknown(&self) -> bool {
        false
    }
}
