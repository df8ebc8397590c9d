//! `signalbox` as people and scripts meet it: real processes, real folders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is a failed test"
)]

#[cfg(unix)]
#[path = "all/buildbot.rs"]
mod buildbot;
#[path = "all/call.rs"]
mod call;
#[path = "all/connection.rs"]
mod connection;
#[path = "all/crash.rs"]
mod crash;
#[path = "all/help.rs"]
mod help;
#[path = "all/ledger.rs"]
mod ledger;
#[path = "all/planted.rs"]
mod planted;
#[path = "all/process.rs"]
mod process;
#[path = "all/program.rs"]
mod program;
#[path = "all/simulate.rs"]
mod simulate;
#[path = "all/tour.rs"]
mod tour;
#[path = "all/yard.rs"]
mod yard;
