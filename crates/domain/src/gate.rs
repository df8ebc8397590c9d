//! Reads a gate: what is there, what is missing, who may still speak (P5, P6, N2).

use crate::answer::passage_blockers;
use crate::id::{BuildId, FeatureKey, PersonId, RoleKey, StageKey};
use crate::line::{Admitted, Build, CheckResult, ItemMark, ItemState, Phase, Visit};
use crate::person::role_name;
use crate::process::{Item, Stage};
use crate::refusal::Blocker;
use crate::release::Release;
use crate::rule::{Apart, Missing, Voice};
use crate::state::State;

/// Where a gate stands for one build at one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateStatus {
    /// What the build is doing in the stage.
    pub phase: Phase,
    /// The automated checks, with their latest result.
    pub checks: Vec<(String, Option<CheckResult>)>,
    /// The checklist, with the marks.
    pub items: Vec<(Item, Option<ItemMark>)>,
    /// Features that must be signed off, with the answer so far (none: not asked yet).
    pub features: Vec<(FeatureKey, Option<bool>)>,
    /// The rule as a sentence, where there is one.
    pub sentence: Option<String>,
    /// Approvals that the rule still wants.
    pub missing: Vec<Missing>,
    /// Why the build must not go on where the pipeline system would bring it once this gate is answered.
    pub ahead: Vec<Blocker>,
}

impl GateStatus {
    /// Says whether the verdict is *passed*.
    pub fn is_open(&self) -> bool {
        self.waits_for().is_empty() && self.missing.is_empty()
    }

    /// What has to happen before anyone can approve, as blockers.
    pub fn waits_for(&self) -> Vec<Blocker> {
        let mut waits = Vec::new();
        match self.phase {
            Phase::Undecided => {}
            Phase::Deploying => waits.push(Blocker::new(
                "gate.deploying",
                "The deployment is still running.",
                "Wait until it ends, or cancel it.",
            )),
            Phase::Unknown => waits.push(Blocker::new(
                "gate.outcome-unknown",
                "Nobody knows how the deployment ended.",
                "Look at the pipeline system and settle the outcome.",
            )),
            Phase::Stopped => waits.push(Blocker::new(
                "gate.failed",
                "The deployment or one of its checks failed.",
                "Retry it, reject the build, or release the stage.",
            )),
        }
        for (name, result) in &self.checks {
            match result {
                Some(result) if result.passed => {}
                Some(result) => waits.push(Blocker::new(
                    "gate.check-failed",
                    format!("The check “{name}” failed: {}.", result.summary.trim_end_matches('.')),
                    "Retry the deployment or reject the build.",
                )),
                None => waits.push(Blocker::new(
                    "gate.check-missing",
                    format!("The check “{name}” has no result."),
                    "Run it, or record its result by hand.",
                )),
            }
        }
        for (item, mark) in &self.items {
            if !mark.as_ref().is_some_and(|mark| mark.state != ItemState::Open) {
                waits.push(Blocker::new(
                    "gate.item-open",
                    format!("The checklist item “{}” is open.", item.text),
                    "Do it, or mark it not applicable with a reason.",
                ));
            }
        }
        for (feature, answer) in &self.features {
            let sentence = match answer {
                Some(true) => continue,
                Some(false) => format!("{feature} was not accepted in this build."),
                None => format!("{feature} is not signed off in this build."),
            };
            waits.push(Blocker::new(
                "gate.feature-open",
                sentence,
                "A business analyst looks at it and signs it off.",
            ));
        }
        waits.extend(self.ahead.iter().cloned());
        waits
    }
}

/// Reads the gate of a stage for a build.
pub fn gate_status(state: &State, build: &Build, stage: &Stage) -> GateStatus {
    let empty = Visit::default();
    let visit = build.visit(&stage.key).unwrap_or(&empty);
    let gate = &stage.gate;
    let features = if gate.features {
        let answer = |key| {
            state.features.get(key).and_then(|known| known.signed_off(&build.id)).map(|given| given.approved)
        };
        build.content.features.iter().map(|key| (key.clone(), answer(key))).collect()
    } else {
        Vec::new()
    };
    GateStatus {
        phase: visit.phase(),
        checks: gate
            .checks
            .iter()
            .map(|name| (name.clone(), visit.checks.iter().find(|check| check.name == *name).cloned()))
            .collect(),
        items: gate
            .checklist
            .iter()
            .map(|item| (item.clone(), visit.items.get(&item.key).cloned()))
            .collect(),
        features,
        sentence: gate.rule.as_ref().map(|rule| rule.sentence(&gate.apart)),
        missing: gate.rule.as_ref().map(|rule| rule.missing(&voices(visit))).unwrap_or_default(),
        ahead: passage_blockers(state, build, stage),
    }
}

