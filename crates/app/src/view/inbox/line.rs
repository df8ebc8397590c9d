//! What waits for a person on the lines: gates, checklists, features, failures, ready builds, stale approvals.

use super::{of_build, row};
use crate::view::Me;
use crate::view::gated;
use crate::view::place::{process_for, stand};
use crate::view::section::settle;
use crate::view::trial::{TYPED, Trial};
use crate::view::words;
use crate::wire::{InboxKind, InboxRow, Risk};
use signalbox_domain::decide::{Act, promotion_blockers};
use signalbox_domain::feature::FeatureState;
use signalbox_domain::gate::{GateStatus, deciding_roles, gate_status, who_can_decide, why_not_ready};
use signalbox_domain::id::ServiceId;
use signalbox_domain::line::{Build, ItemState, Line, Outcome, Phase, SignOff, Standing, Visit, Void};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Entry, Process, Stage};
use signalbox_domain::sheet::{feature_packet, gate_packet};
use signalbox_domain::state::State;

pub(super) fn rows(state: &State, me: &Me, at: Moment, rows: &mut Vec<InboxRow>) {
    for line in state.lines.values() {
        let trial = Trial::new(state, Some(me), at);
        let mut desk = Desk { state, me, service: &line.service, trial, rows };
        desk.sections(line);
        desk.unsettled();
        desk.unanswered();
        desk.changed(line);
        desk.ready();
    }
}

/// One service's line, as one person looks at it.
struct Desk<'a> {
    state: &'a State,
    me: &'a Me,
    service: &'a ServiceId,
    trial: Trial<'a>,
    rows: &'a mut Vec<InboxRow>,
}

