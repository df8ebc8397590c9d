//! One act of a simulation, tried on a copy of the state: the real acts that it stands for.

use super::acts::SimAct;
use super::scene;
use crate::decide::{Act, CheckReport, Context, Hand, decide};
use crate::fact::{Fact, Meta};
use crate::gate::{deciding_roles, gate_status, release_of, voices, who_can_decide};
use crate::id::{BuildId, PersonId, ReleaseId, RoleKey, StageKey};
use crate::line::{Build, BuildContent, ItemState, Meaning, Outcome, Phase, Standing, Visit};
use crate::moment::Moment;
use crate::packet::Packet;
use crate::person::role_name;
use crate::process::{Gate, Stage};
use crate::refusal::{Blocker, Refusal};
use crate::release::{Chosen, SECTIONS};
use crate::rule::{Rule, Voice};
use crate::sheet::gate_packet;
use crate::state::State;

/// One fact with what is recorded beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its id, time and author.
    pub meta: Meta,
    /// The fact.
    pub fact: Fact,
}

pub(super) struct Attempt {
    state: State,
    at: Moment,
    next: usize,
    recorded: Vec<Recorded>,
}

impl Attempt {
    /// An attempt on a state; `next` is the number of the next entry.
    pub(super) fn new(state: State, at: Moment, next: usize) -> Self {
        Self { state, at, next, recorded: Vec::new() }
    }

    /// The state after the attempt, and what was recorded.
    pub(super) fn into_parts(self) -> (State, Vec<Recorded>) {
        (self.state, self.recorded)
    }

    /// What was deployed where, in order.
    pub(super) fn deployed(&self) -> Option<String> {
        let deployed: Vec<String> = self
            .recorded
            .iter()
            .filter_map(|recorded| match &recorded.fact {
                Fact::DeploymentIntended { build, stage, .. } => {
                    let label = &self.state.builds.get(build)?.content.label;
                    Some(format!("{label} in {stage}"))
                }
                _ => None,
            })
            .collect();
        (!deployed.is_empty()).then(|| deployed.join(", "))
    }

    /// Plays an act and everything that the simulated world does after it.
    pub(super) fn play(&mut self, act: &SimAct) -> Result<(), Refusal> {
        match act {
            SimAct::Commit(label) => self.commit(label),
            SimAct::Approve(label, stage) => self.approve(&self.named(label), &stage.as_str().into()),
            SimAct::Reject(label, stage) => self.reject(&self.named(label), &stage.as_str().into()),
            SimAct::Press(label, stage) => self.press(&self.named(label), &stage.as_str().into()),
            SimAct::Fail(label, stage) => self.fail(&self.named(label), &stage.as_str().into()),
            SimAct::Retry(label, stage) => {
                let (build, stage) = (self.named(label), StageKey::from(stage.as_str()));
                let role = self.deployer(&build, &stage);
                let retry = Act::Retry { build, stage, reason: "Tried again".into() };
                self.act(&scene::presser(&role), &role, retry)
            }
            SimAct::Hold(stage) => {
                let (service, stage) = (scene::service(), stage.as_str().into());
                self.manage(Act::HoldStage { service, stage, reason: "Held".into() })
            }
            SimAct::Release(stage) => self.release(&stage.as_str().into()),
        }?;
        self.go_on()
    }

    fn commit(&mut self, label: &str) -> Result<(), Refusal> {
        let known = self.state.builds.len();
        let content =
            BuildContent { label: label.to_owned(), commit: label.to_owned(), ..BuildContent::default() };
        let build = BuildId::new(format!("build-{known:06}"));
        self.observe(Act::RecordArrival { build, service: scene::service(), content })
    }

