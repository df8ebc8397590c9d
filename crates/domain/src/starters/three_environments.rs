//! DEV, QA, PROD: each approved build moves on by itself.

use super::{gate, on_path};
use crate::feature::FeatureState;
use crate::process::{Entry, Process, Stage};
use crate::rule::{Apart, Rule};

pub(super) fn process() -> Process {
    let stages = vec![
        Stage {
            gate: gate(&[], Some(Rule::one_of(&["developer", "tester"])), &[Apart::Author]),
            ..on_path("DEV", "DEV", Entry::Automatic, &[])
        },
        Stage {
            gate: gate(&[], Some(Rule::of(1, "tester")), &[Apart::Author]),
            marks: Some(FeatureState::InStaging),
            ..on_path("QA", "QA", Entry::Automatic, &["DEV"])
        },
        Stage {
            marks: Some(FeatureState::InProduction),
            note: "What QA approves goes live at once.".to_owned(),
            ..on_path("PROD", "PROD", Entry::Automatic, &["QA"])
        },
    ];
    Process { stages }
}
