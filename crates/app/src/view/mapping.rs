//! A dry run of taking pipelines over: what would become of each, and where it departs from the others.

use super::Me;
use super::binding::{as_map, bound, counterpart};
use super::trial::{TYPED, Trial};
use crate::wire::{
    ActState, BindingCourse, BindingDryRow, Notice, StageSuggestion, StageWay, Tone, WireError,
};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ConnectionId, ProductId};
use signalbox_domain::membership::{Candidate, CandidateStage, Convention, ExpectedStage};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Path, Process};
use signalbox_domain::product::Service;
use signalbox_domain::refusal::Blocker;
use signalbox_domain::state::State;
use signalbox_pipelines::{PipelineRef, PipelineShape, sanitise};
use std::collections::BTreeMap;

/// A pipeline as a candidate for membership.
pub fn candidate(name: &str, shape: Option<&PipelineShape>) -> Candidate {
    let stages = shape.map(|shape| shape.stages.as_slice()).unwrap_or_default();
    Candidate {
        name: name.to_owned(),
        stages: stages
            .iter()
            .map(|stage| CandidateStage {
                name: stage.name.clone(),
                gates: stage.gates.iter().map(ToString::to_string).collect(),
            })
            .collect(),
    }
}

/// How most of the pipelines call the stages on the path and their gates: what the others are measured by.
pub fn convention(process: &Process, shapes: &[&PipelineShape]) -> Convention {
    let stages = process.stages.iter().filter(|stage| stage.path == Path::On);
    let expected = stages.map(|stage| {
        let there: Vec<_> = shapes.iter().filter_map(|shape| counterpart(stage, shape)).collect();
        let names = there.iter().map(|there| there.name.as_str());
        let gates = there.iter().filter_map(|there| there.gates.first()).map(|gate| gate.as_str());
        ExpectedStage {
            name: usual(names, shapes.len()).unwrap_or(stage.key.as_str()).to_owned(),
            gate: usual(gates, shapes.len()).map(str::to_owned),
        }
    });
    Convention { stages: expected.collect() }
}

/// The word that more than half of all use.
pub(super) fn usual<'w>(words: impl Iterator<Item = &'w str>, all: usize) -> Option<&'w str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| count * 2 > all)
        .map(|(word, _)| word)
}

/// One matching pipeline, and what would become of it.
pub fn row(
    state: &State,
    product: &ProductId,
    connection: &ConnectionId,
    pipeline: PipelineRef,
    stages: Result<Vec<StageSuggestion>, WireError>,
    broken: Vec<Blocker>,
) -> BindingDryRow {
    let PipelineRef { id, name } = pipeline;
    let known = state.products.get(product).map(|product| product.services.as_slice()).unwrap_or_default();
    let same = |service: &&Service| {
        let bound = service.pipeline.as_ref();
        bound.is_some_and(|bound| bound.connection == *connection && bound.pipeline == id.as_str())
    };
    let service = known
        .iter()
        .find(same)
        .or_else(|| known.iter().find(|service| service.name == service_name(&name)))
        .map_or_else(|| service_name(&name), |service| service.name.clone());
    let mut notices: Vec<Notice> = broken
        .iter()
        .map(|breach| Notice {
            tone: Tone::Wait,
            title: sanitise(&breach.sentence).into_owned(),
            detail: sanitise(&breach.next_step).into_owned(),
        })
        .collect();
    let (course, stages) = match stages {
        Err(error) => {
            notices.push(Notice {
                tone: Tone::Stop,
                title: "It can't be read".to_owned(),
                detail: format!("{} {}", error.message, error.hint),
            });
            (BindingCourse::Refused, Vec::new())
        }
        Ok(stages) if stages.iter().all(|stage| stage.way == StageWay::ByHand) => {
            notices.push(Notice {
                tone: Tone::Stop,
                title: "None of its stages is called like a stage of the process".to_owned(),
                detail: "Rename its stages, or bind it by itself.".to_owned(),
            });
            (BindingCourse::Refused, stages)
        }
        Ok(stages) => (course(known, connection, id.as_str(), &service, &stages), stages),
    };
    BindingDryRow {
        pipeline: id.to_string(),
        name: sanitise(&name).into_owned(),
        service,
        course,
        stages,
        notices,
    }
}

fn course(
    known: &[Service],
    connection: &ConnectionId,
    pipeline: &str,
    name: &str,
    stages: &[StageSuggestion],
) -> BindingCourse {
    let Some(service) = known.iter().find(|service| service.name == name) else { return BindingCourse::Add };
    let wanted = bound(&stages.iter().map(as_map).collect::<Vec<_>>());
    let same = service.pipeline.as_ref().is_some_and(|binding| {
        binding.connection == *connection
            && binding.pipeline == pipeline
            && (&binding.stages, &binding.mapped) == (&wanted.0, &wanted.1)
    });
    if same { BindingCourse::Bound } else { BindingCourse::Bind }
}

/// A service's name made of a pipeline's: what a service's name can't hold becomes a hyphen.
fn service_name(pipeline: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    pipeline.chars().map(|c| if plain(c) { c } else { '-' }).collect::<String>().trim_matches('-').to_owned()
}

/// Whether the person who signs here could take pipelines over.
pub fn apply(state: &State, me: Option<&Me>, product: &ProductId, at: Moment) -> ActState {
    let add = Act::AddService { product: product.clone(), service: TYPED.into(), name: TYPED.into() };
    // The names are those of the rows.
    Trial::new(state, me, at).mine_where(&add, |blocker| blocker.code != "service.name-malformed")
}
