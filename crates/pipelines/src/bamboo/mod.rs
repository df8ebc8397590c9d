//! Bamboo: a deployment project is a pipeline, its environments are the stages, its releases the builds.
//!
//! The status of a release is a gate where an environment asks for an approval: it counts for every such
//! environment, each person has a status of their own, and approving starts nothing.

mod deploy;
mod session;
mod stages;
mod system;
mod wire;

use crate::http::FormField;

pub use session::Bamboo;

/// What a connection to a Bamboo asks for.
pub(crate) const FIELDS: [FormField; 3] = [
    FormField {
        name: "base",
        title: "Address",
        hint: "The root of Bamboo as in the browser, for example https://bamboo.example.org/.",
        required: true,
    },
    FormField {
        name: "account",
        title: "User",
        hint: "Only with a password. Leave it empty for a personal access token.",
        required: false,
    },
    FormField {
        name: "secret",
        title: "Personal access token",
        hint: "Made in the profile under Personal access tokens. Read is enough to watch; to deploy, the account needs Deploy on the environments, and to approve, the right to edit releases.",
        required: true,
    },
];
