//! A small ledger with fixed keys, ids and times, and a register for its kinds.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use signalbox_ledger::verify::Options;
use signalbox_ledger::{
    After, Checkpoint, Claim, Denial, Entry, EntryDraft, Frontier, Hash, Header, Record, Register, Report,
    Signer, SigningKey, Subject, canon, verify,
};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::num::NonZeroUsize;

pub const LEDGER: &str = "harbour-7f3a";

/// The key of a person: its seed is 32 times the same byte.
pub fn key(person: &str) -> SigningKey {
    let seed = match person {
        "ada" => 1,
        "bo" => 2,
        "machine" => 9,
        _ => 77,
    };
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

pub fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T14:02:07.120Z").unwrap().to_utc()
}

pub fn entry_id(number: u64) -> String {
    format!("019aa6e2-8b40-7000-8000-{number:012x}")
}

/// Writes a ledger entry by entry; what an entry does not say has a plain default.
#[derive(Clone, Default)]
pub struct Book {
    pub entries: Vec<Entry>,
    pub tree: Frontier,
}

pub struct Line<'a> {
    pub author: &'a str,
    pub role: &'a str,
    pub kind: &'a str,
    pub payload: Value,
}

impl Book {
    pub fn draft(&self, line: Line<'_>) -> EntryDraft {
        let number = self.tree.size();
        EntryDraft {
            ledger: LEDGER.to_owned(),
            id: entry_id(number),
            at: start() + TimeDelta::seconds(number as i64),
            author: line.author.to_owned(),
            role: line.role.to_owned(),
            act: format!("act-{number}"),
            kind: line.kind.to_owned(),
            subjects: vec![Subject { kind: "service".to_owned(), id: "quay".to_owned() }],
            payload: canon::to_bytes(&line.payload).unwrap(),
            packet: None,
            after: After { size: number, root: self.tree.root() },
            cause: None,
        }
    }

    pub fn push(&mut self, entry: Entry) {
        self.tree.append(entry.leaf());
        self.entries.push(entry);
    }

    pub fn write(&mut self, line: Line<'_>) {
        let signer = key(line.author);
        self.push(self.draft(line).sign(&signer).unwrap());
    }

    pub fn records(&self) -> Vec<Record> {
        self.entries.iter().enumerate().map(|(seq, entry)| Record::new(seq as u64, entry.clone())).collect()
    }

    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { ledger: LEDGER.to_owned(), size: self.tree.size(), root: self.tree.root() }
    }
}

/// Opened by Ada, who enrols Bo; a build arrives; Bo passes it, which admits it further.
pub fn sample() -> Book {
    let mut book = Book::default();
    book.write(Line {
        author: "ada",
        role: "administrator",
        kind: "ledger.opened.1",
        payload: json!({"people": [enrolment("ada", "administrator"), enrolment("machine", "machine")]}),
    });
    book.write(Line {
        author: "ada",
        role: "administrator",
        kind: "person.enrolled.1",
        payload: enrolment("bo", "tester"),
    });
    book.write(Line {
        author: "machine",
        role: "machine",
        kind: "build.arrived.1",
        payload: json!({"build": "quay-1.4.0", "digest": "sha256:5f70bf18", "size": "1048576"}),
    });
    let mut passed = book.draft(Line {
        author: "bo",
        role: "tester",
        kind: "verdict.given.1",
        payload: json!({"build": "quay-1.4.0", "stage": "qa", "verdict": "passed", "comment": "Läuft – gut ✓"}),
    });
    passed.packet = Some(Hash::of(b"what Bo saw"));
    let mut admitted = book.draft(Line {
        author: "machine",
        role: "machine",
        kind: "build.admitted.1",
        payload: json!({"build": "quay-1.4.0", "stage": "staging"}),
    });
    admitted.id = entry_id(4);
    admitted.cause = Some(passed.id.clone());
    book.push(passed.sign(&key("bo")).unwrap());
    book.push(admitted.sign(&key("machine")).unwrap());
    book
}

pub fn enrolment(person: &str, role: &str) -> Value {
    json!({"person": person, "key": key(person).fingerprint(), "role": role})
}

/// Who may sign, for the sample's kinds.
#[derive(Clone, Default)]
pub struct People {
    keys: BTreeMap<String, String>,
    revoked: BTreeSet<String>,
    roles: BTreeSet<(String, String)>,
}

impl People {
    fn enrol(&mut self, enrolment: &Value) {
        let text = |field: &str| enrolment[field].as_str().unwrap_or_default().to_owned();
        self.keys.insert(text("key"), text("person"));
        self.roles.insert((text("person"), text("role")));
    }

    fn fold(&mut self, kind: &str, payload: Option<&[u8]>) {
        let payload = payload.and_then(|bytes| canon::parse(bytes).ok()).unwrap_or_default();
        match kind {
            "ledger.opened.1" => {
                payload["people"].as_array().into_iter().flatten().for_each(|one| self.enrol(one));
            }
            "person.enrolled.1" => self.enrol(&payload),
            "key.revoked.1" => {
                self.revoked.insert(payload["key"].as_str().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
}

impl Register for People {
    fn may_sign(&self, claim: &Claim<'_>) -> Result<(), Denial> {
        let mut opened = self.clone();
        if claim.index == 0 {
            opened.fold(claim.kind, claim.payload);
        }
        let person = opened.keys.get(claim.key).ok_or(Denial::KeyUnknown)?;
        if opened.revoked.contains(claim.key) {
            return Err(Denial::KeyRevoked);
        }
        if person != claim.author {
            return Err(Denial::KeyOfAnother);
        }
        let held = opened.roles.contains(&(claim.author.to_owned(), claim.role.to_owned()));
        if held { Ok(()) } else { Err(Denial::RoleNotHeld) }
    }

    fn apply(&mut self, _: u64, header: &Header, payload: Option<&[u8]>) {
        self.fold(&header.kind, payload);
    }

    fn knows(&self, kind: &str) -> bool {
        matches!(
            kind,
            "ledger.opened.1"
                | "person.enrolled.1"
                | "key.revoked.1"
                | "build.arrived.1"
                | "build.admitted.1"
                | "verdict.given.1"
        )
    }

    fn needs_payload(&self, kind: &str) -> bool {
        matches!(kind, "ledger.opened.1" | "person.enrolled.1" | "key.revoked.1")
    }
}

pub fn options<'a>() -> Options<'a> {
    Options::new(LEDGER, NonZeroUsize::MIN)
}

pub fn check(records: Vec<Record>, options: Options<'_>) -> Report {
    verify(records.into_iter().map(Ok::<_, Infallible>), &mut People::default(), None, options).unwrap()
}
