//! A product of one's own whose services run on remote systems, with the people that its strategy wants.
//!
//! The desk here has no loops of its own: a test takes one turn after the other, so that it knows what was sent
//! and when.

use crate::desk::{Bench, PASSPHRASE, config};
use serde_json::{Value, json};
use signalbox_app::{Config, Desk};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::http::Hosts;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The stages of the pipelines there and of the process here.
pub const DEV: &str = "StagingDEV";
pub const QA: &str = "StagingQA";
pub const PROD: &str = "StagingPROD";

/// How long something may take to come true.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two turns.
const PAUSE: Duration = Duration::from_millis(50);

/// The people beside Ada, who begins as release manager and operations.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("tess", "Tess Oduya", "tester"),
    ("dora", "Dora Iyer", "developer"),
    ("bela", "Bela Novak", "business-analyst"),
    ("omar", "Omar Reyes", "operations"),
];

/// A desk with a product whose strategy is in force.
pub struct Quay {
    bench: Bench,
    clock: fn() -> Moment,
}

impl Deref for Quay {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

fn opened(folder: &Path, clock: fn() -> Moment) -> Arc<Desk> {
    Desk::open_with(Config { clock, ..config(folder) }, Hosts::hurried()).unwrap()
}

/// The time as it is.
pub fn now() -> Moment {
    Moment::new(chrono::Utc::now())
}

/// Product tests in the first environment; a tester or a release manager approves in the second; the third wants a
/// release if it is said so.
pub fn process(wants_release: bool) -> Value {
    let stage = |key: &str, after: &[&str], gate: Value| {
        json!({
            "key": key, "name": key, "path": "on", "predecessors": { "require": "all", "stages": after },
            "entry": "automatic", "gate": gate,
        })
    };
    let approval = json!({ "rule": { "of": { "n": 1, "roles": ["tester", "release-manager"] } } });
    let mut last = stage(PROD, &[QA], json!({}));
    if wants_release {
        last["needs_release"] = json!(true);
        last["entry"] = json!("press");
    }
    json!({ "stages": [stage(DEV, &[], json!({ "checks": ["product tests"] })), stage(QA, &[DEV], approval), last] })
}

impl Quay {
    /// A product with these services and this process.
    pub async fn open(services: &[&str], process: Value, clock: fn() -> Moment) -> Self {
        let folder = TempDir::new().unwrap();
        let desk = opened(folder.path(), clock);
        let quay = Self { bench: Bench { folder, desk }, clock };
        let own = json!({
            "ledger": "Quay", "handle": "ada", "name": "Ada Byron", "roles": ["release-manager", "operations"],
            "product": "Shop", "product_key": "SHOP", "services": services, "starter": "three-environments",
            "pipeline_folder": null, "secrets": "file", "passphrase": PASSPHRASE,
        });
        quay.call("desk_create", own).await;
        for (handle, name, role) in PEOPLE {
            let person = json!({ "handle": handle, "name": name, "roles": [role], "public": null, "passphrase": null });
            quay.call("person_enrol", person).await;
        }
        let product = quay.product().await;
        quay.call("strategy_draft", json!({ "product": product, "topics": [], "process": process })).await;
        let strategy = quay.call("strategy_show", json!({ "product": product, "version": 2 })).await;
        assert_eq!(strategy["defects"], json!([]));
        for role in strategy["agreement_missing"].as_array().unwrap() {
            let role = role["key"].as_str().unwrap();
            let who = PEOPLE.iter().find(|(_, _, held)| *held == role).map_or("ada", |(handle, _, _)| handle);
            quay.sign_as(who).await;
            let agree =
                json!({ "product": product, "version": 2, "role": role, "comment": "", "passphrase": null });
            quay.call("strategy_cosign", agree).await;
        }
        quay.sign_as("ada").await;
        quay.call("strategy_activate", json!({ "product": product, "version": 2 })).await;
        quay
    }

    /// The program goes without a word and is started again.
    pub fn restarted(self) -> Self {
        let Self { bench: Bench { folder, desk }, clock } = self;
        drop(desk);
        Self { bench: Bench { desk: opened(folder.path(), clock), folder }, clock }
    }

    pub async fn product(&self) -> Value {
        self.call("desk_show", json!({})).await["products"][0]["id"].clone()
    }

