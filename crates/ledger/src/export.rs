//! Files for stock tools: `allowed_signers`, and one entry as `ssh-keygen -Y verify` wants it.
//!
//! Only names and bytes are made here; nothing is written.

use crate::entry::Entry;
use crate::key::PublicKey;
use crate::sshsig::ENTRY_NAMESPACE;
use std::fmt::Write;
use thiserror::Error;

/// A person's id that `allowed_signers` cannot carry as one principal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} cannot be written as a principal: it holds spaces, quotes, commas or patterns")]
pub struct PrincipalError(String);

/// Writes an `allowed_signers` file (`man ssh-keygen`): a line for each person and key, in the given order.
///
/// The file says which key is whose. Whether a key was enrolled at an entry's place is what the ledger says, and only
/// its verification shows.
///
/// # Errors
///
/// When a person's id cannot be a principal.
pub fn allowed_signers<'a>(
    signers: impl IntoIterator<Item = (&'a str, &'a PublicKey)>,
) -> Result<String, PrincipalError> {
    let mut text = String::new();
    for (person, key) in signers {
        let forbidden =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '"' | '*' | '?' | '!' | '#');
        if person.is_empty() || person.contains(forbidden) {
            return Err(PrincipalError(person.to_owned()));
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{person} namespaces=\"{ENTRY_NAMESPACE}\" {}", key.to_openssh());
    }
    Ok(text)
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One entry as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFiles {
    /// What was signed: the message for `ssh-keygen`.
    pub header: ExportFile,
    /// The signature.
    pub signature: ExportFile,
    /// The fact, unless redacted; its SHA-256 stands in the header.
    pub payload: Option<ExportFile>,
}

impl EntryFiles {
    /// Names the files of an entry by its sequence number.
    pub fn new(seq: u64, entry: &Entry) -> Self {
        let file = |what: &str, bytes: &[u8]| ExportFile {
            name: format!("entry-{seq:08}.{what}"),
            bytes: bytes.to_vec(),
        };
        Self {
            header: file("header.json", &entry.header),
            signature: file("header.json.sig", &entry.signature),
            payload: entry.payload.as_deref().map(|payload| file("payload.json", payload)),
        }
    }

    /// The command that checks the signature, for a shell in the folder of the files and `allowed_signers`.
    pub fn command(&self, person: &str) -> String {
        format!(
            "ssh-keygen -Y verify -f allowed_signers -I '{}' -n {ENTRY_NAMESPACE} -s {} < {}",
            person.replace('\'', "'\\''"),
            self.signature.name,
            self.header.name
        )
    }
}
