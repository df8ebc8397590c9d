//! The six-phase process: one phase after the other, with 24 checklist items.

use super::{gate, items, on_path, roles};
use crate::feature::FeatureState;
use crate::process::{Entry, Gate, Process, Stage};
use crate::rule::{Apart, Rule};

pub(super) fn process() -> Process {
    let stages = vec![
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("syntax", "The syntax of every changed file is checked"),
                    ("metrics", "The code's metrics are measured and within the agreed limits"),
                    ("compile", "Everything that has to be compiled compiles"),
                    ("auto-merge", "Development branches, where there are any, merged by themselves"),
                    ("unit-tests", "The unit tests pass"),
                ]),
                ..gate(&[], Some(Rule::one_of(&["developer", "tester"])), &[Apart::Author])
            },
            ..on_path("commit", "Commit", Entry::Automatic, &[])
        },
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("integration", "The parts work together: integration tests pass"),
                    ("stubs", "Outside endpoints and data are stubbed or mocked, and up to date"),
                    ("behaviour", "The behaviour-driven tests pass"),
                    ("components", "Each component passes its own tests"),
                    ("stories", "Each story passes its tests"),
                    ("features", "Each feature passes its tests"),
                ]),
                ..gate(&[], Some(Rule::of(1, "tester")), &[Apart::Author])
            },
            ..on_path(
                "automated-acceptance-testing",
                "Automated acceptance testing",
                Entry::Automatic,
                &["commit"],
            )
        },
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("usability", "People can use it: usability is tested"),
                    ("visual", "It looks right: the screens are tested by eye"),
                ]),
                ..gate(&[], Some(Rule::one_of(&["tester", "business-analyst"])), &[Apart::Author])
            },
            ..on_path(
                "exploratory-testing",
                "Exploratory testing",
                Entry::Automatic,
                &["automated-acceptance-testing"],
            )
        },
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("showcase", "The work was shown to those who asked for it"),
                    ("client-test", "The client or customer tested each feature"),
                ]),
                features: true,
                ..gate(&[], Some(Rule::of(1, "business-analyst")), &[Apart::Author])
            },
            deployers: roles(&["tester", "business-analyst"]),
            ..on_path(
                "user-acceptance-testing",
                "User acceptance testing",
                Entry::Press,
                &["exploratory-testing"],
            )
        },
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("smoke", "Smoke tests pass"),
                    ("performance", "Response times are measured and good enough"),
                    ("capacity", "It carries the load that is planned for"),
                    ("network", "Network paths, ports and names are tested"),
                    ("post-deployment", "Tests that follow the deployment pass"),
                ]),
                ..gate(&[], Some(Rule::of(1, "operations")), &[Apart::Author])
            },
            marks: Some(FeatureState::InStaging),
            ..on_path(
                "staging-and-pre-production",
                "Staging and pre-production",
                Entry::Automatic,
                &["user-acceptance-testing"],
            )
        },
        Stage {
            gate: Gate {
                checklist: items(&[
                    ("post-deployment", "Tests that follow the deployment pass in production"),
                    ("live-transactions", "Test transactions run against the live product, and keep running"),
                    ("roll-back", "Going back and deploying again works"),
                    ("smoke", "Smoke tests pass in production"),
                ]),
                ..gate(&[], Some(Rule::one_of(&["operations", "release-manager"])), &[Apart::Deployer])
            },
            deployers: roles(&["release-manager", "operations"]),
            needs_release: true,
            marks: Some(FeatureState::InProduction),
            ..on_path("production", "Production", Entry::Press, &["staging-and-pre-production"])
        },
    ];
    Process { stages }
}
