//! One build, whole: what it is made of, what it carries, what happened to it in each stage.

use super::Me;
use super::common::{build_brief, stage_brief};
use super::gate::{checks, deployment_view, signoffs};
use super::packet::{veto, vetoed};
use super::place::{process_for, stand, why};
use super::trial::Trial;
use crate::wire::{BuildView, CarriedFeature, ComponentView, DigestView, VisitView};
use signalbox_domain::feature::FeatureSignOff;
use signalbox_domain::id::FeatureKey;
use signalbox_domain::line::{Build, BuildContent, Components, Digest};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Path, Stage};
use signalbox_domain::state::State;

/// Shows one build.
pub fn build_view(state: &State, build: &Build, me: Option<&Me>, at: Moment) -> BuildView {
    let BuildContent { label: _, commit: _, digests, components, features, author, reference: _ } =
        &build.content;
    let stages = process_for(state, build).map(|process| process.stages.as_slice()).unwrap_or_default();
    BuildView {
        build: build_brief(state, build),
        author: build.author.as_ref().map_or_else(|| author.clone(), |person| state.name_of(person)),
        arrived: build.arrived.to_string(),
        number: build.number,
        strategy: build.strategy,
        digests: digests.iter().map(digest_view).collect(),
        components: component_views(components),
        features: features.iter().map(|key| carried(state, build, key)).collect(),
        stages: stages
            .iter()
            .filter(|stage| stage.path == Path::On || build.standings.contains_key(&stage.key))
            .map(|stage| visit_view(state, build, stage, me))
            .collect(),
        veto: veto(&Trial::new(state, me, at), build),
        vetoed: vetoed(state, build),
    }
}

fn digest_view(digest: &Digest) -> DigestView {
    let Digest { artifact, sha256 } = digest;
    DigestView { artifact: artifact.clone(), sha256: sha256.clone() }
}

/// The components that have a version.
fn component_views(components: &Components) -> Vec<ComponentView> {
    let Components { application, configuration, infrastructure, data } = components;
    let all = [
        ("application", application),
        ("configuration", configuration),
        ("infrastructure", infrastructure),
        ("data", data),
    ];
    all.into_iter()
        .filter(|(_, version)| !version.is_empty())
        .map(|(name, version)| ComponentView { name: name.to_owned(), version: version.clone() })
        .collect()
}

fn carried(state: &State, build: &Build, key: &FeatureKey) -> CarriedFeature {
    let known = state.features.get(key);
    let given: Option<&FeatureSignOff> = known.and_then(|known| known.signed_off(&build.id));
    CarriedFeature {
        key: key.to_string(),
        title: known.map(|known| known.title.clone()).unwrap_or_default(),
        planned: known.is_some(),
        signed_off: given.map(|given| given.approved),
        by: given.map(|given| state.name_of(&given.person)),
    }
}

fn visit_view(state: &State, build: &Build, stage: &Stage, me: Option<&Me>) -> VisitView {
    let visit = build.visit(&stage.key);
    let stand = stand(state, build, stage);
    VisitView {
        stage: stage_brief(stage),
        state: stand.state,
        word: stand.word,
        since: stand.since.map(|since| since.to_string()),
        reason: why(state, build, stage),
        deployments: visit
            .into_iter()
            .flat_map(|visit| &visit.deployments)
            .map(|deployment| deployment_view(state, deployment))
            .collect(),
        checks: checks(visit, &stage.gate.checks),
        signoffs: signoffs(state, visit, me),
    }
}
