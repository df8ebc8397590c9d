//! What crosses to the screens, the command line and scripts: requests, answers, errors.
//!
//! Nothing of the domain crosses as it is; every value here is a mirror made for its reader. Ids and
//! instants are text (instants RFC 3339 in UTC, to the millisecond).

mod binding;
mod common;
mod connection;
mod desk;
mod error;
mod feature;
mod inbox;
mod issue;
mod ledger;
mod line;
mod membership;
mod packet;
mod product_release;
mod product_test;
mod release;
mod secret;
mod settings;
mod strategy;
mod tracker;

pub use binding::*;
pub use common::*;
pub use connection::*;
pub use desk::*;
pub use error::*;
pub use feature::*;
pub use inbox::*;
pub use issue::*;
pub use ledger::*;
pub use line::*;
pub use membership::*;
pub use packet::*;
pub use product_release::*;
pub use product_test::*;
pub use release::*;
pub use secret::*;
pub use settings::*;
pub use strategy::*;
pub use tracker::*;

/// Declares wire types: plain data that is serialised in both directions and generated as TypeScript.
macro_rules! wire {
    ($($(#[$meta:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "a field says what it holds by its name; units are in the name or text")]
        pub $kind $name $body
    )*};
}
pub(crate) use wire;
