//! A small desk for tests: one product with one service, people, and a starter process, built by acts.

use super::Me;
use signalbox_domain::decide::{Act, CheckReport, Context, Decided, NewPerson, decide};
use signalbox_domain::id::{BuildId, EntryId, ReleaseId, RoleKey, StageKey};
use signalbox_domain::line::{Build, BuildContent, Components, Digest, Meaning, Outcome};
use signalbox_domain::moment::Moment;
use signalbox_domain::product::{StageBinding, Way};
use signalbox_domain::refusal::Refusal;
use signalbox_domain::release::Chosen;
use signalbox_domain::sheet::gate_packet;
use signalbox_domain::starters::starter;
use signalbox_domain::state::State;
use signalbox_domain::strategy::Content;

/// Who is enrolled: handle, full name, role.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("ada", "Ada Lind", "developer"),
    ("tom", "Tom Becker", "tester"),
    ("priya", "Priya Raman", "tester"),
    ("omar", "Omar Haddad", "operations"),
    ("maya", "Maya Lindqvist", "business-analyst"),
    ("rosa", "Rosa Weiss", "release-manager"),
    ("root", "Ruth Adler", "administrator"),
];

/// A desk that acts are played on.
pub(super) struct Desk {
    pub(super) state: State,
    pub(super) facts: Vec<Decided>,
    minute: i64,
    made: u32,
}

impl Desk {
    /// A product `Harbour` with the service `web` under a starter process, and nothing on its line.
    pub(super) fn new(key: &str) -> Self {
        Self::with(starter(key).expect("the starter exists").content())
    }

