//! `call`: any command of the command list, JSON on both sides.

use crate::args::Call;
use crate::exit::{Exit, Trouble};
use crate::host::{Host, Place};
use crate::out::Out;
use serde_json::Value;
use signalbox_app::commands::COMMANDS;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

/// How often a running deployment is looked at.
const PAUSE: Duration = Duration::from_millis(150);

pub async fn run(place: &Place, args: Call, out: &mut Out) -> Result<Exit, Trouble> {
    let Some(command) = args.command else { return list(out) };
    let request = read_request(&command, &args.json)?;
    // A wrong name is said before anything is opened.
    if COMMANDS.iter().all(|known| known.name != command) {
        return Err(Trouble::new(
            Exit::Usage,
            "command.unknown",
            format!("There is no command “{command}”."),
            "`signalbox call --list` names all commands.",
        ));
    }
    let host = place.open()?;
    let answer = host.desk.call(&command, request).await?;
    out.value(&answer)?;
    if args.wait {
        carry_out(&host).await?;
    }
    host.close().await;
    Ok(Exit::Done)
}

fn list(out: &mut Out) -> Result<Exit, Trouble> {
    for known in COMMANDS {
        let types = format!("{} -> {}", (known.request)(), (known.response)());
        out.line(&format!("{:<20} {types:<38}{}", known.name, known.about))?;
    }
    Ok(Exit::Done)
}

fn read_request(command: &str, given: &str) -> Result<Value, Trouble> {
    let text = match (given, given.strip_prefix('@')) {
        ("-", _) => {
            let mut text = String::new();
            std::io::stdin()
                .lock()
                .read_to_string(&mut text)
                .map_err(|error| Trouble::file("stdin", &error))?;
            text
        }
        (_, Some(file)) => std::fs::read_to_string(file).map_err(|error| Trouble::file(file, &error))?,
        (text, None) => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| {
        Trouble::new(
            Exit::Usage,
            "request.malformed",
            format!("The request to {command} is no JSON: {error}."),
            "Write one JSON object, for example --json '{\"text\":\"refund\"}'.",
        )
    })
}

/// Works on deployments until none is going on.
async fn carry_out(host: &Host) -> Result<(), Trouble> {
    let mut calm = false;
    loop {
        let desk = Arc::clone(&host.desk);
        let worked = tokio::task::spawn_blocking(move || desk.work_once()).await;
        let going = worked.map_err(|error| {
            let said = format!("Waiting broke off: {error}.");
            Trouble::new(Exit::Inside, "program.inside", said, "Call it again.")
        })??;
        // What ended in this turn may have let the next deployment begin.
        if going == 0 && calm {
            return Ok(());
        }
        calm = going == 0;
        tokio::time::sleep(PAUSE).await;
    }
}
