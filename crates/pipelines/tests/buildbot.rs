//! Tests of the Buildbot adapter against a real Buildbot.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "buildbot/bench.rs"]
mod bench;
#[path = "buildbot/rights.rs"]
mod rights;
#[path = "buildbot/runs.rs"]
mod runs;
#[path = "buildbot/stages.rs"]
mod stages;
#[path = "buildbot/suites.rs"]
mod suites;
