//! Typed identifiers. Each is text on the wire and in the ledger, and its own type in the program.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text of an id.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
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
    )*};
}

ids! {
    /// One ledger entry (UUIDv7). The id of an intent is the operation key of its remote call.
    EntryId
    /// A product.
    ProductId
    /// A service of a product.
    ServiceId
    /// One immutable build of a service.
    BuildId
    /// A person or the machine that signs.
    PersonId
    /// A role in which a person acts, for example `release-manager`.
    RoleKey
    /// A stage of a process, unique within it, for example `qa`.
    StageKey
    /// A checklist item, unique within its stage.
    ItemKey
    /// A release.
    ReleaseId
    /// A step of a release plan.
    StepId
    /// A tracked feature's unique key, for example `HAR-301`.
    FeatureKey
    /// An issue-log entry.
    IssueId
    /// A connection to a pipeline system.
    ConnectionId
}
