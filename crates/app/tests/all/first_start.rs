//! The first start: the sample product and one's own.

use crate::desk::{Bench, PASSPHRASE, config};
use serde_json::json;
use signalbox_app::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_product_has_a_history_that_verifies_and_a_build_that_waits() {
    let bench = Bench::sample().await;
    let desk = bench.call("desk_show", json!({})).await;
    assert_eq!(desk["first_start"], false);
    assert_eq!(desk["here"].as_array().unwrap().len(), 5);
    let line = bench.call("line_show", json!({ "service": bench.service("web").await })).await;
    let qa = line["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == "qa").unwrap();
    assert_eq!(qa["occupant"]["label"], "2.8.0");
    assert_eq!(qa["occupant"]["state"], "undecided");
    let production =
        line["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == "production").unwrap();
    assert_eq!(production["deployed"]["label"], "2.7.4");
    let verified = bench.call("ledger_verify", json!({})).await;
    assert_eq!(verified["findings"], json!([]));
    let current = bench.folder.path().join("harbour/environments/production/web/current");
    assert_eq!(std::fs::read_to_string(current).unwrap().trim(), "2.7.4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_first_start_is_refused_and_changes_nothing() {
    let bench = Bench::sample().await;
    let before =
        bench.call("ledger_list", json!({ "filter": {}, "before": null, "limit": 1 })).await["size"].clone();
    let refused = bench
        .refused("sample_create", json!({ "folder": null, "secrets": "file", "passphrase": PASSPHRASE }))
        .await;
    assert_eq!(refused.code, "ledger.open");
    let after =
        bench.call("ledger_list", json!({ "filter": {}, "before": null, "limit": 1 })).await["size"].clone();
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_key_folder_is_said_and_opens_with_its_passphrase() {
    let bench = Bench::sample().await;
    let folder = bench.folder;
    drop(bench.desk);
    let desk = Desk::open(signalbox_app::Config { passphrase: None, ..config(folder.path()) }).unwrap();
    let shown = desk.call("desk_show", json!({})).await.unwrap();
    assert_eq!(shown["secrets"]["usable"], false);
    let wrong = desk.call("desk_unlock", json!({ "passphrase": "a signal at clear" })).await.unwrap_err();
    assert_eq!(wrong.code, "passphrase.wrong");
    desk.call("desk_unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    let shown = desk.call("desk_show", json!({})).await.unwrap();
    assert_eq!(shown["secrets"]["usable"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_product_begins_with_a_strategy_that_waits_for_agreement() {
    let bench = Bench::empty();
    let own = json!({
        "ledger": "Quay", "handle": "ada", "name": "Ada Byron", "roles": ["release-manager", "operations", "developer"],
        "product": "Quay", "product_key": "QUAY", "services": ["shop"], "starter": "three-environments",
        "pipeline_folder": null, "secrets": "file", "passphrase": PASSPHRASE,
    });
    let mut bad = own.clone();
    bad["handle"] = json!("Ada B");
    bad["name"] = json!("");
    bad["product_key"] = json!("quay!");
    bad["passphrase"] = json!("another passphrase");
    let refused = bench.refused("desk_create", bad).await;
    let codes = crate::desk::codes(&refused);
    for code in ["person.handle-malformed", "person.name-empty", "product.key-malformed"] {
        assert!(codes.contains(&code), "{refused:?}");
    }
    assert_eq!(bench.call("desk_show", json!({})).await["first_start"], true, "nothing is half done");
    bench.call("desk_create", own).await;
    let desk = bench.call("desk_show", json!({})).await;
    assert_eq!(desk["first_start"], false);
    let product = desk["products"][0]["id"].clone();
    let service = desk["products"][0]["services"][0]["id"].clone();
    let record = json!({
        "service": service, "label": "1.0.0", "commit": "abc", "author": "ada", "features": [], "sha256": null,
        "application": "1.0.0", "configuration": "", "infrastructure": "", "data": "",
    });
    assert_eq!(bench.refused("build_record", record).await.code, "strategy.none-in-force");
    for role in ["operations", "developer"] {
        let agree =
            json!({ "product": product, "version": 1, "role": role, "comment": "", "passphrase": null });
        bench.call("strategy_cosign", agree).await;
    }
    // One person can't satisfy the separation of duties, and is told so with a trace instead of being let through.
    let refused = bench.refused("strategy_activate", json!({ "product": product, "version": 1 })).await;
    assert!(!refused.reasons.is_empty());
}
