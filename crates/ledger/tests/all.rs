//! Tests of the ledger crate across its modules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

#[path = "all/acceptance.rs"]
mod acceptance;
#[path = "all/golden.rs"]
mod golden;
#[path = "all/sample.rs"]
mod sample;
#[path = "all/tampering.rs"]
mod tampering;
#[path = "all/tools.rs"]
mod tools;
#[path = "all/verification.rs"]
mod verification;

#[test]
fn no_test_file_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all");
    let listed = include_str!("all.rs");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(listed.contains(&format!("\"all/{name}\"")), "{name} is not a module of all.rs");
    }
}
