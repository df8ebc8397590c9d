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
            | Fact::ReleaseMemberSent { .. }
                if header.role != MACHINE_ROLE =>
            {
                add("S7", "A person wrote what only a machine sees or the rules bring about.".to_owned());
            }
            Fact::ReleaseComposed { release, .. }
                if self.state.releases.get(release).is_some_and(|known| !known.decisions.is_empty()) =>
            {
                add("R5", format!("The builds of {release} changed after it was decided."));
            }
            Fact::ReleaseDecided { release, stage, builds, .. } => {
                let known = self.state.releases.get(release);
                if known.is_none_or(|known| known.builds != *builds) {
                    add("R5", format!("{release} was decided with other builds than were chosen."));
                }
                if known.is_some_and(|known| known.decision_on(stage).is_some()) {
                    add("R1", format!("{release} was sent to {stage} a second time."));
                }
            }
            Fact::BuildAdmitted { build, service, stage, how, .. } => {
                if self.state.builds.get(build).is_some_and(|value| value.vetoed.is_some()) {
                    add("R6", format!("{build} entered {stage} although it was vetoed."));
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_domain::id::{BuildId, EntryId};
    use signalbox_domain::line::BuildContent;
    use signalbox_domain::process::Process;
    use signalbox_domain::product::{StageBinding, Way};
    use signalbox_domain::starters::starter;
    use signalbox_domain::strategy::Content;
    use signalbox_ledger::{After, Hash, canon};

    /// A history of a service whose pipeline moves builds into DEV by itself and asks at a gate there.
    struct History {
        rules: Rules,
        written: u64,
    }

    impl History {
        fn new() -> Self {
            let mut history = Self { rules: Rules::default(), written: 10 };
            let process: Process = starter("three-environments").expect("the starter exists").process;
            let content = Box::new(Content { process, ..Content::default() });
            let mapped = vec![StageBinding {
                stage: "DEV".into(),
                way: Way::Gated,
                remote: "StagingDEV".into(),
                gate: Some("StagingDEV/approve".into()),
            }];
            for fact in [
                Fact::ProductCreated { product: "har".into(), key: "HAR".into(), name: "Harbour".into() },
                Fact::ServiceAdded { product: "har".into(), service: "web".into(), name: "web".into() },
                Fact::StrategyDrafted { product: "har".into(), version: 1, content },
                Fact::StrategyActivated { product: "har".into(), version: 1 },
                Fact::ServiceBound {
                    service: "web".into(),
                    product: "har".into(),
                    connection: "there".into(),
                    pipeline: "web".into(),
                    stages: Vec::new(),
                    mapped,
                },
                Fact::BuildArrived {
                    build: "c1".into(),
                    service: "web".into(),
                    product: "har".into(),
                    number: 1,
                    content: BuildContent { label: "c1".into(), ..BuildContent::default() },
                    author: None,
                    strategy: 1,
                },
            ] {
                assert_eq!(history.add("machine", &fact), Vec::<String>::new());
            }
            history
        }

        /// The rules that the next entry breaks.
        fn add(&mut self, role: &str, fact: &Fact) -> Vec<String> {
            let (kind, payload) = fact.split();
            let payload = canon::to_bytes(&payload).expect("a payload is canonical");
            self.written += 1;
            let header = Header {
                v: 1,
                ledger: "har".into(),
                id: format!("e{}", self.written),
                at: Moment::from_millis(0).utc(),
                author: "box".into(),
                role: role.into(),
                key: String::new(),
                act: "a".into(),
                kind,
                subjects: Vec::new(),
                payload: Hash::of(&payload),
                packet: None,
                after: After { size: 0, root: Hash::of(b"") },
                cause: None,
            };
            let found = self.rules.entry(self.written, &header, Some(&payload));
            found.into_iter().map(|violation| violation.rule).collect()
        }
    }

    fn admitted(how: Admitted) -> Fact {
        Fact::BuildAdmitted {
            build: "c1".into(),
            service: "web".into(),
            stage: "DEV".into(),
            how,
            by: "box".into(),
            reason: String::new(),
        }
    }

    fn answered(approve: bool) -> Fact {
        Fact::GateAnswerIntended {
            build: "c1".into(),
            service: "web".into(),
            stage: "DEV".into(),
            approve,
            gate: "StagingDEV/approve".into(),
            connection: "there".into(),
            pipeline: "web".into(),
            by: "tom".into(),
            comment: String::new(),
        }
    }

    #[test]
    fn g1_only_the_pipeline_brings_builds_into_a_gated_stage() {
        for how in [Admitted::Automatic, Admitted::Pressed] {
            assert_eq!(History::new().add(MACHINE_ROLE, &admitted(how)), ["G1"]);
        }
        assert_eq!(History::new().add(MACHINE_ROLE, &admitted(Admitted::Observed)), Vec::<String>::new());
    }

    #[test]
    fn g4_a_gate_is_answered_once_and_as_the_verdict_says() {
        let mut history = History::new();
        history.add(MACHINE_ROLE, &admitted(Admitted::Observed));
        assert_eq!(history.add(MACHINE_ROLE, &answered(true)), ["G4"], "no verdict");
        let mut history = History::new();
        history.add(MACHINE_ROLE, &admitted(Admitted::Observed));
        let (build, service, stage) = (BuildId::from("c1"), "web".into(), "DEV".into());
        history.add(MACHINE_ROLE, &Fact::BuildPassed { build, service, stage });
        assert_eq!(history.add(MACHINE_ROLE, &answered(false)), ["G4"], "against the verdict");
        assert_eq!(
            history.add(MACHINE_ROLE, &answered(true)),
            ["G4"],
            "a second one while the first is open"
        );
    }

    #[test]
    fn s7_nobody_writes_by_hand_what_only_a_machine_sees() {
        let observed = Fact::DeploymentObserved {
            build: "c1".into(),
            service: "web".into(),
            stage: "DEV".into(),
            connection: "there".into(),
            pipeline: "web".into(),
            run: "r1".into(),
        };
        let change = Fact::ChangeUnexplained {
            service: "web".into(),
            product: "har".into(),
            stage: "DEV".into(),
            build: None,
            found: "stranger".into(),
            detail: String::new(),
        };
        let explained = Fact::ChangeExplained {
            change: EntryId::from("e1"),
            service: "web".into(),
            stage: "DEV".into(),
            reason: "a rehearsal".into(),
        };
        for fact in [admitted(Admitted::Observed), observed, change] {
            assert_eq!(History::new().add("operations", &fact), ["S7"]);
        }
        assert_eq!(History::new().add("operations", &explained), Vec::<String>::new());
    }
}
