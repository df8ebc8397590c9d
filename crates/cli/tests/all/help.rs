//! The help texts: they teach, and they change only on purpose.

use crate::program::run;

#[test]
fn help_teaches() {
    for (name, args) in [
        ("help", vec!["--help"]),
        ("help_short", vec!["-h"]),
        ("help_tour", vec!["tour", "--help"]),
        ("help_call", vec!["call", "--help"]),
        ("help_line_simulate", vec!["line", "simulate", "--help"]),
        ("help_process_check", vec!["process", "check", "--help"]),
        ("help_ledger_verify", vec!["ledger", "verify", "--help"]),
        ("help_ledger_show", vec!["ledger", "show", "--help"]),
        ("help_connection", vec!["connection", "--help"]),
        ("help_connection_add", vec!["connection", "add", "--help"]),
        ("help_connection_bind", vec!["connection", "bind", "--help"]),
        ("help_connection_map", vec!["connection", "map", "--help"]),
        ("help_export", vec!["export", "--help"]),
    ] {
        let ran = run(&args).ended(0);
        assert_eq!(ran.stderr, "");
        insta::assert_snapshot!(name, ran.stdout);
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run(&["--version"]).ended(0).stdout, format!("signalbox {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_at_all_shows_what_there_is() {
    let ran = run(&[]).ended(2);
    assert!(ran.stderr.contains("Usage: signalbox"), "{}", ran.stderr);
}
