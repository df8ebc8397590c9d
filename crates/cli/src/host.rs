//! Opens the desk for the command line: where it lies, what time it is, what the environment holds.

use crate::exit::{Exit, Trouble};
use directories::BaseDirs;
use serde::Serialize;
use serde::de::DeserializeOwned;
use signalbox_app::{Config, Desk, Moment};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Names the folder that holds the desk's data; the desktop app knows it too.
const DATA_DIR: &str = "SIGNALBOX_DATA_DIR";
/// The desktop app's identifier: its data folder bears this name.
const IDENTIFIER: &str = "dev.signalbox.desk";

/// Where the desk lies, as the command line says it.
#[derive(Clone, Debug)]
pub struct Place {
    pub folder: Option<PathBuf>,
    pub passphrase_file: Option<PathBuf>,
}

/// An open desk with typed calls.
pub struct Host {
    pub desk: Arc<Desk>,
}

impl Place {
    /// The folder that was asked for, or the one of the desktop app.
    pub fn folder(&self) -> Result<PathBuf, Trouble> {
        let named = self.folder.clone();
        let set = || std::env::var_os(DATA_DIR).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let usual = || BaseDirs::new().map(|dirs| dirs.data_dir().join(IDENTIFIER));
        let folder = named.or_else(set).or_else(usual).ok_or_else(|| {
            Trouble::new(
                Exit::Unusable,
                "folder.none",
                "This account has no home folder, so it is not known where the desk lies.",
                format!("Name it with --folder or {DATA_DIR}."),
            )
        })?;
        std::path::absolute(&folder).map_err(|error| Trouble::file(folder.display(), &error))
    }

    /// Opens the desk that is there; an empty folder is refused, so that a misspelt one makes no new desk.
    pub fn open_existing(&self) -> Result<Host, Trouble> {
        let folder = self.folder()?;
        if !folder.join("signalbox.db").is_file() {
            return Err(Trouble::new(
                Exit::Unusable,
                "desk.absent",
                format!("There is no desk in {}.", folder.display()),
                "Name another folder with --folder, begin with the desktop app, or try `signalbox tour`.",
            ));
        }
        self.open()
    }

    /// Opens the desk, and begins an empty one where there is none.
    pub fn open(&self) -> Result<Host, Trouble> {
        let passphrase = match &self.passphrase_file {
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|error| Trouble::file(file.display(), &error))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            None => None,
        };
        Host::open(&self.folder()?, passphrase)
    }
}

impl Host {
    /// Opens the desk in a folder.
    pub fn open(folder: &Path, passphrase: Option<String>) -> Result<Self, Trouble> {
        let config = Config {
            folder: folder.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: now,
            ids: || Uuid::now_v7().to_string(),
            environment: std::env::vars_os().collect(),
            passphrase,
        };
        let desk = Desk::open(config).map_err(|error| Trouble::of(error).ending(Exit::Unusable))?;
        Ok(Self { desk })
    }

    /// Calls a command with wire types on both sides.
    pub async fn call<T: DeserializeOwned>(
        &self,
        command: &str,
        request: &impl Serialize,
    ) -> Result<T, Trouble> {
        let inside = |error: serde_json::Error| {
            Trouble::new(Exit::Inside, "program.inside", format!("{command}: {error}."), "Report it.")
        };
        let request = serde_json::to_value(request).map_err(inside)?;
        let answer = self.desk.call(command, request).await?;
        serde_json::from_value(answer).map_err(inside)
    }

    /// Ends what is under way before the program goes; what was acknowledged is durable already.
    pub async fn close(self) {
        match tokio::task::spawn_blocking(move || self.desk.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(code = error.code, message = error.message, "the desk was not closed")
            }
            Err(error) => tracing::warn!(%error, "the desk was not closed"),
        }
    }
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
