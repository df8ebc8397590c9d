//! `signalbox`: the commands of the desk in a terminal, for people and for scripts.
//!
//! Owns arguments, environment, output and exit codes. Deliberately absent: rules, storage, deployments; what
//! is asked goes to `signalbox-app`, and its answers are printed.

mod args;
mod call;
mod connection;
mod connection_args;
mod connection_map;
mod exit;
mod export;
mod filter;
mod host;
mod ledger;
mod line;
mod out;
mod process;
mod tour;

use args::{Cli, Command, LedgerCommand, LineCommand, ProcessCommand};
use clap::Parser;
use exit::{Exit, Trouble};
use out::Out;
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// How long to let what was begun in the background end, after the answer is printed.
const AFTERWARDS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("SIGNALBOX_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let mut out = Out::new(cli.command.json());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out.end(Err(Trouble::file("The program can't begin", &error))),
    };
    let ended = runtime.block_on(run(cli, &mut out));
    match &ended {
        // Nobody reads any more: what still runs would run for nobody.
        Err(Trouble::Closed) => runtime.shutdown_background(),
        _ => runtime.shutdown_timeout(AFTERWARDS),
    }
    out.end(ended)
}

async fn run(cli: Cli, out: &mut Out) -> Result<Exit, Trouble> {
    let place = host::Place { folder: cli.folder, passphrase_file: cli.passphrase_file };
    match cli.command {
        Command::Tour(_) => tour::run(place, out).await,
        Command::Call(args) => call::run(&place, args, out).await,
        Command::Line { command: LineCommand::Simulate(args) } => line::simulate(&args, out),
        Command::Process { command: ProcessCommand::Check(args) } => process::check(&args, out),
        Command::Connection { command } => connection::run(&place, command, out).await,
        Command::Ledger { command: LedgerCommand::Verify(_) } => ledger::verify(&place, out).await,
        Command::Ledger { command: LedgerCommand::Show(args) } => ledger::show(&place, args, out).await,
        Command::Export(args) => export::run(&place, args, out).await,
    }
}
