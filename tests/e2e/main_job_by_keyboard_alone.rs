//! The main job without a pointer: shortcuts, the palette, and Tab where a person would use it.

use anyhow::{Result, bail};
use signalbox_tests::desktop::{App, Target};

use super::harbour::{self, FEATURES, INES, MAYA, PRIYA, SHEET, TOM, row};
use super::in_fresh_app;

#[tokio::test]
async fn main_job_by_keyboard_alone() -> Result<()> {
    in_fresh_app("main-job-by-keyboard-alone", async |app, session| {
        app.resize(1280, 800).await?;
        tab_to(app, "Make the sample product").await?;
        app.press("Enter").await?;
        harbour::patiently(app, &format!("Nothing waits for you, {INES}")).await?;

        acceptance(app).await?;
        staging(app).await?;
        release(app).await?;
        voices(app).await?;
        production(app).await?;
        harbour::runs_in(session, "production", "web", "2.8.0")?;

        palette(app, "Verify").await?;
        app.shows("entries are sound").await
    })
    .await
}

async fn acceptance(app: &App) -> Result<()> {
    tab_to(app, &format!("Sign as {PRIYA}")).await?;
    app.press("Enter").await?;
    app.find(&harbour::who(PRIYA)).await?;
    open(app, "web 2.8.0 in Acceptance").await?;
    app.find(&Target::any("checkbox").inside(SHEET)).await?;
    for (done, item) in ["New screens explored on a tablet", "Regression notes read"].iter().enumerate() {
        tab_to(app, item).await?;
        app.press("Space").await?;
        app.shows(&format!("checklist {} of 2", done + 1)).await?;
    }
    approve(app, "Explored on a tablet.").await
}

async fn staging(app: &App) -> Result<()> {
    sign_as(app, MAYA).await?;
    inbox(app).await?;
    app.find(&row("web 2.8.0")).await?;
    for feature in FEATURES {
        if !app.sees(&row(feature)).await? {
            continue;
        }
        open(app, feature).await?;
        app.find(&Target::button("Sign off…")).await?;
        app.press("a").await?;
        comment(app, "As agreed.").await?;
        app.gone(&row(feature)).await?;
    }
    open(app, "web 2.8.0 in Staging").await?;
    approve(app, "As agreed with the marinas.").await
}

async fn release(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    palette(app, "Plan a release").await?;
    app.find(&Target::any("dialog")).await?;
    tab_to(app, "Name").await?;
    app.type_text("Harbour 2.8").await?;
    app.press("Enter").await?;
    app.find(&Target::role("heading", "Harbour 2.8")).await?;

    app.find(&Target::role("combobox", "Build of web")).await?;
    tab_to(app, "Build of web").await?;
    app.press("Down").await?;
    app.find(&Target::button("Promote… web 2.8.0")).await?;

    // The tabs of a room are one stop for Tab; arrows move between them.
    tab_to(app, "Scope").await?;
    app.press("Right").await?;
    app.press("Enter").await?;
    app.find(&Target::css("article textarea")).await?;
    tab_to(app, "textarea").await?;
    app.type_text("None: the columns exist since data version 41.").await?;
    tab_to(app, "Record the section").await?;
    app.press("Enter").await?;
    app.find(&Target::role("tab", "Plan 10 / 10")).await?;
    Ok(())
}

async fn voices(app: &App) -> Result<()> {
    for (person, words) in [(TOM, "Back-up checked."), (MAYA, "All as agreed.")] {
        sign_as(app, person).await?;
        inbox(app).await?;
        open(app, "Harbour 2.8: go or no-go").await?;
        app.find(&Target::button("Sign go")).await?;
        tab_to(app, "Comment").await?;
        app.type_text(words).await?;
        tab_to(app, "Sign go").await?;
        app.press("Enter").await?;
        app.find(&Target::text(words).inside("list")).await?;
    }
    Ok(())
}

