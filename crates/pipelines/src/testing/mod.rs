//! What every pipeline system is tested with: a server whose answers can be spoilt, the contract, and the
//! faults.

#[cfg(unix)]
pub mod buildbot;
pub mod codepipeline;
pub mod contract;
pub mod faults;
pub mod jenkins;
pub mod overhead;
pub mod runs;
pub mod server;
