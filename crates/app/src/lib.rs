//! Use cases: the one command list over the ledger, the rules and the pipeline systems.
//!
//! Hosts (desktop, command line, tests) open a [`Desk`] and call commands by name. Absent: anything of a
//! particular host: windows, terminals, environment variables, the clock.

mod act;
mod address;
mod answer;
mod arrive;
pub mod bindings;
pub mod commands;
mod connection_secret;
mod deploy;
mod desk;
pub mod dry_run;
mod errand;
mod error;
mod export;
mod handle;
mod kind;
mod outbox;
mod poller;
mod product_test;
mod register;
mod rehearse;
pub mod sample;
mod secrets;
mod systems;
mod trigger;
mod verify;
mod view;
mod watch;
pub mod wire;

pub use desk::{Config, Desk};
pub use signalbox_domain::moment::Moment;
