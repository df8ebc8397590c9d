//! Programs that we did not write accept what we write: OpenSSH, OpenSSL, a standard note verifier, and a second
//! verifier written from `docs/ledger-format.md` for Node.

use crate::golden;
use crate::sample::{LEDGER, key, sample};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signalbox_ledger::export::{EntryFiles, allowed_signers};
use signalbox_ledger::sshsig::ENTRY_NAMESPACE;
use signalbox_ledger::{Signer, SigningKey};
use ssh_key::rand_core::OsRng;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"))
}

fn says(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Writes files for one entry and `allowed_signers` into a folder.
fn exported(folder: &Path, seq: usize) -> EntryFiles {
    let files = EntryFiles::new(seq as u64, &sample().entries[seq]);
    for file in [Some(&files.header), Some(&files.signature), files.payload.as_ref()].into_iter().flatten() {
        std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
    }
    let people = ["ada", "bo", "machine"].map(|person| (person, key(person)));
    let signers = allowed_signers(people.iter().map(|(person, key)| (*person, key.public_key()))).unwrap();
    std::fs::write(folder.join("allowed_signers"), signers).unwrap();
    files
}

fn shell(folder: &Path, command: &str) -> Output {
    run(Command::new("sh").arg("-c").arg(command).current_dir(folder))
}

#[test]
fn ssh_keygen_verifies_an_exported_entry_by_the_exported_command() {
    let folder = tempfile::tempdir().unwrap();
    for (seq, person) in [(0, "ada"), (3, "bo"), (4, "machine")] {
        let files = exported(folder.path(), seq);
        let good = shell(folder.path(), &files.command(person));
        assert!(good.status.success(), "{}", says(&good));
        assert!(says(&good).contains(&format!("Good \"signalbox-entry\" signature for {person}")));
        let other = shell(folder.path(), &files.command(if person == "ada" { "bo" } else { "ada" }));
        assert!(!other.status.success(), "{}", says(&other));

        let path = folder.path().join(&files.header.name);
        let mut changed = files.header.bytes.clone();
        changed[10] ^= 1;
        std::fs::write(path, changed).unwrap();
        assert!(!shell(folder.path(), &files.command(person)).status.success());
    }
}

#[test]
fn ssh_keygen_makes_the_same_signature_and_reads_our_keys() {
    let folder = tempfile::tempdir().unwrap();
    let bo = key("bo");
    let private = folder.path().join("bo");
    std::fs::write(&private, bo.to_openssh(None, &mut OsRng).unwrap().as_bytes()).unwrap();
    restrict(&private);
    let header = folder.path().join("header.json");
    let entry = &sample().entries[3];
    std::fs::write(&header, &entry.header).unwrap();
    let sign = run(Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", ENTRY_NAMESPACE, "-f"])
        .arg(&private)
        .arg(&header)
        .stdin(Stdio::null()));
    assert!(sign.status.success(), "{}", says(&sign));
    let theirs = std::fs::read(folder.path().join("header.json.sig")).unwrap();
    assert_eq!(String::from_utf8(theirs).unwrap(), String::from_utf8(entry.signature.clone()).unwrap());

    let fingerprint = run(Command::new("ssh-keygen").arg("-lf").arg(&private));
    assert!(says(&fingerprint).contains(bo.fingerprint()), "{}", says(&fingerprint));

    std::fs::write(&private, bo.to_openssh(Some("three words here"), &mut OsRng).unwrap().as_bytes())
        .unwrap();
    let public =
        |passphrase: &str| run(Command::new("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(&private));
    assert!(says(&public("three words here")).starts_with(bo.public()));
    assert!(!public("other").status.success());
}

#[test]
fn keys_made_by_ssh_keygen_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("plain", ""), ("locked", "three words here")] {
        let path = folder.path().join(name);
        let made = run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-C", "someone", "-N", passphrase, "-f"])
            .arg(&path));
        assert!(made.status.success(), "{}", says(&made));
        let text = std::fs::read_to_string(&path).unwrap();
        let key = SigningKey::from_openssh(&text, Some(passphrase).filter(|p| !p.is_empty())).unwrap();
        let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
        assert_eq!(format!("{} someone\n", key.public()), public);
    }
}

