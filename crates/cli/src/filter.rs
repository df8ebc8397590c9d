//! Which entries of the register: the arguments that `ledger show` and `export` share.

use crate::exit::{Exit, Trouble};
use crate::host::Host;
use clap::Args;
use signalbox_app::wire::{Empty, EntryFilter, People};

/// Which entries.
#[derive(Clone, Debug, Default, Args)]
pub struct FilterArgs {
    /// Only entries of this person: handle, name or id
    #[arg(long)]
    person: Option<String>,
    /// Only entries of this kind, for example gate-signed.v1
    #[arg(long)]
    kind: Option<String>,
    /// Only entries about this: kind and id, for example build:ID
    #[arg(long, value_name = "KIND:ID")]
    subject: Option<String>,
    /// Only entries from this instant on, as 2026-11-21T08:00:00Z
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Only entries before this instant
    #[arg(long, value_name = "INSTANT")]
    until: Option<String>,
}

impl FilterArgs {
    /// The filter, with people known by id.
    pub async fn resolve(self, host: &Host) -> Result<EntryFilter, Trouble> {
        let Self { person, kind, subject, from, until } = self;
        let person = match person {
            Some(named) => Some(person_called(host, &named).await?),
            None => None,
        };
        let (subject_kind, subject) = match subject {
            None => (None, None),
            Some(text) => match text.split_once(':') {
                Some((kind, id)) if !kind.is_empty() && !id.is_empty() => {
                    (Some(kind.to_owned()), Some(id.to_owned()))
                }
                _ => {
                    return Err(Trouble::new(
                        Exit::Usage,
                        "filter.subject",
                        format!("“{text}” is no subject."),
                        "Write its kind and its id with a colon between, for example build:ID.",
                    ));
                }
            },
        };
        Ok(EntryFilter { person, kind, subject_kind, subject, from, until })
    }
}

async fn person_called(host: &Host, named: &str) -> Result<String, Trouble> {
    let people: People = host.call("person_list", &Empty {}).await?;
    let is_meant = |person: &signalbox_app::wire::PersonBrief| {
        person.id == named
            || person.handle.eq_ignore_ascii_case(named)
            || person.name.eq_ignore_ascii_case(named)
    };
    let found = people.people.into_iter().find(|view| is_meant(&view.person));
    found.map(|view| view.person.id).ok_or_else(|| {
        Trouble::new(
            Exit::Refused,
            "person.unknown",
            format!("Nobody here is called “{named}”."),
            "`signalbox call person_list` names everybody.",
        )
    })
}
