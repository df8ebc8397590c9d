//! The bench: the fake behind a server, connections to it, and the judge at the end of every test.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::Utc;
use secrecy::SecretString;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::contract::{Bench, Course};
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::runs::RunBench;
use signalbox_pipelines::testing::server::{Request, Server};
use signalbox_pipelines::{
    BuildId, Opening, OperationKey, PipelineId, PipelineSystem, PromotionPlan, RunPlan, StageId, SystemKind,
    Verdict, open,
};

use super::fake::{Fake, KEY, SECRET};
use super::judge::Judge;
use super::line::{ActionDef, Line, StageDef};

/// A pipeline that tests, and deploys nothing.
const TESTS: &str = "shop-tests";

pub struct Yard {
    pub server: Server,
    pub fake: Arc<Mutex<Fake>>,
    hosts: Hosts,
    keys: AtomicU64,
}

fn action(name: &'static str, category: &'static str, order: i64, course: Course) -> ActionDef {
    ActionDef::new(name, category, order, course)
}

fn stage(name: &'static str, actions: Vec<ActionDef>) -> StageDef {
    StageDef::new(name, actions)
}

/// A gate, then a deployment and a test.
pub fn gated(course: Course) -> Vec<StageDef> {
    vec![stage(
        "Prod",
        vec![
            action("approve", "Approval", 1, Course::Succeeds),
            action("deploy", "Deploy", 2, course),
            action("smoke", "Test", 3, Course::Succeeds),
        ],
    )]
}

/// A deployment, then the gate that leads on, then another deployment.
pub fn trailing() -> Vec<StageDef> {
    vec![
        stage(
            "StagingQA",
            vec![
                action("deploy", "Deploy", 1, Course::Succeeds),
                action("approve", "Approval", 2, Course::Succeeds),
            ],
        ),
        stage("Prod", vec![action("deploy", "Deploy", 1, Course::Succeeds)]),
    ]
}

/// Two deployments without any gate.
pub fn free(course: Course) -> Vec<StageDef> {
    vec![
        stage("Dev", vec![action("deploy", "Deploy", 1, Course::Succeeds)]),
        stage("Staging", vec![action("deploy", "Deploy", 1, course)]),
    ]
}

impl Yard {
    pub async fn new() -> Self {
        let now = Utc::now().timestamp() as f64 - 3600.0;
        let mut fake = Fake::new(now);
        for (name, mode, stages) in [
            ("shop-good", "QUEUED", gated(Course::Succeeds)),
            ("shop-bad", "QUEUED", gated(Course::Fails)),
            ("shop-endless", "QUEUED", gated(Course::Hangs)),
            ("shop-gates", "QUEUED", trailing()),
            ("shop-overtaken", "SUPERSEDED", trailing()),
            ("shop-parallel", "PARALLEL", gated(Course::Succeeds)),
            ("shop-free", "QUEUED", free(Course::Succeeds)),
        ] {
            let mut made = Line::new(name, mode, stages);
            let (first, second) = (fake.source.commit(), fake.source.commit());
            made.begin(&mut fake.source, &first, "WebhookV2", Vec::new());
            for _ in 0..20 {
                made.step(&mut fake.source);
                // The two first builds went all the way before anybody looked.
                for act in made.runs.iter_mut().flat_map(|run| &mut run.acts) {
                    if act.category == "Approval" && act.status == "InProgress" {
                        act.status = "Succeeded";
                        act.summary = Some("from before".into());
                    }
                }
            }
            if !matches!(name, "shop-bad" | "shop-endless") {
                made.begin(&mut fake.source, &second, "WebhookV2", Vec::new());
            }
            for _ in 0..20 {
                made.step(&mut fake.source);
            }
            fake.lines.insert(name.to_owned(), made);
        }
        // What hangs from before is none of the tests' business.
        let hanging = &mut fake.lines.get_mut("shop-endless").unwrap().runs[0];
        hanging.status = "Failed";
        hanging.acts.last_mut().unwrap().status = "Failed";
        fake.source.now = Utc::now().timestamp() as f64;
        let fake = Arc::new(Mutex::new(fake));
        let serving = Arc::clone(&fake);
        let handler =
            move |request: &Request| serving.lock().unwrap_or_else(PoisonError::into_inner).answer(request);
        let server = Server::start(handler).await.unwrap();
        Self { server, fake, hosts: Hosts::hurried(), keys: AtomicU64::new(0) }
    }

