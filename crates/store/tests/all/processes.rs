//! Two real processes on one file.

use super::scribe::{Scribe, issue, ledger_opened, open, product, verified};
use signalbox_store::{Scope, Store};
use std::env;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const CHILD: &str = "SIGNALBOX_STORE_CHILD";

/// Starts this test program again to run one function as another process.
pub fn child(test: &str, database: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, database)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// The database, where this process was started as a child.
pub fn database_of_child() -> Option<std::path::PathBuf> {
    env::var_os(CHILD).map(Into::into)
}

/// Waits until the child prints a line with this beginning; returns the rest of it.
pub fn wait_for(lines: &mut Lines<BufReader<ChildStdout>>, beginning: &str) -> Option<String> {
    lines.map_while(Result::ok).find_map(|line| {
        // The test program's own words may stand before ours on the same line.
        let place = line.find(beginning)?;
        Some(line[place + beginning.len()..].to_owned())
    })
}

fn issues(store: &Store) -> usize {
    store.read(|reader| reader.state(&Scope::live())).unwrap().issues.len()
}

#[test]
fn child_that_adds_forty_issues() {
    let Some(path) = database_of_child() else { return };
    let store = open(&path);
    let mut scribe = Scribe::new(u16::try_from(std::process::id() & 0xffff).unwrap());
    let mut watcher = store.watcher().unwrap();
    println!("ready");
    // The parent answers with an act of its own; that is the starting shot.
    while !watcher.changed().unwrap() {
        std::thread::yield_now();
    }
    for number in 0..40 {
        scribe.act(&store, &[issue(&format!("{}-{number}", std::process::id()), "har", "from a child")]);
    }
    println!("done");
}

#[test]
fn two_processes_write_one_file_and_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store = open(&path);
    let mut scribe = Scribe::new(0);
    scribe.act(&store, &[ledger_opened(), product("har")]);
    let mut watcher = store.watcher().unwrap();
    let test = "all::processes::child_that_adds_forty_issues";
    let mut children = [child(test, &path), child(test, &path)];
    for (_, lines) in &mut children {
        wait_for(lines, "ready").expect("the child opened the database");
    }
    assert!(!watcher.changed().unwrap());
    for number in 0..40 {
        scribe.act(&store, &[issue(&format!("parent-{number}"), "har", "from the parent")]);
    }
    for (child, lines) in &mut children {
        wait_for(lines, "done").expect("the child added its issues");
        assert!(child.wait().unwrap().success());
    }
    // That a change of another process alone is noticed is what each child waits for before it begins.
    assert!(watcher.changed().unwrap());
    assert!(!watcher.changed().unwrap());
    assert_eq!(store.head().unwrap().size, 2 + 3 * 40);
    assert_eq!(issues(&store), 3 * 40);
    let report = verified(&store);
    assert!(report.is_clean(), "{:?}", report.findings);
}

#[test]
fn child_that_opens_a_new_database() {
    let Some(path) = database_of_child() else { return };
    open(&path);
    println!("opened");
}

#[test]
fn processes_that_open_a_new_file_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let test = "all::processes::child_that_opens_a_new_database";
    let mut children: Vec<_> = (0..4).map(|_| child(test, &path)).collect();
    for (child, lines) in &mut children {
        assert!(wait_for(lines, "opened").is_some());
        assert!(child.wait().unwrap().success());
    }
    assert!(!open(&path).opened().created);
}
