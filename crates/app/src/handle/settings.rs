//! People, keys, connections, appearance.

use crate::act::Signing;
use crate::desk::Desk;
use crate::systems::LOCAL;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::{Act, NewPerson};
use signalbox_domain::id::{ConnectionId, PersonId, ProductId, ServiceId};
use signalbox_ledger::{PublicKey, Signer};
use signalbox_pipelines::{Capabilities, PipelineId, PipelineQuery, PipelineSystem, sanitise};
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn person_list(&self, _: Empty) -> Result<People, WireError> {
        let state = self.state(&Scope::desk())?;
        let secrets = self.secrets();
        let here = |fingerprint: &str| secrets.keeps(fingerprint);
        let me = self.me(&state);
        Ok(view::people::people(&state, me.as_ref(), &here, self.now()))
    }

    pub(crate) fn person_enrol(&self, request: PersonEnrol) -> Result<Done, WireError> {
        let PersonEnrol { handle, name, roles, public, passphrase } = request;
        let id = PersonId::new(self.new_id());
        let (fingerprint, public) = match public.filter(|public| !public.trim().is_empty()) {
            Some(line) => {
                let key = PublicKey::from_openssh(line.trim()).map_err(|error| {
                    WireError::new(
                        "key.refused",
                        format!("This key is refused: {error}."),
                        "Give an Ed25519 public key as one OpenSSH line.",
                    )
                })?;
                (key.fingerprint().to_owned(), key.to_openssh())
            }
            None => {
                let ledger = self.ledger_id()?;
                let key = self.change_secrets(|keys| keys.make_key(&ledger, passphrase.as_deref()))?;
                (key.fingerprint().to_owned(), key.public().to_owned())
            }
        };
        let roles = roles.into_iter().map(Into::into).collect();
        let new = NewPerson {
            person: id.clone(),
            handle,
            name: name.clone(),
            roles,
            fingerprint,
            public,
            machine: false,
        };
        let recorded = self.act(None, Act::EnrolPerson { new }, &Signing::default())?;
        Ok(recorded.done(Some(id.to_string()), format!("{name} is enrolled.")))
    }

    pub(crate) fn person_roles_set(&self, request: PersonRolesSet) -> Result<Done, WireError> {
        let PersonRolesSet { person, roles, reason } = request;
        let roles = roles.into_iter().map(Into::into).collect();
        let act = Act::SetRoles { person: person.into(), roles, reason };
        Ok(self.act(None, act, &Signing::default())?.done(None, "The roles are set."))
    }

    pub(crate) fn key_revoke(&self, request: KeyRevoke) -> Result<Done, WireError> {
        let KeyRevoke { person, fingerprint, reason } = request;
        let act = Act::RevokeKey { person: person.into(), fingerprint, reason };
        Ok(self.act(None, act, &Signing::default())?.done(None, "The key counts no more."))
    }

    pub(crate) fn connection_list(&self, _: Empty) -> Result<Connections, WireError> {
        let state = self.state(&Scope::desk())?;
        let address = |connection: &ConnectionId| self.address_of(connection).ok().flatten();
        Ok(view::people::connections(&state, self.me(&state).as_ref(), &address, self.now()))
    }

    pub(crate) fn connection_add(&self, request: ConnectionAdd) -> Result<Done, WireError> {
        let ConnectionAdd { kind, name, address } = request;
        if kind != LOCAL {
            self.systems.at("", &kind, &address)?;
        }
        let id = self.add_local(&name, &address)?;
        Ok(Done { entries: Vec::new(), id: Some(id.to_string()), said: format!("{name} is connected.") })
    }

    pub(crate) fn connection_address(&self, request: ConnectionAddress) -> Result<Done, WireError> {
        let connection = ConnectionId::new(request.connection);
        let state = self.state(&Scope::desk())?;
        let known = state.connections.get(&connection).ok_or_else(|| WireError::unknown("connection"))?;
        let system = self.systems.at(connection.as_str(), &known.kind, &request.address)?;
        self.wait(system.probe())?;
        self.set_address(&connection, &request.address)?;
        self.work.notify_one();
        self.tell(&["connection", "line"]);
        Ok(super::desk::done("The connection leads there now."))
    }

    pub(crate) fn connection_test(&self, request: ConnectionTest) -> Result<TestView, WireError> {
        let system = match request.connection.filter(|id| !id.is_empty()).map(ConnectionId::new) {
            Some(connection) => {
                let state = self.state(&Scope::desk())?;
                let known =
                    state.connections.get(&connection).ok_or_else(|| WireError::unknown("connection"))?;
                self.system(&connection, &known.kind)?
            }
            None => {
                let kind = request.kind.unwrap_or_else(|| LOCAL.to_owned());
                self.systems.at("", &kind, request.address.as_deref().unwrap_or_default())?
            }
        };
        self.wait(test(system.as_ref()))
    }

    pub(crate) fn service_bind(&self, request: ServiceBind) -> Result<Done, WireError> {
        let ServiceBind { service, connection, pipeline } = request;
        self.bind(&ServiceId::new(service), &ConnectionId::new(connection), &pipeline)?;
        Ok(super::desk::done("The service is bound to its pipeline."))
    }

    pub(crate) fn service_add(&self, request: ServiceAdd) -> Result<Done, WireError> {
        let (product, service) = (ProductId::new(request.product), ServiceId::new(self.new_id()));
        let act = Act::AddService {
            product: product.clone(),
            service: service.clone(),
            name: request.name.clone(),
        };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(Some(service.to_string()), format!("{} is a service now.", request.name)))
    }

    pub(crate) fn settings_show(&self, _: Empty) -> Result<Settings, WireError> {
        let kept: Option<Settings> = self.store.read(|reader| reader.setting("appearance"))?;
        Ok(kept.unwrap_or(Settings { theme: Theme::System, text_scale: 100, verify_at_start: true }))
    }

    pub(crate) fn settings_set(&self, request: Settings) -> Result<Settings, WireError> {
        let settings = Settings { text_scale: request.text_scale.clamp(75, 200), ..request };
        self.store.write(|writer| writer.set_setting("appearance", &settings).map_err(WireError::from))?;
        self.tell(&["settings"]);
        Ok(settings)
    }

    /// Adds a connection to a folder of this machine, after it answered.
    pub(super) fn add_local(&self, name: &str, folder: &str) -> Result<ConnectionId, WireError> {
        let id = ConnectionId::new(self.new_id());
        let system = self.systems.at(id.as_str(), LOCAL, folder)?;
        self.wait(system.probe())?;
        let act =
            Act::AddConnection { connection: id.clone(), system: LOCAL.to_owned(), name: name.to_owned() };
        self.act(None, act, &Signing::default())?;
        self.set_address(&id, folder)?;
        Ok(id)
    }

    /// Binds a service to a pipeline, with the stages that the pipeline has.
    pub(super) fn bind(
        &self,
        service: &ServiceId,
        connection: &ConnectionId,
        pipeline: &str,
    ) -> Result<(), WireError> {
        let state = self.state(&Scope::desk())?;
        let known = state.connections.get(connection).ok_or_else(|| WireError::unknown("connection"))?;
        let system = self.system(connection, &known.kind)?;
        let shape = self.wait(system.describe(&PipelineId::new(pipeline)))?;
        let stages = shape.stages.iter().map(|stage| stage.id.as_str().to_owned()).collect();
        let act = Act::BindService {
            service: service.clone(),
            connection: connection.clone(),
            pipeline: pipeline.to_owned(),
            stages,
            mapped: Vec::new(),
        };
        let product = self.product_of(service)?;
        self.act(Some(&product), act, &Signing::default())?;
        Ok(())
    }

    fn set_address(&self, connection: &ConnectionId, folder: &str) -> Result<(), WireError> {
        let address = serde_json::json!({ "folder": folder });
        self.store
            .write(|writer| writer.set_connection_address(connection, &address).map_err(WireError::from))
    }
}

