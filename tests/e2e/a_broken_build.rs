//! A build that fails in production: written down, rejected, rolled back by hand, and the hold released.

use anyhow::{Result, ensure};
use signalbox_app::sample::{Delivery, deliver};
use signalbox_tests::desktop::{App, Target};

use super::harbour::{self, Behind, INES, PRIYA, SHEET, TOM, row, sign_as, visit};
use super::in_fresh_app;

/// Wants a setting that every environment but production has.
const BROKEN: Delivery = Delivery {
    service: "web",
    label: "2.8.1",
    commit: "c77e915",
    author: "jon",
    created: "2026-11-17T10:21:00Z",
    features: &["HAR-301"],
    versions: ("121", "41"),
    needs: "database berths pool",
};

#[tokio::test]
async fn a_broken_build_is_rejected_and_rolled_back() -> Result<()> {
    in_fresh_app("a-broken-build", async |app, session| {
        app.resize(1280, 800).await?;
        harbour::make(app).await?;
        deliver(&harbour::folder(session), &BROKEN)?;
        ready_for_production(app).await?;

        fail(app).await?;
        ensure!(harbour::runs_in(session, "production", "web", "2.7.4").is_err(), "nothing was deployed");
        write_down(app).await?;
        reject(app).await?;
        roll_back(app).await?;
        harbour::runs_in(session, "production", "web", "2.7.4")?;
        release_the_hold(app).await
    })
    .await
}

async fn ready_for_production(app: &App) -> Result<()> {
    let behind = Behind::the_screens_of(app);
    behind.sign_as(PRIYA).await?;
    let waiting = behind.web("2.8.0").await?;
    behind.decide(&waiting, "qa", "tester", false, "2.8.1 takes its place.").await?;
    let broken = behind.web("2.8.1").await?;
    behind.pass_acceptance(&broken).await?;
    behind.pass_staging(&broken).await?;
    let release = behind.plan("Harbour 2.8.1", &broken).await?;
    behind.agree(&release).await
}

async fn fail(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    visit(app, "Releases").await?;
    app.click(&row("Harbour 2.8.1")).await?;
    app.click(&Target::button("Promote… web 2.8.1")).await?;
    app.click(&Target::button("Put into Production…").inside(SHEET)).await?;
    app.click(&Target::button("Sign and put into Production").inside("dialog")).await?;
    app.find(&Target::text("setting pool is missing").inside("log")).await?;
    app.shows("This failure began an issue-log entry").await?;
    app.screenshot("40-failed-in-production").await?;
    Ok(())
}

async fn write_down(app: &App) -> Result<()> {
    sign_as(app, TOM).await?;
    app.click(&Target::link("Complete the entry…").inside(SHEET)).await?;
    app.fill(&Target::field("Cause").inside("dialog"), "The setting “pool” is not there yet.").await?;
    app.fill(&Target::field("Solution").inside("dialog"), "Roll back; add it with the next build.").await?;
    app.screenshot("41-issue-draft").await?;
    app.click(&Target::button("Record it").inside("dialog")).await?;
    app.find(&Target::text("The setting “pool” is not there yet.").inside("complementary")).await?;
    app.gone(&Target::button("Complete the entry")).await?;
    app.find(&row("2.8.1 failed in Production")).await?;
    app.screenshot("42-issue-recorded").await?;
    Ok(())
}

async fn reject(app: &App) -> Result<()> {
    visit(app, "Inbox").await?;
    app.click(&row("web 2.8.1 failed in Production")).await?;
    app.click(&Target::button("Reject…").inside(SHEET)).await?;
    let sign = Target::button("Sign and reject").inside(SHEET);
    let unsaid = app.find(&sign).await?;
    ensure!(!unsaid.is_enabled().await?, "a rejection needs no reason");
    app.fill(&Target::field("Reason").inside(SHEET), "Production lacks the setting “pool”.").await?;
    app.screenshot("43-reject").await?;
    app.click(&sign).await?;
    app.gone(&sign).await
}

async fn roll_back(app: &App) -> Result<()> {
    production(app).await?;
    app.click(&Target::button("Roll back to 2.7.4…")).await?;
    app.fill(&Target::field("Reason").inside("dialog"), "2.8.1 does not start.").await?;
    app.screenshot("44-roll-back").await?;
    app.click(&Target::button("Sign and roll back to 2.7.4").inside("dialog")).await?;
    app.gone(&Target::any("dialog")).await?;
    let behind = Behind::the_screens_of(app);
    let back = behind.web("2.7.4").await?;
    behind.packet(&back, "production", "passed").await?;
    Ok(())
}

/// Whether nothing cuts off the facts that hang below the track.
const WHOLE: &str = "
const facts = document.querySelector('.track-tip');
if (!facts) return false;
const box = facts.getBoundingClientRect();
for (let outer = facts.parentElement; outer; outer = outer.parentElement) {
  if (getComputedStyle(outer).overflowY === 'visible') continue;
  const edge = outer.getBoundingClientRect();
  if (box.bottom > edge.bottom || box.right > edge.right) return false;
}
return true;";

async fn release_the_hold(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    production(app).await?;
    app.shows(&format!("Held by {TOM}")).await?;
    app.hover(&Target::css("[data-stage=staging][role=button]")).await?;
    app.until("the facts of staging, whole", async || Ok(app.execute(WHOLE, vec![]).await? == true)).await?;
    app.screenshot("45-held").await?;
    app.click(&Target::button("Release the hold…")).await?;
    app.fill(&Target::field("Why is it released?"), "2.7.4 runs and is watched.").await?;
    app.click(&Target::button("Release the hold…")).await?;
    app.find(&Target::button("Hold the stage…")).await?;
    app.screenshot("46-released").await?;
    Ok(())
}

/// Opens the stage sheet of production on the line of web.
async fn production(app: &App) -> Result<()> {
    app.click(&Target::link("Line").inside("navigation:Main")).await?;
    app.click(&Target::role("radio", "web")).await?;
    app.click(&Target::css("[data-stage=production][role=button]")).await?;
    app.find(&Target::role("complementary", "Stage Production")).await?;
    Ok(())
}
