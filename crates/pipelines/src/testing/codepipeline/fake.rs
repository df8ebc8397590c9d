//! A stateful fake of the service, speaking JSON 1.1.
//!
//! The shapes are those of the vendor's model (botocore 1.44.5, `codepipeline/2015-07-09/service-2.json`), and the
//! judge holds every answer against it.

use std::collections::BTreeMap;

use crate::testing::server::{Request, Response};
use serde_json::{Value, json};

use super::line::{Exec, Line, Source};
use super::signature::signer;

pub const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub const ME: &str = "arn:aws:sts::123456789012:assumed-role/Release/ada";

/// One exchange, for the judge.
pub struct Exchange {
    pub target: String,
    pub status: u16,
    pub answer: Value,
}

pub struct Fake {
    pub source: Source,
    pub lines: BTreeMap<String, Line>,
    pub starts: BTreeMap<String, String>,
    pub exchanges: Vec<Exchange>,
    /// Whether the history tells the summary of an approval; the documentation promises it for the state alone.
    pub history_tells_summaries: bool,
    /// Operations that IAM denies.
    pub denied: Vec<&'static str>,
    /// How many further calls are throttled.
    pub throttled: u32,
}

type Outcome = Result<Value, (&'static str, String)>;

fn refuse<T>(code: &'static str, message: impl Into<String>) -> Result<T, (&'static str, String)> {
    Err((code, message.into()))
}

impl Fake {
    /// An account without pipelines whose clock begins at a time, in seconds.
    pub fn new(now: f64) -> Self {
        Self {
            source: Source { now, count: 0 },
            lines: BTreeMap::new(),
            starts: BTreeMap::new(),
            exchanges: Vec::new(),
            history_tells_summaries: true,
            denied: Vec::new(),
            throttled: 0,
        }
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let target = request.header("x-amz-target").unwrap_or_default().to_owned();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.json();
        let secret = |id: &str| (id == KEY).then(|| SECRET.to_owned());
        let outcome = match signer(request, secret) {
            Err(why) => refuse("IncompleteSignatureException", why),
            Ok(_) if self.throttled > 0 => {
                self.throttled -= 1;
                refuse("ThrottlingException", "Rate exceeded")
            }
            Ok(_) if self.denied.contains(&operation.as_str()) => refuse(
                "AccessDeniedException",
                format!(
                    "User: {ME} is not authorized to perform: codepipeline:{operation} on resource: arn:aws:codepipeline:eu-west-1:123456789012:shop because no identity-based policy allows it"
                ),
            ),
            Ok(_) => {
                self.step();
                let outcome = self.operate(&operation, &body);
                if !operation.starts_with("Get") && !operation.starts_with("List") {
                    // What a write lets go on begins at once.
                    self.step();
                }
                outcome
            }
        };
        let (status, answer) = match outcome {
            Ok(answer) => (200, answer),
            Err((code, message)) => {
                let status = if code == "ConflictException" { 409 } else { 400 };
                (status, json!({"__type": code, "message": message}))
            }
        };
        let text = if answer.is_null() { String::new() } else { answer.to_string() };
        self.exchanges.push(Exchange { target, status, answer });
        Response::text(status, text)
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amzn-requestid", format!("request-{}", self.exchanges.len()))
    }

    fn step(&mut self) {
        for line in self.lines.values_mut() {
            line.step(&mut self.source);
        }
    }

    fn operate(&mut self, operation: &str, body: &Value) -> Outcome {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if operation == "ListPipelines" {
            return self.list_pipelines(body);
        }
        let name = if body["pipelineName"].is_string() { text("pipelineName") } else { text("name") };
        let Some(line) = self.lines.get_mut(&name) else {
            return refuse(
                "PipelineNotFoundException",
                format!("no pipeline {name} in account 123456789012"),
            );
        };
        match operation {
            "GetPipeline" => match body["version"].as_i64() {
                Some(version) if version != line.version => {
                    refuse("PipelineVersionNotFoundException", "no such version")
                }
                _ => Ok(declaration(line)),
            },
            "GetPipelineState" => Ok(state(line)),
            "GetPipelineExecution" => match line.run(&text("pipelineExecutionId")) {
                Some(run) => Ok(json!({"pipelineExecution": execution(line, run)})),
                None => refuse("PipelineExecutionNotFoundException", "no such execution"),
            },
            "ListPipelineExecutions" => {
                Ok(paged(line.runs.iter().rev().map(summary).collect(), body, "pipelineExecutionSummaries"))
            }
            "ListActionExecutions" => {
                let wanted = body["filter"]["pipelineExecutionId"].as_str();
                if wanted.is_some_and(|wanted| line.run(wanted).is_none()) {
                    return refuse("PipelineExecutionNotFoundException", "no such execution");
                }
                Ok(paged(acts(line, wanted, self.history_tells_summaries), body, "actionExecutionDetails"))
            }
            "PutApprovalResult" => approve(line, &mut self.source, body),
            "StartPipelineExecution" => {
                let token = text("clientRequestToken");
                if let Some(known) = self.starts.get(&token) {
                    return Ok(json!({"pipelineExecutionId": known}));
                }
                // Without a revision, the newest of the source is taken.
                let commit = match body["sourceRevisions"][0]["revisionValue"].as_str() {
                    Some(revision) => revision.to_owned(),
                    None => self.source.commit(),
                };
                let variables = body["variables"].as_array().cloned().unwrap_or_default();
                let variables = variables.iter().map(|variable| {
                    let part = |name: &str| variable[name].as_str().unwrap_or_default().to_owned();
                    (part("name"), part("value"))
                });
                let id = line.begin(&mut self.source, &commit, "StartPipelineExecution", variables.collect());
                self.starts.insert(token, id.clone());
                Ok(json!({"pipelineExecutionId": id}))
            }
            "RollbackStage" => roll_back(line, &mut self.source, body),
            "StopPipelineExecution" => stop(line, body),
            "RetryStageExecution" => retry(line, &mut self.source, body),
            "DisableStageTransition" => {
                line.held.insert(text("stageName"), text("reason"));
                Ok(Value::Null)
            }
            "EnableStageTransition" => {
                line.held.remove(&text("stageName"));
                Ok(Value::Null)
            }
            other => panic!("the fake can't {other}"),
        }
    }

    fn list_pipelines(&self, body: &Value) -> Outcome {
        let all = self.lines.values().map(|line| {
            json!({
                "name": line.name, "version": line.version, "pipelineType": kind(line),
                "executionMode": line.mode, "created": 1_790_000_000.0, "updated": 1_790_000_000.5,
            })
        });
        Ok(paged(all.collect(), body, "pipelines"))
    }
}

fn kind(line: &Line) -> &'static str {
    if line.v2 { "V2" } else { "V1" }
}

