//! GitLab passes the contract and the faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use secrecy::SecretString;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{self, Bench, Course};
use signalbox_pipelines::testing::faults::{self, FaultBench};
use signalbox_pipelines::testing::runs::{self, RunBench};
use signalbox_pipelines::testing::server::{Request, Server};
use signalbox_pipelines::{
    ConnectionId, Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, Reconciled, RemoteError,
    RunPlan, RunState, StageId, SystemKind, Verdict, open,
};

use super::fake::{Fake, Rules, TOKEN};

pub struct GitLabBench {
    pub fake: Fake,
    pub server: Server,
    keys: AtomicU64,
}

/// A GitLab Premium whose production asks for one approval.
pub fn premium() -> Rules {
    Rules { premium: true, required: 1, scopes: vec!["api"], ..Rules::default() }
}

/// A GitLab without approvals.
pub fn free() -> Rules {
    Rules { scopes: vec!["api"], ..Rules::default() }
}

impl GitLabBench {
    pub async fn new(rules: Rules) -> Self {
        let fake = Fake::new(rules);
        let playing = fake.clone();
        let server = Server::start(move |request| playing.answer(request)).await.unwrap();
        fake.pipeline("shop/web", &[]);
        Self { fake, server, keys: AtomicU64::new(0) }
    }

    pub fn open(&self, options: &[(&str, &str)]) -> Arc<dyn PipelineSystem> {
        let options = options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let address = Address { base: self.server.base().into(), options, ..Address::default() };
        let opening = Opening {
            connection: ConnectionId::new("gitlab"),
            address: &address,
            secret: Some(SecretString::from(TOKEN)),
            hosts: &Hosts::hurried(),
            clock: Arc::new(chrono::Utc::now),
        };
        open(SystemKind::GitLab, opening).unwrap()
    }

    /// Plans to deploy a pipeline's build.
    pub fn plan_of(&self, pipeline: u64, environment: &str) -> PromotionPlan {
        PromotionPlan {
            pipeline: PipelineId::new("shop/web"),
            to: StageId::new(environment),
            build: pipeline.to_string().into(),
            label: format!("main #{pipeline}"),
            commit: format!("{pipeline:040x}"),
            expect_sha256: None,
            expect_current: None,
            parameters: Default::default(),
            reason: "tests".into(),
        }
    }

    /// Returns the requests that changed something, as method and path.
    pub fn writes_seen(&self) -> Vec<String> {
        let path = |request: &Request| request.path.replace("/api/v4/projects/shop%2F", "");
        self.server.seen().iter().filter(|request| request.is_write()).map(path).collect()
    }
}

#[async_trait]
impl Bench for GitLabBench {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        self.open(&[])
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.open(&[])
    }

    /// Every plan has a build of its own: a manual job is played once.
    fn plan(&self, course: Course) -> PromotionPlan {
        let environment = match course {
            Course::Succeeds => "staging",
            Course::Fails => "broken",
            Course::Hangs => "endless",
        };
        self.plan_of(self.fake.pipeline("shop/web", &[environment]), environment)
    }

    fn fresh_key(&self) -> OperationKey {
        OperationKey::new(format!("operation-{}", self.keys.fetch_add(1, Ordering::Relaxed))).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        let of = |(pipeline, environment): &&(u64, String)| {
            pipeline.to_string() == plan.build.as_str() && environment == plan.to.as_str()
        };
        self.fake.state().starts.iter().filter(of).count()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        self.fake.pipeline("shop/gated", &["production"]);
        Some(PipelineId::new("shop/gated"))
    }

    async fn answers(&self, _pipeline: &PipelineId) -> Vec<Verdict> {
        self.fake.state().answers.clone()
    }
}

#[async_trait]
impl FaultBench for GitLabBench {
    fn server(&self) -> &Server {
        &self.server
    }

    fn promotion_may_stay_unknown(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn gitlab_keeps_the_contract() {
    let bench = GitLabBench::new(premium()).await;
    assert_eq!(contract::violations(&bench).await, Vec::<String>::new());
}

#[tokio::test]
async fn gitlab_survives_every_fault() {
    let bench = GitLabBench::new(free()).await;
    assert_eq!(faults::violations(&bench).await, Vec::<String>::new());
}

#[async_trait]
impl RunBench for GitLabBench {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: PipelineId::new("shop/web"),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        let state = self.fake.state();
        let started = state.pipelines.iter().filter(|known| known.source == "api");
        let inputs =
            started.map(|known| known.variables.iter().filter(|(key, _)| key != "OPERATION").cloned());
        inputs.map(Iterator::collect).collect()
    }
}

#[tokio::test]
async fn gitlab_starts_a_test_once_under_every_fault() {
    let bench = GitLabBench::new(free()).await;
    assert_eq!(runs::violations(&bench).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_test_pipeline_can_be_ended_and_has_no_log_of_its_own() {
    let bench = GitLabBench::new(free()).await;
    let (system, key) = (bench.system(), bench.fresh_key());
    let run = system.start_run(&bench.run_plan(), &key).await.unwrap().run.unwrap();
    let log = system.read_log(&run, &signalbox_pipelines::LogCursor::start()).await;
    assert!(matches!(log, Err(RemoteError::Unsupported(_))), "{log:?}");
    system.cancel(&run, "not now", &bench.fresh_key()).await.unwrap();
    assert_eq!(system.run_status(&run).await.unwrap().state, RunState::Cancelled);
    let again = system.cancel(&run, "not now", &bench.fresh_key()).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test]
async fn a_lost_test_whose_variables_are_hidden_stays_unknown() {
    let bench = GitLabBench::new(Rules { hides_variables: true, ..free() }).await;
    let (system, key) = (bench.system(), bench.fresh_key());
    system.start_run(&bench.run_plan(), &key).await.unwrap();
    let found = system.reconcile_run(&bench.run_plan(), &key, chrono::Utc::now()).await.unwrap();
    let Reconciled::StillUnknown { evidence } = found else { panic!("{found:?}") };
    assert!(evidence.contains("variables"), "{evidence}");
}
