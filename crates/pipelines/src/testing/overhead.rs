//! What an adapter costs: one look at a pipeline, beside a bare client that sends the very same requests.

use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;

use crate::PipelineSystem;
use crate::testing::contract::Course;
use crate::testing::faults::FaultBench;
use crate::testing::server::Request;

/// Headers that the client makes by itself.
const OWN: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// How long looks took, through the adapter and without it, in turns.
#[derive(Clone, Debug)]
pub struct Overhead {
    /// How many requests one look sends.
    pub requests: usize,
    /// The looks through the adapter.
    pub adapter: Vec<Duration>,
    /// The same requests, sent one after the other and read as JSON.
    pub bare: Vec<Duration>,
}

/// Looks at the bench's pipeline again and again, in turns with a bare client.
///
/// # Errors
/// When a look or a request fails, or looks differ in what they ask for.
pub async fn overhead(bench: &dyn FaultBench, rounds: usize) -> Result<Overhead, String> {
    let pipeline = bench.plan(Course::Succeeds).pipeline;
    let system = bench.system();
    let look = async |system: &dyn PipelineSystem| system.look(&pipeline).await.map_err(|e| e.to_string());
    // What is asked once only, such as sessions and descriptions, belongs to no single look.
    look(system.as_ref()).await?;
    let before = bench.server().seen().len();
    look(system.as_ref()).await?;
    let asked = bench.server().seen().split_off(before);
    let client = reqwest::Client::builder().no_proxy().build().map_err(|e| e.to_string())?;
    let replayed = replay(&client, bench.server().base(), &asked)?;
    let (mut adapter, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begin = Instant::now();
        look(system.as_ref()).await?;
        adapter.push(begin.elapsed());
        let begin = Instant::now();
        for request in &replayed {
            let request = request.try_clone().ok_or("a request can't be sent twice")?;
            let answer = client.execute(request).await.map_err(|e| e.to_string())?;
            let status = answer.status();
            let body = answer.bytes().await.map_err(|e| e.to_string())?;
            // A text, such as a log, is no JSON; a missing page is an answer like any other.
            let _ = serde_json::from_slice::<IgnoredAny>(&body);
            if status.is_server_error() || status == reqwest::StatusCode::UNAUTHORIZED {
                return Err(format!("the bare request was answered with {status}"));
            }
        }
        bare.push(begin.elapsed());
    }
    let sent = bench.server().seen().len() - before;
    if sent != asked.len() * (1 + 2 * rounds) {
        return Err(format!("{sent} requests for {rounds} rounds of {}", asked.len()));
    }
    Ok(Overhead { requests: asked.len(), adapter, bare })
}

fn replay(client: &reqwest::Client, base: &str, asked: &[Request]) -> Result<Vec<reqwest::Request>, String> {
    let one = |seen: &Request| -> Result<reqwest::Request, String> {
        let method = seen.method.parse::<reqwest::Method>().map_err(|e| e.to_string())?;
        let mut headers = HeaderMap::new();
        for (name, value) in seen.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            let name = name.parse::<HeaderName>().map_err(|e| e.to_string())?;
            headers.append(name, HeaderValue::from_str(value).map_err(|e| e.to_string())?);
        }
        let request = client.request(method, format!("{base}{}", seen.path)).query(&seen.query);
        request.headers(headers).body(seen.body.clone()).build().map_err(|e| e.to_string())
    };
    asked.iter().map(one).collect()
}
