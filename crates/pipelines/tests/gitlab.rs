//! GitLab, played by a server on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "gitlab/approvals.rs"]
mod approvals;
#[path = "gitlab/bench.rs"]
pub(crate) mod bench;
#[path = "gitlab/fake.rs"]
mod fake;
#[path = "gitlab/promotions.rs"]
mod promotions;
#[path = "gitlab/reading.rs"]
mod reading;
