//! Keeps a connection's credential out of everything that comes back.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// What stands in the credential's place.
const HIDDEN: &str = "[secret]";
/// Shorter texts would make ordinary words unreadable.
const SHORTEST: usize = 6;

/// Replaces a credential wherever it stands, in plain, in Base64 and as a part of a web address.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<SecretString>);

impl Redactor {
    /// Remembers every form of the credential that a system may give back.
    pub fn of(account: Option<&str>, secret: Option<&SecretString>) -> Self {
        let Some(secret) = secret.map(ExposeSecret::expose_secret).filter(|text| text.len() >= SHORTEST)
        else {
            return Self::default();
        };
        let pair = format!("{}:{secret}", account.unwrap_or_default());
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let mut forms = vec![
            secret.to_owned(),
            encoded,
            BASE64_STANDARD.encode(&pair),
            BASE64_STANDARD_NO_PAD.encode(&pair),
            BASE64_STANDARD_NO_PAD.encode(secret),
        ];
        // Client keys and the like have many lines; each of them is telling.
        forms.extend(secret.lines().filter(|line| line.len() >= 24).map(str::to_owned));
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self(forms.into_iter().map(SecretString::from).collect())
    }

    /// Returns the text without the credential.
    pub fn clean(&self, text: String) -> String {
        self.0.iter().fold(text, |text, form| match text.contains(form.expose_secret()) {
            true => text.replace(form.expose_secret(), HIDDEN),
            false => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_hidden_in_every_form() {
        let secret = SecretString::from("s3cr/t+token");
        let redactor = Redactor::of(Some("ada"), Some(&secret));
        let text = format!(
            "PAT=s3cr/t+token url=?t=s3cr%2Ft%2Btoken basic={} half={}",
            BASE64_STANDARD.encode("ada:s3cr/t+token"),
            BASE64_STANDARD.encode("s3cr/t+token"),
        );
        assert_eq!(redactor.clean(text), "PAT=[secret] url=?t=[secret] basic=[secret] half=[secret]");
    }
}
