//! Acts on the desk itself: people, keys, products, connections, strategies (S7, P7–P9).

use super::{Act, NewPerson, Work, text_blocker};
use crate::fact::Fact;
use crate::id::{ConnectionId, PersonId, ProductId, RoleKey, ServiceId};
use crate::person::{MACHINE_ROLE, Person, STARTER_ROLES, role_name};
use crate::process_check::check_content;
use crate::refusal::{Blocker, Refusal};
use crate::strategy::Content;

impl Work<'_> {
    pub(super) fn desk(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::OpenLedger { name, person, machine } => self.open_ledger(name, person, machine),
            Act::EnrolPerson { new } => self.enrol(new),
            Act::SetRoles { person, roles, reason } => self.set_roles(person, roles, reason),
            Act::EnrolKey { person, fingerprint, public } => self.enrol_key(person, fingerprint, public),
            Act::RevokeKey { person, fingerprint, reason } => self.revoke_key(person, fingerprint, reason),
            Act::CreateProduct { product, key, name, services } => {
                self.create_product(product, key, name, services)
            }
            Act::AddService { product, service, name } => self.add_service(product, service, name),
            Act::AddConnection { connection, system, name } => self.add_connection(connection, system, name),
            Act::BindService { service, connection, pipeline, stages, mapped } => {
                self.bind(service, connection, pipeline, stages, mapped)
            }
            Act::DraftStrategy { product, content } => self.draft(product, content),
            Act::CosignStrategy { product, version, comment } => self.cosign(product, version, comment),
            Act::ActivateStrategy { product, version } => self.activate(product, version),
            Act::RecordExport { format, entries, filter, sha256 } => {
                self.record(Fact::HistoryExported { format, entries, filter, sha256 });
                Ok(())
            }
            Act::AcceptRestore { seen_size, seen_root, reason } => {
                let mut blockers = Vec::new();
                blockers.extend(self.role_blocker(&["administrator"], "Accepting a restored back-up"));
                blockers.extend(text_blocker(&reason, "restore.reason-empty", "The reason"));
                Refusal::unless_empty(blockers)?;
                self.record(Fact::RestoreAccepted { seen_size, seen_root, reason });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open_ledger(&mut self, name: String, person: NewPerson, machine: NewPerson) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        if self.state.ledger.is_some() {
            blockers.push(Blocker::new(
                "ledger.open",
                "This ledger has begun already.",
                "Use it, or choose another folder.",
            ));
        }
        blockers.extend(text_blocker(&name, "ledger.name-empty", "The ledger's name"));
        blockers.extend(self.person_blockers(&person));
        if !person.roles.iter().any(|role| role.as_str() == "administrator") {
            blockers.push(Blocker::new(
                "person.no-administrator",
                "The first person must be an administrator, or nobody could ever enrol others.",
                "Add the role administrator; it can be handed on later.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::LedgerOpened { name });
        self.record(enrolled(person));
        self.record(enrolled(NewPerson { machine: true, roles: vec![MACHINE_ROLE.into()], ..machine }));
        Ok(())
    }

    fn enrol(&mut self, new: NewPerson) -> Result<(), Refusal> {
        let mut blockers = self.person_blockers(&new);
        blockers.extend(self.role_blocker(&["administrator"], "Enrolling people"));
        Refusal::unless_empty(blockers)?;
        let new = if new.machine { NewPerson { roles: vec![MACHINE_ROLE.into()], ..new } } else { new };
        self.record(enrolled(new));
        Ok(())
    }

    fn person_blockers(&self, new: &NewPerson) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        blockers.extend(text_blocker(&new.name, "person.name-empty", "The name"));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
        if new.handle.is_empty() || !new.handle.chars().all(plain) {
            blockers.push(Blocker::new(
                "person.handle-malformed",
                format!("“{}” is no short name.", new.handle),
                "Use lower-case letters, digits, dots and hyphens.",
            ));
        }
        if self.state.people.values().any(|known| known.handle == new.handle || known.id == new.person) {
            blockers.push(Blocker::new(
                "person.handle-taken",
                format!("Someone is called {} already.", new.handle),
                "Choose another short name.",
            ));
        }
        if !new.machine {
            blockers.extend(role_list_blockers(&new.roles));
        }
        blockers.extend(self.key_blocker(&new.fingerprint));
        blockers
    }

    fn key_blocker(&self, fingerprint: &str) -> Option<Blocker> {
        let taken = self
            .state
            .people
            .values()
            .any(|known| known.keys.iter().any(|key| key.fingerprint == fingerprint));
        taken.then(|| {
            Blocker::new(
                "key.taken",
                "This key is enrolled already.",
                "Make a new key; a key belongs to one person.",
            )
        })
    }

    fn set_roles(&mut self, person: PersonId, roles: Vec<RoleKey>, reason: String) -> Result<(), Refusal> {
        let mut blockers = role_list_blockers(&roles);
        blockers.extend(self.role_blocker(&["administrator"], "Changing roles"));
        blockers.extend(text_blocker(&reason, "roles.reason-empty", "The reason"));
        match self.state.people.get(&person) {
            None => blockers.push(unknown_person()),
            Some(known) if known.machine => blockers.push(Blocker::new(
                "person.machine",
                "A machine keeps its one role.",
                "Enrol a person instead.",
            )),
            Some(_) => {}
        }
        let administrator: RoleKey = "administrator".into();
        let another = self
            .state
            .people
            .values()
            .any(|known| known.id != person && known.holds(&administrator) && known.can_sign());
        if !another && !roles.contains(&administrator) {
            blockers.push(Blocker::new(
                "roles.last-administrator",
                "Nobody else is an administrator.",
                "Make someone else an administrator first.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::RolesSet { person, roles, reason });
        Ok(())
    }

    fn enrol_key(&mut self, person: PersonId, fingerprint: String, public: String) -> Result<(), Refusal> {
        let mut blockers: Vec<Blocker> = self.key_blocker(&fingerprint).into_iter().collect();
        if person != self.context.who {
            blockers.extend(self.role_blocker(&["administrator"], "Enrolling a key for someone else"));
        }
        if !self.state.people.contains_key(&person) {
            blockers.push(unknown_person());
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::KeyEnrolled { person, fingerprint, public });
        Ok(())
    }

    fn revoke_key(&mut self, person: PersonId, fingerprint: String, reason: String) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(text_blocker(&reason, "key.reason-empty", "The reason"));
        if person != self.context.who {
            blockers.extend(self.role_blocker(&["administrator"], "Revoking someone else's key"));
        }
        match self.state.people.get(&person) {
            None => blockers.push(unknown_person()),
            Some(known) => match known.keys.iter().find(|key| key.fingerprint == fingerprint) {
                None => blockers.push(Blocker::new(
                    "key.unknown",
                    "The person has no such key.",
                    "Look at the list of keys again.",
                )),
                Some(key) if key.revoked.is_some() => {
                    blockers.push(Blocker::new(
                        "key.revoked",
                        "The key is revoked already.",
                        "Nothing is left to do.",
                    ));
                }
                Some(_) => {
                    let live = |person: &&Person| {
                        person.keys.iter().any(|key| key.revoked.is_none() && key.fingerprint != fingerprint)
                    };
                    let administrator: RoleKey = "administrator".into();
                    if known.holds(&administrator)
                        && !self
                            .state
                            .people
                            .values()
                            .filter(|known| known.holds(&administrator))
                            .any(|known| live(&known))
                    {
                        blockers.push(Blocker::new(
                            "key.last-administrator",
                            "Without this key no administrator could sign any more.",
                            "Enrol another key first.",
                        ));
                    }
                }
            },
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::KeyRevoked { person, fingerprint, reason });
        Ok(())
    }

    fn create_product(
        &mut self,
        product: ProductId,
        key: String,
        name: String,
        services: Vec<(ServiceId, String)>,
    ) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(&["administrator", "release-manager"], "Creating a product"));
        blockers.extend(text_blocker(&name, "product.name-empty", "The product's name"));
        if !(2..=6).contains(&key.len()) || !key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        {
            blockers.push(Blocker::new(
                "product.key-malformed",
                format!("“{key}” is no product key."),
                "Use two to six upper-case letters or digits.",
            ));
        }
        if self
            .state
            .products
            .values()
            .any(|known| known.key == key || known.name.eq_ignore_ascii_case(&name))
        {
            blockers.push(Blocker::new(
                "product.taken",
                "A product with this name or key exists.",
                "Choose another name and key.",
            ));
        }
        let mut names: Vec<String> = Vec::new();
        for (_, service) in &services {
            blockers.extend(service_name_blocker(service));
            if names.contains(service) {
                blockers.push(service_taken(service));
            }
            names.push(service.clone());
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ProductCreated { product: product.clone(), key, name });
        for (service, name) in services {
            self.record(Fact::ServiceAdded { product: product.clone(), service, name });
        }
        Ok(())
    }

    fn add_service(&mut self, product: ProductId, service: ServiceId, name: String) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(&["administrator", "release-manager"], "Adding a service"));
        blockers.extend(service_name_blocker(&name));
        match self.state.products.get(&product) {
            None => blockers.push(unknown_product()),
            Some(known) if known.services.iter().any(|known| known.name == name) => {
                blockers.push(service_taken(&name))
            }
            Some(_) => {}
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ServiceAdded { product, service, name });
        Ok(())
    }

    fn add_connection(
        &mut self,
        connection: ConnectionId,
        system: String,
        name: String,
    ) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(
            self.role_blocker(&["administrator", "operations", "release-manager"], "Adding a connection"),
        );
        blockers.extend(text_blocker(&name, "connection.name-empty", "The connection's name"));
        if self.state.connections.values().any(|known| known.name.eq_ignore_ascii_case(&name)) {
            blockers.push(Blocker::new(
                "connection.taken",
                format!("A connection “{name}” exists."),
                "Choose another name.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::ConnectionAdded { connection, system, name });
        Ok(())
    }

    fn draft(&mut self, product: ProductId, content: Box<Content>) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(self.role_blocker(
            &["administrator", "release-manager", "operations", "developer", "business-analyst", "tester"],
            "Writing a strategy",
        ));
        let version = match self.state.products.get(&product) {
            Some(known) => known.strategy_latest + 1,
            None => {
                blockers.push(unknown_product());
                0
            }
        };
        let latest = self.state.strategies.get(&(product.clone(), version.saturating_sub(1)));
        if latest.is_some_and(|latest| latest.content == *content) {
            blockers.push(Blocker::new(
                "strategy.unchanged",
                "Nothing differs from the latest version.",
                "Change something first.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::StrategyDrafted { product, version, content });
        Ok(())
    }

    fn cosign(&mut self, product: ProductId, version: u32, comment: String) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        match self.state.strategies.get(&(product.clone(), version)) {
            None => blockers.push(unknown_version(version)),
            Some(strategy) => {
                let latest = self.state.products.get(&product).map_or(0, |product| product.strategy_latest);
                if version < latest {
                    blockers.push(Blocker::new(
                        "strategy.outdated",
                        format!("Version {latest} replaced version {version}."),
                        "Read and sign the newest version.",
                    ));
                }
                let role = &self.context.role;
                if strategy
                    .cosigned
                    .iter()
                    .any(|given| given.person == self.context.who && given.role == *role)
                {
                    blockers.push(Blocker::new(
                        "strategy.signed",
                        format!("You agreed to version {version} as {} already.", role_name(role)),
                        "Nothing is left to sign.",
                    ));
                }
            }
        }
        Refusal::unless_empty(blockers)?;
        let role = self.context.role.clone();
        self.record(Fact::StrategyCosigned { product, version, role, comment });
        Ok(())
    }

    fn activate(&mut self, product: ProductId, version: u32) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers
            .extend(self.role_blocker(&["release-manager", "administrator"], "Putting a strategy in force"));
        match self.state.strategies.get(&(product.clone(), version)) {
            None => blockers.push(unknown_version(version)),
            Some(strategy) => {
                let people: Vec<&Person> = self.state.people.values().collect();
                for defect in check_content(&strategy.content, &people) {
                    blockers.push(Blocker::new(&defect.code, defect.sentence, defect.next_step));
                }
                for role in strategy.agreement_missing() {
                    blockers.push(Blocker::new(
                        "strategy.agreement-missing",
                        format!("{} has not agreed to version {version}.", role_name(&role)),
                        "Someone who holds the role co-signs it.",
                    ));
                }
            }
        }
        if self.state.products.get(&product).is_some_and(|known| known.strategy == Some(version)) {
            blockers.push(Blocker::new(
                "strategy.in-force",
                format!("Version {version} is in force."),
                "Nothing is left to do.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        self.record(Fact::StrategyActivated { product, version });
        Ok(())
    }
}

fn enrolled(new: NewPerson) -> Fact {
    let NewPerson { person, handle, name, roles, fingerprint, public, machine } = new;
    Fact::PersonEnrolled { person, handle, name, roles, fingerprint, public, machine }
}

fn role_list_blockers(roles: &[RoleKey]) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    if roles.is_empty() {
        blockers.push(Blocker::new("person.no-role", "No role was given.", "Give at least one role."));
    }
    for role in roles.iter().filter(|role| !STARTER_ROLES.iter().any(|(key, _)| *key == role.as_str())) {
        let known: Vec<&str> = STARTER_ROLES.iter().map(|(key, _)| *key).collect();
        blockers.push(Blocker::new(
            "person.role-unknown",
            format!("There is no role “{role}”."),
            format!("Use one of: {}.", known.join(", ")),
        ));
    }
    blockers
}

fn service_name_blocker(name: &str) -> Option<Blocker> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (name.is_empty() || !name.chars().all(plain)).then(|| {
        Blocker::new(
            "service.name-malformed",
            format!("“{name}” is no service name."),
            "Use letters, digits, dots, hyphens and underscores.",
        )
    })
}

fn service_taken(name: &str) -> Blocker {
    Blocker::new(
        "service.taken",
        format!("The product has a service “{name}” already."),
        "Choose another name.",
    )
}

fn unknown_person() -> Blocker {
    Blocker::new("person.unknown", "There is no such person.", "Look at the list of people again.")
}

fn unknown_product() -> Blocker {
    Blocker::new("product.unknown", "There is no such product.", "Look at the list of products again.")
}

fn unknown_version(version: u32) -> Blocker {
    Blocker::new(
        "strategy.unknown",
        format!("There is no version {version}."),
        "Look at the list of versions again.",
    )
}
