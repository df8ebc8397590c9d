//! The six steps that set up what a pipeline stands on.

use super::{gate, items, off_path};
use crate::process::{Gate, Stage};

/// What a step says when nothing verifies it.
const UNVERIFIED: &str = "Unverified: no command checks the result.";

/// What a step says when tests verify it.
const VERIFIED: &str = "Verified by tests of the infrastructure.";

/// Six steps beside the path, to be added to any process. The two that infrastructure tests verify name
/// that check; the others say that they are unverified.
pub fn support_infrastructure() -> Vec<Stage> {
    vec![
        step("support-local-environments", "Local environments", &[], &[]),
        step("support-network", "Network", &["infrastructure tests"], &[]),
        step("support-pipeline", "The deployment pipeline itself", &["infrastructure tests"], &[]),
        step(
            "support-tools",
            "Supporting systems",
            &[],
            &[
                ("monitoring", "Monitoring"),
                ("mail", "E-mail"),
                ("audit", "Auditing"),
                ("logging", "Logging"),
                ("version-control", "Version control"),
                ("access", "Access management"),
                ("governance", "Governance"),
                ("security", "Security and keys"),
                ("binaries", "A repository for binaries"),
            ],
        ),
        step("support-self-service", "Self-service deployment", &[], &[]),
        step("support-security", "System security", &[], &[]),
    ]
}

fn step(key: &str, name: &str, checks: &[&str], scope: &[(&str, &str)]) -> Stage {
    let note = if checks.is_empty() { UNVERIFIED } else { VERIFIED };
    Stage {
        gate: Gate { checklist: items(scope), ..gate(checks, None, &[]) },
        ..off_path(key, name, &[], &["operations"], note)
    }
}
