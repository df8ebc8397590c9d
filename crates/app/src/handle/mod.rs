//! The handlers of the command list: one method a command, grouped like the screens.

mod binding;
mod connection;
mod desk;
mod feature;
mod issue;
mod ledger;
mod line;
mod mapping;
mod membership;
mod packet;
mod preview;
mod product_release;
mod product_test;
mod release;
mod remote;
mod settings;
mod strategy;
mod tracker;

pub(crate) use desk::small;
pub(crate) use ledger::filter_from;
pub(crate) use tracker::Remembered;
