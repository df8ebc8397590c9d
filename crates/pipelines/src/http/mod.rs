//! The one way in which a remote system is spoken to.
//!
//! [`Http`] belongs to one connection. Its origin is pinned, redirects are off, every call has one total
//! time-out and a cap on decoded bytes, and nothing that it hands out holds the credential. Reads may be
//! repeated; [`Http::send`] sends once, whatever happens. All connections to one host share its [`Hosts`]
//! entry, which keeps to the host's published manners.

mod address;
mod answer;
mod client;
mod host;
mod redact;

pub use address::{Address, FormField, Proxy, leads_to_loopback};
pub(crate) use answer::shortened;
pub use answer::{Answer, problem_of, retry_at};
pub use client::{Auth, Call, Dialect, Http};
pub(crate) use client::{builder_for, chain};
pub use host::{Hosts, Manners, in_background};
