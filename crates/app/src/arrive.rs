//! Looks for builds at the pipelines and records those that are new.

use crate::desk::Desk;
use crate::systems::LOCAL;
use crate::wire::{BuildBrief, Notice, ScanView, Tone, WireError};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, ConnectionId, ServiceId};
use signalbox_domain::line::{BuildContent, Components, Digest};
use signalbox_domain::state::State;
use signalbox_pipelines::{Build, BuildProblem, BuildQuery, PipelineId, sanitise};
use signalbox_store::Scope;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often a local pipeline's arrivals are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// A service that has a pipeline.
pub(crate) struct Bound {
    pub service: ServiceId,
    pub name: String,
    pub connection: ConnectionId,
    pub kind: String,
    pub pipeline: String,
}

/// The id of a build: the same service and label always make the same one, so nothing arrives twice.
pub(crate) fn build_id(service: &ServiceId, label: &str) -> BuildId {
    let name = format!("signalbox/build/{service}/{label}");
    BuildId::new(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string())
}

impl Desk {
    /// Looks for new builds of one service or of all, at every kind of pipeline.
    pub(crate) fn scan(&self, only: Option<&ServiceId>) -> Result<ScanView, WireError> {
        let state = self.state(&Scope::desk())?;
        let mut view = ScanView { arrived: Vec::new(), problems: Vec::new() };
        for bound in bound(&state).iter().filter(|bound| only.is_none_or(|only| bound.service == *only)) {
            let looked = if bound.kind == LOCAL { self.scan_service(bound) } else { self.look_at(bound) };
            match looked {
                Ok((arrived, problems)) => {
                    view.arrived.extend(arrived);
                    view.problems.extend(problems);
                }
                Err(error) => view.problems.push(Notice {
                    tone: Tone::Stop,
                    title: format!("{} can't be looked at", bound.name),
                    detail: format!("{} {}", error.message, error.hint),
                }),
            }
        }
        Ok(view)
    }

    /// Looks at the pipelines of this machine, which is quick; the others have a rhythm of their own.
    fn scan_here(&self) -> Result<(), WireError> {
        let state = self.state(&Scope::desk())?;
        for bound in bound(&state).iter().filter(|bound| bound.kind == LOCAL) {
            if let Err(error) = self.scan_service(bound) {
                tracing::debug!(code = error.code, "no look for builds");
            }
        }
        Ok(())
    }

    /// What arrived for a service and can't be used, as was last seen; looks only if nobody has looked yet.
    pub(crate) fn arrival_problems(&self, service: &ServiceId) -> Result<Vec<Notice>, WireError> {
        if let Some(seen) = self.systems.problems(service) {
            return Ok(seen);
        }
        let state = self.state(&Scope::desk())?;
        let Some(bound) = bound(&state).into_iter().find(|bound| bound.service == *service) else {
            return Ok(Vec::new());
        };
        if let Err(error) = self.builds_there(&bound) {
            tracing::debug!(code = error.code, "the pipeline can't be reached");
        }
        Ok(self.systems.problems(service).unwrap_or_default())
    }

