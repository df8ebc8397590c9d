//! A product of one's own and a real Buildbot: connected, bound stage by stage, and a build taken to production.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use signalbox_pipelines::testing::buildbot::{PASSWORD, ROSA, RealBuildbot, STAGES};
use signalbox_tests::desktop::{App, Target, Theme};

use super::harbour::{SHEET, row, sign_as, visit};
use super::in_fresh_app;

const ADA: &str = "Ada Byron";
const TESS: &str = "Tess Oduya";
const NAME: &str = "Build farm";

#[tokio::test]
async fn a_build_of_a_real_buildbot_goes_to_production_by_mouse() -> Result<()> {
    let buildbot = RealBuildbot::start().await?;
    in_fresh_app("buildbot", async |app, _| {
        app.resize(1280, 800).await?;
        begin(app).await?;
        connect(app, &buildbot).await?;
        bind(app).await?;

        buildbot.build("web", "1.0.0", "9fceb02d0ae598e95dc970b74767f19372d61af8").await?;
        arrive(app).await?;
        decide(app, "DEV", "StagingDEV").await?;
        decide(app, "QA", "StagingQA").await?;
        for stage in STAGES {
            app.until(&format!("the deployment to {stage}"), async || {
                Ok(buildbot.deployed("web", stage) == ["1.0.0"])
            })
            .await?;
        }
        live(app).await
    })
    .await
}

/// A product with three environments, its people and its agreed strategy; how one makes them is shown elsewhere.
async fn begin(app: &App) -> Result<()> {
    let own = json!({
        "ledger": "Quay", "handle": "ada", "name": ADA, "roles": ["release-manager", "operations"],
        "product": "Quay", "product_key": "QUAY", "services": ["web"], "starter": "three-environments",
        "pipeline_folder": null, "secrets": "keychain", "passphrase": null,
    });
    app.call("desk_create", own).await?;
    let desk = app.call("desk_show", json!({})).await?;
    let (product, ada) = (desk["products"][0]["id"].clone(), desk["me"]["id"].clone());
    for (handle, name, role) in [
        ("tess", TESS, "tester"),
        ("dora", "Dora Iyer", "developer"),
        ("bela", "Bela Novak", "business-analyst"),
        ("omar", "Omar Reyes", "operations"),
    ] {
        let person =
            json!({ "handle": handle, "name": name, "roles": [role], "public": null, "passphrase": null });
        app.call("person_enrol", person).await?;
    }
    let strategy = app.call("strategy_show", json!({ "product": product, "version": null })).await?;
    for role in strategy["agreement_missing"].as_array().context("nobody has to agree")? {
        let desk = app.call("desk_show", json!({})).await?;
        let holds = |person: &&serde_json::Value| {
            person["roles"]
                .as_array()
                .is_some_and(|roles| roles.iter().any(|held| held["key"] == role["key"]))
        };
        let people = desk["here"].as_array().context("nobody is here")?;
        let person = people.iter().find(holds).with_context(|| format!("nobody is {role}"))?;
        app.call("person_switch", json!({ "person": person["id"] })).await?;
        let agree = json!({
            "product": product, "version": 1, "role": role["key"], "comment": "", "passphrase": null,
        });
        app.call("strategy_cosign", agree).await?;
    }
    app.call("person_switch", json!({ "person": ada })).await?;
    app.call("strategy_activate", json!({ "product": product, "version": 1 })).await?;
    app.go("#/settings/connections").await
}

