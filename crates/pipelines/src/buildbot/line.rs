//! By which names Buildbot holds a service's way: a builder makes its builds, and one force scheduler for
//! each stage deploys them.

use super::Buildbot;
use super::wire::{Builder, Builders, ForceScheduler, ForceSchedulers};
use crate::{PipelineId, RemoteError};

/// One service.
pub(super) struct Line {
    pub name: String,
    /// The builder that makes the builds.
    pub builder: u64,
    /// Its stages, in the order of the connection's option.
    pub stages: Vec<Stage>,
}

/// One stage of a service.
pub(super) struct Stage {
    pub name: String,
    pub scheduler: ForceScheduler,
    /// The builder that deploys; nothing if the scheduler does not lead to exactly one.
    pub builder: Option<u64>,
}

impl Line {
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }
}

/// Everything that the server offers to promote by.
pub(super) struct Offer {
    builders: Vec<Builder>,
    schedulers: Vec<ForceScheduler>,
}

impl Offer {
    pub async fn read(buildbot: &Buildbot) -> Result<Self, RemoteError> {
        let names = [("field", "builderid"), ("field", "name")];
        let builders: Builders = buildbot.session.get(&["builders"], &names).await?;
        let schedulers: ForceSchedulers = buildbot.session.get(&["forceschedulers"], &[]).await?;
        Ok(Self { builders: builders.builders, schedulers: schedulers.forceschedulers })
    }

    /// Returns every service that has at least one stage, by name.
    pub fn lines(&self, stages: &[String]) -> Vec<Line> {
        let mut lines: Vec<Line> =
            self.builders.iter().filter_map(|builder| self.line(builder, stages)).collect();
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        lines
    }

    /// Finds a force scheduler by its own name, and the one builder that it leads to.
    pub fn scheduler(&self, name: &str) -> Option<(&ForceScheduler, Option<u64>)> {
        let scheduler = self.schedulers.iter().find(|scheduler| scheduler.name == name)?;
        Some((scheduler, self.builder_of(scheduler)))
    }

    fn builder_of(&self, scheduler: &ForceScheduler) -> Option<u64> {
        match scheduler.builder_names.as_slice() {
            [only] => self.builders.iter().find(|known| known.name == *only).map(|known| known.builderid),
            _ => None,
        }
    }

    fn line(&self, builder: &Builder, stages: &[String]) -> Option<Line> {
        let stages = stages.iter().filter_map(|stage| {
            let wanted = scheduler_of(&builder.name, stage);
            let scheduler = self.schedulers.iter().find(|scheduler| scheduler.name == wanted)?.clone();
            Some(Stage { name: stage.clone(), builder: self.builder_of(&scheduler), scheduler })
        });
        let stages: Vec<Stage> = stages.collect();
        let line = Line { name: builder.name.clone(), builder: builder.builderid, stages };
        (!line.stages.is_empty()).then_some(line)
    }
}

/// Returns the name of the force scheduler that deploys a service to a stage.
pub(super) fn scheduler_of(service: &str, stage: &str) -> String {
    format!("promote-{service}-{stage}")
}

impl Buildbot {
    pub(super) async fn lines(&self) -> Result<Vec<Line>, RemoteError> {
        Ok(Offer::read(self).await?.lines(&self.stages))
    }

    pub(super) async fn line(&self, id: &PipelineId) -> Result<Line, RemoteError> {
        let lines = self.lines().await?;
        let found = lines.into_iter().find(|line| line.name == id.as_str());
        found.ok_or_else(|| RemoteError::NotFound(format!("pipeline {id}")))
    }
}