async fn production(app: &App) -> Result<()> {
    sign_as(app, INES).await?;
    app.press("g").await?;
    app.press("r").await?;
    open(app, "Harbour 2.8").await?;
    app.find(&Target::button("Run mode")).await?;
    app.press("m").await?;
    app.find(&Target::button("Promote… web 2.8.0")).await?;
    tab_to(app, "Promote… web 2.8.0").await?;
    app.press("Enter").await?;
    app.find(&Target::button("Put into Production…").inside(SHEET)).await?;
    app.press("p").await?;
    app.shows("What will be done").await?;
    tab_to(app, "Sign and put into Production").await?;
    app.press("Enter").await?;
    app.shows("2.8.0 was deployed to production, and its check passed.").await?;
    app.screenshot("30-promoted-by-keyboard").await?;

    inbox(app).await?;
    sign_as(app, TOM).await?;
    open(app, "web 2.8.0 in Production").await?;
    approve(app, "Smoke test read, error rate as before.").await
}

async fn inbox(app: &App) -> Result<()> {
    app.press("g").await?;
    app.press("i").await?;
    app.find(&Target::role("heading", "Inbox")).await?;
    Ok(())
}

/// Runs an act of the command palette.
async fn palette(app: &App, act: &str) -> Result<()> {
    app.press("Ctrl+k").await?;
    app.find(&Target::any("dialog")).await?;
    app.type_text(act).await?;
    app.find(&Target::role("option", act)).await?;
    app.press("Enter").await?;
    app.gone(&Target::css(".palette")).await
}

/// Hands the desk to another person, by the menu of the sidebar.
async fn sign_as(app: &App, name: &str) -> Result<()> {
    tab_to(app, "Signs here:").await?;
    app.press("Enter").await?;
    app.find(&Target::role("menuitem", name)).await?;
    for _ in 0..8 {
        if app.focused().await?.contains(name) {
            app.press("Enter").await?;
            app.gone(&Target::any("menu")).await?;
            app.find(&harbour::who(name)).await?;
            return Ok(());
        }
        app.press("Down").await?;
    }
    bail!("the menu does not reach {name}")
}

/// Moves to a row with J and K, and opens it with Enter.
async fn open(app: &App, words: &str) -> Result<()> {
    app.find(&row(words)).await?;
    for key in ["j", "k"] {
        for _ in 0..12 {
            if current(app).await?.contains(words) {
                return app.press("Enter").await;
            }
            app.press(key).await?;
        }
    }
    bail!("J and K do not reach “{words}”")
}

/// The words of the row that the keyboard stands on.
async fn current(app: &App) -> Result<String> {
    let script = "return document.querySelector('tr[aria-selected=true]')?.textContent ?? ''";
    Ok(app.execute(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
}

/// Presses Tab until something with these words in its role or name has the focus.
async fn tab_to(app: &App, words: &str) -> Result<()> {
    let mut seen = Vec::new();
    for _ in 0..90 {
        let focused = app.focused().await?;
        let nothing = ["body", "main"].iter().any(|whole| focused.starts_with(whole));
        if focused.contains(words) && !nothing {
            return Ok(());
        }
        seen.push(focused);
        app.press("Tab").await?;
    }
    seen.dedup();
    bail!("Tab does not reach {words}; it passes {seen:#?}")
}

/// Approves what the decision sheet shows.
async fn approve(app: &App, words: &str) -> Result<()> {
    app.find(&Target::button("Approve…").inside(SHEET)).await?;
    app.press("a").await?;
    comment(app, words).await?;
    app.gone(&Target::button("Sign and approve")).await
}

/// Types the comment of a decision and signs it.
async fn comment(app: &App, words: &str) -> Result<()> {
    app.until("a form that has the focus", async || Ok(app.focused().await?.contains("Comment"))).await?;
    app.type_text(words).await?;
    app.press("Ctrl+Enter").await
}
