//! Harbour, the sample product: made at the first start, worked on by its people, found again on disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use signalbox_tests::desktop::{App, Session, Target};

pub const INES: &str = "Ines Okafor";
pub const PRIYA: &str = "Priya Raman";
pub const TOM: &str = "Tom Becker";
pub const MAYA: &str = "Maya Lindqvist";

/// The decision sheet, beside whatever it was opened from.
pub const SHEET: &str = "complementary:Decision sheet";

/// The features that web 2.8.0 carries.
pub const FEATURES: [&str; 3] = [
    "HAR-290 Berth search by length and draught",
    "HAR-301 Partial refunds",
    "HAR-309 Berth calendar export",
];

/// A row of a list, by words in one of its cells; the row itself takes no click from WebDriver.
pub fn row(words: &str) -> Target {
    Target::role("cell", words)
}

/// Waits for a screen that takes longer than a screen usually may, such as after real deployments.
pub async fn patiently(app: &App, text: &str) -> Result<()> {
    let mut told = app.shows(text).await;
    for _ in 0..3 {
        if told.is_ok() {
            break;
        }
        told = app.shows(text).await;
    }
    told
}

/// Makes the sample product by mouse and waits for the desk.
pub async fn make(app: &App) -> Result<()> {
    app.click(&Target::button("Make the sample product")).await?;
    patiently(app, &format!("Nothing waits for you, {INES}")).await
}

/// The button in the sidebar that says who signs here.
pub fn who(name: &str) -> Target {
    Target { css: Some(".who-button".into()), name: Some(name.into()), ..Target::default() }
}

/// Hands the desk to another person, by the menu of the sidebar.
pub async fn sign_as(app: &App, name: &str) -> Result<()> {
    app.click(&Target::css(".who-button")).await?;
    app.click(&Target::role("menuitem", name)).await?;
    app.gone(&Target::any("menu")).await?;
    app.find(&who(name)).await?;
    Ok(())
}

/// Opens a screen by the sidebar.
pub async fn visit(app: &App, screen: &str) -> Result<()> {
    app.click(&Target::link(screen).inside("navigation:Main")).await?;
    app.find(&Target::role("heading", screen)).await?;
    Ok(())
}

/// The folder that the sample's pipeline deploys into.
pub fn folder(session: &Session) -> PathBuf {
    session.data_dir().join("harbour")
}

/// Makes sure that a build runs in an environment, byte for byte as it arrived.
pub fn runs_in(session: &Session, stage: &str, service: &str, label: &str) -> Result<()> {
    let harbour = folder(session);
    let environment = harbour.join("environments").join(stage).join(service);
    let current = read(&environment.join("current"))?;
    ensure!(current.trim() == label, "{service} {current} is current in {stage}, not {label}");
    let deployed = read(&environment.join("releases").join(label).join("service.sh"))?;
    let arrived = read(&harbour.join("arrivals").join(service).join(label).join("service.sh"))?;
    ensure!(deployed == arrived, "{service} {label} in {stage} is not what arrived");
    Ok(())
}

/// Makes deployments from now on take as long as they do elsewhere, so that their log is seen while it grows.
pub fn deploy_like_elsewhere(session: &Session) -> Result<()> {
    let script = folder(session).join("scripts/deploy.sh");
    let quick = read(&script)?;
    ensure!(quick.contains("sleep 0.1"), "{} has changed", script.display());
    std::fs::write(&script, quick.replace("sleep 0.1", "sleep 1"))?;
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// Acts past the screens, for what leads up to a story and was shown elsewhere.
pub struct Behind<'a> {
    app: &'a App,
}

/// A build of web.
#[derive(Clone, Debug)]
pub struct Web {
    pub service: String,
    pub build: String,
}

impl<'a> Behind<'a> {
    pub fn the_screens_of(app: &'a App) -> Self {
        Self { app }
    }

    async fn ask(&self, command: &str, request: Value) -> Result<Value> {
        self.app.call(command, request).await
    }

    /// Hands the desk to another person.
    pub async fn sign_as(&self, name: &str) -> Result<()> {
        let desk = self.ask("desk_show", json!({})).await?;
        let person = find(&desk["here"], |person| person["name"] == name).context("nobody of that name")?;
        self.ask("person_switch", json!({ "person": person["id"] })).await?;
        Ok(())
    }

    /// A build of web by label, once it is there.
    pub async fn web(&self, label: &str) -> Result<Web> {
        let desk = self.ask("desk_show", json!({})).await?;
        let services = &desk["products"][0]["services"];
        let service = find(services, |service| service["name"] == "web").context("there is no web")?;
        let service = words(&service["id"]);
        self.ask("builds_scan", json!({ "service": null })).await?;
        let found = async || {
            let line = self.ask("line_show", json!({ "service": service })).await?;
            Ok::<_, anyhow::Error>(find(&line["builds"], |row| row["build"]["label"] == label).cloned())
        };
        self.app.until(&format!("web {label}"), async || Ok(found().await?.is_some())).await?;
        let row = found().await?.context("the build went away")?;
        Ok(Web { build: words(&row["build"]["id"]), service })
    }