async fn connect(app: &App, buildbot: &RealBuildbot) -> Result<()> {
    app.click(&Target::button("Add a connection").nth(0)).await?;
    app.click(&Target::button("Buildbot").inside("dialog")).await?;
    let field = |label: &str| Target::field(label).inside("dialog");
    app.fill(&field("Name"), NAME).await?;
    app.fill(&field("Address"), buildbot.base()).await?;
    app.fill(&field("Password"), PASSWORD).await?;
    app.fill(&field("Stages"), &STAGES.join(", ")).await?;
    app.click(&Target::text("More settings").inside("dialog")).await?;
    app.fill(&field("User name (optional)"), ROSA).await?;
    app.click(&Target::button("Test").inside("dialog")).await?;
    app.shows("It works").await?;
    app.screenshot("buildbot-1-tested").await?;
    app.click(&Target::button("Add it").inside("dialog")).await?;
    app.gone(&Target::any("dialog")).await?;
    app.click(&Target::button(&format!("Test {NAME}"))).await?;
    app.shows("It works").await?;
    app.screenshot("buildbot-2-connected").await?;
    Ok(())
}

/// Says for each stage that Signalbox moves builds into it, and what it is called there.
async fn bind(app: &App) -> Result<()> {
    app.click(&Target::button("Bind… web")).await?;
    let select = |label: &str| Target::role("combobox", label).inside("dialog");
    app.choose(&select("Pipeline"), "web").await?;
    for (stage, there) in ["DEV", "QA", "PROD"].into_iter().zip(STAGES) {
        app.choose(&select(&format!("Moved by: {stage}")), "Signalbox").await?;
        app.choose(&select(&format!("Stage there: {stage}")), &format!("{there} (deploy-web-{there})"))
            .await?;
    }
    app.screenshot("buildbot-3-bound-stage-by-stage").await?;
    app.click(&Target::button("Bind it").inside("dialog")).await?;
    app.gone(&Target::any("dialog")).await?;
    app.shows("PROD = StagingPROD").await
}

/// The build arrives by itself; its deployment is watched while it goes on.
async fn arrive(app: &App) -> Result<()> {
    sign_as(app, TESS).await?;
    visit(app, "Inbox").await?;
    app.find(&row("web 1.0.0 in DEV")).await?;
    app.screenshot("buildbot-4-arrived").await?;
    Ok(())
}

/// Reads the log of the Buildbot build, then approves what it deployed.
async fn decide(app: &App, stage: &str, there: &str) -> Result<()> {
    app.click(&row(&format!("web 1.0.0 in {stage}"))).await?;
    app.click(&Target::button("Show the log").inside(SHEET)).await?;
    app.find(&Target::text(&format!("deploying 1.0.0 to {there}")).inside("log")).await?;
    ensure!(!app.text().await?.contains(PASSWORD), "the log shows the password");
    app.screenshot(&format!("buildbot-5-decides-{stage}")).await?;
    app.click(&Target::button("Approve…").inside(SHEET)).await?;
    app.fill(&Target::field("Comment").inside(SHEET), "Tried by hand.").await?;
    let sign = Target::button("Sign and approve").inside(SHEET);
    app.click(&sign).await?;
    app.gone(&sign).await
}

/// Production runs the build, and the register holds.
async fn live(app: &App) -> Result<()> {
    let desk = app.call("desk_show", json!({})).await?;
    let service = desk["products"][0]["services"][0]["id"].clone();
    app.until("1.0.0 in PROD", async || {
        let line = app.call("line_show", json!({ "service": service })).await?;
        let stages = line["stages"].as_array().context("the line has no stages")?;
        Ok(stages.iter().any(|stage| stage["key"] == "PROD" && stage["deployed"]["label"] == "1.0.0"))
    })
    .await?;
    app.click(&Target::link("Line").inside("navigation:Main")).await?;
    app.find(&Target::role("group", "Track diagram of the web line")).await?;
    app.screenshot("buildbot-6-line-live").await?;
    app.appear(Theme::Dark).await?;
    app.screenshot("buildbot-6-line-live-dark").await?;
    app.appear(Theme::Light).await?;
    visit(app, "Ledger").await?;
    app.click(&Target::button("Verify")).await?;
    app.shows("entries are sound").await?;
    app.screenshot("buildbot-7-verified").await?;
    Ok(())
}
