//! Writes a history fast: acts are decided by the rules, signed by those who act, and appended many at a time.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use secrecy::SecretString;
use signalbox_domain::decide::{Act, Context, Decided, Hand, decide};
use signalbox_domain::id::{EntryId, PersonId};
use signalbox_domain::moment::Moment;
use signalbox_domain::person::MACHINE_ROLE;
use signalbox_domain::state::State;
use signalbox_keys::Vault;
use signalbox_ledger::{After, Entry, EntryDraft, Hash, SigningKey, Subject, canon};
use signalbox_store::{ActError, Appended, OpenOptions, Scope, Store};
use uuid::{NoContext, Timestamp, Uuid};

/// How much time passes between two acts.
const BETWEEN_ACTS: i64 = 5 * 60_000;

/// Writes into the ledger of one desk, with the keys that are kept there.
pub struct Scribe {
    store: Store,
    hands: Hands,
}

/// Whoever signs, and the clock that they all look at.
struct Hands {
    ledger: String,
    machine: PersonId,
    keys: BTreeMap<PersonId, SigningKey>,
    /// By short name.
    people: BTreeMap<String, PersonId>,
    clock: i64,
}

/// Acts that are decided one after another and appended together.
///
/// They share the tree on which they were decided, and therefore the id of their act.
pub struct Sitting<'s> {
    state: State,
    hands: &'s mut Hands,
    after: After,
    id: String,
    drafts: Vec<(EntryDraft, PersonId)>,
}

impl Scribe {
    /// Opens a desk's folder with the passphrase of its keys; the history goes on at `now`.
    ///
    /// # Errors
    /// When the folder is not a desk with a ledger, or a key is missing.
    pub fn open(folder: &Path, passphrase: &str, now: Moment) -> Result<Self> {
        let store = Store::open(&folder.join("signalbox.db"), &OpenOptions::new("bench", now))?;
        let (ledger, machine, state) = store.read(|reader| {
            let machine: Option<PersonId> = reader.setting("machine")?;
            Ok((reader.head()?.ledger, machine, reader.state(&Scope::desk())?))
        })?;
        let ledger = ledger.context("the ledger has not begun")?;
        let vault = Vault::open_files(&folder.join("keys"), SecretString::from(passphrase))?;
        let mut keys = BTreeMap::new();
        let mut people = BTreeMap::new();
        for person in state.people.values() {
            let key = person.keys.first().with_context(|| format!("{} has no key", person.name))?;
            keys.insert(person.id.clone(), vault.unlock(&ledger, &key.fingerprint, None)?);
            people.insert(person.handle.clone(), person.id.clone());
        }
        let machine = machine.context("the machine is not enrolled")?;
        Ok(Self { store, hands: Hands { ledger, machine, keys, people, clock: now.millis() } })
    }

    /// Lets acts be taken, then appends them all in one transaction; answers how many entries there are.
    ///
    /// # Errors
    /// When an act is refused, or the entries can't be stored. Nothing is appended then.
    pub fn sit(&mut self, take: impl FnOnce(&mut Sitting<'_>) -> Result<()>) -> Result<u64> {
        let Self { store, hands } = self;
        let id = hands.new_id();
        let written = store.act(&Scope::live(), |basis| -> Result<_> {
            let after = After { size: basis.head.size, root: basis.head.root };
            let mut sitting = Sitting { state: basis.state.clone(), hands, after, id, drafts: Vec::new() };
            take(&mut sitting)?;
            let Sitting { hands, drafts, .. } = sitting;
            Ok(Appended { entries: hands.sign(&drafts)?, value: () })
        });
        match written {
            Ok(receipt) => Ok(receipt.head.size),
            Err(ActError::Refused(error)) => Err(error),
            Err(ActError::Store(error)) => Err(error.into()),
        }
    }

    /// Copies the log into the database's file and closes it.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn close(self) -> Result<()> {
        Ok(self.store.close()?)
    }
}

