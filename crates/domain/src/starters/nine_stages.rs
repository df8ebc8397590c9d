//! The nine-stage process: a cloud pipeline with fan-out, fan-in and a press to production.

use super::{gate, off_path, on_path, roles};
use crate::feature::FeatureState;
use crate::process::{Entry, Process, Stage};
use crate::rule::{Apart, Rule};

pub(super) fn process() -> Process {
    let stages = vec![
        off_path(
            "0-support-infrastructure",
            "Support infrastructure",
            &[],
            &["operations"],
            "What the pipeline itself stands on; set up once and looked after ever since.",
        ),
        off_path(
            "1-baking",
            "Baking",
            &[],
            &["operations"],
            "Makes machine images. Run when the infrastructure or its configuration changes.",
        ),
        Stage {
            gate: gate(&["build", "unit tests", "static analysis", "distribution stored"], None, &[]),
            note: "Run when the application, its configuration or the data changes.".to_owned(),
            ..on_path("2-commit", "Commit", Entry::Automatic, &[])
        },
        Stage {
            gate: gate(&["acceptance tests"], None, &[]),
            ..on_path("3-acceptance", "Acceptance", Entry::Automatic, &["2-commit"])
        },
        off_path(
            "4-self-service",
            "Self-service",
            &["3-acceptance"],
            &["developer", "tester", "business-analyst", "operations"],
            "Anyone in the team puts an accepted build into an environment of their own.",
        ),
        Stage {
            gate: gate(&[], Some(Rule::one_of(&["tester", "business-analyst"])), &[Apart::Author]),
            deployers: roles(&["tester", "business-analyst"]),
            note: "A person deploys the build, looks around in it, and approves or rejects it.".to_owned(),
            ..on_path("5-exploratory", "Exploratory", Entry::Press, &["3-acceptance"])
        },
        Stage {
            gate: gate(&["expected load", "peak load"], None, &[]),
            ..on_path("6-capacity", "Capacity", Entry::Automatic, &["3-acceptance"])
        },
        Stage {
            marks: Some(FeatureState::InStaging),
            note: "As large as production. A build that passes is available for production; nothing is \
                   deployed there yet."
                .to_owned(),
            ..on_path(
                "7-pre-production",
                "Pre-production",
                Entry::Automatic,
                &["5-exploratory", "6-capacity"],
            )
        },
        Stage {
            deployers: roles(&["release-manager", "business-analyst"]),
            needs_release: true,
            marks: Some(FeatureState::InProduction),
            note: "A person presses, once the release that carries the build is agreed.".to_owned(),
            ..on_path("8-production", "Production", Entry::Press, &["7-pre-production"])
        },
    ];
    Process { stages }
}
