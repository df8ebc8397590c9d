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
