//! Tests of the pipeline systems, with real processes.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/arrivals.rs"]
mod arrivals;
#[path = "all/local_contract.rs"]
mod local_contract;
#[path = "all/once.rs"]
mod once;
#[path = "all/runs.rs"]
mod runs;
#[path = "all/settings.rs"]
mod settings;
#[path = "all/tests_of_products.rs"]
mod tests_of_products;
#[path = "all/yard.rs"]
mod yard;

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
