//! Tests of the Spinnaker adapter against a server that plays Gate.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "spinnaker/bench.rs"]
pub(crate) mod bench;
#[path = "spinnaker/gate.rs"]
mod gate;
#[path = "spinnaker/judgments.rs"]
mod judgments;
#[path = "spinnaker/manners.rs"]
mod manners;
#[path = "spinnaker/suites.rs"]
mod suites;
