//! Measures the core beside its floors at 100,000 entries, one JSON object a line.
//!
//! What was counted goes to the error output: it is the same on every machine, and it explains the times.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ed25519_dalek::{Signature, VerifyingKey};
use secrecy::SecretString;
use serde_json::{Value, json};
use signalbox_app::{Desk, Moment};
use signalbox_domain::id::{BuildId, ServiceId};
use signalbox_domain::state::State;
use signalbox_keys::Vault;
use signalbox_ledger::{PublicKey, Record, accept, sshsig};
use signalbox_store::bench::{BareReader, Floor};
use signalbox_store::{OpenOptions, Scope, Store};
use signalbox_tests::bench::{Ground, Measure, PASSPHRASE, call, timed};

/// How many entries the ledger has at least.
const ENTRIES: u64 = 100_000;
/// How often each is done; the medians are reported.
const ACTS: u32 = 400;
const VERIFICATIONS: u32 = 3;
const QUERIES: u32 = 60;
/// What the store does after so many acts, the floor does too.
const ACTS_BETWEEN_CHECKPOINTS: u32 = 250;
/// As many builds as a line lists.
const BUILDS_LISTED: u32 = 40;

#[tokio::main]
async fn main() -> Result<()> {
    let begin = Instant::now();
    let bench = Bench::new().await?;
    eprintln!("{} entries, ready after {:.1} s", bench.store.head()?.size, begin.elapsed().as_secs_f64());
    bench.inbox().await?.print()?;
    bench.line().await?.print()?;
    bench.act().await?.print()?;
    bench.verification().await?.print()
}

/// The desk that is measured, and a second look at its file.
struct Bench {
    ground: Ground,
    desk: Arc<Desk>,
    store: Store,
    vault: Vault,
}

impl Bench {
    async fn new() -> Result<Self> {
        let ground = Ground::new(&cache()?, ENTRIES).await?;
        let desk = ground.desk().await?;
        let now = Moment::new(chrono::Utc::now());
        let store = Store::open(&ground.database(), &OpenOptions::new("bench", now))?;
        let vault = Vault::open_files(&ground.folder().join("keys"), SecretString::from(PASSPHRASE))?;
        Ok(Self { ground, desk, store, vault })
    }

