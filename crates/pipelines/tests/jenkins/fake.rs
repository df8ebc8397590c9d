//! A Jenkins on loopback.
//!
//! Shapes: jobs, builds and queue items as the core's remote API exports them; stages and input steps as the README
//! and the sources of the plugin Pipeline: REST API show them; the answers of input steps as in the sources of
//! Pipeline: Input Step. Played quirks: the root address is another host's; equal requests fold with 303;
//! undeclared parameters vanish; skipped stages are reported as passed within milliseconds; queue items are
//! forgotten; a settled input step is a 404; a crumb counts only with its session's cookie.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signalbox_pipelines::Verdict;
use signalbox_pipelines::testing::server::{Request, Response};

/// The address that this Jenkins believes to have.
pub const ROOT: &str = "http://jenkins.internal:8080/ci/";
pub const CRUMB_FIELD: &str = "X-Our-Crumb";
/// How long runs take here.
const WORK: Duration = Duration::from_millis(80);

#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: &'static str,
    pub default: &'static str,
}

#[derive(Clone)]
pub struct Gate {
    pub id: String,
    pub fields: Vec<Field>,
    pub answer: Option<(Verdict, String)>,
    pub settled_with: Option<Value>,
}

#[derive(Clone)]
pub struct Run {
    pub job: String,
    /// The queue item.
    pub item: u64,
    /// Nothing while it waits in the queue.
    pub number: Option<u64>,
    pub parameters: Vec<(String, String)>,
    pub queued: Instant,
    pub at_ms: i64,
    pub stages: Vec<String>,
    pub gate: Option<Gate>,
    pub cancelled: bool,
    pub stopped: Option<Instant>,
    pub seed: bool,
}

impl Run {
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn result(&self) -> Option<&'static str> {
        if self.stopped.is_some() {
            return Some("ABORTED");
        }
        if let Some(gate) = &self.gate {
            return match gate.answer {
                None => None,
                Some((Verdict::Approve, _)) => Some("SUCCESS"),
                Some((Verdict::Reject, _)) => Some("ABORTED"),
            };
        }
        if !self.seed && self.queued.elapsed() < WORK {
            return None;
        }
        match self.parameter("ENVIRONMENT") {
            "endless" if !self.seed => None,
            "bad" => Some("FAILURE"),
            _ => Some("SUCCESS"),
        }
    }
}

pub struct State {
    pub runs: Vec<Run>,
    /// The parameters that the job `shop/deploy` declares, with their choices.
    pub declared: Vec<(String, Vec<String>)>,
    /// The parameters that the job `shop/tests` declares.
    pub declared_by_tests: Vec<&'static str>,
    pub plugin: bool,
    pub queue_listed: bool,
    /// How long a run waits in the queue.
    pub queue_time: Duration,
    /// Whether queue items are forgotten once they have left.
    pub forgetful: bool,
    /// A crumb is worth nothing once the session has changed.
    pub session: u32,
    pub submitter: bool,
    pub may_build: bool,
    items: u64,
}

#[derive(Clone)]
pub struct Fake(pub Arc<Mutex<State>>);

