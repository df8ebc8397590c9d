//! Composes packets from the state: the decision sheet that a person reads and signs (S3).

use crate::answer::released_by;
use crate::feature::Feature;
use crate::gate::{gate_status, plan_blockers, release_of};
use crate::line::{Build, ItemState, Phase};
use crate::packet::Packet;
use crate::process::Stage;
use crate::state::State;

/// The packet of a build at a stage.
pub fn gate_packet(state: &State, build: &Build, stage: &Stage) -> Packet {
    let (product, service) = match state.service(&build.service) {
        Some((product, service)) => (product.name.as_str(), service.name.as_str()),
        None => ("", build.service.as_str()),
    };
    let mut packet = Packet {
        title: format!("{product} {service} {} in {}", build.content.label, stage.name),
        lines: Vec::new(),
    };
    build_lines(state, &mut packet, build);
    difference_lines(state, &mut packet, build, stage);
    gate_lines(state, &mut packet, build, stage);
    // The plan is part of the decision to enter; what happens to it later is not part of the verdict.
    if stage.needs_release && !build.is_in(&stage.key) {
        release_line(state, &mut packet, build);
    }
    answer_lines(state, &mut packet, build, stage);
    issue_lines(state, &mut packet, build, stage);
    if let Some(hold) = state.block(&build.service, &stage.key).hold {
        packet.line("hold", "held", format!("{} by {}", hold.reason, state.name_of(&hold.by)));
    }
    packet
}

/// What the verdict does on the pipeline system, and what stands there unexplained.
fn answer_lines(state: &State, packet: &mut Packet, build: &Build, stage: &Stage) {
    let gate = state.binding(&build.service).and_then(|binding| binding.gate_of(&stage.key));
    if let Some(gate) = gate.filter(|_| build.is_in(&stage.key)) {
        packet.line("pipeline", "answers", format!("{gate} on {}", state.system_name(&build.service)));
        let next = released_by(state, build, stage);
        for next in &next {
            packet.line("pipeline", format!("lets on into {}", next.name), "as soon as it is approved");
            if let Some(hold) = state.block(&build.service, &next.key).hold {
                packet.line(
                    "hold",
                    next.name.as_str(),
                    format!("{} by {}", hold.reason, state.name_of(&hold.by)),
                );
            }
        }
        if next.iter().any(|next| next.needs_release) {
            release_line(state, packet, build);
        }
    }
    for change in state.block(&build.service, &stage.key).changes {
        packet.line("unexplained change", change.found, change.detail);
    }
}

fn release_line(state: &State, packet: &mut Packet, build: &Build) {
    let (name, text) = match release_of(state, &build.id) {
        Some(release) => {
            let open = plan_blockers(state, release).len();
            (
                release.name.clone(),
                if open == 0 { "complete and agreed".into() } else { format!("{open} points open") },
            )
        }
        None => ("plan".to_owned(), "no open release carries this build".to_owned()),
    };
    packet.line("release", name, text);
}

/// The packet of a feature in a build.
pub fn feature_packet(state: &State, feature: &Feature, build: &Build) -> Packet {
    let mut packet = Packet {
        title: format!("{} {} in {}", feature.key, feature.title, build.content.label),
        lines: Vec::new(),
    };
    build_lines(state, &mut packet, build);
    packet.line("feature", feature.key.as_str(), feature.title.as_str());
    packet.line("feature", "state", feature.state().name());
    packet.line("feature", "requested by", state.name_of(&feature.requester));
    if let Some(process) = state.process_of(build) {
        for stage in process.on_path().filter(|stage| build.passed(&stage.key)) {
            packet.line("passed", stage.name.as_str(), "yes");
        }
    }
    packet
}

