//! Where the workspace keeps what the tests start and what they leave behind.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The folders and programs of one built workspace.
#[derive(Clone, Debug)]
pub struct Places {
    /// The built desktop app.
    pub desktop: PathBuf,
    /// The program that speaks WebDriver for the desktop app.
    pub driver: PathBuf,
    /// The accessibility checker's source.
    pub axe: PathBuf,
    /// Where pictures go.
    pub screenshots: PathBuf,
}

impl Places {
    /// Finds everything beside the program that runs, which cargo put into the same target folder.
    pub fn of_this_build() -> Result<Self> {
        let program = std::env::current_exe().context("the path of this program is unknown")?;
        let name = format!("signalbox-desktop{}", std::env::consts::EXE_SUFFIX);
        let desktop = program
            .ancestors()
            .skip(1)
            .map(|folder| folder.join(&name))
            .find(|candidate| candidate.is_file())
            .context("the desktop app is not built: run `cargo xtask e2e`")?;
        let target = desktop.ancestors().nth(2).context("the desktop app lies outside a target folder")?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let driver = workspace.join("target/tools/bin/tauri-driver");
        ensure!(driver.is_file(), "tauri-driver is not installed: run `cargo xtask setup`");
        Ok(Self {
            driver,
            axe: workspace.join("ui/node_modules/axe-core/axe.min.js"),
            screenshots: target.join("screenshots"),
            desktop,
        })
    }
}