/// Cuts a page out of a list; the token says where to go on.
fn paged(all: Vec<Value>, body: &Value, name: &str) -> Value {
    let from = body["nextToken"].as_str().and_then(|token| token.strip_prefix("from-")?.parse().ok());
    let from: usize = from.unwrap_or_default();
    let most = usize::try_from(body["maxResults"].as_u64().unwrap_or(100)).unwrap();
    let mut page = serde_json::Map::new();
    if from + most < all.len() {
        page.insert("nextToken".into(), json!(format!("from-{}", from + most)));
    }
    page.insert(name.into(), all.into_iter().skip(from).take(most).collect());
    Value::Object(page)
}

fn declaration(line: &Line) -> Value {
    let stages = line.stages.iter().map(|stage| {
        let actions = stage.actions.iter().map(|action| {
            let outputs = match action.category {
                "Source" => json!([{"name": "SourceArtifact"}]),
                _ => json!([]),
            };
            json!({
                "name": action.name, "runOrder": action.order, "outputArtifacts": outputs,
                "inputArtifacts": [], "configuration": {"CustomData": "Ship it?", "ServiceName": "web"},
                "actionTypeId": {
                    "category": action.category, "owner": "AWS", "provider": action.provider, "version": "1",
                },
            })
        });
        json!({"name": stage.name, "actions": actions.collect::<Vec<_>>()})
    });
    let variables = line.variables.iter().map(|(name, default)| match default {
        Some(default) => json!({"name": name, "defaultValue": default}),
        None => json!({"name": name}),
    });
    json!({
        "pipeline": {
            "name": line.name, "roleArn": "arn:aws:iam::123456789012:role/pipeline",
            "artifactStore": {"type": "S3", "location": "artifacts"}, "version": line.version,
            "executionMode": line.mode, "pipelineType": kind(line),
            "stages": stages.collect::<Vec<_>>(), "variables": variables.collect::<Vec<_>>(),
        },
        "metadata": {
            "pipelineArn": format!("arn:aws:codepipeline:eu-west-1:123456789012:{}", line.name),
            "created": 1_790_000_000.0, "updated": 1_790_000_000.5,
        },
    })
}

