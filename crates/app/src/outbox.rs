//! Works on the outbox: every call is brought further until its outcome is recorded.
//!
//! Each connection has a lane of its own, so that a system that does not answer keeps nobody else waiting.
//! Inside a lane one call after the other is worked on. How a call is carried out is not here: see `errand`, `deploy`,
//! `product_test` and `answer`.

use crate::desk::Desk;
use crate::wire::WireError;
use serde_json::Value;
use signalbox_domain::id::{ConnectionId, EntryId};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::{SystemKind, http};
use signalbox_store::{OutboxItem, OutboxKind, OutboxState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a running deployment on this machine is looked at.
const NEAR: Duration = Duration::from_millis(150);
/// How often a remote run is looked at, by its age.
const FAR: [(Duration, Duration); 2] =
    [(Duration::from_secs(120), Duration::from_secs(5)), (Duration::from_secs(900), Duration::from_secs(15))];
/// How often a remote run is looked at that takes longer than all of these.
const FAR_LONG: Duration = Duration::from_secs(60);
/// How often a lost answer is looked for: the wait doubles up to this.
const LOST: Duration = Duration::from_secs(15);
/// How often the outbox is looked at when nothing is due; other processes may have added to it.
const IDLE: Duration = Duration::from_secs(2);
/// For how long a lost answer is looked for before it is recorded as unknown.
const LOST_MILLIS: i64 = 120_000;
/// For how long this process may keep a call to itself; longer than any single exchange.
const HELD_MILLIS: i64 = 180_000;

/// How a call stands after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its outcome is recorded.
    Over,
    /// A person has to settle it; a rare look may still find the outcome.
    Settle,
    /// There is more to do at once.
    Next,
    /// It goes on there.
    Running,
    /// Its answer was lost, and could not be found yet.
    Lost,
}

/// What this process knows of the calls that it works on.
#[derive(Default)]
pub(crate) struct Lanes {
    busy: Mutex<BTreeSet<String>>,
    due: Mutex<BTreeMap<EntryId, Due>>,
}

#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    lost: u32,
    /// Whether a person has to settle it.
    settle: bool,
}

impl Lanes {
    fn enter(&self, lane: &str) -> bool {
        lock(&self.busy).insert(lane.to_owned())
    }

    fn leave(&self, lane: &str) {
        lock(&self.busy).remove(lane);
    }

    fn is_due(&self, call: &EntryId) -> bool {
        lock(&self.due).get(call).is_none_or(|due| due.at <= Instant::now())
    }

    fn goes_on(&self, call: &EntryId) -> bool {
        lock(&self.due).get(call).is_none_or(|due| !due.settle)
    }

    /// How long until the next call is due; nothing when no time is set for any.
    fn rest(&self) -> Option<Duration> {
        let due = lock(&self.due);
        due.values().map(|due| due.at.saturating_duration_since(Instant::now())).min()
    }

