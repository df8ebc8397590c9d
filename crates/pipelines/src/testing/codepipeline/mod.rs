//! An AWS CodePipeline on loopback: it checks every signature, keeps its state, and moves on a little with every
//! request.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it is a part of tests, which fail where it can't go on"
)]

pub mod fake;
pub mod line;
pub mod signature;
