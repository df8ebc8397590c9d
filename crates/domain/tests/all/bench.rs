//! A desk that tests act on: a team, one product with one service, every act decided by the real rules.

use crate::desk::team;
use signalbox_domain::decide::{Act, CheckReport, Context, Decided, Hand, NewPerson, check, decide};
use signalbox_domain::fact::{Fact, Meta};
use signalbox_domain::gate::GateStatus;
use signalbox_domain::id::{BuildId, EntryId, PersonId, RoleKey, StageKey};
use signalbox_domain::line::{Block, Build, BuildContent, ItemState, Meaning, Outcome, Standing};
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::Packet;
use signalbox_domain::process::{Process, Stage};
use signalbox_domain::product::StageBinding;
use signalbox_domain::refusal::Refusal;
use signalbox_domain::sheet::gate_packet;
use signalbox_domain::state::State;
use signalbox_domain::strategy::Content;

/// The desk.
#[derive(Clone)]
pub struct Bench {
    pub state: State,
    /// Everything recorded so far.
    pub recorded: Vec<(Meta, Fact)>,
    clock: i64,
}

/// What a decided act answers: its facts, or every reason against it.
pub type Answer = Result<Vec<Decided>, Refusal>;

impl Bench {
    /// A desk with the team of [`team`], on which a product is released by this process.
    pub fn new(process: Process) -> Self {
        Self::with(Content { process, ..Content::default() })
    }

    /// The same, under a whole strategy.
    pub fn with(content: Content) -> Self {
        let mut bench = Self::opened();
        let agree: Vec<RoleKey> = content.topics.iter().flat_map(|topic| topic.agree.clone()).collect();
        let draft = Act::DraftStrategy { product: "harbour".into(), content: Box::new(content) };
        bench.must("rosa", "release-manager", draft);
        for role in agree {
            let who = team().into_iter().find(|person| person.holds(&role)).unwrap();
            let cosign =
                Act::CosignStrategy { product: "harbour".into(), version: 1, comment: String::new() };
            bench.must(who.id.as_str(), role.as_str(), cosign);
        }
        let activate = Act::ActivateStrategy { product: "harbour".into(), version: 1 };
        bench.must("rosa", "release-manager", activate);
        bench
    }

    /// A desk under any process, whether the process check would let it into force or not.
    pub fn under(process: Process) -> Self {
        let mut bench = Self::opened();
        let content = Box::new(Content { process, ..Content::default() });
        for fact in [
            Fact::StrategyDrafted { product: "harbour".into(), version: 1, content },
            Fact::StrategyActivated { product: "harbour".into(), version: 1 },
        ] {
            let id = EntryId::new(format!("e{}", bench.recorded.len() + 1));
            let meta = Meta { id, at: Moment::from_millis(bench.clock), author: "rosa".into() };
            bench.state.apply(&meta, &fact);
            bench.recorded.push((meta, fact));
        }
        bench
    }

    /// A desk with its team and a product that nothing is agreed for.
    fn opened() -> Self {
        let mut bench = Self { state: State::default(), recorded: Vec::new(), clock: 0 };
        let open = Act::OpenLedger {
            name: "Test".into(),
            person: new("Alma", &["administrator".into()], false),
            machine: new("Machine", &["machine".into()], true),
        };
        bench.must("alma", "administrator", open);
        for person in team() {
            let enrol = Act::EnrolPerson { new: new(&person.name, &person.roles, false) };
            bench.must("alma", "administrator", enrol);
        }
        bench.must(
            "alma",
            "administrator",
            Act::CreateProduct {
                product: "harbour".into(),
                key: "HAR".into(),
                name: "Harbour".into(),
                services: vec![("web".into(), "web".into())],
            },
        );
        bench
    }

    /// One more person works here.
    pub fn enrol(&mut self, name: &str, role: &str) {
        self.must("alma", "administrator", Act::EnrolPerson { new: new(name, &[role.into()], false) });
    }

    /// Lets a simulated pipeline deploy to these stages.
    pub fn automate(self, stages: &[&str]) -> Self {
        self.map(stages, Vec::new())
    }

    /// Lets a simulated pipeline deploy to these stages, and says more of single ones.
    pub fn map(mut self, stages: &[&str], mapped: Vec<StageBinding>) -> Self {
        if self.state.connections.is_empty() {
            let (connection, system, name) = ("local".into(), "local".into(), "Local".into());
            self.must("omar", "operations", Act::AddConnection { connection, system, name });
        }
        self.bind(stages, mapped).unwrap();
        self
    }

