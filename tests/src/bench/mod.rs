//! What the measurements of the core are made of: a long history, and the stop-watch.
//!
//! The history is not faked: every act in it was decided by the rules and every entry is signed by a key that is
//! enrolled in it, so that it verifies without a finding.

mod dice;
mod ground;
mod measure;
mod scribe;
mod story;

pub use ground::{Ground, PASSPHRASE, call};
pub use measure::{Measure, median, timed};
pub use scribe::{Scribe, Sitting};
pub use story::{SERVICES, Story};
