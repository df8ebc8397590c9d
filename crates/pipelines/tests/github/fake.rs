//! A GitHub that plays what the system meets there: dispatched runs that take a while and name themselves,
//! environments with reviews, deployment records with their history, logs on another host, pages by numbers.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use signalbox_pipelines::Verdict;
use signalbox_pipelines::testing::server::{Request, Response};

use super::shapes::{self, API, WEB, with};

/// A workflow that tests, and deploys nothing.
pub const TESTS: &str = "tests.yml";
pub const OWNER: &str = "acme";
pub const TOKEN: &str = "github_pat_11AAAAAA0_never_shown";
/// How long a run works.
const WORKS: Duration = Duration::from_millis(120);

/// What happens in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    Succeeds,
    Fails,
    /// The deployment goes through, and the test after it fails.
    FailsLater,
    Hangs,
}

pub struct Environment {
    pub id: u64,
    pub name: String,
    pub course: Course,
    pub reviewed: bool,
}

#[derive(Clone)]
pub struct Release {
    pub id: u64,
    pub tag: String,
    pub published: Option<DateTime<Utc>>,
}

pub struct Approval {
    pub environment: u64,
    pub state: String,
    pub comment: String,
    pub user: String,
}

pub struct Run {
    pub id: u64,
    pub file: String,
    pub title: String,
    pub event: &'static str,
    pub reference: String,
    pub sha: String,
    pub attempt: u64,
    pub stage: String,
    pub waits: bool,
    /// A timer that runs, and no person is asked.
    pub timer_only: bool,
    pub conclusion: Option<&'static str>,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub approvals: Vec<Approval>,
    begun: Instant,
    /// How often its deployment began.
    pub effects: usize,
}

pub struct Deployment {
    pub id: u64,
    pub run: u64,
    pub reference: String,
    pub sha: String,
    pub environment: String,
    pub created: DateTime<Utc>,
    pub statuses: Vec<(String, DateTime<Utc>)>,
}

