//! Opaque ids, as the systems give them. Their text is never parsed outside the system that made it.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! opaque_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as the system spells it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the id as the system spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )+};
}

opaque_id! {
    /// Names one account on one pipeline system.
    ConnectionId;
    /// Names a service's counterpart on a connection.
    PipelineId;
    /// Names a stage inside one pipeline.
    StageId;
    /// Names a gate inside one pipeline.
    GateId;
    /// Names a build inside one pipeline.
    BuildId;
    /// Names one remote execution.
    RunId;
    /// Says where the next page of a list begins.
    Cursor;
    /// Says up to where a log has been read.
    LogCursor;
}

impl LogCursor {
    /// Points at the beginning of a log.
    pub fn start() -> Self {
        Self(String::new())
    }
}

/// Names one intended write: the ledger entry id of the intent. A system never carries out the same
/// key twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OperationKey(String);

/// Says that a text can't be an operation key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operation key has 1 to 128 letters, digits and hyphens, and starts with no hyphen: {0:?}")]
pub struct InvalidOperationKey(String);

impl OperationKey {
    /// Accepts 1 to 128 ASCII letters, digits and hyphens.
    ///
    /// This is the narrowest rule among the systems (CodePipeline's request token), and it makes the
    /// key safe as a folder name.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidOperationKey> {
        let text = text.into();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && (1..=128).contains(&text.len()) && !text.starts_with('-') {
            Ok(Self(text))
        } else {
            Err(InvalidOperationKey(text))
        }
    }

    /// Returns the key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OperationKey {
    type Error = InvalidOperationKey;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<OperationKey> for String {
    fn from(key: OperationKey) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::OperationKey;

    #[test]
    fn an_operation_key_can_never_leave_its_folder() {
        for bad in ["", "..", "a/b", "a.b", "-rf", "ä", &"x".repeat(129)] {
            assert!(OperationKey::new(bad).is_err(), "{bad:?}");
        }
        assert!(OperationKey::new("01939f2e-7b0e-7a3e-9b8e-2c5f3b1d0a11").is_ok());
    }
}
