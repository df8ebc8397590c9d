//! Composes the packet of a release decision: what one signature sends on, service by service (R1, S3).
//!
//! It holds the whole sheet of every build that goes, line by line, so that a person who signs for all was shown
//! what a person who signs for one is shown.

use crate::gate::plan_blockers;
use crate::id::StageKey;
use crate::line::{Build, Outcome};
use crate::packet::Packet;
use crate::product_test::PRODUCT_TESTS;
use crate::prospect::{Passage, Prospect, prospects};
use crate::release::Release;
use crate::sheet::gate_packet;
use crate::state::State;

/// The packet of a decision to send a release on into a stage, or to send again what did not go.
pub fn release_packet(state: &State, release: &Release, stage: &StageKey) -> Packet {
    let process = state.strategy_in_force(&release.product).map(|strategy| &strategy.content.process);
    let place = process
        .and_then(|process| process.stage(stage))
        .map_or_else(|| stage.to_string(), |stage| stage.name.clone());
    let again = release.decision_on(stage).is_some();
    let title = if again { "again to" } else { "to" };
    let mut packet = Packet { title: format!("{} {title} {place}", release.name), lines: Vec::new() };
    plan_line(state, &mut packet, release, stage);
    test_line(state, &mut packet, release);
    for member in prospects(state, release, stage) {
        member_lines(state, &mut packet, &member, stage);
    }
    packet
}

fn plan_line(state: &State, packet: &mut Packet, release: &Release, stage: &StageKey) {
    let wanted = release.builds.iter().any(|chosen| {
        let build = state.builds.get(&chosen.build);
        build.and_then(|build| state.stage_of(build, stage)).is_some_and(|stage| stage.needs_release)
    });
    let open = plan_blockers(state, release).len();
    let text = match open {
        _ if !wanted => "not asked for".to_owned(),
        0 => "complete and agreed".to_owned(),
        _ => format!("{open} points open"),
    };
    packet.line("release", "plan", text);
}

/// The latest test of the whole product that came to a result.
fn test_line(state: &State, packet: &mut Packet, release: &Release) {
    let tests = state.products.get(&release.product).map(|product| &product.releasing.tests);
    let decided = |outcome| matches!(outcome, Some(Outcome::Succeeded | Outcome::Failed));
    let Some(test) = tests.and_then(|tests| tests.iter().rev().find(|test| decided(test.outcome))) else {
        return;
    };
    let how = if test.outcome == Some(Outcome::Succeeded) { "passed" } else { "failed" };
    let same = release.builds.iter().all(|chosen| test.builds.contains(chosen));
    let builds = if same { "with these builds" } else { "with other builds" };
    packet.line(
        "release",
        PRODUCT_TESTS,
        format!("{how} in {} at {}, {builds}: {}", test.stage, test.at, test.summary),
    );
}

fn member_lines(state: &State, packet: &mut Packet, member: &Prospect, stage: &StageKey) {
    let service = state
        .service(&member.service)
        .map_or_else(|| member.service.to_string(), |(_, service)| service.name.clone());
    let name = |key: &StageKey, build: Option<&Build>| {
        let step = build.and_then(|build| state.stage_of(build, key));
        step.map_or_else(|| key.to_string(), |step| step.name.clone())
    };
    let build = member.build.as_ref().and_then(|build| state.builds.get(build));
    let mechanism = match &member.passage {
        Passage::Promotion => "promotion".to_owned(),
        Passage::Retry => "promotion, again after a failure".to_owned(),
        Passage::Approval(gate) => format!("gate answer in {}", name(gate, build)),
        Passage::Answer(gate) => format!("gate answer in {}, again after a failure", name(gate, build)),
        Passage::Nothing(why) => format!("nothing to approve: {why}"),
        Passage::Closed => "does not go".to_owned(),
    };
    packet.line(&service, "mechanism", mechanism);
    for (at, blocker) in member.blockers.iter().enumerate() {
        packet.line(&service, format!("blocked {}", at + 1), blocker.sentence.as_str());
    }
    let Some(build) = build else { return };
    packet.line(&service, "chosen", build.content.label.as_str());
    let there = state.block(&member.service, stage).deployed.or(state.block(&member.service, stage).shown);
    let there = there.and_then(|there| state.builds.get(&there));
    let there = there.map_or("nothing", |there| there.content.label.as_str());
    packet.line(&service, "in the stage now", there);
    if let Some(veto) = &build.vetoed {
        let text = format!("by {}: {}", state.name_of(&veto.by), veto.reason);
        packet.line(&service, "vetoed", text);
    }
    let sheet = match &member.passage {
        Passage::Approval(gate) | Passage::Answer(gate) => gate,
        Passage::Nothing(_) => return,
        Passage::Promotion | Passage::Retry | Passage::Closed => stage,
    };
    let Some(step) = state.stage_of(build, sheet) else { return };
    for line in gate_packet(state, build, step).lines {
        packet.line(&format!("{service}: {}", line.part), line.label, line.text);
    }
}
