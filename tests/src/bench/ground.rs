//! A desk with a long history: made once, kept, and copied for every run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, anyhow};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use signalbox_app::wire::WireError;
use signalbox_app::{Config, Desk, Moment, sample};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ProductId, ServiceId};
use tempfile::TempDir;
use uuid::Uuid;

use super::scribe::{Scribe, Sitting};
use super::story::{SERVICES, Story};

/// What the key folder is locked with.
pub const PASSPHRASE: &str = "a signal at danger";

/// Changes whenever what is made here changes, so that nothing old is measured.
const VERSION: u32 = 1;

/// How long ago the history begins. It must end in the past, because the entries to come are of today.
const BEGINS: TimeDelta = TimeDelta::days(360);

/// How many arrivals lie in each service's folder, as after some months without anyone clearing it.
const ARRIVALS: usize = 60;

/// The folder of a prepared desk: database, keys and pipeline.
#[derive(Debug)]
pub struct Ground {
    folder: TempDir,
}

impl Ground {
    /// Copies the desk with at least so many entries; makes it first unless it was made before.
    ///
    /// # Errors
    /// When it can't be made, or there is no room.
    pub async fn new(cache: &Path, entries: u64) -> Result<Self> {
        fs::create_dir_all(cache)?;
        let kept = cache.join(format!("history-{VERSION}-{entries}"));
        if !kept.is_dir() {
            let draft = tempfile::Builder::new().prefix("draft-").tempdir_in(cache)?;
            make(draft.path(), entries).await?;
            fs::rename(draft.keep(), &kept)?;
        }
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(cache)?;
        copy(&kept, folder.path())?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.folder().join("signalbox.db")
    }

    /// Opens the desk as a host does, without what goes on beside the commands.
    ///
    /// # Errors
    /// When it can't be opened.
    pub async fn desk(&self) -> Result<Arc<Desk>> {
        CLOCK.store(0, Ordering::Relaxed);
        let desk = open(self.folder())?;
        // The pipeline came along with the copy.
        let connections = call(&desk, "connection_list", json!({})).await?;
        let connection = &connections["connections"][0]["id"];
        let address = pipeline(self.folder());
        call(
            &desk,
            "connection_address",
            json!({ "connection": connection, "address": { "base": address } }),
        )
        .await?;
        Ok(desk)
    }
}

/// Calls a command that must succeed.
///
/// # Errors
/// When it does not.
pub async fn call(desk: &Arc<Desk>, command: &str, request: Value) -> Result<Value> {
    desk.call(command, request).await.map_err(|error| refused(command, &error))
}

/// Milliseconds since 1970 that the desk's clock shows; 0 for the real time.
static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Moment {
    match CLOCK.load(Ordering::Relaxed) {
        0 => Moment::new(Utc::now()),
        millis => Moment::from_millis(millis),
    }
}

fn open(folder: &Path) -> Result<Arc<Desk>> {
    let config = Config {
        folder: folder.to_owned(),
        version: "bench".to_owned(),
        clock,
        ids: || Uuid::now_v7().to_string(),
        environment: std::env::vars_os().collect(),
        passphrase: Some(PASSPHRASE.to_owned()),
    };
    Desk::open(config).map_err(|error| refused("opening the desk", &error))
}

fn pipeline(folder: &Path) -> PathBuf {
    folder.join("pipeline")
}

async fn make(folder: &Path, entries: u64) -> Result<()> {
    let begins = Moment::new(Utc::now() - BEGINS);
    CLOCK.store(begins.millis(), Ordering::Relaxed);
    lay_out(&pipeline(folder))?;
    let (product, services) = begin(folder).await?;
    let mut scribe = Scribe::open(folder, PASSPHRASE, begins)?;
    scribe.sit(|sitting| agree(sitting, &product))?;
    let mut story = Story::new(product, services);
    while scribe.sit(|sitting| story.week(sitting))? < entries {}
    scribe.sit(|sitting| story.this_week(sitting))?;
    scribe.close()?;
    for (service, labels) in story.labels() {
        for label in labels.iter().rev().take(ARRIVALS) {
            arrive(&pipeline(folder), service, label)?;
        }
    }
    Ok(())
}

