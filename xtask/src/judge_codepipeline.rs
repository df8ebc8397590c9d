//! The judge of what is said to AWS CodePipeline: the vendor's own model, as JSON Schema.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run;
use crate::setup::is_stamped;
use crate::workspace::Workspace;

/// Where the judge is made, next to the other tools.
const FOLDER: &str = "target/tools/codepipeline";
/// Which model, and what turns it into JSON Schema.
const PIN: &str = "tests/judges/codepipeline.txt";
const CONVERTER: &str = "tests/judges/codepipeline.py";

/// Fetches the model and converts it, unless that was done for this very pin and converter.
pub fn install(workspace: &Workspace) -> Result<()> {
    let read = |path: &str| fs::read_to_string(workspace.path(path)).with_context(|| path.to_owned());
    let wanted = format!("{}{}", read(PIN)?, read(CONVERTER)?);
    let home = workspace.path(FOLDER);
    let (stamp, schema, wheels) = (home.join("made-from"), home.join("schema.json"), home.join("wheels"));
    if schema.is_file() && is_stamped(&stamp, &wanted) {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    run(Command::new(home.join("bin/pip"))
        .args(["download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
        .arg(workspace.path(PIN))
        .arg("--dest")
        .arg(&wheels))
    .context("the model of CodePipeline can't be fetched")?;
    let wheel = fs::read_dir(&wheels)?.next().context("pip fetched nothing")??.path();
    run(Command::new(home.join("bin/python")).arg(workspace.path(CONVERTER)).arg(wheel).arg(&schema))?;
    fs::write(&stamp, wanted)?;
    Ok(())
}
