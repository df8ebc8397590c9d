//! GitHub Actions with environments.
//!
//! A pipeline is a workflow file of a repository, a stage is an environment, a gate is the environment's review.
//! A build is a published release: its tag is what a workflow can be dispatched at, and what GitHub records with
//! every deployment, so that which build stands where is GitHub's own word and no guess. The operation goes as an
//! input and comes back in the run's name (`run-name`), by which a lost answer is found.
//!
//! Deliberately absent: deployment records made by hand (`POST /deployments`), since nothing would act on them,
//! and everything that needs a web hook.

mod act;
mod builds;
mod calls;
mod gates;
mod log;
mod names;
mod pipelines;
mod probe;
mod promotion;
mod runs;
mod scope;
mod stages;
mod system;
mod wire;

pub use scope::FIELDS;
pub use system::GitHubSystem;
