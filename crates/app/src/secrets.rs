//! The keys of this machine: where they are kept, which are open, which head was seen last.

use crate::desk::{Config, Desk};
use crate::wire::{SecretStore, SecretsView, WireError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use signalbox_domain::person::{Key, Person};
use signalbox_keys::{Head as SeenHead, Vault, VaultError, VaultKind};
use signalbox_ledger::{Signer, SigningKey};
use signalbox_store::{Head, HeadCheck, Store};
use ssh_key::rand_core::OsRng;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLockReadGuard};
use std::time::Duration;

/// How long a keychain may take: a person may have to type its password.
const KEYCHAIN_LIMIT: Duration = Duration::from_secs(60);
/// How long the keychain may take to show, before the first start, that it is there.
const TRIAL_LIMIT: Duration = Duration::from_secs(20);

/// What this machine remembers about its keys; in the settings, because it is not a secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// Keychain or files; none before the first start.
    store: Option<String>,
    /// The ledger's id.
    pub ledger: Option<String>,
    /// Fingerprints of the keys that are kept here.
    pub keys: Vec<String>,
    /// The fingerprint of the machine's key.
    pub machine: Option<String>,
}

/// The keys of this machine.
pub(crate) struct Secrets {
    folder: PathBuf,
    vault: Option<Arc<Vault>>,
    /// Why there is no vault although there should be one.
    trouble: Option<WireError>,
    pub remembered: Remembered,
    open: Mutex<BTreeMap<String, Arc<SigningKey>>>,
    /// Whether the keychain can be used, tried once before the first start.
    tried: OnceLock<Result<(), WireError>>,
    seen: Mutex<Option<u64>>,
}

impl From<VaultError> for WireError {
    fn from(error: VaultError) -> Self {
        let mut message = error.to_string();
        if let Some(first) = message.get(..1) {
            message = format!("{}{}.", first.to_uppercase(), &message[1..]);
        }
        let retryable = matches!(error, VaultError::KeychainLocked(_) | VaultError::KeychainTimeout);
        Self { retryable, ..Self::new(error.code(), message, error.next_step()) }
    }
}

impl Secrets {
    pub fn open(config: &Config, store: &Store) -> Result<Self, WireError> {
        let remembered: Remembered = store.read(|reader| reader.setting("keys"))?.unwrap_or_default();
        let mut secrets = Self {
            folder: config.folder.join("keys"),
            vault: None,
            trouble: None,
            remembered,
            open: Mutex::default(),
            tried: OnceLock::new(),
            seen: Mutex::default(),
        };
        match secrets.remembered.store.as_deref() {
            Some("keychain") => secrets.vault = Some(Arc::new(Vault::keychain(KEYCHAIN_LIMIT))),
            Some(_) => match &config.passphrase {
                Some(passphrase) => match secrets.open_files(passphrase) {
                    Ok(()) => {}
                    Err(error) => secrets.trouble = Some(error),
                },
                None => secrets.trouble = Some(locked()),
            },
            None => {}
        }
        Ok(secrets)
    }

    /// Opens the key folder with its passphrase.
    pub fn open_files(&mut self, passphrase: &str) -> Result<(), WireError> {
        let vault = Vault::open_files(&self.folder, SecretString::from(passphrase))?;
        self.vault = Some(Arc::new(vault));
        self.trouble = None;
        Ok(())
    }

    /// Chooses where keys are kept, at the first start; tries it before it is relied on.
    pub fn choose(&mut self, store: SecretStore, passphrase: Option<&str>) -> Result<(), WireError> {
        let vault = match (store, passphrase) {
            (SecretStore::Keychain, _) => Vault::keychain(KEYCHAIN_LIMIT),
            (SecretStore::File, Some(passphrase)) if !passphrase.is_empty() => {
                let secret = SecretString::from(passphrase);
                match Vault::create_files(&self.folder, secret.clone()) {
                    Err(VaultError::FilesPresent { .. }) => Vault::open_files(&self.folder, secret)?,
                    made => made?,
                }
            }
            (SecretStore::File, _) => {
                return Err(WireError::new(
                    "passphrase.needed",
                    "A key folder needs a passphrase.",
                    "Choose a passphrase of several words and keep it safe.",
                ));
            }
        };
        vault.check()?;
        self.remembered.store = Some(match vault.kind() {
            VaultKind::Keychain => "keychain".to_owned(),
            VaultKind::Files => "files".to_owned(),
        });
        self.vault = Some(Arc::new(vault));
        self.trouble = None;
        Ok(())
    }

