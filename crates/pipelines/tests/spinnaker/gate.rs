//! Plays Gate with what stands behind it, quirks included.
//!
//! The shapes are those of Spinnaker's own sources as far as they are public: the paths and parameters of
//! Gate's published API description, an execution's fields as orca writes them (ids, milliseconds, nulls for
//! what is empty), the correlation id's rule of orca's SQL store, and the judgment task's rules.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use signalbox_pipelines::Verdict;
use signalbox_pipelines::testing::server::{Request, Response};

/// How long a deployment takes.
const WORK: Duration = Duration::from_millis(120);
/// How long the judgment task takes to look again; fifteen seconds in reality.
const LOOK: Duration = Duration::from_millis(150);

pub const DRIVEN: &str = "2f1c7f3a-8d0e-4a51-9f8e-aa0000000001";
/// Tests, and deploys nothing.
pub const TESTS: &str = "2f1c7f3a-8d0e-4a51-9f8e-aa0000000003";
pub const GATED: &str = "2f1c7f3a-8d0e-4a51-9f8e-aa0000000002";

pub struct Gate {
    pub executions: Vec<Value>,
    due: Vec<(String, Instant)>,
    /// Every start that has really begun one, by stage.
    pub starts: Vec<String>,
    /// Every answer that was recorded.
    pub answers: Vec<Verdict>,
    /// What orca does when it can't get its lock: nothing, with a success.
    pub drops_answers: bool,
    /// What Gate does when it can't ask orca for an execution.
    pub says_nothing: bool,
    /// The account's roles.
    pub roles: Vec<&'static str>,
    /// What the judgment asks for.
    pub stage_roles: Vec<&'static str>,
    /// What the judgment lets choose from.
    pub choices: Vec<&'static str>,
    number: u32,
}

impl Gate {
    pub fn new() -> Self {
        let mut gate = Self {
            executions: Vec::new(),
            due: Vec::new(),
            starts: Vec::new(),
            answers: Vec::new(),
            drops_answers: false,
            says_nothing: false,
            roles: vec!["release"],
            stage_roles: vec![],
            choices: vec![],
            number: 0,
        };
        for (version, commit) in [("1.0.0", "9fceb02d"), ("1.1.0", "1c002dd4")] {
            let parameters = json!({ "VERSION": version, "ENVIRONMENT": "StagingDEV" });
            let trigger = json!({
                "type": "jenkins", "user": "ci@example.org", "parameters": parameters, "hash": commit,
                "buildInfo": null, "correlationId": null
            });
            let stages = json!([stage("s-1", "1", "Deploy", "deployManifest", "SUCCEEDED")]);
            gate.add(DRIVEN, trigger, "SUCCEEDED", stages);
        }
        gate
    }

    /// Lets an execution of the gated pipeline come to its judgment; earlier ones end.
    pub fn open_judgment(&mut self, version: &str) -> String {
        for execution in &mut self.executions {
            if execution["pipelineConfigId"] == GATED && execution["status"] == "RUNNING" {
                execution["status"] = "CANCELED".into();
            }
        }
        let mut judgment = stage("s-2", "2", "Approve production", "manualJudgment", "RUNNING");
        let inputs: Vec<Value> = self.choices.iter().map(|choice| json!({ "value": choice })).collect();
        judgment["context"] = json!({
            "instructions": "Ship it?", "judgmentInputs": inputs, "selectedStageRoles": self.stage_roles,
        });
        let stages = json!([
            stage("s-1", "1", "StagingQA", "deployManifest", "SUCCEEDED"),
            judgment,
            stage("s-3", "3", "StagingPROD", "deployManifest", "NOT_STARTED"),
        ]);
        let trigger =
            json!({ "type": "docker", "tag": version, "user": "ci@example.org", "parameters": null });
        self.add(GATED, trigger, "RUNNING", stages)
    }

    fn add(&mut self, config: &str, trigger: Value, status: &str, stages: Value) -> String {
        self.number += 1;
        let id = format!("01HX0000000000000000{:06}", self.number);
        let now = chrono::Utc::now().timestamp_millis();
        let ended = (status == "SUCCEEDED").then_some(now);
        self.executions.push(json!({
            "id": id, "type": "PIPELINE", "application": "shop", "name": "…", "pipelineConfigId": config,
            "status": status, "buildTime": now + i64::from(self.number), "startTime": now, "endTime": ended,
            "trigger": trigger, "authentication": { "user": "anonymous" }, "stages": stages,
        }));
        id
    }