/// As the page on viewing execution modes says: side by side, the state shows neither executions nor tokens.
fn state(line: &Line) -> Value {
    let stages = line.stages.iter().map(|stage| {
        let mut told = json!({
            "stageName": stage.name,
            "inboundTransitionState": match line.held.get(stage.name) {
                Some(reason) => json!({"enabled": false, "disabledReason": reason, "lastChangedBy": ME}),
                None => json!({"enabled": true}),
            },
            "actionStates": stage.actions.iter().map(|action| json!({"actionName": action.name}))
                .collect::<Vec<_>>(),
        });
        if line.mode == "PARALLEL" {
            return told;
        }
        if let Some(run) = line.last_in.get(stage.name).and_then(|id| line.run(id)) {
            told["latestExecution"] = json!({
                "pipelineExecutionId": run.id, "status": line.stage_status(stage.name, run),
                "type": if run.target.is_some() { "ROLLBACK" } else { "STANDARD" },
            });
        }
        let actions = stage.actions.iter().map(|action| {
            let Some(act) = line.last_act(stage.name, action.name) else {
                return json!({"actionName": action.name});
            };
            let mut told = json!({
                "actionExecutionId": act.id, "status": act.status, "lastStatusChange": act.changed,
            });
            if let (Some(token), "InProgress") = (&act.token, act.status) {
                told["token"] = json!(token);
            }
            if let Some(summary) = act.summary.as_ref().filter(|_| act.token.is_some()) {
                told["summary"] = json!(summary);
                told["lastUpdatedBy"] = json!(ME);
            }
            json!({"actionName": action.name, "latestExecution": told})
        });
        told["actionStates"] = actions.collect();
        told
    });
    json!({
        "pipelineName": line.name, "pipelineVersion": line.version,
        "created": 1_790_000_000.0, "updated": 1_790_000_000.5, "stageStates": stages.collect::<Vec<_>>(),
    })
}

fn execution(line: &Line, run: &Exec) -> Value {
    let variables = run.variables.iter().map(|(name, value)| json!({"name": name, "resolvedValue": value}));
    let mut told = json!({
        "pipelineName": line.name, "pipelineVersion": run.version, "pipelineExecutionId": run.id,
        "status": run.status, "executionMode": line.mode,
        "executionType": if run.target.is_some() { "ROLLBACK" } else { "STANDARD" },
        "artifactRevisions": [{"name": "SourceArtifact", "revisionId": run.commit}],
        "variables": variables.collect::<Vec<_>>(),
        "trigger": {"triggerType": run.trigger, "triggerDetail": ME},
    });
    if let Some(target) = &run.target {
        told["rollbackMetadata"] = json!({"rollbackTargetPipelineExecutionId": target});
    }
    told
}

fn summary(run: &Exec) -> Value {
    let mut told = json!({
        "pipelineExecutionId": run.id, "status": run.status, "startTime": run.began,
        "lastUpdateTime": run.changed, "executionType": if run.target.is_some() { "ROLLBACK" } else { "STANDARD" },
        "sourceRevisions": if run.commit.is_empty() { json!([]) } else {
            json!([{"actionName": "src", "revisionId": run.commit, "revisionSummary": "Sell more"}])
        },
        "trigger": {"triggerType": run.trigger, "triggerDetail": ME},
    });
    if let Some(target) = &run.target {
        told["rollbackMetadata"] = json!({"rollbackTargetPipelineExecutionId": target});
    }
    if let Some(reason) = &run.stop_reason {
        told["stopTrigger"] = json!({"reason": reason});
    }
    told
}

fn acts(line: &Line, wanted: Option<&str>, summaries: bool) -> Vec<Value> {
    let mut all: Vec<_> = line
        .runs
        .iter()
        .filter(|run| wanted.is_none_or(|wanted| run.id == wanted))
        .flat_map(|run| run.acts.iter().map(move |act| (run, act)))
        .collect();
    all.sort_by(|(_, a), (_, b)| b.began.total_cmp(&a.began));
    let told = all.into_iter().map(|(run, act)| {
        let mut result = json!({});
        if let Some(token) = act.token.as_ref().filter(|_| line.mode == "PARALLEL") {
            result["externalExecutionId"] = json!(token);
        }
        if let Some(words) = act.summary.as_ref().filter(|_| summaries || act.token.is_none()) {
            result["externalExecutionSummary"] = json!(words);
        }
        json!({
            "pipelineExecutionId": run.id, "actionExecutionId": act.id, "pipelineVersion": run.version,
            "stageName": act.stage, "actionName": act.action, "startTime": act.began,
            "lastUpdateTime": act.changed, "status": act.status, "updatedBy": ME,
            "output": {"outputArtifacts": [], "executionResult": result},
        })
    });
    told.collect()
}