pub struct Repo {
    pub id: u64,
    pub name: String,
    pub files: Vec<(String, &'static str)>,
    pub environments: Vec<Environment>,
    pub releases: Vec<Release>,
    pub tags: BTreeMap<String, String>,
    pub runs: Vec<Run>,
    pub deployments: Vec<Deployment>,
    pub writes: bool,
    pub archived: bool,
}

/// Everything behind the wire.
pub struct World {
    pub repos: Vec<Repo>,
    pub next_id: u64,
    /// Where the logs lie: another host.
    pub logs: String,
    /// The version of an Enterprise Server.
    pub enterprise: Option<&'static str>,
    /// Whether the workflows' run-name gives the operation back.
    pub echoes: bool,
    /// Whether a new run shows in the list.
    pub lists_new_runs: bool,
    /// Whether the account is a required reviewer.
    pub may_review: bool,
    /// How many runs a search says there are, beyond those it gives.
    pub hidden_runs: u64,
    /// What the workflow that tests declares.
    pub declared_by_tests: Vec<&'static str>,
    /// The inputs of every test that began, without the operation.
    pub tests: Vec<BTreeMap<String, String>>,
}

pub type Shared = Arc<Mutex<World>>;

pub fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn sha_of(tag: &str) -> String {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    let half = format!("{:016x}", hasher.finish());
    format!("{half}{half}{}", &half[..8])
}

pub fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl World {
    pub fn new() -> Self {
        Self {
            repos: Vec::new(),
            next_id: 100,
            logs: String::new(),
            enterprise: None,
            echoes: true,
            lists_new_runs: true,
            may_review: true,
            hidden_runs: 0,
            declared_by_tests: vec!["PRODUCT", "STAGE", "BUILDS", "OPERATION"],
            tests: Vec::new(),
        }
    }

    pub fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub fn add_repo(&mut self, name: &str, environments: &[(&str, Course, bool)]) {
        let mut made = Vec::new();
        for (name, course, reviewed) in environments {
            made.push(Environment {
                id: self.id(),
                name: (*name).into(),
                course: *course,
                reviewed: *reviewed,
            });
        }
        let repo = Repo {
            id: self.id(),
            name: name.into(),
            files: vec![("deploy.yml".into(), "active")],
            environments: made,
            releases: Vec::new(),
            tags: BTreeMap::new(),
            runs: Vec::new(),
            deployments: Vec::new(),
            writes: true,
            archived: false,
        };
        self.repos.push(repo);
    }

    pub fn repo(&mut self, name: &str) -> &mut Repo {
        self.repos.iter_mut().find(|repo| repo.name == name).unwrap()
    }

    /// Publishes a release, each a minute after the one before.
    pub fn publish(&mut self, repo: &str, tag: &str) {
        let id = self.id();
        let repo = self.repo(repo);
        let minutes = i64::try_from(repo.releases.len()).unwrap();
        let published = Utc::now() - chrono::TimeDelta::days(1) + chrono::TimeDelta::minutes(minutes);
        repo.tags.insert(tag.into(), sha_of(tag));
        repo.releases.insert(0, Release { id, tag: tag.into(), published: Some(published) });
    }

    /// Starts a run, which begins to deploy unless its environment asks for a review.
    pub fn start(&mut self, repo: &str, file: &str, stage: &str, reference: &str, title: String) -> u64 {
        let (id, now) = (self.id(), Utc::now());
        let found = self.repo(repo);
        let sha = found.tags.get(reference).cloned().unwrap_or_else(|| sha_of(reference));
        let waits = found.environments.iter().any(|place| place.name == stage && place.reviewed);
        let run = Run {
            id,
            file: file.into(),
            title,
            event: "workflow_dispatch",
            reference: reference.into(),
            sha,
            attempt: 1,
            stage: stage.into(),
            waits,
            timer_only: false,
            conclusion: None,
            created: now,
            updated: now,
            approvals: Vec::new(),
            begun: Instant::now(),
            effects: 0,
        };
        found.runs.insert(0, run);
        if file == TESTS {
            return id;
        }
        self.record(repo, id, if waits { "pending" } else { "in_progress" });
        id
    }

    /// Records a deployment of a run.
    fn record(&mut self, repo: &str, run: u64, state: &str) {
        let (id, now) = (self.id(), Utc::now());
        let repo = self.repo(repo);
        let run = repo.runs.iter_mut().find(|known| known.id == run).unwrap();
        run.effects += usize::from(state == "in_progress");
        run.begun = Instant::now();
        let deployment = Deployment {
            id,
            run: run.id,
            reference: run.reference.clone(),
            sha: run.sha.clone(),
            environment: run.stage.clone(),
            created: now,
            statuses: vec![("queued".into(), now), (state.into(), now)],
        };
        repo.deployments.insert(0, deployment);
    }

    /// Lets time do its work.
    fn settle(&mut self) {
        for repo in &mut self.repos {
            for at in 0..repo.runs.len() {
                let run = &repo.runs[at];
                let course =
                    repo.environments.iter().find(|place| place.name == run.stage).map(|place| place.course);
                let course = if run.file == TESTS { Some(Course::Succeeds) } else { course };
                let over =
                    run.begun.elapsed() >= WORKS && course.is_some_and(|course| course != Course::Hangs);
                if run.conclusion.is_none() && !run.waits && over {
                    let deployed = course != Some(Course::Fails);
                    let good = course == Some(Course::Succeeds);
                    repo.end(
                        at,
                        if good { "success" } else { "failure" },
                        if deployed { "success" } else { "failure" },
                    );
                }
            }
        }
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request) -> Response {
        self.settle();
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return error(401, "Bad credentials");
        }
        let path = request.segments();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let response = self.route(request, &path);
        let response = match self.enterprise {
            Some(version) => response.with("x-github-enterprise-version", version),
            None => response,
        };
        conditional(request, response.with("x-github-request-id", "C0DE:1"))
    }