    /// The same under a given strategy.
    pub(super) fn with(content: Content) -> Self {
        let mut desk = Self { state: State::default(), facts: Vec::new(), minute: 0, made: 0 };
        let person = |handle: &str, name: &str, role: &str, machine: bool| NewPerson {
            person: handle.into(),
            handle: handle.into(),
            name: name.into(),
            roles: vec![role.into()],
            fingerprint: format!("SHA256:{handle}"),
            public: format!("ssh-ed25519 {handle}"),
            machine,
        };
        desk.act(
            "root",
            Act::OpenLedger {
                name: "Harbour".into(),
                person: person("root", "Ruth Adler", "administrator", false),
                machine: person("box", "Signal box", "machine", true),
            },
        );
        for (handle, name, role) in PEOPLE.into_iter().filter(|(handle, ..)| *handle != "root") {
            desk.act("root", Act::EnrolPerson { new: person(handle, name, role, false) });
        }
        desk.act(
            "root",
            Act::CreateProduct {
                product: "harbour".into(),
                key: "HAR".into(),
                name: "Harbour".into(),
                services: vec![("web".into(), "web".into())],
            },
        );
        desk.act("rosa", Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) });
        for who in ["omar", "ada"] {
            desk.act(
                who,
                Act::CosignStrategy { product: "harbour".into(), version: 1, comment: String::new() },
            );
        }
        desk.act("rosa", Act::ActivateStrategy { product: "harbour".into(), version: 1 });
        desk
    }

    /// Lets a pipeline deploy to these stages.
    pub(super) fn bind(mut self, stages: &[&str]) -> Self {
        self.act(
            "omar",
            Act::AddConnection {
                connection: "local".into(),
                system: "local".into(),
                name: "This machine".into(),
            },
        );
        self.act(
            "omar",
            Act::BindService {
                service: "web".into(),
                connection: "local".into(),
                pipeline: "web".into(),
                stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
                mapped: Vec::new(),
            },
        );
        self
    }

    /// Binds one more stage to a pipeline that moves builds by itself.
    pub(super) fn gate(&mut self, stage: &str, gate: Option<&str>) {
        let bound = self.state.binding(&"web".into()).expect("the service is bound").clone();
        let mut mapped = bound.mapped;
        mapped.push(StageBinding {
            stage: stage.into(),
            way: Way::Gated,
            remote: format!("Staging{stage}"),
            gate: gate.map(str::to_owned),
        });
        let (connection, pipeline, stages) = (bound.connection, bound.pipeline, bound.stages);
        self.act("omar", Act::BindService { service: "web".into(), connection, pipeline, stages, mapped });
    }

    /// The pipeline brings something into a stage by itself.
    pub(super) fn bring(&mut self, found: &str, stage: &str) {
        let build = Some(BuildId::from(found)).filter(|build| self.state.builds.contains_key(build));
        let (found, run) = (found.to_owned(), format!("run of {found}"));
        let (service, stage) = ("web".into(), stage.into());
        self.act("box", Act::ObserveMove { service, stage, build, found, run });
    }

    /// The signer, with a usable key.
    pub(super) fn me(&self, who: &str) -> Me {
        let person = self.state.people[&who.into()].clone();
        let key = person.keys.first().map(|key| key.fingerprint.clone());
        Me { person, key }
    }

    /// The instant of the next act.
    pub(super) fn now(&self) -> Moment {
        Moment::from_millis(self.minute * 60_000)
    }

    /// Plays an act that is possible.
    pub(super) fn act(&mut self, who: &str, act: Act) {
        self.attempt(who, act).expect("the act is possible");
    }

    /// Plays an act in the person's first role.
    pub(super) fn attempt(&mut self, who: &str, act: Act) -> Result<(), Refusal> {
        self.minute += 1;
        let role: RoleKey = match self.state.people.get(&who.into()) {
            Some(person) => person.roles[0].clone(),
            None => "administrator".into(),
        };
        let (at, made) = (self.now(), &mut self.made);
        let mut ids = || {
            *made += 1;
            EntryId::new(format!("e{made}"))
        };
        let context = Context { at, who: who.into(), role, machine: "box".into(), ids: &mut ids };
        let decision = decide(&self.state, context, act)?;
        self.state = decision.state;
        self.facts.extend(decision.facts);
        Ok(())
    }

    /// A build arrives; its id is its label.
    pub(super) fn arrive(&mut self, label: &str, features: &[&str]) {
        let content = BuildContent {
            label: label.into(),
            commit: format!("c-{label}"),
            digests: vec![Digest { artifact: "web".into(), sha256: "a".repeat(64) }],
            components: Components {
                application: label.into(),
                configuration: "118".into(),
                ..Components::default()
            },
            features: features.iter().map(|key| (*key).into()).collect(),
            author: "ada".into(),
            reference: None,
        };
        self.act("box", Act::RecordArrival { build: label.into(), service: "web".into(), content });
    }

    /// A person signs a gate over the sheet as it is.
    pub(super) fn sign(&mut self, who: &str, build: &str, stage: &str, approved: bool) {
        let value = self.build(build);
        let key: StageKey = stage.into();
        let step = self.state.stage_of(&value, &key).expect("the stage exists").clone();
        let shown = gate_packet(&self.state, &value, &step);
        self.act(
            who,
            Act::SignGate {
                build: build.into(),
                stage: key,
                approved,
                meaning: Meaning::Approval,
                comment: if approved { String::new() } else { "too slow".into() },
                shown,
            },
        );
    }

    /// A person puts a build into a stage.
    pub(super) fn press(&mut self, who: &str, build: &str, stage: &str) {
        let value = self.build(build);
        let step = self.state.stage_of(&value, &stage.into()).expect("the stage exists").clone();
        let shown = gate_packet(&self.state, &value, &step);
        self.act(
            who,
            Act::Promote { build: build.into(), stage: stage.into(), reason: "it is time".into(), shown },
        );
    }

    /// The pipeline reports how the latest deployment ended, with its checks.
    pub(super) fn end(&mut self, build: &str, stage: &str, outcome: Outcome, checks: &[(&str, bool)]) {
        let value = self.build(build);
        let visit = value.visit(&stage.into()).expect("the build was there");
        let deployment = visit.deployment().expect("a deployment was intended").id.clone();
        let checks = checks
            .iter()
            .map(|(name, passed)| CheckReport {
                name: (*name).into(),
                passed: *passed,
                source: "web".into(),
                summary: "12 of 12".into(),
            })
            .collect();
        self.act(
            "box",
            Act::RecordEnd {
                build: build.into(),
                stage: stage.into(),
                deployment,
                outcome,
                detail: "exit code 1".into(),
                checks,
            },
        );
    }

    /// A person records good results of checks by hand.
    pub(super) fn check(&mut self, build: &str, stage: &str, names: &[&str]) {
        for name in names {
            let check = CheckReport {
                name: (*name).into(),
                passed: true,
                source: "by hand".into(),
                summary: "good".into(),
            };
            self.act("omar", Act::RecordCheck { build: build.into(), stage: stage.into(), check });
        }
    }

    /// A feature is asked for by the business analyst.
    pub(super) fn feature(&mut self, key: &str, title: &str) {
        self.act(
            "maya",
            Act::RequestFeature { feature: key.into(), product: "harbour".into(), title: title.into() },
        );
    }

    /// The release manager plans a release of one build.
    pub(super) fn release(&mut self, name: &str, build: &str) -> ReleaseId {
        let release: ReleaseId = name.into();
        self.act(
            "rosa",
            Act::CreateRelease {
                release: release.clone(),
                product: "harbour".into(),
                name: name.into(),
                planned: None,
                copy: None,
                steps: (0..14).map(|n| format!("{name}-{n}").into()).collect(),
            },
        );
        let builds = vec![Chosen { service: "web".into(), build: build.into() }];
        self.act("rosa", Act::ComposeRelease { release: release.clone(), builds });
        release
    }

    pub(super) fn build(&self, id: &str) -> Build {
        self.state.builds[&BuildId::from(id)].clone()
    }
}
