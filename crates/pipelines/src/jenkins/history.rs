//! [`History`]: a job's recent runs, and what they say about its builds and stages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::id::{Job, Place, RunRef};
use super::session::Jenkins;
use super::wire::{Definition, Described, Item, JOB_TREE, JobPage, RunPage, WireStage, moment};
use crate::http::Call;
use crate::{
    Build, BuildId, ComponentVersions, Occupant, OperationKey, RemoteError, RunId, Settled, StageId,
    StageState,
};

/// How many runs are looked at to tell what stands in the stages.
const LOOK_BACK: usize = 30;
/// A stage that worked for less was passed over: Jenkins reports a skipped stage as passed, or as failed when
/// the run failed, and a rejected gate as an ended stage that was paused all the time.
const PASSED_OVER_MS: i64 = 500;

/// How a run treated a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Working,
    /// Asked before anything was done.
    Waiting,
    /// Did its work, and asks before the run goes on.
    Asking,
    Passed,
    Broken,
    Untouched,
}

impl Course {
    /// Says whether an input step is open there.
    pub fn waits(self) -> bool {
        matches!(self, Self::Waiting | Self::Asking)
    }
}

/// One run's way through one stage.
#[derive(Clone, Debug)]
pub(super) struct Touch {
    pub stage: StageId,
    pub course: Course,
    pub since: DateTime<Utc>,
}

/// A job's recent runs, newest first.
pub(super) struct History {
    pub job: Job,
    pub page: JobPage,
    pub queue: Vec<Item>,
    /// Each run's stages, by its number.
    stages: BTreeMap<u64, Vec<WireStage>>,
    build_input: String,
    stage_input: String,
    operation_input: String,
}

impl Jenkins {
    /// Reads a job and its runs, without their stages.
    pub(super) async fn runs(&self, job: &Job) -> Result<History, RemoteError> {
        let url = self.tree(job.segments(&["api", "json"]), JOB_TREE);
        let mut page: JobPage = self
            .maybe(Call::get(url))
            .await?
            .ok_or_else(|| RemoteError::NotFound(format!("pipeline {}", job.name())))?;
        page.builds.sort_by_key(|run| std::cmp::Reverse(run.number));
        Ok(History {
            job: job.clone(),
            page,
            queue: Vec::new(),
            stages: BTreeMap::new(),
            build_input: self.inputs.build.clone(),
            stage_input: self.inputs.stage.clone(),
            operation_input: self.inputs.operation.clone(),
        })
    }

    /// Reads a job, its queue, its runs and their stages.
    pub(super) async fn history(&self, job: &Job) -> Result<History, RemoteError> {
        let queue = self.queue(job).await?;
        let mut history = self.runs(job).await?;
        history.queue = queue;
        if history.page.builds.is_empty() {
            return Ok(history);
        }
        // The newest come in one call. Nothing comes where the Pipeline REST API plugin is missing.
        let newest: Option<Vec<Described>> = self.maybe(Call::get(self.at(job, &["wfapi", "runs"]))).await?;
        let Some(newest) = newest else { return Ok(history) };
        for run in newest {
            if let Ok(number) = run.id.parse() {
                history.stages.insert(number, run.stages);
            }
        }
        let recent: Vec<(u64, bool)> =
            history.page.builds.iter().take(LOOK_BACK).map(|run| (run.number, run.building)).collect();
        for (number, building) in recent {
            if history.stages.contains_key(&number) {
                continue;
            }
            let stages = self.stages_of(job, number, building).await?;
            history.stages.insert(number, stages);
        }
        Ok(history)
    }

    /// Reads the stages of one run; those of ended runs are read once.
    pub(super) async fn stages_of(
        &self,
        job: &Job,
        number: u64,
        building: bool,
    ) -> Result<Vec<WireStage>, RemoteError> {
        if let Some(known) = self.stages_of_ended(job, number) {
            return Ok(known);
        }
        let text = number.to_string();
        let described: Option<Described> =
            self.maybe(Call::get(self.at(job, &[&text, "wfapi", "describe"]))).await?;
        let Some(described) = described else { return Ok(Vec::new()) };
        if !building {
            self.remember_stages(job, number, described.stages.clone());
        }
        Ok(described.stages)
    }
}

