//! GitHub's own description judges us: Prism, fed with it, looks at every request that the system makes and at
//! every answer of the fake. `tests/judges/slice-github.mjs` says what of the description is used.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::{Value, json};
use signalbox_pipelines::testing::server::{Request, Response, Server};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::bench::GitHub;
use super::play;

const NOT_INSTALLED: &str = "the judge is not installed; run: cargo xtask setup";

#[tokio::test(flavor = "multi_thread")]
async fn every_request_and_every_answer_is_as_github_describes_it() {
    let github = GitHub::start().await;
    play::whole(&github).await;
    let mut exchanges = github.exchanges.lock().unwrap().clone();
    // Unchanged answers have no body, and refusals are not described.
    exchanges.retain(|(_, response)| response.status < 304);
    for (request, _) in &mut exchanges {
        request.path = by_name(&github, &request.path);
    }
    // Much is asked again and again; each different question and answer is judged once.
    let mut judged = BTreeSet::new();
    exchanges.retain(|(request, response)| {
        judged.insert(format!(
            "{} {} {:?} {} {}",
            request.method, request.path, request.query, request.body, response.body
        ))
    });
    let description = description();
    let played: BTreeSet<String> =
        exchanges.iter().filter_map(|(request, _)| operation(&description, request)).collect();
    assert_eq!(operations(&description), played, "described, and never asked");

    let mut objections = Vec::new();
    for (request, _) in &exchanges {
        objections.extend(unknown_parameters(&description, request));
    }
    let judge = Judge::of(exchanges).await;
    objections.extend(judge.objections().await);
    assert!(objections.is_empty(), "{objections:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_judge_sees_wrong_requests_and_wrong_answers() {
    // Prepares the client's secure connections, which the judge's client shares.
    let _github = GitHub::start().await;
    let run = "/repos/acme/shop/actions/runs/42";
    let review = format!("{run}/pending_deployments");
    let dispatch = "/repos/acme/shop/actions/workflows/deploy.yml/dispatches".to_owned();
    let good = json!({ "environment_ids": [1], "state": "approved", "comment": "seen" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let many: serde_json::Map<String, Value> =
        (0..26).map(|number| (format!("I{number}"), json!("x"))).collect();
    let wrong = vec![
        asked("POST", &review, "", with("state", json!("approve"))),
        asked("POST", &review, "", with("environment_ids", json!(["prod"]))),
        asked("POST", &review, "", with("more", json!(1))),
        asked("POST", &review, "", json!({ "environment_ids": [1], "state": "approved" })),
        asked("PUT", &review, "", good.clone()),
        asked("POST", &review.replace("42", "abc"), "", good),
        asked("POST", &dispatch, "", json!({ "inputs": {} })),
        asked("POST", &dispatch, "", json!({ "ref": "v1", "inputs": many })),
        asked("POST", &dispatch, "", json!({ "ref": "v1", "return_run_details": "yes" })),
        asked("POST", &dispatch, "", json!({ "ref": "v1", "return_run_detail": true })),
        asked("GET", "/repos/acme/shop/actions/workflows/deploy.yml/runs", "status=wating", Value::Null),
        asked("GET", "/repos/acme/shop/actions/runers", "", Value::Null),
        answered(run, json!({ "id": 42 })),
        answered(
            &review,
            json!([{ "environment": {}, "current_user_can_approve": "yes", "reviewers": [],
            "wait_timer": 0, "wait_timer_started_at": null }]),
        ),
        answered("/repos/acme/shop/tags", json!([{ "name": "v1" }])),
    ];
    let count = wrong.len();
    let objections = Judge::of(wrong).await.objections().await;
    assert_eq!(objections.len(), count, "{objections:#?}");

    let misspelt = asked("GET", "/repos/acme/shop/deployments", "enviroment=qa", Value::Null);
    assert_eq!(unknown_parameters(&description(), &misspelt.0).len(), 1);
}

/// An exchange whose request is to be judged.
fn asked(method: &str, path: &str, query: &str, body: Value) -> (Request, Response) {
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers = vec![("content-type".into(), "application/json".into())];
    (Request { method: method.into(), path: path.into(), query, headers, body }, Response::text(204, ""))
}

/// An exchange whose answer is to be judged.
fn answered(path: &str, body: Value) -> (Request, Response) {
    let (request, _) = asked("GET", path, "", Value::Null);
    (request, Response::json(200, &body))
}

/// Prism before a server that gives the recorded answers again.
struct Judge {
    base: String,
    exchanges: Arc<Vec<(Request, Response)>>,
    _prism: Child,
    _recorded: Server,
}

/// Says which recorded exchange a request belongs to.
const EXCHANGE: &str = "x-exchange";

impl Judge {
    async fn of(exchanges: Vec<(Request, Response)>) -> Self {
        let exchanges = Arc::new(exchanges);
        let given = Arc::clone(&exchanges);
        let recorded = Server::start(move |request| {
            let number: usize = request.header(EXCHANGE).unwrap().parse().unwrap();
            let mut response = given[number].1.clone();
            // Prism would follow it.
            response.headers.retain(|(name, _)| name != "location");
            response
        });
        let recorded = recorded.await.unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let program = tools().join("node_modules/@stoplight/prism-cli/dist/index.js");
        assert!(program.is_file(), "{NOT_INSTALLED}");
        let mut prism = Command::new("node")
            .arg(program)
            .args(["proxy", "--errors", "--host", "127.0.0.1", "--port", &free.to_string()])
            .arg(tools().join("github.json"))
            .arg(recorded.base())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect(NOT_INSTALLED);
        let mut lines = BufReader::new(prism.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("Prism is listening") {
                break;
            }
        }
        // It goes on talking, and must not wait for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { base: format!("http://127.0.0.1:{free}"), exchanges, _prism: prism, _recorded: recorded }
    }

    /// Sends every request again, and returns what Prism has against it or against its answer.
    async fn objections(&self) -> Vec<String> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut objections = Vec::new();
        for (number, (request, response)) in self.exchanges.iter().enumerate() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&request.query);
            let url = format!("{}{}?{}", self.base, request.path, query.finish());
            let method: reqwest::Method = request.method.parse().unwrap();
            let mut call = client.request(method, url).header(EXCHANGE, number.to_string());
            for name in ["accept", "content-type", "x-github-api-version"] {
                if let Some(value) = request.header(name) {
                    call = call.header(name, value);
                }
            }
            let judged = call.body(request.body.clone()).send().await.unwrap();
            let status = judged.status().as_u16();
            if status != response.status {
                let words = judged.text().await.unwrap();
                let place = format!("{} {} {}", request.method, request.path, request.body);
                objections.push(format!("{place}: {status} in place of {}: {words:.1500}", response.status));
            }
        }
        objections
    }
}

