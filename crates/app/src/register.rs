//! What the verifier must know of the facts: who may sign, and which rules a history must keep.

use serde::{Deserialize, Serialize};
use signalbox_domain::fact::{Fact, Meta};
use signalbox_domain::gate::{apart_blockers, gate_status};
use signalbox_domain::line::{Admitted, DeploymentKind};
use signalbox_domain::moment::Moment;
use signalbox_domain::person::MACHINE_ROLE;
use signalbox_domain::state::State;
use signalbox_ledger::{Claim, Denial, Header, Register, Replay, Violation};
use std::collections::BTreeMap;

/// Reads a fact out of stored bytes.
pub(crate) fn read_fact(kind: &str, payload: Option<&[u8]>) -> Option<Fact> {
    let value = serde_json::from_slice(payload?).ok()?;
    Fact::read(kind, value).ok()
}

/// What is recorded beside a fact.
pub(crate) fn meta_of(header: &Header) -> Meta {
    Meta { id: header.id.as_str().into(), at: Moment::new(header.at), author: header.author.as_str().into() }
}

/// The keys and roles in force, as the entries so far say.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Enrolled {
    keys: BTreeMap<String, KeyHolder>,
    roles: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeyHolder {
    person: String,
    revoked: bool,
}

impl Enrolled {
    fn enrol(&mut self, fact: &Fact) {
        match fact {
            Fact::PersonEnrolled { person, roles, fingerprint, .. } => {
                let holder = KeyHolder { person: person.to_string(), revoked: false };
                self.keys.insert(fingerprint.clone(), holder);
                self.roles.insert(person.to_string(), roles.iter().map(ToString::to_string).collect());
            }
            Fact::RolesSet { person, roles, .. } => {
                self.roles.insert(person.to_string(), roles.iter().map(ToString::to_string).collect());
            }
            Fact::KeyEnrolled { person, fingerprint, .. } => {
                let holder = KeyHolder { person: person.to_string(), revoked: false };
                self.keys.insert(fingerprint.clone(), holder);
            }
            Fact::KeyRevoked { fingerprint, .. } => {
                if let Some(holder) = self.keys.get_mut(fingerprint) {
                    holder.revoked = true;
                }
            }
            _ => {}
        }
    }
}

impl Register for Enrolled {
    fn may_sign(&self, claim: &Claim<'_>) -> Result<(), Denial> {
        // The entries of the opening act come before the enrolment of those who sign them; the replay checks
        // that the very next entries enrol exactly that key.
        if self.keys.is_empty() && claim.index < 2 {
            return Ok(());
        }
        let holder = self.keys.get(claim.key).ok_or(Denial::KeyUnknown)?;
        if holder.revoked {
            return Err(Denial::KeyRevoked);
        }
        if holder.person != claim.author {
            return Err(Denial::KeyOfAnother);
        }
        let held =
            self.roles.get(claim.author).is_some_and(|roles| roles.iter().any(|role| role == claim.role));
        if held { Ok(()) } else { Err(Denial::RoleNotHeld) }
    }

    fn apply(&mut self, _index: u64, header: &Header, payload: Option<&[u8]>) {
        // Reading the facts that say nothing here would double the work of a verification.
        if !self.needs_payload(&header.kind) {
            return;
        }
        if let Some(fact) = read_fact(&header.kind, payload) {
            self.enrol(&fact);
        }
    }

    fn knows(&self, kind: &str) -> bool {
        signalbox_domain::fact::KINDS.contains(&kind)
    }

    fn needs_payload(&self, kind: &str) -> bool {
        matches!(kind, "person-enrolled.v1" | "roles-set.v1" | "key-enrolled.v1" | "key-revoked.v1")
    }
}

/// Folds the history and says where it breaks the rules it was made under.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    state: State,
    /// The key and author of the first entry, which the second one must enrol.
    founder: Option<(String, String)>,
}

impl Replay for Rules {
    fn entry(&mut self, index: u64, header: &Header, payload: Option<&[u8]>) -> Vec<Violation> {
        let Some(fact) = read_fact(&header.kind, payload) else { return Vec::new() };
        let mut found = Vec::new();
        let mut add = |rule: &str, reason: String| {
            found.push(Violation { index: Some(index), rule: rule.to_owned(), reason });
        };
        self.check_opening(index, header, &fact, &mut add);
        self.check_verdicts(header, &fact, &mut add);
        self.state.apply(&meta_of(header), &fact);
        found
    }
}

