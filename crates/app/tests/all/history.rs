//! The register as an auditor meets it: rolled back copies, changed bytes, exports.

use crate::desk::{Bench, config};
use serde_json::json;
use signalbox_app::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_file_is_noticed_at_start_until_a_person_signs_for_it() {
    let Bench { folder, desk } = Bench::sample().await;
    let database = folder.path().join("signalbox.db");
    drop(desk);
    let copy = folder.path().join("copy.db");
    let bench = Bench { desk: Desk::open(config(folder.path())).unwrap(), folder };
    rusqlite::Connection::open(&database)
        .unwrap()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let request = json!({ "product": bench.call("desk_show", json!({})).await["products"][0]["id"], "key": "HAR-400", "title": "Night berths" });
    bench.call("feature_request", request).await;
    let Bench { folder, desk } = bench;
    // Every sign of the newest head is durable before the desk is gone.
    desk.close().unwrap();
    for tail in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("signalbox.db{tail}")));
    }
    std::fs::rename(&copy, &database).unwrap();
    let bench = Bench { desk: Desk::open(config(folder.path())).unwrap(), folder };
    let shown = bench.call("desk_show", json!({})).await;
    assert!(shown["notices"].to_string().contains("older copy"), "{}", shown["notices"]);
    let verified = bench.call("ledger_verify", json!({})).await;
    assert!(!verified["findings"].as_array().unwrap().is_empty());
    bench.call("restore_accept", json!({ "reason": "The disk failed; this is last night's copy." })).await;
    let shown = bench.call("desk_show", json!({})).await;
    assert!(!shown["notices"].to_string().contains("older copy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_hold_every_entry_and_are_entries_themselves() {
    let bench = Bench::sample().await;
    let size = bench.call("desk_show", json!({})).await["ledger"]["size"].as_u64().unwrap();
    let path = bench.folder.path().join("out.csv");
    let exported = bench.call("ledger_export", json!({ "format": "csv", "filter": {}, "path": path })).await;
    assert_eq!(exported["entries"].as_u64().unwrap(), size);
    let newest = bench.call("ledger_list", json!({ "filter": {}, "before": null, "limit": 1 })).await;
    assert_eq!(newest["entries"][0]["kind"], "history-exported.v1");
    assert_eq!(newest["size"].as_u64().unwrap(), size + 1);
    let relative =
        bench.refused("ledger_export", json!({ "format": "csv", "filter": {}, "path": "out.csv" })).await;
    assert_eq!(relative.code, "path.relative");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_get_a_code_and_a_next_step() {
    let bench = Bench::empty();
    for (command, request, code) in [
        ("no_such_command", json!({}), "command.unknown"),
        ("line_show", json!({ "service": 7 }), "request.malformed"),
        ("line_show", json!({ "service": "nobody" }), "value.unknown"),
        ("ledger_verify", json!({}), "ledger.none"),
        ("process_check", json!({ "process": { "stages": "none" } }), "process.malformed"),
    ] {
        let refused = bench.refused(command, request).await;
        assert_eq!(refused.code, code);
        assert!(!refused.hint.is_empty());
    }
}
