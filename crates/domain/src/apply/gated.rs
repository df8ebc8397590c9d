//! Folds facts about gated stages: deployments that were observed, answers, unexplained changes.

use crate::answer::Answer;
use crate::change::UnexplainedChange;
use crate::fact::{Fact, Meta};
use crate::line::{Deployment, DeploymentKind};
use crate::state::State;

impl State {
    /// Gated stages and unexplained changes.
    pub(super) fn apply_gated(&mut self, meta: &Meta, fact: &Fact) -> bool {
        match fact {
            Fact::DeploymentObserved { build, stage, run, .. } => {
                self.visit_mut(build, stage, |visit| {
                    visit.deployments.push(Deployment {
                        id: meta.id.clone(),
                        kind: DeploymentKind::Forward,
                        at: meta.at,
                        by: meta.author.clone(),
                        outcome: None,
                        detail: String::new(),
                        ended: None,
                        run: Some(run.clone()),
                    });
                });
            }
            Fact::GateAnswerIntended { build, stage, approve, gate, by, comment, .. } => {
                self.visit_mut(build, stage, |visit| {
                    visit.answers.push(Answer {
                        id: meta.id.clone(),
                        approve: *approve,
                        gate: gate.clone(),
                        at: meta.at,
                        by: by.clone(),
                        comment: comment.clone(),
                        outcome: None,
                        detail: String::new(),
                        ended: None,
                    });
                });
            }
            Fact::GateAnswerEnded { answer, build, stage, outcome, detail, .. } => {
                self.visit_mut(build, stage, |visit| {
                    for known in visit.answers.iter_mut().filter(|known| known.id == *answer) {
                        known.outcome = Some(*outcome);
                        known.detail.clone_from(detail);
                        known.ended = Some(meta.at);
                    }
                });
            }
            Fact::ChangeUnexplained { service, stage, build, found, detail, .. } => {
                self.block_mut(service, stage, |block| {
                    block.changes.push(UnexplainedChange {
                        id: meta.id.clone(),
                        build: build.clone(),
                        found: found.clone(),
                        detail: detail.clone(),
                        at: meta.at,
                    });
                });
            }
            Fact::ChangeExplained { change, service, stage, .. } => {
                self.block_mut(service, stage, |block| {
                    let found = block.changes.iter().find(|known| known.id == *change);
                    block.explained.extend(found.map(|known| known.found.clone()));
                    block.changes.retain(|known| known.id != *change);
                });
            }
            _ => return false,
        }
        true
    }
}
