//! Jenkins: a job is a pipeline, a run's stages are its stages, an input step is a gate.
//!
//! A build is the version that a run was given, or else the run itself. A promotion starts a run with the
//! version, the stage and our operation key as parameters; the run and its queue item give the key back. A run
//! is named by its queue item, which is known from the answer on and which the run itself remembers.

mod gate;
mod history;
mod id;
mod promote;
mod run;
mod session;
mod system;
mod wire;

use crate::Inputs;
use crate::http::FormField;

pub use session::Jenkins;

/// What a connection to a Jenkins asks for.
pub(crate) const FIELDS: [FormField; 6] = [
    FormField {
        name: "base",
        title: "Address",
        hint: "The root of Jenkins as in the browser, for example https://ci.example.org/jenkins/.",
        required: true,
    },
    FormField {
        name: "account",
        title: "User",
        hint: "The user's id, as it stands in the address of the profile page. Best a user of its own with Overall/Read, Job/Read, Job/Build and Job/Cancel on the jobs that deploy.",
        required: true,
    },
    FormField {
        name: "secret",
        title: "API token",
        hint: "Made on the user's page under Security, API Token. A password works too, and is worth more to a thief.",
        required: true,
    },
    Inputs::FIELDS[0],
    Inputs::FIELDS[1],
    Inputs::FIELDS[2],
];
