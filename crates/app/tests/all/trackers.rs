//! Features at their tracker: looked at, taken over, shown beside our own.

use crate::desk::Bench;
use serde_json::{Value, json};
use signalbox_pipelines::testing::server::{Fault, Request, Response, Server};
use std::time::{Duration, Instant};

/// Starts a Jira Data Center with one project, one version and three features. The shapes are those of its
/// REST interface, version 2.
async fn jira() -> Server {
    Server::start(|request: &Request| {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let jql = request.parameter("jql").unwrap_or_default();
        let body: Value = match segments.as_slice() {
            ["rest", "api", "2", "serverInfo"] => json!({ "deploymentType": "Server", "version": "10.3.0" }),
            ["rest", "api", "2", "myself"] => json!({ "displayName": "Reader" }),
            ["rest", "api", "2", "project", "SHOP", "version"] => {
                json!({ "startAt": 0, "isLast": true, "values": [{ "id": "1", "name": "2.8" }] })
            }
            ["rest", "api", "2", "version", "1", "unresolvedIssueCount"] => {
                json!({ "issuesUnresolvedCount": 2 })
            }
            ["rest", "api", "2", "search"] if jql.contains("SHOP-99") => {
                return Response::text(400, "no such issue");
            }
            ["rest", "api", "2", "search"] => {
                let keys = ["SHOP-1", "SHOP-2", "SHOP-3"];
                let wanted = keys
                    .iter()
                    .filter(|key| jql.contains("fixVersion") || jql.contains(&format!("\"{key}\"")));
                let issues: Vec<Value> = wanted.map(|key| issue(key)).collect();
                json!({ "startAt": 0, "total": issues.len(), "issues": issues })
            }
            ["rest", "api", "2", "issue", "SHOP-99"] => return Response::text(404, "no such issue"),
            ["rest", "api", "2", "issue", key] => issue(key),
            _ => return Response::text(404, "no such page"),
        };
        Response::json(200, &body)
    })
    .await
    .unwrap()
}

fn issue(key: &str) -> Value {
    let status = json!({ "name": "In progress", "statusCategory": { "key": "indeterminate" } });
    json!({ "key": key, "fields": { "summary": format!("Title of {key}\u{202e}"), "status": status, "fixVersions": [{ "name": "2.8" }] } })
}

async fn connect(bench: &Bench, server: &Server) -> String {
    let request = json!({ "kind": "jira", "name": "Jira", "address": { "base": server.base() }, "secret": "token-of-jira" });
    bench.call("connection_add", request).await["id"].as_str().unwrap().to_owned()
}

async fn product(bench: &Bench) -> Value {
    bench.call("desk_show", json!({})).await["products"][0]["id"].clone()
}

fn courses(outcomes: &Value) -> Vec<(&str, &str)> {
    let rows = outcomes["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["key"].as_str().unwrap(), row["course"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_versions_features_are_taken_over_once_and_a_dry_run_records_nothing() {
    let bench = Bench::own().await;
    let server = jira().await;
    let connection = connect(&bench, &server).await;
    let product = product(&bench).await;
    let versions =
        bench.call("tracker_versions", json!({ "connection": connection, "project": "SHOP" })).await;
    assert_eq!(versions["versions"][0]["name"], "2.8");
    let look = json!({ "connection": connection, "project": "SHOP", "version": "2.8" });
    let found = bench.call("tracker_look", look.clone()).await;
    assert_eq!(found["features"].as_array().unwrap().len(), 3);
    assert_eq!(
        found["features"][0]["title"], "Title of SHOP-1⟨U+202E⟩",
        "what comes from there is made safe"
    );
    let import = |keys: &[&str], dry_run: bool| json!({ "connection": connection, "product": product, "keys": keys, "dry_run": dry_run });
    let dry = bench.call("tracker_import", import(&["SHOP-1", "SHOP-99"], true)).await;
    assert_eq!(courses(&dry), [("SHOP-1", "taken"), ("SHOP-99", "absent")]);
    let none = bench.call("feature_list", json!({ "product": null, "text": "" })).await;
    assert_eq!(none["features"], json!([]));
    bench.call("tracker_import", import(&["SHOP-1"], false)).await;
    let again = bench.call("tracker_import", import(&["SHOP-1", "SHOP-2"], false)).await;
    assert_eq!(courses(&again), [("SHOP-1", "known"), ("SHOP-2", "taken")]);
    let found = bench.call("tracker_look", look).await;
    let known: Vec<_> =
        found["features"].as_array().unwrap().iter().map(|each| each["known"].clone()).collect();
    assert_eq!(known, [true, true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_features_state_at_the_tracker_is_remembered_and_never_waits_for_long() {
    let bench = Bench::own().await;
    let server = jira().await;
    let connection = connect(&bench, &server).await;
    let import = json!({ "connection": connection, "product": product(&bench).await, "keys": ["SHOP-1"] });
    bench.call("tracker_import", import).await;
    let shown = bench.call("feature_tracked", json!({ "feature": "SHOP-1" })).await;
    assert_eq!(shown["tracked"]["status"], "In progress");
    assert_eq!(shown["tracker"], "Jira");
    let calls = server.seen().len();
    bench.call("feature_tracked", json!({ "feature": "SHOP-1" })).await;
    assert_eq!(server.seen().len(), calls, "what was said a moment ago is remembered");
    server.spoil(Fault::Silence, |_| true);
    let begun = Instant::now();
    bench.call("feature_show", json!({ "feature": "SHOP-1", "build": null })).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_has_no_pipelines_and_a_pipeline_system_tracks_no_features() {
    let bench = Bench::own().await;
    let server = jira().await;
    let connection = connect(&bench, &server).await;
    let tested = bench.call("connection_test", json!({ "connection": connection })).await;
    assert_eq!((&tested["ok"], &tested["version"]), (&json!(true), &json!("Jira Data Center 10.3.0")));
    let service = bench.service("shop").await;
    let bind = json!({ "service": service, "connection": connection, "pipeline": "shop" });
    assert_eq!(bench.refused("service_bind", bind).await.code, "connection.no-pipelines");
}