impl Desk<'_> {
    fn sections(&mut self, line: &Line) {
        for (key, block) in &line.sections {
            let shown = block.occupant.as_ref().or(block.shown.as_ref());
            let Some(build) = shown.and_then(|id| self.state.builds.get(id)) else { continue };
            let Some(process) = process_for(self.state, build) else { continue };
            let Some(stage) = process.stage(key) else { continue };
            if block.occupant.is_some() {
                match build.visit(key).map_or(Phase::Undecided, Visit::phase) {
                    Phase::Undecided => self.undecided(process, build, stage),
                    Phase::Stopped => {
                        self.failed(build, stage, "The line is stopped. Retry, reject or release.")
                    }
                    Phase::Deploying | Phase::Unknown => {}
                }
            } else if matches!(build.standings.get(key), Some(Standing::Failed { .. })) {
                self.failed(build, stage, "Retry it, or let a newer build come.");
            }
        }
    }

    /// A build that stands decided by nobody: what this person can do to bring it on.
    fn undecided(&mut self, process: &Process, build: &Build, stage: &Stage) {
        let status = gate_status(self.state, build, stage);
        if self.stale(build, stage) {
            return;
        }
        if status.waits_for().is_empty() {
            if who_can_decide(self.state, build, stage).contains(&self.me.person.id) {
                let sentence = status.sentence.as_deref().unwrap_or("A person decides");
                let detail = format!("Approve or reject it. {sentence}.");
                self.push_build(InboxKind::Gate, "gate", process, build, stage, detail);
            }
            return;
        }
        let fits =
            self.me.person.holds_any(&deciding_roles(stage)) || self.me.person.holds_any(&stage.deployers);
        let todo = by_hand(&status);
        if fits && !todo.is_empty() {
            let detail = format!("{}.", words::capital(&words::join(&todo, "and")));
            self.push_build(InboxKind::Checklist, "checklist", process, build, stage, detail);
        }
        self.features(process, build, stage, &status);
    }

    /// Features that the gate wants signed off and nobody has looked at in this build (S8).
    fn features(&mut self, process: &Process, build: &Build, stage: &Stage, status: &GateStatus) {
        for (key, _) in status.features.iter().filter(|(_, answer)| answer.is_none()) {
            let Some(feature) = self.state.features.get(key) else { continue };
            let sign = Act::SignFeature {
                feature: key.clone(),
                build: build.id.clone(),
                approved: true,
                comment: TYPED.into(),
                shown: feature_packet(self.state, feature, build),
            };
            if !self.may(&sign) {
                continue;
            }
            let before = feature.signoffs.last().and_then(|given| self.state.builds.get(&given.build));
            let detail = match before {
                Some(before) => {
                    format!("Look at it again: {} replaces {}.", build.content.label, before.content.label)
                }
                None => format!("Look at it in {} and sign it off.", stage.name),
            };
            let title = format!("{key} {} in {}", feature.title, self.name(build));
            let row = row(InboxKind::Feature, format!("feature:{key}:{}", build.id), title, detail);
            self.rows.push(InboxRow {
                feature: Some(key.to_string()),
                risk: risk(process, build, stage, self.state),
                since: stand(self.state, build, stage).since.map(|since| since.to_string()),
                ..of_build(row, build, Some(stage))
            });
        }
    }

    /// My approval that no longer counts because what I signed changed.
    fn stale(&mut self, build: &Build, stage: &Stage) -> bool {
        let signoffs = build.visit(&stage.key).map(|visit| visit.signoffs.as_slice()).unwrap_or_default();
        let Some(SignOff { void: Some(Void::Stale { lines }), approved: true, at, .. }) =
            signoffs.iter().rev().find(|given| given.person == self.me.person.id)
        else {
            return false;
        };
        let title = format!("Your approval of {} in {} went stale", self.name(build), stage.name);
        let detail = format!("Read the sheet again, then sign. Changed: {}.", lines.join("; "));
        let id = format!("stale:{}:{}", build.id, stage.key);
        self.rows.push(InboxRow {
            risk: Risk::Medium,
            since: Some(at.to_string()),
            ..of_build(row(InboxKind::Stale, id, title, detail), build, Some(stage))
        });
        true
    }

    /// A failure that I may do something about.
    fn failed(&mut self, build: &Build, stage: &Stage, detail: &str) {
        let retry = Act::Retry { build: build.id.clone(), stage: stage.key.clone(), reason: TYPED.into() };
        if !self.may(&retry) {
            return;
        }
        let stopped = build.is_in(&stage.key);
        let id = format!("failed:{}:{}", build.id, stage.key);
        let title = format!("{} failed in {}", self.name(build), stage.name);
        self.rows.push(InboxRow {
            changes: what_failed(build, stage),
            risk: if stopped { Risk::High } else { Risk::Medium },
            since: stand(self.state, build, stage).since.map(|since| since.to_string()),
            ..of_build(row(InboxKind::Failed, id, title, detail.into()), build, Some(stage))
        });
    }

    /// Deployments, forward or back, of which nobody knows how they ended.
    fn unsettled(&mut self) {
        let state = self.state;
        for build in state.builds_of(self.service) {
            for (key, visit) in &build.visits {
                let Some(running) = visit.running().filter(|last| last.outcome == Some(Outcome::Unknown))
                else {
                    continue;
                };
                let Some(stage) = process_for(state, build).and_then(|process| process.stage(key)) else {
                    continue;
                };
                if !self.may(&settle(build, stage)) {
                    continue;
                }
                let title = format!("Nobody knows how {} ended in {}", self.name(build), stage.name);
                let detail = "Look at the pipeline system and say how the deployment ended.".to_owned();
                let row = row(InboxKind::Unknown, format!("unknown:{}", running.id), title, detail);
                self.rows.push(InboxRow {
                    changes: running.detail.clone(),
                    risk: Risk::High,
                    since: Some(running.at.to_string()),
                    ..of_build(row, build, Some(stage))
                });
            }
        }
    }

    /// Answers to the pipeline system's own gates that did not arrive, or of which nobody knows.
    fn unanswered(&mut self) {
        let state = self.state;
        for build in state.builds_of(self.service) {
            for (key, visit) in &build.visits {
                let Some(answer) = visit.answers.last() else { continue };
                let Some(stage) = process_for(state, build).and_then(|process| process.stage(key)) else {
                    continue;
                };
                let (act, title, detail) = match answer.outcome {
                    Some(Outcome::Unknown) => (
                        gated::settle_answer(build, key),
                        format!("Nobody knows whether the gate of {} was answered", stage.name),
                        "Look at the pipeline system and say how the answer ended.",
                    ),
                    Some(Outcome::NotDone | Outcome::Failed) => (
                        gated::answer_again(build, key),
                        format!("The gate of {} was not answered", stage.name),
                        "Answer it again once the reason is gone.",
                    ),
                    None | Some(Outcome::Succeeded) => continue,
                };
                if !self.may(&act) {
                    continue;
                }
                let title = format!("{title} for {}", self.name(build));
                let row = row(InboxKind::Answer, format!("answer:{}", answer.id), title, detail.to_owned());
                self.rows.push(InboxRow {
                    changes: answer.detail.clone(),
                    risk: Risk::High,
                    since: Some(answer.at.to_string()),
                    ..of_build(row, build, Some(stage))
                });
            }
        }
    }

    /// What stands in a stage there and nothing in the ledger explains.
    fn changed(&mut self, line: &Line) {
        for (key, block) in &line.sections {
            for change in &block.changes {
                if !self.may(&gated::explain(change)) {
                    continue;
                }
                let process = self.state.process_in_force(self.service);
                let stage = process.and_then(|process| process.stage(key));
                let place = stage.map_or(key.as_str(), |stage| stage.name.as_str());
                let title = format!("Unexplained change in {place}: {}", change.found);
                let detail = "Find out who changed it, and write down why.".to_owned();
                let row = row(InboxKind::Change, format!("change:{}", change.id), title, detail);
                let owner = self.state.service(self.service).map(|(product, _)| product.id.to_string());
                self.rows.push(InboxRow {
                    changes: change.detail.clone(),
                    risk: Risk::High,
                    since: Some(change.at.to_string()),
                    product: owner,
                    service: Some(self.service.to_string()),
                    build: change.build.as_ref().map(ToString::to_string),
                    stage: Some(key.to_string()),
                    ..row
                });
            }
        }
    }

    /// The newest build at each pressed stage that is ready, newer than what passed there, and mine to press.
    fn ready(&mut self) {
        let state = self.state;
        let Some(process) = state.process_in_force(self.service) else { return };
        for stage in process.on_path().filter(|stage| stage.entry == Entry::Press) {
            let builds = state.builds_of(self.service);
            let passed =
                builds.iter().filter(|build| build.passed(&stage.key)).map(|build| build.number).max();
            let newest = builds.into_iter().rev().filter(|build| build.live).find_map(|build| {
                let own = state.stage_of(build, &stage.key)?;
                why_not_ready(state, build, own).is_none().then_some((build, own))
            });
            let Some((build, own)) = newest.filter(|(build, _)| Some(build.number) > passed) else {
                continue;
            };
            if !promotion_blockers(state, build, own).is_empty() {
                continue;
            }
            let promote = Act::Promote {
                build: build.id.clone(),
                stage: stage.key.clone(),
                reason: TYPED.into(),
                shown: gate_packet(state, build, own),
            };
            if self.may(&promote) {
                let detail = format!("Deploy it to {} when the time has come.", stage.name);
                self.push_build(InboxKind::Ready, "ready", process, build, own, detail);
            }
        }
    }

    fn push_build(
        &mut self,
        kind: InboxKind,
        id: &str,
        process: &Process,
        build: &Build,
        stage: &Stage,
        detail: String,
    ) {
        let name = self.name(build);
        let title = match kind {
            InboxKind::Ready => format!("{name} is ready for {}", stage.name),
            _ => format!("{name} in {}", stage.name),
        };
        let row = row(kind, format!("{id}:{}:{}", build.id, stage.key), title, detail);
        self.rows.push(InboxRow {
            changes: changes(self.state, build, stage),
            risk: risk(process, build, stage, self.state),
            since: stand(self.state, build, stage).since.map(|since| since.to_string()),
            ..of_build(row, build, Some(stage))
        });
    }

    /// Whether I may do this; a locked key does not keep work from waiting for me.
    fn may(&self, act: &Act) -> bool {
        !self.trial.mine(act).roles.is_empty()
    }

    fn name(&self, build: &Build) -> String {
        let service = self.state.service(self.service).map(|(_, service)| service.name.as_str());
        format!("{} {}", service.unwrap_or(self.service.as_str()), build.content.label)
    }
}

