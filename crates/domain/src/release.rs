//! Releases and their plans: ten sections, steps, go or no-go.

use crate::id::{BuildId, EntryId, PersonId, ProductId, ReleaseId, RoleKey, ServiceId, StepId};
use crate::moment::Moment;
use crate::product_release::ReleaseDecision;
use serde::{Deserialize, Serialize};

/// The ten sections of a release plan: key and title, in order.
pub const SECTIONS: [(&str, &str); 10] = [
    ("first-deployment", "First deployment"),
    ("smoke-tests", "Smoke tests of the application and the services it uses"),
    ("back-out", "Back-out"),
    ("back-up-restore", "Back-up and restore of state"),
    ("upgrade", "Upgrade without losing state"),
    ("restart", "Restart or redeploy after a failure"),
    ("logs", "Logs: where they are and what they hold"),
    ("monitoring", "Monitoring"),
    ("data-migrations", "Data migrations"),
    ("issue-log", "Issue log of earlier deployments"),
];

/// The section that only a product's first production release must have (N2).
pub const FIRST_DEPLOYMENT: &str = "first-deployment";

/// The section that is filled from the issue log (N7).
pub const ISSUE_LOG: &str = "issue-log";

/// Sections that show when they were last rehearsed (N4).
pub const REHEARSED: [&str; 3] = ["back-out", "back-up-restore", "restart"];

/// A chosen set of builds that goes out together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The id.
    pub id: ReleaseId,
    /// The product.
    pub product: ProductId,
    /// The name, for example `Harbour 2.8`.
    pub name: String,
    /// The strategy version the plan was made under (P8).
    pub strategy: u32,
    /// Who is responsible.
    pub owner: PersonId,
    /// When it was created.
    pub at: Moment,
    /// When it is meant to go out.
    pub planned: Option<Moment>,
    /// One build a service.
    pub builds: Vec<Chosen>,
    /// The ten sections, in order.
    pub sections: Vec<Section>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Every go or no-go; the latest of a person counts, unless the set of builds changed after it.
    pub voices: Vec<GoVoice>,
    /// Decisions to send the builds on, one a stage, oldest first; the first one froze the builds (R5).
    pub decisions: Vec<ReleaseDecision>,
    /// When it was finished; a finished plan is read-only.
    pub finished: Option<Moment>,
    /// The verdict on the whole, at the end.
    pub outcome: String,
}

/// The build of one service that goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The service.
    pub service: ServiceId,
    /// The build.
    pub build: BuildId,
}

/// One of the ten sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// One of [`SECTIONS`].
    pub key: String,
    /// What the plan says; empty until written.
    pub text: String,
    /// Signed away, with the reason.
    pub waived: Option<Waiver>,
    /// The last rehearsal, for the sections that have one.
    pub rehearsal: Option<Rehearsal>,
    /// Who wrote it last, and when.
    pub written: Option<(PersonId, Moment)>,
}

/// A section that the plan goes without, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Who signed.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// When a section's procedure was last tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// When.
    pub at: Moment,
    /// Whether it worked.
    pub passed: bool,
    /// What was seen.
    pub note: String,
}

/// One step of the plan (N3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The id.
    pub id: StepId,
    /// What is to be done.
    pub title: String,
    /// The heading it stands under.
    pub phase: String,
    /// Who does it.
    pub owner: Option<PersonId>,
    /// When it is meant to start.
    pub planned: Option<Moment>,
    /// Expected minutes.
    pub minutes: u32,
    /// Steps that must be done (or not applicable) before.
    pub after: Vec<StepId>,
    /// True when a machine does it.
    pub automated: bool,
    /// Where it stands.
    pub state: StepState,
    /// A link that shows it was done.
    pub evidence: String,
    /// Why it is blocked or not applicable.
    pub reason: String,
    /// Who moved it last, and when.
    pub moved: Option<(PersonId, Moment)>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not begun.
    Open,
    /// Someone is at it.
    Doing,
    /// It can't go on (reason).
    Blocked,
    /// Done.
    Done,
    /// Not needed this time (reason).
    NotApplicable,
}

/// One person's signed go or no-go (N5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoVoice {
    /// The entry.
    pub id: EntryId,
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: RoleKey,
    /// True for go.
    pub go: bool,
    /// Why.
    pub comment: String,
    /// When.
    pub at: Moment,
    /// False once the set of builds changed after it.
    pub current: bool,
}

impl Section {
    /// Says whether the section is written or signed away.
    pub fn is_settled(&self) -> bool {
        !self.text.trim().is_empty() || self.waived.is_some()
    }
}

impl Step {
    /// Says whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        matches!(self.state, StepState::Done | StepState::NotApplicable)
    }
}

impl Release {
    /// The title of a section.
    pub fn section_title(key: &str) -> &str {
        SECTIONS.iter().find(|(known, _)| *known == key).map_or(key, |(_, title)| title)
    }

    /// The current go and no-go, latest word of each person.
    pub fn current_voices(&self) -> Vec<&GoVoice> {
        let mut latest: Vec<&GoVoice> = Vec::new();
        for voice in self.voices.iter().filter(|voice| voice.current) {
            latest.retain(|earlier| earlier.person != voice.person);
            latest.push(voice);
        }
        latest
    }

    /// Says whether the release carries the build.
    pub fn carries(&self, build: &BuildId) -> bool {
        self.builds.iter().any(|chosen| chosen.build == *build)
    }
}

/// How two releases differ in one service (R5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// Both carry this build.
    Same {
        /// The build.
        build: BuildId,
    },
    /// They carry different builds.
    Changed {
        /// The build here.
        from: BuildId,
        /// The build there.
        to: BuildId,
    },
    /// Only this release carries the service.
    OnlyHere {
        /// The build.
        build: BuildId,
    },
    /// Only the other release carries the service.
    OnlyThere {
        /// The build.
        build: BuildId,
    },
}

/// Compares the builds of two releases, service by service: first those of the one, then what only the other has.
pub fn compare(here: &Release, there: &Release) -> Vec<(ServiceId, Difference)> {
    let find = |release: &Release, service: &ServiceId| {
        let chosen = release.builds.iter().find(|chosen| chosen.service == *service);
        chosen.map(|chosen| chosen.build.clone())
    };
    let mut differences = Vec::new();
    for Chosen { service, build } in &here.builds {
        let difference = match find(there, service) {
            Some(other) if other == *build => Difference::Same { build: other },
            Some(to) => Difference::Changed { from: build.clone(), to },
            None => Difference::OnlyHere { build: build.clone() },
        };
        differences.push((service.clone(), difference));
    }
    for Chosen { service, build } in &there.builds {
        if find(here, service).is_none() {
            differences.push((service.clone(), Difference::OnlyThere { build: build.clone() }));
        }
    }
    differences
}