    /// Where keys and secrets are kept. Reading it may wait for a person, so let go of the lock before.
    pub fn vault(&self) -> Result<Arc<Vault>, WireError> {
        match (&self.vault, &self.trouble) {
            (Some(vault), _) => Ok(Arc::clone(vault)),
            (None, Some(trouble)) => Err(trouble.clone()),
            (None, None) => Err(WireError::new(
                "keys.not-chosen",
                "It is not chosen yet where keys are kept.",
                "Begin with the sample product or your own.",
            )),
        }
    }

    /// Makes a key and keeps it here.
    pub fn make_key(&mut self, ledger: &str, passphrase: Option<&str>) -> Result<Arc<SigningKey>, WireError> {
        let key = SigningKey::generate(&mut OsRng).map_err(WireError::inside)?;
        let secret = passphrase.filter(|passphrase| !passphrase.is_empty()).map(SecretString::from);
        self.vault()?.save_key(ledger, &key, secret.as_ref(), &mut OsRng)?;
        self.remembered.keys.push(key.fingerprint().to_owned());
        let key = Arc::new(key);
        // A key that is made in this session needs no second unlocking in it.
        self.opened().insert(key.fingerprint().to_owned(), Arc::clone(&key));
        Ok(key)
    }

    /// Opens a key of this machine; a given passphrase is always checked against it.
    pub fn key(&self, fingerprint: &str, passphrase: Option<&str>) -> Result<Arc<SigningKey>, WireError> {
        if passphrase.is_none()
            && let Some(open) = self.opened().get(fingerprint)
        {
            return Ok(Arc::clone(open));
        }
        let ledger = self.remembered.ledger.as_deref().unwrap_or_default();
        let secret = passphrase.map(SecretString::from);
        let key = Arc::new(self.vault()?.unlock(ledger, fingerprint, secret.as_ref())?);
        self.opened().insert(fingerprint.to_owned(), Arc::clone(&key));
        Ok(key)
    }

    /// Says whether a key is kept here.
    pub fn keeps(&self, fingerprint: &str) -> bool {
        self.remembered.keys.iter().any(|kept| kept == fingerprint)
    }