/// What people have to do before anyone can approve: checklist items, checks that nothing reports.
fn by_hand(status: &GateStatus) -> Vec<String> {
    let hand = GateStatus { features: Vec::new(), ..status.clone() };
    let open =
        hand.items.iter().any(|(_, mark)| mark.as_ref().is_none_or(|mark| mark.state == ItemState::Open));
    let missing = hand.checks.iter().any(|(_, result)| result.is_none());
    if open || missing { words::waits(&hand) } else { Vec::new() }
}

/// What changes with the build, in a few words.
fn changes(state: &State, build: &Build, stage: &Stage) -> String {
    const FEATURES_SHOWN: usize = 3;
    let packet = gate_packet(state, build, stage);
    let features: Vec<String> =
        packet.lines.iter().filter(|line| line.part == "features").map(|line| line.label.clone()).collect();
    let mut words: Vec<String> = features.iter().take(FEATURES_SHOWN).cloned().collect();
    if features.len() > FEATURES_SHOWN {
        words.push(format!("{} more", features.len() - FEATURES_SHOWN));
    }
    let components = packet
        .lines
        .iter()
        .filter(|line| line.part == "components" && line.label != "application")
        .map(|line| format!("{} {}", line.label, line.text));
    [words.join(", ")]
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(components)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// How much hangs on a stage: its users, then its data.
fn risk(process: &Process, build: &Build, stage: &Stage, state: &State) -> Risk {
    if stage.needs_release || process.is_last(&stage.key) {
        return Risk::High;
    }
    let packet = gate_packet(state, build, stage);
    let first =
        packet.lines.iter().any(|line| line.part == "compared with" && line.text.starts_with("nothing"));
    let data = packet.lines.iter().any(|line| line.part == "components" && line.label == "data");
    if stage.marks >= Some(FeatureState::InStaging) || (data && !first) { Risk::Medium } else { Risk::Low }
}

fn what_failed(build: &Build, stage: &Stage) -> String {
    if let Some(Standing::Failed { reason, .. }) = build.standings.get(&stage.key) {
        return reason.clone();
    }
    let Some(visit) = build.visit(&stage.key) else { return String::new() };
    match visit.checks.iter().find(|check| !check.passed) {
        Some(check) => format!("{}: {}", check.name, check.summary),
        None => visit.deployment().map(|last| last.detail.clone()).unwrap_or_default(),
    }
}
