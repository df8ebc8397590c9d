//! Which pipelines would become services of a product: a dry run by the beginning of their names.

use super::binding::{manner, process_of};
use super::connection::pipelines;
use crate::desk::Desk;
use crate::view;
use crate::view::binding::suggest;
use crate::view::mapping::{candidate, convention, row};
use crate::wire::*;
use signalbox_domain::id::ProductId;
use signalbox_domain::membership::{Membership, dry_run};
use signalbox_pipelines::{PipelineRef, PipelineShape, PipelineSystem, RemoteError, sanitise};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a dry run may take altogether.
const DRY_RUN_LIMIT: Duration = Duration::from_secs(120);
/// How many pipelines are read at the same time.
const AT_ONCE: usize = 6;

/// What a look at the pipeline system found.
struct Found {
    /// Those that match, each as far as it could be read.
    matching: Vec<(PipelineRef, Result<PipelineShape, RemoteError>)>,
    others: Vec<PipelineRef>,
    more: bool,
}

impl Desk {
    pub(crate) fn binding_dry_run(&self, request: BindingDryRun) -> Result<BindingDry, WireError> {
        let BindingDryRun { connection, product, prefix } = request;
        let prefix = prefix.trim().to_owned();
        if prefix.is_empty() {
            return Err(WireError::new(
                "binding.prefix-empty",
                "The beginning of the names is empty.",
                "Write how the names of the product's pipelines begin.",
            ));
        }
        let product = ProductId::new(product);
        let (connection, kind) = self.known_connection(connection)?;
        let system = self.system(&connection, kind.name())?;
        let manner = manner(kind, system.as_ref());
        let Found { matching, others, more } =
            self.wait_within(DRY_RUN_LIMIT, look(system, prefix.clone()))?;
        let state = self.state_with_processes()?;
        let process = process_of(&state, &product)?;
        let shapes: Vec<&PipelineShape> =
            matching.iter().filter_map(|(_, shape)| shape.as_ref().ok()).collect();
        let mut candidates: Vec<_> =
            matching.iter().map(|(pipeline, shape)| candidate(&pipeline.name, shape.as_ref().ok())).collect();
        candidates.extend(others.iter().map(|pipeline| candidate(&pipeline.name, None)));
        let dry = dry_run(&Membership::Prefix { prefix }, &convention(process, &shapes), &candidates);
        let mut breaches: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for finding in dry.breaches {
            breaches.entry(finding.name).or_default().push(finding.reason);
        }
        let rows = matching.into_iter().map(|(pipeline, shape)| {
            let broken = breaches.remove(&pipeline.name).unwrap_or_default();
            let shape = shape.map_err(WireError::from);
            let stages = shape.map(|shape| suggest(process, &shape, manner));
            row(&state, &product, &connection, pipeline, stages, broken)
        });
        Ok(BindingDry {
            rows: rows.collect(),
            near_misses: dry
                .near_misses
                .into_iter()
                .map(|miss| NearMiss {
                    name: sanitise(&miss.name).into_owned(),
                    why: sanitise(&format!("{} {}", miss.reason.sentence, miss.reason.next_step))
                        .into_owned(),
                })
                .collect(),
            more,
            apply: view::mapping::apply(&state, self.me(&state).as_ref(), &product, self.now()),
        })
    }
}

/// Lists every pipeline, and reads those that match.
async fn look(system: Arc<dyn PipelineSystem>, prefix: String) -> Result<Found, RemoteError> {
    // Near misses are told from all names; where there are too many, those that match come first.
    let (mut matching, more_matching) = pipelines(system.as_ref(), Some(prefix.clone())).await?;
    matching.retain(|pipeline| pipeline.name.starts_with(&prefix));
    let (all, _) = pipelines(system.as_ref(), None).await?;
    let others = all.into_iter().filter(|pipeline| !pipeline.name.starts_with(&prefix)).collect();
    let mut waiting = matching.into_iter().enumerate();
    let mut reading = JoinSet::new();
    let mut read = BTreeMap::new();
    loop {
        while reading.len() < AT_ONCE
            && let Some((at, pipeline)) = waiting.next()
        {
            let system = Arc::clone(&system);
            reading.spawn(async move {
                let shape = system.describe(&pipeline.id).await;
                (at, (pipeline, shape))
            });
        }
        match reading.join_next().await {
            Some(Ok((at, found))) => {
                read.insert(at, found);
            }
            Some(Err(broke)) => return Err(RemoteError::Protocol { detail: broke.to_string() }),
            None => break,
        }
    }
    Ok(Found { matching: read.into_values().collect(), others, more: more_matching })
}
