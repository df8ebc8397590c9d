//! Where things are in the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The checked-out project.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
}

impl Workspace {
    /// The workspace that this program belongs to.
    pub fn here() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no workspace")?;
        Ok(Self { root: root.to_owned() })
    }

    /// A path below the root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A program that cargo has built.
    pub fn built(&self, profile: &str, name: &str) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from);
        target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A cargo command for the whole workspace.
    ///
    /// Always for the whole: selecting one package would change the features of shared dependencies and build
    /// them a second time.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).args([subcommand, "--workspace"]);
        // A failed condition says what it saw; where in the harness it was noticed is noise.
        cargo.env("RUST_LIB_BACKTRACE", "0");
        cargo
    }

    /// An npm command in the screens' folder.
    pub fn npm(&self, arguments: &[&str]) -> Command {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.current_dir(self.path("ui")).args(arguments);
        npm
    }
}
