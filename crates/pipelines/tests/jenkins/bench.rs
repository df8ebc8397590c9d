//! The played Jenkins with a connection to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::Utc;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::server::{Request, Server};
use signalbox_pipelines::{
    Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, RunPlan, SystemKind, Verdict, open,
};

use super::fake::Fake;

pub struct Plant {
    pub fake: Fake,
    pub server: Server,
    hosts: Hosts,
    keys: AtomicU32,
}

pub fn open_at(base: &str, secret: &str, hosts: &Hosts) -> Arc<dyn PipelineSystem> {
    let address = Address { base: base.into(), account: Some("ada".into()), ..Address::default() };
    let opening = Opening {
        connection: "ci".into(),
        address: &address,
        secret: Some(secret.to_owned().into()),
        hosts,
        clock: Arc::new(Utc::now),
    };
    open(SystemKind::Jenkins, opening).unwrap()
}

impl Plant {
    pub async fn new() -> Self {
        let fake = Fake::new();
        let handler = fake.clone();
        let server = Server::start(move |request: &Request| handler.handle(request)).await.unwrap();
        Self { fake, server, hosts: Hosts::hurried(), keys: AtomicU32::new(0) }
    }

    pub fn open(&self, secret: &str) -> Arc<dyn PipelineSystem> {
        open_at(self.server.base(), secret, &self.hosts)
    }

    pub fn plan_for(&self, stage: &str) -> PromotionPlan {
        PromotionPlan {
            pipeline: "shop/deploy".into(),
            to: stage.into(),
            build: "1.4.2".into(),
            label: "1.4.2".into(),
            commit: "9fceb02d0ae5".into(),
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
        self.open("11e0ab7c5a")
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.open("11e0ab7c5a")
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        self.plan_for(match course {
            Course::Succeeds => "good",
            Course::Fails => "bad",
            Course::Hangs => "endless",
        })
    }

    fn fresh_key(&self) -> OperationKey {
        OperationKey::new(format!("op-{}", self.keys.fetch_add(1, Ordering::Relaxed))).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        let state = self.fake.state();
        let ours = |run: &&super::fake::Run| {
            !run.seed
                && run.parameter("ENVIRONMENT") == plan.to.as_str()
                && run.parameter("VERSION") == plan.label
        };
        state.runs.iter().filter(ours).count()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        self.fake.wait_at_gate(Vec::new());
        Some("shop/release".into())
    }

    async fn answers(&self, pipeline: &PipelineId) -> Vec<Verdict> {
        let state = self.fake.state();
        let gates = state.runs.iter().filter(|run| run.job == pipeline.as_str());
        gates.filter_map(|run| Some(run.gate.as_ref()?.answer.as_ref()?.0)).collect()
    }
}

#[async_trait]
impl FaultBench for Plant {
    fn server(&self) -> &Server {
        &self.server
    }
}

#[async_trait]
impl RunBench for Plant {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: "shop/tests".into(),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        let state = self.fake.state();
        let runs = state.runs.iter().filter(|run| run.job == "shop/tests");
        let inputs = runs.map(|run| run.parameters.iter().filter(|(name, _)| name != "OPERATION").cloned());
        inputs.map(Iterator::collect).collect()
    }
}
