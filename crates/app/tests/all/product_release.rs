//! Releases sent on as a whole, through the command list.

use crate::desk::{Bench, codes};
use serde_json::{Value, json};

/// Plans a release that carries the newest build of the web service.
async fn open_release(bench: &Bench) -> String {
    let desk = bench.call("desk_show", json!({})).await;
    let product = desk["products"][0]["id"].clone();
    let create = json!({ "product": product, "name": "Harbour 9", "planned": null, "copy": null });
    let release = bench.call("release_create", create).await["id"].as_str().unwrap().to_owned();
    let service = bench.service("web").await;
    let chosen = json!([{ "service": service, "build": bench.build("2.8.0").await }]);
    bench.call("release_choose", json!({ "release": release, "builds": chosen })).await;
    release
}

fn signed(release: &str, sheet: &Value, role: &str) -> Value {
    json!({
        "release": release, "stage": sheet["stage"]["key"], "role": role, "comment": "All of it.",
        "packet": sheet["digest"], "passphrase": null,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_the_sheet_says_how_each_service_would_go_and_a_refusal_names_every_reason() {
    let bench = Bench::sample().await;
    bench.sign_as("ines").await;
    let release = open_release(&bench).await;
    let sheet = bench.call("send_show", json!({ "release": release, "stage": "" })).await;
    let stages = sheet["stages"].as_array().unwrap();
    assert_eq!(sheet["stage"], stages[stages.len() - 1], "the last stage is meant where none is named");
    let members = sheet["members"].as_array().unwrap();
    assert!(members.len() >= 2, "every service of the product is on the sheet: {members:?}");
    for member in members {
        let said = member["way"].as_str().unwrap();
        assert!(!said.is_empty(), "nothing is said of {}", member["service"]["name"]);
    }
    let blocked: Vec<&Value> =
        members.iter().flat_map(|member| member["reasons"].as_array().unwrap()).collect();
    assert!(!blocked.is_empty(), "a release that is not ready says why");
    let refused = bench.refused("release_send", signed(&release, &sheet, "release-manager")).await;
    assert!(!codes(&refused).is_empty());
    let again = bench.call("send_show", json!({ "release": release, "stage": "" })).await;
    assert_eq!(again["digest"], sheet["digest"], "a refusal changes nothing");
    assert!(again["decided"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_a_release_sheet_that_was_never_shown_cannot_be_signed() {
    let bench = Bench::sample().await;
    bench.sign_as("ines").await;
    let release = open_release(&bench).await;
    let sheet = bench.call("send_show", json!({ "release": release, "stage": "" })).await;
    let mut request = signed(&release, &sheet, "release-manager");
    request["packet"] = json!("0".repeat(64));
    assert_eq!(bench.refused("release_send", request).await.code, "packet.not-shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_vetoed_build_marks_the_release_that_carries_it_and_goes_nowhere() {
    let bench = Bench::sample().await;
    bench.sign_as("ines").await;
    let release = open_release(&bench).await;
    let shown = bench.call("release_show", json!({ "release": release })).await;
    let scope = shown["scope"].as_array().unwrap();
    let chosen = scope.iter().find(|row| !row["chosen"].is_null()).unwrap()["chosen"].clone();
    let veto = json!({ "build": chosen["id"], "reason": "" });
    assert!(!codes(&bench.refused("build_veto", veto).await).is_empty(), "a veto needs a reason");
    let before = bench.call("build_show", json!({ "build": chosen["id"] })).await;
    assert_eq!(before["veto"]["allowed"], true);
    assert!(before["vetoed"].is_null());
    let veto = json!({ "build": chosen["id"], "reason": "It loses bookings." });
    bench.call("build_veto", veto).await;
    let after = bench.call("build_show", json!({ "build": chosen["id"] })).await;
    assert_eq!(after["veto"]["reasons"][0]["code"], "build.vetoed");
    assert_eq!(after["vetoed"]["reason"], "It loses bookings.");
    let stage = after["stages"][0]["stage"]["key"].clone();
    let packet = bench.call("packet_show", json!({ "build": chosen["id"], "stage": stage })).await;
    assert_eq!(packet["vetoed"], after["vetoed"]);
    assert_eq!(packet["acts"]["veto"], after["veto"]);
    let sheet = bench.call("send_show", json!({ "release": release, "stage": "" })).await;
    assert_eq!(sheet["vetoed"][0]["label"], chosen["label"]);
    let again = bench.refused("release_send", signed(&release, &sheet, "release-manager")).await;
    assert!(!codes(&again).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_failed_product_test_approves_nothing_and_rejects_nothing() {
    let bench = Bench::sample().await;
    bench.sign_as("priya").await;
    let desk = bench.call("desk_show", json!({})).await;
    let product = desk["products"][0]["id"].clone();
    let releasing = bench.call("releasing_show", json!({ "product": product })).await;
    let stage = releasing["test_stage"]["key"].clone();
    let before = bench.call("line_show", json!({ "service": bench.service("web").await })).await;
    let result = json!({
        "product": product, "stage": stage, "test": null, "outcome": "failed", "summary": "2 of 40 failed",
    });
    bench.call("product_test_record", result).await;
    let after = bench.call("line_show", json!({ "service": bench.service("web").await })).await;
    assert_eq!(before["stages"], after["stages"], "a failed test changes no line");
    let releasing = bench.call("releasing_show", json!({ "product": product })).await;
    assert_eq!(releasing["tests"][0]["state"], "failed");
    assert_eq!(releasing["tests"][0]["summary"], "2 of 40 failed");
}

/// The names in a list of things that have one.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_a_dry_run_tells_members_near_misses_and_unknown_names_and_records_nothing() {
    let bench = Bench::sample().await;
    bench.sign_as("ines").await;
    let desk = bench.call("desk_show", json!({})).await;
    let product = desk["products"][0]["id"].clone();
    let all = names(&desk["products"][0]["services"]);
    let tried = |services: Value, prefix: Value| json!({ "product": product, "rule": { "services": services, "prefix": prefix } });
    let dry = bench.call("membership_dry_run", tried(json!([]), json!("we"))).await;
    assert_eq!(names(&dry["members"]), ["web"]);
    assert_eq!(dry["left_out"].as_array().unwrap().len(), all.len() - 1);
    assert_eq!(dry["set"]["allowed"], true);

    let dry = bench.call("membership_dry_run", tried(json!([]), json!("WE"))).await;
    assert!(names(&dry["members"]).is_empty());
    assert_eq!(names(&dry["near_misses"]), ["web"]);
    assert!(dry["near_misses"][0]["why"].as_str().unwrap().contains("upper and lower case"));

    let dry = bench.call("membership_dry_run", tried(json!(["web", "wbe"]), json!(null))).await;
    assert_eq!(names(&dry["members"]), ["web"]);
    assert_eq!(dry["missing"], json!(["wbe"]));

    let releasing = bench.call("releasing_show", json!({ "product": product })).await;
    assert!(releasing["rule"].is_null(), "a dry run sets nothing");
    assert_eq!(names(&releasing["members"]), all);
}