fn tools() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/judges"))
}

fn description() -> Value {
    let text = std::fs::read_to_string(tools().join("github.json")).expect(NOT_INSTALLED);
    serde_json::from_str(&text).unwrap()
}

/// Every operation of the description, as `GET /path/{parameter}`.
fn operations(description: &Value) -> BTreeSet<String> {
    let paths = description["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| -> Vec<String> {
        methods
            .as_object()
            .unwrap()
            .keys()
            .map(|method| format!("{} {path}", method.to_uppercase()))
            .collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Finds the operation that a request is: the one with the most fixed words.
fn operation(description: &Value, request: &Request) -> Option<String> {
    let path: Vec<&str> = request.path.split('/').collect();
    let fits = |known: &&String| {
        let (method, template) = known.split_once(' ').unwrap();
        let template: Vec<&str> = template.split('/').collect();
        let same = |(word, given): (&&str, &&str)| word == given || word.starts_with('{');
        method == request.method && template.len() == path.len() && template.iter().zip(&path).all(same)
    };
    let all = operations(description);
    all.iter().filter(fits).min_by_key(|known| known.matches('{').count()).cloned()
}

/// Prism lets unknown query parameters pass; GitHub ignores them, which is worse.
fn unknown_parameters(description: &Value, request: &Request) -> Vec<String> {
    let Some(operation) = operation(description, request) else {
        return vec![format!("unknown: {}", request.path)];
    };
    let (method, path) = operation.split_once(' ').unwrap();
    let declared = description["paths"][path][method.to_lowercase()]["parameters"]
        .as_array()
        .unwrap_or(const { &Vec::new() });
    let named = |parameter: &Value| {
        let resolved = match parameter["$ref"].as_str() {
            Some(place) => description.pointer(place.trim_start_matches('#')).unwrap(),
            None => parameter,
        };
        resolved["name"].as_str().unwrap().to_owned()
    };
    let known: BTreeSet<String> = declared.iter().map(named).collect();
    let unknown = request.query.iter().filter(|(name, _)| !known.contains(name));
    unknown.map(|(name, _)| format!("{operation} has no parameter {name}")).collect()
}

/// Spells a further page's address by the repository's name again, as the description does.
fn by_name(github: &GitHub, path: &str) -> String {
    let Some((id, rest)) = path.strip_prefix("/repositories/").and_then(|rest| rest.split_once('/')) else {
        return path.to_owned();
    };
    let world = github.world();
    let repo = world.repos.iter().find(|repo| repo.id.to_string() == id).unwrap();
    format!("/repos/acme/{}/{rest}", repo.name)
}
