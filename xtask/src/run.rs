//! `run`: the product, opened on this machine.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::run as finish;
use crate::workspace::Workspace;
use crate::{screens, setup};

/// Opens the desktop app; where there is no display, plays the tour in the terminal.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let release = match arguments {
        [] => false,
        [only] if only == "--release" => true,
        _ => bail!("`run` knows --release only"),
    };
    let profile = if release { "release" } else { "debug" };
    let build = |program: &str| {
        let mut cargo = workspace.cargo("build");
        cargo.args(release.then_some("--release")).args(["--bin", program]);
        finish(&mut cargo)
    };
    if has_display() {
        setup::ensure(workspace, setup::Purpose::Desktop)?;
        screens::build(workspace)?;
        build("signalbox-desktop")?;
        finish(&mut Command::new(workspace.built(profile, "signalbox-desktop")))
    } else {
        eprintln!(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): playing the tour in the terminal."
        );
        setup::ensure(workspace, setup::Purpose::Terminal)?;
        build("signalbox")?;
        finish(Command::new(workspace.built(profile, "signalbox")).arg("tour"))
    }
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
