//! `process check`: every defect of a process, or the process in sentences.

use crate::args::Check;
use crate::exit::{Exit, Trouble};
use crate::line::read;
use crate::out::{Out, Tint};
use signalbox_app::dry_run;

pub fn check(args: &Check, out: &mut Out) -> Result<Exit, Trouble> {
    let text = read(&args.file)?;
    let process = dry_run::read_process(&text).map_err(|error| Trouble::of(error).ending(Exit::Unusable))?;
    let report = dry_run::check(&process);
    let exit = if report.defects.is_empty() { Exit::Done } else { Exit::Refused };
    if out.is_json() {
        out.value(&report)?;
        return Ok(exit);
    }
    if report.defects.is_empty() {
        let lead = out.tint(Tint::Go, "✓ no defects");
        out.line(&lead)?;
        out.line("")?;
        for sentence in &report.sentences {
            out.beside("  ", 2, sentence)?;
        }
        return Ok(exit);
    }
    let count = report.defects.len();
    let lead = out.tint(Tint::Stop, &format!("■ {count} {}", if count == 1 { "defect" } else { "defects" }));
    out.line(&lead)?;
    for defect in &report.defects {
        out.line("")?;
        out.beside("■ ", 2, &format!("{} ({})", defect.sentence, defect.code))?;
        for (at, event) in defect.trace.iter().enumerate() {
            out.beside(&format!("  {}. ", at + 1), 5, event)?;
        }
        out.beside("  → ", 4, &defect.next_step)?;
    }
    Ok(exit)
}
