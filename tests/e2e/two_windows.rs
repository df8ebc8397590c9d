//! One desk, two programs: what the command line records, the open window shows, and the other way round.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use signalbox_tests::desktop::{Places, Session, Target};

use super::harbour::{self, row, visit};
use super::in_fresh_app;

#[tokio::test]
async fn what_the_command_line_records_the_desk_shows() -> Result<()> {
    in_fresh_app("two-windows", async |app, session| {
        harbour::make(app).await?;
        visit(app, "Releases").await?;
        app.find(&row("Harbour 2.7")).await?;
        app.execute("window.sameWindow = true", vec![]).await?;

        let desk = call(session, "desk_show", &json!({}))?;
        let product = &desk["products"][0]["id"];
        let create = json!({ "product": product, "name": "Harbour 2.9", "planned": null, "copy": null });
        call(session, "release_create", &create)?;
        app.find(&row("Harbour 2.9")).await?;
        ensure!(app.execute("return window.sameWindow", vec![]).await? == true, "the screens were reloaded");

        app.click(&Target::button("Plan a release")).await?;
        app.fill(&Target::field("Name").inside("dialog"), "Harbour 3.0").await?;
        app.click(&Target::button("Plan it")).await?;
        app.find(&Target::role("heading", "Harbour 3.0")).await?;
        let list = call(session, "release_list", &json!({ "product": null }))?;
        let names = list["releases"].to_string();
        ensure!(names.contains("Harbour 3.0"), "the command line knows only {names}");
        Ok(())
    })
    .await
}

/// Runs the command line on the desk of the open window.
fn call(session: &Session, command: &str, request: &Value) -> Result<Value> {
    let desktop = Places::of_this_build()?.desktop;
    let program = desktop.with_file_name(format!("signalbox{}", std::env::consts::EXE_SUFFIX));
    let mut cli = session.home().command(&program);
    let output = cli.args(["call", command, "--json", &request.to_string()]).output();
    let output = output.with_context(|| format!("{} does not start", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command} was refused: {said}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command} answers no JSON"))
}
