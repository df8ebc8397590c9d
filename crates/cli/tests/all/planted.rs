//! Secrets that were planted in connections of every kind, and looked for wherever the program writes: its output,
//! its most talkative log, the database with its journal, exports, and every other file of the desk.

use crate::yard::Yard;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde_json::json;
use signalbox_pipelines::testing::codepipeline::fake::{Fake, KEY, SECRET};
use signalbox_pipelines::testing::codepipeline::line::{ActionDef, Line, StageDef};
use signalbox_pipelines::testing::contract::Course;
use signalbox_pipelines::testing::jenkins;
use signalbox_pipelines::testing::server::{Request, Response, Server};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;

/// The account of every connection that asks for one.
const ACCOUNT: &str = jenkins::ACCOUNT;

/// The forms in which a secret may show.
fn forms(secret: &str) -> Vec<String> {
    let pair = format!("{ACCOUNT}:{secret}");
    let escaped: String = secret
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let mut forms = vec![
        secret.to_owned(),
        escaped,
        BASE64_STANDARD.encode(&pair),
        BASE64_STANDARD_NO_PAD.encode(&pair),
        BASE64_STANDARD_NO_PAD.encode(secret),
    ];
    forms.sort();
    forms.dedup();
    forms
}

fn holds(bytes: &[u8], form: &str) -> bool {
    bytes.windows(form.len()).any(|window| window == form.as_bytes())
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// Every place where one of the secrets stands.
fn found(yard: &Yard, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let files: Vec<(String, Vec<u8>)> = files_in(yard.folder.path())
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .chain([("what was printed and logged".to_owned(), yard.said.borrow().clone().into_bytes())])
        .collect();
    for secret in secrets {
        for form in forms(secret) {
            found.extend(
                files
                    .iter()
                    .filter(|(_, bytes)| holds(bytes, &form))
                    .map(|(place, _)| format!("{form} in {place}")),
            );
        }
    }
    found
}

/// Answers with everything that was received, decoded too, under one status after the other.
fn echo(request: &Request, turn: &AtomicUsize) -> Response {
    let decoded = request
        .header("authorization")
        .and_then(|value| BASE64_STANDARD.decode(value.trim_start_matches("Basic ")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let said = format!("{:?} {:?} {} {decoded:?}", request.headers, request.query, request.body);
    let status = [401, 403, 500, 404, 400, 200][turn.fetch_add(1, Ordering::SeqCst) % 6];
    let words = request.header("authorization").unwrap_or("none").to_owned();
    let body = json!({ "message": said, "error": said, "__type": "ValidationException", "fullName": said });
    Response::json(status, &body).with("x-error", words.clone()).with("www-authenticate", words)
}

/// Whether a secret was sent, in any form.
fn was_sent(server: &Server, secret: &str) -> bool {
    let seen = format!("{:?}", server.seen());
    forms(secret).iter().any(|form| seen.contains(form))
}

#[test]
fn planted_secrets_appear_nowhere() {
    let runtime = Runtime::new().unwrap();
    let start = |handler: Box<dyn Fn(&Request) -> Response + Send + Sync>| {
        runtime.block_on(Server::start(move |request| handler(request))).unwrap()
    };
    let token = "planted/7f3a+jenkins-token";
    let jira_token = "planted/7f3b+jira-token";
    let proxy = "planted-7f3c-proxy-password";

    // A Jenkins, an AWS account and a Jira that work at first, and give back what they are sent later on.
    let mood = Arc::new(AtomicU8::new(0));
    let turn = Arc::new(AtomicUsize::new(0));
    let line = jenkins::Line::new("shop-web", &["StagingDEV", "StagingQA", "StagingPROD"], token);
    line.begin_at(2);
    line.begin();
    let (serving, its_mood, its_turn) = (line.clone(), Arc::clone(&mood), Arc::clone(&turn));
    let ci = start(Box::new(move |request| match its_mood.load(Ordering::SeqCst) {
        0 => serving.handle(request),
        // Only writes are refused, with the credential in the words.
        1 if request.is_write() => Response { status: 403, ..echo(request, &its_turn) },
        1 => serving.handle(request),
        // A log that holds the credential.
        3 if request.path.contains("logText") => {
            let log = echo(request, &its_turn);
            Response { status: 200, ..log.clone() }.with("x-text-size", log.body.len().to_string())
        }
        3 => serving.handle(request),
        _ => echo(request, &its_turn),
    }));
    let mut fake = Fake::new(1_795_000_000.0);
    let deploy = vec![ActionDef::new("deploy", "Deploy", 1, Course::Succeeds)];
    fake.lines
        .insert("cloud".into(), Line::new("cloud", "QUEUED", vec![StageDef::new("StagingDEV", deploy)]));
    let fake = Mutex::new(fake);
    let (its_mood, its_turn) = (Arc::clone(&mood), Arc::clone(&turn));
    let aws = start(Box::new(move |request| match its_mood.load(Ordering::SeqCst) {
        2 => echo(request, &its_turn),
        _ => fake.lock().unwrap().answer(request),
    }));
    let (its_mood, its_turn) = (Arc::clone(&mood), Arc::clone(&turn));
    let jira = start(Box::new(move |request| match request.segments().last().map(String::as_str) {
        Some("serverInfo") if its_mood.load(Ordering::SeqCst) < 2 => {
            Response::json(200, &json!({ "deploymentType": "Server", "version": "10.3.0" }))
        }
        Some("myself") if its_mood.load(Ordering::SeqCst) < 2 => {
            Response::json(200, &json!({ "displayName": "Reader" }))
        }
        _ => echo(request, &its_turn),
    }));
    let its_turn = Arc::clone(&turn);
    let hostile = start(Box::new(move |request| echo(request, &its_turn)));

    let mut yard = Yard::begin();
    // A reader that stays, so that the database keeps its journal.
    let reader = rusqlite::Connection::open(yard.folder.path().join("signalbox.db")).unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap();
    yard.environment = vec![
        ("SIGNALBOX_LOG", "trace".to_owned()),
        ("HTTPS_PROXY", format!("http://me:{proxy}@127.0.0.1:9")),
    ];

    // Connections of every kind; those that are refused have sent their secret, too.
    let (ci_base, aws_base) = (ci.base().to_owned(), format!("endpoint={}", aws.base()));
    let add = |name: &str, args: &[&str], secret: &str| {
        yard.connection(&[&["add", "--name", name, "--with-secret", "--kind"], args].concat(), secret)
    };
    add("CI", &["jenkins", "--address", &ci_base, "--account", ACCOUNT], token).ended(0);
    let region = ["codepipeline", "--account", KEY, "--option", "region=eu-west-1", "--option", &aws_base];
    add("AWS", &region, SECRET).ended(0);
    add("Jira", &["jira", "--address", jira.base()], jira_token).ended(0);
    assert!(was_sent(&ci, token) && was_sent(&jira, jira_token));
    let others: [(&str, &str, &[&str]); 5] = [
        ("github", "planted/7f3d+github-token", &["--option", "owner=octo"]),
        ("gitlab", "planted/7f3e+gitlab-token", &[]),
        ("bamboo", "planted/7f3f+bamboo-token", &[]),
        (
            "spinnaker",
            "planted/7f40+spinnaker-password",
            &["--account", ACCOUNT, "--option", "applications=shop"],
        ),
        ("buildbot", "planted/7f41+buildbot-password", &["--account", ACCOUNT, "--option", "stages=DEV"]),
    ];
    for (kind, secret, args) in others {
        let args = [&[kind, "--address", hostile.base()], args].concat();
        for _ in 0..2 {
            let ran = add(&format!("{kind} {}", turn.load(Ordering::SeqCst)), &args, secret);
            assert!([0, 1].contains(&ran.code), "{kind}: {}", ran.code);
        }
        assert!(was_sent(&hostile, secret), "{kind} never sent its secret, so nothing was tried");
    }
    // A proxy with a password has no place in an address; one of the environment is used, and not told.
    let with_proxy = format!("http://me:{proxy}@127.0.0.1:9");
    let far = ["jenkins", "--address", "https://ci.invalid/", "--account", ACCOUNT];
    add("Far", &[&far[..], &["--proxy", &with_proxy]].concat(), token).ended(1);
    add("Far", &far, token).ended(1);

    // A whole run: a build arrives, a verdict is passed on, and the answer is refused.
    let bind =
        ["bind", "web", "CI", "shop-web", "--gated", "DEV=StagingDEV", "--gate", "DEV=StagingDEV/Approve"];
    yard.connection(&[&bind[..], &["--gated", "QA=StagingQA", "--gated", "PROD=StagingPROD"]].concat(), "")
        .ended(0);
    yard.call("builds_scan", json!({ "service": null }));
    yard.sign_as("tess");
    mood.store(1, Ordering::SeqCst);
    yard.call_and_wait("gate_sign", yard.signature("#2", "DEV", true, "tester"));
    let answer = yard.sheet("#2", "DEV")["remote_gate"]["answer"].clone();
    assert_eq!(answer["state"], "not_done", "{answer}");

    // From here on every answer holds what was sent.
    mood.store(2, Ordering::SeqCst);
    for _ in 0..3 {
        for name in ["CI", "AWS", "Jira"] {
            yard.connection(&["test", name], "");
        }
        yard.call("builds_scan", json!({ "service": null }));
    }
    mood.store(3, Ordering::SeqCst);
    let log = yard.log("#2", "DEV");
    assert!(log.contains("[secret]"), "the log was read, and cleaned: {log}");
    let build = yard.sheet("#2", "DEV")["build"]["id"].clone();
    yard.call("promotion_preview", json!({ "build": build, "stage": "DEV" }));
    let product = yard.desk()["products"][0]["id"].clone();
    let report = json!({
        "problem": "The answer was refused", "symptoms": answer["detail"], "cause": "", "solution": "",
        "severity": "medium", "service": null, "stage": null, "build": null, "links": [],
    });
    yard.sign_as("ada");
    yard.call("issue_record", json!({ "product": product, "report": report, "draft": null }));
    for format in ["csv", "jsonl", "allowed-signers", "checkpoint"] {
        let to = yard.folder.path().join(format!("register.{format}"));
        yard.ran(&["export", format, "--to", to.to_str().unwrap()], "").ended(0);
    }
    yard.ran(&["ledger", "show"], "").ended(0);
    yard.connection(&["list"], "").ended(0);

    let mut secrets = vec![token, SECRET, jira_token, proxy];
    secrets.extend(others.iter().map(|(_, secret, _)| *secret));
    let names: Vec<String> =
        files_in(yard.folder.path()).iter().map(|path| path.display().to_string()).collect();
    for wanted in ["signalbox.db", "signalbox.db-wal", "register.jsonl", "keys/identity.age"] {
        assert!(names.iter().any(|name| name.ends_with(wanted)), "{wanted} is missing: {names:?}");
    }
    // The one place that holds them, each encrypted to the folder's own identity: keys/secrets/<connection>.age.
    let kept = names.iter().filter(|name| name.contains("/keys/secrets/") && name.ends_with(".age")).count();
    assert!(kept >= 3, "{names:?}");
    assert_eq!(found(&yard, &secrets), Vec::<String>::new());
    assert!(yard.said.borrow().contains("TRACE"), "the log is as talkative as it can be");

    // The search finds what is there.
    let leak = yard.folder.path().join("leak");
    fs::write(&leak, format!("x{}x", BASE64_STANDARD.encode(format!("{ACCOUNT}:{token}")))).unwrap();
    yard.said.borrow_mut().push_str(proxy);
    assert_eq!(found(&yard, &secrets).len(), 2);
    drop(reader);
}
