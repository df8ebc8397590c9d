//! A GitLab that keeps its state. The shapes come from the pages of GitLab's REST API on deployments,
//! environments, jobs and pipelines; the behaviour of approvals and of `play` from GitLab's public source.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use signalbox_pipelines::Verdict;
use signalbox_pipelines::testing::server::{Request, Response};

pub const TOKEN: &str = "glpat-0123456789abcdef";
/// The account of the token.
pub const ME: u64 = 7;

/// How a GitLab is set up.
#[derive(Clone, Default)]
pub struct Rules {
    /// Premium or Ultimate.
    pub premium: bool,
    /// Approvals before a deployment to production.
    pub required: u64,
    /// The older rule: the last approval starts the job.
    pub unified: bool,
    /// The newest source: the deployment stays `blocked` until it is started.
    pub stays_blocked: bool,
    /// This account may approve and not deploy.
    pub only_approves: bool,
    /// `play` starts the job and answers that it can't be played.
    pub plays_and_denies: bool,
    /// Logs honour `Range`.
    pub ranges: bool,
    /// The token's scopes.
    pub scopes: Vec<&'static str>,
    /// Lists name no next page in `Link`, only in `X-Next-Page`.
    pub without_links: bool,
    /// Links name another host, as behind a proxy that GitLab doesn't know of.
    pub other_links: bool,
    /// The account may not read a pipeline's variables.
    pub hides_variables: bool,
}

pub struct Pipeline {
    pub id: u64,
    pub project: String,
    pub sha: String,
    pub reference: String,
    pub source: &'static str,
    pub created: DateTime<Utc>,
    /// Of one that was started for its own sake.
    pub variables: Vec<(String, String)>,
    pub cancelled: bool,
}

impl Pipeline {
    fn status(&self) -> &'static str {
        match self.source {
            "api" if self.cancelled => "canceled",
            "api" if Utc::now() - self.created < TimeDelta::milliseconds(80) => "running",
            "api" => "success",
            _ => "manual",
        }
    }
}

