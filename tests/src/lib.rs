//! What the scenario tests, the end-to-end tests and the measurements share.
//!
//! Deliberately absent: tests. They live in `e2e/` and in the test binaries beside it.

pub mod bench;
pub mod desktop;
