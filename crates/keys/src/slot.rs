//! The places of a vault: what is kept, under which name.

use std::fmt::Write;

/// One place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot<'a> {
    /// A signing key of a ledger.
    Key { ledger: &'a str, fingerprint: &'a str },
    /// The secret of a connection.
    Secret { connection: &'a str },
    /// The highest head seen of a ledger.
    Head { ledger: &'a str },
    /// Nothing; used to find out whether the vault works.
    Trial,
}

impl Slot<'_> {
    /// Returns the name, as parts of which none can be mistaken for a folder.
    pub fn parts(&self) -> Vec<String> {
        match self {
            Self::Key { ledger, fingerprint } => {
                vec!["keys".into(), escaped(ledger), escaped(fingerprint)]
            }
            Self::Secret { connection } => vec!["secrets".into(), escaped(connection)],
            Self::Head { ledger } => vec!["heads".into(), escaped(ledger)],
            Self::Trial => vec!["trial".into()],
        }
    }
}

fn escaped(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            safe.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(safe, "_{byte:02x}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder_or_meets_another() {
        let name = |connection| Slot::Secret { connection }.parts()[1].clone();
        assert_eq!(name("../a"), "_2e_2e_2fa");
        assert_ne!(name("_2e"), name("."));
        assert_eq!(name("jenkins-1"), "jenkins-1");
    }
}
