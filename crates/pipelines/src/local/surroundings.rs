//! The few variables of the starting program's environment that commands may see.

use std::ffi::{OsStr, OsString};

const KEPT: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// The inherited part of a command's environment: `PATH`, `HOME`, `LANG` and `TMPDIR`.
///
/// Everything else stays out, because a desktop session's environment carries tokens.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    kept: Vec<(OsString, OsString)>,
}

impl Surroundings {
    /// Keeps what commands may see of `variables`.
    pub fn keep(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let kept = variables.into_iter().filter(|(name, _)| KEPT.iter().any(|k| name == *k)).collect();
        Self { kept }
    }

    /// Returns what was kept.
    pub(super) fn variables(&self) -> &[(OsString, OsString)] {
        &self.kept
    }

    /// Returns the search path for programs.
    pub(super) fn path(&self) -> Option<&OsStr> {
        let (_, path) = self.kept.iter().find(|(name, _)| name == "PATH")?;
        Some(path)
    }
}
