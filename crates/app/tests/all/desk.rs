//! A desk in a folder of its own, as a host opens one.

use serde_json::{Value, json};
use signalbox_app::wire::WireError;
use signalbox_app::{Config, Desk};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::http::Hosts;
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

    /// A desk with a product of one's own that has one service, and remote hosts that are never waited for long.
    pub async fn own() -> Self {
        let folder = TempDir::new().unwrap();
        let desk = Desk::open_with(config(folder.path()), Hosts::hurried()).unwrap();
        desk.start();
        let bench = Self { folder, desk };
        let request = json!({
            "ledger": "Quay", "handle": "ada", "name": "Ada Byron", "roles": ["release-manager", "operations"],
            "product": "Quay", "product_key": "QUAY", "services": ["shop"], "starter": "three-environments",
            "pipeline_folder": null, "secrets": "file", "passphrase": PASSPHRASE,
        });
        bench.call("desk_create", request).await;
        bench
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

impl Bench {
    /// A stage of the web line, as it is shown.
    pub async fn stage(&self, key: &str) -> Value {
        let line = self.call("line_show", json!({ "service": self.service("web").await })).await;
        let stages = line["stages"].as_array().unwrap();
        stages.iter().find(|stage| stage["key"] == key).unwrap().clone()
    }

    /// The decision sheet of the web build with this label.
    pub async fn sheet(&self, label: &str, stage: &str) -> Value {
        self.call("packet_show", json!({ "build": self.build(label).await, "stage": stage })).await
    }

    /// The id of the web build with this label.
    pub async fn build(&self, label: &str) -> String {
        let line = self.call("line_show", json!({ "service": self.service("web").await })).await;
        let builds = line["builds"].as_array().unwrap();
        let row = builds.iter().find(|row| row["build"]["label"] == label).unwrap();
        row["build"]["id"].as_str().unwrap().to_owned()
    }

    /// Marks every item of a sheet's checklist as done.
    pub async fn tick(&self, label: &str, stage: &str) {
        let sheet = self.sheet(label, stage).await;
        for item in sheet["gate"]["items"].as_array().unwrap() {
            let request = json!({ "build": sheet["build"]["id"], "stage": stage, "item": item["key"], "state": "done", "reason": "" });
            self.call("checklist_set", request).await;
        }
    }

    /// Waits for a condition on a stage of the web line, woken by what the desk tells.
    pub async fn until(&self, key: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut news = self.desk.subscribe();
        let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let stage = self.stage(key).await;
            if holds(&stage) {
                return stage;
            }
            let woken = tokio::time::timeout_at(limit, news.recv()).await;
            assert!(woken.is_ok(), "{key} never was {what}: {stage:#}");
        }
    }

    /// A request to sign the gate that a sheet shows.
    pub fn signature(sheet: &Value, approved: bool, role: &str, comment: &str) -> Value {
        json!({
            "build": sheet["build"]["id"], "stage": sheet["stage"]["key"], "approved": approved, "role": role,
            "meaning": "approval", "comment": comment, "packet": sheet["digest"], "passphrase": null,
        })
    }
}

/// The codes of all reasons of a refusal.
pub fn codes(error: &WireError) -> Vec<&str> {
    error.reasons.iter().map(|reason| reason.code.as_str()).collect()
}
