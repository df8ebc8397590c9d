//! `process check`.

use crate::program::{Ran, played, run, run_with, text};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const GOOD: &str = r#"
[[stages]]
key = "dev"
name = "Development"
path = "on"
entry = "automatic"

[[stages]]
key = "live"
name = "Live"
path = "on"
entry = "press"
predecessors = { require = "all", stages = ["dev"] }
deployers = ["operations"]
gate = { checks = ["smoke test"], rule = { of = { n = 1, roles = ["tester"] } }, apart = ["author"] }
"#;

fn check(text: &str, json: bool) -> Ran {
    let mut args = vec!["process", "check", "-"];
    args.extend(json.then_some("--json"));
    run_with(&args, text.as_bytes())
}

/// The sample product's process, as its strategy shows it.
fn harbour() -> Value {
    let folder = text(&played().folder);
    let desk = run(&["call", "desk_show", "--folder", folder]).ended(0).value();
    let request = json!({ "product": desk["products"][0]["id"] }).to_string();
    run(&["call", "strategy_show", "--folder", folder, "--json", &request]).ended(0).value()["process"]
        .clone()
}

#[test]
fn a_process_without_defects_is_told_in_sentences() {
    let ran = check(&harbour().to_string(), false).ended(0);
    assert!(ran.stdout.starts_with("✓ no defects"), "{}", ran.stdout);
    for name in ["Development", "Acceptance", "Staging", "Production"] {
        assert!(ran.stdout.contains(&format!("  {name}: ")), "{name}: {}", ran.stdout);
    }
}

#[test]
fn every_defect_is_shown_with_the_course_of_events_that_shows_it() {
    let mut process = harbour();
    process["stages"][1]["predecessors"]["stages"] = json!(["staging"]);
    process["stages"][3]["deployers"] = json!(["astronaut"]);
    let told = check(&process.to_string(), false).ended(1);
    insta::assert_snapshot!("process_defects", told.stdout);

    let report = check(&process.to_string(), true).ended(1).value();
    let codes: Vec<&str> =
        report["defects"].as_array().unwrap().iter().map(|defect| defect["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"process.cycle"), "{codes:?}");
    assert!(codes.contains(&"process.role-unknown"), "{codes:?}");
    for defect in report["defects"].as_array().unwrap() {
        assert!(!defect["trace"].as_array().unwrap().is_empty(), "{defect}");
    }
}

#[test]
fn toml_is_read_too() {
    let report = check(GOOD, true).ended(0).value();
    assert_eq!(report["defects"], json!([]));
    assert_eq!(report["sentences"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_no_process_is_said() {
    for text in
        ["", "no process", "{\"stages\":", "[workspace]\nmembers = []\n", "{\"stages\":[{\"key\":1}]}"]
    {
        let ran = check(text, true).ended(4);
        assert_eq!(ran.error()["code"], "process.malformed", "{text}");
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("absent.json");
    assert_eq!(run(&["process", "check", text(&file), "--json"]).ended(4).error()["code"], "file.failed");
    fs::create_dir(&file).unwrap();
    assert_eq!(run(&["process", "check", text(&file), "--json"]).ended(4).error()["code"], "file.failed");
}
