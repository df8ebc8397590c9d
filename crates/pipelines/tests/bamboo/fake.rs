//! A Bamboo on loopback.
//!
//! Shapes: projects, versions, results with their reason's link, and operations as published captures of Bamboo's
//! answers show them; the release status and the queue as in public code generated from Atlassian's OpenAPI document.
//! Played quirks: bare arrays here and envelopes there; an empty queue without a list; states spelt differently from
//! place to place; a start of the page that may be ignored; nothing of ours is given back.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signalbox_pipelines::testing::server::{Request, Response};

pub const SHOP: u64 = 7_405_569;
pub const GATED: u64 = 7_405_570;
pub const GOOD: u64 = 7_536_641;
pub const BAD: u64 = 7_536_642;
pub const ENDLESS: u64 = 7_536_643;
pub const QA: u64 = 7_536_650;
pub const PROD: u64 = 7_536_651;
const WORK: Duration = Duration::from_millis(80);

#[derive(Clone)]
pub struct Version {
    pub id: u64,
    pub project: u64,
    pub name: String,
    pub created: i64,
    /// Each person's state, newest last.
    pub statuses: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct Deployment {
    pub id: u64,
    pub environment: u64,
    pub version: u64,
    pub who: String,
    pub at: Instant,
    pub at_ms: i64,
    pub seed: bool,
    pub dropped: bool,
}

pub struct State {
    pub versions: Vec<Version>,
    pub deployments: Vec<Deployment>,
    /// The states that were set, in their order.
    pub set: Vec<(u64, String)>,
    pub queue_time: Duration,
    pub ignores_start: bool,
    pub may_deploy: bool,
    pub may_approve: bool,
    ids: u64,
}

#[derive(Clone)]
pub struct Fake(pub Arc<Mutex<State>>);

impl Fake {
    pub fn new() -> Self {
        let fake = Self(Arc::new(Mutex::new(State {
            versions: Vec::new(),
            deployments: Vec::new(),
            set: Vec::new(),
            queue_time: Duration::from_millis(30),
            ignores_start: false,
            may_deploy: true,
            may_approve: true,
            ids: 3_702_784,
        })));
        fake.release(SHOP, "release-1.4.1");
        fake.release(SHOP, "release-1.4.2");
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn release(&self, project: u64, name: &str) -> u64 {
        let mut state = self.state();
        state.ids += 1;
        let id = state.ids;
        let created = 1_795_000_000_000 + i64::try_from(id).unwrap();
        let version = Version { id, project, name: name.into(), created, statuses: Vec::new() };
        state.versions.push(version);
        id
    }

    /// Records a deployment that has gone through.
    pub fn deployed(&self, version: u64, environment: u64, who: &str, ago: Duration) -> u64 {
        let mut state = self.state();
        let id = state.deploy(version, environment, who);
        let deployment = state.deployments.last_mut().unwrap();
        deployment.seed = true;
        deployment.at_ms -= i64::try_from(ago.as_millis()).unwrap();
        id
    }

    pub fn handle(&self, request: &Request) -> Response {
        let mut state = self.state();
        if request.header("authorization") != Some("Bearer NjA1MDQ4") {
            return Response::json(
                401,
                &json!({"message": "Client must be authenticated", "status-code": 401}),
            );
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["rest", "api", "latest", rest @ ..] = segments.as_slice() else { return not_found() };
        let id = |text: &str| text.parse::<u64>().unwrap_or_default();
        let parameter = |name: &str| request.parameter(name).map(id).unwrap_or_default();
        match (request.method.as_str(), rest) {
            ("GET", ["currentUser"]) => {
                Response::json(200, &json!({"name": "ada", "fullName": "Ada Lovelace"}))
            }
            ("GET", ["info"]) => Response::json(200, &json!({"version": "10.2.1", "state": "RUNNING"})),
            ("GET", ["deploy", "project", "all"]) => {
                Response::json(200, &json!([state.project(SHOP), state.project(GATED)]))
            }
            ("GET", ["deploy", "project", project]) if [SHOP, GATED].contains(&id(project)) => {
                Response::json(200, &state.project(id(project)))
            }
            ("GET", ["deploy", "project", project, "versions"]) if [SHOP, GATED].contains(&id(project)) => {
                let (start, most) = (parameter("start-index"), parameter("max-results"));
                Response::json(200, &state.list_versions(id(project), start, most))
            }
            ("GET", ["deploy", "environment", environment]) => {
                let rule = if id(environment) == PROD { "APPROVED" } else { "NONE" };
                Response::json(200, &json!({"id": id(environment), "releaseApprovalPrerequisite": rule}))
            }
            ("GET", ["deploy", "environment", environment, "results"]) => {
                let begun = |d: &&Deployment| d.environment == id(environment) && !state.waits(d);
                let results: Vec<Value> = state
                    .deployments
                    .iter()
                    .rev()
                    .filter(begun)
                    .take(usize::try_from(parameter("max-results")).unwrap())
                    .map(|deployment| state.result(deployment, true))
                    .collect();
                Response::json(
                    200,
                    &json!({"size": results.len(), "results": results,
                    "start-index": 0, "max-result": results.len()}),
                )
            }
            ("GET", ["deploy", "result", result]) => {
                match state.deployments.iter().find(|deployment| deployment.id == id(result)) {
                    Some(deployment) => Response::json(200, &state.result(deployment, false)),
                    None => not_found(),
                }
            }
            ("GET", ["deploy", "version", version, "status"]) => state.status(id(version)),
            ("POST", ["deploy", "version", version, "status", new]) => {
                if !state.may_approve {
                    return Response::json(
                        403,
                        &json!({"message": "You need permission to edit this release"}),
                    );
                }
                state.set.push((id(version), (*new).to_owned()));
                state.judge(id(version), "ada", new);
                state.status(id(version))
            }
            ("GET", ["queue", "deployment"]) => {
                let queued: Vec<Value> = state
                    .deployments
                    .iter()
                    .filter(|d| state.waits(d))
                    .map(|d| json!({"deploymentResultId": d.id}))
                    .collect();
                Response::json(
                    200,
                    &match queued.is_empty() {
                        true => json!({"queuedDeployments": {"size": 0}}),
                        false => {
                            json!({"queuedDeployments": {"size": queued.len(), "queuedDeployments": queued}})
                        }
                    },
                )
            }
            ("POST", ["queue", "deployment"]) => {
                if !state.may_deploy {
                    return Response::json(403, &json!({"message": "You are not allowed to deploy"}));
                }
                let result = state.deploy(parameter("versionId"), parameter("environmentId"), "ada");
                Response::json(
                    200,
                    &json!({"deploymentResultId": result,
                    "link": {"href": "https://elsewhere.example.org/", "rel": "self"}}),
                )
            }
            ("DELETE", ["queue", "deployment", result]) => {
                let waiting: Vec<u64> =
                    state.deployments.iter().filter(|d| state.waits(d)).map(|d| d.id).collect();
                match state.deployments.iter_mut().find(|d| d.id == id(result)) {
                    Some(deployment) if waiting.contains(&deployment.id) => {
                        deployment.dropped = true;
                        Response::text(204, "")
                    }
                    Some(_) => Response::json(400, &json!({"message": "Deployment is already finished"})),
                    None => not_found(),
                }
            }
            _ => not_found(),
        }
    }
}

fn not_found() -> Response {
    Response::json(404, &json!({"message": "null for uri", "status-code": 404}))
}

impl State {
    pub fn judge(&mut self, version: u64, who: &str, state: &str) {
        let version = self.versions.iter_mut().find(|known| known.id == version).unwrap();
        version.statuses.retain(|(known, _)| known != who);
        version.statuses.push((who.into(), state.into()));
    }

    fn deploy(&mut self, version: u64, environment: u64, who: &str) -> u64 {
        self.ids += 1;
        self.deployments.push(Deployment {
            id: self.ids,
            environment,
            version,
            who: who.into(),
            at: Instant::now(),
            at_ms: chrono::Utc::now().timestamp_millis(),
            seed: false,
            dropped: false,
        });
        self.ids
    }

    fn waits(&self, deployment: &Deployment) -> bool {
        !deployment.seed && !deployment.dropped && deployment.at.elapsed() < self.queue_time
    }

    fn project(&self, project: u64) -> Value {
        let environments: &[(u64, &str)] = match project {
            SHOP => &[(ENDLESS, "Endless"), (GOOD, "Staging"), (BAD, "Bad")],
            _ => &[(QA, "QA"), (PROD, "Production")],
        };
        let operations = json!({"canView": true, "allowedToExecute": self.may_deploy});
        let environments: Vec<Value> = environments
            .iter()
            .map(|(id, name)| {
                json!({"id": id, "name": name, "position": if *id == ENDLESS { 9 } else { id - GOOD },
                "operations": operations, "configurationState": "TASKED"})
            })
            .collect();
        json!({"id": project, "name": if project == SHOP { "Shop" } else { "Gated" },
            "planKey": {"key": "SHOP-WEB"}, "environments": environments})
    }

    fn list_versions(&self, project: u64, start: u64, most: u64) -> Value {
        let start = if self.ignores_start { 0 } else { usize::try_from(start).unwrap() };
        let operations = json!({"allowedToSetVersionStatus": self.may_approve});
        let versions: Vec<Value> = self
            .versions
            .iter()
            .rev()
            .filter(|version| version.project == project)
            .skip(start)
            .take(usize::try_from(most).unwrap())
            .map(|version| {
                json!({"id": version.id, "name": version.name, "creationDate": version.created,
                "creatorUserName": "grace", "creatorDisplayName": "Grace Hopper", "operations": operations})
            })
            .collect();
        json!({"size": self.versions.len(), "versions": versions})
    }

    fn status(&self, version: u64) -> Response {
        let Some(version) = self.versions.iter().find(|known| known.id == version) else {
            return not_found();
        };
        let shown = |state: &str| match state {
            "APPROVED" => "Approved",
            "BROKEN" => "Broken",
            _ => "Unknown",
        };
        let mine = version.statuses.iter().find(|(who, _)| who == "ada").map_or("", |(_, state)| state);
        let last = version.statuses.last().map_or("", |(_, state)| state);
        let all: Vec<Value> = version
            .statuses
            .iter()
            .map(|(who, state)| json!({"userName": who, "versionState": state}))
            .collect();
        Response::json(
            200,
            &json!({"versionGeneralState": shown(last), "currentUserState": shown(mine),
            "statuses": all}),
        )
    }

    fn result(&self, deployment: &Deployment, listed: bool) -> Value {
        let passed = deployment.at.elapsed();
        let (life, state) = match deployment.environment {
            _ if deployment.seed => ("Finished", "SUCCESS"),
            _ if deployment.dropped => ("NotBuilt", "UNKNOWN"),
            _ if self.waits(deployment) => ("Queued", "UNKNOWN"),
            ENDLESS => ("InProgress", "UNKNOWN"),
            _ if passed < WORK => ("InProgress", "UNKNOWN"),
            BAD => ("Finished", "FAILED"),
            _ => ("Finished", "SUCCESS"),
        };
        // Lists shout; single results don't.
        let spelt =
            if listed { life.replace("InProgress", "IN_PROGRESS").to_uppercase() } else { life.to_owned() };
        let name =
            self.versions.iter().find(|known| known.id == deployment.version).map(|known| known.name.clone());
        let mut result = json!({"id": deployment.id, "deploymentVersion": {"id": deployment.version, "name": name},
            "deploymentVersionName": name, "environment": {"id": deployment.environment},
            "deploymentState": state, "lifeCycleState": spelt, "queuedDate": deployment.at_ms,
            "reasonSummary": format!("Manual run by <a href=\"https://bamboo.internal/browse/user/{who}\">{who}</a>",
                who = deployment.who),
            "logEntries": {"size": 2, "logEntry": [{"log": "<b>x</b>", "unstyledLog": "Starting deployment"},
                {"log": "y", "unstyledLog": format!("Finished: {state}")}]}});
        if life != "Queued" && life != "NotBuilt" {
            result["startedDate"] = json!(deployment.at_ms);
        }
        if life == "Finished" {
            result["finishedDate"] = json!(deployment.at_ms + 80);
        }
        result
    }
}
