//! Measures what looking at 500 pipelines on five hosts costs, one JSON object a line.
//!
//! The hosts are servers on loopback in this process; the floor is a bare client that sends the same requests.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::time::{ClockId, clock_gettime};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use signalbox_app::{Config, Desk, Moment};
use signalbox_pipelines::http::Hosts;
use signalbox_pipelines::testing::server::{Request, Response, Server};
use signalbox_tests::bench::{Measure, PASSPHRASE, call};

/// How many hosts there are, and pipelines on each.
const HOSTS: usize = 5;
const PIPELINES: usize = 100;
/// How many runs each job remembers.
const RUNS: i64 = 20;
/// How often every pipeline is looked at; the medians are reported.
const ROUNDS: usize = 5;
/// For how long the desk keeps its own pace while the processor's time is counted.
const WATCHED: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let servers = servers().await?;
    let desk = Desk::open_with(config(folder.path()), Hosts::hurried()).map_err(refused)?;
    fill(&desk, &servers).await?;
    rounds(&desk, &servers).await?.print()?;
    drop(desk);
    at_its_own_pace(folder.path(), &servers).await?.print()?;
    drop(folder);
    // Looks that wait for their turn would take longer than anyone waits for the end.
    std::process::exit(0)
}

/// Every pipeline is looked at once, with nothing new to be seen.
async fn rounds(desk: &Arc<Desk>, servers: &[Server]) -> Result<Measure<'static>> {
    look_at_all(desk).await?;
    let before = asked(servers);
    look_at_all(desk).await?;
    let requests = since(servers, &before);
    let (mut rounds, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        look_at_all(desk).await?;
        rounds.push(begin.elapsed());
        let begin = Instant::now();
        bare(&requests).await?;
        floors.push(begin.elapsed());
    }
    eprintln!("a round: {} requests for {} pipelines", requests.len(), HOSTS * PIPELINES);
    Measure::of_times("poll_500_round", &rounds, &floors)
}

/// The desk keeps the pace that each host publishes. The processor's time is compared, not the clock's.
async fn at_its_own_pace(folder: &Path, servers: &[Server]) -> Result<Measure<'static>> {
    let desk = Desk::open(config(folder)).map_err(refused)?;
    desk.start();
    // What a start does once is over by then.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = asked(servers);
    let busy = processor();
    tokio::time::sleep(WATCHED).await;
    let busy = processor().saturating_sub(busy);
    let requests = since(servers, &before);
    ensure!(!requests.is_empty(), "nothing was looked at");
    let bare_began = processor();
    bare(&requests).await?;
    let floor = processor().saturating_sub(bare_began);
    let part = busy.as_secs_f64() / WATCHED.as_secs_f64() * 100.0;
    eprintln!("at its own pace: {} requests in {WATCHED:?}, {part:.2} % of one core", requests.len());
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    Ok(Measure::new("poll_500_processor_a_minute", "ms", millis(busy), millis(floor)))
}

async fn look_at_all(desk: &Arc<Desk>) -> Result<()> {
    let seen = call(desk, "builds_scan", json!({ "service": null })).await?;
    ensure!(seen["problems"] == json!([]), "a pipeline could not be looked at: {seen}");
    Ok(())
}

/// Sends requests one after the other, as plainly as can be, and reads the answers as JSON.
async fn bare(requests: &[(String, Request)]) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    for (base, request) in requests {
        let url = format!("{base}{}", request.path);
        let mut sent = client.get(url).query(&request.query);
        for name in ["authorization", "if-none-match"] {
            if let Some(value) = request.header(name) {
                sent = sent.header(name, value);
            }
        }
        let body = sent.send().await?.bytes().await?;
        // An unchanged answer has no body.
        let _ = serde_json::from_slice::<IgnoredAny>(&body);
    }
    Ok(())
}

fn asked(servers: &[Server]) -> Vec<usize> {
    servers.iter().map(|server| server.seen().len()).collect()
}

fn since(servers: &[Server], before: &[usize]) -> Vec<(String, Request)> {
    let of = |(server, before): (&Server, &usize)| {
        let base = server.base().to_owned();
        let seen = server.seen().into_iter().skip(*before);
        seen.map(move |request| (base.clone(), request)).collect::<Vec<_>>()
    };
    servers.iter().zip(before).flat_map(of).collect()
}

fn processor() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), u32::try_from(spent.tv_nsec).unwrap_or(0))
}

