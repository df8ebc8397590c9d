//! A disk that is really full: a small file system in a mount namespace of its own, or, where the machine allows
//! no mount, a limit on the size of files.

use super::processes::database_of_child;
use super::scribe::{Scribe, filled, issue, open, try_open, verified};
use signalbox_domain::fact::Fact;
use signalbox_store::StoreError;
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MOUNT: &str = "mount -t tmpfs -o size=48m tmpfs \"$1\"";

/// Ways to a mount namespace: as root, or as root of a user namespace.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

#[test]
fn a_full_disk_refuses_acts_loses_nothing_and_work_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("small");
    fs::create_dir(&mount).unwrap();
    let namespace = NAMESPACES
        .into_iter()
        .find(|options| unshared(options, MOUNT, &mount, "").is_some_and(|output| output.status.success()));
    let (how, output) = match namespace {
        Some(options) => {
            let run =
                format!("{MOUNT} && exec \"$2\" --exact all::disk_full::child_on_a_small_disk --nocapture");
            ("a tmpfs of 48 MiB", unshared(options, &run, &mount, "ledger.db"))
        }
        None => {
            let run = "trap '' XFSZ; ulimit -f 6000; exec \"$2\" --exact \
                       all::disk_full::child_with_small_files --nocapture";
            ("no mount is allowed here, so a limit on the size of files", shell(run, &mount, "ledger.db"))
        }
    };
    println!("disk full by {how}");
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("everything is there"), "{said}\n{complained}");
    if namespace.is_none() {
        let store = open(&mount.join("ledger.db"));
        assert!(verified(&store).is_clean());
        let size = store.head().unwrap().size;
        Scribe::after(0, size).act(&store, &[issue("again", "har", "without the limit")]);
    }
}

#[test]
fn child_on_a_small_disk() {
    let Some(path) = database_of_child() else { return };
    let disk = SmallDisk { filler: path.with_file_name("filler") };
    full_in_an_act(&path, &disk);
    full_in_a_checkpoint(&path, &disk);
    full_at_open(&path, &disk);
    println!("everything is there");
}

fn full_in_an_act(path: &Path, disk: &SmallDisk) {
    let store = open(path);
    let mut scribe = filled(&store, 3);
    disk.fill();
    let mut acknowledged = 5;
    let error = loop {
        match scribe.try_act(&store, &[long_issue(acknowledged)]) {
            Ok(receipt) => {
                acknowledged += 1;
                assert_eq!(receipt.head.size, acknowledged);
            }
            Err(error) => break error,
        }
    };
    assert_full(&error);
    assert_eq!(store.head().unwrap().size, acknowledged, "everything can still be read");
    assert!(verified(&store).is_clean());
    disk.fill();
    assert_full(&scribe.try_act(&store, &[long_issue(90)]).unwrap_err());
    assert_full(&store.write(|writer| writer.set_setting("a", &1)).unwrap_err());
    assert_eq!(store.head().unwrap().size, acknowledged);
    disk.make_room();
    scribe.act(&store, &[long_issue(91)]);
    assert_eq!(store.head().unwrap().size, acknowledged + 1);
    assert!(verified(&store).is_clean());
    store.close().unwrap();
}

fn full_in_a_checkpoint(path: &Path, disk: &SmallDisk) {
    let store = open(path);
    let mut scribe = Scribe::after(0, 1_000);
    // More in the log than the reserve could take.
    for number in 200..230 {
        scribe.act(&store, &[long_issue(number)]);
    }
    let size = store.head().unwrap().size;
    disk.fill();
    assert_full(&store.checkpoint().unwrap_err());
    assert_eq!(store.head().unwrap().size, size);
    disk.make_room();
    assert!(store.checkpoint().unwrap());
    scribe.act(&store, &[long_issue(230)]);
    assert!(verified(&store).is_clean());
    store.close().unwrap();
}

fn full_at_open(path: &Path, disk: &SmallDisk) {
    let size = open(path).head().unwrap().size;
    disk.fill();
    let store = open(path);
    assert!(store.opened().disk_full, "the reserve was given up");
    assert_eq!(store.head().unwrap().size, size);
    let mut scribe = Scribe::after(0, 2_000);
    assert_full(&scribe.try_act(&store, &[long_issue(300)]).unwrap_err());
    drop(store);

    disk.fill();
    assert_full(&try_open(path).unwrap_err());
    assert_full(&try_open(&path.with_file_name("another.db")).unwrap_err());
    disk.make_room();
    let store = open(path);
    assert!(!store.opened().disk_full);
    scribe.act(&store, &[long_issue(301)]);
    assert_eq!(store.head().unwrap().size, size + 1);
    assert!(verified(&store).is_clean());
}

#[test]
fn child_with_small_files() {
    let Some(path) = database_of_child() else { return };
    let store = open(&path);
    let mut scribe = filled(&store, 3);
    let mut acknowledged = 5;
    let error = loop {
        match scribe.try_act(&store, &[long_issue(acknowledged)]) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert_full(&error);
    assert_eq!(store.head().unwrap().size, acknowledged);
    assert!(verified(&store).is_clean());
    println!("everything is there");
}

fn long_issue(number: u64) -> Fact {
    let text: String = (0..8_000).map(|word| format!("{:x} ", word * (number + 7))).collect();
    issue(&number.to_string(), "har", &text)
}

fn assert_full(error: &StoreError) {
    assert_eq!(error.code(), "store.disk-full", "{error:?}");
    assert!(error.retryable());
}

struct SmallDisk {
    filler: PathBuf,
}

impl SmallDisk {
    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = File::options().append(true).create(true).open(&self.filler).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(&self.filler).unwrap();
    }
}

fn unshared(options: &[&str], script: &str, mount: &Path, database: &str) -> Option<Output> {
    let mut command = Command::new("unshare");
    command.args(options).args(["sh", "-c", script, "sh"]);
    finish(command, mount, database)
}

fn shell(script: &str, mount: &Path, database: &str) -> Option<Output> {
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]);
    finish(command, mount, database)
}

fn finish(mut command: Command, mount: &Path, database: &str) -> Option<Output> {
    command.arg(mount).arg(env::current_exe().unwrap());
    command.env("SIGNALBOX_STORE_CHILD", mount.join(database)).output().ok()
}
