//! Gates through the command list: what is signed, by whom, and what is refused (P6, S1–S4).

use crate::desk::{Bench, codes};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn s3_a_sheet_that_changed_is_refused_with_the_changed_lines() {
    let bench = Bench::sample().await;
    bench.sign_as("priya").await;
    let old = bench.sheet("2.8.0", "qa").await;
    bench.tick("2.8.0", "qa").await;
    let refused = bench.refused("gate_sign", Bench::signature(&old, true, "tester", "Fine.")).await;
    assert!(
        refused
            .reasons
            .iter()
            .any(|reason| reason.code == "packet.changed" && reason.sentence.contains("tablet")),
        "{refused:?}"
    );
    let new = bench.sheet("2.8.0", "qa").await;
    bench.call("gate_sign", Bench::signature(&new, true, "tester", "Fine.")).await;
    bench.until("staging", "reached", |stage| stage["occupant"]["label"] == "2.8.0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_tells_all_reasons_at_once_and_changes_nothing() {
    let bench = Bench::sample().await;
    bench.sign_as("jon").await;
    let size = bench.call("desk_show", json!({})).await["ledger"]["size"].clone();
    let sheet = bench.sheet("2.8.0", "qa").await;
    let refused =
        bench.refused("gate_sign", Bench::signature(&sheet, true, "developer", "My own work.")).await;
    let codes = codes(&refused);
    for code in ["gate.role-not-asked", "gate.must-be-another", "gate.item-open"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    assert_eq!(bench.call("desk_show", json!({})).await["ledger"]["size"], size);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_was_never_shown_cannot_be_signed() {
    let bench = Bench::sample().await;
    bench.sign_as("priya").await;
    let mut signature = Bench::signature(&bench.sheet("2.8.0", "qa").await, true, "tester", "");
    signature["packet"] = json!("0".repeat(64));
    assert_eq!(bench.refused("gate_sign", signature).await.code, "packet.not-shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn l3_a_second_decision_is_refused() {
    let bench = Bench::sample().await;
    bench.sign_as("priya").await;
    let sheet = bench.sheet("2.8.0", "qa").await;
    bench.call("gate_sign", Bench::signature(&sheet, false, "tester", "The tariff table is empty.")).await;
    let again = Bench::signature(&bench.sheet("2.8.0", "qa").await, false, "tester", "Still empty.");
    assert_eq!(bench.refused("gate_sign", again).await.code, "build.not-occupant");
    let stage = bench.stage("qa").await;
    assert_eq!(stage["shown"]["state"], "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_without_a_reason_is_refused() {
    let bench = Bench::sample().await;
    bench.sign_as("priya").await;
    let sheet = bench.sheet("2.8.0", "qa").await;
    assert_eq!(
        bench.refused("gate_sign", Bench::signature(&sheet, false, "tester", "  ")).await.code,
        "reject.reason-empty"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_a_stage_can_ask_for_the_passphrase_at_every_signature() {
    let bench = Bench::sample().await;
    let product = bench.call("desk_show", json!({})).await["products"][0]["id"].clone();
    // Version 2 of the strategy asks for it in acceptance.
    let strategy = bench.call("strategy_show", json!({ "product": product, "version": null })).await;
    let mut process = strategy["process"].clone();
    process["stages"][1]["asks_passphrase"] = json!(true);
    bench.call("strategy_draft", json!({ "product": product, "topics": [], "process": process })).await;
    for (person, role) in [("tom", "operations"), ("jon", "developer")] {
        bench.sign_as(person).await;
        let agree =
            json!({ "product": product, "version": 2, "role": role, "comment": "", "passphrase": null });
        bench.call("strategy_cosign", agree).await;
    }
    bench.sign_as("ines").await;
    bench.call("strategy_activate", json!({ "product": product, "version": 2 })).await;
    // The build that waits keeps its version (P8); the next one moves under the new one.
    bench.sign_as("priya").await;
    let old = bench.sheet("2.8.0", "qa").await;
    assert_eq!(old["asks_passphrase"], false);
    bench.call("gate_sign", Bench::signature(&old, false, "tester", "Make room for the next.")).await;
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
    bench
        .until("qa", "undecided with 2.9.0", |stage| {
            stage["occupant"]["label"] == "2.9.0" && stage["occupant"]["state"] == "undecided"
        })
        .await;
    bench.tick("2.9.0", "qa").await;
    let sheet = bench.sheet("2.9.0", "qa").await;
    assert_eq!(sheet["asks_passphrase"], true);
    let mut signature = Bench::signature(&sheet, true, "tester", "Fine.");
    assert_eq!(bench.refused("gate_sign", signature.clone()).await.code, "passphrase.needed");
    signature["passphrase"] = json!("not the one");
    assert_eq!(bench.refused("gate_sign", signature.clone()).await.code, "passphrase.wrong");
    signature["passphrase"] = json!(crate::desk::PASSPHRASE);
    bench.call("gate_sign", signature).await;
    // A release that is sent to the stage as a whole asks for it just the same.
    bench.sign_as("ines").await;
    let create = json!({ "product": product, "name": "Harbour 9", "planned": null, "copy": null });
    let release = bench.call("release_create", create).await["id"].clone();
    let there = |stage: &str| bench.call("send_show", json!({ "release": release, "stage": stage }));
    assert_eq!(there("dev").await["asks_passphrase"], false);
    let sheet = there("qa").await;
    assert_eq!(sheet["asks_passphrase"], true);
    let mut sending = json!({
        "release": release, "stage": "qa", "role": "release-manager", "comment": "",
        "packet": sheet["digest"], "passphrase": null,
    });
    assert_eq!(bench.refused("release_send", sending.clone()).await.code, "passphrase.needed");
    sending["passphrase"] = json!(crate::desk::PASSPHRASE);
    assert_ne!(bench.refused("release_send", sending).await.code, "passphrase.needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_finished_release_stays_taken() {
    let bench = Bench::sample().await;
    let product = bench.call("desk_show", json!({})).await["products"][0]["id"].clone();
    let again = json!({ "product": product, "name": "Harbour 2.7", "planned": null, "copy": null });
    assert_eq!(bench.refused("release_create", again).await.code, "release.name-taken");
}
