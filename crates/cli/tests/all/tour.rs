//! `tour`: the main job from end to end.

use crate::program::{played, run, text};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn sha256(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn deployments(label: &str, stage: &str) -> Vec<&'static Value> {
    let said = played().said.iter().filter(|said| said["act"] == "deployment_log");
    said.filter(|said| said["detail"]["label"] == label && said["detail"]["stage"] == stage).collect()
}

fn current(stage: &str, service: &str) -> String {
    let file = played().folder.join("harbour/environments").join(stage).join(service).join("current");
    fs::read_to_string(file).unwrap().trim().to_owned()
}

#[test]
fn every_line_is_an_object_that_says_what_happened() {
    let said = &played().said;
    assert_eq!(said.first().unwrap()["act"], "tour");
    assert_eq!(said.last().unwrap()["act"], "tour_end");
    for line in &said[..said.len() - 1] {
        assert!(line["what"].as_str().is_some_and(|what| !what.is_empty()), "{line}");
    }
    for act in [
        "feature_request",
        "builds_scan",
        "checklist_set",
        "gate_sign",
        "feature_sign",
        "release_create",
        "plan_section_write",
        "release_go",
        "build_promote",
        "issue_record",
        "build_roll_back",
        "issue_close",
        "stage_release",
        "release_finish",
        "ledger_export",
        "ledger_verify",
    ] {
        assert!(said.iter().any(|line| line["act"] == act), "nobody did {act}");
    }
}

#[test]
fn the_artifacts_land_byte_for_byte() {
    let harbour = played().folder.join("harbour");
    for (stage, service, label) in [
        ("dev", "web", "2.8.1"),
        ("qa", "web", "2.8.1"),
        ("staging", "web", "2.8.1"),
        ("production", "web", "2.8.0"),
        ("production", "web", "2.8.1"),
        ("production", "api", "2.7.3"),
    ] {
        let arrival = harbour.join("arrivals").join(service).join(label);
        let arrived = sha256(&arrival.join("service.sh"));
        let releases = harbour.join("environments").join(stage).join(service).join("releases");
        assert_eq!(sha256(&releases.join(label).join("service.sh")), arrived, "{service} {label} in {stage}");
        let manifest = fs::read_to_string(arrival.join("manifest.toml")).unwrap();
        assert!(manifest.contains(&arrived), "{manifest}");
    }
    let artifacts = played().said.last().unwrap()["artifacts"].as_array().unwrap().clone();
    assert_eq!(artifacts.len(), 8);
    for artifact in artifacts {
        assert_eq!(artifact["same"], true, "{artifact}");
        assert_eq!(
            sha256(Path::new(artifact["file"].as_str().unwrap())),
            artifact["sha256"].as_str().unwrap()
        );
    }
}

#[test]
fn smoke_tests_run_and_leave_their_logs() {
    let runs = played().folder.join("harbour/runs");
    let logs: Vec<String> = fs::read_dir(runs)
        .unwrap()
        .map(|run| run.unwrap().path())
        // Beside the runs lie the locks of the environments.
        .filter(|run| run.join("run.json").exists())
        .map(|run| fs::read_to_string(run.join("log")).unwrap())
        .collect();
    assert!(logs.len() > 16, "{} runs", logs.len());
    for log in &logs {
        assert!(log.contains("smoke.sh"), "{log}");
    }
    let failed: Vec<&String> = logs.iter().filter(|log| log.contains("setting pool is missing")).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("web 2.8.1"), "{}", failed[0]);
}

#[test]
fn the_broken_build_passes_everywhere_but_in_production() {
    for stage in ["dev", "qa", "staging"] {
        let seen = deployments("2.8.1", stage);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0]["detail"]["checks"][0]["passed"], true, "{stage}");
    }
    let seen = deployments("2.8.1", "production");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["sign"], "stopped");
    assert_eq!(seen[0]["detail"]["state"], "stopped");
    assert_eq!(seen[0]["detail"]["checks"][0]["passed"], false);
    let log = seen[0]["detail"]["log"].to_string();
    assert!(log.contains("setting pool is missing in settings/production.conf"), "{log}");
}

#[test]
fn in_the_end_the_good_build_is_back() {
    assert_eq!(current("production", "web"), "2.8.0");
    assert_eq!(current("production", "api"), "2.7.3");
    assert_eq!(current("staging", "web"), "2.8.1");

    let folder = text(&played().folder);
    let desk = run(&["call", "desk_show", "--folder", folder]).ended(0).value();
    let service = desk["products"][0]["services"][0]["id"].clone();
    let request = serde_json::json!({ "service": service }).to_string();
    let line = run(&["call", "line_show", "--folder", folder, "--json", &request]).ended(0).value();
    let production =
        line["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == "production").unwrap();
    assert_eq!(production["deployed"]["label"], "2.8.0");
    assert_eq!(production["hold"], Value::Null);
    assert_eq!(production["occupant"], Value::Null);
    let broken =
        line["builds"].as_array().unwrap().iter().find(|row| row["build"]["label"] == "2.8.1").unwrap();
    assert_eq!(broken["state"], "rejected");

    let issues = r#"{"product":null,"text":"","open_only":false}"#;
    let issues = run(&["call", "issue_list", "--folder", folder, "--json", issues]).ended(0).value();
    assert_eq!(issues["drafts"].as_array().unwrap().len(), 0);
    assert_eq!(issues["issues"].as_array().unwrap().len(), 2);
    for issue in issues["issues"].as_array().unwrap() {
        assert_eq!(issue["open"], false, "{issue}");
    }
    let releases =
        run(&["call", "release_list", "--folder", folder, "--json", r#"{"product":null}"#]).ended(0).value();
    let releases = releases["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 3);
    assert!(releases.iter().all(|release| release["finished"].is_string()));
}

#[test]
fn a_promotion_without_a_release_is_refused_with_the_reason() {
    let refused =
        played().said.iter().find(|said| said["act"] == "build_promote" && said["sign"] == "stopped");
    let refused = &refused.unwrap()["detail"]["refused"];
    assert_eq!(refused["reasons"][0]["code"], "plan.no-release", "{refused}");
}

#[test]
fn the_end_says_that_the_register_holds() {
    let end = played().said.last().unwrap();
    assert_eq!(end["verified"]["findings"], serde_json::json!([]));
    assert!(end["verified"]["size"].as_u64().unwrap() > 300);
    for export in end["exports"].as_array().unwrap() {
        assert_eq!(sha256(Path::new(export["path"].as_str().unwrap())), export["sha256"].as_str().unwrap());
    }
}

#[cfg(unix)]
#[test]
fn the_passphrase_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(played().folder.join("passphrase")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("note"), "mine").unwrap();
    let ran = run(&["tour", "--json", "--folder", text(folder.path())]).ended(4);
    assert_eq!(ran.error()["code"], "tour.folder-used");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_story_is_told_without_colours_where_nobody_sees_them() {
    let folder = TempDir::new().unwrap();
    let ran = run(&["tour", "--folder", text(&folder.path().join("new"))]).ended(0);
    assert!(!ran.stdout.contains('\u{1b}'));
    for part in
        ["✓ done", "◆ waits", "■ stopped", "1  Harbour", "setting pool is missing", "✓ same bytes", "✓ all "]
    {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("protect nothing"), "what the keys are for is said: {}", ran.stdout);
    let secret = fs::read_to_string(folder.path().join("new/passphrase")).unwrap();
    assert!(!ran.stdout.contains(secret.trim()), "the passphrase itself is not printed");
}
