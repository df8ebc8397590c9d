//! Stages that a pipeline system moves builds into: answers to its gates, moves that nobody here decided, and systems
//! that do not answer (G2–G5).

use crate::desk::{Bench, codes};
use crate::jenkins::jenkins;
use crate::quay::{DEV, PROD, QA, Quay, now, process};
use crate::yards::{AWS_GATES, Aws, cut_off};
use serde_json::{Value, json};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::testing::codepipeline::fake::SECRET;
use signalbox_pipelines::testing::server::{Fault, Request};
use std::sync::atomic::{AtomicI64, Ordering};

/// By how many milliseconds the clock of the test with the lost answer is ahead.
static AHEAD: AtomicI64 = AtomicI64::new(0);

fn ahead() -> Moment {
    Moment::from_millis(now().millis() + AHEAD.load(Ordering::SeqCst))
}

/// One service on one CodePipeline, and a build of it that stands undecided in the first environment.
async fn one_service(clock: fn() -> Moment) -> (Aws, Quay, String, String) {
    let aws = Aws::start(&["shop-web"]).await;
    let quay = Quay::open(&["web"], process(false), clock).await;
    let cloud = quay.connect("codepipeline", "AWS", aws.address(), SECRET).await;
    quay.bind_gated("web", &cloud, "shop-web", AWS_GATES).await;
    let execution = aws.begin("shop-web");
    let web = quay.until_undecided("web", DEV).await;
    (aws, quay, web, execution)
}

fn is_answer(request: &Request) -> bool {
    request.header("x-amz-target").is_some_and(|target| target.ends_with(".PutApprovalResult"))
}

fn verdicts(aws: &Aws) -> Vec<(String, String)> {
    aws.answers().into_iter().map(|(_, stage, status)| (stage, status)).collect()
}

fn said(stage: &str, status: &str) -> (String, String) {
    (stage.to_owned(), status.to_owned())
}

