//! `package`: what people install.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run as finish;
use crate::workspace::Workspace;
use crate::{screens, setup};

/// Makes the Debian package with the desktop app and the command line program.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::ensure(workspace, setup::Purpose::Desktop)?;
    screens::build(workspace)?;
    finish(workspace.cargo("build").args(["--release", "--bin", "signalbox-desktop", "--bin", "signalbox"]))?;
    let tauri = workspace.path("ui/node_modules/.bin/tauri");
    finish(Command::new(tauri).current_dir(workspace.path("src-tauri")).args([
        "bundle",
        "--bundles",
        "deb",
    ]))?;
    let folder = workspace.built("release", "bundle/deb");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            println!("{}", path.display());
        }
    }
    Ok(())
}
