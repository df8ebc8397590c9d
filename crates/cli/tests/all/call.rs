//! `call`.

use crate::program::{copy_of_played, passphrase, played, program, run, run_with, text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

fn call(folder: &Path, command: &str, request: &Value) -> Value {
    let secret = passphrase(folder);
    let request = request.to_string();
    let args = ["call", command, "--json", &request, "--folder", text(folder), "--passphrase-file", &secret];
    run(&args).ended(0).value()
}

/// Lets somebody else sign.
fn sign_as(folder: &Path, handle: &str) {
    let desk = call(folder, "desk_show", &json!({}));
    let person = desk["here"].as_array().unwrap().iter().find(|person| person["handle"] == handle).unwrap();
    call(folder, "person_switch", &json!({ "person": person["id"] }));
}

#[test]
fn every_command_is_listed_with_its_types() {
    let ran = run(&["call", "--list"]).ended(0);
    for line in ["desk_show            Empty -> DeskView", "gate_sign            GateSign -> Done"] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    assert!(ran.stdout.lines().count() > 50);
}

#[test]
fn a_request_is_read_from_the_line_from_stdin_and_from_a_file() {
    let folder = text(&played().folder);
    let request = r#"{"text":"refund"}"#;
    let files = TempDir::new().unwrap();
    let file = files.path().join("request.json");
    fs::write(&file, request).unwrap();
    let from_line = run(&["call", "find", "--folder", folder, "--json", request]).ended(0).value();
    let from_stdin =
        run_with(&["call", "find", "--folder", folder, "--json", "-"], request.as_bytes()).ended(0).value();
    let named = format!("@{}", text(&file));
    let from_file = run(&["call", "find", "--folder", folder, "--json", &named]).ended(0).value();
    assert!(from_line["hits"].as_array().unwrap().iter().any(|hit| hit["id"] == "HAR-301"), "{from_line}");
    assert_eq!(from_stdin, from_line);
    assert_eq!(from_file, from_line);
}

#[test]
fn what_can_not_be_read_is_a_matter_of_usage() {
    let folder = text(&played().folder);
    for (args, code) in [
        (vec!["call", "desk_shw"], "command.unknown"),
        (vec!["call", "find", "--json", "{\"text\":"], "request.malformed"),
        (vec!["call", "find", "--json", "{\"txt\":\"refund\"}"], "request.malformed"),
        (vec!["call", "find", "--json", "[]"], "request.malformed"),
    ] {
        let mut args = args;
        args.extend(["--folder", folder]);
        let ran = run(&args).ended(2);
        assert_eq!(ran.error()["code"], code);
        assert_eq!(ran.stdout, "");
    }
    assert!(run(&["call"]).ended(2).stderr.contains("<COMMAND>"));
    assert_eq!(run(&["call", "find", "--json", "@/no/such/file"]).ended(4).error()["code"], "file.failed");
}

#[test]
fn a_refusal_tells_every_reason() {
    let copy = copy_of_played();
    let folder = copy.path();
    let desk = call(folder, "desk_show", &json!({}));
    let request = json!({ "product": desk["products"][0]["id"], "key": "har 300", "title": " " }).to_string();
    let secret = passphrase(folder);
    let args = [
        "call",
        "feature_request",
        "--json",
        &request,
        "--folder",
        text(folder),
        "--passphrase-file",
        &secret,
    ];
    let error = run(&args).ended(1).error();
    let codes: Vec<&str> =
        error["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["feature.title-empty", "feature.key-malformed"]);
    insta::assert_json_snapshot!("error_refused", error);
}

#[test]
fn who_signs_can_be_changed_and_limits_what_is_possible() {
    let copy = copy_of_played();
    let folder = copy.path();
    sign_as(folder, "jon");
    let desk = call(folder, "desk_show", &json!({}));
    assert_eq!(desk["me"]["handle"], "jon");
    let request =
        json!({ "product": desk["products"][0]["id"], "name": "Harbour 3", "planned": null, "copy": null });
    let (request, secret) = (request.to_string(), passphrase(folder));
    let args = [
        "call",
        "release_create",
        "--json",
        &request,
        "--folder",
        text(folder),
        "--passphrase-file",
        &secret,
    ];
    assert_eq!(run(&args).ended(1).error()["code"], "person.role-needed");
    sign_as(folder, "ines");
    run(&args).ended(0);
}

#[test]
fn an_act_needs_the_passphrase_of_the_keys() {
    let copy = copy_of_played();
    let folder = text(copy.path());
    let request = r#"{"product":null,"name":"","planned":null,"copy":null}"#;
    let wrong = copy.path().join("wrong");
    fs::write(&wrong, "not the passphrase\n").unwrap();
    let desk =
        run(&["call", "desk_show", "--folder", folder, "--passphrase-file", text(&wrong)]).ended(0).value();
    assert_eq!(desk["secrets"]["usable"], false);
    let request = request.replace("null,\"name\"", &format!("{},\"name\"", desk["products"][0]["id"]));
    let locked = run(&["call", "release_create", "--folder", folder, "--json", &request]).ended(1);
    assert_eq!(locked.error()["code"], "keys.locked");
    let absent = copy.path().join("no-such-file");
    let ran = run(&["call", "desk_show", "--folder", folder, "--passphrase-file", text(&absent)]).ended(4);
    assert_eq!(ran.error()["code"], "file.failed");
}

#[test]
fn processes_on_one_folder_lose_nothing_of_each_other() {
    let copy = copy_of_played();
    let folder = copy.path();
    let before = run(&["ledger", "verify", "--json", "--folder", text(folder)]).ended(0).value();
    let product = call(folder, "desk_show", &json!({}))["products"][0]["id"].clone();
    let secret = passphrase(folder);
    let children: Vec<_> = (0..4)
        .map(|number| {
            let request =
                json!({ "product": product, "key": format!("HAR-9{number}"), "title": "Asked at once" });
            let request = request.to_string();
            let args = [
                "call",
                "feature_request",
                "--json",
                &request,
                "--folder",
                text(folder),
                "--passphrase-file",
                &secret,
            ];
            program(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let after = run(&["ledger", "verify", "--json", "--folder", text(folder)]).ended(0).value();
    assert_eq!(after["size"].as_u64().unwrap(), before["size"].as_u64().unwrap() + 4);
    let listed = call(folder, "feature_list", &json!({ "product": null, "text": "at once" }));
    assert_eq!(listed["features"].as_array().unwrap().len(), 4);
}

#[test]
fn a_call_that_waits_carries_the_deployments_out() {
    let copy = copy_of_played();
    let folder = copy.path();
    let harbour = folder.join("harbour");
    let connection = call(folder, "connection_list", &json!({}))["connections"][0]["id"].clone();
    call(
        folder,
        "connection_address",
        &json!({ "connection": connection, "address": { "base": text(&harbour) } }),
    );
    deliver(&harbour, "2.8.0", "2.8.2");

    let secret = passphrase(folder);
    let request = json!({ "service": null }).to_string();
    let args = [
        "call",
        "builds_scan",
        "--wait",
        "--json",
        &request,
        "--folder",
        text(folder),
        "--passphrase-file",
        &secret,
    ];
    let scanned = run(&args).ended(0).value();
    assert_eq!(scanned["arrived"][0]["label"], "2.8.2", "{scanned}");

    for stage in ["dev", "qa"] {
        let environment = harbour.join("environments").join(stage).join("web");
        assert_eq!(fs::read_to_string(environment.join("current")).unwrap().trim(), "2.8.2");
    }
    let sheet = json!({ "build": scanned["arrived"][0]["id"], "stage": "qa" });
    assert_eq!(call(folder, "packet_show", &sheet)["state"], "undecided");
}

/// Delivers a build like another one, under a new label.
fn deliver(harbour: &Path, like: &str, label: &str) {
    let arrivals = harbour.join("arrivals/web");
    let artifact = fs::read_to_string(arrivals.join(like).join("service.sh")).unwrap().replace(like, label);
    let old = fs::read(arrivals.join(like).join("service.sh")).unwrap();
    let digest =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let manifest = fs::read_to_string(arrivals.join(like).join("manifest.toml")).unwrap();
    let manifest = manifest.replace(like, label).replace(&digest(&old), &digest(artifact.as_bytes()));
    fs::create_dir_all(arrivals.join(label)).unwrap();
    fs::write(arrivals.join(label).join("service.sh"), artifact).unwrap();
    fs::write(arrivals.join(label).join("manifest.toml"), manifest).unwrap();
}
