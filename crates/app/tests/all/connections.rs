//! Connections to remote systems: addresses, secrets, tests, bindings.

use crate::desk::{Bench, codes};
use crate::jenkins::{basic, jenkins};
use serde_json::{Value, json};
use signalbox_pipelines::testing::server::Fault;
use std::path::Path;
use std::time::{Duration, Instant};

/// A secret that must never be seen again.
const TOKEN: &str = "planted-4f1c-token";

fn address(base: &str) -> Value {
    json!({ "base": base, "account": "ada", "ca_file": null })
}

async fn connect(bench: &Bench, base: &str) -> String {
    let request = json!({ "kind": "jenkins", "name": "CI", "address": address(base), "secret": TOKEN });
    bench.call("connection_add", request).await["id"].as_str().unwrap().to_owned()
}

async fn only(bench: &Bench) -> Value {
    bench.call("connection_list", json!({})).await["connections"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_tells_what_it_asks_for_and_which_field_is_secret() {
    let bench = Bench::empty();
    let kinds = bench.call("connection_kinds", json!({})).await;
    let kinds = kinds["kinds"].as_array().unwrap();
    let jenkins = kinds.iter().find(|kind| kind["kind"] == "jenkins").unwrap();
    let fields = jenkins["fields"].as_array().unwrap();
    let secret: Vec<_> = fields.iter().filter(|field| field["secret"] == true).collect();
    assert_eq!(secret.len(), 1);
    assert!(fields.iter().all(|field| field["hint"].as_str().is_some_and(|hint| !hint.is_empty())));
    assert!(kinds.iter().all(|kind| kind["least"].as_str().is_some_and(|least| least.ends_with('.'))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_tested_before_it_is_added_and_says_what_the_system_can_and_can_not() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web", "shop-api", "other"], TOKEN).await;
    let request =
        json!({ "kind": "jenkins", "address": address(server.base()), "secret": TOKEN, "prefix": "shop-" });
    let found = bench.call("connection_test", request).await;
    assert_eq!(found["ok"], true, "{found}");
    assert_eq!(found["account"], "Ada ␛[31mByron (ada)", "what comes from there can't repaint a terminal");
    assert_eq!(found["pipelines"].as_array().unwrap().len(), 2);
    assert_eq!(found["proxy"], "Straight, without a proxy.");
    let capabilities = found["capabilities"].as_array().unwrap();
    let able = |name: &str| capabilities.iter().find(|each| each["name"] == name).unwrap()["able"].clone();
    assert_eq!(able("Choose a build"), true);
    assert_eq!(able("Tell of changes by itself"), false);
    assert!(capabilities.iter().any(|each| each["name"] == "Its own roll-back"));
    assert_eq!(
        bench.call("connection_list", json!({})).await["connections"],
        json!([]),
        "nothing is recorded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused_with_a_next_step_and_adds_nothing() {
    let bench = Bench::own().await;
    let server = jenkins(&[], "another").await;
    let request =
        json!({ "kind": "jenkins", "name": "CI", "address": address(server.base()), "secret": TOKEN });
    let refused = bench.refused("connection_add", request).await;
    assert_eq!(refused.code, "remote.auth", "{refused:?}");
    assert!(refused.hint.contains("secret"), "{refused:?}");
    assert_eq!(bench.call("connection_list", json!({})).await["connections"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_left_out_is_told_at_once() {
    let bench = Bench::own().await;
    let address = json!({ "base": "", "account": null, "ca_file": null, "options": { "colour": "red" } });
    let request = json!({ "kind": "jenkins", "name": "CI", "address": address });
    let refused = bench.refused("connection_add", request).await;
    let missing = codes(&refused).into_iter().filter(|code| *code == "connection.field-missing").count();
    assert_eq!(missing, 2, "{refused:?}");
    assert!(codes(&refused).contains(&"secret.missing"), "{refused:?}");
    assert!(codes(&refused).contains(&"connection.field-unknown"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_encryption_needs_the_typed_name_of_its_host() {
    let bench = Bench::own().await;
    // A name that resolves nowhere: what is refused before is never sent.
    let base = "http://ci.invalid:8080/";
    let request = |typed: Value| json!({ "kind": "jenkins", "address": address(base), "secret": TOKEN, "typed_host": typed });
    for typed in [json!(null), json!("ci"), json!("ci.invalid.example")] {
        let refused = bench.refused("connection_test", request(typed)).await;
        assert_eq!(refused.code, "address.plain-http", "{refused:?}");
    }
    let refused = bench.refused("connection_test", request(json!("CI.invalid"))).await;
    assert_ne!(refused.code, "address.plain-http", "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_secret_is_said_in_the_list_and_stops_only_its_connection() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    assert_eq!(only(&bench).await["secret"], "kept");
    bench.call("connection_secret_forget", json!({ "connection": connection })).await;
    let shown = only(&bench).await;
    assert_eq!(shown["secret"], "missing");
    assert_eq!(shown["problem"]["code"], "secret.missing");
    let refused = bench.refused("connection_test", json!({ "connection": connection })).await;
    assert_eq!(refused.code, "secret.missing");
    assert!(refused.hint.contains("Settings"), "{refused:?}");
    bench
        .call("connection_secret_set", json!({ "connection": connection, "secret": format!("{TOKEN}\n") }))
        .await;
    assert_eq!(bench.call("connection_test", json!({ "connection": connection })).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_opens_the_connection_again() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    bench.call("connection_test", json!({ "connection": connection })).await;
    bench.call("connection_secret_set", json!({ "connection": connection, "secret": "outdated" })).await;
    let refused = bench.refused("connection_test", json!({ "connection": connection })).await;
    assert_eq!(refused.code, "remote.auth");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_never_sent_to_another_origin() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let elsewhere = jenkins(&[], "another").await;
    let connection = connect(&bench, server.base()).await;
    let moved = json!({ "connection": connection, "address": address(elsewhere.base()) });
    let refused = bench.refused("connection_test", moved.clone()).await;
    assert_eq!(refused.code, "secret.missing");
    assert_eq!(bench.refused("connection_address", moved).await.code, "secret.missing");
    // Even a database that was changed behind the program's back leads it nowhere else.
    let database = rusqlite::Connection::open(bench.folder.path().join("signalbox.db")).unwrap();
    let doc = json!({ "base": elsewhere.base(), "account": "ada", "proxy": "system", "plain_http": false });
    database.execute("UPDATE connection_address SET doc = ?1", [doc.to_string()]).unwrap();
    let marks: String = database
        .query_row("SELECT doc FROM setting WHERE key = 'connection-secrets'", [], |row| row.get(0))
        .unwrap();
    let forged = marks.replace(server.base(), elsewhere.base());
    assert_ne!(marks, forged);
    database.execute("UPDATE setting SET doc = ?1 WHERE key = 'connection-secrets'", [forged]).unwrap();
    let refused = bench.refused("connection_test", json!({ "connection": connection })).await;
    assert_eq!(refused.code, "secret.other-place");
    let sent = elsewhere.seen();
    assert!(sent.iter().all(|request| request.header("authorization") != Some(&basic(TOKEN))), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pointing_a_connection_elsewhere_removes_the_secret_of_the_earlier_place() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let elsewhere = jenkins(&["shop-web"], "another").await;
    let connection = connect(&bench, server.base()).await;
    let there =
        json!({ "connection": connection, "address": address(elsewhere.base()), "secret": "another" });
    bench.call("connection_address", there).await;
    assert_eq!(bench.call("connection_test", json!({ "connection": connection })).await["ok"], true);
    let back = json!({ "connection": connection, "address": address(server.base()) });
    assert_eq!(bench.refused("connection_address", back).await.code, "secret.missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_never_answers_blocks_nothing_else() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    for _ in 0..50 {
        server.spoil(Fault::Silence, |_| true);
    }
    let desk = bench.desk.clone();
    let request = json!({ "connection": connection });
    let test = tokio::spawn(async move { desk.call("connection_test", request).await });
    let begun = Instant::now();
    for command in ["inbox_list", "connection_list", "settings_show", "connection_kinds"] {
        bench.call(command, json!({})).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let refused = test.await.unwrap().unwrap_err();
    assert_eq!(refused.code, "remote.timeout", "{refused:?}");
    assert!(refused.retryable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_bound_stage_by_stage_and_what_is_not_there_is_refused() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    let service = bench.service("shop").await;
    let ask = json!({ "connection": connection, "pipeline": "shop-web", "service": service });
    let suggestion = bench.call("binding_suggest", ask).await;
    assert_eq!(suggestion["lists_gates"], false, "an input step shows only while a run waits at it");
    let dev = &suggestion["stages"][0];
    assert_eq!(
        (&dev["stage"]["key"], &dev["remote"], &dev["way"]),
        (&json!("DEV"), &json!("dev"), &json!("driven"))
    );
    assert!(dev["why"].as_str().unwrap().contains("dev"));
    let map = |stage: &str, way: &str, remote: Value| json!({ "stage": stage, "way": way, "remote": remote, "gate": null });
    let bind = |stages: Value| json!({ "service": service, "connection": connection, "pipeline": "shop-web", "stages": stages });
    let wrong = json!([map("DEV", "driven", json!("staging")), { "stage": "QA", "way": "gated", "remote": "QA", "gate": "Nobody" }]);
    let refused = bench.refused("service_bind", bind(wrong)).await;
    assert_eq!(codes(&refused), ["binding.remote-unknown", "binding.gate-unknown"], "{refused:?}");
    let right = json!([
        map("DEV", "gated", json!("dev")),
        map("QA", "driven", json!("QA")),
        map("PROD", "by_hand", json!(null))
    ]);
    bench.call("service_bind", bind(right)).await;
    let shown = bench.call("connection_list", json!({})).await["bindings"][0].clone();
    assert_eq!(
        shown["stages"],
        json!([
            { "stage": "DEV", "way": "gated", "remote": "dev", "gate": null },
            { "stage": "QA", "way": "driven", "remote": "QA", "gate": null }
        ]),
        "in the order of the process"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_by_prefix_tells_matches_near_misses_and_what_would_become_of_each() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web", "shop-api", "Shop-old", "other"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    let product = bench.call("desk_show", json!({})).await["products"][0]["id"].clone();
    let entries = || bench.call("ledger_list", json!({ "filter": {}, "before": null, "limit": 1 }));
    let before = entries().await["size"].clone();
    let ask = json!({ "connection": connection, "product": product, "prefix": "shop-" });
    let dry = bench.call("binding_dry_run", ask.clone()).await;
    let names: Vec<_> = dry["rows"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["shop-api", "shop-web"]);
    assert_eq!(dry["rows"][0]["course"], "add");
    assert_eq!(dry["rows"][0]["stages"][0]["remote"], "dev");
    assert_eq!(dry["near_misses"][0]["name"], "Shop-old", "{dry}");
    assert_eq!(dry["apply"]["allowed"], true, "{dry}");
    assert_eq!(entries().await["size"], before, "nothing is recorded");
    let row = &dry["rows"][1];
    let stages: Vec<Value> = row["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| json!({ "stage": stage["stage"]["key"], "way": stage["way"], "remote": stage["remote"], "gate": stage["gate"] }))
        .collect();
    let rows = json!([{ "pipeline": row["pipeline"], "service": row["service"], "stages": stages }]);
    bench.call("binding_apply", json!({ "connection": connection, "product": product, "rows": rows })).await;
    let dry = bench.call("binding_dry_run", ask).await;
    assert_eq!(dry["rows"][1]["course"], "bound");
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_are_taken_over_each_with_its_own_outcome() {
    let bench = Bench::own().await;
    let server = jenkins(&["shop-web", "shop-api"], TOKEN).await;
    let connection = connect(&bench, server.base()).await;
    let product = bench.call("desk_show", json!({})).await["products"][0]["id"].clone();
    let row = |pipeline: &str, service: &str| json!({ "pipeline": pipeline, "service": service });
    let rows = [row("shop-web", "shop-web"), row("nested/../gone", "gone"), row("shop-api", "not a name")];
    let request = json!({ "connection": connection, "product": product, "rows": rows });
    let outcomes = bench.call("binding_apply", request).await;
    let done: Vec<_> = outcomes["rows"].as_array().unwrap().iter().map(|row| row["done"].clone()).collect();
    assert_eq!(done, [true, false, false], "{outcomes}");
    assert_eq!(outcomes["rows"][2]["reasons"][0]["code"], "service.name-malformed");
    let bindings = bench.call("connection_list", json!({})).await["bindings"].clone();
    let bound = bindings.as_array().unwrap().iter().filter(|each| each["connection"] == connection).count();
    assert_eq!(bound, 1, "{bindings}");
    assert_eq!(bindings.as_array().unwrap().len(), 2, "what can't be bound becomes no service: {bindings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_in_no_answer_no_error_no_file_and_no_export() {
    let bench = Bench::own().await;
    // This server gives every credential back that it is sent.
    let echo = jenkins(&[], "another").await;
    let server = jenkins(&["shop-web"], TOKEN).await;
    let mut said = Vec::new();
    let mut ask = async |command: &str, request: Value| {
        let answer = bench.desk.call(command, request).await;
        said.push(format!("{command}: {answer:?}"));
        answer.ok()
    };
    let add =
        |base: &str| json!({ "kind": "jenkins", "name": "CI", "address": address(base), "secret": TOKEN });
    ask("connection_add", add(echo.base())).await;
    ask("connection_test", add(echo.base())).await;
    // In wrong places, too: an error must not quote what it can't read.
    ask("connection_secret_set", json!({ "connection": "x", "secret": { TOKEN: TOKEN } })).await;
    ask("connection_add", add(&format!("https://ada:{TOKEN}@ci.invalid/"))).await;
    let connection = ask("connection_add", add(server.base())).await.unwrap()["id"].clone();
    ask("connection_secret_set", json!({ "connection": connection, "secret": TOKEN })).await;
    ask("connection_test", json!({ "connection": connection })).await;
    ask("connection_list", json!({})).await;
    let move_to = json!({ "connection": connection, "address": address(echo.base()), "secret": TOKEN });
    ask("connection_address", move_to).await;
    ask("ledger_list", json!({ "filter": {}, "before": null, "limit": 100 })).await;
    let export = bench.folder.path().join("register.jsonl");
    ask("ledger_export", json!({ "format": "jsonl", "path": export, "filter": {} })).await.unwrap();
    for said in &said {
        assert!(!said.contains(TOKEN), "{said}");
        assert!(!said.contains(basic(TOKEN).trim_start_matches("Basic ")), "{said}");
    }
    let files = files_in(bench.folder.path());
    assert!(files.iter().any(|file| file.ends_with("register.jsonl")));
    for file in files {
        // The database's own temporary files come and go.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let holds = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
        assert!(!holds, "{}", file.display());
    }
}

fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}