    /// The packet of a build at a stage, once the build stands there in this state.
    pub async fn packet(&self, web: &Web, stage: &str, state: &str) -> Result<Value> {
        let show = async || self.ask("packet_show", json!({ "build": web.build, "stage": stage })).await;
        self.app
            .until(&format!("a build that is {state} in {stage}"), async || {
                Ok(show().await?["state"] == state)
            })
            .await?;
        show().await
    }

    /// Signs a gate.
    pub async fn decide(
        &self,
        web: &Web,
        stage: &str,
        role: &str,
        approved: bool,
        comment: &str,
    ) -> Result<()> {
        let digest = self.packet(web, stage, "undecided").await?["digest"].clone();
        let sign = json!({
            "build": web.build, "stage": stage, "approved": approved, "role": role, "meaning": "approval",
            "comment": comment, "packet": digest, "passphrase": null,
        });
        self.ask("gate_sign", sign).await?;
        Ok(())
    }

    /// Brings a build through acceptance.
    pub async fn pass_acceptance(&self, web: &Web) -> Result<()> {
        self.sign_as(PRIYA).await?;
        let packet = self.packet(web, "qa", "undecided").await?;
        for item in packet["gate"]["items"].as_array().into_iter().flatten() {
            let tick = json!({
                "build": web.build, "stage": "qa", "item": item["key"], "state": "done", "reason": "",
            });
            self.ask("checklist_set", tick).await?;
        }
        self.decide(web, "qa", "tester", true, "Explored on a tablet.").await
    }

    /// Signs off every feature of a build that stands in staging, and approves it there.
    pub async fn pass_staging(&self, web: &Web) -> Result<()> {
        self.sign_as(MAYA).await?;
        let packet = self.packet(web, "staging", "undecided").await?;
        for feature in packet["gate"]["features"].as_array().into_iter().flatten() {
            let at = json!({ "feature": feature["key"], "build": web.build });
            let sheet = self.ask("feature_show", at).await?;
            let sign = json!({
                "feature": feature["key"], "build": web.build, "approved": true, "role": "business-analyst",
                "comment": "As agreed.", "packet": sheet["sheet"]["digest"], "passphrase": null,
            });
            self.ask("feature_sign", sign).await?;
        }
        self.decide(web, "staging", "business-analyst", true, "As agreed.").await
    }

    /// Plans a release of one build as a copy of the newest one, complete in every section.
    pub async fn plan(&self, name: &str, web: &Web) -> Result<String> {
        self.sign_as(INES).await?;
        let desk = self.ask("desk_show", json!({})).await?;
        let list = self.ask("release_list", json!({ "product": null })).await?;
        let create = json!({
            "product": desk["products"][0]["id"], "name": name, "planned": "2026-12-01T20:00:00Z",
            "copy": list["releases"][0]["id"],
        });
        let release = words(&self.ask("release_create", create).await?["id"]);
        let builds = json!([{ "service": web.service, "build": web.build }]);
        self.ask("release_choose", json!({ "release": release, "builds": builds })).await?;
        let view = self.ask("release_show", json!({ "release": release })).await?;
        let open = view["sections"].as_array().into_iter().flatten().filter(|one| one["settled"] == false);
        for section in open {
            let write = json!({
                "release": release, "section": section["key"], "text": "Nothing beyond the last time.",
                "rehearsal": null,
            });
            self.ask("plan_section_write", write).await?;
        }
        Ok(release)
    }

    /// Lets everyone whose voice is asked for say go.
    pub async fn agree(&self, release: &str) -> Result<()> {
        for (person, role) in [(TOM, "operations"), (MAYA, "business-analyst")] {
            self.sign_as(person).await?;
            let go = json!({
                "release": release, "role": role, "go": true, "comment": "Ready.", "passphrase": null,
            });
            self.ask("release_go", go).await?;
        }
        Ok(())
    }
}

fn find(list: &Value, wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
    list.as_array()?.iter().find(|one| wanted(one))
}

fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The label of the first option of a selection list that begins with these words.
pub async fn option(app: &App, field: &str, start: &str) -> Result<String> {
    let list = app.find(&Target::role("combobox", field)).await?;
    let script = "
        const [list, start] = arguments;
        return [...list.options].map((option) => option.label).find((label) => label.startsWith(start)) ?? null";
    let found = app.execute(script, vec![serde_json::to_value(list)?, json!(start)]).await?;
    match found.as_str() {
        Some(label) => Ok(label.to_owned()),
        None => bail!("“{field}” offers nothing that begins with “{start}”"),
    }
}
