//! Deployments through the outbox: once, whoever is open on the file, and with an end that a person can act on.

use crate::desk::{Bench, config};
use serde_json::json;
use signalbox_app::Desk;
use std::path::Path;

/// How many runs the pipeline's folder records for a stage and build of the web service.
fn runs(folder: &Path, stage: &str, build: &str) -> usize {
    let list = std::fs::read_dir(folder.join("harbour/runs")).unwrap();
    list.filter_map(Result::ok)
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("run.json")).ok())
        .filter(|record| {
            let record: serde_json::Value = serde_json::from_str(record).unwrap();
            record["stage"] == stage && record["build"] == build && record["service"] == "web"
        })
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_on_one_file_deploy_once() {
    let bench = Bench::sample().await;
    let other = Desk::open(config(bench.folder.path())).unwrap();
    other.start();
    bench.sign_as("priya").await;
    bench.tick("2.8.0", "qa").await;
    let sheet = bench.sheet("2.8.0", "qa").await;
    bench.call("gate_sign", Bench::signature(&sheet, true, "tester", "Fine.")).await;
    bench.until("staging", "undecided", |stage| stage["occupant"]["state"] == "undecided").await;
    assert_eq!(runs(bench.folder.path(), "staging", "2.8.0"), 1);
    let line = other.call("line_show", json!({ "service": bench.service("web").await })).await.unwrap();
    let staging =
        line["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == "staging").unwrap().clone();
    assert_eq!(staging["occupant"]["label"], "2.8.0", "the other program sees it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_was_left_behind_is_carried_out_after_the_next_start() {
    let Bench { folder, desk } = Bench::sample().await;
    drop(desk);
    // Without its loops the desk records the intent and does nothing about it: as if it had died right then.
    let quiet = Bench { desk: Desk::open(config(folder.path())).unwrap(), folder };
    quiet.sign_as("priya").await;
    quiet.tick("2.8.0", "qa").await;
    let sheet = quiet.sheet("2.8.0", "qa").await;
    quiet.call("gate_sign", Bench::signature(&sheet, true, "tester", "Fine.")).await;
    assert_eq!(quiet.stage("staging").await["occupant"]["state"], "deploying");
    assert_eq!(runs(quiet.folder.path(), "staging", "2.8.0"), 0);
    let Bench { folder, desk } = quiet;
    drop(desk);
    let again = Bench { desk: Desk::open(config(folder.path())).unwrap(), folder };
    again.desk.start();
    again.until("staging", "undecided", |stage| stage["occupant"]["state"] == "undecided").await;
    assert_eq!(runs(again.folder.path(), "staging", "2.8.0"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_build_stops_the_line_and_begins_an_issue_draft() {
    let bench = Bench::sample().await;
    let harbour = bench.folder.path().join("harbour");
    // The environment loses a setting that the next build needs.
    std::fs::write(harbour.join("settings/staging.conf"), "database=harbour_staging\n").unwrap();
    bench.sign_as("priya").await;
    bench.tick("2.8.0", "qa").await;
    let sheet = bench.sheet("2.8.0", "qa").await;
    bench.call("gate_sign", Bench::signature(&sheet, true, "tester", "Fine.")).await;
    bench.until("staging", "stopped", |stage| stage["occupant"]["state"] == "stopped").await;
    let sheet = bench.sheet("2.8.0", "staging").await;
    assert_eq!(sheet["gate"]["checks"][0]["passed"], false);
    let log =
        bench.call("deployment_log", json!({ "deployment": sheet["deployment"]["id"], "after": "" })).await;
    assert!(log["text"].as_str().unwrap().contains("setting berths is missing"), "{log}");
    let mut news = bench.desk.subscribe();
    let drafts = loop {
        let drafts = bench
            .call("issue_list", json!({ "product": null, "text": "", "open_only": false }))
            .await["drafts"]
            .clone();
        if !drafts.as_array().unwrap().is_empty() {
            break drafts;
        }
        news.recv().await.unwrap();
    };
    assert!(drafts[0]["report"]["symptoms"].as_str().unwrap().contains("berths"));
    // Mended and tried again by someone who may deploy.
    std::fs::write(harbour.join("settings/staging.conf"), "database=harbour_staging\nberths=24\n").unwrap();
    bench.sign_as("tom").await;
    let retry = json!({ "build": sheet["build"]["id"], "stage": "staging", "role": "operations", "reason": "The setting is back." });
    bench.call("deployment_retry", retry).await;
    bench.until("staging", "undecided", |stage| stage["occupant"]["state"] == "undecided").await;
    assert_eq!(runs(bench.folder.path(), "staging", "2.8.0"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_deployment_is_cancelled_by_someone_who_deploys_there() {
    let bench = Bench::sample().await;
    let script = bench.folder.path().join("harbour/scripts/deploy.sh");
    std::fs::write(&script, "echo waiting for a node; while :; do sleep 1; done\n").unwrap();
    bench.sign_as("priya").await;
    bench.tick("2.8.0", "qa").await;
    let sheet = bench.sheet("2.8.0", "qa").await;
    bench.call("gate_sign", Bench::signature(&sheet, true, "tester", "Fine.")).await;
    let sheet = loop {
        let sheet = bench.sheet("2.8.0", "staging").await;
        let log = bench
            .call("deployment_log", json!({ "deployment": sheet["deployment"]["id"], "after": "" }))
            .await;
        if log["text"].as_str().unwrap().contains("waiting for a node") {
            break sheet;
        }
        tokio::task::yield_now().await;
    };
    bench.sign_as("maya").await;
    let cancel = json!({ "deployment": sheet["deployment"]["id"], "reason": "No node will come." });
    assert_eq!(bench.refused("deployment_cancel", cancel.clone()).await.code, "deployment.not-yours");
    bench.sign_as("tom").await;
    bench.call("deployment_cancel", cancel).await;
    bench.until("staging", "stopped", |stage| stage["occupant"]["state"] == "stopped").await;
}