impl Hands {
    /// Signs on all cores.
    fn sign(&self, drafts: &[(EntryDraft, PersonId)]) -> Result<Vec<Entry>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = drafts.len().div_ceil(threads).max(1);
        let sign = |drafts: &[(EntryDraft, PersonId)]| -> Result<Vec<Entry>> {
            drafts
                .iter()
                .map(|(draft, author)| {
                    let key = self.keys.get(author).context("someone without a key acts")?;
                    Ok(draft.clone().sign(key)?)
                })
                .collect()
        };
        std::thread::scope(|scope| {
            let signing: Vec<_> = drafts.chunks(share).map(|drafts| scope.spawn(|| sign(drafts))).collect();
            let mut entries = Vec::with_capacity(drafts.len());
            for part in signing {
                entries.extend(part.join().map_err(|_| anyhow!("signing broke off"))??);
            }
            Ok(entries)
        })
    }

    fn new_id(&self) -> String {
        let millis = u64::try_from(self.clock).unwrap_or(0);
        let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1000, nanos)).to_string()
    }
}

impl Sitting<'_> {
    /// The part of the state that acts can touch, as the acts so far left it.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the clock shows.
    pub fn now(&self) -> Moment {
        Moment::from_millis(self.hands.clock)
    }

    /// Makes an id, for something that an act begins.
    pub fn new_id(&self) -> String {
        self.hands.new_id()
    }

    /// The id of a person.
    ///
    /// # Errors
    /// When nobody has the short name.
    pub fn person(&self, handle: &str) -> Result<PersonId> {
        self.hands.people.get(handle).cloned().with_context(|| format!("nobody is called {handle}"))
    }

    /// Lets a person act.
    ///
    /// # Errors
    /// When the rules refuse the act.
    pub fn act(&mut self, handle: &str, role: &str, act: Act) -> Result<Vec<Decided>> {
        let who = self.person(handle)?;
        self.decide(who, role, act)
    }

    /// Lets the machine say what it saw.
    ///
    /// # Errors
    /// When the rules refuse the act.
    pub fn observe(&mut self, act: Act) -> Result<Vec<Decided>> {
        self.decide(self.hands.machine.clone(), MACHINE_ROLE, act)
    }

    fn decide(&mut self, who: PersonId, role: &str, act: Act) -> Result<Vec<Decided>> {
        self.hands.clock += BETWEEN_ACTS;
        let at = Moment::from_millis(self.hands.clock);
        let mut ids = || EntryId::new(self.hands.new_id());
        let context = Context {
            at,
            who: who.clone(),
            role: role.into(),
            machine: self.hands.machine.clone(),
            ids: &mut ids,
        };
        let decision = match decide(std::mem::take(&mut self.state), context, act) {
            Ok(decision) => decision,
            Err(refusal) => {
                let reasons: Vec<String> = refusal.0.into_iter().map(|reason| reason.sentence).collect();
                bail!("{}", reasons.join(" "));
            }
        };
        self.state = decision.state;
        for decided in &decision.facts {
            self.draft(at, &who, role, decided)?;
        }
        Ok(decision.facts)
    }

    fn draft(&mut self, at: Moment, who: &PersonId, role: &str, decided: &Decided) -> Result<()> {
        let (author, role) = match decided.hand {
            Hand::Person => (who.clone(), role),
            Hand::Machine => (self.hands.machine.clone(), MACHINE_ROLE),
        };
        let (kind, payload) = decided.fact.split();
        let packet = decided.packet.as_ref().map(canon::to_bytes).transpose()?;
        let draft = EntryDraft {
            ledger: self.hands.ledger.clone(),
            id: decided.id.to_string(),
            at: at.utc(),
            author: author.to_string(),
            role: role.to_owned(),
            act: self.id.clone(),
            kind,
            subjects: decided
                .fact
                .subjects()
                .into_iter()
                .map(|subject| Subject { kind: subject.kind, id: subject.id })
                .collect(),
            payload: canon::to_bytes(&payload)?,
            packet: packet.map(|packet| Hash::of(&packet)),
            after: self.after.clone(),
            cause: decided.cause.as_ref().map(ToString::to_string),
        };
        self.drafts.push((draft, author));
        Ok(())
    }
}
