//! Gated stages: how they are bound, moves that are observed, answers to the system's own gates, changes that
//! nothing explains (G1–G5).

use super::promote::is_rolling_back;
use super::{Act, Work, text_blocker, veto_blocker};
use crate::answer::approval_blockers;
use crate::fact::Fact;
use crate::gate::{is_ready, release_blockers};
use crate::id::{BuildId, EntryId, ReleaseId, ServiceId, StageKey};
use crate::line::{Admitted, Block, Build, Outcome, Phase, Standing};
use crate::process::Stage;
use crate::product::Way;
use crate::refusal::{Blocker, Refusal};
use crate::state::State;
use std::collections::BTreeSet;

/// What an observation says beside the ledger.
enum Sight {
    /// What the ledger says already.
    Known,
    /// The system brought the build where it was due.
    Brought,
    /// Something else, and why.
    Unexplained(String),
}

impl Work<'_> {
    pub(super) fn gated(&mut self, act: Act) -> Result<(), Refusal> {
        match act {
            Act::ObserveMove { service, stage, build, found, run } => {
                self.observe_move(service, stage, build, found, run)
            }
            Act::ExplainChange { change, reason } => self.explain_change(change, reason),
            Act::RecordAnswerEnd { build, stage, answer, outcome, detail } => {
                self.record_answer_end(build, stage, answer, outcome, detail)
            }
            Act::AnswerAgain { build, stage, reason } => self.answer_again(&build, &stage, reason),
            _ => Ok(()),
        }
    }

    fn observe_move(
        &mut self,
        service: ServiceId,
        stage: StageKey,
        build: Option<BuildId>,
        found: String,
        run: String,
    ) -> Result<(), Refusal> {
        let Some((product, bound)) = self.state.service(&service) else {
            return Err(Refusal::one(
                "service.unknown",
                "There is no such service.",
                "Add the service to the product.",
            ));
        };
        let (product, way) = (product.id.clone(), bound.way(&stage));
        let mut blockers = Vec::new();
        if !self.state.people.get(&self.context.who).is_some_and(|who| who.machine) {
            blockers.push(Blocker::new(
                "move.not-observed",
                "A machine observes what the pipeline system does; a person explains it.",
                "Wait for the next look at the pipeline system.",
            ));
        }
        blockers.extend(text_blocker(&found, "move.found-empty", "What was found"));
        if way.is_none() {
            blockers.push(Blocker::new(
                "stage.not-automated",
                format!("The pipeline has no stage that is bound to {stage}."),
                "Bind the stage first.",
            ));
        }
        let seen = build.as_ref().and_then(|build| self.state.builds.get(build)).cloned();
        if build.is_some() && seen.as_ref().is_none_or(|seen| seen.service != service) {
            blockers.push(Blocker::new(
                "build.unknown",
                "The service has no such build.",
                "Record its arrival first, or say only what was found.",
            ));
        }
        Refusal::unless_empty(blockers)?;
        let sight = match way {
            Some(Way::Gated) => self.gated_sight(&service, &stage, seen.as_ref(), &run),
            Some(Way::Driven) | None => self.driven_sight(&service, &stage, seen.as_ref()),
        };
        match (sight, build) {
            (Sight::Brought, Some(build)) => self.let_in(&build, &service, &stage, run),
            (Sight::Unexplained(detail), build) if !self.was_found(&service, &stage, &found) => {
                self.record(Fact::ChangeUnexplained {
                    service: service.clone(),
                    product,
                    stage,
                    build,
                    found,
                    detail,
                });
                self.settle(&service);
            }
            _ => {}
        }
        Ok(())
    }

    /// What the system's own move of a build into a gated stage means (G2).
    fn gated_sight(&self, service: &ServiceId, key: &StageKey, build: Option<&Build>, run: &str) -> Sight {
        let Some(build) = build else { return Sight::Unexplained("No such build ever arrived.".into()) };
        let label = &build.content.label;
        let Some(stage) = self.state.stage_of(build, key) else {
            return Sight::Unexplained(format!("The process of {label} has no stage {key}."));
        };
        let block = self.state.block(service, key);
        if block.shown.as_ref() == Some(&build.id) || block.occupant.as_ref() == Some(&build.id) {
            return self.sight_of_shown(build, stage, &block, run);
        }
        if !matches!(build.standings.get(key), None | Some(Standing::Waiting { .. })) {
            return Sight::Unexplained(format!("{label} has been in {} before.", stage.name));
        }
        let why_not = self.not_due(build, stage, &block);
        if why_not.is_empty() { Sight::Brought } else { Sight::Unexplained(why_not.join(" ")) }
    }

    /// The build is what the stage displays: the ledger knows it, unless the system began a new run of it.
    fn sight_of_shown(&self, build: &Build, stage: &Stage, block: &Block, run: &str) -> Sight {
        let visit = build.visit(&stage.key);
        let fresh = visit.is_some_and(|visit| {
            visit.deployment().is_some_and(|last| last.run.is_some())
                && visit.deployments.iter().all(|known| known.run.as_deref() != Some(run))
        });
        match build.standings.get(&stage.key) {
            Some(Standing::InStage { ending: None, .. }) if fresh => {
                // The system retried what failed here and stopped the line.
                let stopped = visit.is_some_and(|visit| visit.phase() == Phase::Stopped);
                if stopped { Sight::Brought } else { Sight::Known }
            }
            Some(Standing::Failed { .. }) if fresh => {
                let why_not = self.not_due(build, stage, block);
                if why_not.is_empty() { Sight::Brought } else { Sight::Unexplained(why_not.join(" ")) }
            }
            Some(Standing::Rejected { .. } | Standing::Ended { .. }) if fresh => Sight::Unexplained(format!(
                "{} was rejected and was deployed to {} again.",
                build.content.label, stage.name
            )),
            _ => Sight::Known,
        }
    }

    /// Why a build should not be in a gated stage; empty when the system may have brought it there.
    fn not_due(&self, build: &Build, stage: &Stage, block: &Block) -> Vec<String> {
        let label = &build.content.label;
        let name = |key: &StageKey| {
            self.state.stage_of(build, key).map_or_else(|| key.to_string(), |stage| stage.name.clone())
        };
        let mut why: Vec<String> =
            veto_blocker(&self.state, build).map(|blocker| blocker.sentence).into_iter().collect();
        if let Some(rejected) = build.rejected_at() {
            why.push(format!("{label} was rejected in {}.", name(rejected)));
        } else if !is_ready(build, stage) {
            let open: Vec<String> =
                stage.predecessors.stages.iter().filter(|key| !build.passed(key)).map(name).collect();
            why.push(format!("{label} has not passed {}.", open.join(" and ")));
        }
        let other = block.occupant.as_ref().filter(|other| **other != build.id);
        if let Some(other) = other.and_then(|other| self.state.builds.get(other)) {
            why.push(format!("{} is undecided in {}.", other.content.label, stage.name));
        }
        if is_rolling_back(&self.state, &build.service, &stage.key) {
            why.push(format!("A roll-back is running in {}.", stage.name));
        }
        why.extend(release_blockers(&self.state, build, stage).into_iter().map(|blocker| blocker.sentence));
        why
    }

    /// Whether a driven stage holds what the line deployed there last, or may have left there half-way (G2).
    fn driven_sight(&self, service: &ServiceId, key: &StageKey, build: Option<&Build>) -> Sight {
        let of_service = self.state.builds.values().filter(|known| known.service == *service);
        let deployments =
            of_service.filter_map(|known| known.visit(key)).flat_map(|visit| &visit.deployments);
        let succeeded = deployments.filter(|known| known.outcome == Some(Outcome::Succeeded));
        let Some(since) = succeeded.map(|known| known.at).max() else {
            // The line never deployed here to an end, so there is nothing to compare with.
            return Sight::Known;
        };
        let expected = build.and_then(|build| build.visit(key)).is_some_and(|visit| {
            let mut since_then = visit.deployments.iter().filter(|known| known.at >= since);
            since_then.any(|known| known.outcome != Some(Outcome::NotDone))
        });
        if expected {
            return Sight::Known;
        }
        let last = self.state.block(service, key).deployed;
        let last = last.and_then(|last| self.state.builds.get(&last)).map(|last| last.content.label.as_str());
        Sight::Unexplained(format!("The last build deployed from here is {}.", last.unwrap_or("not known")))
    }

    /// Says whether the same was found in the stage and is open, or explained since the last deployment.
    fn was_found(&self, service: &ServiceId, stage: &StageKey, found: &str) -> bool {
        let block = self.state.block(service, stage);
        block.changes.iter().any(|known| known.found == found)
            || block.explained.iter().any(|known| known == found)
    }

    /// Records that the system brought a build into a stage where it was due.
    fn let_in(&mut self, build: &BuildId, service: &ServiceId, stage: &StageKey, run: String) {
        let Some(binding) = self.state.binding(service).cloned() else { return };
        let Ok((_, step)) = self.find(build, stage) else { return };
        self.admit(build, &step, Admitted::Observed, String::new());
        self.follow(Fact::DeploymentObserved {
            build: build.clone(),
            service: service.clone(),
            stage: stage.clone(),
            connection: binding.connection,
            pipeline: binding.pipeline,
            run,
        });
        self.settle(service);
    }

    fn explain_change(&mut self, change: EntryId, reason: String) -> Result<(), Refusal> {
        let place = self.state.lines.values().find_map(|line| {
            let (stage, _) = line.changes().find(|(_, known)| known.id == change)?;
            Some((line.service.clone(), stage.clone()))
        });
        let mut blockers = Vec::new();
        if place.is_none() {
            blockers.push(Blocker::new(
                "change.unknown",
                "There is no such change, or somebody explained it.",
                "Look at the line again.",
            ));
        }
        blockers.extend(self.role_blocker(&["release-manager", "operations"], "Explaining a change"));
        blockers.extend(text_blocker(&reason, "change.reason-empty", "The reason"));
        Refusal::unless_empty(blockers)?;
        if let Some((service, stage)) = place {
            self.record(Fact::ChangeExplained { change, service: service.clone(), stage, reason });
            self.settle(&service);
        }
        Ok(())
    }

    /// Intends the answer to the system's own gate that a verdict gives, where the stage has one (G4).
    pub(super) fn answer_gate(&mut self, build: &Build, stage: &StageKey, approve: bool) {
        let Some(binding) = self.state.binding(&build.service).cloned() else { return };
        let Some(gate) = binding.gate_of(stage).map(str::to_owned) else { return };
        let visit = self.state.builds.get(&build.id).and_then(|build| build.visit(stage));
        if visit.is_some_and(|visit| visit.open_answer().is_some()) {
            return;
        }
        let last =
            visit.and_then(|visit| visit.valid_signoffs().filter(|given| given.approved == approve).last());
        let (by, comment) = match (last, &build.vetoed) {
            (None, Some(veto)) if !approve => (veto.by.clone(), veto.reason.clone()),
            (Some(given), _) => (given.person.clone(), given.comment.clone()),
            (None, _) => (self.context.who.clone(), String::new()),
        };
        self.follow(Fact::GateAnswerIntended {
            build: build.id.clone(),
            service: build.service.clone(),
            stage: stage.clone(),
            approve,
            gate,
            connection: binding.connection,
            pipeline: binding.pipeline,
            by,
            comment,
        });
    }

    /// Lets gates open that waited for a plan: a gated stage behind them wants a release that is complete (N2).
    pub(super) fn follow_plans(&mut self) {
        let planned = self.facts.iter().filter_map(|decided| {
            let release = decided.fact.subjects().into_iter().find(|subject| subject.kind == "release")?;
            self.state.releases.get(&ReleaseId::new(release.id))
        });
        let carried = planned.flat_map(|release| &release.builds).map(|chosen| chosen.service.clone());
        let gated: BTreeSet<ServiceId> = carried
            .filter(|service| self.state.binding(service).is_some_and(|binding| !binding.mapped.is_empty()))
            .collect();
        for service in gated {
            self.settle(&service);
        }
    }

    fn record_answer_end(
        &mut self,
        build: BuildId,
        stage: StageKey,
        answer: EntryId,
        outcome: Outcome,
        detail: String,
    ) -> Result<(), Refusal> {
        let (value, _) = self.find(&build, &stage)?;
        let known =
            value.visit(&stage).and_then(|visit| visit.answers.iter().find(|known| known.id == answer));
        let Some(known) = known else {
            return Err(Refusal::one(
                "answer.unknown",
                "There is no such answer.",
                "Look at the line again.",
            ));
        };
        let by_hand = !self.state.people.get(&self.context.who).is_some_and(|who| who.machine);
        let mut blockers = Vec::new();
        match known.outcome {
            None if by_hand => blockers.push(Blocker::new(
                "answer.under-way",
                "The answer is still under way; how it ends is found out by itself.",
                "Wait.",
            )),
            None => {}
            Some(Outcome::Unknown) if outcome != Outcome::Unknown => {}
            Some(_) => blockers.push(Blocker::new(
                "answer.settled",
                "How this answer ended is already recorded.",
                "Nothing is left to do here.",
            )),
        }
        if by_hand {
            blockers.extend(self.role_blocker(&["release-manager", "operations"], "Settling an answer"));
            blockers.extend(text_blocker(&detail, "answer.detail-empty", "How it was found out"));
        }
        Refusal::unless_empty(blockers)?;
        let service = value.service;
        self.record(Fact::GateAnswerEnded { answer, build, service, stage, outcome, detail });
        Ok(())
    }

    fn answer_again(&mut self, build: &BuildId, stage: &StageKey, reason: String) -> Result<(), Refusal> {
        let (value, step) = self.find(build, stage)?;
        let mut blockers = answer_again_blockers(&self.state, &value, &step);
        blockers.extend(self.answerer_blocker());
        blockers.extend(text_blocker(&reason, "answer.reason-empty", "The reason"));
        Refusal::unless_empty(blockers)?;
        self.intend_answer_again(&value, stage, reason);
        Ok(())
    }

    /// Who may let an answer be given again.
    pub(super) fn answerer_blocker(&self) -> Option<Blocker> {
        self.role_blocker(&["release-manager", "operations"], "Answering again")
    }

    /// Intends the last answer once more.
    pub(super) fn intend_answer_again(&mut self, build: &Build, stage: &StageKey, comment: String) {
        let Some(last) = build.visit(stage).and_then(|visit| visit.answers.last()) else { return };
        let Some(binding) = self.state.binding(&build.service).cloned() else { return };
        let Some(gate) = binding.gate_of(stage).map(str::to_owned) else { return };
        self.record(Fact::GateAnswerIntended {
            build: build.id.clone(),
            service: build.service.clone(),
            stage: stage.clone(),
            approve: last.approve,
            gate,
            connection: binding.connection,
            pipeline: binding.pipeline,
            by: self.context.who.clone(),
            comment,
        });
    }
}

