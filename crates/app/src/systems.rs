//! The pipeline systems behind the connections, opened once each.

use crate::desk::Desk;
use crate::wire::{Notice, WireError};
use serde_json::Value;
use signalbox_domain::id::{ConnectionId, ServiceId};
use signalbox_domain::moment::Moment;
use signalbox_pipelines::local::Surroundings;
use signalbox_pipelines::{LocalSystem, PipelineSystem};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The kind of the embedded pipeline system.
pub(crate) const LOCAL: &str = "local";

/// The systems that were opened, by connection and address.
pub(crate) struct Systems {
    surroundings: Surroundings,
    clock: fn() -> Moment,
    open: Mutex<BTreeMap<(String, String), Arc<dyn PipelineSystem>>>,
    /// What could not be used when a service's builds were last looked at.
    problems: Mutex<BTreeMap<ServiceId, Vec<Notice>>>,
}

impl Systems {
    pub fn new(environment: Vec<(OsString, OsString)>, clock: fn() -> Moment) -> Self {
        Self {
            surroundings: Surroundings::keep(environment),
            clock,
            open: Mutex::default(),
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

    /// Opens the system at an address, or hands out the one that is open.
    pub fn at(
        &self,
        connection: &str,
        kind: &str,
        address: &str,
    ) -> Result<Arc<dyn PipelineSystem>, WireError> {
        if kind != LOCAL {
            return Err(WireError::new(
                "connection.kind-unknown",
                format!("There is no pipeline system of the kind “{kind}”."),
                "Choose one of the kinds that the connection's form offers.",
            ));
        }
        let folder = PathBuf::from(address);
        if !folder.is_absolute() {
            return Err(WireError::new(
                "connection.address-relative",
                format!("“{address}” is not a full path."),
                "Name the folder by its full path.",
            ));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let system = open.entry((connection.to_owned(), address.to_owned())).or_insert_with(|| {
            let clock = self.clock;
            let clock: signalbox_pipelines::Clock = Arc::new(move || clock().utc());
            Arc::new(LocalSystem::open(
                connection.into(),
                Path::new(address),
                self.surroundings.clone(),
                clock,
            ))
        });
        Ok(Arc::clone(system))
    }
}

impl Desk {
    /// Where a connection leads on this machine.
    pub(crate) fn address_of(&self, connection: &ConnectionId) -> Result<Option<String>, WireError> {
        let address = self.store.read(|reader| reader.connection_address(connection))?;
        Ok(address.and_then(|address| address.get("folder").and_then(Value::as_str).map(str::to_owned)))
    }

    /// The system behind a connection.
    pub(crate) fn system(
        &self,
        connection: &ConnectionId,
        kind: &str,
    ) -> Result<Arc<dyn PipelineSystem>, WireError> {
        let address = self.address_of(connection)?.ok_or_else(|| {
            WireError::new(
                "connection.no-address",
                "This machine does not know where the connection leads.",
                "Set its folder in Settings, Connections.",
            )
        })?;
        self.systems.at(connection.as_str(), kind, &address)
    }
}
