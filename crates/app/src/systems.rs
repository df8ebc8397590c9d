//! The systems behind the connections, opened once each; a changed address or secret opens them again.

use crate::connection_secret::{SecretMark, place_of};
use crate::desk::Desk;
use crate::handle::Remembered;
use crate::kind::ConnectionKind;
use crate::wire::{Notice, Reason, WireError};
use secrecy::SecretString;
use signalbox_domain::id::{ConnectionId, ServiceId};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::local::Surroundings;
use signalbox_pipelines::{Clock, FeatureTracker, LocalSystem, Opening, PipelineSystem, SystemKind};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The kind of the embedded pipeline system.
pub(crate) const LOCAL: &str = "local";

/// How many features of trackers are remembered.
const REMEMBERED: usize = 1_000;

/// What a system was opened with; another value means that it has to be opened again.
type OpenedWith = (Address, Option<SecretMark>);

/// What is open, by connection, with what it was opened with.
type Opened<T> = BTreeMap<ConnectionId, (OpenedWith, Arc<T>)>;

/// The systems that were opened, and what is needed to open them.
pub(crate) struct Systems {
    surroundings: Surroundings,
    clock: fn() -> Moment,
    hosts: Hosts,
    open: Mutex<Opened<dyn PipelineSystem>>,
    trackers: Mutex<Opened<dyn FeatureTracker>>,
    /// What trackers said about features lately.
    tracked: Mutex<BTreeMap<(ConnectionId, String), Remembered>>,
    /// Who the connections act as, as far as they were asked since they were opened.
    accounts: Mutex<BTreeMap<ConnectionId, String>>,
    /// What could not be used when a service's builds were last looked at.
    problems: Mutex<BTreeMap<ServiceId, Vec<Notice>>>,
}

impl Systems {
    pub fn new(environment: Vec<(OsString, OsString)>, clock: fn() -> Moment, hosts: Hosts) -> Self {
        Self {
            surroundings: Surroundings::keep(environment),
            clock,
            hosts,
            open: Mutex::default(),
            trackers: Mutex::default(),
            accounts: Mutex::default(),
            tracked: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// What could not be used at the last look; none before the first one.
    pub fn problems(&self, service: &ServiceId) -> Option<Vec<Notice>> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).get(service).cloned()
    }

    /// Remembers what could not be used; says whether that is news.
    pub fn remember(&self, service: &ServiceId, problems: &[Notice]) -> bool {
        let mut known = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.insert(service.clone(), problems.to_vec());
        before.unwrap_or_default() != problems
    }

    /// Who a connection acts as, if it was asked since it was opened.
    pub fn account(&self, connection: &ConnectionId) -> Option<String> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    /// Remembers who a connection acts as.
    pub fn remember_account(&self, connection: &ConnectionId, account: &str) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.insert(connection.clone(), account.to_owned());
    }

    /// What a tracker said about a feature lately.
    pub fn tracked(&self, connection: &ConnectionId, key: &str) -> Option<Remembered> {
        let tracked = self.tracked.lock().unwrap_or_else(PoisonError::into_inner);
        tracked.get(&(connection.clone(), key.to_owned())).cloned()
    }

    /// Remembers what a tracker said about a feature.
    pub fn remember_tracked(&self, connection: &ConnectionId, key: &str, said: Remembered) {
        let mut tracked = self.tracked.lock().unwrap_or_else(PoisonError::into_inner);
        if tracked.len() >= REMEMBERED {
            tracked.clear();
        }
        tracked.insert((connection.clone(), key.to_owned()), said);
    }

    /// Opens a feature tracker. Nothing is sent.
    pub fn open_tracker(
        &self,
        connection: &str,
        kind: ConnectionKind,
        address: &Address,
        secret: Option<SecretString>,
    ) -> Result<Arc<dyn FeatureTracker>, WireError> {
        complete(kind, address, secret.is_some())?;
        let opening = Opening {
            connection: connection.into(),
            address,
            secret,
            hosts: &self.hosts,
            clock: self.clock(),
        };
        let opened = signalbox_pipelines::open_tracker(opening).map_err(WireError::of_opening)?;
        encrypted(address)?;
        Ok(opened)
    }

    /// Opens a pipeline system. Nothing is sent.
    pub fn open(
        &self,
        connection: &str,
        kind: ConnectionKind,
        address: &Address,
        secret: Option<SecretString>,
    ) -> Result<Arc<dyn PipelineSystem>, WireError> {
        complete(kind, address, secret.is_some())?;
        let system = kind.pipelines().ok_or_else(|| no_pipelines(kind))?;
        if system == SystemKind::Local {
            return self.open_local(connection, &address.base);
        }
        let opening = Opening {
            connection: connection.into(),
            address,
            secret,
            hosts: &self.hosts,
            clock: self.clock(),
        };
        let opened = signalbox_pipelines::open(system, opening).map_err(WireError::of_opening)?;
        encrypted(address)?;
        Ok(opened)
    }

    fn open_local(&self, connection: &str, folder: &str) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let path = Path::new(folder);
        if !path.is_absolute() {
            return Err(WireError::new(
                "connection.address-relative",
                format!("“{folder}” is not a full path."),
                "Name the folder by its full path.",
            ));
        }
        Ok(Arc::new(LocalSystem::open(connection.into(), path, self.surroundings.clone(), self.clock())))
    }

    fn clock(&self) -> Clock {
        let clock = self.clock;
        Arc::new(move || clock().utc())
    }

    fn opened(&self) -> MutexGuard<'_, Opened<dyn PipelineSystem>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// The pipeline system behind a connection.
    pub(crate) fn system(
        &self,
        connection: &ConnectionId,
        kind: &str,
    ) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let address = self.address_of(connection)?.ok_or_else(no_address)?;
        let with = (address, self.secret_marks()?.remove(connection.as_str()));
        if let Some((opened_with, system)) = self.systems.opened().get(connection)
            && *opened_with == with
        {
            return Ok(Arc::clone(system));
        }
        let kind = ConnectionKind::named(kind)?;
        // The keychain may wait for a person, so nothing is locked meanwhile.
        let secret = self.secret_for(connection, &place_of(kind, &with.0))?;
        let system = self.systems.open(connection.as_str(), kind, &with.0, secret)?;
        self.systems.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(connection);
        self.systems.opened().insert(connection.clone(), (with, Arc::clone(&system)));
        Ok(system)
    }
}

