//! `tidy`: the project's own rules, each a check that names what breaks it.
//!
//! Most checks are pure functions over the sources in memory, so that their tests can show each of them fail.

mod arrows;
mod generated;
mod host;
mod length;
pub mod migrations;
mod purity;
mod sources;
mod words;

use std::fmt;

use anyhow::{Result, bail};

use self::arrows::Metadata;
use self::sources::Sources;
use crate::workspace::Workspace;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    place: String,
    problem: String,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// Checks everything, or notes new migrations first.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {}
        [only] if only == "--accept-new-migrations" => migrations::accept_new(workspace)?,
        _ => bail!("`tidy` knows --accept-new-migrations only"),
    }
    let sources = Sources::read(&workspace.root)?;
    let metadata = Metadata::read(workspace)?;
    let mut findings = Vec::new();
    findings.extend(arrows::check(&metadata));
    findings.extend(purity::check(&sources));
    findings.extend(host::check(&sources));
    findings.extend(length::check(&sources));
    findings.extend(words::check(&sources));
    findings.extend(migrations::check(&sources));
    match generated::check(workspace) {
        Ok(stale) => findings.extend(stale),
        Err(error) => {
            findings.push(Finding::new(crate::bindings::FOLDER, format!("can't be generated: {error:#}")))
        }
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} rules are broken"),
    }
}