impl History {
    /// Returns the parameters that the job takes.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.page.property.iter().flat_map(|property| &property.parameter_definitions)
    }

    /// Returns the stages that the job's own parameter allows, if it is a choice.
    pub fn choices(&self) -> &[String] {
        let found = self.definitions().find(|definition| definition.name == self.stage_input);
        found.map(|definition| definition.choices.as_slice()).unwrap_or_default()
    }

    /// Names the build that a run carried: the version it was given, or else the run itself.
    pub fn build_of(&self, run: &RunPage) -> BuildId {
        build_of(run, &self.build_input)
    }

    /// Returns the operation that a run carried out, if it was ours.
    pub fn operation_of(&self, run: &RunPage) -> Option<OperationKey> {
        OperationKey::new(run.parameter(&self.operation_input)?).ok()
    }

    /// Returns the run, or the queue item, that carries an operation.
    pub fn carrying(&self, key: &OperationKey, jenkins: &Jenkins) -> Option<RunId> {
        let run = self.page.builds.iter().find(|run| self.operation_of(run).as_ref() == Some(key));
        if let Some(run) = run {
            return Some(jenkins.run_id(&self.job, run));
        }
        let item = self.queue.iter().find(|item| {
            item.parameter(&self.operation_input).is_some_and(|operation| operation == key.as_str())
        })?;
        Some(RunRef { job: self.job.clone(), place: Place::Item(item.id) }.id())
    }

    /// Says whether the listed runs reach back to a time.
    pub fn reaches_back_to(&self, time: DateTime<Utc>) -> bool {
        match self.page.builds.last() {
            Some(oldest) => oldest.number == 1 || oldest.started() < time,
            None => true,
        }
    }

    /// Tells how a run went through its stages.
    pub fn touches(&self, run: &RunPage) -> Vec<Touch> {
        let stages = self.stages.get(&run.number).map(Vec::as_slice).unwrap_or_default();
        touches(run, stages, &self.stage_input)
    }

    /// Lists the stages: the choices of the job's own parameter, or the union of its recent runs in their order.
    pub fn stages(&self) -> Vec<StageId> {
        let choices = self.choices();
        if !choices.is_empty() {
            return choices.iter().map(|choice| StageId::new(choice.clone())).collect();
        }
        let mut order: Vec<StageId> = Vec::new();
        for run in self.page.builds.iter().take(LOOK_BACK) {
            let mut at = 0;
            for touch in self.touches(run) {
                match order.iter().position(|known| *known == touch.stage) {
                    Some(known) => at = known + 1,
                    None => {
                        order.insert(at, touch.stage);
                        at += 1;
                    }
                }
            }
        }
        order
    }

    /// Tells what stands in each stage.
    pub fn states(&self, jenkins: &Jenkins) -> Vec<StageState> {
        self.stages().into_iter().map(|stage| self.state(stage, jenkins)).collect()
    }

    fn state(&self, stage: StageId, jenkins: &Jenkins) -> StageState {
        let mut occupant = None;
        let mut running = None;
        for run in self.page.builds.iter().take(LOOK_BACK) {
            let touches = self.touches(run);
            let touch = touches.iter().find(|touch| touch.stage == stage);
            let meant = run.parameter(&self.stage_input).is_some_and(|meant| meant == stage.as_str());
            let works = touch.is_some_and(|touch| touch.course == Course::Working);
            if run.building && (meant || works) && running.is_none() {
                running = Some(jenkins.run_id(&self.job, run));
            }
            let settled = match touch.map(|touch| touch.course) {
                Some(Course::Working) => Settled::Deploying,
                Some(Course::Passed | Course::Asking) => Settled::Deployed,
                Some(Course::Broken) => Settled::Broken,
                Some(Course::Waiting | Course::Untouched) | None => continue,
            };
            if occupant.is_none() {
                occupant = Some(Occupant {
                    build: self.build_of(run),
                    sha256: None,
                    run: Some(jenkins.run_id(&self.job, run)),
                    operation: self.operation_of(run),
                    since: touch.map_or(run.started(), |touch| touch.since),
                    settled,
                });
            }
        }
        let queued = self
            .queue
            .iter()
            .find(|item| item.parameter(&self.stage_input).is_some_and(|meant| meant == stage.as_str()));
        let queued = queued.map(|item| RunRef { job: self.job.clone(), place: Place::Item(item.id) }.id());
        StageState { stage, occupant, running: running.or(queued), held: None }
    }

    /// Lists the builds, newest first: every run without a version, and every version once.
    pub fn builds(&self) -> Vec<Build> {
        let mut builds: Vec<Build> = Vec::new();
        let mut known = BTreeSet::new();
        // The oldest run with a version tells when it came and what it was made from.
        for run in self.page.builds.iter().rev() {
            let id = self.build_of(run);
            if !known.insert(id.clone()) {
                continue;
            }
            builds.push(Build {
                label: id.to_string(),
                commit: run.commit(),
                author: run.author(),
                created: run.started(),
                artifact: None,
                versions: ComponentVersions {
                    application: run.parameter(&self.build_input),
                    ..ComponentVersions::default()
                },
                features: Vec::new(),
                id,
            });
        }
        builds.reverse();
        builds.sort_by_key(|build| std::cmp::Reverse(build.created));
        builds
    }
}