    fn route(&mut self, request: &Request, path: &[&str]) -> Response {
        match (request.method.as_str(), path) {
            ("GET", ["user"]) => Response::json(200, &shapes::own_user("rm")),
            ("GET", ["user", "repos"]) => listed(request, "user/repos", &self.repos, None, |repo| {
                shapes::repository(OWNER, &repo.name, repo.id, repo.writes, repo.archived)
            }),
            // Further pages are spelt by the repository's number.
            (_, ["repositories", id, rest @ ..]) => {
                match self.repos.iter().find(|repo| repo.id.to_string() == *id) {
                    Some(repo) => {
                        let name = repo.name.clone();
                        self.in_repo(request, &name, rest)
                    }
                    None => not_found(),
                }
            }
            (_, ["repos", owner, name, rest @ ..]) => {
                let known = *owner == OWNER && self.repos.iter().any(|repo| repo.name == *name);
                if known { self.in_repo(request, name, rest) } else { not_found() }
            }
            _ => not_found(),
        }
    }

    fn in_repo(&mut self, request: &Request, name: &str, rest: &[&str]) -> Response {
        if let ("POST", ["actions", "workflows", file, "dispatches"]) = (request.method.as_str(), rest) {
            return self.dispatch(request, name, file);
        }
        if let ("POST", ["actions", "runs", id, "rerun-failed-jobs"]) = (request.method.as_str(), rest) {
            return self.run_again(name, id);
        }
        let (may_review, hidden, listing, logs) =
            (self.may_review, self.hidden_runs, self.lists_new_runs, self.logs.clone());
        let repo = self.repo(name);
        let number = format!("repositories/{}/{}", repo.id, rest.join("/"));
        match (request.method.as_str(), rest) {
            ("GET", []) => {
                Response::json(200, &shapes::repository(OWNER, name, repo.id, repo.writes, repo.archived))
            }
            ("GET", ["actions", "workflows"]) => {
                listed(request, &number, &repo.files, Some("workflows"), |(file, state)| {
                    shapes::workflow(OWNER, name, 1, file, state)
                })
            }
            ("GET", ["actions", "workflows", file]) => {
                match repo.files.iter().find(|(known, _)| known == file) {
                    Some((file, state)) => {
                        Response::json(200, &shapes::workflow(OWNER, name, 1, file, state))
                    }
                    None => not_found(),
                }
            }
            ("GET", ["environments"]) => {
                listed(request, &number, &repo.environments, Some("environments"), |place| {
                    shapes::environment(OWNER, name, place.id, &place.name, place.reviewed.then_some("rm"))
                })
            }
            ("GET", ["releases"]) => {
                listed(request, &number, &repo.releases, None, |release| release_shape(name, release))
            }
            ("GET", ["releases", "tags", tag]) => {
                let published = |release: &&Release| release.tag == *tag && release.published.is_some();
                match repo.releases.iter().find(published) {
                    Some(release) => Response::json(200, &release_shape(name, release)),
                    None => not_found(),
                }
            }
            ("GET", ["tags"]) => {
                let all: Vec<_> = repo.tags.iter().rev().collect();
                listed(request, &number, &all, None, |(tag, sha)| shapes::tag(OWNER, name, tag, sha))
            }
            ("GET", ["commits", reference]) => {
                match reference.strip_prefix("tags/").and_then(|tag| repo.tags.get(tag)) {
                    Some(sha) => Response::json(200, &shapes::commit(OWNER, name, sha)),
                    None => error(422, &format!("No commit found for SHA: {reference}")),
                }
            }
            ("GET", ["deployments"]) => {
                let fits = |one: &&Deployment| {
                    request.parameter("environment").is_none_or(|wanted| wanted == one.environment)
                        && request.parameter("sha").is_none_or(|wanted| wanted == one.sha)
                };
                let all: Vec<_> = repo.deployments.iter().filter(fits).collect();
                listed(request, &number, &all, None, |one| deployment_shape(name, one))
            }
            ("GET", ["deployments", id, "statuses"]) => {
                match repo.deployments.iter().find(|known| known.id.to_string() == *id) {
                    Some(one) => listed(request, &number, &status_shapes(name, one), None, Value::clone),
                    None => not_found(),
                }
            }
            ("GET", ["actions", "workflows", file, "runs"]) => {
                let fits = |run: &&Run| listing && run.file == *file && fits(run, request);
                let all: Vec<&Run> = repo.runs.iter().filter(fits).collect();
                let mut response =
                    listed(request, &number, &all, Some("workflow_runs"), |run| run_shape(name, run));
                if hidden > 0 {
                    let mut body: Value = serde_json::from_str(&response.body).unwrap();
                    body["total_count"] = hidden.into();
                    response.body = body.to_string();
                }
                response
            }
            ("GET", ["actions", "runs", id, rest @ ..]) => {
                let Some(run) = repo.runs.iter().find(|run| run.id.to_string() == *id) else {
                    return not_found();
                };
                match rest {
                    [] => Response::json(200, &run_shape(name, run)),
                    ["jobs"] => {
                        listed(request, &number, &job_shapes(name, repo, run), Some("jobs"), Value::clone)
                    }
                    ["pending_deployments"] => {
                        Response::json(200, &pending_shape(name, repo, run, may_review))
                    }
                    ["approvals"] => Response::json(200, &approvals_shape(name, repo, run)),
                    _ => not_found(),
                }
            }
            ("GET", ["actions", "jobs", id, "logs"]) => {
                let over = |run: &&Run| run.conclusion.is_some() && id.starts_with(&run.id.to_string());
                match repo.runs.iter().find(over) {
                    Some(_) => {
                        Response::text(302, "").with("location", format!("{logs}/signed/{id}?sig=oauth"))
                    }
                    None => not_found(),
                }
            }
            ("POST", ["actions", "runs", id, "pending_deployments"]) => {
                match repo.runs.iter().position(|run| run.id.to_string() == *id) {
                    Some(at) => repo.review(at, request, may_review),
                    None => not_found(),
                }
            }
            ("POST", ["actions", "runs", id, "cancel"]) => {
                match repo.runs.iter().position(|run| run.id.to_string() == *id) {
                    Some(at) if repo.runs[at].conclusion.is_none() => {
                        repo.end(at, "cancelled", "failure");
                        Response::json(202, &json!({}))
                    }
                    Some(_) => error(409, "Cannot cancel a workflow run that is completed."),
                    None => not_found(),
                }
            }
            _ => not_found(),
        }
    }

