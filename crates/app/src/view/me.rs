//! The person who signs on this machine.

use signalbox_domain::person::Person;

/// The person who signs on this machine, and with which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The person.
    pub person: Person,
    /// The fingerprint of the key that signs; none while it can't be used (locked, or on another machine).
    pub key: Option<String>,
}
