//! How the program ends: stable exit codes, and what went wrong.

use signalbox_app::wire::{Reason, WireError};
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// How the program ended; the numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// An act was refused, or defects were found.
    Refused = 1,
    /// The command line or the request can't be read.
    Usage = 2,
    /// The verification found something.
    Findings = 3,
    /// A file, the folder or the database can't be used.
    Unusable = 4,
    /// Something inside the program failed.
    Inside = 5,
}

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub enum Trouble {
    /// Something to be told.
    Told(Exit, Box<WireError>),
    /// Nobody reads the output any more.
    Closed,
}

impl Trouble {
    /// Something that the app did not do, with the exit code that its code stands for.
    pub fn of(mut error: WireError) -> Self {
        if error.code == "keys.locked" {
            error.hint = "Name the file that holds its passphrase with --passphrase-file.".to_owned();
        }
        let exit = match error.code.as_str() {
            "request.malformed" | "command.unknown" | "path.relative" => Exit::Usage,
            "program.inside" => Exit::Inside,
            code => match code.split('.').next() {
                Some("store" | "file") => Exit::Unusable,
                _ => Exit::Refused,
            },
        };
        Self::Told(exit, Box::new(error))
    }

    /// Something that was refused here, with what to do next.
    pub fn new(exit: Exit, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let error = WireError {
            code: code.to_owned(),
            message: message.into(),
            reasons: Vec::<Reason>::new(),
            hint: hint.into(),
            retryable: false,
        };
        Self::Told(exit, Box::new(error))
    }

    /// A file or folder that can't be used.
    pub fn file(what: impl Display, error: &io::Error) -> Self {
        Self::new(
            Exit::Unusable,
            "file.failed",
            format!("{what}: {error}."),
            "Check the path, its rights and the room on the disk.",
        )
    }

    /// The same trouble with another exit code.
    pub fn ending(self, exit: Exit) -> Self {
        match self {
            Self::Told(_, error) => Self::Told(exit, error),
            Self::Closed => Self::Closed,
        }
    }
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        Self::of(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::file("The output can't be written", &error),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
