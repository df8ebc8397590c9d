//! People, keys, services, appearance.

use crate::act::Signing;
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::{Act, NewPerson};
use signalbox_domain::id::{PersonId, ProductId, ServiceId};
use signalbox_ledger::{PublicKey, Signer};
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
}