impl Rules {
    /// The first entry opens the ledger, the second enrols its signer; nothing else may come unenrolled.
    fn check_opening(
        &mut self,
        index: u64,
        header: &Header,
        fact: &Fact,
        add: &mut impl FnMut(&str, String),
    ) {
        match (index, fact) {
            (0, Fact::LedgerOpened { .. }) => {
                self.founder = Some((header.key.clone(), header.author.clone()))
            }
            (0, _) => add("S7", "The first entry does not open a ledger.".to_owned()),
            (1, Fact::PersonEnrolled { fingerprint, person, .. }) => {
                let same = self.founder.as_ref().is_some_and(|(key, author)| {
                    key == fingerprint && author == person.as_str() && *key == header.key
                });
                if !same {
                    add("S7", "The second entry does not enrol the key that opened the ledger.".to_owned());
                }
            }
            (1, _) => {
                add("S7", "The second entry does not enrol the person who opened the ledger.".to_owned())
            }
            (_, Fact::LedgerOpened { .. }) => add("S7", "The ledger is opened a second time.".to_owned()),
            _ => {}
        }
    }

    fn check_verdicts(&self, header: &Header, fact: &Fact, add: &mut impl FnMut(&str, String)) {
        match fact {
            Fact::BuildPassed { build, stage, .. } => {
                let Some(value) = self.state.builds.get(build) else {
                    return add("L3", format!("A build passed {stage} that never arrived."));
                };
                let Some(step) = self.state.stage_of(value, stage) else {
                    return add(
                        "L3",
                        format!("{} passed {stage}, which its process does not have.", value.content.label),
                    );
                };
                if !value.is_in(stage) {
                    add("L3", format!("{} passed {} without being in it.", value.content.label, step.name));
                }
                let status = gate_status(&self.state, value, step);
                for blocker in status.waits_for() {
                    add(
                        "P5",
                        format!(
                            "{} passed {} although: {}",
                            value.content.label, step.name, blocker.sentence
                        ),
                    );
                }
                if !status.missing.is_empty() {
                    add(
                        "P6",
                        format!(
                            "{} passed {} without the approvals that its rule wants.",
                            value.content.label, step.name
                        ),
                    );
                }
            }
            Fact::GateSigned { build, stage, approved: true, .. } => {
                let Some(value) = self.state.builds.get(build) else { return };
                let Some(step) = self.state.stage_of(value, stage) else { return };
                let author = header.author.as_str().into();
                for blocker in apart_blockers(&self.state, value, step, &author) {
                    add("P6", blocker.sentence);
                }
            }
            Fact::BuildAdmitted { how: Admitted::Observed, .. }
            | Fact::DeploymentObserved { .. }
            | Fact::ChangeUnexplained { .. }
            | Fact::BuildQueued { .. }
            | Fact::BuildSuperseded { .. }
            | Fact::BuildEnded { .. }
            | Fact::SignoffStaled { .. }
                if header.role != MACHINE_ROLE =>
            {
                add("S7", "A person wrote what only a machine sees or the rules bring about.".to_owned());
            }
            Fact::BuildAdmitted { build, service, stage, how, .. } => {
                if matches!(how, Admitted::Automatic | Admitted::Pressed)
                    && self.state.is_gated(service, stage)
                {
                    add("G1", format!("{build} entered {stage}, where only its pipeline brings builds."));
                }
                let occupant = self.state.lines.get(service).and_then(|line| line.occupant(stage));
                if let Some(other) = occupant.filter(|other| *other != build) {
                    add("L1", format!("{build} entered {stage} while {other} was undecided there."));
                }
            }
            Fact::DeploymentIntended { build, service, stage, purpose: DeploymentKind::Forward, .. }
                if self.state.lines.get(service).and_then(|line| line.occupant(stage)) != Some(build) =>
            {
                add("S1", format!("A deployment of {build} to {stage} was intended without an admission."));
            }
            Fact::GateAnswerIntended { build, stage, approve, .. } => {
                let Some(value) = self.state.builds.get(build) else {
                    return add(
                        "G4",
                        format!("The gate of {stage} was answered for a build that never arrived."),
                    );
                };
                if value.visit(stage).is_some_and(|visit| visit.open_answer().is_some()) {
                    add("G4", format!("The gate of {stage} was answered twice for {}.", value.content.label));
                }
                if value.passed(stage) != *approve || value.is_in(stage) {
                    add(
                        "G4",
                        format!(
                            "The gate of {stage} was answered against the verdict on {}.",
                            value.content.label
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}
