//! Tests of GitHub Actions against a fake that plays its behaviour, which GitHub's own description judges.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "github/bench.rs"]
pub(crate) mod bench;
#[path = "github/builds.rs"]
mod builds;
#[path = "github/fake.rs"]
mod fake;
#[path = "github/gates.rs"]
mod gates;
#[path = "github/judge.rs"]
mod judge;
#[path = "github/play.rs"]
mod play;
#[path = "github/promotions.rs"]
mod promotions;
#[path = "github/reads.rs"]
mod reads;
#[path = "github/shapes.rs"]
mod shapes;
#[path = "github/suites.rs"]
mod suites;

/// A file that nobody lists here would never run.
#[test]
fn every_test_file_is_listed() {
    let own = include_str!("github.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(own.contains(&format!("github/{name}")), "{name} is not listed in tests/github.rs");
    }
}
