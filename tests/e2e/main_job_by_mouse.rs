//! The main job with the mouse: web 2.8.0 from acceptance to production, each person in their turn.

use anyhow::{Result, ensure};
use signalbox_tests::desktop::{App, Target, Theme};

use super::harbour::{self, FEATURES, INES, MAYA, PRIYA, SHEET, TOM, row, sign_as, visit};
use super::in_fresh_app;

#[tokio::test]
async fn main_job_by_mouse() -> Result<()> {
    in_fresh_app("main-job-by-mouse", async |app, session| {
        app.resize(1280, 800).await?;
        first_start(app).await?;
        acceptance(app).await?;
        staging(app).await?;
        release(app).await?;
        voices(app).await?;
        harbour::deploy_like_elsewhere(session)?;
        production(app).await?;
        harbour::runs_in(session, "production", "web", "2.8.0")?;
        harbour::runs_in(session, "production", "api", "2.7.3")?;
        finish(app).await?;

        let export = session.home().path().join("harbour.csv");
        register(app, &export.display().to_string()).await?;
        let rows = std::fs::read_to_string(&export)?;
        for words in ["Ines Okafor", "Priya Raman", "Maya Lindqvist", "Tom Becker", "2.8.0"] {
            ensure!(rows.contains(words), "the export does not name {words}");
        }
        Ok(())
    })
    .await
}

async fn first_start(app: &App) -> Result<()> {
    app.screenshot("01-first-start").await?;
    harbour::make(app).await?;
    app.screenshot("02-nothing-waits-for-ines").await?;
    Ok(())
}

async fn acceptance(app: &App) -> Result<()> {
    app.click(&Target::button(&format!("Sign as {PRIYA}"))).await?;
    app.find(&harbour::who(PRIYA)).await?;
    app.click(&row("web 2.8.0 in Acceptance")).await?;
    for item in ["New screens explored on a tablet", "Regression notes read"] {
        app.click(&Target::role("checkbox", item).inside(SHEET)).await?;
    }
    app.shows("checklist 2 of 2").await?;
    app.screenshot("03-priya-decides-acceptance").await?;
    approve(app, "Refunds and export explored on a tablet; regression notes read.").await?;
    app.screenshot("04-acceptance-passed").await.map(|_| ())
}

async fn staging(app: &App) -> Result<()> {
    visit_line(app).await?;
    app.appear(Theme::Dark).await?;
    app.screenshot("05-line-dark").await?;
    app.appear(Theme::Light).await?;

    sign_as(app, MAYA).await?;
    visit(app, "Inbox").await?;
    for feature in FEATURES {
        let waits = row(feature);
        // What was signed off before asks again only if something relevant changed.
        app.find(&row("web 2.8.0")).await?;
        if !app.sees(&waits).await? {
            continue;
        }
        app.click(&waits).await?;
        let sheet = "complementary:Feature";
        app.click(&Target::button("Sign off…").inside(sheet)).await?;
        app.fill(&Target::field("Comment").inside(sheet), "Looked at it in staging: as agreed.").await?;
        if feature.starts_with("HAR-301") {
            app.screenshot("06-maya-signs-off-a-feature").await?;
        }
        app.click(&Target::button("Sign off").inside(sheet)).await?;
        app.gone(&waits).await?;
    }
    app.click(&row("web 2.8.0 in Staging")).await?;
    app.screenshot("07-maya-decides-staging").await?;
    approve(app, "As agreed with the marinas.").await
}

async fn release(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    visit(app, "Releases").await?;
    app.click(&Target::button("Plan a release")).await?;
    app.fill(&Target::field("Name").inside("dialog"), "Harbour 2.8").await?;
    app.choose(&Target::role("combobox", "Copy the plan from"), "Harbour 2.7").await?;
    app.screenshot("08-plan-a-release").await?;
    app.click(&Target::button("Plan it")).await?;

    app.find(&Target::role("heading", "Harbour 2.8")).await?;
    let label = harbour::option(app, "Build of web", "2.8.0").await?;
    app.choose(&Target::role("combobox", "Build of web"), &label).await?;
    app.find(&Target::button("Promote… web 2.8.0")).await?;
    app.screenshot("09-release-scope").await?;
    plan(app).await?;
    steps(app).await
}

/// Writes or waives every section that is still open.
async fn plan(app: &App) -> Result<()> {
    app.click(&Target::role("tab", "Plan")).await?;
    app.screenshot("10-release-plan").await?;
    app.click(&Target::link("Data migration").inside("navigation:Sections of the plan")).await?;
    app.fill(&Target::css("article textarea"), "None: the columns exist since data version 41.").await?;
    app.click(&Target::button("Record the section")).await?;
    app.find(&Target::role("tab", "Plan 10 / 10")).await?;
    Ok(())
}