impl Desk {
    /// The feature tracker behind a connection.
    pub(crate) fn tracker(&self, connection: &ConnectionId) -> Result<Arc<dyn FeatureTracker>, WireError> {
        let (connection, kind) = self.known_connection(connection.to_string())?;
        if kind.pipelines().is_some() {
            return Err(WireError::new(
                "connection.no-tracker",
                format!("{} is no feature tracker.", kind.title()),
                "Choose a connection to a tracker.",
            ));
        }
        let address = self.address_of(&connection)?.ok_or_else(no_address)?;
        let with = (address, self.secret_marks()?.remove(connection.as_str()));
        let open = || self.systems.trackers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((opened_with, tracker)) = open().get(&connection)
            && *opened_with == with
        {
            return Ok(Arc::clone(tracker));
        }
        let secret = self.secret_for(&connection, &place_of(kind, &with.0))?;
        let tracker = self.systems.open_tracker(connection.as_str(), kind, &with.0, secret)?;
        open().insert(connection, (with, Arc::clone(&tracker)));
        Ok(tracker)
    }
}

/// Refuses an address that lacks what its kind can't do without, with every reason.
pub(crate) fn complete(kind: ConnectionKind, address: &Address, has_secret: bool) -> Result<(), WireError> {
    let given = |name: &str| match name {
        "base" => !address.base.trim().is_empty(),
        "account" => address.account.is_some(),
        "secret" => has_secret,
        option => address.option(option).is_some(),
    };
    let mut reasons: Vec<Reason> = Vec::new();
    for field in kind.fields().iter().filter(|field| field.required && !given(field.name)) {
        reasons.push(match field.name {
            "secret" => no_secret(field.title),
            _ => Reason {
                code: "connection.field-missing".to_owned(),
                sentence: format!("{} is not filled in.", field.title),
                next_step: field.hint.to_owned(),
            },
        });
    }
    for name in address.options.keys().filter(|name| kind.fields().iter().all(|field| field.name != **name)) {
        reasons.push(Reason {
            code: "connection.field-unknown".to_owned(),
            sentence: format!("{} has no field “{name}”.", kind.title()),
            next_step: "Leave it out.".to_owned(),
        });
    }
    if reasons.is_empty() { Ok(()) } else { Err(WireError::of_reasons(reasons)) }
}

/// Refuses an address that would show its secret to everyone on the way, whatever the system itself checks.
pub(crate) fn encrypted(address: &Address) -> Result<(), WireError> {
    match address.plain_host() {
        Some(host) if !address.plain_http => Err(WireError::new(
            "address.plain-http",
            "The address is not encrypted, so everyone on the way can read the secret.",
            format!("Use https://, or confirm the unencrypted address by typing {host}."),
        )),
        _ => Ok(()),
    }
}

/// Says that this machine lacks the secret, and what to do.
fn no_secret(title: &str) -> Reason {
    Reason {
        code: "secret.missing".to_owned(),
        sentence: format!("This machine has no secret for the connection ({title})."),
        next_step: "Enter it in Settings, Connections, or with `signalbox connection secret`.".to_owned(),
    }
}

/// Says that this machine does not know where a connection leads.
pub(crate) fn no_address() -> WireError {
    WireError::new(
        "connection.no-address",
        "This machine does not know where the connection leads.",
        "Set its address in Settings, Connections.",
    )
}

fn no_pipelines(kind: ConnectionKind) -> WireError {
    WireError::new(
        "connection.no-pipelines",
        format!("{} has no pipelines.", kind.title()),
        "Choose a connection to a pipeline system.",
    )
}

/// The first reason of an error, for places that show one.
pub(crate) fn reason_of(error: &WireError) -> Reason {
    error.reasons.first().cloned().unwrap_or_else(|| Reason {
        code: error.code.clone(),
        sentence: error.message.clone(),
        next_step: error.hint.clone(),
    })
}
