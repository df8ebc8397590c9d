//! The keychain, on a real Secret Service of its own.
//!
//! The program asks for its keychain once, so each scene runs in a process of its own: a test starts
//! this very program inside a fresh session bus and lets it play one scene.

use std::process::{Command, Output};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use signalbox_keys::{Head, Vault, VaultError, VaultKind};
use signalbox_ledger::{Hash, Signer, SigningKey};
use ssh_key::rand_core::OsRng;

const SCENE: &str = "SIGNALBOX_TEST_SCENE";
const LIMIT: Duration = Duration::from_secs(20);

/// Starts a session bus and, if there is a password, an unlocked keyring; then the given program.
const SESSION: &str = r#"
printf '%s' "$KEYRING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 90
exec "$@"
"#;

#[test]
fn keys_secrets_and_heads_are_kept_in_the_keychain() {
    in_session("kept");
}

#[test]
fn a_locked_keychain_says_so_and_is_never_taken_for_an_empty_one() {
    in_session("locked");
}

#[test]
fn a_session_without_a_bus_has_no_keychain() {
    let home = tempfile::tempdir().unwrap();
    let output = scene("absent")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", home.path())
        .env("HOME", home.path())
        .output()
        .unwrap();
    played("absent", &output);
}

/// Does nothing by itself: the tests above run it in another process.
#[test]
fn play_a_scene() {
    match std::env::var(SCENE).as_deref() {
        Ok("kept") => everything_is_kept(),
        Ok("locked") => a_locked_one_is_noticed(),
        Ok("absent") => an_absent_one_is_noticed(),
        _ => return,
    }
    println!("scene played");
}

fn everything_is_kept() {
    let vault = Vault::keychain(LIMIT);
    assert_eq!(vault.kind(), VaultKind::Keychain);
    vault.check().unwrap();

    let plain = SigningKey::from_seed(&[1; 32]).unwrap();
    let guarded = SigningKey::from_seed(&[2; 32]).unwrap();
    let pass = SecretString::from("own pass");
    vault.save_key("ledger-1", &plain, None, &mut OsRng).unwrap();
    vault.save_key("ledger-1", &guarded, Some(&pass), &mut OsRng).unwrap();

    let found = vault.unlock("ledger-1", plain.fingerprint(), None).unwrap();
    let signature = found.sign("signalbox-entry", b"message").unwrap();
    assert_eq!(signature, plain.sign("signalbox-entry", b"message").unwrap());
    let unset = vault.unlock("ledger-1", plain.fingerprint(), Some(&pass)).unwrap_err();
    assert_eq!(unset, VaultError::PassphraseUnset);

    let unlock = |passphrase: Option<&SecretString>| {
        let found = vault.unlock("ledger-1", guarded.fingerprint(), passphrase);
        found.map(|key| key.fingerprint().to_owned())
    };
    assert_eq!(unlock(None), Err(VaultError::PassphraseNeeded));
    assert_eq!(unlock(Some(&"wrong".into())), Err(VaultError::PassphraseWrong));
    assert_eq!(unlock(Some(&pass)).as_deref(), Ok(guarded.fingerprint()));

    let missing = vault.unlock("ledger-2", plain.fingerprint(), None).unwrap_err();
    assert_eq!(missing.code(), "key.missing");
    assert!(vault.delete_key("ledger-1", plain.fingerprint()).unwrap());
    assert!(!vault.delete_key("ledger-1", plain.fingerprint()).unwrap());

    let token = SecretString::from("tökén\n\"{}\"");
    vault.save_secret("jenkins", &"old".into()).unwrap();
    vault.save_secret("jenkins", &token).unwrap();
    assert_eq!(vault.load_secret("jenkins").unwrap().expose_secret(), token.expose_secret());
    assert!(vault.delete_secret("jenkins").unwrap());
    assert_eq!(vault.load_secret("jenkins").unwrap_err().code(), "secret.missing");

    let head = Head { size: 3, root: Hash::of(b"three") };
    assert_eq!(vault.raise_head("ledger-1", head).unwrap(), head);
    assert_eq!(vault.load_head("ledger-1").unwrap(), Some(head));
    assert_eq!(vault.load_head("ledger-2").unwrap(), None);
}

fn a_locked_one_is_noticed() {
    let vault = Vault::keychain(LIMIT);
    vault.save_secret("jenkins", &"token".into()).unwrap();
    let locked = Command::new("dbus-send")
        .args([
            "--session",
            "--dest=org.freedesktop.secrets",
            "--print-reply",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/aliases/default",
        ])
        .output()
        .expect("apt-get install dbus-bin");
    assert!(locked.status.success(), "{locked:?}");

    let impatient = Vault::keychain(Duration::from_secs(5));
    for error in [
        impatient.load_secret("jenkins").unwrap_err(),
        impatient.save_secret("jenkins", &"other".into()).unwrap_err(),
    ] {
        assert!(matches!(error, VaultError::KeychainLocked(_) | VaultError::KeychainTimeout), "{error:?}");
        assert!(error.retryable());
    }
}

fn an_absent_one_is_noticed() {
    let vault = Vault::keychain(LIMIT);
    for error in [
        vault.check().unwrap_err(),
        vault.load_secret("jenkins").unwrap_err(),
        vault.unlock("ledger-1", "SHA256:x", None).unwrap_err(),
    ] {
        assert_eq!(error.code(), "keychain.absent", "{error:?}");
    }
}

fn in_session(name: &str) {
    let home = tempfile::tempdir().unwrap();
    let inner = scene(name);
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", SESSION, "session"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .env(SCENE, name)
        .env("KEYRING_PASSWORD", "for tests")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("apt-get install dbus-daemon gnome-keyring");
    assert_ne!(output.status.code(), Some(90), "apt-get install gnome-keyring: {output:?}");
    played(name, &output);
}

fn scene(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "keychain::play_a_scene", "--nocapture"]).env(SCENE, name);
    command
}

fn played(name: &str, output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("scene played"), "scene {name}:\n{said}\n{complaints}");
}