    /// Binds the service anew.
    pub fn bind(&mut self, stages: &[&str], mapped: Vec<StageBinding>) -> Answer {
        let bind = Act::BindService {
            service: "web".into(),
            connection: "local".into(),
            pipeline: "web".into(),
            stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
            mapped,
        };
        self.act("omar", "operations", bind)
    }

    /// The pipeline system is seen to hold a build in a stage.
    pub fn observe(&mut self, build: Option<&str>, stage: &str, run: &str) -> Answer {
        let found = build.unwrap_or("stranger").to_owned();
        let (service, build, run) = ("web".into(), build.map(Into::into), run.to_owned());
        self.act("machine", "machine", Act::ObserveMove { service, stage: stage.into(), build, found, run })
    }

    /// Decides an act; a refused one leaves the desk as it is. To ask beforehand gives the same answer.
    pub fn act(&mut self, who: &str, role: &str, act: Act) -> Answer {
        self.clock += 1000;
        let at = Moment::from_millis(self.clock);
        let mut next = self.recorded.len();
        let mut ids = || {
            next += 1;
            EntryId::new(format!("e{next}"))
        };
        let (person, machine): (PersonId, PersonId) = (who.into(), "machine".into());
        let context =
            |ids| Context { at, who: person.clone(), role: role.into(), machine: machine.clone(), ids };
        let mut asked = || "asked".into();
        let possible = check(&self.state, context(&mut asked), act.clone());
        let decided = decide(&self.state, context(&mut ids), act);
        assert_eq!(possible.as_ref().err(), decided.as_ref().err());
        let decision = decided?;
        self.state = decision.state;
        for decided in &decision.facts {
            let author = if decided.hand == Hand::Person { person.clone() } else { machine.clone() };
            self.recorded.push((Meta { id: decided.id.clone(), at, author }, decided.fact.clone()));
        }
        Ok(decision.facts)
    }

    /// Decides an act that is expected to go through.
    pub fn must(&mut self, who: &str, role: &str, act: Act) -> Vec<Decided> {
        let told = format!("{act:?}");
        self.act(who, role, act).unwrap_or_else(|refusal| panic!("{told} was refused: {refusal:#?}"))
    }

    /// Time passes until this instant.
    pub fn wait_until(&mut self, at: &str) {
        self.clock = Moment::parse(at).unwrap().millis();
    }

    /// A build written by Ada arrives.
    pub fn arrive(&mut self, label: &str) -> Vec<Decided> {
        let content = BuildContent {
            label: label.to_owned(),
            commit: format!("commit of {label}"),
            author: "ada".to_owned(),
            ..BuildContent::default()
        };
        self.arrive_with(content)
    }

    /// A build with this content arrives.
    pub fn arrive_with(&mut self, content: BuildContent) -> Vec<Decided> {
        let build = BuildId::new(content.label.clone());
        self.must("machine", "machine", Act::RecordArrival { build, service: "web".into(), content })
    }

    /// Signs a gate over what the desk shows now.
    pub fn sign(&mut self, who: &str, role: &str, build: &str, stage: &str, approved: bool) -> Answer {
        let shown = self.packet(build, stage);
        self.sign_over(who, role, build, stage, approved, shown)
    }

    /// Signs a gate over a packet that was shown before.
    pub fn sign_over(
        &mut self,
        who: &str,
        role: &str,
        build: &str,
        stage: &str,
        approved: bool,
        shown: Packet,
    ) -> Answer {
        let comment = if approved { "" } else { "it does not work" };
        let sign = Act::SignGate {
            build: build.into(),
            stage: stage.into(),
            approved,
            meaning: Meaning::Approval,
            comment: comment.to_owned(),
            shown,
        };
        self.act(who, role, sign)
    }

    /// Tom approves.
    pub fn approve(&mut self, build: &str, stage: &str) -> Vec<Decided> {
        self.sign("tom", "tester", build, stage, true).unwrap()
    }

    /// Tom rejects.
    pub fn reject(&mut self, build: &str, stage: &str) -> Vec<Decided> {
        self.sign("tom", "tester", build, stage, false).unwrap()
    }