    /// A yard with a pipeline that tests, besides those that deploy.
    pub async fn with_tests(variables: &[&'static str]) -> Self {
        let yard = Self::new().await;
        let mut made = Line::new(
            TESTS,
            "QUEUED",
            vec![stage("Tests", vec![action("journeys", "Test", 1, Course::Succeeds)])],
        );
        made.variables = variables.iter().map(|name| (*name, None)).collect();
        yard.fake().lines.insert(TESTS.to_owned(), made);
        yard
    }

    pub fn fake(&self) -> MutexGuard<'_, Fake> {
        self.fake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn address(&self) -> Address {
        let options = [("region", "eu-west-1"), ("endpoint", self.server.base())];
        Address {
            account: Some(KEY.into()),
            options: options.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Address::default()
        }
    }

    pub fn at(&self, address: &Address, secret: Option<&str>) -> Arc<dyn PipelineSystem> {
        let opening = Opening {
            connection: "aws".into(),
            address,
            secret: secret.map(SecretString::from),
            hosts: &self.hosts,
            clock: Arc::new(Utc::now),
        };
        open(SystemKind::CodePipeline, opening).unwrap()
    }

    /// Begins an execution and lets it go as far as it goes by itself.
    pub fn begin(&self, pipeline: &str) -> String {
        let mut fake = self.fake();
        let Fake { lines, source, .. } = &mut *fake;
        let line = lines.get_mut(pipeline).unwrap();
        let commit = source.commit();
        let id = line.begin(source, &commit, "WebhookV2", Vec::new());
        for _ in 0..20 {
            line.step(source);
        }
        id
    }

    /// Returns the newest execution that waits at a gate, beginning one if none does.
    pub fn waiting(&self, pipeline: &str) -> String {
        let waits = |fake: &Fake| {
            let mut runs = fake.lines[pipeline].runs.iter().rev();
            let waits = |run: &&super::line::Exec| {
                run.status == "InProgress"
                    && run.acts.iter().any(|act| act.token.is_some() && act.status == "InProgress")
            };
            runs.find(waits).map(|run| run.id.clone())
        };
        if let Some(known) = waits(&self.fake()) {
            return known;
        }
        self.begin(pipeline);
        waits(&self.fake()).unwrap()
    }

    pub fn plan_for(&self, pipeline: &str, stage: &str, build: &str) -> PromotionPlan {
        let fake = self.fake();
        let commit = fake.lines[pipeline].run(build).unwrap().commit.clone();
        PromotionPlan {
            pipeline: PipelineId::new(pipeline),
            to: StageId::new(stage),
            build: BuildId::new(build),
            label: format!("{}-{}", &commit[..7], &build[..8]),
            commit,
            expect_sha256: None,
            expect_current: None,
            parameters: BTreeMap::new(),
            reason: "tested by QA".into(),
        }
    }

    /// Returns what was sent of an operation.
    pub fn sent(&self, operation: &str) -> Vec<serde_json::Value> {
        let fits = |request: &Request| {
            request.header("x-amz-target").is_some_and(|t| t.ends_with(&format!(".{operation}")))
        };
        self.server.seen().iter().filter(|request| fits(request)).map(Request::json).collect()
    }
}

/// Whatever a test did, the vendor's model must allow all that was sent and all that the fake answered.
impl Drop for Yard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut judge = Judge::new();
        for request in self.server.seen() {
            let target = request.header("x-amz-target").unwrap_or_default();
            let defects = judge.of_request(target, &request.json());
            assert!(defects.is_empty(), "{target} {}: {defects:?}", request.body);
        }
        for exchange in &self.fake().exchanges {
            let operation = exchange.target.rsplit('.').next().unwrap_or_default();
            let defects = judge.of_answer(operation, exchange.status, &exchange.answer);
            assert!(defects.is_empty(), "the fake's {operation} {}: {defects:?}", exchange.answer);
        }
    }
}

#[async_trait]
impl Bench for Yard {
    fn system(&self) -> Arc<dyn PipelineSystem> {
        self.at(&self.address(), Some(SECRET))
    }

    fn restarted(&self) -> Arc<dyn PipelineSystem> {
        self.at(&self.address(), Some(SECRET))
    }

    fn plan(&self, course: Course) -> PromotionPlan {
        let pipeline = match course {
            Course::Succeeds => "shop-good",
            Course::Fails => "shop-bad",
            Course::Hangs => "shop-endless",
        };
        let build = self.waiting(pipeline);
        self.plan_for(pipeline, "Prod", &build)
    }

    fn fresh_key(&self) -> OperationKey {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        OperationKey::new(format!("01939f2e-7b0e-7a3e-9b8e-{number:012x}")).unwrap()
    }

    async fn effects(&self, plan: &PromotionPlan) -> usize {
        let fake = self.fake();
        let line = &fake.lines[plan.pipeline.as_str()];
        let carries = |run: &&super::line::Exec| {
            [Some(&run.id), run.target.as_ref()].contains(&Some(&plan.build.to_string()))
        };
        let acts = line.runs.iter().filter(carries).flat_map(|run| &run.acts);
        acts.filter(|act| act.stage == plan.to.as_str() && act.action == "deploy").count()
    }

    async fn open_gate(&self) -> Option<PipelineId> {
        self.waiting("shop-gates");
        Some(PipelineId::new("shop-gates"))
    }

    async fn answers(&self, pipeline: &PipelineId) -> Vec<Verdict> {
        let fake = self.fake();
        let mut gates: Vec<_> = fake.lines[pipeline.as_str()]
            .runs
            .iter()
            .flat_map(|run| &run.acts)
            .filter(|act| act.token.is_some() && act.status != "InProgress" && act.status != "Abandoned")
            .collect();
        gates.sort_by(|a, b| a.changed.total_cmp(&b.changed));
        let verdict = |status| if status == "Succeeded" { Verdict::Approve } else { Verdict::Reject };
        gates.into_iter().map(|act| verdict(act.status)).collect()
    }
}

#[async_trait]
impl FaultBench for Yard {
    fn server(&self) -> &Server {
        &self.server
    }

    /// Every call is a POST; its operation tells.
    fn writes(&self) -> fn(&Request) -> bool {
        |request| {
            let target = request.header("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default();
            !operation.starts_with("List") && !operation.starts_with("Get")
        }
    }
}

#[async_trait]
impl RunBench for Yard {
    fn run_plan(&self) -> RunPlan {
        let inputs = [("PRODUCT", "Harbour"), ("STAGE", "qa"), ("BUILDS", "web=1.4.2 api=2.0.1")];
        RunPlan {
            pipeline: PipelineId::new(TESTS),
            inputs: inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            reason: "tests".into(),
        }
    }

    async fn began(&self) -> Vec<BTreeMap<String, String>> {
        let fake = self.fake();
        let runs = fake.lines[TESTS].runs.iter();
        let inputs = runs.map(|run| run.variables.iter().filter(|(name, _)| name != "OPERATION").cloned());
        inputs.map(Iterator::collect).collect()
    }
}
