//! The project's automation: everything a newcomer, a check-in or a release has to run.
//!
//! Each command has a module. Deliberately absent: anything of the product, which is built and started, never
//! linked.

mod bench;
mod bindings;
mod e2e;
mod judge_codepipeline;
mod judge_github;
mod look;
mod package;
mod process;
mod run;
mod screens;
mod setup;
mod tally;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup                 install what building and testing needs, or say exactly what to run
  run [--release]       open the desktop app; without a display, play the tour in the terminal
  test                  check and test everything, in one go
  e2e [NAME]            the end-to-end tests of the desktop app alone
  look SCRIPT.json      take pictures of the real app (steps as in tests/src/desktop/script.rs)
  bindings              write the generated TypeScript again
  tidy                  the project's own rules; --accept-new-migrations notes new migrations
  bench                 measurements, as JSON lines
  package               make the .deb";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::here()?;
    let Some((command, rest)) = arguments.split_first() else { bail!("name a command\n\n{USAGE}") };
    let done = match command.as_str() {
        "setup" => setup::ensure(&workspace, setup::Purpose::Tests),
        "run" => run::run(&workspace, rest),
        "test" => return Ok(test::run(&workspace)),
        "e2e" => e2e::run(&workspace, rest),
        "look" => look::run(&workspace, rest),
        "bindings" => bindings::write(&workspace),
        "tidy" => tidy::run(&workspace, rest),
        "bench" => bench::run(&workspace),
        "package" => package::run(&workspace),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        unknown => bail!("there is no command {unknown}\n\n{USAGE}"),
    };
    done.map(|()| ExitCode::SUCCESS)
}