#[derive(Clone)]
pub struct Job {
    pub id: u64,
    pub pipeline: u64,
    pub environment: String,
    pub deployment: u64,
    pub status: &'static str,
    pub user: u64,
    pub created: DateTime<Utc>,
    pub started: Option<DateTime<Utc>>,
    pub finished: Option<DateTime<Utc>>,
    pub approvals: Vec<(u64, &'static str, String)>,
    pub blocked: bool,
    began: Option<std::time::Instant>,
}

#[derive(Default)]
pub struct State {
    pub rules: Rules,
    pub pipelines: Vec<Pipeline>,
    pub jobs: Vec<Job>,
    /// Every start of a job: pipeline and environment.
    pub starts: Vec<(u64, String)>,
    /// The answers that took effect at gates of `shop/gated`.
    pub answers: Vec<Verdict>,
    next: u64,
}

#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<State>>);

/// The environments of every project, with their tier, in the order of their names as GitLab lists them.
const ENVIRONMENTS: [(&str, &str); 5] = [
    ("broken", "testing"),
    ("endless", "development"),
    ("production", "production"),
    ("review/idle", "other"),
    ("staging", "staging"),
];

impl Fake {
    pub fn new(rules: Rules) -> Self {
        let fake = Self::default();
        fake.state().rules = rules;
        fake.state().next = 40;
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Runs a new pipeline whose jobs for the environments wait; returns its number.
    pub fn pipeline(&self, project: &str, environments: &[&str]) -> u64 {
        let mut state = self.state();
        let (id, now) = (state.number(), Utc::now());
        state.pipelines.push(Pipeline {
            id,
            project: project.into(),
            sha: format!("{id:040x}"),
            reference: "main".into(),
            source: "push",
            created: now,
            variables: Vec::new(),
            cancelled: false,
        });
        for environment in environments {
            state.waiting_job(id, environment);
        }
        id
    }

    /// Returns the newest job of a pipeline into an environment.
    pub fn job(&self, pipeline: u64, environment: &str) -> Job {
        let state = self.state();
        let of = |job: &&Job| job.pipeline == pipeline && job.environment == environment;
        state.jobs.iter().rfind(of).unwrap().clone()
    }

    pub fn change(&self, job: u64, change: impl FnOnce(&mut Job)) {
        change(self.state().jobs.iter_mut().find(|known| known.id == job).unwrap());
    }

    pub fn answer(&self, request: &Request) -> Response {
        if request.header("private-token") != Some(TOKEN) {
            return Response::json(401, &json!({"message": "401 Unauthorized"}));
        }
        let mut state = self.state();
        state.go_on();
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().skip(2).map(String::as_str).collect();
        state.answer(request, &path)
    }
}

fn refused(status: u16, words: &str) -> Response {
    Response::json(status, &json!({ "message": words }))
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn person(id: u64) -> Value {
    match id {
        ME => json!({"id": ME, "username": "rm_bot", "name": "Release bot"}),
        _ => json!({"id": id, "username": format!("user{id}"), "name": "Ada"}),
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn waiting_job(&mut self, pipeline: u64, environment: &str) {
        let (id, deployment) = (self.number(), self.number());
        self.jobs.push(Job {
            id,
            pipeline,
            environment: environment.into(),
            deployment,
            status: "manual",
            user: 3,
            created: Utc::now(),
            started: None,
            finished: None,
            approvals: Vec::new(),
            blocked: environment == "production" && self.rules.required > 0,
            began: None,
        });
    }

    /// Lets time pass for jobs that were started.
    fn go_on(&mut self) {
        for job in &mut self.jobs {
            let passed = job.began.map_or(0, |began| began.elapsed().as_millis());
            match job.status {
                "canceling" => job.end("canceled"),
                "pending" if passed > 20 => job.status = "running",
                "running" if job.environment == "endless" => {}
                "running" if passed > 60 => {
                    job.end(if job.environment == "broken" { "failed" } else { "success" });
                }
                _ => {}
            }
        }
    }

    fn start(&mut self, at: usize) {
        let job = &mut self.jobs[at];
        job.status = "pending";
        job.user = ME;
        job.blocked = false;
        job.started = Some(Utc::now());
        job.began = Some(std::time::Instant::now());
        let (pipeline, environment) = (job.pipeline, job.environment.clone());
        if self.pipelines.iter().any(|known| known.id == pipeline && known.project == "shop/gated") {
            self.answers.push(Verdict::Approve);
        }
        self.starts.push((pipeline, environment));
    }

    fn answer(&mut self, request: &Request, path: &[&str]) -> Response {
        let read = request.method == "GET";
        match path {
            ["user"] => Response::json(200, &person(ME)),
            ["version"] => Response::json(200, &json!({"version": "18.5.1-ee", "revision": "1a2b3c"})),
            ["personal_access_tokens", "self"] => {
                Response::json(200, &json!({"id": 1, "scopes": self.rules.scopes, "revoked": false}))
            }
            ["projects"] => {
                let named = |path: &str| json!({"id": 1, "path_with_namespace": path});
                self.list(request, vec![named("shop/gated"), named("shop/web")])
            }
            ["projects", project, rest @ ..] if ["shop/web", "shop/gated"].contains(project) => match rest {
                [] => {
                    let mut about =
                        json!({"id": 1, "path_with_namespace": project, "default_branch": "main"});
                    if self.rules.premium {
                        about["allow_pipeline_trigger_approve_deployment"] = json!(false);
                    }
                    Response::json(200, &about)
                }
                ["protected_environments"] if self.rules.premium => self.list(request, Vec::new()),
                ["protected_environments"] => refused(404, "404 Not found"),
                ["environments"] => {
                    let one = |(at, (name, tier)): (usize, &(&str, &str))| json!({"id": at + 1, "name": name, "tier": tier, "external_url": null, "state": "available"});
                    self.list(request, ENVIRONMENTS.iter().enumerate().map(one).collect())
                }
                ["repository", "commits"] => {
                    let commit = |known: &Pipeline| json!({"id": known.sha, "author_name": "Grace"});
                    let commits = self.pipelines.iter().rev().map(commit).collect();
                    self.list(request, commits)
                }
                ["repository", "commits", sha] => {
                    Response::json(200, &json!({"id": sha, "author_name": "Grace"}))
                }
                ["pipelines"] => {
                    let source = request.parameter("source");
                    let of = |known: &&Pipeline| {
                        known.project == *project && source.is_none_or(|source| source == known.source)
                    };
                    let pipelines = self.pipelines.iter().rev().filter(of).map(Self::pipeline_json).collect();
                    self.list(request, pipelines)
                }
                ["pipeline"] if !read => self.begin(project, &request.json()),
                ["pipelines", id, "cancel"] if !read => {
                    let of = |known: &&mut Pipeline| known.id.to_string() == *id;
                    let Some(known) = self.pipelines.iter_mut().find(of) else {
                        return refused(404, "404 Not found");
                    };
                    known.cancelled = true;
                    Response::json(200, &Self::pipeline_json(known))
                }
                ["pipelines", id, rest @ ..] => {
                    let of = |known: &&Pipeline| known.project == *project && known.id.to_string() == *id;
                    match (self.pipelines.iter().find(of), rest) {
                        (Some(known), []) => Response::json(200, &Self::pipeline_json(known)),
                        (Some(_), ["variables"]) if self.rules.hides_variables => {
                            refused(403, "403 Forbidden")
                        }
                        (Some(known), ["variables"]) => {
                            let one = |(key, value): &(String, String)| json!({"key": key, "variable_type": "env_var", "value": value, "raw": false});
                            Response::json(200, &known.variables.iter().map(one).collect())
                        }
                        (Some(known), ["jobs"]) => {
                            let of = |job: &&Job| job.pipeline == known.id && self.is_latest(job);
                            let jobs = self.jobs.iter().filter(of).map(|job| self.job_json(job)).collect();
                            self.list(request, jobs)
                        }
                        _ => refused(404, "404 Not found"),
                    }
                }
                ["deployments"] => self.deployments(request, project),
                ["deployments", id, rest @ ..] => {
                    let Some(at) = self.jobs.iter().position(|job| job.deployment.to_string() == *id) else {
                        return refused(404, "404 Not found");
                    };
                    match rest {
                        [] => Response::json(200, &self.deployment_json(&self.jobs[at], true)),
                        ["approval"] => self.approve(at, &request.json()),
                        _ => refused(404, "404 Not found"),
                    }
                }
                ["jobs", id, rest @ ..] => {
                    let Some(at) = self.jobs.iter().position(|job| job.id.to_string() == *id) else {
                        return refused(404, "404 Not found");
                    };
                    match rest {
                        [] => Response::json(200, &self.job_json(&self.jobs[at])),
                        ["trace"] => self.trace(request, at),
                        [act] if !read => self.act(act, at),
                        _ => refused(404, "404 Not found"),
                    }
                }
                _ => refused(404, "404 Not found"),
            },
            _ => refused(404, "404 Project Not Found"),
        }
    }

    /// Begins a pipeline with variables.
    fn begin(&mut self, project: &str, body: &Value) -> Response {
        if body["ref"] != "main" {
            return refused(400, "Reference not found");
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let variables = body["variables"].as_array().cloned().unwrap_or_default();
        let id = self.number();
        self.pipelines.push(Pipeline {
            id,
            project: project.into(),
            sha: format!("{id:040x}"),
            reference: "main".into(),
            source: "api",
            created: Utc::now(),
            variables: variables.iter().map(|one| (text(&one["key"]), text(&one["value"]))).collect(),
            cancelled: false,
        });
        Response::json(201, &Self::pipeline_json(&self.pipelines[self.pipelines.len() - 1]))
    }

    fn act(&mut self, act: &str, at: usize) -> Response {
        let status = self.jobs[at].status;
        match act {
            "play" if self.rules.only_approves => refused(403, "403 Forbidden"),
            "play" if status != "manual" || self.waits(at) => {
                refused(400, "400 Bad request - Unplayable Job")
            }
            "play" => {
                self.start(at);
                if self.rules.plays_and_denies {
                    return refused(400, "400 Bad request - Unplayable Job");
                }
                Response::json(200, &self.job_json(&self.jobs[at]))
            }
            "cancel" => {
                self.jobs[at].status = "canceling";
                Response::json(201, &self.job_json(&self.jobs[at]))
            }
            "retry" if ["success", "failed", "canceled"].contains(&status) => {
                let (pipeline, environment) = (self.jobs[at].pipeline, self.jobs[at].environment.clone());
                self.waiting_job(pipeline, &environment);
                let new = self.jobs.len() - 1;
                self.start(new);
                Response::json(201, &self.job_json(&self.jobs[new]))
            }
            "retry" => refused(403, "403 Forbidden - Job is not retryable"),
            _ => refused(404, "404 Not found"),
        }
    }

    fn missing(&self, job: &Job) -> u64 {
        let given = job.approvals.iter().filter(|(_, status, _)| *status == "approved").count() as u64;
        self.rules.required.saturating_sub(given)
    }

    fn waits(&self, at: usize) -> bool {
        self.jobs[at].blocked && self.missing(&self.jobs[at]) > 0
    }

    fn approve(&mut self, at: usize, body: &Value) -> Response {
        if !self.rules.premium {
            return refused(404, "404 Not found");
        }
        if !self.jobs[at].blocked {
            return refused(400, "This deployment is not waiting for approvals.");
        }
        let status = match body["status"].as_str() {
            Some("approved") => "approved",
            Some("rejected") => "rejected",
            _ => return refused(400, "status does not have a valid value"),
        };
        let comment = body["comment"].as_str().unwrap_or_default().to_owned();
        // One approval a user and deployment; the same again changes nothing.
        if !self.jobs[at].approvals.iter().any(|(user, known, _)| *user == ME && *known == status) {
            self.jobs[at].approvals.retain(|(user, ..)| *user != ME);
            self.jobs[at].approvals.push((ME, status, comment.clone()));
        }
        if status == "rejected" {
            self.jobs[at].status = "failed";
            self.jobs[at].finished = Some(Utc::now());
            self.answers.push(Verdict::Reject);
        } else if self.missing(&self.jobs[at]) == 0 {
            self.jobs[at].blocked = self.rules.stays_blocked;
            if self.rules.unified {
                self.start(at);
            }
        }
        let approval =
            json!({"user": person(ME), "status": status, "created_at": time(Utc::now()), "comment": comment});
        Response::json(201, &approval)
    }

    fn is_latest(&self, job: &Job) -> bool {
        let same = |other: &&Job| other.pipeline == job.pipeline && other.environment == job.environment;
        self.jobs.iter().rfind(same).is_some_and(|last| last.id == job.id)
    }

    fn pipeline_json(known: &Pipeline) -> Value {
        json!({
            "id": known.id, "iid": known.id, "sha": known.sha, "ref": known.reference, "status": known.status(),
            "source": known.source, "created_at": time(known.created), "updated_at": time(known.created),
        })
    }

    fn job_json(&self, job: &Job) -> Value {
        let pipeline = self.pipelines.iter().find(|known| known.id == job.pipeline).unwrap();
        let mut json = json!({
            "id": job.id, "name": format!("deploy-{}", job.environment), "stage": "deploy",
            "status": job.status, "allow_failure": true, "archived": false,
            "created_at": time(job.created), "started_at": job.started.map(time),
            "finished_at": job.finished.map(time), "user": person(job.user),
            "pipeline": Self::pipeline_json(pipeline),
            "web_url": format!("https://gitlab.example.org/{}/-/jobs/{}", pipeline.project, job.id),
        });
        if job.status == "failed" {
            json["failure_reason"] = json!("script_failure");
        }
        json
    }

    fn deployment_json(&self, job: &Job, whole: bool) -> Value {
        let status = match job.status {
            "manual" if job.blocked => "blocked",
            "running" | "canceling" => "running",
            "success" | "failed" | "canceled" => job.status,
            _ => "created",
        };
        let pipeline = self.pipelines.iter().find(|known| known.id == job.pipeline).unwrap();
        let mut json = json!({
            "id": job.deployment, "iid": job.deployment, "status": status, "sha": pipeline.sha,
            "ref": pipeline.reference, "created_at": time(job.created), "updated_at": time(job.updated()),
            "user": person(3), "environment": {"id": 9, "name": job.environment, "external_url": null},
            "deployable": self.job_json(job),
        });
        if whole && self.rules.premium {
            json["pending_approval_count"] = json!(if job.blocked { self.missing(job) } else { 0 });
            let approval = |(user, status, comment): &(u64, &str, String)| json!({"user": person(*user), "status": status, "created_at": time(job.created), "comment": comment});
            json["approvals"] = job.approvals.iter().map(approval).collect();
        }
        json
    }

    fn deployments(&self, request: &Request, project: &str) -> Response {
        let of = |job: &&Job| {
            self.pipelines.iter().any(|known| known.id == job.pipeline && known.project == project)
        };
        let fits = |name: &str, value: &Value| {
            request.parameter(name).is_none_or(|wanted| value.as_str() == Some(wanted))
        };
        let since = request.parameter("updated_after").map(|at| at.parse::<DateTime<Utc>>().unwrap());
        let mut jobs: Vec<&Job> = self.jobs.iter().filter(of).collect();
        jobs.retain(|job| since.is_none_or(|since| job.updated() > since));
        assert_eq!(request.parameter("order_by"), Some("updated_at"), "filter and order belong together");
        jobs.sort_by_key(|job| (job.updated(), job.deployment));
        if request.parameter("sort") == Some("desc") {
            jobs.reverse();
        }
        let mut all: Vec<Value> = jobs.into_iter().map(|job| self.deployment_json(job, false)).collect();
        all.retain(|json| {
            fits("status", &json["status"]) && fits("environment", &json["environment"]["name"])
        });
        self.list(request, all)
    }

    fn trace(&self, request: &Request, at: usize) -> Response {
        let job = &self.jobs[at];
        let whole = match job.status {
            "manual" | "pending" | "created" => String::new(),
            "running" => "Überspiele…\nhalf a l".to_owned(),
            _ => "Überspiele…\nhalf a line\nJob ended".to_owned(),
        };
        let Some(from) = request.header("range").filter(|_| self.rules.ranges) else {
            return Response::text(200, whole).with("content-type", "text/plain");
        };
        let from: usize = from.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap();
        match whole.as_bytes().get(from..).filter(|rest| !rest.is_empty()) {
            None => Response::text(416, ""),
            Some(rest) => Response::text(206, String::from_utf8(rest.to_vec()).unwrap())
                .with("content-range", format!("bytes {from}-{}/{}", whole.len() - 1, whole.len())),
        }
    }

    /// One page of a list, as GitLab's offset paging gives it.
    fn list(&self, request: &Request, all: Vec<Value>) -> Response {
        let number =
            |name: &str, usual: usize| request.parameter(name).map_or(usual, |value| value.parse().unwrap());
        let (page, most) = (number("page", 1), number("per_page", 20));
        let items: Vec<_> = all.iter().skip((page - 1) * most).take(most).cloned().collect();
        let response = Response::json(200, &Value::Array(items));
        if page * most >= all.len() {
            return response.with("x-next-page", "");
        }
        let response = response.with("x-next-page", (page + 1).to_string());
        if self.rules.without_links {
            return response;
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(request.query.iter().filter(|(name, _)| name != "page"));
        query.append_pair("page", &(page + 1).to_string());
        let host = match (self.rules.other_links, request.header("host")) {
            (false, Some(host)) => format!("http://{host}"),
            _ => "https://gitlab.internal:8443".to_owned(),
        };
        let (path, query) = (&request.path, query.finish());
        response.with("link", format!("<{host}{path}?{query}>; rel=\"next\", <{host}{path}>; rel=\"first\""))
    }
}

impl Job {
    /// By its own account a job works for half a minute, so that its times can be told apart.
    fn end(&mut self, status: &'static str) {
        self.status = status;
        self.finished = self.started.map(|began| began + TimeDelta::seconds(30));
    }

    fn updated(&self) -> DateTime<Utc> {
        self.finished.or(self.started).unwrap_or(self.created)
    }
}
