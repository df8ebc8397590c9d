//! The frame, the first start, the inbox, finding.

use crate::act::Signing;
use crate::desk::Desk;
use crate::sample::{Player, Said, SamplePerson, lay_out, strategy};
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::{Act, NewPerson};
use signalbox_domain::id::{ConnectionId, PersonId, ProductId, ServiceId};
use signalbox_domain::issue::IssueReport;
use signalbox_domain::starters;
use signalbox_domain::strategy::Content;
use signalbox_ledger::Signer;
use signalbox_store::{FeatureFilter, IssueFilter, ReleaseFilter, Scope};
use std::path::Path;

impl Desk {
    pub(crate) fn desk_show(&self, _: Empty) -> Result<DeskView, WireError> {
        let state = self.state(&Scope::live())?;
        let me = self.me(&state);
        let size = self.store.head()?.size;
        let verified: Option<VerifyView> = self.store.read(|reader| reader.setting("verified"))?;
        let warning: Option<String> = self.store.read(|reader| reader.setting("head-warning"))?;
        let sample: Option<bool> = self.store.read(|reader| reader.setting("sample"))?;
        let mut notices = Vec::new();
        if let Some(damage) = self.store.damage() {
            notices.push(stop("The ledger is damaged and open for reading only", damage.to_string()));
        }
        if let Some(warning) = warning {
            notices.push(stop("The history is older than what this machine saw", warning));
        }
        if let Some(verified) = verified.as_ref().filter(|verified| !verified.findings.is_empty()) {
            notices.push(stop(
                "The last verification found something",
                format!("{} findings; see the ledger.", verified.findings.len()),
            ));
        }
        notices.extend(self.triggers.notices());
        let inbox =
            me.as_ref().map_or(Ok(0), |me| self.inbox_of(&state, me).map(|inbox| inbox.rows.len()))?;
        let ledger = state.ledger.as_ref().map(|info| LedgerBrief {
            id: self.ledger_id().unwrap_or_default(),
            name: info.name.clone(),
            size: small(size),
            verified: verified.as_ref().map_or(0, |verified| verified.size),
            verified_at: verified.as_ref().map(|verified| verified.checked_at.clone()),
            findings: verified.as_ref().map_or(0, |verified| small(verified.findings.len() as u64)),
            sample: sample.unwrap_or(false),
        });
        let here = state.people.values().filter(|person| !person.machine && self.key_here(person).is_some());
        Ok(DeskView {
            first_start: state.ledger.is_none(),
            version: self.config.version.clone(),
            ledger,
            key: me.as_ref().and_then(|me| me.key.clone()),
            me: me.as_ref().map(|me| view::common::person_brief(&me.person)),
            here: here.map(view::common::person_brief).collect(),
            products: state.products.values().map(view::common::product_brief).collect(),
            inbox: small(inbox as u64),
            secrets: self.secrets_view(me.as_ref()),
            notices,
            folder: self.config.folder.display().to_string(),
        })
    }

    /// Where keys are kept, and whether mine can sign now.
    fn secrets_view(&self, me: Option<&view::Me>) -> SecretsView {
        let secrets = self.secrets();
        let mut view = secrets.view();
        if let Some(Err(locked)) = me.and_then(|me| me.key.as_deref()).map(|key| secrets.key(key, None)) {
            view.usable = false;
            view.detail = format!("{} {}", locked.message, locked.hint);
        }
        view
    }

    pub(crate) fn inbox_list(&self, _: Empty) -> Result<Inbox, WireError> {
        let state = self.state(&Scope::live())?;
        let Some(me) = self.me(&state) else { return Ok(Inbox { rows: Vec::new(), others: Vec::new() }) };
        let mut inbox = self.inbox_of(&state, &me)?;
        let here = state.people.values().filter(|person| !person.machine && person.id != me.person.id);
        for person in here {
            let Some(key) = self.key_here(person) else { continue };
            let other = view::Me { person: person.clone(), key: Some(key.fingerprint.clone()) };
            let rows = small(self.inbox_of(&state, &other)?.rows.len() as u64);
            if rows > 0 {
                inbox.others.push(OtherInbox { person: view::common::person_brief(person), rows });
            }
        }
        Ok(inbox)
    }

    fn inbox_of(&self, state: &signalbox_domain::state::State, me: &view::Me) -> Result<Inbox, WireError> {
        Ok(view::inbox::inbox(state, Some(me), &self.issue_drafts()?, self.now()))
    }

