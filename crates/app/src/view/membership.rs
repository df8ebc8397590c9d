//! The dry run of a membership rule among the services that a product has.

use super::Me;
use super::common::service_called;
use super::mapping::usual;
use super::trial::Trial;
use crate::wire::{MembershipDry, MembershipRule, NearMiss, ServiceBrief};
use signalbox_domain::decide::Act;
use signalbox_domain::membership::{
    Candidate, CandidateStage, Convention, ExpectedStage, Finding, Membership, dry_run,
};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Path, Process, Stage};
use signalbox_domain::product::{Product, Service};
use signalbox_domain::state::State;

/// A rule as it was typed: a prefix counts where there is one.
pub fn membership_of(rule: MembershipRule) -> Membership {
    let MembershipRule { services, prefix } = rule;
    match prefix.map(|prefix| prefix.trim().to_owned()).filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => Membership::Prefix { prefix },
        None => Membership::List { services },
    }
}

/// Says what a rule would do with the services of a product.
pub fn dry_view(
    state: &State,
    product: &Product,
    rule: Membership,
    me: Option<&Me>,
    at: Moment,
) -> MembershipDry {
    let process = state.strategy_in_force(&product.id).map(|strategy| &strategy.content.process);
    let stages: Vec<&Stage> = process.map(on_path).unwrap_or_default();
    let candidates: Vec<Candidate> =
        product.services.iter().map(|service| candidate(service, &stages)).collect();
    let taken: Vec<&Service> = product.services.iter().filter(|service| rule.takes(&service.name)).collect();
    let dry = dry_run(&rule, &convention(&stages, &taken), &candidates);
    let bound = |name: &str| taken.iter().any(|service| service.name == name && service.pipeline.is_some());
    let briefs = |takes: bool| -> Vec<ServiceBrief> {
        let chosen = product.services.iter().filter(|service| rule.takes(&service.name) == takes);
        chosen.map(|service| service_called(state, &service.id)).collect()
    };
    let act = Act::SetMembership { product: product.id.clone(), membership: rule.clone() };
    MembershipDry {
        members: briefs(true),
        left_out: briefs(false),
        near_misses: dry.near_misses.into_iter().map(told).collect(),
        breaches: dry.breaches.into_iter().filter(|broken| bound(&broken.name)).map(told).collect(),
        missing: dry.missing,
        set: Trial::new(state, me, at).mine(&act),
    }
}

fn told(finding: Finding) -> NearMiss {
    let Finding { name, reason } = finding;
    NearMiss { name, why: format!("{} {}", reason.sentence, reason.next_step) }
}

fn on_path(process: &Process) -> Vec<&Stage> {
    process.stages.iter().filter(|stage| stage.path == Path::On).collect()
}

/// A service as its binding tells it: what its stages and gates are called at its pipeline system.
fn candidate(service: &Service, stages: &[&Stage]) -> Candidate {
    let bound = stages.iter().filter_map(|stage| {
        let name = service.remote_of(&stage.key)?.to_owned();
        Some(CandidateStage { name, gates: gate(service, stage).into_iter().map(str::to_owned).collect() })
    });
    Candidate { name: service.name.clone(), stages: bound.collect() }
}

/// How most members call their stages and gates: what the others are measured by.
fn convention(stages: &[&Stage], members: &[&Service]) -> Convention {
    let bound: Vec<&&Service> = members.iter().filter(|service| service.pipeline.is_some()).collect();
    let expected = stages.iter().filter_map(|stage| {
        let names = bound.iter().filter_map(|service| service.remote_of(&stage.key));
        let gates = bound.iter().filter_map(|service| gate(service, stage));
        Some(ExpectedStage {
            name: usual(names, bound.len())?.to_owned(),
            gate: usual(gates, bound.len()).map(str::to_owned),
        })
    });
    Convention { stages: expected.collect() }
}

/// The name of a gate without the stage that it stands in.
fn gate<'s>(service: &'s Service, stage: &Stage) -> Option<&'s str> {
    service.gate_of(&stage.key).map(|gate| gate.rsplit_once('/').map_or(gate, |(_, name)| name))
}