fn approve(line: &mut Line, source: &mut Source, body: &Value) -> Outcome {
    let (stage, action, token) = (&body["stageName"], &body["actionName"], &body["token"]);
    let Some(place) = stage.as_str().and_then(|stage| line.place_of(stage)) else {
        return refuse("StageNotFoundException", "no such stage");
    };
    if !line.stages[place].actions.iter().any(|known| action == known.name) {
        return refuse("ActionNotFoundException", "no such action");
    }
    let mut acts = line.runs.iter_mut().flat_map(|run| &mut run.acts);
    let Some(act) = acts.find(|act| act.token.as_deref() == token.as_str()) else {
        return refuse("InvalidApprovalTokenException", "the token is not valid");
    };
    if act.status != "InProgress" {
        return refuse("ApprovalAlreadyCompletedException", "the approval is completed");
    }
    let at = source.tick();
    act.status = if body["result"]["status"] == "Approved" { "Succeeded" } else { "Failed" };
    act.changed = at;
    act.summary = body["result"]["summary"].as_str().map(str::to_owned);
    Ok(json!({"approvedAt": at}))
}

fn roll_back(line: &mut Line, source: &mut Source, body: &Value) -> Outcome {
    let target = body["targetPipelineExecutionId"].as_str().unwrap_or_default().to_owned();
    let Some(place) = body["stageName"].as_str().and_then(|stage| line.place_of(stage)) else {
        return refuse("StageNotFoundException", "no such stage");
    };
    let Some(run) = line.run(&target) else {
        return refuse("PipelineExecutionNotFoundException", "no such execution");
    };
    let there = run.place > place || run.status == "Succeeded";
    if !line.v2 || !there || run.target.is_some() || run.version != line.version {
        return refuse("UnableToRollbackStageException", "the stage can't be rolled back to that");
    }
    Ok(json!({"pipelineExecutionId": line.roll_back(source, place, &target)}))
}

fn stop(line: &mut Line, body: &Value) -> Outcome {
    let abandon = body["abandon"].as_bool().unwrap_or_default();
    let Some(run) = line.run_mut(body["pipelineExecutionId"].as_str().unwrap_or_default()) else {
        return refuse("PipelineExecutionNotStoppableException", "no such execution");
    };
    if !matches!(run.status, "InProgress" | "Stopping") {
        return refuse("PipelineExecutionNotStoppableException", "the execution has ended");
    }
    if run.stop == Some(abandon) {
        return refuse("DuplicatedStopRequestException", "the execution is stopping already");
    }
    run.stop = Some(abandon);
    run.stop_reason = body["reason"].as_str().map(str::to_owned);
    run.status = "Stopping";
    Ok(json!({"pipelineExecutionId": run.id}))
}

fn retry(line: &mut Line, source: &mut Source, body: &Value) -> Outcome {
    let stage = body["stageName"].as_str().unwrap_or_default();
    let Some(place) = line.place_of(stage) else {
        return refuse("StageNotFoundException", "no such stage");
    };
    let id = body["pipelineExecutionId"].as_str().unwrap_or_default();
    if line.last_in.get(stage).is_none_or(|last| last != id) {
        return refuse("NotLatestPipelineExecutionException", "not the latest execution");
    }
    let at = source.tick();
    let fresh = source.id();
    let Some(run) = line.run_mut(id).filter(|run| run.status == "Failed" && run.place == place) else {
        return refuse("StageNotRetryableException", "nothing to retry");
    };
    let failed = run.acts.iter().rev().find(|act| act.status == "Failed").cloned().unwrap();
    run.acts.push(super::line::Act {
        id: fresh,
        status: "InProgress",
        began: at,
        changed: at,
        summary: None,
        left: 2,
        ..failed
    });
    run.status = "InProgress";
    Ok(json!({"pipelineExecutionId": id}))
}
