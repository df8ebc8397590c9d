//! Tests of the vault: real files, and the real Secret Service.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/files.rs"]
mod files;
#[cfg(target_os = "linux")]
#[path = "all/keychain.rs"]
mod keychain;

/// A file that nobody lists here would never run.
#[test]
fn every_test_file_is_listed() {
    let own = include_str!("all.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(own.contains(&format!("all/{name}")), "{name} is not listed in tests/all.rs");
    }
}
