//! A secret on its way from a person to the keychain.

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret inside a request. It has no readable form, and no answer holds one.
#[derive(Clone, Debug, ts_rs::TS)]
#[ts(type = "string")]
pub struct SecretText(SecretString);

impl SecretText {
    /// Takes what a person typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret, without the line end that a pipe or a paste leaves behind; none where nothing is left.
    pub(crate) fn typed(&self) -> Option<SecretString> {
        let text = self.0.expose_secret().trim_end_matches(['\r', '\n']);
        (!text.trim().is_empty()).then(|| SecretString::from(text))
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for SecretText {}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The usual error would quote what stands there.
        match serde_json::Value::deserialize(deserializer) {
            Ok(serde_json::Value::String(text)) => Ok(Self::new(text)),
            _ => Err(D::Error::custom("a secret has to be text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_readable_neither_in_debug_nor_in_an_error() {
        let secret: SecretText = serde_json::from_str("\"correct horse\"").unwrap();
        assert!(!format!("{secret:?}").contains("horse"));
        let error = serde_json::from_str::<SecretText>("4711").unwrap_err();
        assert!(!error.to_string().contains("4711"), "{error}");
    }

    #[test]
    fn a_line_end_is_no_part_of_a_secret_and_blanks_are_none() {
        assert_eq!(SecretText::new("token\r\n").typed().unwrap().expose_secret(), "token");
        assert!(SecretText::new(" \n").typed().is_none());
    }
}
