//! The desktop app, from its window down, as a person meets it.

use anyhow::Result;
use signalbox_tests::desktop::{App, Session, Surroundings};

mod a_broken_build;
mod buildbot;
mod every_screen;
mod first_screen;
mod harbour;
mod main_job_by_keyboard_alone;
mod main_job_by_mouse;
mod manners;
mod two_windows;

/// Plays `story` in an app with fresh data; a failure leaves a picture and the app's log behind.
async fn in_fresh_app(name: &str, story: impl AsyncFn(&App, &Session) -> Result<()>) -> Result<()> {
    let session = Session::start(&Surroundings::default()).await?;
    let app = session.open().await?;
    let told = story(&app, &session).await;
    if told.is_err() {
        let picture = app.screenshot(&format!("failed-{name}")).await?;
        eprintln!("{name} failed; picture: {}; log:\n{}", picture.display(), session.log());
    }
    told?;
    app.close().await
}
