//! `bindings`: the TypeScript side of the command list.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process::run;
use crate::workspace::Workspace;

/// Where the screens find the generated types.
pub const FOLDER: &str = "ui/src/api/generated";

/// Writes the generated TypeScript where the screens expect it.
pub fn write(workspace: &Workspace) -> Result<()> {
    write_into(workspace, &workspace.path(FOLDER))
}

/// Writes the generated TypeScript into a folder.
pub fn write_into(workspace: &Workspace, folder: &Path) -> Result<()> {
    run(workspace.cargo("build").args(["--quiet", "--example", "bindings"]))?;
    run(Command::new(workspace.built("debug", "examples/bindings")).arg(folder))
}