/// Why the last answer to the system's own gate can't be given again now, whoever asks (G4).
pub fn answer_again_blockers(state: &State, build: &Build, stage: &Stage) -> Vec<Blocker> {
    let last = build.visit(&stage.key).and_then(|visit| visit.answers.last());
    let gate = state.binding(&build.service).and_then(|binding| binding.gate_of(&stage.key));
    let mut blockers = Vec::new();
    match last.map(|last| last.outcome) {
        Some(Some(Outcome::NotDone | Outcome::Failed)) => {}
        Some(Some(Outcome::Succeeded)) => blockers.push(Blocker::new(
            "answer.settled",
            "The answer arrived.",
            "Nothing is left to do here.",
        )),
        Some(None | Some(Outcome::Unknown)) => blockers.push(Blocker::new(
            "answer.open",
            "Whether the last answer arrived is not known yet.",
            "Wait, or settle it first: nothing is sent twice.",
        )),
        None => blockers.push(Blocker::new(
            "answer.none",
            format!("{} was not answered for in {}.", build.content.label, stage.name),
            "Decide the build at its gate; the verdict gives the answer.",
        )),
    }
    if gate.is_none() {
        blockers.push(Blocker::new(
            "gate.not-there",
            format!("{} answers no gate of the pipeline system any more.", stage.name),
            "Bind the stage to its gate first.",
        ));
    }
    if last.is_some_and(|last| last.approve) {
        blockers.extend(approval_blockers(state, build, stage));
    }
    blockers
}
