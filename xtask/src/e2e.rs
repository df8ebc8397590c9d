//! `e2e`: the desktop app in its real WebView.

use std::process::Command;

use anyhow::Result;

use crate::process::run as finish;
use crate::workspace::Workspace;
use crate::{screens, setup};

/// At most so many apps at once; each brings a whole browser engine.
const APPS: usize = 4;

/// Builds the app and runs the end-to-end tests whose names contain the arguments.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    build(workspace)?;
    finish(command(workspace).args(arguments))
}

/// Builds what the end-to-end tests start.
pub fn build(workspace: &Workspace) -> Result<()> {
    setup::ensure(workspace, setup::Purpose::Tests)?;
    screens::build(workspace)?;
    finish(workspace.cargo("build").arg("--bins"))
}

/// The tests alone; everything must be built.
pub fn command(workspace: &Workspace) -> Command {
    let mut tests = workspace.cargo("test");
    tests.args(["--test", "e2e", "--"]);
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        tests.env("RUST_TEST_THREADS", cores.min(APPS).to_string());
    }
    tests
}
