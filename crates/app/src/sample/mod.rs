//! The sample product: Harbour, with two services, a local pipeline, five people and a little history.
//!
//! Nothing in it is faked: its artifacts are files, its deployments run, its smoke tests test, and its
//! history is played through the same commands as everybody's.

mod files;
mod harbour;
mod planning;
mod player;
mod plays;
mod story;

pub(crate) use files::lay_out;
pub use files::{Delivery, deliver};
pub use harbour::{PEOPLE, SamplePerson, process, strategy};
pub use player::{Player, Said, Sign};
pub use plays::Proof;
