//! The desktop shell: one window over the app core.
//!
//! Owns the process's arguments, environment, log output and window. Deliberately absent: any logic. What the
//! screens ask goes to `signalbox-app` unread, and its answers come back unread.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desk;
mod window;

use std::io::IsTerminal;
use std::path::PathBuf;

use tauri::{Manager, RunEvent};
use tracing_subscriber::EnvFilter;

use crate::desk::DeskCell;

/// Names the folder that holds the desk's data, instead of the platform's own place for it.
const DATA_DIR: &str = "SIGNALBOX_DATA_DIR";

/// Makes the shell print `ready` once the first screen can be used, for whoever measures the start.
const ANNOUNCE_READY: &str = "--announce-ready";

fn main() -> tauri::Result<()> {
    let filter = EnvFilter::try_from_env("SIGNALBOX_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,refinery_core=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();

    let elsewhere = std::env::var_os(DATA_DIR).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let announce_ready = std::env::args_os().skip(1).any(|argument| argument == ANNOUNCE_READY);

    let mut app = tauri::Builder::default();
    if elsewhere.is_none() {
        // A desk in a folder of its own is another desk, and may be open beside the usual one.
        app = app.plugin(tauri_plugin_single_instance::init(|app, _, _| window::show(app)));
    }
    app.plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::choose_file,
            commands::choose_folder,
            commands::choose_save_file,
            commands::ui_ready,
        ])
        .on_window_event(window::tell_visibility)
        .setup(move |app| {
            let data_dir = match elsewhere {
                Some(dir) => dir,
                None => app.path().app_data_dir()?,
            };
            app.manage(commands::Readiness { announce: announce_ready });
            app.manage(DeskCell::new(data_dir));
            desk::open_in_background(app.handle().clone());
            window::open(app)?;
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if matches!(event, RunEvent::Exit) {
                app.state::<DeskCell>().close();
            }
        });
    Ok(())
}
