//! The domain's rules, told as tests. Each name carries the id of the rule that it pins.

#[path = "all/bench.rs"]
mod bench;
#[path = "all/desk.rs"]
mod desk;
#[path = "all/process_check.rs"]
mod process_check;
#[path = "all/simulate.rs"]
mod simulate;
#[path = "all/starters.rs"]
mod starters;
