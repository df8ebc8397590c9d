//! Looks at remote pipelines again and again, as calmly as their hosts ask for.
//!
//! One look tells which builds there are, what stands in each stage, and which gates wait. New builds arrive;
//! moves are observed or become unexplained changes; ends of what the system deployed by itself are recorded.
//! Every connection has a thread of its own while it is looked at, so that a slow one keeps nobody waiting.

use crate::arrive::{Bound, bound, build_id};
use crate::desk::Desk;
use crate::systems::LOCAL;
use crate::wire::{BuildBrief, Notice, WireError};
use serde::{Deserialize, Serialize};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, ServiceId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::moment::Moment;
use signalbox_domain::product::{Binding, Way};
use signalbox_pipelines::{Build, Look, Occupant, PipelineId, Settled, http, sanitise};
use signalbox_store::{Polled, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often it is checked whether a look is due; the check costs no call.
const TICK: Duration = Duration::from_secs(1);
/// How often a pipeline is looked at where something is under way.
const BUSY: Duration = Duration::from_secs(15);
/// How often a pipeline is looked at where nothing is.
const CALM: Duration = Duration::from_secs(60);
/// How often a pipeline on this machine is looked at.
const NEAR: Duration = Duration::from_secs(2);
/// How much rarer everything is looked at while nobody can see it.
const HIDDEN: u32 = 4;
/// The longest pause after looks that failed.
const LONGEST: Duration = Duration::from_secs(600);

/// What this process knows of its looks.
#[derive(Default)]
pub(crate) struct Poller {
    /// What each service's last look showed that was gone through to its end.
    known: Mutex<BTreeMap<ServiceId, Mark>>,
    due: Mutex<BTreeMap<ServiceId, Due>>,
    busy: Mutex<BTreeSet<String>>,
    hidden: AtomicBool,
}

/// What a look showed, and how long the ledger was: the same again can't be news.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    look: u64,
    entries: u64,
}

#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    failures: u32,
}

/// What a look found, as it is kept for the screens. It may be thrown away at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The gates that wait there.
    pub gates: Vec<SeenGate>,
    /// Whether a deployment goes on there.
    #[serde(default)]
    pub working: bool,
}

/// A gate that waits at the pipeline system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenGate {
    pub gate: String,
    pub build: String,
    pub question: String,
    pub since: Moment,
    pub expires: Option<Moment>,
    pub may_answer: Option<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Poller {
    fn is_due(&self, service: &ServiceId) -> bool {
        lock(&self.due).get(service).is_none_or(|due| due.at <= Instant::now())
    }

    fn looked(&self, service: &ServiceId, every: Duration, failed: bool) {
        let mut due = lock(&self.due);
        let failures = due.get(service).map_or(0, |due| due.failures);
        let failures = if failed { failures.saturating_add(1) } else { 0 };
        let rarer = if self.hidden.load(Ordering::Relaxed) { HIDDEN } else { 1 };
        let pause = (every * rarer).saturating_mul(1 << failures.min(8)).min(LONGEST.max(every));
        due.insert(service.clone(), Due { at: Instant::now() + pause, failures });
    }
}

impl Desk {
    /// Says whether anybody can see the desk; pipelines are looked at more rarely while nobody can.
    pub fn set_hidden(&self, hidden: bool) {
        self.poller.hidden.store(hidden, Ordering::Relaxed);
    }