    /// Someone chooses a build for a stage.
    pub fn promote(&mut self, who: &str, role: &str, build: &str, stage: &str, reason: &str) -> Answer {
        let shown = self.packet(build, stage);
        let (build, stage, reason) = (build.into(), stage.into(), reason.to_owned());
        self.act(who, role, Act::Promote { build, stage, reason, shown })
    }

    /// A check's result is recorded.
    pub fn check(&mut self, build: &str, stage: &str, check: &str, passed: bool) -> Answer {
        let check = report(check, passed);
        self.act("machine", "machine", Act::RecordCheck { build: build.into(), stage: stage.into(), check })
    }

    /// Tom marks an item.
    pub fn mark(&mut self, build: &str, stage: &str, item: &str, state: ItemState, reason: &str) -> Answer {
        let (build, stage, item) = (build.into(), stage.into(), item.into());
        self.act("tom", "tester", Act::MarkItem { build, stage, item, state, reason: reason.to_owned() })
    }

    /// The running deployment of a build ends.
    pub fn end(&mut self, build: &str, stage: &str, outcome: Outcome) -> Answer {
        let visit = self.build(build).visit(&stage.into()).cloned().unwrap_or_default();
        let deployment = visit.deployment().map_or_else(|| "none".into(), |last| last.id.clone());
        let end = Act::RecordEnd {
            build: build.into(),
            stage: stage.into(),
            deployment,
            outcome,
            detail: "said so".into(),
            checks: Vec::new(),
        };
        self.act("machine", "machine", end)
    }

    pub fn packet(&self, build: &str, stage: &str) -> Packet {
        gate_packet(&self.state, self.build(build), self.stage(stage))
    }

    pub fn gate(&self, build: &str, stage: &str) -> GateStatus {
        signalbox_domain::gate::gate_status(&self.state, self.build(build), self.stage(stage))
    }

    pub fn build(&self, label: &str) -> &Build {
        &self.state.builds[&BuildId::from(label)]
    }

    pub fn stage(&self, key: &str) -> &Stage {
        self.state.process_in_force(&"web".into()).unwrap().stage(&key.into()).unwrap()
    }

    pub fn block(&self, stage: &str) -> Block {
        self.state.block(&"web".into(), &stage.into())
    }

    pub fn standing(&self, build: &str, stage: &str) -> Option<&Standing> {
        self.build(build).standings.get(&StageKey::from(stage))
    }

    /// Who is in a stage and who waits: `c1 < c2 c3`.
    pub fn section(&self, stage: &str) -> String {
        let block = self.block(stage);
        let occupant = block.occupant.map_or_else(|| "-".to_owned(), |build| build.to_string());
        let waiting: Vec<&str> = block.waiting.iter().map(BuildId::as_str).collect();
        if waiting.is_empty() { occupant } else { format!("{occupant} < {}", waiting.join(" ")) }
    }

    /// Why a build is not ready for a stage; empty when it is.
    pub fn why_not(&self, build: &str, stage: &str) -> String {
        signalbox_domain::gate::why_not_ready(&self.state, self.build(build), self.stage(stage))
            .unwrap_or_default()
    }
}

fn new(name: &str, roles: &[RoleKey], machine: bool) -> NewPerson {
    NewPerson {
        person: name.to_lowercase().into(),
        handle: name.to_lowercase(),
        name: name.to_owned(),
        roles: roles.to_vec(),
        fingerprint: format!("SHA256:{name}"),
        public: format!("ssh-ed25519 {name}"),
        machine,
    }
}

/// A check's result.
pub fn report(name: &str, passed: bool) -> CheckReport {
    let summary = if passed { "12 of 12 good" } else { "3 of 12 bad" };
    CheckReport { name: name.to_owned(), passed, source: "runner".into(), summary: summary.to_owned() }
}

/// The codes of a refusal.
pub fn codes(answer: Answer) -> Vec<String> {
    match answer {
        Ok(facts) => panic!("it was not refused: {facts:#?}"),
        Err(refusal) => refusal.0.into_iter().map(|blocker| blocker.code).collect(),
    }
}

/// The kinds of facts, without version.
pub fn kinds(facts: &[Decided]) -> Vec<String> {
    let kind = |decided: &Decided| decided.fact.split().0.trim_end_matches(".v1").to_owned();
    facts.iter().map(kind).collect()
}