fn build_lines(state: &State, packet: &mut Packet, build: &Build) {
    packet.line("build", "label", build.content.label.as_str());
    packet.line("build", "commit", build.content.commit.as_str());
    let author =
        build.author.as_ref().map_or_else(|| build.content.author.clone(), |person| state.name_of(person));
    packet.line("build", "author", author);
    if let Some(reference) = &build.content.reference {
        packet.line("build", "in the pipeline system", reference.as_str());
    }
    for digest in &build.content.digests {
        packet.line("digest", digest.artifact.as_str(), format!("sha256:{}", digest.sha256));
    }
}

/// What differs from the build that passed here before, and what the build carries.
fn difference_lines(state: &State, packet: &mut Packet, build: &Build, stage: &Stage) {
    let block = state.block(&build.service, &stage.key);
    let before = block.good.iter().find(|good| **good != build.id).and_then(|good| state.builds.get(good));
    let label = before.map_or("nothing has passed here yet", |before| before.content.label.as_str());
    packet.line("compared with", "build", label);
    let new = &build.content.components;
    let old = before.map(|before| before.content.components.clone()).unwrap_or_default();
    let parts = [
        ("application", &old.application, &new.application),
        ("configuration", &old.configuration, &new.configuration),
        ("infrastructure", &old.infrastructure, &new.infrastructure),
        ("data", &old.data, &new.data),
    ];
    for (name, old, new) in parts {
        if old != new {
            let old = if old.is_empty() { "–" } else { old };
            let new = if new.is_empty() { "–" } else { new };
            packet.line("components", name, format!("{old} → {new}"));
        }
    }
    for key in &build.content.features {
        if before.is_some_and(|before| before.content.features.contains(key)) {
            continue;
        }
        let text = match state.features.get(key) {
            None => "not planned: no such feature is tracked".to_owned(),
            Some(feature) => match feature.signed_off(&build.id) {
                Some(given) if given.approved => {
                    format!("{}: signed off by {}", feature.title, state.name_of(&given.person))
                }
                Some(given) => format!("{}: not accepted by {}", feature.title, state.name_of(&given.person)),
                None => format!("{}: not signed off", feature.title),
            },
        };
        packet.line("features", key.as_str(), text);
    }
}

fn gate_lines(state: &State, packet: &mut Packet, build: &Build, stage: &Stage) {
    let status = gate_status(state, build, stage);
    if build.is_in(&stage.key) {
        let text = match status.phase {
            Phase::Deploying => "running",
            Phase::Unknown => "outcome unknown",
            Phase::Stopped => "failed",
            Phase::Undecided if build.visit(&stage.key).is_some_and(|visit| visit.deployment().is_some()) => {
                "succeeded"
            }
            Phase::Undecided => "by hand",
        };
        packet.line("deployment", "outcome", text);
    }
    for (name, result) in &status.checks {
        let text = match result {
            Some(result) if result.passed => format!("passed: {}", result.summary),
            Some(result) => format!("failed: {}", result.summary),
            None => "no result".to_owned(),
        };
        packet.line("checks", name.as_str(), text);
    }
    for (item, mark) in &status.items {
        let text = match mark {
            Some(mark) if mark.state == ItemState::Done => format!("done by {}", state.name_of(&mark.by)),
            Some(mark) if mark.state == ItemState::NotApplicable => {
                format!("not applicable: {}", mark.reason)
            }
            _ => "open".to_owned(),
        };
        packet.line("checklist", item.text.as_str(), text);
    }
    if let Some(sentence) = &status.sentence {
        packet.line("rule", "approval", sentence.as_str());
    }
}

/// The open entries of the issue log that are about this service, or about no service in particular.
fn issue_lines(state: &State, packet: &mut Packet, build: &Build, stage: &Stage) {
    for issue in
        state.issues.values().filter(|issue| issue.product == build.product && issue.lesson.is_none())
    {
        let report = &issue.report;
        let service = report.service.as_ref().is_none_or(|service| *service == build.service);
        let here = report.stage.as_ref().is_none_or(|known| *known == stage.key);
        if service && (here || report.build.as_ref() == Some(&build.id)) {
            packet.line("open issues", issue.key.as_str(), report.problem.as_str());
        }
    }
}
