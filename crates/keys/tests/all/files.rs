//! The key folder.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use signalbox_keys::{Head, Vault, VaultError, VaultKind};
use signalbox_ledger::{Hash, Signer, SigningKey};
use ssh_key::rand_core::OsRng;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_key_folder_keeps_keys_secrets_and_heads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keys of Signalbox");
    let vault = Vault::create_files(&folder, secret("folder pass")).unwrap();
    assert_eq!(vault.kind(), VaultKind::Files);
    vault.check().unwrap();

    let plain = SigningKey::from_seed(&[1; 32]).unwrap();
    let guarded = SigningKey::from_seed(&[2; 32]).unwrap();
    vault.save_key("ledger-1", &plain, None, &mut OsRng).unwrap();
    vault.save_key("ledger-1", &guarded, Some(&secret("own pass")), &mut OsRng).unwrap();
    vault.save_secret("jenkins/../1", &secret("token")).unwrap();
    let head = Head { size: 12, root: Hash::of(b"root") };
    assert_eq!(vault.load_head("ledger-1").unwrap(), None);
    assert_eq!(vault.raise_head("ledger-1", head).unwrap(), head);
    drop(vault);

    let vault = Vault::open_files(&folder, secret("folder pass")).unwrap();
    let found = vault.unlock("ledger-1", plain.fingerprint(), None).unwrap();
    assert_eq!(found.fingerprint(), plain.fingerprint());
    vault.unlock("ledger-1", plain.fingerprint(), Some(&secret("folder pass"))).unwrap();
    let unlock = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(secret);
        let found = vault.unlock("ledger-1", guarded.fingerprint(), passphrase.as_ref());
        found.map(|key| key.fingerprint().to_owned())
    };
    assert_eq!(unlock(None), Err(VaultError::PassphraseNeeded));
    assert_eq!(unlock(Some("folder pass")), Err(VaultError::PassphraseWrong));
    assert_eq!(unlock(Some("own pass")).as_deref(), Ok(guarded.fingerprint()));
    assert!(vault.asks_passphrase("ledger-1", guarded.fingerprint()).unwrap());
    assert!(!vault.asks_passphrase("ledger-1", plain.fingerprint()).unwrap());

    assert_eq!(vault.load_secret("jenkins/../1").unwrap().expose_secret(), "token");
    let lower = Head { size: 11, root: Hash::of(b"other") };
    assert_eq!(vault.raise_head("ledger-1", lower).unwrap(), head);
    vault.reset_head("ledger-1", lower).unwrap();
    assert_eq!(vault.load_head("ledger-1").unwrap(), Some(lower));

    for file in files_below(&folder) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains("token"), "{} is readable", file.display());
    }
    assert!(vault.delete_secret("jenkins/../1").unwrap());
    assert!(!vault.delete_secret("jenkins/../1").unwrap());
    assert_eq!(vault.load_secret("jenkins/../1").unwrap_err().code(), "secret.missing");
    assert!(vault.delete_key("ledger-1", plain.fingerprint()).unwrap());
    let missing = vault.unlock("ledger-1", plain.fingerprint(), None).unwrap_err();
    assert_eq!(missing.code(), "key.missing");
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    Vault::create_files(folder.path(), secret("right")).unwrap();
    let wrong = Vault::open_files(folder.path(), secret("wrong")).unwrap_err();
    assert_eq!(wrong, VaultError::PassphraseWrong);
}

#[test]
fn a_folder_is_made_once_and_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Vault::open_files(folder.path(), secret("pass")).unwrap_err();
    assert_eq!(absent.code(), "key_folder.absent");
    assert!(files_below(folder.path()).is_empty());
    Vault::create_files(folder.path(), secret("pass")).unwrap();
    let present = Vault::create_files(folder.path(), secret("other")).unwrap_err();
    assert_eq!(present.code(), "key_folder.present");
}

#[test]
fn another_key_in_a_keys_place_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create_files(folder.path(), secret("pass")).unwrap();
    let (mine, other) = (SigningKey::from_seed(&[1; 32]).unwrap(), SigningKey::from_seed(&[2; 32]).unwrap());
    vault.save_key("l", &mine, None, &mut OsRng).unwrap();
    let file = files_below(&folder.path().join("keys")).pop().unwrap();
    vault.save_key("l", &other, None, &mut OsRng).unwrap();
    let others = files_below(&folder.path().join("keys")).into_iter().find(|f| *f != file).unwrap();
    fs::copy(others, &file).unwrap();
    assert_eq!(vault.unlock("l", mine.fingerprint(), None).unwrap_err().code(), "key.damaged");
    fs::write(&file, "not a key").unwrap();
    assert_eq!(vault.unlock("l", mine.fingerprint(), None).unwrap_err().code(), "key.damaged");
}

#[test]
fn a_changed_secret_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create_files(folder.path(), secret("pass")).unwrap();
    vault.save_secret("c", &secret("token")).unwrap();
    let file = folder.path().join("secrets/c.age");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(vault.load_secret("c").unwrap_err().code(), "key_folder.failed");
}

#[test]
fn nothing_secret_is_shown_by_debug() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create_files(folder.path(), secret("pass")).unwrap();
    assert_eq!(format!("{vault:?}"), "Vault(Files)");
}

#[cfg(unix)]
#[test]
fn files_are_for_this_account_alone_and_others_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("vault");
    let vault = Vault::create_files(&folder, secret("pass")).unwrap();
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    vault.save_key("l", &key, None, &mut OsRng).unwrap();
    vault.save_secret("c", &secret("token")).unwrap();
    vault.raise_head("l", Head { size: 1, root: Hash::of(b"") }).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = files_below(&folder);
    assert_eq!(files.len(), 4);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    for name in ["", "keys", "keys/l", "secrets", "heads"] {
        assert_eq!(mode(&folder.join(name)), 0o700, "{name}");
    }
    for file in files {
        fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
    }
    assert_eq!(vault.load_secret("c").unwrap_err().code(), "key_folder.exposed");
    assert_eq!(vault.unlock("l", key.fingerprint(), None).unwrap_err().code(), "key_folder.exposed");
    let refused = Vault::open_files(&folder, secret("pass")).unwrap_err();
    assert_eq!(refused.code(), "key_folder.exposed");
}

#[cfg(unix)]
#[test]
fn stock_openssh_reads_a_kept_key() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create_files(folder.path(), secret("pass")).unwrap();
    let key = SigningKey::from_seed(&[7; 32]).unwrap();
    vault.save_key("l", &key, None, &mut OsRng).unwrap();
    let file = files_below(&folder.path().join("keys")).pop().unwrap();
    let output = std::process::Command::new("ssh-keygen")
        .args(["-y", "-P", "pass", "-f"])
        .arg(file)
        .output()
        .expect("apt-get install openssh-client");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let public = String::from_utf8(output.stdout).unwrap();
    assert!(public.starts_with(key.public()), "{public}");
}