    /// Drafts that failures began.
    pub(crate) fn issue_drafts(&self) -> Result<Vec<IssueDraft>, WireError> {
        let drafts = self.store.read(|reader| reader.drafts("issue"))?;
        Ok(drafts
            .into_iter()
            .filter_map(|draft| {
                let report: IssueReport = serde_json::from_value(draft.doc.get("report")?.clone()).ok()?;
                Some(IssueDraft {
                    id: draft.id,
                    product: draft.doc.get("product")?.as_str()?.to_owned(),
                    at: draft.at.to_string(),
                    title: report.problem.clone(),
                    report: view::issue::report_view(&report),
                })
            })
            .collect())
    }

    pub(crate) fn starter_list(&self, _: Empty) -> Result<StarterList, WireError> {
        Ok(view::strategy::starters())
    }

    pub(crate) fn sample_create(&self, request: SampleCreate) -> Result<Done, WireError> {
        self.make_sample(request, &mut |_| {})
    }

    /// Makes the sample product, and tells what happens meanwhile.
    ///
    /// # Errors
    /// When a ledger has begun already, a folder can't be used, or an act is refused.
    pub fn make_sample(&self, request: SampleCreate, say: &mut dyn FnMut(Said)) -> Result<Done, WireError> {
        let SampleCreate { folder, secrets, passphrase } = request;
        self.refuse_second_start()?;
        let folder = folder.map_or_else(|| self.config.folder.join("harbour"), Into::into);
        std::fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        lay_out(&folder)?;
        self.change_secrets(|keys| keys.choose(secrets, passphrase.as_deref()))?;
        let people = &crate::sample::PEOPLE;
        let [founder, others @ ..] = people;
        let founder_id = self.begin("Harbour's register", &sample_person(founder), None)?;
        for other in others {
            self.enrol_here(&founder_id, &sample_person(other), None)?;
        }
        let services = ["web", "api"];
        let product = self.make_product("Harbour", "HAR", &services, &strategy())?;
        self.agree_and_activate(&product)?;
        self.connect(&product, "This machine", &folder.display().to_string())?;
        self.store.write(|writer| writer.set_setting("sample", &true).map_err(WireError::from))?;
        let mut player = Player::new(self, &folder, say);
        player.introduce()?;
        player.first_release()?;
        player.next_build()?;
        self.verify_all()?;
        self.tell_all();
        Ok(Done {
            entries: Vec::new(),
            id: Some(product.to_string()),
            said: "The sample product is here: one release is behind it, and web 2.8.0 waits for a decision."
                .to_owned(),
        })
    }

    pub(crate) fn desk_create(&self, request: DeskCreate) -> Result<Done, WireError> {
        self.refuse_second_start()?;
        self.rehearse_start(&request)?;
        if let Some(folder) = request.pipeline_folder.as_ref().filter(|folder| !folder.is_empty()) {
            self.try_local(folder)?;
        }
        let DeskCreate {
            ledger,
            handle,
            name,
            roles,
            product,
            product_key,
            services,
            starter,
            pipeline_folder,
            secrets,
            passphrase,
        } = request;
        let starter = starters::starter(&starter).ok_or_else(|| WireError::unknown("starter process"))?;
        let person = StartPerson { handle, name, roles };
        self.change_secrets(|keys| keys.choose(secrets, passphrase.as_deref()))?;
        let own = passphrase.as_deref().filter(|_| secrets == SecretStore::Keychain);
        self.begin(&ledger, &person, own)?;
        let names: Vec<&str> = services.iter().map(String::as_str).collect();
        let id = self.make_product(&product, &product_key, &names, &starter.content())?;
        if let Some(folder) = pipeline_folder.filter(|folder| !folder.is_empty()) {
            self.connect(&id, "This machine", &folder)?;
        }
        self.tell_all();
        Ok(Done {
            entries: Vec::new(),
            id: Some(id.to_string()),
            said: format!("{product} is here. Read its strategy, have it co-signed, and put it in force."),
        })
    }

    pub(crate) fn desk_unlock(&self, request: DeskUnlock) -> Result<Done, WireError> {
        self.change_secrets(|keys| match keys.view().store {
            SecretStore::File => keys.open_files(&request.passphrase),
            SecretStore::Keychain => Ok(()),
        })?;
        if self.secrets().view().store == SecretStore::Keychain {
            let state = self.state(&Scope::desk())?;
            let me = state.people.get(&self.my_id()?).cloned().ok_or_else(|| WireError::unknown("person"))?;
            self.signer_of(&me, Some(&request.passphrase))?;
        }
        self.check_seen_head()?;
        self.work.notify_one();
        self.tell_all();
        Ok(done("Unlocked."))
    }

