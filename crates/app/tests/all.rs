//! The command list against real files, real processes and a real key folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "all/connections.rs"]
mod connections;
#[path = "all/deployments.rs"]
mod deployments;
#[path = "all/desk.rs"]
mod desk;
#[path = "all/first_start.rs"]
mod first_start;
#[path = "all/gated.rs"]
mod gated;
#[path = "all/history.rs"]
mod history;
#[path = "all/jenkins.rs"]
mod jenkins;
#[path = "all/product_release.rs"]
mod product_release;
#[path = "all/product_test.rs"]
mod product_test;
#[path = "all/quay.rs"]
mod quay;
#[path = "all/signing.rs"]
mod signing;
#[path = "all/staging.rs"]
mod staging;
#[path = "all/trackers.rs"]
mod trackers;
#[path = "all/yards.rs"]
mod yards;
