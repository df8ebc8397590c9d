//! Plays acts on a line, to show what a process does before anyone works under it.
//!
//! Every act goes through [`crate::decide`] like a real one; there are no rules here. What is simulated is
//! the world around the line: people who hold the roles, a pipeline whose deployments succeed unless an act
//! says otherwise, releases whose plans are complete. Deliberately absent: reading files and printing.

mod acts;
mod attempt;
mod scene;

use crate::id::{BuildId, StageKey};
use crate::line::{Build, Phase, Standing};
use crate::moment::Moment;
use crate::process::{Entry, Process, Waiting};
use crate::refusal::Blocker;
use crate::state::State;
use attempt::Attempt;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

pub use acts::{SimAct, read_acts};
pub use attempt::Recorded;

/// A line of one service with a simulated world around it.
#[derive(Clone, Debug)]
pub struct Simulation {
    process: Process,
    state: State,
    history: Vec<Recorded>,
    steps: i64,
}

/// What one act led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The act, as it was given.
    pub act: Value,
    /// The newest build of the source, then what each on-path stage displays, in order: the label and a
    /// letter (`o` in progress, `v` succeeded, `x` rejected, `f` failed), or `-`.
    pub columns: Vec<String>,
    /// The builds that wait before each stage, the next one first; stages without any are left out.
    pub waiting: BTreeMap<String, Vec<String>>,
    /// What the act let be deployed, for example `c2 in QA`.
    pub deployed: Option<String>,
    /// Why the act was refused, every reason; empty when it was carried out.
    pub refused: Vec<Blocker>,
}

impl Simulation {
    /// An empty line under a process, in which every automatic stage has this waiting policy.
    pub fn new(mut process: Process, policy: Waiting) -> Self {
        for stage in process.stages.iter_mut().filter(|stage| stage.entry == Entry::Automatic) {
            stage.waiting = policy;
        }
        let mut history = Vec::new();
        let mut state = State::default();
        for (meta, fact) in scene::opening(&process) {
            state.apply(&meta, &fact);
            history.push(Recorded { meta, fact });
        }
        state.touched.clear();
        Self { process, state, history, steps: 0 }
    }

    /// Plays one act, written as a JSON list of words such as `["approve", "c1", "QA"]`.
    ///
    /// An act that can't be read or is refused changes nothing; its row says why.
    pub fn step(&mut self, act: &Value) -> Row {
        self.steps += 1;
        // One second an act keeps the times of a run distinct and the same on every machine.
        let at = Moment::from_millis(self.steps * 1000);
        let mut attempt = Attempt::new(self.state.clone(), at, self.history.len());
        let played = SimAct::read(act).and_then(|act| attempt.play(&act));
        let mut deployed = None;
        let refused = match played {
            Ok(()) => {
                deployed = attempt.deployed();
                let (mut state, recorded) = attempt.into_parts();
                state.touched.clear();
                self.state = state;
                self.history.extend(recorded);
                Vec::new()
            }
            Err(refusal) => refusal.0,
        };
        Row { act: act.clone(), columns: self.columns(), waiting: self.waiting(), deployed, refused }
    }

    /// The state after the last act.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything that was recorded, from the opening of the ledger on.
    pub fn history(&self) -> &[Recorded] {
        &self.history
    }

    /// The process that is simulated.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The build with this label.
    pub fn build(&self, label: &str) -> Option<&Build> {
        self.state.builds.values().find(|build| build.content.label == label)
    }

    fn columns(&self) -> Vec<String> {
        let line = self.state.lines.get(&scene::service());
        let source =
            line.and_then(|line| line.source.as_ref()).map(|build| format!("{}v", self.label(build)));
        let stages = self.process.on_path().map(|stage| {
            let shown = line?.section(&stage.key)?.shown.as_ref()?;
            Some(format!("{}{}", self.label(shown), self.letter(shown, &stage.key)))
        });
        std::iter::once(source).chain(stages).map(|cell| cell.unwrap_or_else(|| "-".into())).collect()
    }

    fn waiting(&self) -> BTreeMap<String, Vec<String>> {
        let sections = self.state.lines.get(&scene::service()).map(|line| &line.sections);
        sections
            .into_iter()
            .flatten()
            .filter(|(_, block)| !block.waiting.is_empty())
            .map(|(key, block)| {
                (key.to_string(), block.waiting.iter().map(|build| self.label(build)).collect())
            })
            .collect()
    }

    fn label(&self, build: &BuildId) -> String {
        self.state.builds.get(build).map_or_else(|| build.to_string(), |build| build.content.label.clone())
    }

    fn letter(&self, build: &BuildId, stage: &StageKey) -> char {
        let Some(value) = self.state.builds.get(build) else { return '-' };
        match value.standings.get(stage) {
            Some(Standing::InStage { .. }) => {
                let stopped = value.visit(stage).is_some_and(|visit| visit.phase() == Phase::Stopped);
                if stopped { 'f' } else { 'o' }
            }
            Some(Standing::Passed { .. }) => 'v',
            Some(Standing::Rejected { .. } | Standing::Ended { .. }) => 'x',
            Some(Standing::Failed { .. }) => 'f',
            Some(Standing::Waiting { .. } | Standing::Superseded { .. }) | None => '-',
        }
    }
}
