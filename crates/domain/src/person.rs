//! People and the machine, their roles and their keys.

use crate::id::{PersonId, RoleKey};
use crate::moment::Moment;
use serde::{Deserialize, Serialize};

/// The roles that a new ledger starts with: key and name.
pub const STARTER_ROLES: [(&str, &str); 7] = [
    ("business-analyst", "business analyst"),
    ("developer", "developer"),
    ("tester", "tester"),
    ("operations", "operations"),
    ("release-manager", "release manager"),
    ("auditor", "auditor"),
    ("administrator", "administrator"),
];

/// The role of the machine that writes observed outcomes.
pub const MACHINE_ROLE: &str = "machine";

/// The name of a role as it is shown.
pub fn role_name(role: &RoleKey) -> String {
    STARTER_ROLES
        .iter()
        .find(|(key, _)| *key == role.as_str())
        .map_or_else(|| role.as_str().replace('-', " "), |(_, name)| (*name).to_owned())
}

/// Someone (or the machine) who signs entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The short unique name that build manifests use, for example `ines`.
    pub handle: String,
    /// The full name.
    pub name: String,
    /// The roles held now.
    pub roles: Vec<RoleKey>,
    /// Every key ever enrolled.
    pub keys: Vec<Key>,
    /// True for a machine: it observes and follows rules, it never approves.
    pub machine: bool,
}

impl Person {
    /// Says whether the person holds the role now.
    pub fn holds(&self, role: &RoleKey) -> bool {
        self.roles.contains(role)
    }

    /// Says whether the person holds one of the roles now.
    pub fn holds_any(&self, roles: &[RoleKey]) -> bool {
        roles.iter().any(|role| self.holds(role))
    }

    /// Says whether the person can sign: at least one key that is not revoked.
    pub fn can_sign(&self) -> bool {
        self.keys.iter().any(|key| key.revoked.is_none())
    }
}

/// One public key of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `SHA256:…`, as OpenSSH prints it.
    pub fingerprint: String,
    /// The public key as one OpenSSH line.
    pub public: String,
    /// When it was enrolled.
    pub enrolled: Moment,
    /// When it was revoked, if it was.
    pub revoked: Option<Moment>,
}