    /// Looks at remote pipelines again and again.
    pub(crate) fn spawn_poller(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        self.spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                let Some(desk) = desk.upgrade() else { return };
                if let Err(error) = desk.begin_looks() {
                    tracing::debug!(code = error.code, "no look at remote pipelines");
                }
            }
        });
    }

    /// Begins the looks that are due, one thread a connection.
    fn begin_looks(self: &Arc<Self>) -> Result<(), WireError> {
        let state = self.state(&Scope::desk())?;
        let mut due: BTreeMap<String, Vec<Bound>> = BTreeMap::new();
        for bound in bound(&state) {
            if bound.kind != LOCAL && self.poller.is_due(&bound.service) {
                due.entry(bound.connection.to_string()).or_default().push(bound);
            }
        }
        for (connection, services) in due {
            if !lock(&self.poller.busy).insert(connection.clone()) {
                continue;
            }
            let desk = Arc::clone(self);
            self.spawn(async move {
                let looking = Arc::clone(&desk);
                let looked = tokio::task::spawn_blocking(move || looking.look_at_all(&services)).await;
                lock(&desk.poller.busy).remove(&connection);
                if let Err(error) = looked {
                    tracing::error!(%error, "looking at a connection's pipelines broke off");
                }
            });
        }
        Ok(())
    }

    fn look_at_all(&self, services: &[Bound]) {
        for bound in services {
            let looked = self.look_at(bound);
            let every = match self.leads_here(&bound.connection) {
                Ok(true) => NEAR,
                _ if self.is_under_way(&bound.service) => BUSY,
                _ => CALM,
            };
            self.poller.looked(&bound.service, every, looked.is_err());
        }
    }

    /// Takes one look at a service's pipeline and records what is new.
    pub(crate) fn look_at(&self, bound: &Bound) -> Result<(Vec<BuildBrief>, Vec<Notice>), WireError> {
        let look: Result<Look, WireError> = self.system(&bound.connection, &bound.kind).and_then(|system| {
            let pipeline = PipelineId::new(&bound.pipeline);
            Ok(self.wait(http::in_background(system.look(&pipeline)))?)
        });
        let found = look.as_ref().map(|look| look.builds.problems.as_slice());
        let problems = self.note_problems(bound, found);
        let look = look?;
        self.keep_seen(bound, &look)?;
        // To compare it with the ledger costs more than the look itself.
        let mark = Mark { look: hash_of(&look), entries: self.store.head()?.size };
        if lock(&self.poller.known).get(&bound.service) == Some(&mark) {
            return Ok((Vec::new(), problems));
        }
        let wanted = self.new_builds(bound, &look)?;
        let arrived = self.take_in(bound, wanted)?;
        self.observe_stages(bound, &look)?;
        lock(&self.poller.known).insert(bound.service.clone(), mark);
        Ok((arrived, problems))
    }

    /// Picks the builds to record. What was built before a service came here is its past: of that, only what
    /// stands or waits somewhere counts, and the newest build.
    fn new_builds(&self, bound: &Bound, look: &Look) -> Result<Vec<Build>, WireError> {
        let first = self.store.read(|reader| reader.builds(&bound.service, Some(2), 1))?;
        let since = first.items.first().map(|build| build.arrived.utc());
        let standing: BTreeSet<&str> = look
            .stages
            .iter()
            .filter_map(|stage| stage.occupant.as_ref())
            .map(|there| there.build.as_str())
            .chain(look.gates.iter().map(|gate| gate.build.as_str()))
            .collect();
        let wanted = look.builds.builds.iter().enumerate().filter(|(place, build)| {
            *place == 0
                || standing.contains(build.id.as_str())
                || since.is_some_and(|since| build.created > since)
        });
        Ok(wanted.map(|(_, build)| build.clone()).collect())
    }

    /// Compares what stands in each stage with the ledger.
    fn observe_stages(&self, bound: &Bound, look: &Look) -> Result<(), WireError> {
        let product = self.product_of(&bound.service)?;
        let state = self.state(&Scope::product(product.clone()))?;
        let Some(binding) = state.binding(&bound.service).cloned() else { return Ok(()) };
        let Some(process) = state.process_in_force(&bound.service) else { return Ok(()) };
        for stage in &process.stages {
            let remote = binding.remote_of(&stage.key);
            let there = look.stages.iter().find(|there| Some(there.stage.as_str()) == remote);
            let Some(occupant) = there.and_then(|there| there.occupant.as_ref()) else { continue };
            self.observe_occupant(bound, &binding, &stage.key, occupant, &look.builds.builds)?;
        }
        Ok(())
    }

    fn observe_occupant(
        &self,
        bound: &Bound,
        binding: &Binding,
        stage: &StageKey,
        occupant: &Occupant,
        listed: &[Build],
    ) -> Result<(), WireError> {
        let ours = occupant.operation.as_ref().is_some_and(|key| {
            let known = self.store.read(|reader| reader.call(&key.as_str().into()));
            known.is_ok_and(|known| known.is_some())
        });
        // What this ledger put there, or is putting there right now, is no news.
        if ours || (binding.way(stage) == Some(Way::Driven) && occupant.settled == Settled::Deploying) {
            return Ok(());
        }
        let build = self.build_called(&bound.service, occupant.build.as_str(), listed)?;
        let run = occupant.run.as_ref().map_or(occupant.build.as_str(), |run| run.as_str()).to_owned();
        let product = self.product_of(&bound.service)?;
        let act = Act::ObserveMove {
            service: bound.service.clone(),
            stage: stage.clone(),
            build: build.clone(),
            found: sanitise(occupant.build.as_str()).into_owned(),
            run: run.clone(),
        };
        self.observe_news(&product, act)?;
        if let Some(build) = build
            && occupant.settled != Settled::Deploying
        {
            self.end_observed(bound, &build, stage, &run, occupant.settled)?;
        }
        Ok(())
    }

    /// Records how a deployment ended that the system began by itself.
    fn end_observed(
        &self,
        bound: &Bound,
        build: &BuildId,
        stage: &StageKey,
        run: &str,
        settled: Settled,
    ) -> Result<(), WireError> {
        let known = self.store.read(|reader| reader.build(build))?;
        let open = known.as_ref().and_then(|known| known.visit(stage)).and_then(|visit| {
            visit
                .deployments
                .iter()
                .find(|known| known.run.as_deref() == Some(run) && known.outcome.is_none())
        });
        let Some(open) = open else { return Ok(()) };
        let (outcome, detail) = match settled {
            Settled::Deployed => (Outcome::Succeeded, "the pipeline system says so"),
            Settled::Broken => (Outcome::Failed, "the pipeline system ended it half-way"),
            Settled::Deploying => return Ok(()),
        };
        let product = self.product_of(&bound.service)?;
        let act = Act::RecordEnd {
            build: build.clone(),
            stage: stage.clone(),
            deployment: open.id.clone(),
            outcome,
            detail: detail.to_owned(),
            checks: Vec::new(),
        };
        match self.observe(Some(&product), act) {
            Err(error) if error.code == "deployment.settled" => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// The ledger's build that the pipeline system calls so.
    fn build_called(
        &self,
        service: &ServiceId,
        name: &str,
        listed: &[Build],
    ) -> Result<Option<BuildId>, WireError> {
        let label = listed.iter().find(|build| build.id.as_str() == name).map_or(name, |build| &build.label);
        let id = build_id(service, label);
        Ok(self.store.read(|reader| reader.build(&id))?.map(|build| build.id))
    }

    /// Says whether something of a service goes on at its pipeline.
    fn is_under_way(&self, service: &ServiceId) -> bool {
        let open = self.store.read(|reader| reader.open_calls()).unwrap_or_default();
        open.iter().any(|call| call.doc.get("service").and_then(|id| id.as_str()) == Some(service.as_str()))
            || self.seen(service).is_some_and(|seen| seen.working || !seen.gates.is_empty())
    }

    /// What the last look at a service's pipeline found.
    pub(crate) fn seen(&self, service: &ServiceId) -> Option<Seen> {
        let polled = self.store.read(|reader| reader.polled(&seen_key(service))).ok()??;
        serde_json::from_value(polled.doc).ok()
    }

    fn keep_seen(&self, bound: &Bound, look: &Look) -> Result<(), WireError> {
        let moment = |at: chrono::DateTime<chrono::Utc>| Moment::from_millis(at.timestamp_millis());
        let gates = look.gates.iter().map(|gate| SeenGate {
            gate: gate.gate.to_string(),
            build: gate.build.to_string(),
            question: sanitise(&gate.question).into_owned(),
            since: moment(gate.since),
            expires: gate.expires.map(moment),
            may_answer: gate.may_answer,
        });
        let works = |there: &Occupant| there.settled == Settled::Deploying;
        let working = look
            .stages
            .iter()
            .any(|stage| stage.running.is_some() || stage.occupant.as_ref().is_some_and(works));
        let seen = Seen { gates: gates.collect(), working };
        if self.seen(&bound.service).as_ref() == Some(&seen) {
            return Ok(());
        }
        let doc = serde_json::to_value(&seen).map_err(WireError::inside)?;
        let polled = Polled { at: self.now(), doc };
        self.store.write(|writer| {
            writer.keep_polled(&seen_key(&bound.service), &polled).map_err(WireError::from)
        })?;
        self.tell(&["line", "packet", "inbox"]);
        Ok(())
    }
}

fn hash_of(look: &Look) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{look:?}").hash(&mut hasher);
    hasher.finish()
}

fn seen_key(service: &ServiceId) -> String {
    format!("look/{service}")
}
