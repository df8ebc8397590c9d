//! Where connections lead from this machine: kept, read, and changed by a form.

use crate::desk::Desk;
use crate::wire::{AddressForm, ProxyChoice, WireError};
use serde_json::Value;
use signalbox_domain::id::ConnectionId;
use signalbox_pipelines::http::{Address, Proxy};

/// Reads an address as it is kept; the local system once kept its folder under a name of its own.
pub(crate) fn read(kept: &Value) -> Result<Address, WireError> {
    match kept.get("folder").and_then(Value::as_str) {
        Some(folder) => Ok(Address { base: folder.to_owned(), ..Address::default() }),
        None => serde_json::from_value(kept.clone()).map_err(|_| {
            WireError::new(
                "connection.address-defective",
                "What this machine keeps as the connection's address is none.",
                "Set the address again in Settings, Connections.",
            )
        }),
    }
}

/// Makes an address of a form. Without encryption it is allowed when a person typed the host's name, now or
/// when the same origin was allowed before.
pub(crate) fn of_form(form: AddressForm, typed_host: Option<&str>, before: Option<&Address>) -> Address {
    let AddressForm { base, account, ca_file, proxy, options } = form;
    let trimmed = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let address = Address {
        base: base.trim().to_owned(),
        account: account.and_then(trimmed),
        ca_file: ca_file.and_then(trimmed),
        proxy: match proxy {
            ProxyChoice::System => Proxy::System,
            ProxyChoice::None => Proxy::None,
            ProxyChoice::Url(url) => Proxy::Url(url.trim().to_owned()),
        },
        plain_http: false,
        options: options.into_iter().filter_map(|(name, value)| Some((name, trimmed(value)?))).collect(),
    };
    let plain_http = address.plain_host().is_some_and(|host| {
        let typed = typed_host.is_some_and(|typed| typed.trim().eq_ignore_ascii_case(&host));
        let known = before.is_some_and(|before| before.plain_http && before.origin() == address.origin());
        typed || known
    });
    Address { plain_http, ..address }
}

/// The address as a form shows it.
pub(crate) fn form_of(address: &Address) -> AddressForm {
    let Address { base, account, ca_file, proxy, plain_http: _, options } = address;
    AddressForm {
        base: base.clone(),
        account: account.clone(),
        ca_file: ca_file.clone(),
        proxy: match proxy {
            Proxy::System => ProxyChoice::System,
            Proxy::None => ProxyChoice::None,
            Proxy::Url(url) => ProxyChoice::Url(url.clone()),
        },
        options: options.clone(),
    }
}

impl Desk {
    /// Where a connection leads on this machine, if this machine knows.
    pub(crate) fn address_of(&self, connection: &ConnectionId) -> Result<Option<Address>, WireError> {
        let kept = self.store.read(|reader| reader.connection_address(connection))?;
        kept.as_ref().map(read).transpose()
    }

    /// Keeps where a connection leads on this machine.
    pub(crate) fn set_address(&self, connection: &ConnectionId, address: &Address) -> Result<(), WireError> {
        let kept = serde_json::to_value(address).map_err(WireError::inside)?;
        self.store.write(|writer| writer.set_connection_address(connection, &kept).map_err(WireError::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(base: &str) -> AddressForm {
        AddressForm { base: base.to_owned(), ..AddressForm::default() }
    }

    #[test]
    fn a_folder_that_was_kept_by_an_earlier_version_is_read() {
        assert_eq!(read(&json!({ "folder": "/srv/harbour" })).unwrap().base, "/srv/harbour");
        let address = of_form(form("https://ci.example.org"), None, None);
        assert_eq!(read(&serde_json::to_value(&address).unwrap()).unwrap(), address);
        assert_eq!(read(&json!({ "nonsense": 1 })).unwrap_err().code, "connection.address-defective");
    }

    #[test]
    fn plain_http_is_allowed_by_the_typed_name_of_this_very_host_alone() {
        let plain =
            |typed: Option<&str>| of_form(form("http://ci.example.org:8080/"), typed, None).plain_http;
        assert!(plain(Some(" CI.example.org ")));
        assert!(!plain(Some("ci.example")));
        assert!(!plain(Some("")));
        assert!(!plain(None));
        assert!(!of_form(form("https://ci.example.org"), Some("ci.example.org"), None).plain_http);
    }

    #[test]
    fn a_persons_word_holds_for_the_same_origin_only() {
        let allowed = of_form(form("http://ci.example.org/a"), Some("ci.example.org"), None);
        assert!(of_form(form("http://ci.example.org/b"), None, Some(&allowed)).plain_http);
        assert!(!of_form(form("http://ci.example.org:81/b"), None, Some(&allowed)).plain_http);
    }
}
