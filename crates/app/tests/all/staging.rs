//! The case of many pipelines with gates of their own: nightly product tests approve the first environment, one
//! person's decision releases to production, and whatever goes wrong stays where it went wrong (R1, R2, R5, G1–G5).

use crate::desk::codes;
use crate::quay::{DEV, PROD, QA, Quay, now, process};
use crate::yards::{AWS_GATES, Aws, Ci, JENKINS_GATES, TOKEN, cut_off};
use serde_json::{Value, json};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::testing::codepipeline::fake::SECRET;
use std::sync::atomic::{AtomicI64, Ordering};

/// By how many milliseconds the clocks of the two tests are ahead.
static AHEAD: [AtomicI64; 2] = [AtomicI64::new(0), AtomicI64::new(0)];
/// A little more than the hour for which a gate is waited for.
const AN_HOUR: i64 = 61 * 60 * 1000;

fn ahead<const TEST: usize>() -> Moment {
    Moment::from_millis(now().millis() + AHEAD[TEST].load(Ordering::SeqCst))
}

/// A release with these builds and a plan that is complete and agreed.
async fn release(quay: &Quay, builds: &[(&str, &str)]) -> String {
    quay.sign_as("ada").await;
    let create = json!({ "product": quay.product().await, "name": "Shop 1", "planned": null, "copy": null });
    let release = quay.call("release_create", create).await["id"].as_str().unwrap().to_owned();
    let mut chosen = Vec::new();
    for (service, label) in builds {
        chosen.push(
            json!({ "service": quay.service(service).await, "build": quay.id_of(service, label).await }),
        );
    }
    quay.call("release_choose", json!({ "release": release, "builds": chosen })).await;
    let room = quay.call("release_show", json!({ "release": release })).await;
    for section in room["sections"].as_array().unwrap() {
        let text = json!({ "release": release, "section": section["key"], "text": "As last time.", "rehearsal": null });
        quay.call("plan_section_write", text).await;
    }
    for (who, role) in [("bela", "business-analyst"), ("omar", "operations"), ("ada", "release-manager")] {
        quay.sign_as(who).await;
        let go = json!({ "release": release, "role": role, "go": true, "comment": "", "passphrase": null });
        quay.call("release_go", go).await;
    }
    release
}

async fn sheet(quay: &Quay, release: &str) -> Value {
    quay.call("send_show", json!({ "release": release, "stage": PROD })).await
}

/// What became of each service of the release, by name.
async fn outcomes(quay: &Quay, release: &str) -> Vec<(String, String)> {
    let shown = sheet(quay, release).await;
    let mut outcomes: Vec<_> = shown["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (word(&member["service"]["name"]), word(&member["outcome"]))
        })
        .collect();
    outcomes.sort();
    outcomes
}

async fn outcome_of(quay: &Quay, release: &str, service: &str) -> String {
    let all = outcomes(quay, release).await;
    all.into_iter().find(|(known, _)| known == service).unwrap().1
}

fn send(release: &str, sheet: &Value) -> Value {
    json!({
        "release": release, "stage": PROD, "role": "release-manager", "comment": "Go.",
        "packet": sheet["digest"], "passphrase": null,
    })
}

fn resume(release: &str, sheet: &Value) -> Value {
    json!({
        "release": release, "role": "release-manager", "reason": "It answers again.", "packet": sheet["digest"],
        "passphrase": null,
    })
}