    fn set(&self, call: &EntryId, step: Step, age: Duration, near: bool) {
        let mut known = lock(&self.due);
        let lost = known.get(call).map_or(0, |due| due.lost);
        let (wait, lost) = match step {
            Step::Over => {
                known.remove(call);
                return;
            }
            Step::Settle => (FAR_LONG, 0),
            Step::Next => (Duration::ZERO, 0),
            Step::Running if near => (NEAR, 0),
            Step::Running => {
                (FAR.iter().find(|(until, _)| age < *until).map_or(FAR_LONG, |(_, every)| *every), 0)
            }
            Step::Lost if near => (NEAR, 0),
            Step::Lost => (Duration::from_secs(1 << lost.min(4)).min(LOST), lost + 1),
        };
        known.insert(call.clone(), Due { at: Instant::now() + wait, lost, settle: step == Step::Settle });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Works on the outbox again and again.
    pub(crate) fn spawn_outbox(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        self.spawn(async move {
            loop {
                let Some(strong) = desk.upgrade() else { return };
                if let Err(error) = strong.begin_lanes() {
                    tracing::warn!(
                        code = error.code,
                        message = error.message,
                        "the outbox could not be worked on"
                    );
                }
                let pause = strong.lanes.rest().unwrap_or(IDLE).clamp(Duration::from_millis(10), IDLE);
                let woken = Arc::clone(&strong);
                drop(strong);
                tokio::select! {
                    () = woken.work.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        });
    }

    /// Begins a turn of every lane that has something to do and is not in one.
    fn begin_lanes(self: &Arc<Self>) -> Result<(), WireError> {
        for (lane, items) in self.lanes_with_work()? {
            if !items.iter().any(|item| self.lanes.is_due(&item.operation)) || !self.lanes.enter(&lane) {
                continue;
            }
            let desk = Arc::clone(self);
            self.spawn(async move {
                let worker = Arc::clone(&desk);
                let turn = tokio::task::spawn_blocking(move || worker.work_lane(items)).await;
                desk.lanes.leave(&lane);
                if let Err(error) = turn {
                    tracing::error!(%error, "working on the outbox broke off");
                }
                desk.work.notify_one();
            });
        }
        Ok(())
    }

    /// Gives every lane one turn and waits for all of them; answers how many calls are still going on.
    ///
    /// # Errors
    /// When the database can't be used; a call that can't be worked on is logged and stays open.
    pub fn work_once(&self) -> Result<usize, WireError> {
        let lanes = self.lanes_with_work()?;
        let going = std::thread::scope(|scope| {
            let turns: Vec<_> = lanes
                .into_iter()
                .map(|(lane, items)| {
                    scope.spawn(move || {
                        let all = items.len();
                        if !self.lanes.enter(&lane) {
                            return all;
                        }
                        let going = self.work_lane(items);
                        self.lanes.leave(&lane);
                        going
                    })
                })
                .collect();
            turns.into_iter().map(|turn| turn.join().unwrap_or(1)).sum()
        });
        Ok(going)
    }

    fn lanes_with_work(&self) -> Result<BTreeMap<String, Vec<OutboxItem>>, WireError> {
        let mut lanes: BTreeMap<String, Vec<OutboxItem>> = BTreeMap::new();
        for item in self.store.read(|reader| reader.open_calls())? {
            let lane = item.doc.get("connection").and_then(Value::as_str).unwrap_or_default().to_owned();
            lanes.entry(lane).or_default().push(item);
        }
        Ok(lanes)
    }

    /// Brings every call of a lane that is due one step further; answers how many are still going on.
    fn work_lane(&self, items: Vec<OutboxItem>) -> usize {
        let mut going = 0;
        for item in items {
            if !self.lanes.is_due(&item.operation) {
                going += usize::from(self.lanes.goes_on(&item.operation));
                continue;
            }
            let operation = item.operation.clone();
            let near = self.is_near(&item);
            let age =
                Duration::from_millis(u64::try_from(self.now().millis() - item.at.millis()).unwrap_or(0));
            let step = self.work_on(item).unwrap_or_else(|error| {
                tracing::warn!(
                    %operation,
                    code = error.code,
                    message = error.message,
                    "a call could not be worked on"
                );
                Step::Lost
            });
            self.lanes.set(&operation, step, age, near);
            going += usize::from(!matches!(step, Step::Over | Step::Settle));
        }
        going
    }

    /// One step of one call, unless another process has it.
    fn work_on(&self, item: OutboxItem) -> Result<Step, WireError> {
        let operation = item.operation.clone();
        let now = self.now();
        let until = Moment::from_millis(now.millis() + HELD_MILLIS);
        let held = self.store.write(|writer| {
            writer.hold_call(&operation, &self.holder, now, until).map_err(WireError::from)
        })?;
        if !held {
            return Ok(Step::Running);
        }
        // Another process may have moved it on before it let go of it.
        let step = match self.store.read(|reader| reader.call(&operation))? {
            Some(item) => match item.kind {
                OutboxKind::Deployment => self.carry_deployment(item),
                OutboxKind::Answer => self.carry_answer(item),
                OutboxKind::Test => self.carry_test(item),
            },
            None => Ok(Step::Over),
        };
        self.store.write(|writer| writer.release_call(&operation, &self.holder).map_err(WireError::from))?;
        step
    }

    /// Moves a call on; says whether it was still in the state that was seen.
    pub(crate) fn move_call(
        &self,
        item: &OutboxItem,
        from: OutboxState,
        to: OutboxState,
        run: Option<&str>,
    ) -> Result<bool, WireError> {
        self.store.write(|writer| writer.move_call(&item.operation, from, to, run).map_err(WireError::from))
    }

    /// Says whether it is too early to give a lost answer up.
    pub(crate) fn may_still_be_found(&self, item: &OutboxItem) -> bool {
        self.now().millis() - item.at.millis() < LOST_MILLIS
    }

    /// Says whether a call goes to this machine itself, where looking costs nobody's quota.
    fn is_near(&self, item: &OutboxItem) -> bool {
        let connection = item.doc.get("connection").and_then(Value::as_str).unwrap_or_default();
        self.leads_here(&ConnectionId::new(connection)).unwrap_or(false)
    }

    /// Says whether a connection leads to this machine itself.
    pub(crate) fn leads_here(&self, connection: &ConnectionId) -> Result<bool, WireError> {
        let state = self.state(&signalbox_store::Scope::desk())?;
        let kind = state.connections.get(connection).map(|known| known.kind.as_str());
        if kind == Some(SystemKind::Local.name()) {
            return Ok(true);
        }
        let address = self.store.read(|reader| reader.connection_address(connection))?;
        let place = |address: &Value| -> Option<String> {
            // Where there is no base address, another endpoint may be named.
            let base = address.get("base")?.as_str().filter(|base| !base.is_empty());
            let endpoint = || address.get("options")?.get("endpoint")?.as_str();
            base.or_else(endpoint).map(str::to_owned)
        };
        Ok(address.as_ref().and_then(place).is_some_and(|place| http::leads_to_loopback(&place)))
    }
}
