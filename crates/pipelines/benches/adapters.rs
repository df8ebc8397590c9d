//! Measures what each adapter costs beside a bare client, one JSON object a line.
//!
//! The systems are those that the tests play, each on a server of its own on loopback.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints what it measured")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, unused_imports, unused_macros)]

use std::time::Duration;

use serde_json::json;
use signalbox_pipelines::testing::faults::FaultBench;
use signalbox_pipelines::testing::overhead::overhead;

#[path = "../tests/bamboo.rs"]
mod bamboo;
#[path = "../tests/codepipeline.rs"]
mod codepipeline;
#[path = "../tests/github.rs"]
mod github;
#[path = "../tests/gitlab.rs"]
mod gitlab;
#[path = "../tests/jenkins.rs"]
mod jenkins;
#[path = "../tests/spinnaker.rs"]
mod spinnaker;

/// How many looks are taken; the medians are reported.
const ROUNDS: usize = 200;

#[tokio::main]
async fn main() -> Result<(), String> {
    measure("call_bamboo", &bamboo::bench::Plant::new().await).await?;
    measure("call_codepipeline", &codepipeline::bench::Yard::new().await).await?;
    measure("call_github", &github::bench::GitHub::start().await).await?;
    let rules = gitlab::bench::premium();
    measure("call_gitlab", &gitlab::bench::GitLabBench::new(rules).await).await?;
    measure("call_jenkins", &jenkins::bench::Plant::new().await).await?;
    measure("call_spinnaker", &spinnaker::bench::Line::start().await).await
}

async fn measure(name: &str, bench: &dyn FaultBench) -> Result<(), String> {
    let found = overhead(bench, ROUNDS).await.map_err(|error| format!("{name}: {error}"))?;
    let a_call = |times: &[Duration]| median(times).as_secs_f64() * 1000.0 / found.requests as f64;
    let (value, floor) = (a_call(&found.adapter), a_call(&found.bare));
    let round = |number: f64, by: f64| (number * by).round() / by;
    let line = json!({
        "name": name, "value": round(value, 1000.0), "unit": "ms",
        "floor": round(floor, 1000.0), "ratio": round(value / floor, 100.0),
    });
    println!("{line}");
    eprintln!("{name}: {} requests a look", found.requests);
    Ok(())
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
