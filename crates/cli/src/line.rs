//! `line simulate`: plays acts on an empty line.

use crate::args::{Policy, Simulate, Starter};
use crate::exit::{Exit, Trouble};
use crate::out::Out;
use signalbox_app::dry_run;
use std::io::Read;
use std::path::Path;

pub fn simulate(args: &Simulate, out: &mut Out) -> Result<Exit, Trouble> {
    let process = match (&args.process, args.starter) {
        (Some(file), _) => {
            dry_run::read_process(&read(file)?).map_err(|error| Trouble::of(error).ending(Exit::Unusable))?
        }
        (None, starter) => dry_run::starter_process(match starter {
            Some(Starter::NineStages) | None => "nine-stages",
            Some(Starter::SixPhases) => "six-phases",
            Some(Starter::ThreeEnvironments) => "three-environments",
        })?,
    };
    let policy = match args.policy {
        Policy::Queue => dry_run::Policy::Queue,
        Policy::Supersede => dry_run::Policy::Supersede,
    };
    for row in dry_run::simulate(process, policy, &read(&args.acts)?) {
        out.value(&row)?;
    }
    Ok(Exit::Done)
}

/// Reads a file or, for `-`, stdin; bytes that are no text stay visible as such.
pub fn read(file: &Path) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Trouble::file("stdin", &error))?;
    } else {
        bytes = std::fs::read(file).map_err(|error| Trouble::file(file.display(), &error))?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
