//! The program is killed while an answer is on its way to a pipeline system.

use crate::yard::Yard;
use serde_json::json;
use signalbox_pipelines::testing::codepipeline::fake::{Fake, KEY, SECRET};
use signalbox_pipelines::testing::codepipeline::line::{ActionDef, Line, StageDef};
use signalbox_pipelines::testing::contract::Course;
use signalbox_pipelines::testing::server::{Fault, Request, Server};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn is_answer(request: &Request) -> bool {
    request.header("x-amz-target").is_some_and(|target| target.ends_with(".PutApprovalResult"))
}

/// An AWS account with one pipeline that asks after each of its first two deployments, and one execution.
fn account(runtime: &Runtime) -> (Server, Arc<Mutex<Fake>>) {
    let deploy = || ActionDef::new("deploy", "Deploy", 1, Course::Succeeds);
    let asking = |name| {
        StageDef::new(name, vec![deploy(), ActionDef::new("approve", "Approval", 2, Course::Succeeds)])
    };
    let stages =
        vec![asking("StagingDEV"), asking("StagingQA"), StageDef::new("StagingPROD", vec![deploy()])];
    let mut fake = Fake::new(seconds_now());
    let mut line = Line::new("shop-web", "QUEUED", stages);
    let commit = fake.source.commit();
    line.begin(&mut fake.source, &commit, "WebhookV2", Vec::new());
    for _ in 0..20 {
        line.step(&mut fake.source);
    }
    fake.lines.insert(line.name.clone(), line);
    let fake = Arc::new(Mutex::new(fake));
    let serving = Arc::clone(&fake);
    let server =
        runtime.block_on(Server::start(move |request| serving.lock().unwrap().answer(request))).unwrap();
    (server, fake)
}

fn seconds_now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64()
}

#[test]
fn a_program_that_is_killed_while_it_answers_a_gate_has_answered_once_after_the_next_start() {
    let runtime = Runtime::new().unwrap();
    let (server, fake) = account(&runtime);
    let answers = || server.seen().iter().filter(|request| is_answer(request)).count();
    let yard = Yard::begin();
    let endpoint = format!("endpoint={}", server.base());
    let add = ["add", "--kind", "codepipeline", "--name", "AWS", "--account", KEY, "--with-secret"];
    let add = [&add[..], &["--option", "region=eu-west-1", "--option", &endpoint]].concat();
    yard.connection(&add, SECRET).ended(0);
    let bind = ["bind", "web", "AWS", "shop-web", "--gated", "DEV=StagingDEV", "--gated", "QA=StagingQA"];
    let gates =
        ["--gated", "PROD=StagingPROD", "--gate", "DEV=StagingDEV/approve", "--gate", "QA=StagingQA/approve"];
    yard.connection(&[&bind[..], &gates].concat(), "").ended(0);
    yard.call("builds_scan", json!({ "service": null }));
    let occupant = yard.stage("DEV")["occupant"].clone();
    assert_eq!(occupant["state"], "undecided", "{occupant}");
    let label = occupant["label"].as_str().unwrap();

    // The verdict is recorded, and with it the intent. The system carries the answer out and never says so.
    yard.sign_as("tess");
    yard.call("gate_sign", yard.signature(label, "DEV", true, "tester"));
    server.spoil(Fault::Silence, is_answer);
    let mut child = yard.spawn(&["call", "desk_show", "--wait"]);
    let limit = Instant::now() + Duration::from_secs(120);
    while answers() == 0 {
        assert!(Instant::now() < limit, "the answer was never sent");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(yard.sheet(label, "DEV")["remote_gate"]["answer"]["state"], "running");

    // What a program works on is its own for three minutes; here they are over at once.
    let database = rusqlite::Connection::open(yard.folder.path().join("signalbox.db")).unwrap();
    let freed = database.execute("UPDATE outbox SET held_until = 0 WHERE state = 'sending'", []).unwrap();
    assert_eq!(freed, 1, "it was killed in the middle of sending");
    drop(database);
    yard.call_and_wait("desk_show", json!({}));
    let answer = yard.sheet(label, "DEV")["remote_gate"]["answer"].clone();
    assert_eq!(answer["state"], "succeeded", "{answer}");
    assert_eq!(answers(), 1, "it was found there, and not sent again");
    assert_eq!(
        fake.lock().unwrap().lines["shop-web"].last_act("StagingDEV", "approve").unwrap().status,
        "Succeeded"
    );
    assert_eq!(yard.count("gate-answer-ended.v1"), 1);
    yard.verify();
}