#[test]
fn a_standard_note_verifier_accepts_the_checkpoint() {
    let bytes = std::fs::read(golden::folder().join("checkpoint.txt")).unwrap();
    let vkey = std::fs::read_to_string(golden::folder().join("machine.vkey")).unwrap();
    let verifier = signed_note::StandardVerifier::new(vkey.trim()).unwrap();
    let note = signed_note::Note::from_bytes(&bytes).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let (signed, others) = note.verify(&known).unwrap();
    assert_eq!((signed.len(), others.len()), (1, 0));
    assert_eq!(signed[0].name(), format!("signalbox/{LEDGER}"));
}

#[test]
fn openssl_accepts_the_checkpoint_by_the_documented_steps() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = std::fs::read_to_string(golden::folder().join("checkpoint.txt")).unwrap();
    std::fs::write(folder.path().join("checkpoint.txt"), &checkpoint).unwrap();
    exported(folder.path(), 0);
    let script = documented_script("checkpoint");
    let good = shell(folder.path(), &script);
    assert!(good.status.success(), "{}", says(&good));
    assert!(says(&good).contains("Signature Verified Successfully"), "{}", says(&good));

    std::fs::write(folder.path().join("checkpoint.txt"), checkpoint.replacen("\n5\n", "\n6\n", 1)).unwrap();
    assert!(!says(&shell(folder.path(), &script)).contains("Signature Verified Successfully"));
}

#[test]
fn sha256sum_computes_leaf_and_payload_by_the_documented_steps() {
    let folder = tempfile::tempdir().unwrap();
    exported(folder.path(), 3);
    let output = shell(folder.path(), &documented_script("leaf"));
    assert!(output.status.success(), "{}", says(&output));
    let entry = &sample().entries[3];
    let payload = entry.open().unwrap().payload;
    let printed: Vec<_> =
        output.stdout.split(|b| *b == b'\n').map(|line| &line[..line.len().min(64)]).collect();
    assert_eq!(printed[0], entry.leaf().to_string().as_bytes());
    assert_eq!(printed[1], payload.to_string().as_bytes());
}

#[test]
fn a_second_implementation_verifies_the_golden_ledger_and_finds_changes() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second/verify.mjs");
    let verify = |folder: &Path| run(Command::new("node").arg(program).arg(folder));
    let good = verify(&golden::folder());
    assert!(good.status.success(), "{}", says(&good));
    let expected = format!("verified 5 entries, root {}\n", sample().tree.root());
    assert_eq!(says(&good), expected);

    let folder = tempfile::tempdir().unwrap();
    for name in ["header.json", "payload.json", "header.json.sig"] {
        for file in std::fs::read_dir(golden::folder()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        let path = folder.path().join(format!("entry-00000002.{name}"));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let bad = verify(folder.path());
        assert!(!bad.status.success() && says(&bad).contains("entry 2"), "{name}: {}", says(&bad));
    }
}

#[test]
fn the_checkpoints_signature_line_is_key_id_and_plain_ed25519() {
    let signed = sample().checkpoint().sign(&key("machine")).unwrap();
    let note = String::from_utf8(signed.as_bytes().to_vec()).unwrap();
    let (_, line) = note.split_once("\n\n").unwrap();
    let encoded = line.trim_end().rsplit(' ').next().unwrap();
    assert_eq!(STANDARD.decode(encoded).unwrap().len(), 4 + 64);
}

/// The shell script that follows `<!-- script: NAME -->` in the format's documentation.
fn documented_script(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ledger-format.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) =
        text.split_once(&format!("<!-- script: {name} -->\n```sh\n")).expect("the script is documented");
    rest.split_once("```").unwrap().0.to_owned()
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn restrict(_: &Path) {}