    fn approve(&mut self, build: &BuildId, key: &StageKey) -> Result<(), Refusal> {
        let Some((_, stage)) = self.occupant(build, key) else {
            return self.sign(build, key, None, true);
        };
        self.end_work(build, key, true)?;
        for item in &stage.gate.checklist {
            if self.occupant(build, key).is_none() {
                break;
            }
            self.manage(Act::MarkItem {
                build: build.clone(),
                stage: key.clone(),
                item: item.key.clone(),
                state: ItemState::Done,
                reason: String::new(),
            })?;
        }
        while let Some((value, stage)) = self.occupant(build, key) {
            let waits = gate_status(&self.state, &value, &stage).waits_for();
            let rule = stage.gate.rule.as_ref().filter(|_| waits.is_empty());
            let Some(rule) = rule else { return Err(Refusal(waits)) };
            let voice = self.next_voice(&value, &stage, rule).ok_or_else(|| nobody_left(&stage))?;
            self.sign(build, key, Some(voice), true)?;
        }
        Ok(())
    }

    fn reject(&mut self, build: &BuildId, key: &StageKey) -> Result<(), Refusal> {
        if self.occupant(build, key).is_some() {
            self.end_work(build, key, false)?;
        }
        self.sign(build, key, None, false)
    }

    fn press(&mut self, build: &BuildId, key: &StageKey) -> Result<(), Refusal> {
        let stage = self.stage(build, key);
        if stage.is_some_and(|stage| stage.needs_release) && release_of(&self.state, build).is_none() {
            let before = (self.state.clone(), self.recorded.len(), self.next);
            if self.agree_on_release(build).is_err() {
                // The press itself says what stands in the way.
                self.state = before.0;
                self.recorded.truncate(before.1);
                self.next = before.2;
            }
        }
        let shown = self.shown(build, key);
        let role = self.deployer(build, key);
        let (build, stage) = (build.clone(), key.clone());
        let press = Act::Promote { build, stage, reason: "Chosen in the simulation".into(), shown };
        self.act(&scene::presser(&role), &role, press)
    }

    fn fail(&mut self, build: &BuildId, key: &StageKey) -> Result<(), Refusal> {
        let Some((value, _)) = self.occupant(build, key) else {
            return self.sign(build, key, None, false);
        };
        let running = value.visit(key).and_then(|visit| visit.deployment()).map(|last| last.id.clone());
        self.observe(Act::RecordEnd {
            build: build.clone(),
            stage: key.clone(),
            deployment: running.unwrap_or_else(|| "none".into()),
            outcome: Outcome::Failed,
            detail: "Failed in the simulation".into(),
            checks: Vec::new(),
        })
    }

    fn release(&mut self, key: &StageKey) -> Result<(), Refusal> {
        let block = self.state.block(&scene::service(), key);
        let stopped = block.occupant.filter(|build| {
            let visit = self.state.builds.get(build).and_then(|value| value.visit(key));
            visit.is_some_and(|visit| visit.phase() == Phase::Stopped)
        });
        match stopped.filter(|_| block.hold.is_none()) {
            Some(build) => {
                let role = self.deployer(&build, key);
                let reason = "Opened after the failure".to_owned();
                let open = Act::ReleaseFailed { build, stage: key.clone(), reason };
                self.act(&scene::presser(&role), &role, open)
            }
            None => {
                let (service, stage) = (scene::service(), key.clone());
                self.manage(Act::ReleaseStage { service, stage, reason: "Released".into() })
            }
        }
    }

    /// What happens without anyone asking: deployments into stages that ask for nothing succeed, work on
    /// rejected builds stops, releases whose builds are out are finished.
    fn go_on(&mut self) -> Result<(), Refusal> {
        while let Some((build, stage, ending)) = self.work_to_end() {
            if ending { self.stop_work(&build, &stage) } else { self.end_work(&build, &stage, true) }?;
        }
        let out: Vec<ReleaseId> = self
            .state
            .releases
            .values()
            .filter(|release| release.finished.is_none())
            .filter(|release| release.builds.iter().all(|chosen| self.is_out(&chosen.build)))
            .map(|release| release.id.clone())
            .collect();
        for release in out {
            self.manage(Act::FinishRelease { release, outcome: "Went out".into() })?;
        }
        Ok(())
    }

