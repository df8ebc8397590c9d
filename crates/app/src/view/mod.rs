//! What screens are shown: pure functions from the domain's state to the wire.
//!
//! Owns words, order and grouping. Deliberately absent: rules (whether an act is possible is asked of the domain
//! by trying it, see `trial`), storage, clocks, ages (instants cross, screens tick them).

pub mod binding;
mod build;
pub mod capability;
pub mod common;
pub mod connection;
pub mod feature;
mod gate;
pub mod gated;
pub mod inbox;
pub mod issue;
pub mod line;
pub mod mapping;
mod me;
pub mod membership;
pub mod packet;
pub mod people;
pub mod place;
mod plan;
pub mod product_release;
pub mod release;
pub mod say;
mod section;
pub mod strategy;
mod trial;
pub mod trigger;
mod whereabouts;
mod words;

#[cfg(test)]
mod fixture;

pub use me::Me;