    fn dispatch(&mut self, request: &Request, name: &str, file: &str) -> Response {
        let body = request.json();
        let reference = body["ref"].as_str().unwrap_or_default().to_owned();
        let (enterprise, echoes) = (self.enterprise.is_some(), self.echoes);
        let declared = self.declared_by_tests.clone();
        let repo = self.repo(name);
        if !repo.writes {
            let refused = error(403, "Resource not accessible by personal access token");
            return refused.with("x-accepted-github-permissions", "actions=write");
        }
        if !repo.tags.contains_key(&reference) && (file != TESTS || reference != "main") {
            return error(422, &format!("No ref found for: {reference}"));
        }
        if enterprise && body.get("return_run_details").is_some() {
            return error(422, "Invalid request.\n\n\"return_run_details\" is not a permitted key.");
        }
        let inputs = body["inputs"].as_object().cloned().unwrap_or_default();
        let known = match file {
            TESTS => declared.as_slice(),
            _ => &["VERSION", "ENVIRONMENT", "OPERATION", "DRY_RUN"],
        };
        let unknown: Vec<&String> = inputs.keys().filter(|name| !known.contains(&name.as_str())).collect();
        if !unknown.is_empty() {
            return error(422, &format!("Unexpected inputs provided: {unknown:?}"));
        }
        let input = |name: &str| inputs.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if file == TESTS {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let inputs = inputs.iter().filter(|(name, _)| *name != "OPERATION");
            self.tests.push(inputs.map(|(name, value)| (name.clone(), text(value))).collect());
        }
        let title = match echoes {
            true if file == TESTS => format!("Tests [{}]", input("OPERATION")),
            true => {
                format!("Deploy {} to {} [{}]", input("VERSION"), input("ENVIRONMENT"), input("OPERATION"))
            }
            false => "Deploy".to_owned(),
        };
        let id = self.start(name, file, &input("ENVIRONMENT"), &reference, title);
        if body["return_run_details"] != json!(true) {
            return Response::text(204, "");
        }
        let answer = json!({
            "workflow_run_id": id,
            "run_url": format!("{API}/repos/{OWNER}/{name}/actions/runs/{id}"),
            "html_url": format!("{WEB}/{OWNER}/{name}/actions/runs/{id}"),
        });
        Response::json(200, &answer)
    }