    fn work_to_end(&self) -> Option<(BuildId, StageKey, bool)> {
        let line = self.state.lines.get(&scene::service())?;
        line.sections.iter().find_map(|(key, block)| {
            let build = self.state.builds.get(block.occupant.as_ref()?)?;
            build.visit(key)?.running()?;
            let ending = matches!(build.standings.get(key), Some(Standing::InStage { ending: Some(_), .. }));
            let asks = self.state.stage_of(build, key).is_some_and(|stage| asks(&stage.gate));
            (ending || !asks).then(|| (build.id.clone(), key.clone(), ending))
        })
    }

    fn is_out(&self, build: &BuildId) -> bool {
        let Some(value) = self.state.builds.get(build) else { return false };
        let Some(process) = self.state.process_of(value) else { return false };
        process.on_path().any(|stage| stage.needs_release && value.passed(&stage.key))
    }

    /// Lets the running deployment of an occupant succeed; `checked` lets its checks pass, too.
    fn end_work(&mut self, build: &BuildId, key: &StageKey, checked: bool) -> Result<(), Refusal> {
        let Some((value, stage)) = self.occupant(build, key) else { return Ok(()) };
        let Some(running) = value.visit(key).and_then(Visit::running) else { return Ok(()) };
        let checks = stage.gate.checks.iter().filter(|_| checked).map(|name| CheckReport {
            name: name.clone(),
            passed: true,
            source: "simulation".into(),
            summary: "good".into(),
        });
        self.observe(Act::RecordEnd {
            build: build.clone(),
            stage: key.clone(),
            deployment: running.id.clone(),
            outcome: Outcome::Succeeded,
            detail: "Succeeded in the simulation".into(),
            checks: checks.collect(),
        })
    }

    fn stop_work(&mut self, build: &BuildId, key: &StageKey) -> Result<(), Refusal> {
        let Some((value, _)) = self.occupant(build, key) else { return Ok(()) };
        let Some(running) = value.visit(key).and_then(Visit::running) else { return Ok(()) };
        self.observe(Act::RecordEnd {
            build: build.clone(),
            stage: key.clone(),
            deployment: running.id.clone(),
            outcome: Outcome::Failed,
            detail: "Stopped: the build was rejected".into(),
            checks: Vec::new(),
        })
    }

    /// Plans a release of one build, complete and agreed.
    fn agree_on_release(&mut self, build: &BuildId) -> Result<(), Refusal> {
        let number = self.state.releases.len() + 1;
        let release = ReleaseId::new(format!("release-{number:06}"));
        let label = self.state.builds.get(build).map(|value| value.content.label.clone()).unwrap_or_default();
        self.manage(Act::CreateRelease {
            release: release.clone(),
            product: scene::product(),
            name: format!("Release {number} with {label}"),
            planned: None,
            copy: None,
            steps: Vec::new(),
        })?;
        let builds = vec![Chosen { service: scene::service(), build: build.clone() }];
        self.manage(Act::ComposeRelease { release: release.clone(), builds })?;
        for (section, _) in SECTIONS {
            let (release, section) = (release.clone(), section.to_owned());
            self.manage(Act::WriteSection { release, section, text: "Simulated".into(), rehearsal: None })?;
        }
        for role in crate::starters::go_rule().roles() {
            let go = Act::VoiceGo { release: release.clone(), go: true, comment: String::new() };
            self.act(&scene::presser(&role), &role, go)?;
        }
        Ok(())
    }

    /// Signs the gate with this voice, or with that of anyone whom the gate asks.
    fn sign(
        &mut self,
        build: &BuildId,
        key: &StageKey,
        voice: Option<Voice>,
        approved: bool,
    ) -> Result<(), Refusal> {
        let voice = voice.unwrap_or_else(|| {
            let roles = self.stage(build, key).map(|stage| deciding_roles(&stage)).unwrap_or_default();
            let role = roles.into_iter().next().unwrap_or_else(|| "release-manager".into());
            Voice { person: scene::presser(&role), role }
        });
        let shown = self.shown(build, key);
        let comment = if approved { String::new() } else { "Rejected in the simulation".into() };
        let (build, stage, meaning) = (build.clone(), key.clone(), Meaning::Approval);
        let sign = Act::SignGate { build, stage, approved, meaning, comment, shown };
        self.act(&voice.person, &voice.role, sign)
    }