    pub(crate) fn person_switch(&self, request: PersonSwitch) -> Result<Done, WireError> {
        let state = self.state(&Scope::desk())?;
        let id = PersonId::new(request.person);
        let person = state
            .people
            .get(&id)
            .filter(|person| !person.machine)
            .ok_or_else(|| WireError::unknown("person"))?;
        if self.key_here(person).is_none() {
            return Err(WireError::new(
                "key.not-here",
                format!("No key of {} that counts is on this machine.", person.name),
                "Enrol a key for the person on this machine first.",
            ));
        }
        self.store.write(|writer| writer.set_setting("me", &id).map_err(WireError::from))?;
        self.tell_all();
        Ok(done(&format!("{} signs here now.", person.name)))
    }

    pub(crate) fn restore_accept(&self, request: RestoreAccept) -> Result<Done, WireError> {
        let Some(seen) = self.seen_head() else {
            return Err(WireError::new(
                "restore.nothing-seen",
                "This machine saw no newer head.",
                "Nothing is to be accepted.",
            ));
        };
        let act = Act::AcceptRestore {
            seen_size: small(seen.size),
            seen_root: seen.root.to_string(),
            reason: request.reason,
        };
        let recorded = self.act(None, act, &Signing::default())?;
        self.accept_head()?;
        self.tell_all();
        Ok(recorded.done(None, "It is recorded that a back-up was restored."))
    }

    pub(crate) fn find(&self, request: Find) -> Result<FindResult, WireError> {
        const EACH: u32 = 6;
        let text = request.text.trim().to_owned();
        let mut hits = Vec::new();
        if text.is_empty() {
            return Ok(FindResult { hits });
        }
        let state = self.state(&Scope::live())?;
        let wanted = text.to_lowercase();
        for build in
            state.builds.values().filter(|build| build.content.label.to_lowercase().contains(&wanted))
        {
            let service =
                state.service(&build.service).map(|(_, service)| service.name.clone()).unwrap_or_default();
            hits.push(Hit {
                kind: "build".to_owned(),
                id: build.id.to_string(),
                title: format!("{service} {}", build.content.label),
                detail: build.content.commit.clone(),
                product: Some(build.product.to_string()),
                service: Some(build.service.to_string()),
            });
        }
        let filter = FeatureFilter { text: text.clone(), ..FeatureFilter::default() };
        let features = self.store.read(|reader| reader.features(&filter, None, EACH))?;
        hits.extend(features.items.into_iter().map(|feature| Hit {
            kind: "feature".to_owned(),
            id: feature.key.to_string(),
            title: format!("{} {}", feature.key, feature.title),
            detail: feature.state().name().to_owned(),
            product: Some(feature.product.to_string()),
            service: None,
        }));
        let filter = IssueFilter { text: text.clone(), ..IssueFilter::default() };
        let issues = self.store.read(|reader| reader.issues(&filter, None, EACH))?;
        hits.extend(issues.items.into_iter().map(|issue| Hit {
            kind: "issue".to_owned(),
            id: issue.id.to_string(),
            title: format!("{} {}", issue.key, issue.report.problem),
            detail: if issue.lesson.is_some() { "closed".to_owned() } else { "open".to_owned() },
            product: Some(issue.product.to_string()),
            service: None,
        }));
        let filter = ReleaseFilter { text, ..ReleaseFilter::default() };
        let releases = self.store.read(|reader| reader.releases(&filter, None, EACH))?;
        hits.extend(releases.items.into_iter().map(|release| Hit {
            kind: "release".to_owned(),
            id: release.id.to_string(),
            title: release.name.clone(),
            detail: if release.finished.is_some() { "finished".to_owned() } else { "planned".to_owned() },
            product: Some(release.product.to_string()),
            service: None,
        }));
        Ok(FindResult { hits })
    }

    fn refuse_second_start(&self) -> Result<(), WireError> {
        if self.store.head()?.size > 0 {
            return Err(WireError::new(
                "ledger.open",
                "This ledger has begun already.",
                "Use it, or start with another folder.",
            ));
        }
        Ok(())
    }

    /// Opens the ledger with its first person and this machine; the person signs here from now on.
    fn begin(
        &self,
        name: &str,
        person: &StartPerson,
        passphrase: Option<&str>,
    ) -> Result<PersonId, WireError> {
        let ledger = self.new_id();
        let (id, machine) = (PersonId::new(self.new_id()), PersonId::new(self.new_id()));
        let (key, machine_key) = self.change_secrets(|keys| {
            keys.remembered.ledger = Some(ledger.clone());
            let key = keys.make_key(&ledger, passphrase)?;
            let machine_key = keys.make_key(&ledger, None)?;
            keys.remembered.machine = Some(machine_key.fingerprint().to_owned());
            Ok((key, machine_key))
        })?;
        let mut roles: Vec<_> = person.roles.iter().map(|role| role.as_str().into()).collect();
        if !person.roles.iter().any(|role| role == "administrator") {
            roles.push("administrator".into());
        }
        let first = NewPerson {
            person: id.clone(),
            handle: person.handle.clone(),
            name: person.name.clone(),
            roles,
            fingerprint: key.fingerprint().to_owned(),
            public: key.public().to_owned(),
            machine: false,
        };
        let second = NewPerson {
            person: machine.clone(),
            handle: "machine-1".to_owned(),
            name: "This machine".to_owned(),
            roles: Vec::new(),
            fingerprint: machine_key.fingerprint().to_owned(),
            public: machine_key.public().to_owned(),
            machine: true,
        };
        let act = Act::OpenLedger { name: name.to_owned(), person: first, machine: second };
        self.store.write(|writer| {
            writer.set_setting("me", &id)?;
            writer.set_setting("machine", &machine).map_err(WireError::from)
        })?;
        self.open_ledger(&ledger, act, id.clone(), key, machine, machine_key)?;
        Ok(id)
    }