async fn test(system: &dyn PipelineSystem) -> Result<TestView, WireError> {
    let info = system.probe().await?;
    let mut problems: Vec<Notice> = info
        .missing
        .iter()
        .map(|missing| Notice {
            tone: Tone::Wait,
            title: sanitise(&missing.why).into_owned(),
            detail: sanitise(&missing.next_step).into_owned(),
        })
        .collect();
    let mut pipelines = Vec::new();
    for pipeline in system.list_pipelines(&PipelineQuery::default(), None).await?.items {
        match system.describe(&pipeline.id).await {
            Ok(shape) => pipelines.push(PipelineView {
                name: shape.name,
                stages: shape.stages.into_iter().map(|stage| stage.name).collect(),
            }),
            Err(error) => problems.push(Notice {
                tone: Tone::Stop,
                title: format!("{} can't be read", pipeline.name),
                detail: sanitise(&error.to_string()).into_owned(),
            }),
        }
    }
    Ok(TestView {
        ok: !problems.iter().any(|problem| problem.tone == Tone::Stop),
        account: sanitise(&info.who).into_owned(),
        version: sanitise(&info.server).into_owned(),
        pipelines,
        capabilities: capabilities(&info.effective),
        problems,
    })
}

/// What a system can do, with what it can't: an absent capability is said, not hidden.
fn capabilities(known: &Capabilities) -> Vec<CapabilityView> {
    let can = |name: &str, able: bool, detail: &str| CapabilityView {
        name: name.to_owned(),
        able,
        detail: detail.to_owned(),
    };
    use signalbox_pipelines::{BuildChoice, Cancel, GateScope, Logs};
    vec![
        match known.build_choice {
            BuildChoice::Any => can("Choose a build", true, "Any build that it lists."),
            BuildChoice::OnlyWhatWaits => {
                can("Choose a build", true, "Only the build that waits before the stage.")
            }
            BuildChoice::ByConvention => {
                can("Choose a build", true, "By a parameter that the pipeline must understand.")
            }
            BuildChoice::None => can("Choose a build", false, "No build can be promoted through it."),
        },
        match known.gate_scope {
            GateScope::Run => can("Answer its own gates", true, "One execution at a time."),
            GateScope::Version => can("Answer its own gates", true, "A version as a whole."),
            GateScope::None => can("Answer its own gates", false, "It has none; Signalbox holds the gates."),
        },
        match known.logs {
            Logs::Incremental => can("Show the log", true, "While it runs."),
            Logs::WhenFinished => can("Show the log", true, "Once it has ended."),
            Logs::LinkOnly => can("Show the log", false, "It only gives a link."),
        },
        match known.cancel {
            Cancel::Any => can("Cancel", true, "At any time."),
            Cancel::QueuedOnly => can("Cancel", true, "Only before it begins."),
            Cancel::None => can("Cancel", false, "A running deployment can't be stopped."),
        },
    ]
}