impl Fake {
    pub fn new() -> Self {
        let declared = ["VERSION", "ENVIRONMENT", "OPERATION"].map(|name| (name.to_owned(), Vec::new()));
        let state = State {
            runs: Vec::new(),
            declared: declared.to_vec(),
            declared_by_tests: vec!["PRODUCT", "STAGE", "BUILDS", "OPERATION"],
            plugin: true,
            queue_listed: true,
            queue_time: Duration::from_millis(30),
            forgetful: true,
            session: 1,
            submitter: true,
            may_build: true,
            items: 100,
        };
        let fake = Self(Arc::new(Mutex::new(state)));
        for (version, stage) in [("1.4.1", "good"), ("1.4.2", "bad"), ("1.4.1", "bad"), ("1.4.2", "endless")]
        {
            fake.seed(version, stage);
        }
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn seed(&self, version: &str, stage: &str) {
        let mut state = self.state();
        let parameters = vec![("VERSION".into(), version.into()), ("ENVIRONMENT".into(), stage.into())];
        let item = state.add("shop/deploy", parameters);
        let run = state.runs.last_mut().unwrap();
        run.seed = true;
        run.at_ms = 1_795_000_000_000 + i64::try_from(item).unwrap() * 60_000;
        state.leave(item);
    }

    /// Makes a run of `shop/release` wait at its input step.
    pub fn wait_at_gate(&self, fields: Vec<Field>) -> u64 {
        let mut state = self.state();
        let item = state.add("shop/release", Vec::new());
        let run = state.runs.last_mut().unwrap();
        run.gate = Some(Gate { id: "PromoteProd".into(), fields, answer: None, settled_with: None });
        run.stages = vec!["build".into(), "prod".into()];
        state.leave(item)
    }

    pub fn handle(&self, request: &Request) -> Response {
        let mut state = self.state();
        state.go_on();
        let secret = request.header("authorization").unwrap_or_default().to_owned();
        let encoded = |pair: &str| {
            use base64::Engine;
            format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair))
        };
        let token = secret == encoded("ada:11e0ab7c5a");
        if !token && secret != encoded("ada:password of ada") {
            return Response::text(401, "<html>Unauthorized</html>").with("content-type", "text/html");
        }
        if request.is_write() && !token {
            let cookie = request.header("cookie").unwrap_or_default().to_owned();
            let session = format!("JSESSIONID=s{}", state.session);
            let crumb = request.header(&CRUMB_FIELD.to_ascii_lowercase()).unwrap_or_default();
            if !cookie.contains(&session) || crumb != format!("crumb-of-s{}", state.session) {
                let page = "<html><body>No valid crumb was included in the request</body></html>";
                return Response::text(403, page).with("content-type", "text/html");
            }
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["me", "api", "json"] => Response::json(200, &json!({"id": "ada", "fullName": "Ada Lovelace"})),
            ["crumbIssuer", "api", "json"] => {
                let session = state.session;
                let crumb =
                    json!({"crumb": format!("crumb-of-s{session}"), "crumbRequestField": CRUMB_FIELD});
                Response::json(200, &crumb)
                    .with("set-cookie", format!("JSESSIONID=s{session}; Path=/; HttpOnly"))
            }
            ["api", "json"] => Response::json(200, &tree()).with("x-jenkins", "2.540"),
            ["queue", "api", "json"] => Response::json(200, &state.queue()),
            ["queue", "item", item, "api", "json"] => state.item(item.parse().unwrap()),
            ["queue", "cancelItem"] => state.cancel_item(request.parameter("id").unwrap().parse().unwrap()),
            ["job", "shop", "job", job, rest @ ..] if ["deploy", "release", "tests"].contains(job) => {
                let job = format!("shop/{job}");
                state.job(&job, rest, request)
            }
            ["job", "apps", "job", "feature%2Fx y", "api", "json"] => {
                Response::json(200, &json!({"buildable": true, "property": [{}], "builds": []}))
            }
            _ => not_found(),
        }
    }
}

fn not_found() -> Response {
    Response::text(404, "<html><body>Not Found</body></html>").with("content-type", "text/html")
}

fn tree() -> Value {
    let job = "org.jenkinsci.plugins.workflow.job.WorkflowJob";
    json!({"_class": "hudson.model.Hudson", "jobs": [
        {"_class": "com.cloudbees.hudson.plugins.folder.Folder", "name": "shop", "jobs": [
            {"_class": job, "name": "deploy"}, {"_class": job, "name": "release"}]},
        {"_class": "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject", "name": "apps", "jobs": [
            {"_class": job, "name": "feature%2Fx y"}]},
        {"_class": "com.cloudbees.hudson.plugins.folder.Folder", "name": "empty", "jobs": []},
    ]})
}

impl State {
    fn add(&mut self, job: &str, parameters: Vec<(String, String)>) -> u64 {
        self.items += 1;
        self.runs.push(Run {
            job: job.into(),
            item: self.items,
            number: None,
            parameters,
            queued: Instant::now(),
            at_ms: chrono::Utc::now().timestamp_millis(),
            stages: vec!["good".into(), "bad".into(), "endless".into()],
            gate: None,
            cancelled: false,
            stopped: None,
            seed: false,
        });
        self.items
    }

    /// Lets an item leave the queue as a run.
    fn leave(&mut self, item: u64) -> u64 {
        let job = self.runs.iter().find(|run| run.item == item).unwrap().job.clone();
        let number = self.runs.iter().filter(|run| run.job == job && run.number.is_some()).count() as u64 + 1;
        let run = self.runs.iter_mut().find(|run| run.item == item).unwrap();
        run.number = Some(number);
        number
    }

    fn go_on(&mut self) {
        let due: Vec<u64> = self
            .runs
            .iter()
            .filter(|run| run.number.is_none() && !run.cancelled && run.queued.elapsed() >= self.queue_time)
            .map(|run| run.item)
            .collect();
        for item in due {
            self.leave(item);
        }
    }

    fn queue(&self) -> Value {
        let waits = |run: &&Run| run.number.is_none() && !run.cancelled && self.queue_listed;
        let items: Vec<Value> = self
            .runs
            .iter()
            .filter(waits)
            .map(|run| {
                json!({"id": run.item, "why": "In the quiet period. Expires in 2 sec",
                "task": {"url": url_of(&run.job)}, "actions": [{}, {"parameters": parameters(run)}]})
            })
            .collect();
        json!({"_class": "hudson.model.Queue", "items": items})
    }