/// Takes turns until the answer to a gate stands so.
async fn until_answer(quay: &Quay, label: &str, stage: &str, state: &str) -> Value {
    let what = format!("the answer in {stage} is {state}");
    quay.until(&what, async || {
        let answer = quay.answer("web", label, stage).await;
        (answer["state"] == state).then_some(answer)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_verdicts_answer_the_gates_there_once_with_the_words_of_who_signed() {
    let (aws, quay, web, _) = one_service(now).await;
    quay.product_test("succeeded").await;
    assert_eq!(quay.until_undecided("web", QA).await, web);
    quay.decide("web", &web, QA, false).await;
    let answer = until_answer(&quay, &web, QA, "succeeded").await;
    assert_eq!((&answer["approve"], &answer["by"]), (&json!(false), &json!("Tess Oduya")));
    for _ in 0..5 {
        quay.turn().await;
    }
    assert_eq!(verdicts(&aws), [said(DEV, "Approved"), said(QA, "Rejected")]);
    let words = aws.fake().lines["shop-web"].last_act(QA, "approve").unwrap().summary.clone().unwrap();
    assert!(words.starts_with("Tess Oduya: Tried by hand."), "{words}");
    assert_eq!(quay.block("web", PROD).await["deployed"], Value::Null, "a rejected build goes nowhere");
    quay.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_a_sheet_that_a_move_made_stale_is_refused_and_nothing_is_sent() {
    let (aws, quay, web, older) = one_service(now).await;
    quay.product_test("succeeded").await;
    assert_eq!(quay.until_undecided("web", QA).await, web);
    quay.sign_as("tess").await;
    let old = quay.sheet_of("web", &web, QA).await;
    // Meanwhile somebody rejects it in the console and lets a newer build through.
    aws.answer_there("shop-web", &older, false);
    let newer = aws.begin("shop-web");
    aws.answer_there("shop-web", &newer, true);
    quay.until("the move is noticed", async || {
        (quay.block("web", QA).await["changes"] != json!([])).then_some(())
    })
    .await;
    let refused = quay.refused("gate_sign", Bench::signature(&old, true, "tester", "Fine.")).await;
    assert!(codes(&refused).contains(&"packet.changed"), "{refused:?}");
    for _ in 0..3 {
        quay.turn().await;
    }
    assert_eq!(verdicts(&aws), [said(DEV, "Approved")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn g2_a_gate_that_was_skipped_is_an_unexplained_change_until_a_person_explains_it() {
    let (aws, quay, web, execution) = one_service(now).await;
    aws.answer_there("shop-web", &execution, true);
    let changes = quay
        .until("the move is noticed", async || {
            let changes = quay.block("web", QA).await["changes"].clone();
            (changes != json!([])).then_some(changes)
        })
        .await;
    assert_eq!(changes[0]["build"]["label"], json!(web), "{changes}");
    for _ in 0..3 {
        quay.turn().await;
    }
    assert_eq!(quay.count("change-unexplained.v1").await, 1, "it is recorded once");
    let explain = |reason: &str| json!({ "change": changes[0]["id"], "reason": reason });
    quay.sign_as("tess").await;
    quay.refused("change_explain", explain("It was me.")).await;
    quay.sign_as("omar").await;
    quay.refused("change_explain", explain(" ")).await;
    quay.call("change_explain", explain("Approved in the console, because the night's test was late.")).await;
    quay.turn().await;
    assert_eq!(quay.block("web", QA).await["changes"], json!([]));
    assert!(aws.answers().is_empty());
    quay.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_read_back_and_sent_once() {
    for fault in [Fault::ResetAfter, Fault::ErrorAfter(500), Fault::Silence, Fault::ErrorBefore(503)] {
        let (aws, quay, web, _) = one_service(now).await;
        aws.server.spoil(fault, is_answer);
        quay.product_test("succeeded").await;
        assert_eq!(quay.until_undecided("web", QA).await, web);
        until_answer(&quay, &web, DEV, "succeeded").await;
        // Only a request that the system never saw is sent again.
        let sends = if fault.arrives() { 1 } else { 2 };
        assert_eq!(aws.answers().len(), sends, "{fault:?}");
        assert_eq!(aws.server.unspoil(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_found_out_is_shown_as_unknown_and_settled_by_a_person() {
    let (aws, quay, web, _) = one_service(ahead).await;
    aws.fake().history_tells_summaries = false;
    aws.server.spoil(Fault::ResetAfter, is_answer);
    quay.product_test("succeeded").await;
    quay.turn().await;
    assert_eq!(quay.answer("web", &web, DEV).await["state"], "running");
    // The next build comes to the gate, and with it the words of the answer are gone.
    aws.begin("shop-web");
    AHEAD.store(3 * 60 * 1000, Ordering::SeqCst);
    let answer = until_answer(&quay, &web, DEV, "unknown").await;
    assert!(!answer["detail"].as_str().unwrap().is_empty(), "{answer}");
    let sheet = quay.sheet_of("web", &web, DEV).await;
    quay.sign_as("ada").await;
    let settle = json!({
        "build": sheet["build"]["id"], "stage": DEV, "answer": answer["id"], "outcome": "succeeded",
        "detail": "The console shows it as approved.",
    });
    quay.call("answer_settle", settle.clone()).await;
    assert_eq!(quay.answer("web", &web, DEV).await["state"], "succeeded");
    assert!(!codes(&quay.refused("answer_settle", settle).await).is_empty(), "it is settled once");
    for _ in 0..3 {
        quay.turn().await;
    }
    assert_eq!(aws.answers().len(), 1, "it is never sent again");
    quay.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_was_left_behind_is_sent_once_after_the_next_start() {
    let (aws, quay, web, _) = one_service(now).await;
    quay.product_test("succeeded").await;
    let quay = quay.restarted();
    assert_eq!(quay.answer("web", &web, DEV).await["state"], "running");
    assert!(aws.answers().is_empty());
    assert_eq!(quay.until_undecided("web", QA).await, web);
    let quay = quay.restarted();
    for _ in 0..3 {
        quay.turn().await;
    }
    assert_eq!(verdicts(&aws), [said(DEV, "Approved")]);
    assert_eq!(quay.answer("web", &web, DEV).await["state"], "succeeded");
}

/// Binds a service, whose first build is recorded by hand, to a Jenkins that deploys what it is told to.
async fn driven(quay: &Quay, service: &str, base: &str) {
    let id = quay.service(service).await;
    let record = json!({
        "service": id, "label": "1.0.0", "commit": "9fceb02", "author": "grace", "features": [], "sha256": null,
        "application": "1.0.0", "configuration": "", "infrastructure": "", "data": "",
    });
    quay.call("build_record", record).await;
    let address = json!({ "base": base, "account": "ada", "ca_file": null });
    let connection = quay.connect("jenkins", &format!("CI of {service}"), address, "token").await;
    let map = |stage: &str, remote: &str| json!({ "stage": stage, "way": "driven", "remote": remote, "gate": null });
    let stages = json!([map(QA, "QA"), map(PROD, "PROD")]);
    let bind = json!({ "service": id, "connection": connection, "pipeline": service, "stages": stages });
    quay.call("service_bind", bind).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_that_do_not_answer_keep_nobody_else_waiting() {
    let aws = Aws::start(&["shop-web"]).await;
    let quay = Quay::open(&["web", "dead", "silent", "page"], process(false), now).await;
    let cloud = quay.connect("codepipeline", "AWS", aws.address(), SECRET).await;
    quay.bind_gated("web", &cloud, "shop-web", AWS_GATES).await;
    let (dead, silent) = (jenkins(&["dead"], "token").await, jenkins(&["silent"], "token").await);
    let page = jenkins(&["page"], "token").await;
    for (service, server) in [("dead", &dead), ("silent", &silent), ("page", &page)] {
        driven(&quay, service, server.base()).await;
    }
    aws.begin("shop-web");
    let web = quay.until_undecided("web", DEV).await;

    // From here on one port is closed, one system never answers, and one shows its login page to everybody.
    cut_off(&dead);
    drop(dead);
    for _ in 0..2_000 {
        silent.spoil(Fault::Silence, |_| true);
        page.spoil(Fault::LoginPage, |_| true);
    }
    quay.desk.start();
    quay.product_test("succeeded").await;
    let undecided = async |stage: &'static str| {
        quay.soon(&format!("web undecided in {stage}"), async || {
            (quay.block("web", stage).await["occupant"]["state"] == "undecided").then_some(())
        })
        .await;
    };
    undecided(QA).await;
    // The others' deployments have begun, and go nowhere.
    for service in ["dead", "silent", "page"] {
        assert_eq!(quay.block(service, QA).await["shown"]["label"], "1.0.0", "{service}");
    }
    quay.decide("web", &web, QA, true).await;
    quay.soon("web in production", async || {
        (quay.block("web", PROD).await["deployed"]["label"] == web.as_str()).then_some(())
    })
    .await;

    // Lists and sheets answer, also while somebody waits for the silent one.
    let preview = async |service: &str, label: &str| {
        let request = json!({ "build": quay.id_of(service, label).await, "stage": PROD });
        quay.call("promotion_preview", request).await
    };
    let request = json!({ "build": quay.id_of("silent", "1.0.0").await, "stage": PROD });
    let desk = std::sync::Arc::clone(&quay.desk);
    let waiting = tokio::spawn(async move { desk.call("promotion_preview", request).await });
    for command in ["inbox_list", "desk_show", "connection_list", "settings_show"] {
        quay.call(command, json!({})).await;
    }
    for service in ["web", "dead", "silent", "page"] {
        quay.block(service, PROD).await;
    }
    assert!(preview("web", &web).await["mechanism"].as_str().unwrap().starts_with("AWS brings builds here"));
    assert_eq!(waiting.await.unwrap().unwrap()["allowed"], false);

    // What is asked of the others themselves says why it can't be told.
    // A closed port is knocked at again while there is time.
    let wanted: [(&str, &[&str]); 3] = [
        ("dead", &["remote.transport", "remote.timeout"]),
        ("silent", &["remote.timeout"]),
        ("page", &["remote.protocol"]),
    ];
    for (service, wanted) in wanted {
        let preview = preview(service, "1.0.0").await;
        assert_eq!(preview["allowed"], false, "{service}: {preview}");
        let reasons = preview["reasons"].as_array().unwrap();
        let remote = reasons.iter().find(|reason| reason["code"].as_str().unwrap().starts_with("remote."));
        let remote = remote.unwrap_or_else(|| panic!("{service}: {preview}"));
        assert!(!remote["next_step"].as_str().unwrap().is_empty(), "{service}: {preview}");
        assert!(wanted.contains(&remote["code"].as_str().unwrap()), "{service}: {preview}");
        let sentence = reasons[0]["sentence"].as_str().unwrap();
        assert!(sentence.contains("it is waiting for") || sentence.contains("it waits"), "{sentence}");
    }
    // Nothing was sent into the closed port, and that is said.
    let sheet = quay.sheet_of("dead", "1.0.0", QA).await;
    assert_eq!(sheet["deployment"]["state"], "not_done", "{}", sheet["deployment"]);
}