    /// The next approval that brings a gate forward.
    fn next_voice(&self, build: &Build, stage: &Stage, rule: &Rule) -> Option<Voice> {
        let given = build.visit(&stage.key).map(voices).unwrap_or_default();
        let open = |voices: &[Voice]| rule.missing(voices).iter().map(|missing| missing.n).sum::<u32>();
        let before = open(&given);
        let able = who_can_decide(&self.state, build, stage);
        able.iter().find_map(|person| {
            let held = self.state.people.get(person).map(|who| who.roles.clone()).unwrap_or_default();
            held.into_iter().map(|role| Voice { person: person.clone(), role }).find(|voice| {
                let mut voices = given.clone();
                voices.push(voice.clone());
                open(&voices) < before
            })
        })
    }

    fn named(&self, label: &str) -> BuildId {
        let known = self.state.builds.values().find(|build| build.content.label == label);
        known.map_or_else(|| BuildId::new(label), |build| build.id.clone())
    }

    fn stage(&self, build: &BuildId, key: &StageKey) -> Option<Stage> {
        self.state.builds.get(build).and_then(|value| self.state.stage_of(value, key)).cloned()
    }

    fn occupant(&self, build: &BuildId, key: &StageKey) -> Option<(Build, Stage)> {
        let line = self.state.lines.get(&scene::service())?;
        let value = self.state.builds.get(build).filter(|_| line.occupant(key) == Some(build))?;
        Some((value.clone(), self.stage(build, key)?))
    }

    fn shown(&self, build: &BuildId, key: &StageKey) -> Packet {
        match (self.state.builds.get(build), self.stage(build, key)) {
            (Some(value), Some(stage)) => gate_packet(&self.state, value, &stage),
            _ => Packet::default(),
        }
    }

    fn deployer(&self, build: &BuildId, key: &StageKey) -> RoleKey {
        let named = self.stage(build, key).and_then(|stage| stage.deployers.into_iter().next());
        named.unwrap_or_else(|| "release-manager".into())
    }

    /// An act of a release manager.
    fn manage(&mut self, act: Act) -> Result<(), Refusal> {
        let role = RoleKey::from("release-manager");
        self.act(&scene::presser(&role), &role, act)
    }

    /// An observation of the machine.
    fn observe(&mut self, act: Act) -> Result<(), Refusal> {
        self.act(&scene::machine(), &crate::person::MACHINE_ROLE.into(), act)
    }

    fn act(&mut self, who: &PersonId, role: &RoleKey, act: Act) -> Result<(), Refusal> {
        let mut next = self.next;
        let mut ids = || {
            next += 1;
            scene::entry_id(next - 1)
        };
        let machine = scene::machine();
        let context = Context {
            at: self.at,
            who: who.clone(),
            role: role.clone(),
            machine: machine.clone(),
            ids: &mut ids,
        };
        let decision = decide(&self.state, context, act)?;
        self.next = next;
        self.recorded.extend(decision.facts.into_iter().map(|decided| {
            let author = match decided.hand {
                Hand::Person => who.clone(),
                Hand::Machine => machine.clone(),
            };
            Recorded { meta: Meta { id: decided.id, at: self.at, author }, fact: decided.fact }
        }));
        self.state = decision.state;
        Ok(())
    }
}

/// Says whether a gate asks for anything of a build that carries no features.
fn asks(gate: &Gate) -> bool {
    !gate.checks.is_empty() || !gate.checklist.is_empty() || gate.rule.is_some()
}

fn nobody_left(stage: &Stage) -> Refusal {
    let roles: Vec<String> = deciding_roles(stage).iter().map(role_name).collect();
    Refusal::from(Blocker::new(
        "gate.nobody-left",
        format!("Nobody is left to approve in {}.", stage.name),
        format!("Ask for fewer approvals of {}.", roles.join(" or ")),
    ))
}
