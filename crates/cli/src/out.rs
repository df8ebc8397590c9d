//! What is printed, and how: plain or coloured text for people, JSON lines for machines.

use crate::exit::{Exit, Trouble};
use serde::Serialize;
use signalbox_app::wire::WireError;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Lines are never longer than this, however wide the terminal is.
const WIDEST: usize = 100;

/// The colours that mean something; every one of them stands beside a sign and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    Strong,
    Quiet,
    Go,
    Wait,
    Stop,
}

/// Where the program prints.
pub struct Out {
    json: bool,
    coloured: bool,
    width: usize,
}

impl Out {
    /// The program's own output.
    pub fn new(json: bool) -> Self {
        let width = terminal_size::terminal_size().map_or(WIDEST, |(width, _)| usize::from(width.0));
        Self { json, coloured: colours(io::stdout().is_terminal()), width: width.clamp(40, WIDEST) }
    }

    /// Whether machines read what is printed.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line.
    pub fn line(&mut self, text: &str) -> Result<(), Trouble> {
        writeln!(io::stdout().lock(), "{text}")?;
        Ok(())
    }

    /// Prints a value as one line of JSON.
    pub fn value(&mut self, value: &impl Serialize) -> Result<(), Trouble> {
        let text = serde_json::to_string(value).map_err(|error| {
            Trouble::new(Exit::Inside, "program.inside", format!("{error}."), "Report it.")
        })?;
        self.line(&text)
    }

    /// A text in a colour, where there are colours.
    pub fn tint(&self, tint: Tint, text: &str) -> String {
        painted(self.coloured, tint, text)
    }

    /// Prints text that is wrapped beside a first line's lead.
    pub fn beside(&mut self, lead: &str, lead_width: usize, text: &str) -> Result<(), Trouble> {
        let room = self.width.saturating_sub(lead_width).max(20);
        let mut lines = Vec::new();
        for part in text.lines() {
            lines.extend(textwrap::wrap(part, room).into_iter().map(|line| line.into_owned()));
        }
        let blank = " ".repeat(lead_width);
        for (at, line) in lines.iter().enumerate() {
            self.line(&format!("{}{line}", if at == 0 { lead } else { &blank }))?;
        }
        if lines.is_empty() {
            self.line(lead.trim_end())?;
        }
        Ok(())
    }

    /// Says how the program ended, and ends it.
    pub fn end(&self, ended: Result<Exit, Trouble>) -> ExitCode {
        match ended {
            Ok(exit) => exit.into(),
            // Whoever read the output had enough of it.
            Err(Trouble::Closed) => Exit::Done.into(),
            Err(Trouble::Told(exit, error)) => {
                let text = if self.json {
                    serde_json::to_string(&*error).unwrap_or_else(|_| error.message.clone()) + "\n"
                } else {
                    told(&error, colours(io::stderr().is_terminal()))
                };
                // There is no other place left to complain at.
                let _ = io::stderr().lock().write_all(text.as_bytes());
                exit.into()
            }
        }
    }
}

/// An error for people: what happened, every reason with its way out, the next step.
pub fn told(error: &WireError, coloured: bool) -> String {
    let paint = |tint, text: &str| painted(coloured, tint, text);
    let mut text = format!(
        "{} {} {}\n",
        paint(Tint::Stop, "■ error"),
        error.message,
        paint(Tint::Quiet, &format!("({})", error.code))
    );
    let several =
        error.reasons.len() > 1 || error.reasons.iter().any(|reason| reason.sentence != error.message);
    for reason in error.reasons.iter().filter(|_| several) {
        // Writing to a String can't fail.
        let _ =
            writeln!(text, "  ■ {} {}", reason.sentence, paint(Tint::Quiet, &format!("({})", reason.code)));
        if !reason.next_step.is_empty() {
            let _ = writeln!(text, "    → {}", reason.next_step);
        }
    }
    let again = if error.retryable { " The same may work later." } else { "" };
    if !error.hint.is_empty() || !again.is_empty() {
        let _ = writeln!(text, "  → {}{again}", error.hint);
    }
    text
}

fn painted(coloured: bool, tint: Tint, text: &str) -> String {
    if !coloured {
        return text.to_owned();
    }
    let code = match tint {
        Tint::Strong => "1",
        Tint::Quiet => "2",
        Tint::Go => "32",
        Tint::Wait => "33",
        Tint::Stop => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn colours(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    terminal && set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_app::wire::Reason;

    fn error(reasons: &[(&str, &str, &str)]) -> WireError {
        let text = |text: &str| text.to_owned();
        let reason = |(code, sentence, next_step): &(&str, &str, &str)| Reason {
            code: text(code),
            sentence: text(sentence),
            next_step: text(next_step),
        };
        WireError {
            code: text("act.refused"),
            message: text("Two things stand in the way."),
            reasons: reasons.iter().map(reason).collect(),
            hint: text("Resolve each of them."),
            retryable: false,
        }
    }

    #[test]
    fn an_error_tells_every_reason_with_its_way_out() {
        let told =
            told(&error(&[("a.b", "It is late.", "Come earlier."), ("c.d", "It is cold.", "")]), false);
        let expected = "■ error Two things stand in the way. (act.refused)\n  ■ It is late. (a.b)\n    → Come earlier.\n  \
                        ■ It is cold. (c.d)\n  → Resolve each of them.\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_reason_that_is_the_message_is_not_said_twice() {
        let mut one = error(&[("act.refused", "Two things stand in the way.", "Resolve each of them.")]);
        one.retryable = true;
        let expected = "■ error Two things stand in the way. (act.refused)\n  → Resolve each of them. The same may work later.\n";
        assert_eq!(told(&one, false), expected);
    }

    #[test]
    fn colours_stand_beside_words_and_are_left_out_on_demand() {
        assert_eq!(painted(true, Tint::Go, "✓ done"), "\u{1b}[32m✓ done\u{1b}[0m");
        assert_eq!(painted(false, Tint::Go, "✓ done"), "✓ done");
    }
}
