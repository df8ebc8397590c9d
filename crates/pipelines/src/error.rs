//! What can go wrong with a remote system: closed lists with stable codes.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::Verdict;

/// One reason for a refusal or one defect of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable, dotted, for machines.
    pub code: &'static str,
    /// File and line, field or thing that the reason is about.
    pub place: String,
    /// One sentence for a person.
    pub sentence: String,
    /// What would resolve it.
    pub next_step: String,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} {}", self.place, self.sentence, self.next_step)
    }
}

/// Why a remote system did not answer, or answered no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The credentials are missing, wrong or expired.
    #[error("the system does not accept these credentials: {detail}")]
    Auth {
        /// Whether signing in again would help.
        reauth: bool,
        /// The system's words.
        detail: String,
    },
    /// The account lacks a permission.
    #[error("this account may not do that: {detail}")]
    Forbidden {
        /// The permission that would allow it, where the system tells.
        needs: Option<String>,
        /// The system's words.
        detail: String,
    },
    /// The named thing does not exist there.
    #[error("not found: {0}")]
    NotFound(String),
    /// The request or the configuration behind it is defective; carries every reason.
    #[error("{detail}{}", list(.reasons))]
    Invalid {
        /// Every defect.
        reasons: Vec<Reason>,
        /// The headline.
        detail: String,
    },
    /// The state there does not allow it now.
    #[error("the present state does not allow it: {detail}")]
    Conflict {
        /// Which state.
        detail: String,
    },
    /// Somebody answered the gate before.
    #[error("the gate was already answered{}", by.as_deref().map(|b| format!(" by {b}")).unwrap_or_default())]
    AlreadyDecided {
        /// Who answered, where the system tells.
        by: Option<String>,
        /// What they answered, where the system tells.
        verdict: Option<Verdict>,
    },
    /// What was seen is no longer what is there.
    #[error("it changed since it was shown: {detail}")]
    Stale {
        /// What changed.
        detail: String,
    },
    /// The system asks to slow down.
    #[error("the system asks to wait until {retry_at}")]
    RateLimited {
        /// The earliest time to ask again.
        retry_at: DateTime<Utc>,
    },
    /// The system is down or overloaded.
    #[error("the system is not available")]
    Unavailable {
        /// How long the system asks to wait.
        retry_after: Option<Duration>,
    },
    /// The connection failed.
    #[error("the connection failed: {detail}")]
    Transport {
        /// What failed.
        detail: String,
    },
    /// The secure connection could not be made.
    #[error("the secure connection failed: {detail}")]
    Tls {
        /// What failed.
        detail: String,
    },
    /// The proxy refused or failed.
    #[error("the proxy failed: {detail}")]
    Proxy {
        /// What failed.
        detail: String,
    },
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer makes no sense.
    #[error("the system gave an unexpected answer: {detail}")]
    Protocol {
        /// What was unexpected.
        detail: String,
    },
    /// Reading or writing a file of this machine failed.
    #[error("{path}: {detail}")]
    File {
        /// Which file.
        path: String,
        /// What failed.
        detail: String,
    },
    /// The system can't do this at all.
    #[error("this system can't do that: {0}")]
    Unsupported(&'static str),
}

impl RemoteError {
    /// Returns the stable code of the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auth { .. } => "remote.auth",
            Self::Forbidden { .. } => "remote.forbidden",
            Self::NotFound(_) => "remote.not_found",
            Self::Invalid { .. } => "remote.invalid",
            Self::Conflict { .. } => "remote.conflict",
            Self::AlreadyDecided { .. } => "remote.already_decided",
            Self::Stale { .. } => "remote.stale",
            Self::RateLimited { .. } => "remote.rate_limited",
            Self::Unavailable { .. } => "remote.unavailable",
            Self::Transport { .. } => "remote.transport",
            Self::Tls { .. } => "remote.tls",
            Self::Proxy { .. } => "remote.proxy",
            Self::Timeout => "remote.timeout",
            Self::Protocol { .. } => "remote.protocol",
            Self::File { .. } => "remote.file",
            Self::Unsupported(_) => "remote.unsupported",
        }
    }

    /// Says whether asking the same again later can help. For a write this holds only together with
    /// [`WriteError::NotApplied`].
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Unavailable { .. }
                | Self::Transport { .. }
                | Self::Timeout
                | Self::Conflict { .. }
        )
    }

    /// Returns every single reason, where there is more than one.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Invalid { reasons, .. } => reasons,
            _ => &[],
        }
    }
}

/// A write either provably did nothing, or its outcome has to be read back before anything is sent
/// again. There is no third arm, so that "unknown" can't be mistaken for "failed".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Nothing happened there.
    #[error("nothing was done: {0}")]
    NotApplied(#[from] RemoteError),
    /// It may have happened.
    #[error("it is not known whether it was done: {cause}")]
    OutcomeUnknown {
        /// Why it is not known.
        cause: RemoteError,
        /// When it was sent.
        sent_at: DateTime<Utc>,
    },
}

fn list(reasons: &[Reason]) -> String {
    reasons.iter().map(|r| format!("\n- {r}")).collect()
}