/// The approvals that count, oldest first.
pub fn voices(visit: &Visit) -> Vec<Voice> {
    visit
        .valid_signoffs()
        .filter(|given| given.approved)
        .map(|given| Voice { person: given.person.clone(), role: given.role.clone() })
        .collect()
}

/// The roles in which the gate of a stage can be decided.
pub fn deciding_roles(stage: &Stage) -> Vec<RoleKey> {
    match &stage.gate.rule {
        Some(rule) => rule.roles(),
        None if stage.deployers.is_empty() => {
            vec!["release-manager".into(), "operations".into(), "tester".into()]
        }
        None => stage.deployers.clone(),
    }
}

/// Why this person may not speak on this gate; empty when they may.
pub fn person_blockers(
    state: &State,
    build: &Build,
    stage: &Stage,
    person: &PersonId,
    role: &RoleKey,
) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    let roles = deciding_roles(stage);
    let Some(who) = state.people.get(person) else {
        return vec![Blocker::new(
            "person.unknown",
            "The signer is not enrolled.",
            "An administrator enrols the person.",
        )];
    };
    if who.machine {
        blockers.push(Blocker::new("person.machine", "A machine does not decide.", "A person decides."));
    }
    if !who.holds(role) {
        blockers.push(Blocker::new(
            "person.role-not-held",
            format!("{} does not hold the role {}.", who.name, role_name(role)),
            "Sign in a role that you hold.",
        ));
    }
    if !roles.contains(role) {
        let names: Vec<String> = roles.iter().map(role_name).collect();
        blockers.push(Blocker::new(
            "gate.role-not-asked",
            format!("This gate asks for {}, not for {}.", names.join(" or "), role_name(role)),
            "Ask one of them to decide.",
        ));
    }
    blockers.extend(apart_blockers(state, build, stage, person));
    blockers
}

/// Why separation of duties keeps this person from the gate; empty when it does not.
pub fn apart_blockers(state: &State, build: &Build, stage: &Stage, person: &PersonId) -> Vec<Blocker> {
    let name = state.name_of(person);
    let mut blockers = Vec::new();
    for apart in &stage.gate.apart {
        let (clash, what) = match apart {
            Apart::Author => (build.author.as_ref() == Some(person), "wrote this build"),
            Apart::Requester => {
                (
                    build.content.features.iter().any(|key| {
                        state.features.get(key).is_some_and(|feature| feature.requester == *person)
                    }),
                    "asked for a feature in this build",
                )
            }
            Apart::Deployer => (
                build.visit(&stage.key).and_then(|visit| visit.admitted.as_ref()).is_some_and(|admission| {
                    matches!(admission.how, Admitted::Pressed | Admitted::Retried) && admission.by == *person
                }),
                "deployed this build here",
            ),
            Apart::OtherApprovers => (
                build.visits.iter().any(|(key, visit)| {
                    *key != stage.key
                        && visit.valid_signoffs().any(|given| given.approved && given.person == *person)
                }),
                "approved this build at an earlier stage",
            ),
        };
        if clash {
            blockers.push(Blocker::new(
                "gate.must-be-another",
                format!("{name} {what}; the approver must be another person."),
                "Ask someone else who holds the role.",
            ));
        }
    }
    blockers
}

/// The people who can still bring the gate forward.
pub fn who_can_decide(state: &State, build: &Build, stage: &Stage) -> Vec<PersonId> {
    let roles: Vec<RoleKey> = match &stage.gate.rule {
        Some(_) => {
            gate_status(state, build, stage).missing.into_iter().flat_map(|missing| missing.roles).collect()
        }
        None => deciding_roles(stage),
    };
    let spoke = |person: &PersonId| {
        build.visit(&stage.key).is_some_and(|visit| {
            visit.valid_signoffs().any(|given| given.approved && given.person == *person)
        })
    };
    state
        .people
        .values()
        .filter(|person| {
            !person.machine && person.can_sign() && person.holds_any(&roles) && !spoke(&person.id)
        })
        .filter(|person| apart_blockers(state, build, stage, &person.id).is_empty())
        .map(|person| person.id.clone())
        .collect()
}

