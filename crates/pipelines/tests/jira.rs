//! Jira Cloud and Jira Data Center, played by a server on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "jira/fake.rs"]
mod fake;
#[path = "jira/reading.rs"]
mod reading;
