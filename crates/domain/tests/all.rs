//! The domain's rules, told as tests. Each name carries the id of the rule that it pins.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test needs and does not find is its failure")]

#[path = "all/bench.rs"]
mod bench;
#[path = "all/desk.rs"]
mod desk;
#[path = "all/gate.rs"]
mod gate;
#[path = "all/gated.rs"]
mod gated;
#[path = "all/gated_properties.rs"]
mod gated_properties;
#[path = "all/gated_release.rs"]
mod gated_release;
#[path = "all/kinds.rs"]
mod kinds;
#[path = "all/line.rs"]
mod line;
#[path = "all/membership.rs"]
mod membership;
#[path = "all/plan.rs"]
mod plan;
#[path = "all/process_check.rs"]
mod process_check;
#[path = "all/product_release.rs"]
mod product_release;
#[path = "all/product_test.rs"]
mod product_test;
#[path = "all/properties.rs"]
mod properties;
#[path = "all/simulate.rs"]
mod simulate;
#[path = "all/starters.rs"]
mod starters;
#[path = "all/trigger.rs"]
mod trigger;
#[path = "all/veto.rs"]
mod veto;
#[path = "all/whole.rs"]
mod whole;
