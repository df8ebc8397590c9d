//! Connections: their kinds, addresses, secrets and tests.

use crate::act::Signing;
use crate::address;
use crate::connection_secret::place_of;
use crate::desk::Desk;
use crate::kind::ConnectionKind;
use crate::systems::{LOCAL, complete, encrypted, no_address, reason_of};
use crate::view;
use crate::view::capability::{capabilities, missing_beside};
use crate::view::connection::Known;
use crate::wire::*;
use secrecy::SecretString;
use signalbox_domain::decide::Act;
use signalbox_domain::id::ConnectionId;
use signalbox_domain::product::Connection;
use signalbox_pipelines::http::{Address, Proxy};
use signalbox_pipelines::{
    Cursor, PipelineQuery, PipelineRef, PipelineSystem, RemoteError, SystemKind, TrackerInfo, sanitise,
};
use signalbox_store::Scope;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a test may take altogether.
const TEST_LIMIT: Duration = Duration::from_secs(40);
/// How many pipelines a list shows.
const PIPELINES: usize = 200;
/// How many pipelines of a remote system a test reads, to show that it may.
const READ: usize = 3;

impl Desk {
    pub(crate) fn connection_kinds(&self, _: Empty) -> Result<ConnectionKinds, WireError> {
        Ok(ConnectionKinds { kinds: ConnectionKind::all().map(ConnectionKind::view).collect() })
    }

    pub(crate) fn connection_list(&self, _: Empty) -> Result<Connections, WireError> {
        let state = self.state_with_processes()?;
        let marks = self.secret_marks()?;
        let known = |connection: &Connection| {
            let address = self.address_of(&connection.id);
            let kind = ConnectionKind::named(&connection.kind);
            let kept = marks.contains_key(connection.id.as_str());
            let problem = match (&address, &kind) {
                (Err(error), _) | (_, Err(error)) => Some(reason_of(error)),
                (Ok(None), _) => Some(reason_of(&no_address())),
                (Ok(Some(address)), Ok(kind)) => {
                    let usable = complete(*kind, address, kept).and_then(|()| encrypted(address));
                    usable.err().map(|error| reason_of(&error))
                }
            };
            let address = address.ok().flatten();
            let takes_secret = kind.as_ref().is_ok_and(|kind| kind.takes_secret());
            Known {
                plain_http: address.as_ref().is_some_and(|address| address.plain_http),
                address: address.as_ref().map(address::form_of),
                secret: match (kept, takes_secret) {
                    (true, _) => SecretState::Kept,
                    (false, true) => SecretState::Missing,
                    (false, false) => SecretState::NotAsked,
                },
                problem,
            }
        };
        Ok(view::connection::connections(&state, self.me(&state).as_ref(), &known, self.now()))
    }

    pub(crate) fn connection_add(&self, request: ConnectionAdd) -> Result<Done, WireError> {
        let ConnectionAdd { kind, name, address, typed_host, secret } = request;
        let kind = ConnectionKind::named(&kind)?;
        let address = address::of_form(address, typed_host.as_deref(), None);
        let secret = secret.as_ref().and_then(SecretText::typed);
        let id = self.add_connection(kind, &name, &address, secret)?;
        Ok(Done { entries: Vec::new(), id: Some(id.to_string()), said: format!("{name} is connected.") })
    }

    pub(crate) fn connection_address(&self, request: ConnectionAddress) -> Result<Done, WireError> {
        let ConnectionAddress { connection, address, typed_host, secret } = request;
        let (connection, kind) = self.known_connection(connection)?;
        let before = self.address_of(&connection).unwrap_or_default();
        let address = address::of_form(address, typed_host.as_deref(), before.as_ref());
        let place = place_of(kind, &address);
        let typed = secret.as_ref().and_then(SecretText::typed);
        let secret = match &typed {
            Some(typed) => Some(typed.clone()),
            None => self.secret_for(&connection, &place)?,
        };
        self.answers(&connection, kind, &address, secret)?;
        let moved = before.as_ref().is_none_or(|before| place_of(kind, before) != place);
        let forgotten = moved && typed.is_none() && self.forget_secret(&connection)?;
        if let Some(typed) = &typed {
            self.keep_secret(&connection, &place, typed)?;
        }
        self.set_address(&connection, &address)?;
        self.work.notify_one();
        self.tell(&["connection", "line"]);
        Ok(super::desk::done(if forgotten {
            "The connection leads there now. The secret of the earlier address was removed from this machine."
        } else {
            "The connection leads there now."
        }))
    }

