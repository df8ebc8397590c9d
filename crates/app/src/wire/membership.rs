//! The dry run of a rule that says which services belong to a product's releases.

use super::{ActState, MembershipRule, NearMiss, ServiceBrief, wire};

wire! {
    /// Asks what a membership rule would do; nothing is recorded.
    struct MembershipTry { pub product: String, pub rule: MembershipRule }

    /// What a membership rule would do.
    struct MembershipDry {
        pub members: Vec<ServiceBrief>,
        /// Services of the product that the rule leaves out.
        pub left_out: Vec<ServiceBrief>,
        /// Services that it leaves out and that look as if they were meant.
        pub near_misses: Vec<NearMiss>,
        /// Members whose stages or gates are not called like those of most others.
        pub breaches: Vec<NearMiss>,
        /// Listed names that no service has.
        pub missing: Vec<String>,
        pub set: ActState,
    }
}
