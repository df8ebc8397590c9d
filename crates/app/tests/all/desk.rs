//! A desk in a folder of its own, as a host opens one.

use serde_json::{Value, json};
use signalbox_app::wire::WireError;
use signalbox_app::{Config, Desk};
use signalbox_domain::moment::Moment;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// What the key folder is locked with.
pub const PASSPHRASE: &str = "a signal at danger";

/// How a host of the tests opens a desk.
pub fn config(folder: &Path) -> Config {
    Config {
        folder: folder.to_owned(),
        version: "0.0.0-test".to_owned(),
        clock: || Moment::new(chrono::Utc::now()),
        ids: || uuid::Uuid::now_v7().to_string(),
        environment: std::env::vars_os().collect(),
        passphrase: Some(PASSPHRASE.to_owned()),
    }
}

/// An open desk and the folder that it lives in.
pub struct Bench {
    pub folder: TempDir,
    pub desk: Arc<Desk>,
}

impl Bench {
    /// An empty desk, with its background loops running.
    pub fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let desk = Desk::open(config(folder.path())).unwrap();
        desk.start();
        Self { folder, desk }
    }

    /// A desk with the sample product.
    pub async fn sample() -> Self {
        let bench = Self::empty();
        bench
            .call("sample_create", json!({ "folder": null, "secrets": "file", "passphrase": PASSPHRASE }))
            .await;
        bench
    }

    /// Calls a command that must succeed.
    pub async fn call(&self, command: &str, request: Value) -> Value {
        match self.desk.call(command, request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{command}: {error:?}"),
        }
    }

    /// Calls a command that must be refused.
    pub async fn refused(&self, command: &str, request: Value) -> WireError {
        match self.desk.call(command, request).await {
            Ok(answer) => panic!("{command} was not refused: {answer}"),
            Err(error) => error,
        }
    }

    /// Signs as a person of the sample product from here on.
    pub async fn sign_as(&self, handle: &str) {
        let desk = self.call("desk_show", json!({})).await;
        let people = desk["here"].as_array().unwrap();
        let person = people.iter().find(|person| person["handle"] == handle).unwrap();
        self.call("person_switch", json!({ "person": person["id"] })).await;
    }

    /// The id of a service of the first product.
    pub async fn service(&self, name: &str) -> String {
        let desk = self.call("desk_show", json!({})).await;
        let services = desk["products"][0]["services"].as_array().unwrap();
        services.iter().find(|service| service["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    }
}
