//! The judge of what is said to GitHub: Prism, with GitHub's own description of its API.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run;
use crate::setup::is_stamped;
use crate::tidy::migrations::sha256;
use crate::workspace::Workspace;

/// Where the judge is made, next to the other tools.
const FOLDER: &str = "target/tools/judges";
/// What it is made of.
const SOURCES: &[&str] = &["package.json", "package-lock.json", "slice-github.mjs"];
const DESCRIPTION: &str = "node_modules/@octokit/openapi";

/// Installs the judge exactly as locked, unless that was done for these very sources.
pub fn install(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path(FOLDER);
    let mut sources = Vec::new();
    for name in SOURCES {
        let path = format!("tests/judges/{name}");
        sources.push((name, fs::read(workspace.path(&path)).context(path)?));
    }
    let all: Vec<u8> = sources.iter().flat_map(|(_, content)| content.clone()).collect();
    let (wanted, stamp) = (sha256(&all), folder.join(".signalbox-sources"));
    if is_stamped(&stamp, &wanted) {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    for (name, content) in &sources {
        fs::write(folder.join(name), content)?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))
        .context("the judge of the GitHub adapter can't be installed")?;
    let whole = format!("{DESCRIPTION}/generated/api.github.com.json");
    run(Command::new("node").current_dir(&folder).args(["slice-github.mjs", &whole, "github.json"]))?;
    // The whole description takes 400 MB, and only the slice is used.
    fs::remove_dir_all(folder.join(DESCRIPTION))?;
    fs::write(&stamp, wanted)?;
    Ok(())
}