    /// A new attempt of the same run: the same id, and the same environments ask again.
    pub fn run_again(&mut self, name: &str, id: &str) -> Response {
        let Some(run) = self.repo(name).runs.iter_mut().find(|run| run.id.to_string() == id) else {
            return not_found();
        };
        if run.conclusion.is_none() {
            return error(403, "This workflow is already running");
        }
        run.attempt += 1;
        run.conclusion = None;
        run.waits = false;
        let id = run.id;
        self.record(name, id, "in_progress");
        Response::json(201, &json!({}))
    }
}

impl Repo {
    /// Ends a run, and what it deploys.
    pub fn end(&mut self, at: usize, conclusion: &'static str, deployed: &str) {
        let (run, now) = (&mut self.runs[at], Utc::now());
        run.conclusion = Some(conclusion);
        run.updated = now;
        run.waits = false;
        let Some(place) = self.deployments.iter().position(|one| one.run == run.id) else { return };
        self.deployments[place].statuses.push((deployed.to_owned(), now));
        if deployed == "success" {
            let environment = self.deployments[place].environment.clone();
            // GitHub makes the earlier deployments of an environment inactive.
            for earlier in self.deployments.iter_mut().skip(place + 1) {
                if earlier.environment == environment && earlier.statuses.last().unwrap().0 == "success" {
                    earlier.statuses.push(("inactive".into(), now));
                }
            }
        }
    }

    fn review(&mut self, at: usize, request: &Request, may_review: bool) -> Response {
        let body = request.json();
        let run = &mut self.runs[at];
        let Some(place) = self.environments.iter().find(|place| place.name == run.stage) else {
            return not_found();
        };
        let asked = body["environment_ids"] == json!([place.id]);
        if !run.waits || !asked {
            return error(422, "No pending deployment requests to approve or reject");
        }
        if !may_review {
            return error(403, "You are not allowed to approve this deployment");
        }
        let state = body["state"].as_str().unwrap_or_default().to_owned();
        run.approvals.push(Approval {
            environment: place.id,
            state: state.clone(),
            comment: body["comment"].as_str().unwrap_or_default().to_owned(),
            user: "rm".into(),
        });
        run.waits = false;
        run.begun = Instant::now();
        let id = run.id;
        let name = self.name.clone();
        if state == "approved" {
            run.effects += 1;
            let one = self.deployments.iter_mut().find(|one| one.run == id).unwrap();
            one.statuses.push(("in_progress".into(), Utc::now()));
        } else {
            self.end(at, "failure", "failure");
        }
        let one = self.deployments.iter().find(|one| one.run == id).unwrap();
        Response::json(200, &json!([deployment_shape(&name, one)]))
    }

    /// Returns the answers that took effect, in their order.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let given = self.runs.iter().rev().flat_map(|run| &run.approvals);
        given.map(|one| if one.state == "approved" { Verdict::Approve } else { Verdict::Reject }).collect()
    }
}

fn fits(run: &Run, request: &Request) -> bool {
    let status = if run.conclusion.is_some() {
        "completed"
    } else if run.waits {
        "waiting"
    } else {
        "in_progress"
    };
    let created = text(run.created);
    request.parameter("status").is_none_or(|wanted| wanted == status)
        && request.parameter("event").is_none_or(|wanted| wanted == run.event)
        && request.parameter("created").is_none_or(|wanted| match wanted.split_once("..") {
            Some((from, to)) => created.as_str() >= from && created.as_str() <= to,
            None => created.as_str() >= wanted.trim_start_matches(">="),
        })
}