    /// Looks for builds of this machine's pipelines again and again.
    pub(crate) fn spawn_scanner(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        self.spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let Some(desk) = desk.upgrade() else { return };
                let looked = tokio::task::spawn_blocking(move || desk.scan_here()).await;
                if let Ok(Err(error)) = looked {
                    tracing::debug!(code = error.code, "no look for builds");
                }
            }
        });
    }

    /// Looks at a pipeline, and remembers what can't be used there.
    fn builds_there(&self, bound: &Bound) -> Result<(Vec<Build>, Vec<Notice>), WireError> {
        let page = self.system(&bound.connection, &bound.kind).and_then(|system| {
            let pipeline = PipelineId::new(&bound.pipeline);
            Ok(self.wait(system.list_builds(&pipeline, &BuildQuery::default(), None))?)
        });
        let problems = self.note_problems(bound, page.as_ref().map(|page| page.problems.as_slice()));
        Ok((page?.builds, problems))
    }

    /// Remembers what can't be used at a pipeline, and tells the screens when that is news.
    pub(crate) fn note_problems(
        &self,
        bound: &Bound,
        found: Result<&[BuildProblem], &WireError>,
    ) -> Vec<Notice> {
        let problems: Vec<Notice> = match found {
            Ok(problems) => problems.iter().map(problem).collect(),
            Err(error) => vec![Notice {
                tone: Tone::Stop,
                title: "The pipeline can't be reached".to_owned(),
                detail: format!("{} {}", error.message, error.hint),
            }],
        };
        if self.systems.remember(&bound.service, &problems) {
            self.tell(&["line"]);
        }
        problems
    }

    fn scan_service(&self, bound: &Bound) -> Result<(Vec<BuildBrief>, Vec<Notice>), WireError> {
        let (builds, problems) = self.builds_there(bound)?;
        Ok((self.take_in(bound, builds)?, problems))
    }

    /// Records the builds that are new, of a list that is newest first.
    pub(crate) fn take_in(&self, bound: &Bound, builds: Vec<Build>) -> Result<Vec<BuildBrief>, WireError> {
        let mut arrived = Vec::new();
        // The line wants them in the order in which they were built.
        for build in builds.into_iter().rev() {
            let id = build_id(&bound.service, &build.label);
            if self.store.read(|reader| reader.build(&id))?.is_some() {
                continue;
            }
            let versions = build.versions;
            let named_otherwise = build.id.as_str() != build.label;
            let content = BuildContent {
                label: sanitise(&build.label).into_owned(),
                commit: build.commit.clone(),
                digests: build
                    .artifact
                    .into_iter()
                    .map(|artifact| Digest { artifact: artifact.name, sha256: artifact.sha256 })
                    .collect(),
                components: Components {
                    application: versions.application.unwrap_or_default(),
                    configuration: versions.configuration.unwrap_or_default(),
                    infrastructure: versions.infrastructure.unwrap_or_default(),
                    data: versions.data.unwrap_or_default(),
                },
                features: build.features.iter().map(|key| key.as_str().into()).collect(),
                author: build.author,
                reference: named_otherwise.then(|| build.id.as_str().to_owned()),
            };
            let product = self.product_of(&bound.service)?;
            let act = Act::RecordArrival { build: id.clone(), service: bound.service.clone(), content };
            match self.observe(Some(&product), act) {
                Ok(_) => arrived.push(BuildBrief {
                    id: id.to_string(),
                    label: build.label,
                    commit: build.commit,
                    service: bound.service.to_string(),
                    service_name: bound.name.clone(),
                }),
                // Another process was quicker.
                Err(error) if error.code == "build.label-taken" => {}
                Err(error) => return Err(error),
            }
        }
        Ok(arrived)
    }
}

/// Lists the services that have a pipeline and a strategy, on this machine or elsewhere.
pub(crate) fn bound(state: &State) -> Vec<Bound> {
    let services = state
        .products
        .values()
        .filter(|product| product.strategy.is_some())
        .flat_map(|product| &product.services);
    services
        .filter_map(|service| {
            let pipeline = service.pipeline.as_ref()?;
            let connection = state.connections.get(&pipeline.connection)?;
            Some(Bound {
                service: service.id.clone(),
                name: service.name.clone(),
                connection: connection.id.clone(),
                kind: connection.kind.clone(),
                pipeline: pipeline.pipeline.clone(),
            })
        })
        .collect()
}

fn problem(problem: &BuildProblem) -> Notice {
    let reasons: Vec<String> =
        problem.reasons.iter().map(|reason| format!("{} {}", reason.sentence, reason.next_step)).collect();
    Notice {
        tone: Tone::Wait,
        title: format!("{} arrived and can't be used", sanitise(&problem.name)),
        detail: sanitise(&reasons.join(" ")).into_owned(),
    }
}