/// Moves the first steps in the room.
async fn steps(app: &App) -> Result<()> {
    app.click(&Target::role("tab", "Steps")).await?;
    let step = "Compare the builds of the release with what is live";
    app.click(&Target::button(&format!("Start: {step}"))).await?;
    app.click(&Target::button(&format!("Done: {step}"))).await?;
    app.fill(&Target::field("Evidence"), "Compared on the release page.").await?;
    app.click(&Target::button("Done").inside("listitem:Compare the builds")).await?;
    app.find(&Target::button(&format!("Reopen: {step}"))).await?;
    app.screenshot("11-release-steps").await?;
    Ok(())
}

async fn voices(app: &App) -> Result<()> {
    for (person, words) in
        [(TOM, "Back-up checked, the way back rehearsed."), (MAYA, "Every feature looks as agreed.")]
    {
        sign_as(app, person).await?;
        visit(app, "Inbox").await?;
        app.click(&row("Harbour 2.8: go or no-go")).await?;
        app.fill(&Target::field("Comment"), words).await?;
        app.click(&Target::button("Sign go")).await?;
        app.find(&Target::text(words).inside("list")).await?;
    }
    app.screenshot("12-go-no-go").await?;
    Ok(())
}

async fn production(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    app.click(&Target::button("Run mode")).await?;
    app.screenshot("13-run-mode").await?;
    app.click(&Target::button("Promote… web 2.8.0")).await?;
    app.click(&Target::button("Put into Production…").inside(SHEET)).await?;
    app.shows("What will be done").await?;
    app.screenshot("14-promote").await?;
    app.click(&Target::button("Sign and put into Production").inside("dialog")).await?;
    app.gone(&Target::any("dialog")).await?;
    app.find(&Target::text("node 1 of 3").inside("log")).await?;
    app.screenshot("15-release-night").await?;
    app.shows("2.8.0 was deployed to production, and its check passed.").await?;
    app.click(&Target::button("Show the log").inside(SHEET)).await?;
    app.find(&Target::text("2.8.0 is current in production").inside("log")).await?;

    sign_as_past_run_mode(app, TOM).await?;
    visit(app, "Inbox").await?;
    app.click(&row("web 2.8.0 in Production")).await?;
    app.find(&Target::button("Approve…").inside(SHEET)).await?;
    app.screenshot("16-tom-decides-production").await?;
    approve(app, "Smoke test read, error rate as before.").await?;
    visit_line(app).await?;
    app.screenshot("17-line-live").await?;
    Ok(())
}

/// Run mode hides the sidebar's words, not its menu.
async fn sign_as_past_run_mode(app: &App, name: &str) -> Result<()> {
    app.click(&Target::button("Leave run mode")).await?;
    sign_as(app, name).await
}

async fn finish(app: &App) -> Result<()> {
    visit(app, "Releases").await?;
    app.find(&row("Harbour 2.8")).await?;
    app.screenshot("18-releases").await?;
    Ok(())
}

async fn register(app: &App, path: &str) -> Result<()> {
    visit(app, "Ledger").await?;
    app.screenshot("19-ledger").await?;
    app.click(&Target::button("Export")).await?;
    app.click(&Target::button("Choose a file…").inside("dialog")).await?;
    app.answer_file_dialog("Export", Some(path)).await?;
    app.shows("entries written").await?;
    app.screenshot("20-export").await?;
    app.click(&Target::button("Close").inside("dialog")).await?;
    app.click(&Target::button("Verify")).await?;
    app.shows("entries are sound").await?;
    app.screenshot("21-verified").await?;
    Ok(())
}

async fn visit_line(app: &App) -> Result<()> {
    app.click(&Target::link("Line").inside("navigation:Main")).await?;
    app.click(&Target::role("radio", "web")).await?;
    app.find(&Target::role("group", "Track diagram of the web line")).await?;
    Ok(())
}

/// Approves what the decision sheet shows.
async fn approve(app: &App, comment: &str) -> Result<()> {
    app.click(&Target::button("Approve…").inside(SHEET)).await?;
    app.fill(&Target::field("Comment").inside(SHEET), comment).await?;
    let sign = Target::button("Sign and approve").inside(SHEET);
    app.click(&sign).await?;
    app.gone(&sign).await
}
