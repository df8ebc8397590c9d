//! A product of one's own, made and played with the program alone.

use crate::program::{Ran, program, text};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// What the key folder is locked with.
const PASSPHRASE: &str = "a signal at danger";

/// The people beside Ada, who begins as release manager and operations.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("rosa", "Rosa Linden", "developer"),
    ("tess", "Tess Oduya", "tester"),
    ("bela", "Bela Novak", "business-analyst"),
    ("omar", "Omar Reyes", "operations"),
];

/// A desk that only the program touches.
pub struct Yard {
    pub folder: TempDir,
    /// Variables that every run of the program sees.
    pub environment: Vec<(&'static str, String)>,
    /// Everything that the program printed and logged.
    pub said: RefCell<String>,
}

impl Yard {
    /// A product with one service and three environments, whose strategy is in force.
    pub fn begin() -> Self {
        let yard =
            Self { folder: TempDir::new().unwrap(), environment: Vec::new(), said: RefCell::default() };
        fs::write(yard.passphrase(), PASSPHRASE).unwrap();
        let own = json!({
            "ledger": "Quay", "handle": "ada", "name": "Ada Byron", "roles": ["release-manager", "operations"],
            "product": "Quay", "product_key": "QUAY", "services": ["web"], "starter": "three-environments",
            "pipeline_folder": null, "secrets": "file", "passphrase": PASSPHRASE,
        });
        yard.call("desk_create", own);
        for (handle, name, role) in PEOPLE {
            let person = json!({ "handle": handle, "name": name, "roles": [role], "public": null, "passphrase": null });
            yard.call("person_enrol", person);
        }
        let product = yard.desk()["products"][0]["id"].clone();
        let strategy = yard.call("strategy_show", json!({ "product": product, "version": null }));
        for role in strategy["agreement_missing"].as_array().unwrap() {
            let role = role["key"].as_str().unwrap();
            let who = PEOPLE.iter().find(|(_, _, held)| *held == role).map_or("ada", |(handle, _, _)| handle);
            yard.sign_as(who);
            let agree =
                json!({ "product": product, "version": 1, "role": role, "comment": "", "passphrase": null });
            yard.call("strategy_cosign", agree);
        }
        yard.sign_as("ada");
        yard.call("strategy_activate", json!({ "product": product, "version": 1 }));
        yard
    }

    fn passphrase(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    /// Starts the program on this desk.
    pub fn spawn(&self, args: &[&str]) -> Child {
        let passphrase = self.passphrase();
        let place = ["--folder", text(self.folder.path()), "--passphrase-file", text(&passphrase)];
        let args: Vec<&str> = args.iter().copied().chain(place).collect();
        let mut command = program(&args);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs the program on this desk.
    pub fn ran(&self, args: &[&str], stdin: &str) -> Ran {
        let mut child = self.spawn(args);
        // A program that wants nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let ran = Ran::from(child.wait_with_output().unwrap());
        self.said.borrow_mut().push_str(&format!("{}\n{}\n", ran.stdout, ran.stderr));
        ran
    }

    pub fn call(&self, command: &str, request: Value) -> Value {
        self.ran(&["call", command, "--json", &request.to_string()], "").ended(0).value()
    }

    /// Calls a command and waits until no deployment goes on.
    pub fn call_and_wait(&self, command: &str, request: Value) -> Value {
        self.ran(&["call", command, "--wait", "--json", &request.to_string()], "").ended(0).value()
    }

    /// The codes of all reasons for which a command is refused.
    pub fn refused(&self, command: &str, request: Value) -> Vec<String> {
        let error = self.ran(&["call", command, "--json", &request.to_string()], "").ended(1).error();
        let reasons = error["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs `connection` with a secret on stdin.
    pub fn connection(&self, args: &[&str], secret: &str) -> Ran {
        self.ran(&[&["connection"], args, &["--json"]].concat(), secret)
    }

    pub fn desk(&self) -> Value {
        self.call("desk_show", json!({}))
    }

    pub fn sign_as(&self, handle: &str) {
        let desk = self.desk();
        let people = desk["here"].as_array().unwrap();
        let person = people.iter().find(|person| person["handle"] == handle).unwrap();
        self.call("person_switch", json!({ "person": person["id"] }));
    }

    pub fn line(&self) -> Value {
        self.call("line_show", json!({ "service": self.desk()["products"][0]["services"][0]["id"] }))
    }

    pub fn stage(&self, key: &str) -> Value {
        let line = self.line();
        line["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == key).unwrap().clone()
    }

    pub fn sheet(&self, label: &str, stage: &str) -> Value {
        let line = self.line();
        let builds = line["builds"].as_array().unwrap();
        let row = builds.iter().find(|row| row["build"]["label"] == label).unwrap();
        self.call("packet_show", json!({ "build": row["build"]["id"], "stage": stage }))
    }

    /// A request to sign the gate that is shown now.
    pub fn signature(&self, label: &str, stage: &str, approved: bool, role: &str) -> Value {
        let sheet = self.sheet(label, stage);
        json!({
            "build": sheet["build"]["id"], "stage": stage, "approved": approved, "role": role,
            "meaning": "approval", "comment": "Tried by hand.", "packet": sheet["digest"], "passphrase": null,
        })
    }

    /// The whole log of a build's last deployment to a stage.
    pub fn log(&self, label: &str, stage: &str) -> String {
        let deployment = self.sheet(label, stage)["deployment"]["id"].clone();
        let (mut text, mut after) = (String::new(), String::new());
        loop {
            let piece = self.call("deployment_log", json!({ "deployment": deployment, "after": after }));
            text.push_str(piece["text"].as_str().unwrap());
            if piece["more"] == false || piece["next"] == after.as_str() {
                return text;
            }
            after = piece["next"].as_str().unwrap().to_owned();
        }
    }

    /// How many entries of a kind the register has.
    pub fn count(&self, kind: &str) -> usize {
        let list =
            self.call("ledger_list", json!({ "filter": { "kind": kind }, "before": null, "limit": 200 }));
        list["entries"].as_array().unwrap().len()
    }

    /// The register holds.
    pub fn verify(&self) {
        let verified = self.ran(&["ledger", "verify"], "").ended(0);
        assert!(verified.stdout.contains("entries hold"), "{verified:?}");
    }
}
