//! The dependency arrows: which crate may know which.

use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Finding;
use crate::process::output;
use crate::workspace::Workspace;

/// Every crate of the workspace, with the crates of ours that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("signalbox-domain", &[]),
    ("signalbox-ledger", &[]),
    ("signalbox-store", &["signalbox-domain", "signalbox-ledger"]),
    ("signalbox-pipelines", &[]),
    ("signalbox-keys", &["signalbox-ledger"]),
    ("signalbox-reports", &["signalbox-domain", "signalbox-ledger"]),
    (
        "signalbox-app",
        &[
            "signalbox-domain",
            "signalbox-ledger",
            "signalbox-store",
            "signalbox-pipelines",
            "signalbox-keys",
            "signalbox-reports",
        ],
    ),
    ("signalbox-cli", &["signalbox-app"]),
    (DESKTOP, &["signalbox-app"]),
    (
        "signalbox-tests",
        &[
            "signalbox-domain",
            "signalbox-ledger",
            "signalbox-store",
            "signalbox-pipelines",
            "signalbox-keys",
            "signalbox-reports",
            "signalbox-app",
        ],
    ),
    ("xtask", &[]),
];

const DESKTOP: &str = "signalbox-desktop";
const DOMAIN: &str = "signalbox-domain";

/// What can't be pure: nothing of it may be near the domain.
const IMPURE: &[&str] =
    &["async-std", "getrandom", "rand", "reqwest", "rusqlite", "tempfile", "tokio", "ureq"];

/// The part of `cargo metadata` that is of interest.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    packages: Vec<Package>,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(&workspace.root).args(["metadata", "--no-deps", "--format-version", "1"]);
        serde_json::from_str(&output(&mut command)?).context("cargo metadata is not what was expected")
    }
}

/// The arrows that must not be, and the crates that no rule knows.
pub fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            findings.push(Finding::new(name, "a crate that the table of allowed arrows does not know"));
            continue;
        };
        for dependency in &package.dependencies {
            let on = dependency.name.as_str();
            let ours = on == "xtask" || on.starts_with("signalbox-");
            let in_tests = dependency.kind.as_deref() == Some("dev");
            // The command line's tests play the remote systems that the app speaks to.
            let played = in_tests && (name, on) == ("signalbox-cli", "signalbox-pipelines");
            // A crate may ask for its own optional features in its own tests.
            if ours && on != name && !played && !allowed.contains(&on) {
                findings.push(Finding::new(name, format!("must not depend on {on}")));
            }
            if (on == "tauri" || on.starts_with("tauri-")) && name != DESKTOP {
                findings.push(Finding::new(name, format!("only {DESKTOP} may name {on}")));
            }
            if name == DOMAIN && !in_tests && IMPURE.contains(&on) {
                findings.push(Finding::new(name, format!("is pure and must not depend on {on}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depends(name: &str, on: &str, kind: Option<&str>) -> Vec<String> {
        let dependency = Dependency { name: on.to_owned(), kind: kind.map(str::to_owned) };
        let package = Package { name: name.to_owned(), dependencies: vec![dependency] };
        check(&Metadata { packages: vec![package] }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        assert_eq!(depends("signalbox-domain", "signalbox-store", None).len(), 1);
        assert_eq!(depends("signalbox-ledger", "signalbox-domain", Some("dev")).len(), 1);
        assert_eq!(depends("signalbox-cli", "signalbox-store", None).len(), 1);
        assert_eq!(depends("signalbox-cli", "signalbox-pipelines", None).len(), 1);
        assert!(depends("signalbox-cli", "signalbox-pipelines", Some("dev")).is_empty());
        assert!(depends("signalbox-app", "signalbox-store", None).is_empty());
        assert!(depends("signalbox-pipelines", "signalbox-pipelines", Some("dev")).is_empty());
    }

    #[test]
    fn the_framework_outside_the_shell_is_found() {
        assert_eq!(depends("signalbox-app", "tauri", None).len(), 1);
        assert_eq!(depends("signalbox-tests", "tauri-utils", None).len(), 1);
        assert!(depends("signalbox-desktop", "tauri", None).is_empty());
    }

    #[test]
    fn an_impure_domain_is_found() {
        assert_eq!(depends("signalbox-domain", "tokio", None).len(), 1);
        assert!(depends("signalbox-domain", "tempfile", Some("dev")).is_empty());
    }

    #[test]
    fn a_crate_unknown_to_the_table_is_found() {
        assert_eq!(depends("signalbox-extra", "serde", None).len(), 1);
    }
}