    /// Enrols a person with a key that is made on this machine.
    fn enrol_here(
        &self,
        by: &PersonId,
        person: &StartPerson,
        passphrase: Option<&str>,
    ) -> Result<PersonId, WireError> {
        let id = PersonId::new(self.new_id());
        let ledger = self.ledger_id()?;
        let key = self.change_secrets(|keys| keys.make_key(&ledger, passphrase))?;
        let new = NewPerson {
            person: id.clone(),
            handle: person.handle.clone(),
            name: person.name.clone(),
            roles: person.roles.iter().map(|role| role.as_str().into()).collect(),
            fingerprint: key.fingerprint().to_owned(),
            public: key.public().to_owned(),
            machine: false,
        };
        self.act_as(by, None, Act::EnrolPerson { new }, &Signing::default())?;
        Ok(id)
    }

    fn make_product(
        &self,
        name: &str,
        key: &str,
        services: &[&str],
        content: &Content,
    ) -> Result<ProductId, WireError> {
        let product = ProductId::new(self.new_id());
        let services =
            services.iter().map(|name| (ServiceId::new(self.new_id()), (*name).to_owned())).collect();
        let act = Act::CreateProduct {
            product: product.clone(),
            key: key.to_owned(),
            name: name.to_owned(),
            services,
        };
        self.act(None, act, &Signing::default())?;
        let act = Act::DraftStrategy { product: product.clone(), content: Box::new(content.clone()) };
        self.act(Some(&product), act, &Signing::default())?;
        Ok(product)
    }

    /// Lets those whose agreement the first version needs co-sign it, then puts it in force.
    fn agree_and_activate(&self, product: &ProductId) -> Result<(), WireError> {
        let state = self.state(&Scope::product(product.clone()))?;
        let strategy =
            state.strategies.get(&(product.clone(), 1)).ok_or_else(|| WireError::unknown("strategy"))?;
        for role in strategy.agreement_missing() {
            let Some(person) = state.people.values().find(|person| person.holds(&role)) else { continue };
            let act =
                Act::CosignStrategy { product: product.clone(), version: 1, comment: "Agreed.".to_owned() };
            self.act_as(
                &person.id,
                Some(product),
                act,
                &Signing { role: Some(role.to_string()), passphrase: None },
            )?;
        }
        let act = Act::ActivateStrategy { product: product.clone(), version: 1 };
        self.act(Some(product), act, &Signing::default())?;
        Ok(())
    }

    /// Adds a local connection and binds every service that its pipeline knows.
    fn connect(&self, product: &ProductId, name: &str, folder: &str) -> Result<ConnectionId, WireError> {
        let connection = self.add_local(name, folder)?;
        let state = self.state(&Scope::desk())?;
        let services =
            state.products.get(product).map(|product| product.services.clone()).unwrap_or_default();
        for service in services {
            self.bind(&service.id, &connection, &service.name, None)?;
        }
        Ok(connection)
    }
}

/// Someone to begin with.
struct StartPerson {
    handle: String,
    name: String,
    roles: Vec<String>,
}

fn sample_person(person: &SamplePerson) -> StartPerson {
    StartPerson {
        handle: person.handle.to_owned(),
        name: person.name.to_owned(),
        roles: person.roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

fn stop(title: &str, detail: String) -> Notice {
    Notice { tone: Tone::Stop, title: title.to_owned(), detail }
}

pub(super) fn done(said: &str) -> Done {
    Done { entries: Vec::new(), id: None, said: said.to_owned() }
}

/// A count as it crosses to the screens.
pub(crate) fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The folder of a path that may not exist yet must at least be named in full.
pub(super) fn full_path(path: &str) -> Result<&Path, WireError> {
    let path = Path::new(path);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(WireError::new("path.relative", "The path is not complete.", "Name the file by its full path."))
    }
}