    fn item(&self, item: u64) -> Response {
        let Some(run) = self.runs.iter().find(|run| run.item == item) else { return not_found() };
        let mut body = json!({"id": item, "task": {"url": url_of(&run.job)}, "why": null,
            "actions": [{"parameters": parameters(run)}]});
        match run.number {
            Some(_) if self.forgetful && run.result().is_some() => return not_found(),
            Some(number) => body["executable"] = json!({"number": number}),
            None if run.cancelled => body["cancelled"] = json!(true),
            None => body["why"] = json!("In the quiet period. Expires in 2 sec"),
        }
        Response::json(200, &body)
    }

    fn cancel_item(&mut self, item: u64) -> Response {
        match self.runs.iter_mut().find(|run| run.item == item) {
            Some(run) if run.number.is_none() && !run.cancelled => {
                run.cancelled = true;
                Response::text(204, "")
            }
            Some(_) => Response::text(422, ""),
            None => not_found(),
        }
    }

    fn job(&mut self, job: &str, rest: &[&str], request: &Request) -> Response {
        match rest {
            ["api", "json"] => {
                let mut builds: Vec<Value> =
                    self.runs.iter().filter(|run| run.job == job).filter_map(page).collect();
                builds.reverse();
                builds.truncate(100);
                let declared = self.declared_of(job);
                let definitions: Vec<Value> = declared
                    .iter()
                    .map(|(name, choices)| match choices.is_empty() {
                        true => json!({"name": name, "type": "StringParameterDefinition"}),
                        false => {
                            json!({"name": name, "type": "ChoiceParameterDefinition", "choices": choices})
                        }
                    })
                    .collect();
                Response::json(
                    200,
                    &json!({"_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob",
                    "buildable": true, "property": [{}, {"parameterDefinitions": definitions}], "builds": builds}),
                )
            }
            ["buildWithParameters"] if self.declared_of(job).is_empty() => {
                Response::text(400, "<html>is not parameterized</html>").with("content-type", "text/html")
            }
            ["build" | "buildWithParameters"] => self.build(job, request),
            ["wfapi", "describe"] if self.plugin => Response::json(200, &json!({"name": job, "runCount": 1})),
            ["wfapi", "runs"] if self.plugin => {
                let runs = self.runs.iter().rev().filter(|run| run.job == job && run.number.is_some());
                Response::json(200, &runs.take(11).map(described).collect())
            }
            [number, rest @ ..] => {
                let number: Option<u64> = number.parse().ok();
                let plugin = self.plugin;
                let (submitter, known) =
                    (self.submitter, |run: &&mut Run| run.job == job && run.number == number);
                match self.runs.iter_mut().filter(|run| run.number.is_some()).find(known) {
                    Some(run) => of_run(run, rest, request, plugin, submitter),
                    None => not_found(),
                }
            }
            _ => not_found(),
        }
    }