/// Begins the ledger through the command list, with everybody's keys on this machine.
async fn begin(folder: &Path) -> Result<(ProductId, Vec<(ServiceId, String)>)> {
    let desk = open(folder)?;
    let [founder, others @ ..] = &sample::PEOPLE;
    let request = json!({
        "ledger": "Harbour's register", "handle": founder.handle, "name": founder.name, "roles": founder.roles,
        "product": "Harbour", "product_key": "HAR", "services": SERVICES, "starter": "three-environments",
        "pipeline_folder": pipeline(folder), "secrets": "file", "passphrase": PASSPHRASE,
    });
    call(&desk, "desk_create", request).await?;
    for person in others {
        let request = json!({
            "handle": person.handle, "name": person.name, "roles": person.roles,
            "public": null, "passphrase": null,
        });
        call(&desk, "person_enrol", request).await?;
    }
    let shown = call(&desk, "desk_show", json!({})).await?;
    let product = &shown["products"][0];
    let text = |value: &Value| value.as_str().map(str::to_owned).context("an id is missing");
    let services = product["services"].as_array().context("the product has no services")?;
    let services = services
        .iter()
        .map(|service| Ok((ServiceId::new(text(&service["id"])?), text(&service["name"])?)))
        .collect::<Result<_>>()?;
    Ok((ProductId::new(text(&product["id"])?), services))
}

/// Harbour's own strategy takes the starter's place.
fn agree(sitting: &mut Sitting<'_>, product: &ProductId) -> Result<()> {
    let draft = Act::DraftStrategy { product: product.clone(), content: Box::new(sample::strategy()) };
    sitting.act("ines", "release-manager", draft)?;
    let version = sitting.state().products.get(product).context("the product is gone")?.strategy_latest;
    for (who, role) in [("tom", "operations"), ("jon", "developer")] {
        let comment = "Agreed.".to_owned();
        sitting.act(who, role, Act::CosignStrategy { product: product.clone(), version, comment })?;
    }
    sitting.act("ines", "release-manager", Act::ActivateStrategy { product: product.clone(), version })?;
    Ok(())
}

fn lay_out(folder: &Path) -> Result<()> {
    let mut text = String::new();
    for service in SERVICES {
        fs::create_dir_all(folder.join("arrivals").join(service))?;
        text += &format!("[service.{service}]\narrivals = \"arrivals/{service}\"\n");
        for stage in sample::process().stages {
            let stage = stage.key;
            text += &format!(
                "[service.{service}.stage.{stage}]\nenvironment = \"environments/{stage}/{service}\"\n\
                 deploy = [\"true\"]\n[[service.{service}.stage.{stage}.check]]\nname = \"smoke test\"\n\
                 command = [\"true\"]\n"
            );
        }
    }
    Ok(fs::write(folder.join("pipeline.toml"), text)?)
}

fn arrive(folder: &Path, service: &str, label: &str) -> Result<()> {
    /// SHA-256 of the artifact's one line.
    const SHA256: &str = "8b30eade5ab04f47e6d05538283d62a0dfdf22616690fcc7611b9548ea877e12";
    let arrival = folder.join("arrivals").join(service).join(label);
    fs::create_dir_all(&arrival)?;
    fs::write(arrival.join("service.tar"), "what a build is made of\n")?;
    let manifest = format!(
        "label = \"{label}\"\ncommit = \"4c1f0a9\"\nauthor = \"jon\"\ncreated = 2026-11-02T09:12:00Z\n\
         features = [\"HAR-1\"]\n[artifact]\nfile = \"service.tar\"\nsha256 = \"{SHA256}\"\n\
         [versions]\napplication = \"{label}\"\n"
    );
    Ok(fs::write(arrival.join("manifest.toml"), manifest)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn refused(what: &str, error: &WireError) -> anyhow::Error {
    let reasons: Vec<&str> = error.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    anyhow!("{what}: {} {}", error.message, reasons.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_history_verifies_and_something_waits_for_everybody() {
        let cache = tempfile::tempdir().unwrap();
        let ground = Ground::new(cache.path(), 600).await.unwrap();
        let desk = ground.desk().await.unwrap();
        let verified = call(&desk, "ledger_verify", json!({})).await.unwrap();
        assert_eq!(verified["findings"], json!([]));
        assert!(verified["size"].as_u64().unwrap() >= 600);
        for person in call(&desk, "desk_show", json!({})).await.unwrap()["here"].as_array().unwrap() {
            call(&desk, "person_switch", json!({ "person": person["id"] })).await.unwrap();
            let inbox = call(&desk, "inbox_list", json!({})).await.unwrap();
            assert_ne!(inbox["rows"], json!([]), "{}", person["name"]);
        }
    }
}