    /// A checklist item is marked, again and again: one signed entry each time.
    async fn act(&self) -> Result<Measure<'static>> {
        let (build, item) = self.checklist_item().await?;
        let mut floor = Floor::open(&self.ground.folder().join("floor.db"))?;
        let (mut acts, mut floors) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for number in 0..ACTS {
            let state = if number % 2 == 0 { "done" } else { "open" };
            let request =
                json!({ "build": build, "stage": "qa", "item": item, "state": state, "reason": "" });
            let begin = Instant::now();
            call(&self.desk, "checklist_set", request).await?;
            acts.push(begin.elapsed());
            let entry = self.last_entry()?;
            bytes = entry.len();
            self.wait_for_seen_head().await?;
            let ((), took) = timed(|| {
                floor.insert(&entry)?;
                let due = number % ACTS_BETWEEN_CHECKPOINTS == ACTS_BETWEEN_CHECKPOINTS - 1;
                if due { Ok(floor.checkpoint()?) } else { Ok(()) }
            })?;
            floors.push(took);
        }
        eprintln!("durable act: {ACTS} acts of one entry, {bytes} bytes");
        Measure::of_times("durable_act", &acts, &floors)
    }

    /// The ledger is verified from its first entry: bytes, history, signatures, keys, rules.
    async fn verification(&self) -> Result<Measure<'static>> {
        let signed = self.signatures()?;
        let items: Vec<_> =
            signed.iter().map(|(key, message, signature)| (*key, message.as_slice(), *signature)).collect();
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let (mut verifications, mut floors) = (Vec::new(), Vec::new());
        for _ in 0..VERIFICATIONS {
            let begin = Instant::now();
            let verified = call(&self.desk, "ledger_verify", json!({})).await?;
            verifications.push(begin.elapsed());
            ensure!(verified["findings"] == json!([]), "the ledger does not verify: {verified}");
            ensure!(verified["size"] == json!(items.len()), "not every entry was verified");
            let (good, took) = timed(|| Ok(accept::raw_batch(&items, threads)))?;
            ensure!(good, "a signature does not hold");
            floors.push(took);
        }
        eprintln!("full verification: {} entries, {threads} threads", items.len());
        Measure::of_times("full_verification", &verifications, &floors)
    }

    /// The inbox of whoever has the slowest one.
    async fn inbox(&self) -> Result<Measure<'static>> {
        let documents = count(&self.store.read(|reader| reader.state(&Scope::live()))?, &[]);
        let bare = BareReader::open(&self.ground.database())?;
        let shown = call(&self.desk, "desk_show", json!({})).await?;
        let mut slowest: Option<(Duration, Measure<'static>)> = None;
        for person in shown["here"].as_array().context("nobody is here")? {
            call(&self.desk, "person_switch", json!({ "person": person["id"] })).await?;
            let (mut queries, mut floors) = (Vec::new(), Vec::new());
            let mut rows = 0;
            for _ in 0..QUERIES {
                let begin = Instant::now();
                let inbox = call(&self.desk, "inbox_list", json!({})).await?;
                queries.push(begin.elapsed());
                rows = inbox["rows"].as_array().map_or(0, Vec::len);
                floors.push(timed(|| Ok(bare.documents(documents)?))?.1);
            }
            let took = signalbox_tests::bench::median(&queries)?;
            eprintln!("inbox of {}: {rows} rows from {documents} documents", person["name"]);
            if slowest.as_ref().is_none_or(|(known, _)| took > *known) {
                let measure = Measure::of_times("inbox_over_reading_its_documents", &queries, &floors)?;
                slowest = Some((took, measure));
            }
        }
        let founder = &shown["me"]["id"];
        call(&self.desk, "person_switch", json!({ "person": founder })).await?;
        Ok(slowest.context("nobody has an inbox")?.1)
    }

    /// The lines of all services, one after the other.
    async fn line(&self) -> Result<Measure<'static>> {
        let bare = BareReader::open(&self.ground.database())?;
        let services = self.services().await?;
        let mut documents = Vec::new();
        for service in &services {
            documents.push(self.store.read(|reader| {
                let listed = reader.builds(service, None, BUILDS_LISTED)?;
                let listed: Vec<BuildId> = listed.items.into_iter().map(|build| build.id).collect();
                Ok(count(&reader.state(&Scope::live())?, &listed))
            })?);
        }
        let (mut queries, mut floors) = (Vec::new(), Vec::new());
        for _ in 0..QUERIES {
            for (service, documents) in services.iter().zip(&documents) {
                let begin = Instant::now();
                call(&self.desk, "line_show", json!({ "service": service })).await?;
                queries.push(begin.elapsed());
                floors.push(timed(|| Ok(bare.documents(*documents)?))?.1);
            }
        }
        eprintln!("line: {} services, {documents:?} documents", services.len());
        Measure::of_times("line_over_reading_its_documents", &queries, &floors)
    }

    async fn services(&self) -> Result<Vec<ServiceId>> {
        let shown = call(&self.desk, "desk_show", json!({})).await?;
        let services = shown["products"][0]["services"].as_array().context("there are no services")?;
        let id = |service: &Value| service["id"].as_str().map(ServiceId::from).context("an id is missing");
        services.iter().map(id).collect()
    }

    /// An undecided build in acceptance, and an item of its checklist.
    async fn checklist_item(&self) -> Result<(String, String)> {
        let services = self.services().await?;
        let service = services.first().context("there is no service")?;
        let line = call(&self.desk, "line_show", json!({ "service": service })).await?;
        let stages = line["stages"].as_array().context("the line has no stages")?;
        let qa = stages.iter().find(|stage| stage["key"] == "qa").context("there is no acceptance")?;
        let build = qa["occupant"]["build"].as_str().context("acceptance is empty")?.to_owned();
        let sheet = call(&self.desk, "packet_show", json!({ "build": build, "stage": "qa" })).await?;
        let item = sheet["gate"]["items"][0]["key"].as_str().context("there is no checklist")?.to_owned();
        Ok((build, item))
    }

    /// The bytes of the entry that was appended last.
    fn last_entry(&self) -> Result<Vec<u8>> {
        let record: Record = self
            .store
            .read(|reader| {
                let size = reader.head()?.size;
                reader.records(size.saturating_sub(1)).next().transpose()
            })?
            .context("the ledger is empty")?;
        Ok([record.header, record.payload.unwrap_or_default(), record.signature].concat())
    }

    /// The newest head is kept beside the act; what is measured next must not share the disk with it.
    async fn wait_for_seen_head(&self) -> Result<()> {
        let head = self.store.head()?;
        let ledger = head.ledger.context("the ledger has not begun")?;
        while self.vault.load_head(&ledger)?.is_none_or(|seen| seen.size < head.size) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Every signature of the ledger, ready to be checked and nothing else.
    fn signatures(&self) -> Result<Vec<(VerifyingKey, Vec<u8>, Signature)>> {
        let records: Vec<Record> = self.store.read(|reader| reader.records(0).collect())?;
        // A key is looked at closely once, not once a signature.
        let mut keys: HashMap<[u8; 32], VerifyingKey> = HashMap::new();
        let signed = records.into_iter().map(|record| {
            let parts = sshsig::decode(sshsig::ENTRY_NAMESPACE, &record.signature)?;
            let key = match keys.get(&parts.public) {
                Some(key) => *key,
                None => *PublicKey::from_bytes(&parts.public)?.verifying(),
            };
            keys.insert(parts.public, key);
            let message = sshsig::signed_data(sshsig::ENTRY_NAMESPACE, &record.header)?;
            Ok((key, message, Signature::from_bytes(&parts.signature)))
        });
        signed.collect()
    }
}

/// How many documents a part of the state was read from, with these builds.
fn count(state: &State, builds: &[BuildId]) -> u64 {
    let builds: BTreeSet<&BuildId> = state.builds.keys().chain(builds).collect();
    let all = [
        state.people.len(),
        state.products.len(),
        state.strategies.len(),
        state.connections.len(),
        state.lines.len(),
        builds.len(),
        state.releases.len(),
        state.features.len(),
        state.issues.len(),
    ];
    all.iter().sum::<usize>() as u64
}

/// Where the history is kept between runs: in the target folder that this program was built into.
fn cache() -> Result<PathBuf> {
    let program = std::env::current_exe().context("the path of this program is unknown")?;
    let target = program.ancestors().nth(2).context("the program lies outside a target folder")?;
    Ok(target.join("bench"))
}
