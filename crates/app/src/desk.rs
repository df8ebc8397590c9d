//! The desk: everything that is open while the program runs, behind the one command list.
//!
//! Absent: rules (the domain's), SQL (the store's), what a screen looks like.

use crate::commands::dispatch;
use crate::outbox::Lanes;
use crate::poller::Poller;
use crate::secrets::Secrets;
use crate::systems::Systems;
use crate::trigger::Triggers;
use crate::view::Me;
use crate::wire::{Changed, WireError};
use signalbox_domain::id::{EntryId, PersonId};
use signalbox_domain::moment::Moment;
use signalbox_domain::state::State;
use signalbox_pipelines::RemoteError;
use signalbox_pipelines::http::Hosts;
use signalbox_store::{OpenOptions, Scope, Store};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// What a host tells the desk when it opens it. The desk itself reads no clock and no environment.
pub struct Config {
    /// The folder of the database and of the sample product.
    pub folder: PathBuf,
    /// The program's version.
    pub version: String,
    /// Tells the time.
    pub clock: fn() -> Moment,
    /// Makes a random UUIDv7.
    pub ids: fn() -> String,
    /// The variables of the environment that deployment commands may see a part of.
    pub environment: Vec<(OsString, OsString)>,
    /// The passphrase of the passphrase file, where the host has it already.
    pub passphrase: Option<String>,
}

/// Everything that is open while the program runs.
pub struct Desk {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) secrets: RwLock<Secrets>,
    pub(crate) systems: Systems,
    pub(crate) verification: Verification,
    /// Wakes the loop that talks to pipeline systems.
    pub(crate) work: Notify,
    /// One turn of a connection at a time: a call that is being sent looks lost to a second look.
    pub(crate) lanes: Lanes,
    /// When remote pipelines are looked at next.
    pub(crate) poller: Poller,
    /// What keeps triggers from being acted on.
    pub(crate) triggers: Triggers,
    /// Names this process where several work on one file.
    pub(crate) holder: String,
    changed: broadcast::Sender<Changed>,
    runtime: tokio::runtime::Handle,
}

/// How far a running verification is.
#[derive(Debug, Default)]
pub(crate) struct Verification {
    pub running: AtomicBool,
    pub done: AtomicU64,
    pub total: AtomicU64,
    pub cancel: AtomicBool,
}

impl Desk {
    /// Opens the desk in a folder, which is made if it is not there. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the database or its folder can't be used.
    pub fn open(config: Config) -> Result<Arc<Self>, WireError> {
        Self::open_with(config, Hosts::default())
    }

    /// Opens the desk as [`Desk::open`] does, with remote hosts whose pace was chosen before.
    ///
    /// # Errors
    /// When the database or its folder can't be used.
    pub fn open_with(config: Config, hosts: Hosts) -> Result<Arc<Self>, WireError> {
        std::fs::create_dir_all(&config.folder)?;
        let options = OpenOptions::new(config.version.clone(), (config.clock)());
        let store = Store::open(&config.folder.join("signalbox.db"), &options)?;
        let secrets = Secrets::open(&config, &store)?;
        let systems = Systems::new(config.environment.clone(), config.clock, hosts);
        let (changed, _) = broadcast::channel(256);
        let desk = Self {
            lanes: Lanes::default(),
            poller: Poller::default(),
            triggers: Triggers::default(),
            holder: (config.ids)(),
            config,
            store,
            secrets: RwLock::new(secrets),
            systems,
            verification: Verification::default(),
            work: Notify::new(),
            changed,
            runtime: tokio::runtime::Handle::current(),
        };
        desk.check_seen_head()?;
        Ok(Arc::new(desk))
    }

    /// Starts what goes on beside the commands: deployments, looking for builds, triggers, changes of other processes.
    pub fn start(self: &Arc<Self>) {
        self.spawn_outbox();
        self.spawn_scanner();
        self.spawn_poller();
        self.spawn_triggers();
        self.spawn_watcher();
        self.spawn_verification();
    }

    /// Calls a command of the list.
    ///
    /// # Errors
    /// What went wrong, with all reasons.
    pub async fn call(
        self: &Arc<Self>,
        command: &str,
        request: serde_json::Value,
    ) -> Result<serde_json::Value, WireError> {
        let desk = Arc::clone(self);
        let name = command.to_owned();
        tokio::task::spawn_blocking(move || dispatch(&desk, &name, request))
            .await
            .map_err(WireError::inside)?
    }

    /// Ends what is under way and keeps the newest head, before the program goes.
    ///
    /// # Errors
    /// When the log of the database can't be copied into its file; nothing that was acknowledged is lost.
    pub fn close(&self) -> Result<(), WireError> {
        self.keep_head_now();
        self.store.checkpoint()?;
        Ok(())
    }

    /// Tells what changed, from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Changed> {
        self.changed.subscribe()
    }

    /// The database's file.
    pub fn database(&self) -> &Path {
        self.store.path()
    }

    pub(crate) fn tell(&self, tags: &[&str]) {
        // Nobody listening is fine.
        let _ = self.changed.send(Changed { tags: tags.iter().map(|tag| (*tag).to_owned()).collect() });
    }

    pub(crate) fn tell_all(&self) {
        self.tell(&[
            "desk",
            "inbox",
            "line",
            "packet",
            "release",
            "feature",
            "issue",
            "strategy",
            "ledger",
            "people",
            "connection",
        ]);
    }

    pub(crate) fn now(&self) -> Moment {
        (self.config.clock)()
    }

    pub(crate) fn new_id(&self) -> String {
        (self.config.ids)()
    }

    pub(crate) fn new_entry_id(&self) -> EntryId {
        EntryId::new(self.new_id())
    }

    /// Waits for a pipeline system from a worker thread.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Waits for a remote system, but no longer than a person would.
    pub(crate) fn wait_within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, RemoteError>>,
    ) -> Result<T, RemoteError> {
        self.wait(async { tokio::time::timeout(limit, work).await.unwrap_or(Err(RemoteError::Timeout)) })
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// A part of the state, as it is now.
    pub(crate) fn state(&self, scope: &Scope) -> Result<State, WireError> {
        Ok(self.store.read(|reader| reader.state(scope))?)
    }

    /// The id of the person who signs here.
    pub(crate) fn my_id(&self) -> Result<PersonId, WireError> {
        let me: Option<String> = self.store.read(|reader| reader.setting("me"))?;
        me.map(PersonId::new).ok_or_else(|| {
            WireError::new(
                "desk.nobody",
                "Nobody signs on this machine yet.",
                "Begin with the sample product or your own.",
            )
        })
    }

    /// The id of this machine.
    pub(crate) fn machine_id(&self) -> Result<PersonId, WireError> {
        let machine: Option<String> = self.store.read(|reader| reader.setting("machine"))?;
        machine.map(PersonId::new).ok_or_else(|| {
            WireError::new(
                "desk.no-machine",
                "This machine is not enrolled in the ledger.",
                "Begin with the sample product or your own.",
            )
        })
    }

    /// The person who signs here, if there is one.
    pub(crate) fn me(&self, state: &State) -> Option<Me> {
        let person = state.people.get(&self.my_id().ok()?)?.clone();
        let key = self.key_here(&person).map(|key| key.fingerprint.clone());
        Some(Me { person, key })
    }
}
