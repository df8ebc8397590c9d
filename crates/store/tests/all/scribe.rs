//! Writes entries as the application would, with a fixed key and counted ids.

use signalbox_domain::fact::Fact;
use signalbox_domain::id::{IssueId, PersonId, ProductId};
use signalbox_domain::issue::IssueReport;
use signalbox_domain::moment::Moment;
use signalbox_ledger::verify::{Options, verify};
use signalbox_ledger::{
    Claim, Denial, Entry, EntryDraft, Hash, Header, Register, Report, Signer, SigningKey, Subject, canon,
};
use signalbox_store::{ActError, Appended, Head, OpenOptions, Receipt, Scope, Store, StoreError};
use std::num::NonZeroUsize;
use std::path::Path;

pub const LEDGER: &str = "harbour";
pub const START: i64 = 1_795_000_000_000;

pub struct Scribe {
    key: SigningKey,
    /// Keeps the ids of several scribes apart.
    salt: u16,
    written: u64,
}

impl Scribe {
    pub fn new(salt: u16) -> Self {
        Self { key: SigningKey::from_seed(&[7; 32]).unwrap(), salt, written: 0 }
    }

    /// Goes on counting where an earlier scribe of the same salt stopped.
    pub fn after(salt: u16, written: u64) -> Self {
        Self { written, ..Self::new(salt) }
    }

    pub fn now(&self) -> Moment {
        Moment::from_millis(START + i64::try_from(self.written).unwrap())
    }

    pub fn next_id(&self) -> String {
        format!("019a{:04x}-0000-7000-8000-{:012x}", self.salt, self.written)
    }

    fn draft(&mut self, head: &Head, act: &str, fact: &Fact) -> EntryDraft {
        let (kind, payload) = fact.split();
        let subjects = fact
            .subjects()
            .into_iter()
            .map(|subject| Subject { kind: subject.kind, id: subject.id })
            .collect();
        let draft = EntryDraft {
            ledger: LEDGER.to_owned(),
            id: self.next_id(),
            at: self.now().utc(),
            author: "ines".to_owned(),
            role: "administrator".to_owned(),
            act: act.to_owned(),
            kind,
            subjects,
            payload: canon::to_bytes(&payload).unwrap(),
            packet: None,
            after: signalbox_ledger::After { size: head.size, root: head.root },
            cause: None,
        };
        self.written += 1;
        draft
    }

    pub fn sign(&mut self, head: &Head, act: &str, fact: &Fact) -> Entry {
        let draft = self.draft(head, act, fact);
        draft.sign(&self.key).unwrap()
    }

    /// An entry whose signature is no signature, for tests that are about folding and must be fast.
    pub fn scrawl(&mut self, head: &Head, act: &str, fact: &Fact) -> Entry {
        let draft = self.draft(head, act, fact);
        let header = Header {
            v: 1,
            ledger: draft.ledger,
            id: draft.id,
            at: draft.at,
            author: draft.author,
            role: draft.role,
            key: self.key.fingerprint().to_owned(),
            act: draft.act,
            kind: draft.kind,
            subjects: draft.subjects,
            payload: Hash::of(&draft.payload),
            packet: None,
            after: draft.after,
            cause: None,
        };
        let header = header.to_bytes().unwrap();
        Entry { header, payload: Some(draft.payload), signature: b"-".to_vec() }
    }

    pub fn try_act(&mut self, store: &Store, facts: &[Fact]) -> Result<Receipt<()>, StoreError> {
        let act = self.next_id();
        let done = store.act(&Scope::desk(), |basis| {
            let entries = facts.iter().map(|fact| self.sign(&basis.head, &act, fact)).collect();
            Ok::<_, ()>(Appended { entries, value: () })
        });
        done.map_err(|error| match error {
            ActError::Store(error) => error,
            ActError::Refused(()) => panic!("nothing refuses here"),
        })
    }

    pub fn act(&mut self, store: &Store, facts: &[Fact]) -> Receipt<()> {
        self.try_act(store, facts).unwrap()
    }
}

pub fn open(path: &Path) -> Store {
    try_open(path).unwrap()
}

pub fn try_open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, &OpenOptions::new("0.1.0", Moment::from_millis(START)))
}

pub fn ledger_opened() -> Fact {
    Fact::LedgerOpened { name: "Harbour".to_owned() }
}

pub fn product(id: &str) -> Fact {
    Fact::ProductCreated {
        product: ProductId::from(id),
        key: id.to_uppercase(),
        name: format!("Product {id}"),
    }
}

pub fn person(id: &str) -> Fact {
    Fact::PersonEnrolled {
        person: PersonId::from(id),
        handle: id.to_owned(),
        name: format!("Person {id}"),
        roles: Vec::new(),
        fingerprint: format!("SHA256:{id}"),
        public: format!("ssh-ed25519 {id}"),
        machine: false,
    }
}

pub fn issue(id: &str, product: &str, problem: &str) -> Fact {
    Fact::IssueRecorded {
        issue: IssueId::from(id),
        key: format!("HAR-ISS-{id}"),
        product: ProductId::from(product),
        report: IssueReport { problem: problem.to_owned(), ..IssueReport::default() },
    }
}

/// A ledger with a product and so many issues.
pub fn filled(store: &Store, issues: u32) -> Scribe {
    let mut scribe = Scribe::new(0);
    scribe.act(store, &[ledger_opened(), product("har")]);
    for number in 0..issues {
        scribe.act(store, &[issue(&number.to_string(), "har", &format!("problem {number}"))]);
    }
    scribe
}

/// Every projection, row by row.
pub fn dump(store: &Store) -> Vec<String> {
    let mut rows = Vec::new();
    store.read(|reader| reader.each_projected(|table, row| rows.push(format!("{table}: {row}")))).unwrap();
    rows
}

/// Verifies the whole ledger with the offline verifier.
pub fn verified(store: &Store) -> Report {
    struct Anyone;
    impl Register for Anyone {
        fn may_sign(&self, _: &Claim<'_>) -> Result<(), Denial> {
            Ok(())
        }
        fn apply(&mut self, _: u64, _: &Header, _: Option<&[u8]>) {}
        fn knows(&self, _: &str) -> bool {
            true
        }
    }
    let head = store.head().unwrap();
    store
        .read(|reader| {
            let mut options = Options::new(LEDGER, NonZeroUsize::MIN);
            options.expected_size = Some(head.size);
            Ok(verify(reader.records(0), &mut Anyone, None, options))
        })
        .unwrap()
        .unwrap()
}
