//! What verification can find: a closed list with stable codes.

use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! finding_kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal)*) => {
        /// What is wrong. The codes never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingKind {
            $($(#[$doc])* $name,)*
        }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

finding_kinds! {
    /// Header or signature do not hash to the stored leaf hash: a byte was changed.
    EntryChanged "entry.changed"
    /// The header is not in the one form, or a field breaks the format.
    EntryMalformed "entry.malformed"
    /// The entry names another ledger.
    EntryForeign "entry.foreign"
    /// An entry id occurs twice.
    EntryRepeated "entry.repeated"
    /// The payload is not the one that was signed, or not in canonical form.
    PayloadChanged "payload.changed"
    /// The payload was redacted, but later entries rest on it.
    PayloadMissing "payload.missing"
    /// The signature does not hold over the header.
    SignatureBad "signature.bad"
    /// The signing key was never enrolled.
    KeyUnknown "key.unknown"
    /// The signing key was revoked before.
    KeyRevoked "key.revoked"
    /// The signing key is enrolled for another person.
    KeyOfAnother "key.of_another"
    /// The author did not hold the role.
    RoleNotHeld "role.not_held"
    /// Entries are missing.
    LedgerMissing "ledger.missing"
    /// There are entries beyond the known end.
    LedgerExtra "ledger.extra"
    /// Entries stand in another order than their numbers.
    LedgerOrder "ledger.order"
    /// The history that the signer signed is not the one stored before the entry.
    HistoryDiffers "history.differs"
    /// Time runs backwards by more than the limit.
    TimeBackwards "time.backwards"
    /// The ledger does not have the root of a signed checkpoint.
    CheckpointMismatch "checkpoint.mismatch"
    /// The ledger is older than a head that was seen before.
    LedgerRolledBack "ledger.rolled_back"
    /// The ledger's history differs from one that was seen before.
    LedgerForked "ledger.forked"
    /// The history breaks a rule.
    RuleViolated "rule.violated"
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The sequence number of the entry, where it is about one.
    pub index: Option<u64>,
    /// The id of the entry, where it can be read.
    pub entry: Option<String>,
    /// What is wrong.
    pub kind: FindingKind,
    /// The same as a sentence for a person.
    pub reason: String,
}