    pub(crate) fn connection_secret_set(&self, request: ConnectionSecretSet) -> Result<Done, WireError> {
        let (connection, kind) = self.known_connection(request.connection)?;
        let secret = request.secret.typed().ok_or_else(|| {
            WireError::new("secret.empty", "No secret was given.", "Type or pipe the secret.")
        })?;
        if !kind.takes_secret() {
            return Err(WireError::new(
                "secret.not-asked",
                format!("{} asks for no secret.", kind.title()),
                "Nothing is left to do.",
            ));
        }
        let address = self.address_of(&connection)?.ok_or_else(no_address)?;
        self.keep_secret(&connection, &place_of(kind, &address), &secret)?;
        self.work.notify_one();
        self.tell(&["connection", "line"]);
        Ok(super::desk::done("The secret is kept in this machine's keychain."))
    }

    pub(crate) fn connection_secret_forget(
        &self,
        request: ConnectionSecretForget,
    ) -> Result<Done, WireError> {
        let (connection, _) = self.known_connection(request.connection)?;
        let was_here = self.forget_secret(&connection)?;
        self.tell(&["connection", "line"]);
        Ok(super::desk::done(if was_here {
            "The secret is removed from this machine. It may still be valid there; withdraw it there, too."
        } else {
            "This machine has no secret for the connection."
        }))
    }

    pub(crate) fn connection_test(&self, request: ConnectionTest) -> Result<TestView, WireError> {
        let ConnectionTest { connection, kind, address, typed_host, secret, prefix } = request;
        let typed = secret.as_ref().and_then(SecretText::typed);
        let connection = connection.filter(|id| !id.is_empty());
        let (connection, kind, address, secret) = match (connection, address) {
            (Some(id), None) => {
                let (connection, kind) = self.known_connection(id)?;
                let address = self.address_of(&connection)?.ok_or_else(no_address)?;
                let secret = self.secret_for(&connection, &place_of(kind, &address))?;
                (connection, kind, address, secret)
            }
            (Some(id), Some(form)) => {
                let (connection, kind) = self.known_connection(id)?;
                let before = self.address_of(&connection).unwrap_or_default();
                let address = address::of_form(form, typed_host.as_deref(), before.as_ref());
                let secret = match typed {
                    Some(typed) => Some(typed),
                    None => self.secret_for(&connection, &place_of(kind, &address))?,
                };
                (connection, kind, address, secret)
            }
            (None, form) => {
                let kind = ConnectionKind::named(kind.as_deref().unwrap_or(LOCAL))?;
                let address = address::of_form(form.unwrap_or_default(), typed_host.as_deref(), None);
                (ConnectionId::new(""), kind, address, typed)
            }
        };
        let proxy = if kind.pipelines() == Some(SystemKind::Local) { String::new() } else { way(&address) };
        let prefix = prefix.filter(|prefix| !prefix.is_empty());
        let found = if kind.pipelines().is_some() {
            let system = self.systems.open(connection.as_str(), kind, &address, secret)?;
            self.wait_within(TEST_LIMIT, test(system.as_ref(), prefix))?
        } else {
            let tracker = self.systems.open_tracker(connection.as_str(), kind, &address, secret)?;
            tracker_found(&self.wait_within(TEST_LIMIT, tracker.probe())?)
        };
        Ok(TestView { proxy, ..found })
    }

    /// A known connection and its kind.
    pub(crate) fn known_connection(
        &self,
        connection: String,
    ) -> Result<(ConnectionId, ConnectionKind), WireError> {
        let connection = ConnectionId::new(connection);
        let state = self.state(&Scope::desk())?;
        let known = state.connections.get(&connection).ok_or_else(|| WireError::unknown("connection"))?;
        Ok((connection, ConnectionKind::named(&known.kind)?))
    }

    /// Adds a connection to a folder of this machine, after it answered.
    pub(super) fn add_local(&self, name: &str, folder: &str) -> Result<ConnectionId, WireError> {
        let address = Address { base: folder.to_owned(), ..Address::default() };
        self.add_connection(ConnectionKind::named(LOCAL)?, name, &address, None)
    }

    /// Asks a folder of this machine whether it is one of pipelines.
    pub(super) fn try_local(&self, folder: &str) -> Result<(), WireError> {
        let address = Address { base: folder.to_owned(), ..Address::default() };
        self.answers(&ConnectionId::new(""), ConnectionKind::named(LOCAL)?, &address, None)
    }

    fn add_connection(
        &self,
        kind: ConnectionKind,
        name: &str,
        address: &Address,
        secret: Option<SecretString>,
    ) -> Result<ConnectionId, WireError> {
        let id = ConnectionId::new(self.new_id());
        self.answers(&id, kind, address, secret.clone())?;
        if let Some(secret) = &secret {
            self.keep_secret(&id, &place_of(kind, address), secret)?;
        }
        let act = Act::AddConnection {
            connection: id.clone(),
            system: kind.name().to_owned(),
            name: name.to_owned(),
        };
        if let Err(refused) = self.act(None, act, &Signing::default()) {
            if secret.is_some() {
                self.forget_secret(&id)?;
            }
            return Err(refused);
        }
        self.set_address(&id, address)?;
        self.tell(&["connection"]);
        Ok(id)
    }

