//! The window as it opens, and the walls around it.

use anyhow::{Result, ensure};
use serde_json::json;

use super::in_fresh_app;

#[tokio::test]
async fn the_first_screen_opens_and_is_accessible() -> Result<()> {
    in_fresh_app("first-screen", async |app, _| {
        ensure!(app.client().title().await? == "Signalbox");
        app.expect_accessible("the first screen").await?;
        app.screenshot("first-screen").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_page_runs_no_foreign_code_and_reaches_no_foreign_place() -> Result<()> {
    in_fresh_app("walls", async |app, _| {
        let inline = "
            const script = document.createElement('script');
            script.textContent = 'window.inlineRan = true';
            document.body.append(script);
            return window.inlineRan === true";
        ensure!(app.execute(inline, vec![]).await? == false, "an inline script ran");

        let eval = "try { return (0, eval)('40 + 2') } catch (error) { return error.name }";
        ensure!(app.execute(eval, vec![]).await? == "EvalError", "eval ran");

        let globals = "return ['__TAURI__', '__TAURI_PLUGINS__'].filter((name) => name in window)";
        ensure!(app.execute(globals, vec![]).await? == json!([]), "the framework is within reach of the page");
        ensure!(app.execute("return Object.isFrozen(Object.prototype)", vec![]).await? == true);

        let fetch = "
            const refused = new Promise((done) =>
              document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true }));
            return fetch('http://127.0.0.1:9/').then(() => 'fetched', () => refused);";
        ensure!(app.execute(fetch, vec![]).await? == "connect-src", "the page may call out");

        let address = app.client().current_url().await?;
        app.execute("window.location.href = 'http://127.0.0.1:9/'", vec![]).await?;
        ensure!(app.execute("return window.open('http://127.0.0.1:9/') === null", vec![]).await? == true);
        app.settled().await?;
        ensure!(app.client().current_url().await? == address, "the window left the screens");
        ensure!(app.client().windows().await?.len() == 1, "a second window opened");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_page_may_ask_the_shell_for_nothing_but_its_own_commands() -> Result<()> {
    in_fresh_app("capabilities", async |app, _| {
        let ask = "
            return window.__TAURI_INTERNALS__.invoke(arguments[0], {}).then(() => 'allowed', String);";
        for command in [
            "plugin:window|close",
            "plugin:dialog|open",
            "plugin:dialog|save",
            "plugin:app|version",
            "plugin:path|resolve_directory",
            "plugin:event|emit",
        ] {
            let answer = app.execute(ask, vec![json!(command)]).await?;
            ensure!(answer.as_str().is_some_and(|text| text.contains("not allowed")), "{command}: {answer}");
        }
        Ok(())
    })
    .await
}
