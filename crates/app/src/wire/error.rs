//! The one shape in which anything that goes wrong crosses.

use super::{Reason, wire};

wire! {
    /// What happened, why, and what to do next.
    struct WireError {
        /// Stable, for programs.
        pub code: String,
        /// What happened, for a person.
        pub message: String,
        /// Every reason.
        pub reasons: Vec<Reason>,
        /// The next step.
        pub hint: String,
        /// Whether the same request may work later without a change.
        pub retryable: bool,
    }
}
