//! Folds one fact into the state. Never refuses and never decides: what is recorded, happened.

mod desk;
mod gated;
mod line;
mod log;
mod product_release;
mod release;

use crate::fact::{Fact, Meta};
use crate::state::State;

impl State {
    /// Folds a fact into the state.
    pub fn apply(&mut self, meta: &Meta, fact: &Fact) {
        let known = self.apply_desk(meta, fact)
            || self.apply_line(meta, fact)
            || self.apply_gated(meta, fact)
            || self.apply_release(meta, fact)
            || self.apply_product_release(meta, fact);
        if !known {
            self.apply_log(meta, fact);
        }
    }
}