fn run_shape(repo: &str, run: &Run) -> Value {
    let status = match (run.conclusion, run.waits) {
        (Some(_), _) => "completed",
        (None, true) => "waiting",
        (None, false) => "in_progress",
    };
    let base = format!("{API}/repos/{OWNER}/{repo}/actions/runs/{}", run.id);
    with(
        json!({
            "id": run.id, "node_id": "WFR_1", "name": "Deploy", "run_number": run.id, "display_title": run.title,
            "event": run.event, "head_branch": run.reference, "head_sha": run.sha, "status": status,
            "conclusion": run.conclusion, "run_attempt": run.attempt, "workflow_id": 1,
            "path": format!(".github/workflows/{}", run.file),
            "created_at": text(run.created), "updated_at": text(run.updated),
            "run_started_at": text(run.created), "pull_requests": [], "head_commit": null,
            "html_url": format!("{WEB}/{OWNER}/{repo}/actions/runs/{}", run.id), "url": base,
        }),
        json!({
            "jobs_url": format!("{base}/jobs"), "logs_url": format!("{base}/logs"),
            "check_suite_url": format!("{base}/suite"), "cancel_url": format!("{base}/cancel"),
            "rerun_url": format!("{base}/rerun"), "artifacts_url": format!("{base}/artifacts"),
            "workflow_url": format!("{base}/workflow"),
            "repository": shapes::small_repository(OWNER, repo, 1),
            "head_repository": shapes::small_repository(OWNER, repo, 1),
        }),
    )
}

/// The deploying job, and a test job after it once that has gone through.
fn job_shapes(name: &str, repo: &Repo, run: &Run) -> Vec<Value> {
    let deployment = repo.deployments.iter().find(|one| one.run == run.id);
    let went_through = deployment.is_some_and(|one| one.statuses.iter().any(|(state, _)| state == "success"));
    let begun = run.created;
    let deployed = if went_through { Some("success") } else { run.conclusion };
    let mut jobs = vec![job_shape(name, run, 1, "deploy", deployed, begun)];
    if went_through && run.conclusion.is_some() {
        jobs.push(job_shape(name, run, 2, "smoke-test", run.conclusion, run.updated));
    }
    jobs
}

fn job_shape(
    repo: &str,
    run: &Run,
    number: u64,
    name: &str,
    conclusion: Option<&str>,
    began: DateTime<Utc>,
) -> Value {
    let id = run.id * 10 + number;
    let status = match (conclusion, run.waits) {
        (Some(_), _) => "completed",
        (None, true) => "waiting",
        (None, false) => "in_progress",
    };
    json!({
        "id": id, "node_id": "CR_1", "run_id": run.id, "run_attempt": run.attempt, "head_sha": run.sha,
        "run_url": format!("{API}/repos/{OWNER}/{repo}/actions/runs/{}", run.id),
        "workflow_name": "Deploy", "head_branch": run.reference, "name": name, "status": status,
        "conclusion": conclusion, "started_at": text(began), "created_at": text(began),
        "completed_at": conclusion.map(|_| text(run.updated)),
        "steps": [{
            "name": "Run it", "number": 1,
            "status": if conclusion.is_some() { "completed" } else { "in_progress" },
            "conclusion": conclusion, "started_at": text(began),
            "completed_at": conclusion.map(|_| text(run.updated)),
        }],
        "url": format!("{API}/repos/{OWNER}/{repo}/actions/jobs/{id}"),
        "html_url": format!("{WEB}/{OWNER}/{repo}/actions/runs/{}/job/{id}", run.id),
        "check_run_url": format!("{API}/repos/{OWNER}/{repo}/check-runs/{id}"), "labels": ["ubuntu-latest"],
        "runner_id": 1, "runner_name": "r", "runner_group_id": 1, "runner_group_name": "g",
    })
}

fn pending_shape(name: &str, repo: &Repo, run: &Run, may_review: bool) -> Value {
    let place = repo.environments.iter().find(|place| place.name == run.stage && run.waits);
    let reviewers =
        if run.timer_only { json!([]) } else { json!([{ "type": "User", "reviewer": shapes::user("rm") }]) };
    let all = place.iter().map(|place| {
        json!({
            "environment": shapes::place(OWNER, name, place.id, &place.name),
            "wait_timer": if run.timer_only { 30 } else { 0 },
            "wait_timer_started_at": run.timer_only.then(|| text(run.created)),
            "current_user_can_approve": may_review && !run.timer_only,
            "reviewers": reviewers,
        })
    });
    Value::Array(all.collect())
}

