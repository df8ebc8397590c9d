//! `signalbox` as people and scripts meet it: real processes, real folders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is a failed test"
)]

#[path = "all/call.rs"]
mod call;
#[path = "all/connection.rs"]
mod connection;
#[path = "all/help.rs"]
mod help;
#[path = "all/ledger.rs"]
mod ledger;
#[path = "all/process.rs"]
mod process;
#[path = "all/program.rs"]
mod program;
#[path = "all/simulate.rs"]
mod simulate;
#[path = "all/tour.rs"]
mod tour;
