//! The one window: it shows the built-in screens and nothing else.

use tauri::webview::NewWindowResponse;
use tauri::{App, AppHandle, Manager, Url, WebviewWindowBuilder, Window, WindowEvent};

use crate::desk::DeskCell;

const MAIN: &str = "main";

/// Opens the window described in `tauri.conf.json`.
///
/// Navigation beyond the screens, further windows and downloads are refused: a link in a remote system's text
/// must never replace the desk.
pub fn open(app: &App) -> Result<(), Box<dyn std::error::Error>> {
    let config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == MAIN)
        .ok_or("no main window is configured")?;
    WebviewWindowBuilder::from_config(app.handle(), config)?
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    Ok(())
}

/// Brings the window to the front, as a second start of the program should.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    for outcome in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = outcome {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

/// Tells the desk whether anybody can see the window, as far as the platform says so.
///
/// There is no event for it; minimising a window takes its focus away or changes its size on every platform.
pub fn tell_visibility(window: &Window, event: &WindowEvent) {
    if !matches!(event, WindowEvent::Focused(_) | WindowEvent::Resized(_)) {
        return;
    }
    let minimised = window.is_minimized().unwrap_or(false);
    let shown = window.is_visible().unwrap_or(true);
    window.state::<DeskCell>().set_hidden(minimised || !shown);
}

fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows serves the same screens under this name.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(url: &str) -> bool {
        is_own(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_the_built_in_screens_may_be_shown() {
        assert!(own("tauri://localhost/"));
        assert!(own("tauri://localhost/index.html#/line"));
        for foreign in [
            "https://example.org/",
            "http://localhost/",
            "file:///etc/passwd",
            "tauri://elsewhere/",
            "about:blank",
            "data:text/html,x",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }
}
