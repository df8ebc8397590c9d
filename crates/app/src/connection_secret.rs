//! Secrets of connections: in the vault, each bound to the place that it was given for.

use crate::desk::Desk;
use crate::kind::ConnectionKind;
use crate::wire::{SecretText, WireError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use signalbox_domain::id::ConnectionId;
use signalbox_keys::VaultError;
use signalbox_pipelines::http::Address;
use std::collections::BTreeMap;

/// The setting that says which secrets this machine keeps. It holds none of them.
const MARKS: &str = "connection-secrets";

/// Says that a secret is kept, for which place, and since which saving of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SecretMark {
    /// The place that it was given for.
    place: String,
    /// Another one with every saving, so that every process sees that it changed.
    saved: String,
}

/// What lies in the vault. The place is compared before the secret is used: a changed database can't send a
/// secret elsewhere.
#[derive(Serialize, Deserialize)]
struct Kept {
    place: String,
    secret: SecretText,
}

/// The place that a secret is given for: an origin, or what else says where a kind of system is.
pub(crate) fn place_of(kind: ConnectionKind, address: &Address) -> String {
    address.origin().unwrap_or_else(|| {
        let options: Vec<String> =
            address.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {} {}", kind.name(), address.base.trim(), options.join(" ")).trim_end().to_owned()
    })
}

impl Desk {
    /// Which secrets this machine keeps, by connection.
    pub(crate) fn secret_marks(&self) -> Result<BTreeMap<String, SecretMark>, WireError> {
        Ok(self.store.read(|reader| reader.setting(MARKS))?.unwrap_or_default())
    }

    /// Keeps a connection's secret for one place.
    pub(crate) fn keep_secret(
        &self,
        connection: &ConnectionId,
        place: &str,
        secret: &SecretString,
    ) -> Result<(), WireError> {
        let kept = Kept { place: place.to_owned(), secret: SecretText::new(secret.expose_secret()) };
        let kept = serde_json::to_string(&kept).map_err(|_| unreadable())?;
        let kept = SecretString::from(kept);
        let vault = self.secrets().vault()?;
        vault.save_secret(connection.as_str(), &kept)?;
        let mark = SecretMark { place: place.to_owned(), saved: self.new_id() };
        self.change_marks(|marks| {
            marks.insert(connection.to_string(), mark);
        })
    }

    /// Removes a connection's secret from this machine; says whether there was one.
    pub(crate) fn forget_secret(&self, connection: &ConnectionId) -> Result<bool, WireError> {
        if !self.secret_marks()?.contains_key(connection.as_str()) {
            return Ok(false);
        }
        let vault = self.secrets().vault()?;
        let was_here = vault.delete_secret(connection.as_str())?;
        self.change_marks(|marks| {
            marks.remove(connection.as_str());
        })?;
        Ok(was_here)
    }

    /// The secret that was saved for this place, if there is one.
    pub(crate) fn secret_for(
        &self,
        connection: &ConnectionId,
        place: &str,
    ) -> Result<Option<SecretString>, WireError> {
        if self.secret_marks()?.get(connection.as_str()).is_none_or(|mark| mark.place != place) {
            return Ok(None);
        }
        let vault = self.secrets().vault()?;
        let kept = match vault.load_secret(connection.as_str()) {
            Ok(kept) => kept,
            Err(VaultError::SecretMissing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kept: Kept = serde_json::from_str(kept.expose_secret()).map_err(|_| unreadable())?;
        if kept.place != place {
            return Err(WireError::new(
                "secret.other-place",
                "The secret on this machine was saved for another address, so it is not used.",
                "Enter the secret for the present address.",
            ));
        }
        Ok(kept.secret.typed())
    }

    fn change_marks(&self, change: impl FnOnce(&mut BTreeMap<String, SecretMark>)) -> Result<(), WireError> {
        self.store.write(|writer| {
            let mut marks: BTreeMap<String, SecretMark> = writer.reader().setting(MARKS)?.unwrap_or_default();
            change(&mut marks);
            writer.set_setting(MARKS, &marks).map_err(WireError::from)
        })
    }
}

fn unreadable() -> WireError {
    WireError::new(
        "secret.defective",
        "What this machine keeps as the connection's secret is none.",
        "Enter the connection's secret again.",
    )
}
