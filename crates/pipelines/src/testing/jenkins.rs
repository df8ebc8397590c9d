//! A Jenkins on loopback whose jobs move runs by themselves: every stage deploys, and asks at an input step called
//! `approve` before the run goes on; the last one only deploys.
//!
//! Shapes: the core's remote API and the plugin Pipeline: REST API, as their sources export them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::server::{Request, Response};
use crate::Verdict;

/// The account of the one token.
pub const ACCOUNT: &str = "ada";
/// What the input steps are called; Jenkins writes the first letter large.
pub const INPUT: &str = "Approve";

/// One run of the job.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its number; the build is called `#` and this number.
    pub number: u64,
    /// The stage that it has come to.
    pub place: usize,
    /// The answers that its input steps were given.
    pub answers: Vec<(String, Verdict)>,
    began: i64,
    aborted: bool,
}

/// A Jenkins with one job. Clones are the same Jenkins.
#[derive(Clone)]
pub struct Line {
    job: String,
    token: String,
    stages: Vec<String>,
    runs: Arc<Mutex<Vec<Run>>>,
}

impl Line {
    /// Makes a Jenkins with a job of these stages, and a token that opens it.
    pub fn new(job: &str, stages: &[&str], token: &str) -> Self {
        let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        Self { job: job.to_owned(), token: token.to_owned(), stages, runs: Arc::default() }
    }

    /// Returns the runs, oldest first.
    pub fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a run, which comes to the first input step; returns its number.
    pub fn begin(&self) -> u64 {
        self.begin_at(0)
    }

    /// Begins a run that has come further already; returns its number.
    pub fn begin_at(&self, place: usize) -> u64 {
        let mut runs = self.runs();
        let number = runs.len() as u64 + 1;
        // Runs of the same millisecond have no order.
        let began = chrono::Utc::now().timestamp_millis() + i64::try_from(number).unwrap_or_default();
        runs.push(Run { number, place, answers: Vec::new(), began, aborted: false });
        number
    }

    /// Answers a run's input step as another account does, on Jenkins' own pages.
    pub fn answer_there(&self, number: u64, verdict: Verdict) {
        let mut runs = self.runs();
        if let Some(run) = runs.iter_mut().find(|run| run.number == number) {
            settle(run, verdict, "Eve");
        }
    }

    /// Answers a request.
    pub fn handle(&self, request: &Request) -> Response {
        use base64::Engine;
        let pass = base64::prelude::BASE64_STANDARD.encode(format!("{ACCOUNT}:{}", self.token));
        if request.header("authorization") != Some(&format!("Basic {pass}")) {
            return page(401, "Unauthorized");
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["me", "api", "json"] => {
                Response::json(200, &json!({ "id": ACCOUNT, "fullName": "Ada Lovelace" }))
            }
            ["api", "json"] => {
                let class = "org.jenkinsci.plugins.workflow.job.WorkflowJob";
                Response::json(200, &json!({ "jobs": [{ "_class": class, "name": self.job }] }))
                    .with("x-jenkins", "2.540")
            }
            ["queue", "api", "json"] => Response::json(200, &json!({ "items": [] })),
            ["job", job, rest @ ..] if *job == self.job => self.of_job(rest, request),
            _ => page(404, "Not Found"),
        }
    }

    fn of_job(&self, rest: &[&str], request: &Request) -> Response {
        match rest {
            ["api", "json"] => {
                let builds: Vec<Value> = self.runs().iter().rev().map(|run| self.shown(run)).collect();
                Response::json(200, &json!({ "buildable": true, "property": [{}], "builds": builds }))
            }
            ["wfapi", "describe"] => Response::json(200, &json!({ "name": self.job })),
            ["wfapi", "runs"] => {
                let runs: Vec<Value> =
                    self.runs().iter().rev().take(10).map(|run| self.described(run)).collect();
                Response::json(200, &runs.into())
            }
            [number, rest @ ..] => {
                let mut runs = self.runs();
                match runs.iter_mut().find(|run| run.number.to_string() == *number) {
                    Some(run) => self.of_run(run, rest, request),
                    None => page(404, "Not Found"),
                }
            }
            [] => page(404, "Not Found"),
        }
    }

