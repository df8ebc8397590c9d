//! `bench`: measurements beside their floors, one JSON object a line.

use std::process::Command;

use anyhow::Result;

use crate::process::run as finish;
use crate::workspace::Workspace;
use crate::{screens, setup};

/// The programs that measure; each prints its own lines.
const MEASURES: &[&str] = &["bench", "bench_desktop"];

/// Those that measure against played remote systems.
const REMOTE: &[&str] = &["adapters", "poll"];

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
    // What plays remote systems is no part of what ships.
    let mut remote = workspace.cargo("bench");
    for measure in REMOTE {
        remote.args(["--bench", measure]);
    }
    finish(&mut remote)
}