    fn declared_of(&self, job: &str) -> Vec<(String, Vec<String>)> {
        match job {
            "shop/deploy" => self.declared.clone(),
            "shop/tests" => {
                self.declared_by_tests.iter().map(|name| ((*name).to_owned(), Vec::new())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn build(&mut self, job: &str, request: &Request) -> Response {
        if !self.may_build {
            return Response::text(403, "<html>ada is missing the Job/Build permission</html>")
                .with("content-type", "text/html")
                .with("x-required-permission", "hudson.model.Item.Build");
        }
        let known = self.declared_of(job);
        let declared = |name: &String| known.iter().any(|(known, _)| known == name);
        let mut kept: Vec<_> = request.form().into_iter().filter(|(name, _)| declared(name)).collect();
        kept.sort();
        let folded = self
            .runs
            .iter()
            .find(|run| run.job == job && run.number.is_none() && !run.cancelled && run.parameters == kept);
        let (status, item) = match folded {
            Some(run) => (303, run.item),
            None => (201, self.add(job, kept)),
        };
        Response::text(status, "").with("location", format!("{ROOT}queue/item/{item}/"))
    }
}

fn of_run(run: &mut Run, rest: &[&str], request: &Request, plugin: bool, submitter: bool) -> Response {
    match rest {
        ["api", "json"] => Response::json(200, &page(run).unwrap()),
        ["wfapi", "describe"] if plugin => Response::json(200, &described(run)),
        ["wfapi", "pendingInputActions"] if plugin => {
            let waiting = run.gate.iter().filter(|gate| gate.answer.is_none() && run.stopped.is_none());
            let inputs: Vec<Value> = waiting.map(|gate| {
                let inputs: Vec<Value> = gate.fields.iter().map(|field| {
                    json!({"type": field.kind, "name": field.name, "description": "",
                        "definition": {"defaultVal": field.default}})
                }).collect();
                json!({"id": gate.id, "message": "Promote to prod?", "proceedText": "Ship", "inputs": inputs,
                    "proceedUrl": format!("{ROOT}nowhere"), "abortUrl": format!("{ROOT}nowhere")})
            }).collect();
            Response::json(200, &inputs.into())
        }
        ["input", id, act] if request.method == "POST" => answer(run, id, act, request, submitter),
        ["stop"] if request.method == "POST" => {
            run.stopped = Some(Instant::now());
            Response::text(302, "").with("location", url_of(&run.job))
        }
        ["logText", "progressiveText"] => {
            let log = log(run);
            let start: usize = request.parameter("start").unwrap_or("0").parse().unwrap();
            let start = if start > log.len() { 0 } else { start };
            let response = Response::text(200, &log[start..])
                .with("content-type", "text/plain;charset=UTF-8")
                .with("x-text-size", log.len().to_string());
            if run.result().is_none() { response.with("x-more-data", "true") } else { response }
        }
        _ => not_found(),
    }
}

fn answer(run: &mut Run, id: &str, act: &str, request: &Request, submitter: bool) -> Response {
    let failure = |words: &str| {
        Response::text(400, "<html>Error</html>").with("content-type", "text/html").with("x-error", words)
    };
    let Some(gate) = run.gate.as_mut().filter(|gate| gate.id == id && gate.answer.is_none()) else {
        return not_found();
    };
    if !submitter {
        return failure("You need to be release-managers to submit this.");
    }
    let verdict = if act == "abort" { Verdict::Reject } else { Verdict::Approve };
    if act == "proceed" {
        let form = request.form();
        let json = form.iter().find(|(name, _)| name == "json").map(|(_, json)| json.as_str());
        gate.settled_with = serde_json::from_str(json.unwrap_or_default()).ok();
    }
    gate.answer = Some((verdict, "Ada Lovelace".into()));
    Response::text(200, "")
}

fn log(run: &Run) -> String {
    let mut log = String::from("Started by user Ada Lovelace\n[Pipeline] stage\n");
    if let Some((verdict, who)) = run.gate.as_ref().and_then(|gate| gate.answer.as_ref()) {
        let word = if *verdict == Verdict::Approve { "Approved" } else { "Rejected" };
        log.push_str(&format!("{word} by {who}\n"));
    }
    if let Some(result) = run.result() {
        log.push_str(&format!("Finished: {result}\n"));
    }
    log
}

fn url_of(job: &str) -> String {
    format!("{ROOT}job/{}/", job.replace('/', "/job/"))
}

fn parameters(run: &Run) -> Vec<Value> {
    run.parameters.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn page(run: &Run) -> Option<Value> {
    let result = run.result();
    Some(json!({"number": run.number?, "queueId": run.item, "result": result, "building": result.is_none(),
        "timestamp": run.at_ms, "duration": if result.is_none() { 0 } else { 5_000 },
        "actions": [{}, {"parameters": parameters(run)}, {"lastBuiltRevision": {"SHA1": "9fceb02d0ae5"}}],
        "changeSets": [{"items": [{"author": {"fullName": "Grace Hopper"}}]}]}))
}

fn described(run: &Run) -> Value {
    let result = run.result();
    let status = match result {
        None if run.gate.is_some() => "PAUSED_PENDING_INPUT",
        None => "IN_PROGRESS",
        Some("FAILURE") => "FAILED",
        Some(other) => other,
    };
    let meant = run.parameter("ENVIRONMENT");
    let stages: Vec<Value> = run
        .stages
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let last = n + 1 == run.stages.len();
            let (status, duration, pause) = match &run.gate {
                Some(_) if last && result.is_none() => (status, 60_000, 60_000),
                Some(_) if last && result == Some("ABORTED") => (status, 60_100, 60_000),
                Some(_) if last => (status, 65_000, 60_000),
                Some(_) => ("SUCCESS", 5_000, 0),
                None if name == meant => (status, 5_000, 0),
                // The skipped ones look like this.
                None => ("SUCCESS", 38, 0),
            };
            json!({"id": n.to_string(), "name": name, "status": status, "durationMillis": duration,
            "pauseDurationMillis": pause, "startTimeMillis": run.at_ms})
        })
        .collect();
    json!({"id": run.number.unwrap().to_string(), "name": format!("#{}", run.number.unwrap()), "status": status,
        "startTimeMillis": run.at_ms, "stages": stages})
}
