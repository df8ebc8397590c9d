//! Desktop manners: native dialogs, one instance, a window that remembers its size.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use signalbox_tests::desktop::{
    App, Display, Home, PATIENCE, Places, ProcessGroup, Session, Surroundings, WINDOW,
};

use super::in_fresh_app;

/// Opens a dialog through the shell, answers it, and gives what the page hears.
async fn ask(app: &App, command: &str, request: Value, title: &str, path: Option<&str>) -> Result<Value> {
    let open = "window.answer = window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1])";
    app.execute(&format!("{open}; return null"), vec![json!(command), request]).await?;
    app.answer_file_dialog(title, path).await?;
    app.execute("return window.answer", vec![]).await
}

#[tokio::test]
async fn the_native_dialogs_give_the_chosen_path_or_nothing() -> Result<()> {
    in_fresh_app("dialogs", async |app, session| {
        let folder = session.home().path().join("exports");
        std::fs::create_dir(&folder)?;
        let export = folder.join("approvals.csv").display().to_string();
        let folder = folder.display().to_string();

        let save = json!({ "title": "Save it", "name": "ledger.csv", "extension": "csv" });
        let chosen = ask(app, "choose_save_file", save.clone(), "Save it", Some(&export)).await?;
        ensure!(chosen == json!(export), "saved as {chosen}");
        let chosen = ask(app, "choose_save_file", save, "Save it", None).await?;
        ensure!(chosen.is_null(), "a cancelled dialog gave {chosen}");

        let chosen =
            ask(app, "choose_folder", json!({ "title": "Open it" }), "Open it", Some(&folder)).await?;
        ensure!(chosen == json!(folder), "opened {chosen}");

        std::fs::write(&export, "a,b\n")?;
        let file = json!({ "title": "Attach it", "extensions": ["csv"] });
        let chosen = ask(app, "choose_file", file, "Attach it", Some(&export)).await?;
        ensure!(chosen == json!(export), "attached {chosen}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_window_remembers_its_size() -> Result<()> {
    let session = Session::start(&Surroundings::default()).await?;
    let app = session.open().await?;
    app.resize(1104, 736).await?;
    app.close_window().await?;

    let app = session.open().await?;
    let size = app.execute("return [window.innerWidth, window.innerHeight]", vec![]).await?;
    ensure!(size == json!([1104, 736]), "the window opens at {size}");
    app.close().await
}

#[tokio::test]
async fn a_second_start_yields_to_the_first() -> Result<()> {
    let home = Home::start(&Surroundings::default()).await?;
    let desktop = Places::of_this_build()?.desktop;
    // Only the desk in its usual place is there once.
    let start = || {
        let mut command = home.command(&desktop);
        command.env_remove("SIGNALBOX_DATA_DIR");
        ProcessGroup::start(&mut command)
    };
    let mut first = start()?;
    Display::connect(home.display())?.window(WINDOW).await?;

    let mut second = start()?;
    let ended = tokio::task::spawn_blocking(move || second.leader().wait());
    let status = tokio::time::timeout(PATIENCE, ended).await.context("the second start stays open")???;
    ensure!(status.success(), "the second start ended with {status}");
    ensure!(first.leader().try_wait()?.is_none(), "the first start ended");
    Ok(())
}