fn approvals_shape(name: &str, repo: &Repo, run: &Run) -> Value {
    let place = |id: u64| repo.environments.iter().find(|place| place.id == id).unwrap();
    let all = run.approvals.iter().map(|given| {
        let place = place(given.environment);
        json!({
            "environments": [with(
                shapes::place(OWNER, name, place.id, &place.name),
                json!({ "created_at": shapes::LONG_AGO, "updated_at": shapes::LONG_AGO }),
            )],
            "state": given.state, "comment": given.comment, "user": shapes::user(&given.user),
        })
    });
    Value::Array(all.collect())
}

fn release_shape(repo: &str, release: &Release) -> Value {
    shapes::release(OWNER, repo, release.id, &release.tag, release.published.map(text).as_deref())
}

fn deployment_shape(repo: &str, one: &Deployment) -> Value {
    let base = format!("{API}/repos/{OWNER}/{repo}");
    json!({
        "id": one.id, "node_id": "DE_1", "sha": one.sha, "ref": one.reference, "task": "deploy", "payload": {},
        "environment": one.environment, "original_environment": one.environment, "description": null,
        "creator": shapes::user("github-actions[bot]"), "created_at": text(one.created),
        "updated_at": text(one.created), "url": format!("{base}/deployments/{}", one.id),
        "statuses_url": format!("{base}/deployments/{}/statuses", one.id), "repository_url": base,
        "transient_environment": false, "production_environment": false,
    })
}

/// Newest first, as GitHub lists them.
fn status_shapes(repo: &str, one: &Deployment) -> Vec<Value> {
    let base = format!("{API}/repos/{OWNER}/{repo}");
    let log = format!("{WEB}/{OWNER}/{repo}/actions/runs/{}/job/{}", one.run, one.run * 10 + 1);
    let shape = |((state, at), number): (&(String, DateTime<Utc>), u64)| {
        json!({
            "id": one.id * 100 + number, "node_id": "DES_1", "state": state, "description": "",
            "environment": one.environment, "creator": shapes::user("github-actions[bot]"),
            "target_url": log, "log_url": log, "environment_url": "https://shop.example.org/", "created_at": text(*at),
            "updated_at": text(*at), "url": format!("{base}/deployments/{}/statuses/{number}", one.id),
            "deployment_url": format!("{base}/deployments/{}", one.id), "repository_url": base,
        })
    };
    let mut all: Vec<Value> = one.statuses.iter().zip(1..).map(shape).collect();
    all.reverse();
    all
}

/// One page of a list, with a link to the next one in GitHub's spelling.
fn listed<T>(
    request: &Request,
    number: &str,
    all: &[T],
    under: Option<&str>,
    shape: impl Fn(&T) -> Value,
) -> Response {
    let asked = |name: &str, usual: usize| {
        request.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (size, page) = (asked("per_page", 30).min(100), asked("page", 1).max(1));
    let total = all.len();
    let items: Vec<Value> = all.iter().skip((page - 1) * size).take(size).map(shape).collect();
    let body = match under {
        Some(name) => json!({ "total_count": total, name: items }),
        None => Value::Array(items),
    };
    let response = Response::json(200, &body);
    if page * size >= total {
        return response;
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(request.query.iter().filter(|(name, _)| name != "page"));
    query.append_pair("page", &(page + 1).to_string());
    let host = request.header("host").unwrap_or_default();
    let next = format!("http://{host}/{number}?{}", query.finish());
    response.with("link", format!("<{next}>; rel=\"next\", <http://{host}/{number}?page=99>; rel=\"last\""))
}

fn conditional(request: &Request, response: Response) -> Response {
    if request.method != "GET" || response.status != 200 {
        return response;
    }
    let mut hasher = DefaultHasher::new();
    response.body.hash(&mut hasher);
    let tag = format!("W/\"{:x}\"", hasher.finish());
    if request.header("if-none-match") == Some(&tag) {
        return Response::text(304, "").with("etag", tag);
    }
    response.with("etag", tag)
}

fn error(status: u16, message: &str) -> Response {
    let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() });
    Response::json(status, &body)
}

fn not_found() -> Response {
    error(404, "Not Found")
}
