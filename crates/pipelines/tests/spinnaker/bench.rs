//! A connection to the played Gate.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use secrecy::SecretString;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::server::{Response, Server};
use signalbox_pipelines::{
    Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, RemoteError, RunPlan, SystemKind,
    Verdict, open,
};

use super::gate::{DRIVEN, GATED, Gate, TESTS};

pub const TOKEN: &str = "ya29.an-oauth-token";

pub struct Line {
    pub server: Server,
    gate: Arc<Mutex<Gate>>,
    numbers: AtomicU32,
    /// How far the connection's clock runs ahead.
    pub ahead: Arc<AtomicI64>,
}

impl Line {
    pub async fn start() -> Self {
        let gate = Arc::new(Mutex::new(Gate::new()));
        let played = Arc::clone(&gate);
        let server = Server::start(move |request| played.lock().unwrap().answer(request)).await.unwrap();
        Self::behind(server, gate)
    }

    /// A line whose every call gets the same answer.
    pub async fn with(answer: Response) -> Self {
        let server = Server::start(move |_| answer.clone()).await.unwrap();
        Self::behind(server, Arc::new(Mutex::new(Gate::new())))
    }

    fn behind(server: Server, gate: Arc<Mutex<Gate>>) -> Self {
        Self { server, gate, numbers: AtomicU32::new(0), ahead: Arc::default() }
    }

    pub fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap()
    }

    pub fn gated(&self) -> PipelineId {
        PipelineId::new(format!("shop/{GATED}"))
    }

    pub fn connect(
        &self,
        account: Option<&str>,
        secret: Option<&str>,
    ) -> Result<Arc<dyn PipelineSystem>, RemoteError> {
        let address = Address {
            base: self.server.base().into(),
            account: account.map(str::to_owned),
            options: [("applications".to_owned(), "shop".to_owned())].into(),
            ..Address::default()
        };
        let ahead = Arc::clone(&self.ahead);
        let opening = Opening {
            connection: "spin".into(),
            address: &address,
            secret: secret.map(SecretString::from),
            hosts: &Hosts::hurried(),
            clock: Arc::new(move || Utc::now() + TimeDelta::seconds(ahead.load(Ordering::Relaxed))),
        };
        open(SystemKind::Spinnaker, opening)
    }
}

#[async_trait]
impl Bench for Line {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        self.connect(None, Some(TOKEN)).unwrap()
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.system()
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        let stage = match course {
            Course::Succeeds => "StagingDEV",
            Course::Fails => "StagingQA",
            Course::Hangs => "StagingPROD",
        };
        PromotionPlan {
            pipeline: PipelineId::new(format!("shop/{DRIVEN}")),
            to: stage.into(),
            build: "1.1.0".into(),
            label: "1.1.0".into(),
            commit: "1c002dd4".into(),
            expect_sha256: None,
            expect_current: None,
            parameters: Default::default(),
            reason: "the tests say so".into(),
        }
    }

    fn fresh_key(&self) -> OperationKey {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        OperationKey::new(format!("01939f2e-7b0e-7a3e-9b8e-{number:012}")).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        self.gate().starts.iter().filter(|stage| *stage == plan.to.as_str()).count()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.gate().open_judgment(&format!("2.{number}.0"));
        Some(self.gated())
    }

    async fn answers(&self, _pipeline: &PipelineId) -> Vec<Verdict> {
        self.gate().answers.clone()
    }
}

#[async_trait]
impl FaultBench for Line {
    fn server(&self) -> &Server {
        &self.server
    }

    /// That an answer was dropped shows only after the judgment's next look.
    fn answer_may_stay_unknown(&self) -> bool {
        true
    }
}

#[async_trait]
impl RunBench for Line {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: PipelineId::new(format!("shop/{TESTS}")),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        let gate = self.gate();
        let started = gate.executions.iter().filter(|execution| execution["pipelineConfigId"] == TESTS);
        let inputs = started.map(|execution| execution["trigger"]["parameters"].clone());
        inputs.map(|inputs| serde_json::from_value(inputs).unwrap()).collect()
    }
}