/// Why a plan does not let its builds into a stage that needs a release (N2, N5); empty when it does.
pub fn plan_blockers(state: &State, release: &Release) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    let first = state.products.get(&release.product).is_some_and(|product| product.releases_finished == 0);
    for section in &release.sections {
        let title = Release::section_title(&section.key);
        let needs_text = section.key == crate::release::FIRST_DEPLOYMENT && first;
        if needs_text && section.text.trim().is_empty() {
            blockers.push(Blocker::new(
                "plan.first-deployment",
                format!("This is the product's first release and the section “{title}” is empty."),
                "Write the section; it can't be waived the first time.",
            ));
        } else if !section.is_settled() && (needs_text || section.key != crate::release::FIRST_DEPLOYMENT) {
            blockers.push(Blocker::new(
                "plan.section-empty",
                format!("The section “{title}” is empty."),
                "Write it, or waive it with a reason.",
            ));
        }
    }
    let strategy = state.strategies.get(&(release.product.clone(), release.strategy));
    if let Some(rule) = strategy.and_then(|strategy| strategy.content.go_rule.as_ref()) {
        let voices: Vec<Voice> = release
            .current_voices()
            .into_iter()
            .filter(|voice| voice.go)
            .map(|voice| Voice { person: voice.person.clone(), role: voice.role.clone() })
            .collect();
        for missing in rule.missing(&voices) {
            let roles: Vec<String> = missing.roles.iter().map(role_name).collect();
            blockers.push(Blocker::new(
                "plan.go-missing",
                format!("{} more “go” from {} is missing.", missing.n, roles.join(" or ")),
                "Ask them to sign go or no-go on the release.",
            ));
        }
    }
    blockers
}

/// The open release that carries a build, the newest first.
pub fn release_of<'a>(state: &'a State, build: &BuildId) -> Option<&'a Release> {
    state
        .releases
        .values()
        .filter(|release| release.finished.is_none() && release.carries(build))
        .max_by_key(|release| release.at)
}

/// Why the product's strategy keeps a build out of a stage that needs a release; empty when it does not.
pub fn release_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    if !stage.needs_release {
        return Vec::new();
    }
    match release_of(state, &build.id) {
        Some(release) => plan_blockers(state, release),
        None => vec![Blocker::new(
            "plan.no-release",
            format!(
                "{} enters only with a release, and no open release carries {}.",
                stage.name, build.content.label
            ),
            "Plan a release and choose this build for it.",
        )],
    }
}

/// Says whether a build has passed what a stage demands before it (P1).
pub fn is_ready(build: &Build, stage: &Stage) -> bool {
    use crate::process::Require;
    let before = &stage.predecessors;
    match before.require {
        _ if before.stages.is_empty() => true,
        Require::All => before.stages.iter().all(|key| build.passed(key)),
        Require::Any => before.stages.iter().any(|key| build.passed(key)),
    }
}

/// Why a build is not ready for a stage, as a whole sentence about it; none when it is (L9).
pub(crate) fn not_ready_sentence(state: &State, build: &Build, stage: &Stage) -> Option<String> {
    let why = why_not_ready(state, build, stage)?;
    let is = if why.starts_with("waiting") { "is " } else { "" };
    Some(format!("{} is not ready for {}: it {is}{why}.", build.content.label, stage.name))
}

/// Why a build is not ready for a stage, in words that can stand alone; none when it is (L9).
pub fn why_not_ready(state: &State, build: &Build, stage: &Stage) -> Option<String> {
    use crate::line::Standing;
    let name = |key: &StageKey| {
        state.stage_of(build, key).map_or_else(|| key.to_string(), |stage| stage.name.clone())
    };
    if build.vetoed.is_some() {
        return Some("was vetoed".into());
    }
    match build.standings.get(&stage.key) {
        Some(Standing::InStage { .. }) => return Some("is in the stage".into()),
        Some(Standing::Waiting { .. }) => return Some("waits to be admitted".into()),
        Some(Standing::Passed { .. }) => return Some("has passed here".into()),
        Some(Standing::Rejected { .. }) => return Some("was rejected here".into()),
        Some(Standing::Failed { .. }) => return Some("failed here".into()),
        Some(Standing::Superseded { .. }) => return Some("was superseded here".into()),
        Some(Standing::Ended { rejected_in, .. }) => {
            return Some(format!("was rejected in {}", name(rejected_in)));
        }
        None => {}
    }
    if let Some(rejected) = build.rejected_at() {
        return Some(format!("was rejected in {}", name(rejected)));
    }
    if is_ready(build, stage) {
        return None;
    }
    let open: Vec<String> =
        stage.predecessors.stages.iter().filter(|key| !build.passed(key)).map(name).collect();
    Some(format!("waiting for {}", open.join(" and ")))
}
