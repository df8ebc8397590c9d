//! `bench`: measurements beside their floors, one JSON object a line.

use std::process::Command;

use anyhow::Result;

use crate::process::run as finish;
use crate::workspace::Workspace;
use crate::{screens, setup};

/// The programs that measure; each prints its own lines.
const MEASURES: &[&str] = &["bench", "bench_desktop"];

/// Builds everything as it ships, then measures.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::ensure(workspace, setup::Purpose::Tests)?;
    screens::build(workspace)?;
    let mut build = workspace.cargo("build");
    build.args(["--release", "--bin", "signalbox-desktop", "--example", "empty_window"]);
    for measure in MEASURES {
        build.args(["--bin", measure]);
    }
    finish(&mut build)?;
    for measure in MEASURES {
        finish(&mut Command::new(workspace.built("release", measure)))?;
    }
    Ok(())
}
