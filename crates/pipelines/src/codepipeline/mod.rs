//! AWS CodePipeline, by the official SDK over [`crate::http::Http`].
//!
//! A build is an execution; its commit is the revision of its source. A stage is a stage, a gate a manual approval
//! action. The SDK builds, signs and reads; everything else (turns, limits, pinning, sending once, what an answer
//! means) is ours, because [`wire`] carries what it sends.

mod act;
mod api;
mod build;
mod credential;
mod gate;
mod history;
mod id;
mod plan;
mod promote;
mod run;
mod shape;
mod snapshot;
mod start;
mod system;
mod wire;

pub(crate) use api::FIELDS;
pub use system::CodePipeline;
