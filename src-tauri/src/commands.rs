//! What the screens may ask of the shell: one door to the app core, and the dialogs only the desktop can show.

use serde_json::Value;
use signalbox_app::wire::WireError;
use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use crate::desk::DeskCell;

/// Whether anybody outside waits for the first usable screen.
pub struct Readiness {
    /// Print a line when it is there.
    pub announce: bool,
}

/// Forwards one command of the command list to the app core.
#[tauri::command]
pub async fn call(desk: State<'_, DeskCell>, command: String, request: Value) -> Result<Value, WireError> {
    desk.call(&command, request).await
}

/// Asks for the file to write an export to; `None` when the person thinks better of it.
#[tauri::command]
pub async fn choose_save_file(
    app: AppHandle,
    window: WebviewWindow,
    title: String,
    name: String,
    extension: String,
) -> Option<String> {
    let dialog = app.dialog().file().set_parent(&window).set_title(title).set_file_name(name);
    let dialog = dialog.add_filter(extension.to_uppercase(), &[&extension]);
    answer(dialog, FileDialogBuilder::save_file).await
}

/// Asks for an existing folder.
#[tauri::command]
pub async fn choose_folder(app: AppHandle, window: WebviewWindow, title: String) -> Option<String> {
    let dialog = app.dialog().file().set_parent(&window).set_title(title);
    answer(dialog, FileDialogBuilder::pick_folder).await
}

/// Asks for an existing file with one of the extensions, or any file when none is named.
#[tauri::command]
pub async fn choose_file(
    app: AppHandle,
    window: WebviewWindow,
    title: String,
    extensions: Vec<String>,
) -> Option<String> {
    let mut dialog = app.dialog().file().set_parent(&window).set_title(title);
    if !extensions.is_empty() {
        let extensions: Vec<&str> = extensions.iter().map(String::as_str).collect();
        dialog = dialog.add_filter(extensions.join(", "), &extensions);
    }
    answer(dialog, FileDialogBuilder::pick_file).await
}

/// Notes that the first screen can be used.
#[tauri::command]
pub fn ui_ready(readiness: State<'_, Readiness>) {
    if readiness.announce {
        println!("ready");
    }
}

type Answer = oneshot::Sender<Option<FilePath>>;

async fn answer(
    dialog: FileDialogBuilder<tauri::Wry>,
    ask: impl FnOnce(FileDialogBuilder<tauri::Wry>, Box<dyn FnOnce(Option<FilePath>) + Send>),
) -> Option<String> {
    let (sender, receiver): (Answer, _) = oneshot::channel();
    ask(
        dialog,
        Box::new(move |path| {
            // Nobody waits any more when the window has gone meanwhile.
            let _ = sender.send(path);
        }),
    );
    let path = receiver.await.ok().flatten()?.into_path().ok()?;
    Some(path.display().to_string())
}
