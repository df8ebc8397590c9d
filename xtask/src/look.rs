//! `look`: pictures of the real app, by a script of steps.

use std::process::Command;

use anyhow::{Result, bail};

use crate::e2e;
use crate::process::run as finish;
use crate::workspace::Workspace;

/// Builds the app and plays the script.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let [script] = arguments else { bail!("name one script of steps") };
    e2e::build(workspace)?;
    finish(Command::new(workspace.built("debug", "look")).arg(script))
}
