//! Features as their tracker knows them.

use super::{Reason, wire};

wire! {
    /// Asks for the versions of a project at a tracker.
    struct TrackerVersions { pub connection: String, pub project: String }

    /// The versions of a project.
    struct TrackerVersionList { pub versions: Vec<TrackerVersionView>, pub more: bool }

    /// A version at the tracker.
    struct TrackerVersionView { pub id: String, pub name: String, pub released: bool, pub unresolved: Option<u32> }

    /// Asks which features are planned for a version.
    struct TrackerLook { pub connection: String, pub project: String, pub version: String }

    /// The features of a version.
    struct TrackerFeatures { pub features: Vec<TrackerFeatureView>, pub more: bool }

    /// A feature at the tracker.
    struct TrackerFeatureView {
        pub key: String,
        pub title: String,
        pub status: String,
        /// Whether the tracker counts the status as done.
        pub done: bool,
        pub versions: Vec<String>,
        pub link: String,
        /// Whether Signalbox tracks it already.
        pub known: bool,
    }

    /// Takes features over from a tracker; a dry run records nothing.
    struct TrackerImport { pub connection: String, pub product: String, pub keys: Vec<String>, #[serde(default)] pub dry_run: bool }

    /// What became, or would become, of each feature.
    struct TrackerOutcomes { pub rows: Vec<TrackerOutcome> }

    /// What became, or would become, of one feature.
    struct TrackerOutcome { pub key: String, pub title: String, pub course: TrackerCourse, pub said: String, pub reasons: Vec<Reason> }

    /// What becomes of a feature of a tracker.
    #[derive(Copy)]
    enum TrackerCourse { Taken, Known, Absent, Refused }

    /// Asks for a feature's state at its tracker.
    struct FeatureTracked { pub feature: String }

    /// A feature's state at its tracker; read only.
    struct TrackedView {
        /// None where no tracker knows it, or none is connected.
        pub tracked: Option<TrackerFeatureView>,
        /// The tracker's name here.
        pub tracker: String,
        /// When it was asked.
        pub asked: Option<String>,
        /// Why it is not known, where a tracker did not answer.
        pub problem: Option<Reason>,
    }
}
