//! Turns everything that can go wrong below into the one error that crosses.

use crate::wire::{Reason, WireError};
use signalbox_domain::refusal::{Blocker, Refusal};
use signalbox_ledger::draft::DraftError;
use signalbox_pipelines::{RemoteError, sanitise};
use signalbox_store::{ActError, StoreError};

impl WireError {
    /// An error for one reason.
    pub(crate) fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            reasons: Vec::new(),
            hint: hint.into(),
            retryable: false,
        }
    }

    /// The same error, but trying again later may help.
    pub(crate) fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    pub(crate) fn malformed(command: &str, error: &serde_json::Error) -> Self {
        Self::new(
            "request.malformed",
            format!("The request to {command} can't be read: {error}."),
            "Compare it with the command's request type; `signalbox call --list` names all commands.",
        )
    }

    pub(crate) fn no_such_command(name: &str) -> Self {
        Self::new(
            "command.unknown",
            format!("There is no command “{name}”."),
            "`signalbox call --list` names all commands.",
        )
    }

    pub(crate) fn unknown(what: &str) -> Self {
        Self::new(
            "value.unknown",
            format!("There is no such {what}."),
            "Look at the list again; it may have changed.",
        )
    }

    /// An error for several reasons at once; a single one speaks for itself.
    pub(crate) fn of_reasons(reasons: Vec<Reason>) -> Self {
        let (code, message, hint) = match reasons.as_slice() {
            [only] => (only.code.clone(), only.sentence.clone(), only.next_step.clone()),
            several => (
                "act.refused".to_owned(),
                format!("{} things stand in the way.", several.len()),
                "Resolve each of them.".to_owned(),
            ),
        };
        Self { code, message, reasons, hint, retryable: false }
    }

    /// Why a connection can't be opened: its defects, each with its code.
    pub(crate) fn of_opening(error: RemoteError) -> Self {
        match error.reasons() {
            [] => Self::from(error),
            reasons => Self::of_reasons(
                reasons
                    .iter()
                    .map(|reason| Reason {
                        code: reason.code.to_owned(),
                        sentence: reason.sentence.clone(),
                        next_step: reason.next_step.clone(),
                    })
                    .collect(),
            ),
        }
    }

    pub(crate) fn inside(what: impl std::fmt::Display) -> Self {
        Self::new(
            "program.inside",
            format!("Something inside the program failed: {what}."),
            "Try again; report it if it stays.",
        )
    }
}

impl From<Blocker> for Reason {
    fn from(blocker: Blocker) -> Self {
        let Blocker { code, sentence, next_step } = blocker;
        Self { code, sentence, next_step }
    }
}

impl From<Refusal> for WireError {
    fn from(Refusal(blockers): Refusal) -> Self {
        Self::of_reasons(blockers.into_iter().map(Reason::from).collect())
    }
}

impl From<StoreError> for WireError {
    fn from(error: StoreError) -> Self {
        Self { retryable: error.retryable(), ..Self::new(error.code(), error.sentence(), error.next_step()) }
    }
}

impl From<ActError<WireError>> for WireError {
    fn from(error: ActError<WireError>) -> Self {
        match error {
            ActError::Refused(refused) => refused,
            ActError::Store(error) => error.into(),
        }
    }
}

impl From<DraftError> for WireError {
    fn from(error: DraftError) -> Self {
        Self::new("entry.unsigned", sentence(&error.to_string()), "Check the signing key in Settings.")
    }
}

impl From<RemoteError> for WireError {
    fn from(error: RemoteError) -> Self {
        let reasons = error
            .reasons()
            .iter()
            .map(|reason| Reason {
                code: reason.code.to_owned(),
                sentence: if reason.place.is_empty() {
                    sanitise(&reason.sentence).into_owned()
                } else {
                    sanitise(&format!("{}: {}", reason.place, reason.sentence)).into_owned()
                },
                next_step: reason.next_step.clone(),
            })
            .collect();
        let message = sentence(&sanitise(&error.to_string()));
        Self { reasons, retryable: error.retryable(), ..Self::new(error.code(), message, next_step(&error)) }
    }
}

/// What a person can do about a remote system that did not answer, or answered no.
fn next_step(error: &RemoteError) -> &'static str {
    match error {
        RemoteError::Auth { .. } => "Check the account, and enter the secret again in Settings, Connections.",
        RemoteError::Forbidden { .. } => "Give the account the right there, or use another account.",
        RemoteError::NotFound(_) => "Check the address and the names, and whether the account may see them.",
        RemoteError::Invalid { .. } => "Resolve each of them.",
        RemoteError::RateLimited { .. } | RemoteError::Unavailable { .. } => "Try again later.",
        RemoteError::Transport { .. } | RemoteError::Timeout => {
            "Check the address and the network, and try again."
        }
        RemoteError::Tls { .. } => {
            "If your network has its own certificate authority, name its PEM file in the connection's network \
             settings."
        }
        RemoteError::Proxy { .. } => "Check the proxy in the connection's network settings.",
        _ => "Test the connection in Settings.",
    }
}

impl From<std::io::Error> for WireError {
    fn from(error: std::io::Error) -> Self {
        Self::new(
            "file.failed",
            format!("A file can't be used: {error}."),
            "Check the folder, its rights and the room on the disk.",
        )
    }
}

/// Makes a library's message a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