    /// Binds a service's three stages as gated: the verdicts in the first two answer the gates there.
    pub async fn bind_gated(&self, service: &str, connection: &str, pipeline: &str, gates: [&str; 2]) {
        let map = |stage: &str, gate: Option<&str>| json!({ "stage": stage, "way": "gated", "remote": stage, "gate": gate });
        let stages = json!([map(DEV, Some(gates[0])), map(QA, Some(gates[1])), map(PROD, None)]);
        let request = json!({
            "service": self.service(service).await, "connection": connection, "pipeline": pipeline,
            "stages": stages,
        });
        self.call("service_bind", request).await;
    }

    /// Adds a connection and tells its id.
    pub async fn connect(&self, kind: &str, name: &str, address: Value, secret: &str) -> String {
        let request = json!({ "kind": kind, "name": name, "address": address, "secret": secret });
        self.call("connection_add", request).await["id"].as_str().unwrap().to_owned()
    }

    /// One look at every pipeline and one turn of every open call.
    pub async fn turn(&self) {
        self.call("builds_scan", json!({ "service": null })).await;
        let desk = Arc::clone(&self.desk);
        tokio::task::spawn_blocking(move || desk.work_once()).await.unwrap().unwrap();
    }

    /// Takes turns until something is so.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let limit = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.turn().await;
            if let Some(found) = look().await {
                return found;
            }
            assert!(tokio::time::Instant::now() < limit, "it never came true: {what}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until something is so, without doing anything for it.
    pub async fn soon<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let limit = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(tokio::time::Instant::now() < limit, "it never came true: {what}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A stage of a service's line, as it is shown.
    pub async fn block(&self, service: &str, stage: &str) -> Value {
        let line = self.call("line_show", json!({ "service": self.service(service).await })).await;
        let stages = line["stages"].as_array().unwrap();
        stages.iter().find(|shown| shown["key"] == stage).unwrap().clone()
    }

    /// Takes turns until an undecided build stands in a stage; tells its label.
    pub async fn until_undecided(&self, service: &str, stage: &str) -> String {
        let what = format!("{service} undecided in {stage}");
        let occupant = async || {
            let block = self.block(service, stage).await;
            (block["occupant"]["state"] == "undecided").then(|| block["occupant"].clone())
        };
        self.until(&what, occupant).await["label"].as_str().unwrap().to_owned()
    }

    /// Takes turns until a build runs in a stage.
    pub async fn until_deployed(&self, service: &str, stage: &str, label: &str) {
        let what = format!("{service} {label} deployed to {stage}");
        let there = async || (self.block(service, stage).await["deployed"]["label"] == label).then_some(());
        self.until(&what, there).await;
    }

    /// The id of a service's build.
    pub async fn id_of(&self, service: &str, label: &str) -> String {
        let line = self.call("line_show", json!({ "service": self.service(service).await })).await;
        let builds = line["builds"].as_array().unwrap();
        let row = builds.iter().find(|row| row["build"]["label"] == label).unwrap();
        row["build"]["id"].as_str().unwrap().to_owned()
    }

    /// The decision sheet of a service's build.
    pub async fn sheet_of(&self, service: &str, label: &str, stage: &str) -> Value {
        self.call("packet_show", json!({ "build": self.id_of(service, label).await, "stage": stage })).await
    }

    /// Somebody decides what the sheet shows.
    pub async fn decide(&self, service: &str, label: &str, stage: &str, approved: bool) {
        self.sign_as("tess").await;
        let sheet = self.sheet_of(service, label, stage).await;
        self.call("gate_sign", Bench::signature(&sheet, approved, "tester", "Tried by hand.")).await;
    }

    /// The result of the product's tests in the first environment is told by hand.
    pub async fn product_test(&self, outcome: &str) {
        self.sign_as("tess").await;
        let result = json!({
            "product": self.product().await, "stage": DEV, "test": null, "outcome": outcome,
            "summary": "40 journeys",
        });
        self.call("product_test_record", result).await;
    }

    /// The open or ended answer to the gate there.
    pub async fn answer(&self, service: &str, label: &str, stage: &str) -> Value {
        self.sheet_of(service, label, stage).await["remote_gate"]["answer"].clone()
    }

    /// How many entries of a kind the register has.
    pub async fn count(&self, kind: &str) -> usize {
        let filter = json!({ "kind": kind });
        let list = self.call("ledger_list", json!({ "filter": filter, "before": null, "limit": 200 })).await;
        list["entries"].as_array().unwrap().len()
    }

    /// Everything that was recorded holds.
    pub async fn verify(&self) {
        let verified = self.call("ledger_verify", json!({})).await;
        assert_eq!(verified["findings"], json!([]));
    }
}
