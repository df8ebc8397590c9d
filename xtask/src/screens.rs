//! The screens' packages and their built form, which the desktop app contains.

use std::fs;

use anyhow::{Context, Result};

use crate::process::run;
use crate::setup::is_stamped;
use crate::tidy::migrations::sha256;
use crate::workspace::Workspace;

/// Installs the npm packages exactly as locked, unless that was done for this very lock.
pub fn install(workspace: &Workspace) -> Result<()> {
    let lock = fs::read(workspace.path("ui/package-lock.json")).context("ui/package-lock.json")?;
    let wanted = sha256(&lock);
    // Inside the folder it vouches for, so that both go together.
    let stamp = workspace.path("ui/node_modules/.signalbox-lock");
    if is_stamped(&stamp, &wanted) {
        return Ok(());
    }
    run(&mut workspace.npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted)?;
    Ok(())
}

/// Builds the screens into `ui/dist`.
pub fn build(workspace: &Workspace) -> Result<()> {
    run(&mut workspace.npm(&["run", "--silent", "build"]))
}
