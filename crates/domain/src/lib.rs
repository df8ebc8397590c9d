//! The rules of release decisions, as pure functions over plain values.
//!
//! Owns the vocabulary, the facts that may enter the ledger, the state they fold into, and the rules that
//! decide which facts an act may add. Deliberately absent: any input or output, clock, randomness,
//! environment, and the wire types of screens. Times and ids arrive as arguments; a refusal is the only
//! way to fail and holds *all* its reasons.

pub mod answer;
pub mod apply;
pub mod change;
pub mod decide;
pub mod fact;
pub mod feature;
pub mod gate;
pub mod id;
pub mod issue;
pub mod line;
pub mod membership;
pub mod moment;
pub mod packet;
pub mod person;
pub mod process;
pub mod process_check;
pub mod product;
pub mod product_release;
pub mod product_test;
pub mod prospect;
pub mod refusal;
pub mod release;
pub mod release_sheet;
pub mod rule;
pub mod sheet;
pub mod simulate;
pub mod starters;
pub mod state;
pub mod strategy;
pub mod trigger;
