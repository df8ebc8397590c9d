//! Tests of a whole product that a pipeline runs, and the trigger that begins them (R2, R4).

use crate::desk::{Bench, codes, config};
use serde_json::{Value, json};
use signalbox_app::{Config, Desk, Moment};
use signalbox_pipelines::testing::server::{Request, Response, Server};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

async fn product(bench: &Bench) -> Value {
    bench.call("desk_show", json!({})).await["products"][0]["id"].clone()
}

async fn releasing(bench: &Bench) -> Value {
    bench.call("releasing_show", json!({ "product": product(bench).await })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_a_trigger_is_read_on_its_zones_clock_and_refused_with_every_reason() {
    let bench = Bench::sample().await;
    bench.sign_as("ines").await;
    let next = bench.call("trigger_next", json!({ "cron": "30 2 * * *", "zone": "Asia/Tokyo" })).await;
    let shown = next["next"].as_array().unwrap();
    assert_eq!(shown.len(), 5);
    let at_half_past = |at: &Value| at.as_str().unwrap().ends_with("T17:30:00.000Z");
    assert!(shown.iter().all(at_half_past), "half past two in Tokyo is 17:30 UTC the day before: {shown:?}");
    assert_eq!(next["reasons"], json!([]));

    let wrong = json!({ "cron": "often", "zone": "Europe/Nowhere" });
    let preview = bench.call("trigger_next", wrong.clone()).await;
    let preview: Vec<&str> =
        preview["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(preview, ["trigger.cron-malformed", "trigger.zone-unknown"]);
    let product = product(&bench).await;
    let refused = bench.refused("trigger_set", json!({ "product": product, "trigger": wrong })).await;
    assert_eq!(codes(&refused), ["trigger.cron-malformed", "trigger.zone-unknown"]);
    assert!(releasing(&bench).await["trigger"].is_null());

    let nightly = json!({ "cron": "30 2 * * *", "zone": "Asia/Tokyo" });
    bench.call("trigger_set", json!({ "product": product, "trigger": nightly })).await;
    let shown = releasing(&bench).await["trigger"].clone();
    assert_eq!((&shown["cron"], &shown["zone"]), (&json!("30 2 * * *"), &json!("Asia/Tokyo")));
    assert_eq!(shown["next"], next["next"]);
    bench.call("trigger_set", json!({ "product": product, "trigger": null })).await;
    assert!(releasing(&bench).await["trigger"].is_null());
    let refused = bench.refused("trigger_set", json!({ "product": product, "trigger": null })).await;
    assert_eq!(codes(&refused), ["trigger.none"]);
}

/// Adds a test of the whole product to the sample's pipeline. It fails while `fails` is there.
fn lay_out(folder: &Path, script: &str) {
    let harbour = folder.join("harbour");
    std::fs::write(harbour.join("scripts/whole.sh"), script).unwrap();
    let file = harbour.join("pipeline.toml");
    let mut toml = std::fs::read_to_string(&file).unwrap();
    toml.push_str("\n[test.whole]\ncommand = [\"sh\", \"scripts/whole.sh\"]\ntime_limit = \"60s\"\n");
    std::fs::write(file, toml).unwrap();
}

const COUNTED: &str =
    "echo \"$SIGNALBOX_PRODUCT $SIGNALBOX_STAGE: $SIGNALBOX_BUILDS\" | tee -a tested\n[ ! -e fails ]\n";

fn tested(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("harbour/tested")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Binds a pipeline of the sample's only connection, as someone who may.
async fn bind(bench: &Bench, pipeline: &str) {
    bench.sign_as("ines").await;
    let connection = bench.call("connection_list", json!({})).await["connections"][0]["id"].clone();
    let binding = json!({ "connection": connection, "pipeline": pipeline });
    bench.call("product_test_bind", json!({ "product": product(bench).await, "binding": binding })).await;
}

/// Waits until the newest test has ended, woken by what the desk tells.
async fn ended(bench: &Bench) -> Value {
    let mut news = bench.desk.subscribe();
    let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let test = releasing(bench).await["tests"][0].clone();
        if test["state"] != "running" {
            return test;
        }
        let woken = tokio::time::timeout_at(limit, news.recv()).await;
        assert!(woken.is_ok(), "the test never ended: {test:#}");
    }
}

async fn begin(bench: &Bench) -> Value {
    bench.call("product_test_begin", json!({ "product": product(bench).await })).await
}

/// Lets the first stage's gate ask for the product tests, and brings a build there.
async fn ask_for_product_tests(bench: &Bench) {
    let product = product(bench).await;
    bench.sign_as("ines").await;
    let strategy = bench.call("strategy_show", json!({ "product": product, "version": null })).await;
    let mut process = strategy["process"].clone();
    process["stages"][0]["gate"]["checks"].as_array_mut().unwrap().push(json!("product tests"));
    bench.call("strategy_draft", json!({ "product": product, "topics": [], "process": process })).await;
    for (person, role) in [("tom", "operations"), ("jon", "developer")] {
        bench.sign_as(person).await;
        let agree =
            json!({ "product": product, "version": 2, "role": role, "comment": "", "passphrase": null });
        bench.call("strategy_cosign", agree).await;
    }
    bench.sign_as("ines").await;
    bench.call("strategy_activate", json!({ "product": product, "version": 2 })).await;
    let next = signalbox_app::sample::Delivery {
        service: "web",
        label: "2.9.0",
        commit: "77aa10c",
        author: "jon",
        created: "2026-11-18T08:00:00Z",
        features: &["HAR-290"],
        versions: ("122", "41"),
        needs: "database",
    };
    signalbox_app::sample::deliver(&bench.folder.path().join("harbour"), &next).unwrap();
    bench.call("builds_scan", json!({ "service": null })).await;
    let waits =
        |stage: &Value| stage["occupant"]["label"] == "2.9.0" && stage["occupant"]["state"] == "undecided";
    bench.until("dev", "undecided with 2.9.0", waits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_pipeline_tests_the_product_and_its_result_is_the_check_that_the_first_gate_asks_for() {
    let bench = Bench::sample().await;
    let folder = bench.folder.path().to_owned();
    lay_out(&folder, COUNTED);
    ask_for_product_tests(&bench).await;
    bench.sign_as("priya").await;
    let unbound = bench.refused("product_test_begin", json!({ "product": product(&bench).await })).await;
    assert_eq!(codes(&unbound), ["product-test.unbound"]);
    let shown = releasing(&bench).await;
    assert_eq!(
        (&shown["bind_test"]["allowed"], &shown["begin_test"]["allowed"]),
        (&json!(false), &json!(false))
    );
    bind(&bench, "whole").await;
    let shown = releasing(&bench).await;
    assert_eq!(shown["test_pipeline"]["connection_name"], "This machine");
    assert_eq!(shown["test_pipeline"]["pipeline"], "whole");
    assert_eq!(shown["bind_test"]["allowed"], true);

    bench.sign_as("priya").await;
    std::fs::write(folder.join("harbour/fails"), "").unwrap();
    let before = bench.stage("dev").await;
    begin(&bench).await;
    let failed = ended(&bench).await;
    assert_eq!(
        (&failed["state"], &failed["summary"]),
        (&json!("failed"), &json!("The test whole failed with exit code 1."))
    );
    assert_eq!(bench.stage("dev").await, before, "a failed test approves nothing and rejects nothing");

    std::fs::remove_file(folder.join("harbour/fails")).unwrap();
    let begun = begin(&bench).await;
    let passed = ended(&bench).await;
    assert_eq!(
        (&passed["state"], &passed["summary"]),
        (&json!("succeeded"), &json!("The test whole passed."))
    );
    assert_eq!(passed["id"], begun["id"]);
    let left: Vec<&Value> =
        passed["left_out"].as_array().unwrap().iter().map(|one| &one["service"]["name"]).collect();
    assert_eq!(left, ["api"], "nothing waits there, so there is nothing to approve");
    let tests = tested(&folder);
    assert_eq!(tests.len(), 2, "each of them ran once: {tests:?}");
    assert!(tests[1].starts_with("Harbour dev: ") && tests[1].contains("web=2.9.0"), "{tests:?}");
    let line = bench.call("line_show", json!({ "service": bench.service("web").await })).await;
    let row = line["builds"].as_array().unwrap().iter().find(|row| row["build"]["label"] == "2.9.0").unwrap();
    let shown = bench.call("build_show", json!({ "build": row["build"]["id"] })).await;
    assert!(shown.to_string().contains("product tests"), "{shown}");
    let dev = bench.stage("dev").await;
    assert_eq!(dev["occupant"], Value::Null, "the build went on: {dev}");
    let log = bench.call("deployment_log", json!({ "deployment": passed["id"], "after": "" })).await;
    assert!(log["text"].as_str().unwrap().contains("web=2.9.0"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_test_that_never_began_says_why_and_another_can_begin() {
    let bench = Bench::sample().await;
    bind(&bench, "elsewhere").await;
    begin(&bench).await;
    let test = ended(&bench).await;
    assert_eq!(test["state"], "not_done");
    assert!(test["summary"].as_str().unwrap().contains("elsewhere"), "{test}");
    assert_eq!(releasing(&bench).await["begin_test"]["allowed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_test_whose_end_nobody_saw_is_unknown_until_a_tester_settles_it() {
    let bench = Bench::sample().await;
    // The runner goes down with its test, as in a power cut.
    lay_out(bench.folder.path(), "kill -9 \"$(cat \"$SIGNALBOX_RUN/runner.pid\")\"\n");
    bind(&bench, "whole").await;
    begin(&bench).await;
    let test = ended(&bench).await;
    assert_eq!(test["state"], "unknown", "{test}");
    let product = product(&bench).await;
    let again = bench.refused("product_test_begin", json!({ "product": product })).await;
    assert_eq!(codes(&again), ["product-test.running"]);
    bench.sign_as("priya").await;
    assert_eq!(releasing(&bench).await["tests"][0]["settle"]["allowed"], true);
    let settle = json!({
        "product": product, "stage": test["stage"], "test": test["id"], "outcome": "succeeded",
        "summary": "The report says 40 of 40.",
    });
    bench.call("product_test_record", settle.clone()).await;
    let settled = releasing(&bench).await["tests"][0].clone();
    assert_eq!((&settled["id"], &settled["state"]), (&test["id"], &json!("succeeded")));
    assert_eq!(codes(&bench.refused("product_test_record", settle).await), ["product-test.settled"]);
}

/// How far the clock of the trigger's test is ahead.
static AHEAD: AtomicI64 = AtomicI64::new(0);

fn ahead() -> Moment {
    Moment::from_millis(chrono::Utc::now().timestamp_millis() + AHEAD.load(Ordering::SeqCst))
}

fn a_day_passes() {
    AHEAD.fetch_add(86_400_000, Ordering::SeqCst);
}

fn open_ahead(folder: &Path) -> Arc<Desk> {
    Desk::open(Config { clock: ahead, ..config(folder) }).unwrap()
}

async fn notices(bench: &Bench) -> Vec<String> {
    let desk = bench.call("desk_show", json!({})).await;
    let notices = desk["notices"].as_array().unwrap();
    notices.iter().map(|notice| format!("{}: {}", notice["title"], notice["detail"])).collect()
}

/// Works on the outbox until nothing goes on.
async fn work(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    let working = tokio::task::spawn_blocking(move || while desk.work_once().unwrap() > 0 {});
    tokio::time::timeout(std::time::Duration::from_secs(60), working).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_what_is_due_begins_once_whoever_is_open_on_the_file_and_what_keeps_it_is_shown() {
    let Bench { folder, desk } = Bench::sample().await;
    lay_out(folder.path(), COUNTED);
    drop(desk);
    // Without their loops these two do only what they are asked for.
    let bench = Bench { desk: open_ahead(folder.path()), folder };
    let other = open_ahead(bench.folder.path());
    bench.sign_as("ines").await;
    let nightly = json!({ "cron": "0 3 * * *", "zone": "Europe/Berlin" });
    bench.call("trigger_set", json!({ "product": product(&bench).await, "trigger": nightly })).await;
    assert_eq!(bench.desk.fire_triggers().unwrap(), 0, "nothing before it was set is due");
    assert_eq!(notices(&bench).await, [""; 0]);

    a_day_passes();
    assert_eq!(bench.desk.fire_triggers().unwrap(), 0);
    let shown = notices(&bench).await;
    assert!(shown.len() == 1 && shown[0].contains("No pipeline tests Harbour."), "{shown:?}");
    bind(&bench, "whole").await;
    assert_eq!(bench.desk.fire_triggers().unwrap(), 1, "what kept it is gone");
    assert_eq!(notices(&bench).await, [""; 0]);
    assert_eq!(other.fire_triggers().unwrap(), 0, "the other program begins no second one");
    assert_eq!(bench.desk.fire_triggers().unwrap(), 0);
    assert_eq!(other.call("desk_show", json!({})).await.unwrap()["notices"], json!([]));
    assert_eq!(releasing(&bench).await["tests"].as_array().unwrap().len(), 1);

    a_day_passes();
    a_day_passes();
    assert_eq!(other.fire_triggers().unwrap(), 0, "the first test still runs");
    assert_eq!(notices(&bench).await, [""; 0], "which passes by itself");
    work(&other).await;
    assert_eq!(other.fire_triggers().unwrap(), 1, "two days were missed, and one test makes up for them");
    work(&bench.desk).await;
    let tests = releasing(&bench).await["tests"].clone();
    let states: Vec<&Value> = tests.as_array().unwrap().iter().map(|test| &test["state"]).collect();
    assert_eq!(states, ["succeeded", "succeeded"]);
    assert_eq!(tests[0]["by"], "This machine");
    assert_eq!(tested(bench.folder.path()).len(), 2);
}

/// A Bamboo that answers as far as a connection is looked at.
async fn bamboo() -> Server {
    let answer = |request: &Request| match request.path.rsplit('/').next().unwrap_or_default() {
        "currentUser" => Response::json(200, &json!({ "name": "ada", "fullName": "Ada Byron" })),
        "info" => Response::json(200, &json!({ "version": "10.2.0" })),
        _ => Response::json(200, &json!([])),
    };
    Server::start(answer).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_system_that_starts_no_tests_is_refused_with_every_other_reason() {
    let bench = Bench::own().await;
    let server = bamboo().await;
    let address = json!({ "base": server.base(), "account": "ada", "ca_file": null });
    let add = json!({ "kind": "bamboo", "name": "CI", "address": address, "secret": "0123456789abcdef" });
    let connection = bench.call("connection_add", add).await["id"].clone();
    let product = product(&bench).await;
    let bind = |connection: &Value, pipeline: &str| {
        let binding = json!({ "connection": connection, "pipeline": pipeline });
        json!({ "product": product, "binding": binding })
    };
    let refused = bench.refused("product_test_bind", bind(&connection, " ")).await;
    assert_eq!(codes(&refused), ["pipeline.name-empty", "product-test.cannot-start"]);
    assert!(refused.reasons[1].next_step.contains("by hand"), "{refused:?}");
    let refused = bench.refused("product_test_bind", bind(&json!("nowhere"), "whole")).await;
    assert_eq!(codes(&refused), ["connection.unknown"]);
    assert!(releasing(&bench).await["test_pipeline"].is_null());
}