    pub fn execution(&mut self, id: &str) -> Option<&mut Value> {
        self.executions.iter_mut().find(|execution| execution["id"] == id)
    }

    /// Lets everything happen whose time has come.
    fn pass_time(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.due).into_iter().partition(|(_, at)| *at <= now);
        self.due = later;
        let due: Vec<(String, Instant)> = due;
        for (id, _) in due {
            let (roles, asked) = (self.roles.clone(), self.stage_roles.clone());
            let Some(execution) = self.execution(&id) else { continue };
            if execution["status"] != "RUNNING" {
                continue;
            }
            if execution["pipelineConfigId"] == GATED {
                let judgment = &mut execution["stages"][1];
                let allowed = asked.is_empty() || asked.iter().any(|role| roles.contains(role));
                let said = judgment["context"]["judgmentStatus"].as_str().unwrap_or_default().to_owned();
                match said.to_lowercase().as_str() {
                    // Without a word to anybody.
                    _ if !allowed => judgment["context"]["judgmentStatus"] = "".into(),
                    "continue" => {
                        judgment["status"] = "SUCCEEDED".into();
                        execution["stages"][2]["status"] = "SUCCEEDED".into();
                        execution["status"] = "SUCCEEDED".into();
                    }
                    "stop" => {
                        judgment["status"] = "TERMINAL".into();
                        execution["status"] = "TERMINAL".into();
                    }
                    // Whatever else it is, is no answer.
                    _ => {}
                }
                continue;
            }
            let status = match execution["trigger"]["parameters"]["ENVIRONMENT"].as_str() {
                Some("StagingQA") => "TERMINAL",
                Some("StagingPROD") => continue,
                _ => "SUCCEEDED",
            };
            execution["status"] = status.into();
            execution["stages"][0]["status"] = status.into();
            execution["endTime"] = chrono::Utc::now().timestamp_millis().into();
        }
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        self.pass_time();
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ok = |body: &Value| Response::json(200, body);
        let missing = || Response::json(404, &json!({ "status": 404, "message": "not found" }));
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["auth", "user"]) => {
                ok(&json!({ "username": "rosa@example.org", "roles": self.roles, "allowedAccounts": null }))
            }
            ("GET", ["version"]) => ok(&json!({ "version": "6.66.0" })),
            ("GET", ["applications", "shop", "pipelineConfigs"]) => ok(&configs()),
            ("GET", ["applications", ..]) if path.get(1) != Some(&"shop") => missing(),
            ("GET", ["applications", "shop", "executions", "search"]) => ok(&self.search(request)),
            ("GET", ["executions"]) => {
                let limit = request.parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(1);
                let config = request.parameter("pipelineConfigIds").unwrap_or_default();
                let own = self.executions.iter().rev().filter(|e| e["pipelineConfigId"] == config);
                ok(&own.take(limit).cloned().collect())
            }
            ("GET", ["pipelines", _]) if self.says_nothing => Response::text(200, ""),
            ("GET", ["pipelines", id]) => self.execution(id).map_or_else(missing, |found| ok(found)),
            ("POST", ["pipelines", "shop", config]) => {
                let id = self.start(config, &request.json());
                Response::json(202, &json!({ "ref": format!("/pipelines/{id}") }))
            }
            ("PUT", ["pipelines", id, "cancel"]) => {
                let reason = request.parameter("reason").unwrap_or_default().to_owned();
                let Some(execution) = self.execution(id) else { return missing() };
                execution["status"] = "CANCELED".into();
                execution["cancellationReason"] = reason.into();
                Response::text(200, "")
            }
            ("PUT", ["pipelines", id, "stages", _, "restart"]) => {
                let id = (*id).to_owned();
                let Some(execution) = self.execution(&id) else { return missing() };
                execution["status"] = "RUNNING".into();
                execution["stages"][0]["status"] = "RUNNING".into();
                execution["trigger"]["parameters"]["ENVIRONMENT"] = "StagingDEV".into();
                self.due.push((id, Instant::now() + WORK));
                ok(&json!({}))
            }
            ("PATCH", ["pipelines", id, "stages", stage]) => self.patch(id, stage, &request.json()),
            _ => missing(),
        }
    }

    /// The correlation id leads to an execution only while that has not ended.
    fn start(&mut self, config: &str, body: &Value) -> String {
        let going_on = self.executions.iter().find(|execution| {
            execution["status"] == "RUNNING" && execution["trigger"]["correlationId"] == body["correlationId"]
        });
        if let Some(known) = going_on.filter(|_| body["correlationId"].is_string()) {
            return known["id"].as_str().unwrap_or_default().to_owned();
        }
        self.starts.push(body["parameters"]["ENVIRONMENT"].as_str().unwrap_or_default().to_owned());
        let stages = json!([stage("s-1", "1", "Deploy", "deployManifest", "RUNNING")]);
        let id = self.add(config, body.clone(), "RUNNING", stages);
        self.due.push((id.clone(), Instant::now() + WORK));
        id
    }

    fn search(&self, request: &Request) -> Value {
        let wanted = request.parameter("trigger").unwrap_or_default();
        let wanted: Value = serde_json::from_slice(&BASE64_STANDARD.decode(wanted).unwrap()).unwrap();
        let since: i64 =
            request.parameter("triggerTimeStartBoundary").map_or(0, |since| since.parse().unwrap());
        let fits = |execution: &&Value| {
            execution["trigger"]["correlationId"] == wanted["correlationId"]
                && execution["buildTime"].as_i64() >= Some(since)
        };
        self.executions.iter().rev().filter(fits).cloned().collect()
    }

    /// Merges whatever comes into whichever stage it is, without a look at its type or state.
    fn patch(&mut self, id: &str, stage: &str, body: &Value) -> Response {
        if self.drops_answers {
            return Response::json(200, &json!({}));
        }
        let said = body["judgmentStatus"].as_str().map(str::to_owned);
        let Some(execution) = self.execution(id) else { return Response::json(200, &json!({})) };
        let own = execution["stages"].as_array_mut().unwrap().iter_mut().find(|known| known["id"] == stage);
        if let (Some(own), Some(body)) = (own, body.as_object()) {
            for (name, value) in body {
                own["context"][name] = value.clone();
            }
            own["lastModified"] = json!({ "user": "rosa@example.org", "lastModifiedTime": 1 });
        }
        let whole = execution.clone();
        match said.as_deref() {
            Some("continue") => self.answers.push(Verdict::Approve),
            Some("stop") => self.answers.push(Verdict::Reject),
            _ => {}
        }
        self.due.push((id.to_owned(), Instant::now() + LOOK));
        Response::json(200, &whole)
    }
}

