//! `test`: every check and every test, in one go. A failing part stops nothing but itself.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::{announce, run as finish};
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{e2e, screens, setup, tidy};

struct Part {
    name: &'static str,
    tally: Tally,
    took: Duration,
}

/// Runs everything; the last line says how much passed and failed.
pub fn run(workspace: &Workspace) -> ExitCode {
    let mut parts = Vec::new();
    let mut part = |name: &'static str, work: &mut dyn FnMut() -> Result<Tally>| {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let tally = work().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Tally::of(false)
        });
        parts.push(Part { name, tally, took: start.elapsed() });
        tally.failed == 0
    };

    let ready = part("setup", &mut || checked(setup::ensure(workspace, setup::Purpose::Tests)));
    if ready {
        part("format", &mut || {
            checked(finish(
                Command::new("cargo").args(["fmt", "--all", "--check"]).current_dir(&workspace.root),
            ))
        });
        part("screens: types", &mut || {
            checked(finish(&mut workspace.npm(&["run", "--silent", "typecheck"])))
        });
        part("screens: lint", &mut || checked(finish(&mut workspace.npm(&["run", "--silent", "lint"]))));
        part("screens: tests", &mut || vitest(workspace));
        part("screens: build", &mut || checked(screens::build(workspace)));
        part("build", &mut || checked(finish(workspace.cargo("build").args(["--bins", "--examples"]))));
        part("tests", &mut || cargo_test(workspace.cargo("test").arg("--no-fail-fast")));
        part("tidy", &mut || checked(tidy::run(workspace, &[])));
        part("end to end", &mut || cargo_test(&mut e2e::command(workspace)));
        part("lint", &mut || checked(clippy(workspace)));
    }
    summarise(&parts)
}

/// Prints how each part went; the last line is the sum alone.
fn summarise(parts: &[Part]) -> ExitCode {
    let mut total = Tally::default();
    println!();
    for part in parts {
        println!("{:<16} {:>5} s   {}", part.name, part.took.as_secs(), part.tally);
        total += part.tally;
    }
    println!("{total}");
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn clippy(workspace: &Workspace) -> Result<()> {
    // The end-to-end tests run on demand only, and "all targets" leaves those out.
    for targets in [&["--all-targets"][..], &["--test", "e2e"]] {
        finish(workspace.cargo("clippy").args(targets).args(["--", "--deny", "warnings"]))?;
    }
    Ok(())
}

fn checked(outcome: Result<()>) -> Result<Tally> {
    outcome.map(|()| Tally::of(true))
}

/// Runs Rust tests, passing on what they print while counting it.
fn cargo_test(command: &mut Command) -> Result<Tally> {
    announce(command);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo does not start")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut tally = Tally::default();
    let mut screen = std::io::stdout();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        screen.write_all(&line)?;
        screen.write_all(b"\n")?;
        if let Some(more) = Tally::from_line(&String::from_utf8_lossy(&line)) {
            tally += more;
        }
    }
    Ok(tally.ended(child.wait()?.success()))
}

fn vitest(workspace: &Workspace) -> Result<Tally> {
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("vitest.json");
    let into = format!("--outputFile.json={}", report.display());
    let mut npm = workspace.npm(&["test", "--", "--reporter=default", "--reporter=json", &into]);
    announce(&npm);
    let succeeded = npm.status().context("npm does not start")?.success();
    let report = fs::read_to_string(&report).unwrap_or_default();
    Ok(Tally::from_vitest(&report).unwrap_or_default().ended(succeeded))
}