/// The sample's desk with five connections more, and a service for each of their pipelines.
async fn fill(desk: &Arc<Desk>, servers: &[Server]) -> Result<()> {
    // Its process is in force, and its own services are on this machine.
    let create = json!({ "folder": null, "secrets": "file", "passphrase": PASSPHRASE });
    call(desk, "sample_create", create).await?;
    let product = call(desk, "desk_show", json!({})).await?["products"][0]["id"].clone();
    for (number, server) in servers.iter().enumerate() {
        let address = json!({ "base": server.base(), "account": "ada", "ca_file": null, "options": {} });
        let name = format!("CI {number}");
        let add = json!({ "kind": "jenkins", "name": name, "address": address, "secret": "a-token" });
        let connection = call(desk, "connection_add", add).await?["id"].clone();
        // The pipelines move builds by themselves: nothing is deployed, so that looking alone is measured.
        let stages = json!([{ "stage": "dev", "way": "gated", "remote": "dev", "gate": null }]);
        let row = |job: usize| json!({ "pipeline": job_name(job), "service": format!("s{number}-{job:02}"), "stages": stages });
        let rows: Vec<Value> = (0..PIPELINES).map(row).collect();
        let apply = json!({ "connection": connection, "product": product, "rows": rows });
        let outcomes = call(desk, "binding_apply", apply).await?;
        let rows = outcomes["rows"].as_array().context("no outcomes")?;
        if let Some(refused) = rows.iter().find(|row| row["done"] != true) {
            bail!("a pipeline was not taken over: {refused}");
        }
    }
    Ok(())
}

fn job_name(job: usize) -> String {
    format!("job-{job:02}")
}

async fn servers() -> Result<Vec<Server>> {
    let mut servers = Vec::with_capacity(HOSTS);
    for _ in 0..HOSTS {
        servers.push(Server::start(jenkins).await?);
    }
    Ok(servers)
}

/// A run that put its version into the first stage.
fn run(number: i64) -> Value {
    let parameter = |name: &str, value: String| json!({ "name": name, "value": value });
    let parameters = [parameter("VERSION", format!("1.0.{number}")), parameter("ENVIRONMENT", "dev".into())];
    json!({
        "number": number, "queueId": number, "result": "SUCCESS", "building": false,
        "timestamp": 1_790_000_000_000_i64 + number * 60_000, "duration": 30_000,
        "actions": [{ "parameters": parameters }, { "lastBuiltRevision": { "SHA1": format!("{number:040x}") } }],
        "changeSets": [],
    })
}

/// A Jenkins with jobs that take a version and a stage.
fn jenkins(request: &Request) -> Response {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let body = match segments.as_slice() {
        ["me", "api", "json"] => json!({ "id": "ada", "fullName": "Ada" }),
        ["api", "json"] => {
            let job = |job| json!({ "name": job_name(job), "_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob" });
            json!({ "jobs": (0..PIPELINES).map(job).collect::<Vec<_>>() })
        }
        ["queue", "api", "json"] => json!({ "items": [] }),
        ["job", _, "wfapi", "describe"] => json!({}),
        ["job", _, "wfapi", "runs"] => {
            let described =
                |number: i64| json!({ "id": number.to_string(), "name": format!("#{number}"), "stages": [] });
            json!((1..=RUNS).rev().map(described).collect::<Vec<_>>())
        }
        ["job", _, "api", "json"] => {
            let text = |name: &str| json!({ "name": name, "type": "StringParameterDefinition" });
            let stage = json!({ "name": "ENVIRONMENT", "type": "ChoiceParameterDefinition", "choices": ["dev", "qa", "prod"] });
            let parameters = json!([text("VERSION"), stage, text("OPERATION")]);
            let builds: Vec<Value> = (1..=RUNS).rev().map(run).collect();
            json!({ "buildable": true, "property": [{ "parameterDefinitions": parameters }], "builds": builds })
        }
        _ => return Response::text(404, "no such page"),
    };
    Response::json(200, &body).with("x-jenkins", "2.528.1")
}

fn config(folder: &Path) -> Config {
    Config {
        folder: folder.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        clock: || Moment::new(chrono::Utc::now()),
        ids: || uuid::Uuid::now_v7().to_string(),
        environment: std::env::vars_os().collect(),
        passphrase: Some(PASSPHRASE.to_owned()),
    }
}

fn refused(error: signalbox_app::wire::WireError) -> anyhow::Error {
    anyhow::anyhow!("{}: {}", error.code, error.message)
}