    /// Where keys are kept, for people.
    pub fn view(&self) -> SecretsView {
        let store = match self.remembered.store.as_deref() {
            Some("files") => SecretStore::File,
            _ => SecretStore::Keychain,
        };
        let usable = match self.remembered.store {
            Some(_) => self.vault().map(|_| ()),
            None => self.tried.get_or_init(|| Ok(Vault::keychain(TRIAL_LIMIT).check()?)).clone(),
        };
        let (usable, detail) = match usable {
            Ok(_) => (true, String::new()),
            Err(trouble) => (false, format!("{} {}", trouble.message, trouble.hint)),
        };
        SecretsView { store, usable, detail }
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<SigningKey>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    pub(crate) fn secrets(&self) -> RwLockReadGuard<'_, Secrets> {
        self.secrets.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is remembered about keys, and keeps it.
    pub(crate) fn change_secrets<T>(
        &self,
        change: impl FnOnce(&mut Secrets) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        let value = change(&mut secrets)?;
        self.store
            .write(|writer| writer.set_setting("keys", &secrets.remembered).map_err(WireError::from))?;
        Ok(value)
    }

    pub(crate) fn ledger_id(&self) -> Result<String, WireError> {
        self.secrets().remembered.ledger.clone().ok_or_else(|| {
            WireError::new(
                "ledger.none",
                "There is no ledger yet.",
                "Begin with the sample product or your own.",
            )
        })
    }

    /// The person's key that is kept on this machine and counts.
    pub(crate) fn key_here<'p>(&self, person: &'p Person) -> Option<&'p Key> {
        let secrets = self.secrets();
        person.keys.iter().find(|key| key.revoked.is_none() && secrets.keeps(&key.fingerprint))
    }

    pub(crate) fn signer_of(
        &self,
        person: &Person,
        passphrase: Option<&str>,
    ) -> Result<Arc<SigningKey>, WireError> {
        let key = self.key_here(person).ok_or_else(|| {
            WireError::new(
                "key.not-here",
                format!("No key of {} that counts is on this machine.", person.name),
                "Use the device that holds it, or have a key enrolled here.",
            )
        })?;
        self.secrets().key(&key.fingerprint, passphrase)
    }

    pub(crate) fn machine_key(&self) -> Result<Arc<SigningKey>, WireError> {
        let fingerprint = self.secrets().remembered.machine.clone();
        let fingerprint = fingerprint.ok_or_else(|| {
            WireError::new(
                "desk.no-machine",
                "This machine is not enrolled in the ledger.",
                "Begin with the sample product or your own.",
            )
        })?;
        self.secrets().key(&fingerprint, None)
    }

    /// Compares the ledger with the newest head that this machine saw, when the desk is opened.
    pub(crate) fn check_seen_head(&self) -> Result<(), WireError> {
        let secrets = self.secrets();
        let (Ok(vault), Some(ledger)) = (secrets.vault(), secrets.remembered.ledger.clone()) else {
            return Ok(());
        };
        let seen = match vault.load_head(&ledger) {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(code = error.code(), "the newest head that was seen can't be read now");
                return Ok(());
            }
        };
        drop(secrets);
        let check = self.store.check_head(seen.map(|head| (head.size, head.root)))?;
        let warning = match check {
            HeadCheck::First | HeadCheck::Same | HeadCheck::Grown => None,
            HeadCheck::Older { seen, found } => Some(format!(
                "This machine saw {seen} entries, and the ledger has {found}: an older copy of the file was put back."
            )),
            HeadCheck::Forked { seen, .. } => Some(format!(
                "The first {seen} entries are not the ones that this machine saw: the history was rewritten."
            )),
        };
        self.store.write(|writer| match &warning {
            Some(text) => writer.set_setting("head-warning", text).map_err(WireError::from),
            None => writer.forget_setting("head-warning").map_err(WireError::from),
        })
    }

    /// The newest head that this machine saw, as far as it can be read now.
    pub(crate) fn seen_head(&self) -> Option<SeenHead> {
        let secrets = self.secrets();
        let ledger = secrets.remembered.ledger.clone()?;
        secrets.vault().ok()?.load_head(&ledger).ok().flatten()
    }

    /// Keeps the newest head outside the database, where putting back an older copy of the file can't change it.
    pub(crate) fn remember_head(&self, head: &Head) {
        let secrets = self.secrets();
        let (Ok(vault), Some(ledger)) = (secrets.vault(), head.ledger.clone()) else { return };
        {
            // Under an unexplained older head nothing may hide the warning.
            let mut seen = secrets.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.is_some_and(|seen| seen >= head.size) {
                return;
            }
            *seen = Some(head.size);
        }
        let head = SeenHead { size: head.size, root: head.root };
        drop(secrets);
        self.spawn(async move {
            let kept = tokio::task::spawn_blocking(move || vault.raise_head(&ledger, head)).await;
            if let Ok(Err(error)) = kept {
                tracing::warn!(code = error.code(), "the newest head could not be kept");
            }
        });
    }

    /// Keeps the newest head before the program goes, as far as the vault can be used.
    pub(crate) fn keep_head_now(&self) {
        let Ok(head) = self.store.head() else { return };
        let secrets = self.secrets();
        let (Ok(vault), Some(ledger)) = (secrets.vault(), head.ledger) else { return };
        if let Err(error) = vault.raise_head(&ledger, SeenHead { size: head.size, root: head.root }) {
            tracing::warn!(code = error.code(), "the newest head could not be kept");
        }
    }

    /// Takes the present head as the newest one, after a person signed that a back-up was restored.
    pub(crate) fn accept_head(&self) -> Result<(), WireError> {
        let head = self.store.head()?;
        let secrets = self.secrets();
        let ledger = secrets.remembered.ledger.clone().unwrap_or_default();
        secrets.vault()?.reset_head(&ledger, SeenHead { size: head.size, root: head.root })?;
        drop(secrets);
        self.store.write(|writer| writer.forget_setting("head-warning").map_err(WireError::from))
    }
}

fn locked() -> WireError {
    WireError::new("keys.locked", "The key folder is locked.", "Unlock it with its passphrase.")
}
