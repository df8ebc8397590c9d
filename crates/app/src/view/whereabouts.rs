//! What is where: services by environments.

use super::common::{build_brief, product_brief, service_brief, stage_brief};
use super::section::train;
use crate::wire::{BuildBrief, WhereCell, WhereRow, WhereView};
use signalbox_domain::gate::is_ready;
use signalbox_domain::id::{BuildId, ProductId, ServiceId};
use signalbox_domain::line::{Block, Build};
use signalbox_domain::process::{Path, Stage};
use signalbox_domain::state::State;

/// Shows what runs where; none when there is no such product.
pub fn where_view(state: &State, product: &ProductId) -> Option<WhereView> {
    let product = state.products.get(product)?;
    let stages: Vec<&Stage> = state
        .strategy_in_force(&product.id)
        .map(|strategy| strategy.content.process.stages.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|stage| {
            stage.path == Path::On || is_used(state, product.services.iter().map(|s| &s.id), stage)
        })
        .collect();
    Some(WhereView {
        product: product_brief(product),
        stages: stages.iter().map(|stage| stage_brief(stage)).collect(),
        rows: product
            .services
            .iter()
            .map(|service| WhereRow {
                service: service_brief(service),
                cells: stages.iter().map(|stage| cell(state, &service.id, stage)).collect(),
            })
            .collect(),
    })
}

/// Says whether anything runs in the stage's environment.
fn is_used<'a>(state: &State, services: impl Iterator<Item = &'a ServiceId>, stage: &Stage) -> bool {
    services.into_iter().any(|service| state.block(service, &stage.key).deployed.is_some())
}

fn cell(state: &State, service: &ServiceId, stage: &Stage) -> WhereCell {
    let block = state.block(service, &stage.key);
    let here = here(state, &block, stage);
    let build = here.as_ref().and_then(|id| state.builds.get(id));
    let deployment = build.and_then(|build| build.visit(&stage.key)).and_then(|visit| visit.deployment());
    let mut train = here.as_ref().and_then(|id| train(state, id, stage));
    if let (Some(train), Some(ended)) = (&mut train, deployment.and_then(|last| last.ended)) {
        train.since = Some(ended.to_string());
    }
    let admitted = build.and_then(|build| build.visit(&stage.key)).and_then(|visit| visit.admitted.as_ref());
    let by = deployment.map(|last| &last.by).or(admitted.map(|admitted| &admitted.by));
    WhereCell {
        stage: stage.key.to_string(),
        build: train,
        by: by.map(|person| state.name_of(person)).unwrap_or_default(),
        newest_ready: newest_ready(state, service, stage, build),
    }
}

/// What was deployed last; in a stage that is passed by hand, what stands there unless it was turned away.
fn here(state: &State, block: &Block, stage: &Stage) -> Option<BuildId> {
    block.deployed.clone().or_else(|| {
        let shown = block.shown.as_ref().and_then(|id| state.builds.get(id))?;
        (shown.passed(&stage.key) || shown.is_in(&stage.key)).then(|| shown.id.clone())
    })
}

/// The newest build that could be here and is newer than what is.
fn newest_ready(
    state: &State,
    service: &ServiceId,
    stage: &Stage,
    here: Option<&Build>,
) -> Option<BuildBrief> {
    let number = here.map_or(0, |build| build.number);
    state
        .builds_of(service)
        .into_iter()
        .rev()
        .take_while(|build| build.number > number)
        .find(|build| {
            build.rejected_at().is_none()
                && !build.passed(&stage.key)
                && !build.is_in(&stage.key)
                && state.stage_of(build, &stage.key).is_some_and(|own| is_ready(build, own))
        })
        .map(|build| build_brief(state, build))
}