fn stage(id: &str, reference: &str, name: &str, kind: &str, status: &str) -> Value {
    let now = chrono::Utc::now().timestamp_millis();
    json!({
        "id": id, "refId": reference, "name": name, "type": kind, "status": status, "parentStageId": null,
        "startTime": (status != "NOT_STARTED").then_some(now), "endTime": null, "context": {},
        "lastModified": null, "outputs": {}, "tasks": [],
    })
}

fn configs() -> Value {
    let inputs: Vec<Value> = ["PRODUCT", "STAGE", "BUILDS"]
        .iter()
        .map(|name| json!({ "name": name, "required": false }))
        .collect();
    let options: Vec<Value> =
        ["StagingDEV", "StagingQA", "StagingPROD"].iter().map(|stage| json!({ "value": stage })).collect();
    json!([
        {
            "id": DRIVEN, "name": "deploy", "application": "shop", "disabled": null,
            "parameterConfig": [
                { "name": "VERSION", "required": true, "default": "", "hasOptions": false, "options": null },
                { "name": "ENVIRONMENT", "required": true, "default": "", "hasOptions": true, "options": options },
            ],
            "stages": [{ "refId": "1", "name": "Deploy", "type": "deployManifest", "requisiteStageRefIds": [] }],
        },
        {
            "id": GATED, "name": "release", "application": "shop",
            "stages": [
                { "refId": "3", "name": "StagingPROD", "type": "deployManifest", "requisiteStageRefIds": ["4"] },
                { "refId": "4", "name": "Cool down", "type": "wait", "requisiteStageRefIds": ["2"] },
                { "refId": "1", "name": "StagingQA", "type": "deployManifest", "requisiteStageRefIds": [] },
                { "refId": "2", "name": "Approve production", "type": "manualJudgment", "requisiteStageRefIds": ["1"] },
            ],
        },
        {
            "id": TESTS, "name": "journeys", "application": "shop", "disabled": false,
            "parameterConfig": inputs,
            "stages": [{ "refId": "1", "name": "Cool down", "type": "wait", "requisiteStageRefIds": [] }],
        },
    ])
}