    /// Opens a connection and asks who it acts as.
    fn answers(
        &self,
        connection: &ConnectionId,
        kind: ConnectionKind,
        address: &Address,
        secret: Option<SecretString>,
    ) -> Result<(), WireError> {
        if kind.pipelines().is_some() {
            let system = self.systems.open(connection.as_str(), kind, address, secret)?;
            self.wait_within(TEST_LIMIT, system.probe())?;
        } else {
            let tracker = self.systems.open_tracker(connection.as_str(), kind, address, secret)?;
            self.wait_within(TEST_LIMIT, tracker.probe())?;
        }
        Ok(())
    }
}

async fn test(system: &dyn PipelineSystem, prefix: Option<String>) -> Result<TestView, RemoteError> {
    let info = system.probe().await?;
    let mut problems = missing_beside(&info);
    let (found, more) = match pipelines(system, prefix).await {
        Ok(found) => found,
        Err(error) => {
            problems.push(stop("The pipelines can't be listed", &error));
            (Vec::new(), false)
        }
    };
    let reads = if system.kind() == SystemKind::Local { found.len() } else { READ };
    let mut pipelines = Vec::with_capacity(found.len());
    for (at, PipelineRef { id, name }) in found.into_iter().enumerate() {
        let mut stages = Vec::new();
        if at < reads {
            match system.describe(&id).await {
                Ok(shape) => {
                    stages = shape.stages.iter().map(|stage| sanitise(&stage.name).into_owned()).collect();
                }
                Err(error) => problems.push(stop(&format!("{} can't be read", sanitise(&name)), &error)),
            }
        }
        pipelines.push(PipelineView { id: id.to_string(), name: sanitise(&name).into_owned(), stages });
    }
    Ok(TestView {
        ok: !problems.iter().any(|problem| problem.tone == Tone::Stop),
        account: sanitise(&info.who).into_owned(),
        version: sanitise(&info.server).into_owned(),
        proxy: String::new(),
        pipelines,
        more,
        capabilities: capabilities(&info),
        problems,
    })
}

/// What a tracker's test found.
fn tracker_found(info: &TrackerInfo) -> TestView {
    let can = |name: &str, able: bool, detail: &str| CapabilityView {
        name: name.to_owned(),
        able,
        detail: detail.to_owned(),
        next_step: String::new(),
    };
    TestView {
        ok: true,
        account: sanitise(&info.who).into_owned(),
        version: sanitise(&info.server).into_owned(),
        proxy: String::new(),
        pipelines: Vec::new(),
        more: false,
        capabilities: vec![
            can("List the features of a version", true, "To take them over."),
            can("Tell a feature's status", true, "Beside our own, for reading."),
            can("Change a feature there", false, "Signalbox only reads there."),
        ],
        problems: Vec::new(),
    }
}

/// Lists pipelines by name, page by page; says whether there are more.
pub(super) async fn pipelines(
    system: &dyn PipelineSystem,
    prefix: Option<String>,
) -> Result<(Vec<PipelineRef>, bool), RemoteError> {
    let query = PipelineQuery { name_prefix: prefix };
    let mut found: BTreeMap<String, PipelineRef> = BTreeMap::new();
    let mut order = Vec::new();
    let mut page: Option<Cursor> = None;
    loop {
        let answer = system.list_pipelines(&query, page.as_ref()).await?;
        let before = order.len();
        for pipeline in answer.items {
            if !found.contains_key(pipeline.id.as_str()) {
                order.push(pipeline.id.to_string());
                found.insert(pipeline.id.to_string(), pipeline);
            }
        }
        // A page without anything new would be followed by the same one again.
        let again = answer.next.is_some() && order.len() > before;
        if !again || order.len() >= PIPELINES {
            let more = order.len() > PIPELINES || again;
            order.truncate(PIPELINES);
            return Ok((order.iter().filter_map(|id| found.remove(id)).collect(), more));
        }
        page = answer.next;
    }
}

/// The way to a system, in words.
fn way(address: &Address) -> String {
    match (address.effective_proxy(), &address.proxy) {
        (Some(proxy), Proxy::System) => format!("Through {proxy}, as this machine is set up."),
        (Some(proxy), _) => format!("Through {proxy}."),
        (None, _) => "Straight, without a proxy.".to_owned(),
    }
}

fn stop(title: &str, error: &RemoteError) -> Notice {
    let told = WireError::from(error.clone());
    Notice { tone: Tone::Stop, title: title.to_owned(), detail: format!("{} {}", told.message, told.hint) }
}