/// An answer to a CodePipeline gate, as it was sent.
fn said(pipeline: &str, stage: &str, status: &str) -> (String, String, String) {
    (pipeline.to_owned(), stage.to_owned(), status.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_decision_answers_each_services_own_gate_and_what_did_not_arrive_is_resumed() {
    let aws = Aws::start(&["shop-web", "shop-mail"]).await;
    let ci = Ci::start("shop-api").await;
    let quay = Quay::open(&["web", "mail", "api"], process(true), ahead::<0>).await;
    let cloud = quay.connect("codepipeline", "AWS", aws.address(), SECRET).await;
    let jenkins = quay.connect("jenkins", "CI", ci.address(), TOKEN).await;
    // The Jenkins has a past: what stands in production there was never on this line.
    ci.line.begin_at(2);
    for service in ["web", "mail"] {
        quay.bind_gated(service, &cloud, &format!("shop-{service}"), AWS_GATES).await;
    }
    quay.bind_gated("api", &jenkins, "shop-api", JENKINS_GATES).await;

    // Commits: the pipelines bring their builds into the first environment by themselves.
    for pipeline in ["shop-web", "shop-mail"] {
        aws.begin(pipeline);
    }
    let build = format!("#{}", ci.line.begin());
    let web = quay.until_undecided("web", DEV).await;
    let mail = quay.until_undecided("mail", DEV).await;
    assert_eq!(quay.until_undecided("api", DEV).await, build);

    // What was there before is an unexplained change until a person explains it.
    let changes = quay.block("api", PROD).await["changes"].clone();
    assert_eq!(changes.as_array().unwrap().len(), 1, "{changes}");
    assert_eq!(changes[0]["found"], "#1");
    let explain = json!({ "change": changes[0]["id"], "reason": "It was deployed before Signalbox came." });
    quay.call("change_explain", explain).await;
    quay.turn().await;
    assert_eq!(quay.block("api", PROD).await["changes"], json!([]), "an explanation holds");

    // Nightly product tests: a failure approves nothing and rejects nothing, a success answers every gate.
    quay.product_test("failed").await;
    quay.turn().await;
    assert_eq!((aws.answers().len(), ci.writes().len()), (0, 0));
    quay.product_test("succeeded").await;
    assert_eq!(quay.until_undecided("web", QA).await, web);
    assert_eq!(quay.until_undecided("mail", QA).await, mail);
    assert_eq!(quay.until_undecided("api", QA).await, build);
    let mut answers = aws.answers();
    answers.sort();
    assert_eq!(answers, [said("shop-mail", DEV, "Approved"), said("shop-web", DEV, "Approved")]);
    assert_eq!(ci.writes(), ["/job/shop-api/2/input/Approve/proceedEmpty"]);

    // One service is rejected locally, and that stays local.
    quay.decide("mail", &mail, QA, false).await;
    quay.until("the rejection is passed on", async || {
        (quay.answer("mail", &mail, QA).await["state"] == "succeeded").then_some(())
    })
    .await;
    assert_eq!(aws.answers()[2..], [said("shop-mail", QA, "Rejected")]);
    for (service, label) in [("web", &web), ("api", &build)] {
        let occupant = quay.block(service, QA).await["occupant"].clone();
        assert_eq!((&occupant["label"], &occupant["state"]), (&json!(label), &json!("undecided")));
    }

    // Newer builds come to gates of the same name, one environment earlier.
    let newer = ci.line.begin();
    aws.begin("shop-web");
    quay.turn().await;

    // One person's decision; the Jenkins can't be reached.
    let release = release(&quay, &[("web", &web), ("api", &build)]).await;
    cut_off(&ci.server);
    let shown = sheet(&quay, &release).await;
    quay.call("release_send", send(&release, &shown)).await;
    quay.until_deployed("web", PROD, &web).await;
    assert_eq!(aws.answers()[3..], [said("shop-web", QA, "Approved")]);
    assert_eq!(ci.writes().len(), 1, "nothing reached it");
    let expected = [("api", "sent"), ("mail", "nothing_to_approve"), ("web", "done")];
    assert_eq!(
        outcomes(&quay, &release).await,
        expected.map(|(name, word)| (name.to_owned(), word.to_owned()))
    );

    // The set of builds is frozen.
    quay.sign_as("ada").await;
    let other = json!([{ "service": quay.service("web").await, "build": quay.id_of("web", &web).await }]);
    let frozen = quay.refused("release_choose", json!({ "release": release, "builds": other })).await;
    assert!(codes(&frozen).contains(&"release.frozen"), "{frozen:?}");

    // After an hour without an answer it is given up, and can be resumed once the system is back.
    AHEAD[0].store(AN_HOUR, Ordering::SeqCst);
    quay.until("the answer is given up", async || {
        (outcome_of(&quay, &release, "api").await == "failed").then_some(())
    })
    .await;
    ci.server.unspoil();
    quay.turn().await;
    assert_eq!(ci.writes().len(), 1, "what was given up is not sent by itself");
    let shown = sheet(&quay, &release).await;
    quay.call("release_resume", resume(&release, &shown)).await;
    quay.until_deployed("api", PROD, &build).await;
    assert_eq!(outcome_of(&quay, &release, "api").await, "done");
    for _ in 0..5 {
        quay.turn().await;
    }
    let path = "/job/shop-api/2/input/Approve/proceedEmpty";
    assert_eq!(ci.writes(), [path, path], "once for each gate of the build that was decided");
    assert_eq!(aws.answers().len(), 4, "the others were not asked again");
    let again = sheet(&quay, &release).await;
    let refused = quay.refused("release_resume", resume(&release, &again)).await;
    assert_eq!(codes(&refused), ["release.nothing-to-resume"]);

    // Only the build that the signer saw went on.
    assert_eq!(ci.line.runs().iter().find(|run| run.number == newer).unwrap().place, 0);
    assert!(
        aws.fake().lines["shop-web"].runs[1]
            .acts
            .iter()
            .any(|act| act.token.is_some() && act.status == "InProgress")
    );

    // Every move is recorded: three builds into DEV and QA, two into PROD, and the newer ones into DEV.
    assert_eq!(quay.count("gate-answer-intended.v1").await, 7);
    assert_eq!(quay.count("release-decided.v1").await, 1);
    assert_eq!(quay.count("release-resumed.v1").await, 1);
    let room = quay.call("release_show", json!({ "release": release })).await;
    let chosen: Vec<_> =
        room["scope"].as_array().unwrap().iter().map(|row| row["chosen"]["label"].clone()).collect();
    assert!(chosen.contains(&json!(web)) && chosen.contains(&json!(build)), "{chosen:?}");
    quay.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_a_newer_build_at_the_gate_is_not_approved_by_a_decision_on_an_older_one() {
    let aws = Aws::start(&["shop-web"]).await;
    let quay = Quay::open(&["web"], process(true), ahead::<1>).await;
    let cloud = quay.connect("codepipeline", "AWS", aws.address(), SECRET).await;
    quay.bind_gated("web", &cloud, "shop-web", AWS_GATES).await;
    let older = aws.begin("shop-web");
    let web = quay.until_undecided("web", DEV).await;
    quay.product_test("succeeded").await;
    assert_eq!(quay.until_undecided("web", QA).await, web);
    let release = release(&quay, &[("web", &web)]).await;

    // Between the decision and its sending, somebody rejects the build in the console and lets a newer one through.
    cut_off(&aws.server);
    let shown = sheet(&quay, &release).await;
    quay.call("release_send", send(&release, &shown)).await;
    quay.turn().await;
    aws.answer_there("shop-web", &older, false);
    let newer = aws.begin("shop-web");
    aws.answer_there("shop-web", &newer, true);
    aws.server.unspoil();
    // The newer build came into the environment past its gate: nobody here decided that.
    let changes = quay
        .until("the move is noticed", async || {
            let changes = quay.block("web", QA).await["changes"].clone();
            (changes != json!([])).then_some(changes)
        })
        .await;
    assert_eq!(changes.as_array().unwrap().len(), 1, "{changes}");
    for _ in 0..5 {
        quay.turn().await;
    }
    assert_eq!(quay.answer("web", &web, QA).await["state"], "running", "its own build may still come");
    AHEAD[1].store(AN_HOUR, Ordering::SeqCst);
    let answer = quay
        .until("the answer is kept back", async || {
            let answer = quay.answer("web", &web, QA).await;
            (answer["state"] == "not_done").then_some(answer)
        })
        .await;
    let why = answer["detail"].as_str().unwrap();
    assert!(why.contains("waits at StagingQA/approve instead"), "{answer}");
    assert_eq!(aws.answers().len(), 1, "only the first environment's gate was answered");
    let waits = aws.fake().lines["shop-web"].run(&newer).unwrap().acts.last().unwrap().status;
    assert_eq!(waits, "InProgress", "the newer build waits for a decision of its own");
    assert_eq!(outcome_of(&quay, &release, "web").await, "failed");
    quay.verify().await;
}
