//! `connection`.

use crate::program::{copy_of_played, passphrase, run, run_with, text};
use std::path::Path;

fn connection<'a>(folder: &'a Path, secret: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let place = ["--folder", text(folder), "--passphrase-file", secret, "--json"];
    ["connection"].iter().chain(args).copied().chain(place).collect()
}

#[test]
fn a_connection_is_listed_tested_and_bound_by_its_name() {
    let copy = copy_of_played();
    let (folder, secret) = (copy.path(), passphrase(copy.path()));
    let listed = run(&connection(folder, &secret, &["list"])).ended(0).value();
    let name = listed["connections"][0]["name"].as_str().unwrap().to_owned();
    assert_eq!(listed["connections"][0]["secret"], "not_asked");
    let tested = run(&connection(folder, &secret, &["test", &name.to_lowercase()])).ended(0).value();
    assert_eq!(tested["ok"], true);
    let dry = run(&connection(folder, &secret, &["bind", "web", &name, "web", "--dry-run"])).ended(0).value();
    assert!(dry["stages"].as_array().unwrap().iter().any(|stage| stage["way"] == "driven"), "{dry}");
    let unknown = run(&connection(folder, &secret, &["test", "nowhere"])).ended(1);
    assert!(unknown.stderr.contains("value.unknown"), "{}", unknown.stderr);
}

#[test]
fn a_secret_comes_from_stdin_and_is_printed_nowhere() {
    let copy = copy_of_played();
    let (folder, secret) = (copy.path(), passphrase(copy.path()));
    // Nothing listens there: the secret was read, and the attempt is refused.
    let add =
        ["add", "--kind", "jenkins", "--name", "CI", "--address", "http://127.0.0.1:9/", "--account", "bot"];
    let ran = run_with(&connection(folder, &secret, &add), b"planted-4f1c-token\n").ended(1);
    assert!(ran.stderr.contains("remote."), "{}", ran.stderr);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("planted"), "{}", ran.stderr);
    let empty = run_with(&connection(folder, &secret, &add), b"\n").ended(1);
    assert!(empty.stderr.contains("secret.missing"), "{}", empty.stderr);
}

#[test]
fn every_kind_tells_which_arguments_it_needs() {
    let copy = copy_of_played();
    let ran = run(&["connection", "list", "--kinds", "--folder", text(copy.path())]).ended(0);
    assert!(ran.stdout.contains("jenkins"), "{}", ran.stdout);
    assert!(ran.stdout.contains("--option build_input"), "{}", ran.stdout);
}
