//! Where a connection leads on this machine, and by which way. Secrets are not part of it.

use std::collections::BTreeMap;
use std::path::Path;

use hyper_util::client::proxy::matcher::Matcher;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{Reason, RemoteError};

/// The way to a remote system, as it is kept on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// The base address, for example `https://ci.example.org/`.
    pub base: String,
    /// The account, for systems that want a name beside the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A PEM file with further certificate authorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// The proxy.
    pub proxy: Proxy,
    /// Says that a person has typed that this address may be spoken to without encryption.
    pub plain_http: bool,
    /// What else the kind of system asks for; see [`FormField`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// Which proxy is used. Loopback is never reached through one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proxy {
    /// As this machine is set up.
    #[default]
    System,
    /// None.
    None,
    /// This one.
    Url(String),
}

/// One thing that a kind of system asks for when a connection is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FormField {
    /// Its place: `base`, `account`, `secret`, or the name of an option.
    pub name: &'static str,
    /// Its label.
    pub title: &'static str,
    /// What to write, and where it is found.
    pub hint: &'static str,
    /// Whether it can't be left out.
    pub required: bool,
}

impl Address {
    /// Returns an option's text, if it is set and not blank.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Returns the origin that the base address leads to, for example `https://ci.example.org`; none where it is
    /// no web address.
    pub fn origin(&self) -> Option<String> {
        self.web().map(|url| url.origin().ascii_serialization())
    }

    /// Returns the host's name as a person types it to allow an address without encryption; none where the
    /// address needs no such word.
    pub fn plain_host(&self) -> Option<String> {
        let url = self.web().filter(|url| url.scheme() == "http" && !is_loopback(url))?;
        url.host_str().map(str::to_owned)
    }

    /// Returns the proxy that calls go through, without an account; none where they go straight.
    pub fn effective_proxy(&self) -> Option<String> {
        let base = self.web().filter(|url| !is_loopback(url))?;
        match &self.proxy {
            Proxy::None => None,
            Proxy::Url(proxy) => Url::parse(proxy).ok().map(|url| url.origin().ascii_serialization()),
            Proxy::System => {
                let through = Matcher::from_system().intercept(&base.as_str().parse().ok()?)?;
                let uri = through.uri();
                Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?.as_str().rsplit('@').next()?))
            }
        }
    }

    fn web(&self) -> Option<Url> {
        Url::parse(self.base.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
    }

    /// Reads the base address and everything that is wrong with the way to it.
    pub(super) fn check(&self) -> Result<Url, RemoteError> {
        let mut reasons = Vec::new();
        let base = self.web();
        if base.is_none() {
            reasons.push(reason(
                "address.malformed",
                "The address is no web address.",
                "Write it with https:// and the host's name.",
            ));
        }
        if let Some(base) = &base {
            if !base.username().is_empty() || base.password().is_some() {
                reasons.push(reason(
                    "address.secret",
                    "The address holds a user name or a password.",
                    "Leave them out of the address and fill in the fields for them.",
                ));
            }
            if base.query().is_some() || base.fragment().is_some() {
                reasons.push(reason(
                    "address.query",
                    "The address has a part behind a question or number sign.",
                    "Leave that part out.",
                ));
            }
            if base.scheme() == "http" && !is_loopback(base) && !self.plain_http {
                reasons.push(reason(
                    "address.plain-http",
                    "The address is not encrypted, so everyone on the way can read the secret.",
                    "Use https://, or confirm the unencrypted address by typing its host's name.",
                ));
            }
        }
        if let Some(file) = &self.ca_file
            && !Path::new(file).is_absolute()
        {
            reasons.push(reason(
                "address.ca-file",
                "The file of certificate authorities is not named by its full path.",
                "Choose the PEM file.",
            ));
        }
        if let Proxy::Url(proxy) = &self.proxy {
            match Url::parse(proxy) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.password().is_none() => {}
                _ => reasons.push(reason(
                    "address.proxy",
                    "The proxy is no web address, or it holds a password.",
                    "Write it as http://host:port.",
                )),
            }
        }
        match base {
            Some(base) if reasons.is_empty() => Ok(with_slash(base)),
            _ => Err(RemoteError::Invalid {
                reasons,
                detail: "The connection can't be used like this.".into(),
            }),
        }
    }
}

/// Says whether an address is this machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Says whether an address, as it is kept, leads to this machine itself.
pub fn leads_to_loopback(base: &str) -> bool {
    Url::parse(base.trim()).is_ok_and(|url| is_loopback(&url))
}

fn with_slash(mut base: Url) -> Url {
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    base
}

fn reason(code: &'static str, sentence: &str, next_step: &str) -> Reason {
    Reason { code, place: "address".into(), sentence: sentence.into(), next_step: next_step.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(address: &Address) -> Vec<&'static str> {
        match address.check() {
            Ok(_) => Vec::new(),
            Err(error) => error.reasons().iter().map(|reason| reason.code).collect(),
        }
    }

    #[test]
    fn every_defect_of_an_address_is_told_at_once() {
        let address = Address {
            base: "http://me:pw@ci.example.org/?x=1".into(),
            ca_file: Some("ca.pem".into()),
            proxy: Proxy::Url("nonsense".into()),
            ..Address::default()
        };
        assert_eq!(
            codes(&address),
            ["address.secret", "address.query", "address.plain-http", "address.ca-file", "address.proxy"]
        );
        assert_eq!(
            codes(&Address { base: "ci.example.org".into(), ..Address::default() }),
            ["address.malformed"]
        );
    }

    #[test]
    fn plain_http_needs_loopback_or_a_persons_word() {
        let at = |base: &str, plain_http| Address { base: base.into(), plain_http, ..Address::default() };
        assert_eq!(codes(&at("http://127.0.0.1:8010", false)), [""; 0]);
        assert_eq!(codes(&at("http://localhost/ci", false)), [""; 0]);
        assert_eq!(codes(&at("http://10.0.0.1", false)), ["address.plain-http"]);
        assert_eq!(codes(&at("http://10.0.0.1", true)), [""; 0]);
        assert_eq!(codes(&at("http://localhost.example.org", false)), ["address.plain-http"]);
    }

    #[test]
    fn an_address_tells_its_origin_and_the_host_that_has_to_be_typed() {
        let at = |base: &str| Address { base: base.into(), ..Address::default() };
        assert_eq!(at(" https://CI.example.org:443/x ").origin().as_deref(), Some("https://ci.example.org"));
        assert_eq!(at("http://ci.example.org:8080/").origin().as_deref(), Some("http://ci.example.org:8080"));
        assert_eq!(at("/srv/harbour").origin(), None);
        assert_eq!(at("http://ci.example.org:8080/").plain_host().as_deref(), Some("ci.example.org"));
        assert_eq!(at("https://ci.example.org").plain_host(), None);
        assert_eq!(at("http://127.0.0.1:8010").plain_host(), None);
    }

    #[test]
    fn the_proxy_in_effect_is_told_without_its_account_and_loopback_has_none() {
        let by = |base: &str| Address {
            base: base.into(),
            proxy: Proxy::Url("http://me@proxy.example.org:3128".into()),
            ..Address::default()
        };
        let proxy = by("https://ci.example.org").effective_proxy();
        assert_eq!(proxy.as_deref(), Some("http://proxy.example.org:3128"));
        assert_eq!(by("http://localhost:8010").effective_proxy(), None);
        let straight = Address { proxy: Proxy::None, ..by("https://ci.example.org") };
        assert_eq!(straight.effective_proxy(), None);
    }
}
