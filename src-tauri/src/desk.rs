//! The app core behind the window: opened once, beside the window's own start, and shared by every call.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use serde_json::Value;
use signalbox_app::wire::WireError;
use signalbox_app::{Config, Desk, Moment};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::OnceCell;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

/// The event that tells the screens which of their answers are out of date.
const CHANGED: &str = "changed";

/// The desk, or the reason why it could not be opened, which then answers every call.
pub struct DeskCell {
    data_dir: PathBuf,
    desk: OnceCell<Result<Arc<Desk>, WireError>>,
}

impl DeskCell {
    /// Prepares the desk in `data_dir` without opening it.
    pub fn new(data_dir: PathBuf) -> Self {
        Self { data_dir, desk: OnceCell::new() }
    }

    /// Answers one command of the command list.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value, WireError> {
        self.opened().await?.call(command, request).await
    }

    /// Keeps what has to outlive the program, before it goes.
    pub fn close(&self) {
        if let Some(Ok(desk)) = self.desk.get()
            && let Err(error) = desk.close()
        {
            tracing::warn!(
                code = error.code,
                error.message,
                "the desk was not closed in full; nothing that was recorded is lost"
            );
        }
    }

    /// Says whether anybody can see the window; what goes on in the background is rarer while nobody can.
    pub fn set_hidden(&self, hidden: bool) {
        if let Some(Ok(desk)) = self.desk.get() {
            desk.set_hidden(hidden);
        }
    }

    async fn opened(&self) -> Result<&Arc<Desk>, WireError> {
        let opened = self.desk.get_or_init(async || {
            let config = self.config();
            let desk = tauri::async_runtime::spawn_blocking(move || Desk::open(config)).await;
            let desk = desk.unwrap_or_else(|error| Err(io::Error::other(error).into()))?;
            desk.start();
            Ok(desk)
        });
        opened.await.as_ref().map_err(Clone::clone)
    }

    fn config(&self) -> Config {
        Config {
            folder: self.data_dir.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: || Moment::new(Utc::now()),
            ids: || Uuid::now_v7().to_string(),
            environment: std::env::vars_os().collect(),
            passphrase: None,
        }
    }
}

/// Opens the desk and passes on its news for as long as it lives.
pub fn open_in_background(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let mut news = match app.state::<DeskCell>().opened().await {
            Ok(desk) => desk.subscribe(),
            Err(error) => {
                tracing::error!(code = error.code, error = error.message, "the desk could not be opened");
                return;
            }
        };
        loop {
            let sent = match news.recv().await {
                Ok(changed) => app.emit(CHANGED, changed.tags),
                // Some news was missed: no tags at all means that anything may have changed.
                Err(RecvError::Lagged(_)) => app.emit(CHANGED, Value::Null),
                Err(RecvError::Closed) => return,
            };
            if let Err(error) = sent {
                tracing::warn!(%error, "the screens could not be told of a change");
            }
        }
    });
}