    fn of_run(&self, run: &mut Run, rest: &[&str], request: &Request) -> Response {
        match rest {
            ["api", "json"] => Response::json(200, &self.shown(run)),
            ["wfapi", "describe"] => Response::json(200, &self.described(run)),
            ["wfapi", "pendingInputActions"] => {
                let input = json!({ "id": INPUT, "message": "Let it go on?", "inputs": [] });
                let inputs: Vec<Value> = self.waits(run).then_some(input).into_iter().collect();
                Response::json(200, &inputs.into())
            }
            ["input", INPUT, act] if request.method == "POST" && self.waits(run) => {
                let verdict = if *act == "abort" { Verdict::Reject } else { Verdict::Approve };
                settle(run, verdict, "Ada Lovelace");
                Response::text(200, "")
            }
            ["logText", "progressiveText"] => {
                let log = self.log(run);
                let start: usize = request.parameter("start").and_then(|at| at.parse().ok()).unwrap_or(0);
                let text = log.get(start..).unwrap_or_default().to_owned();
                let answer = Response::text(200, text).with("x-text-size", log.len().to_string());
                if self.result(run).is_none() { answer.with("x-more-data", "true") } else { answer }
            }
            _ => page(404, "Not Found"),
        }
    }

    fn result(&self, run: &Run) -> Option<&'static str> {
        match run.aborted {
            true => Some("ABORTED"),
            false if run.place + 1 >= self.stages.len() => Some("SUCCESS"),
            false => None,
        }
    }

    fn waits(&self, run: &Run) -> bool {
        self.result(run).is_none()
    }

    fn log(&self, run: &Run) -> String {
        let mut log = String::from("Started by an SCM change\n");
        for (n, stage) in self.stages.iter().enumerate().take(run.place + 1) {
            log.push_str(&format!("deploying #{} to {stage}\n", run.number));
            if let Some((who, verdict)) = run.answers.get(n) {
                let word = if *verdict == Verdict::Approve { "Approved" } else { "Rejected" };
                log.push_str(&format!("{word} by {who}\n"));
            }
        }
        if let Some(result) = self.result(run) {
            log.push_str(&format!("Finished: {result}\n"));
        }
        log
    }

    fn shown(&self, run: &Run) -> Value {
        let result = self.result(run);
        json!({
            "number": run.number, "queueId": 100 + run.number, "result": result, "building": result.is_none(),
            "timestamp": run.began, "duration": if result.is_none() { 0 } else { 5_000 },
            "actions": [{}, { "lastBuiltRevision": { "SHA1": format!("{:040x}", run.number) } }],
            "changeSets": [{ "items": [{ "author": { "fullName": "Grace Hopper" } }] }],
        })
    }

    /// The stages that the run has come to; each worked for five seconds, and then waited.
    fn described(&self, run: &Run) -> Value {
        let result = self.result(run);
        let reached = self.stages.iter().enumerate().take(run.place + 1);
        let stages = reached.map(|(n, name)| {
            let (status, pause) = match result {
                _ if n < run.place => ("SUCCESS", 60_000),
                Some("ABORTED") => ("ABORTED", 60_000),
                Some(_) => ("SUCCESS", 0),
                None => ("PAUSED_PENDING_INPUT", 60_000),
            };
            json!({
                "id": n.to_string(), "name": name, "status": status, "durationMillis": 5_000 + pause,
                "pauseDurationMillis": pause, "startTimeMillis": run.began,
            })
        });
        json!({ "id": run.number.to_string(), "stages": stages.collect::<Vec<_>>() })
    }
}

fn settle(run: &mut Run, verdict: Verdict, who: &str) {
    run.answers.push((who.to_owned(), verdict));
    match verdict {
        Verdict::Approve => run.place += 1,
        Verdict::Reject => run.aborted = true,
    }
}

fn page(status: u16, words: &str) -> Response {
    Response::text(status, format!("<html><body>{words}</body></html>")).with("content-type", "text/html")
}
