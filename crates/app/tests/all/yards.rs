//! Remote systems on loopback with the pipelines of the case: three stages, and gates named `approve`.

use crate::quay::{DEV, PROD, QA};
use serde_json::{Value, json};
use signalbox_pipelines::testing::codepipeline::fake::{Fake, KEY};
use signalbox_pipelines::testing::codepipeline::line::{ActionDef, Line, StageDef};
use signalbox_pipelines::testing::contract::Course;
use signalbox_pipelines::testing::jenkins;
use signalbox_pipelines::testing::server::{Fault, Request, Server};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the CodePipeline gates are called.
pub const AWS_GATES: [&str; 2] = ["StagingDEV/approve", "StagingQA/approve"];
/// What the Jenkins gates are called.
pub const JENKINS_GATES: [&str; 2] = ["StagingDEV/Approve", "StagingQA/Approve"];

/// An AWS account whose pipelines deploy, ask, deploy, ask, deploy.
pub struct Aws {
    pub server: Server,
    fake: Arc<Mutex<Fake>>,
}

impl Aws {
    pub async fn start(pipelines: &[&str]) -> Self {
        let deploy = || ActionDef::new("deploy", "Deploy", 1, Course::Succeeds);
        let asking = |name| {
            StageDef::new(name, vec![deploy(), ActionDef::new("approve", "Approval", 2, Course::Succeeds)])
        };
        let mut fake = Fake::new(chrono::Utc::now().timestamp() as f64);
        for name in pipelines {
            let stages = vec![asking(DEV), asking(QA), StageDef::new(PROD, vec![deploy()])];
            fake.lines.insert((*name).to_owned(), Line::new(name, "QUEUED", stages));
        }
        let fake = Arc::new(Mutex::new(fake));
        let serving = Arc::clone(&fake);
        let server = Server::start(move |request| serving.lock().unwrap().answer(request)).await.unwrap();
        Self { server, fake }
    }

    pub fn fake(&self) -> MutexGuard<'_, Fake> {
        self.fake.lock().unwrap()
    }

    pub fn address(&self) -> Value {
        let options = json!({ "region": "eu-west-1", "endpoint": self.server.base() });
        json!({ "base": "", "account": KEY, "ca_file": null, "options": options })
    }

    /// A commit begins an execution, which goes as far as it goes by itself; tells the execution's id.
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

    /// Somebody answers, in the console, the gate that an execution waits at.
    pub fn answer_there(&self, pipeline: &str, execution: &str, approve: bool) {
        let mut fake = self.fake();
        let Fake { lines, source, .. } = &mut *fake;
        let line = lines.get_mut(pipeline).unwrap();
        let run = line.run_mut(execution).unwrap();
        let waits = run.acts.iter_mut().find(|act| act.token.is_some() && act.status == "InProgress");
        waits.unwrap().status = if approve { "Succeeded" } else { "Failed" };
        for _ in 0..20 {
            line.step(source);
        }
    }

    /// Every answer that was sent: pipeline, stage, and what it said.
    pub fn answers(&self) -> Vec<(String, String, String)> {
        let fits = |request: &&Request| {
            request.header("x-amz-target").is_some_and(|target| target.ends_with(".PutApprovalResult"))
        };
        let seen = self.server.seen();
        let sent = seen.iter().filter(fits).map(Request::json);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        sent.map(|body| {
            (text(&body["pipelineName"]), text(&body["stageName"]), text(&body["result"]["status"]))
        })
        .collect()
    }
}

/// A Jenkins whose job does the same.
pub struct Ci {
    pub server: Server,
    pub line: jenkins::Line,
}

/// The token of the Jenkins.
pub const TOKEN: &str = "11e0ab7c5a";

impl Ci {
    pub async fn start(job: &str) -> Self {
        let line = jenkins::Line::new(job, &[DEV, QA, PROD], TOKEN);
        let serving = line.clone();
        let server = Server::start(move |request| serving.handle(request)).await.unwrap();
        Self { server, line }
    }

    pub fn address(&self) -> Value {
        json!({ "base": self.server.base(), "account": jenkins::ACCOUNT, "ca_file": null })
    }

    /// The writes that arrived, by path.
    pub fn writes(&self) -> Vec<String> {
        self.server
            .seen()
            .iter()
            .filter(|request| request.is_write())
            .map(|request| request.path.clone())
            .collect()
    }
}

/// Nobody gets through to a server any more, until [`Server::unspoil`].
pub fn cut_off(server: &Server) {
    for _ in 0..2_000 {
        server.spoil(Fault::ResetBefore, |_| true);
    }
}
