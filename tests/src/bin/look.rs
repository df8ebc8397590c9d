//! Looks at the screens of the real app: plays a script of steps and saves pictures.

use std::path::PathBuf;
use std::process::ExitCode;

use signalbox_tests::desktop::Script;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: look SCRIPT.json");
        return ExitCode::from(2);
    };
    let played = match Script::read(&path) {
        // Waiting for the signal here lets everything that was started end with this program.
        Ok(script) => tokio::select! {
            played = script.play(|told| println!("{told}")) => played,
            _ = terminated() => Err(anyhow::anyhow!("stopped")),
        },
        Err(error) => Err(error),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn terminated() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