/// Names the build that a run carried.
pub(super) fn build_of(run: &RunPage, input: &str) -> BuildId {
    match run.parameter(input).map(|version| version.trim().to_owned()) {
        Some(version) if !version.is_empty() => BuildId::new(version),
        _ => BuildId::new(format!("#{}", run.number)),
    }
}

/// Tells how a run went through its stages. A run that was meant for one stage works in no other; where it has
/// no stage of that name, the run as a whole stands for it.
pub(super) fn touches(run: &RunPage, stages: &[WireStage], stage_input: &str) -> Vec<Touch> {
    let meant = run.parameter(stage_input).filter(|meant| !meant.trim().is_empty());
    if let Some(meant) = &meant
        && !stages.iter().any(|stage| stage.name == *meant)
    {
        let waits = stages.iter().any(|stage| stage.status == "PAUSED_PENDING_INPUT");
        let course = match run.result.as_deref() {
            None if waits => Course::Waiting,
            None => Course::Working,
            Some("SUCCESS" | "UNSTABLE") => Course::Passed,
            Some("NOT_BUILT") => Course::Untouched,
            Some(_) => Course::Broken,
        };
        let ended = if run.building { 0 } else { run.duration.max(0) };
        let since = run.started() + TimeDelta::milliseconds(ended);
        return vec![Touch { stage: StageId::new(meant.clone()), course, since }];
    }
    let of = |stage: &WireStage| {
        let course = match &meant {
            Some(meant) if stage.name != *meant => Course::Untouched,
            _ => course_of(stage),
        };
        let ended = if matches!(course, Course::Working) { 0 } else { stage.duration_millis.max(0) };
        Touch {
            stage: StageId::new(stage.name.clone()),
            course,
            since: moment(stage.start_time_millis.saturating_add(ended)),
        }
    };
    stages.iter().filter(|stage| !stage.name.trim().is_empty()).map(of).collect()
}

fn course_of(stage: &WireStage) -> Course {
    let worked = stage.duration_millis - stage.pause_duration_millis;
    match stage.status.as_str() {
        "IN_PROGRESS" => Course::Working,
        "PAUSED_PENDING_INPUT" if worked < PASSED_OVER_MS => Course::Waiting,
        "PAUSED_PENDING_INPUT" => Course::Asking,
        _ if worked < PASSED_OVER_MS => Course::Untouched,
        "SUCCESS" | "UNSTABLE" => Course::Passed,
        "FAILED" | "ABORTED" => Course::Broken,
        _ => Course::Untouched,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str, status: &str, duration: i64, pause: i64) -> WireStage {
        WireStage {
            name: name.into(),
            status: status.into(),
            start_time_millis: 1_795_000_000_000,
            duration_millis: duration,
            pause_duration_millis: pause,
        }
    }

    #[test]
    fn a_stage_that_was_skipped_or_only_waited_is_not_taken_for_deployed_or_broken() {
        assert_eq!(course_of(&stage("qa", "SUCCESS", 4_000, 0)), Course::Passed);
        assert_eq!(course_of(&stage("qa", "SUCCESS", 40, 0)), Course::Untouched);
        assert_eq!(course_of(&stage("qa", "FAILED", 30, 0)), Course::Untouched);
        assert_eq!(course_of(&stage("prod", "ABORTED", 60_200, 60_000)), Course::Untouched);
        assert_eq!(course_of(&stage("prod", "ABORTED", 60_000, 0)), Course::Broken);
    }

    #[test]
    fn a_stage_that_worked_before_it_asks_holds_the_build() {
        assert_eq!(course_of(&stage("qa", "PAUSED_PENDING_INPUT", 60_040, 60_000)), Course::Waiting);
        assert_eq!(course_of(&stage("qa", "PAUSED_PENDING_INPUT", 65_000, 60_000)), Course::Asking);
    }
}
