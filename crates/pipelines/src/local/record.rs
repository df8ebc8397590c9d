//! A run's folder, `runs/<operation>/`: what was to be run and what became of it.
//!
//! `run.json` appears together with its folder by one rename, which is the claim: whoever made it
//! may start the runner, and nobody else ever does. All other files are the runner's.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::settings::StepSettings;
use crate::{BuildId, OperationKey, PipelineId, RemoteError, RunId, RunState, StageId};

/// What was to be run, as decided when the operation was claimed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunRecord {
    pub version: u32,
    pub operation: OperationKey,
    pub service: PipelineId,
    pub stage: StageId,
    pub build: BuildId,
    pub commit: String,
    pub sha256: String,
    /// Where the deploy command puts things; none for a run that deploys nothing.
    pub environment: Option<PathBuf>,
    /// The inputs of a test.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    pub reason: String,
    pub accepted_at: DateTime<Utc>,
    /// The deployment, then its checks; or the test alone.
    pub steps: Vec<StepRecord>,
}

/// One command of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StepRecord {
    pub name: String,
    pub command: String,
    pub limit_seconds: u64,
}

impl RunRecord {
    /// What it does, behind "this operation already".
    pub fn said(&self) -> String {
        match &self.environment {
            Some(_) => format!("promotes build {} to {}", self.build, self.stage),
            None => format!("runs the test {} with other inputs", self.service),
        }
    }
}

impl StepRecord {
    /// Records a command of the settings.
    pub fn of(step: &StepSettings) -> Self {
        Self { name: step.name.clone(), command: step.shown(), limit_seconds: step.limit_seconds }
    }
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StepEnd {
    pub exit_code: i32,
    pub why: StepWhy,
    pub at: Option<DateTime<Utc>>,
}

/// What made a step end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepWhy {
    /// Its command ended by itself.
    Exit,
    /// Its time limit.
    TimeLimit,
    /// A cancellation.
    Cancelled,
}

/// The folder of one operation.
#[derive(Clone, Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Names the folder of an operation, whether it exists or not.
    pub fn of(runs: &Path, key: &OperationKey) -> Self {
        Self { path: runs.join(key.as_str()) }
    }

    /// Names the folder of a run.
    pub fn of_run(runs: &Path, run: &RunId) -> Result<Self, RemoteError> {
        let unknown = || RemoteError::NotFound(format!("run {run}"));
        let key = OperationKey::new(run.as_str()).map_err(|_| unknown())?;
        let folder = Self::of(runs, &key);
        if folder.is_claimed() { Ok(folder) } else { Err(unknown()) }
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where its log is.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Says whether the operation was claimed.
    pub fn is_claimed(&self) -> bool {
        self.path.join("run.json").exists()
    }

    /// Reads what was to be run.
    pub fn record(&self) -> Result<RunRecord, RemoteError> {
        let path = self.path.join("run.json");
        let failed = |detail: String| RemoteError::File { path: path.display().to_string(), detail };
        let bytes = fs::read(&path).map_err(|error| failed(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| failed(format!("this is not a run's record: {error}")))
    }

    /// Returns when the runner began.
    pub fn started(&self) -> Option<DateTime<Utc>> {
        self.word("started")
    }

    /// Returns how and when the runner ended.
    pub fn ended(&self) -> Option<(RunState, Option<DateTime<Utc>>)> {
        let text = fs::read_to_string(self.path.join("ended")).ok()?;
        let mut words = text.split_whitespace();
        let state = match words.next()? {
            "succeeded" => RunState::Succeeded,
            "failed" => RunState::Failed,
            "cancelled" => RunState::Cancelled,
            _ => return None,
        };
        Some((state, words.next().and_then(time)))
    }

    /// Returns the runner's process id, once it can take signals.
    pub fn runner_pid(&self) -> Option<i32> {
        self.word("runner.pid")
    }

    /// Returns when a step began.
    pub fn step_started(&self, index: usize) -> Option<DateTime<Utc>> {
        self.word(&format!("step-{index}.started"))
    }

    /// Returns how a step ended.
    pub fn step_ended(&self, index: usize) -> Option<StepEnd> {
        let text = fs::read_to_string(self.path.join(format!("step-{index}.ended"))).ok()?;
        let mut words = text.split_whitespace();
        let exit_code = words.next()?.parse().ok()?;
        let why = match words.next()? {
            "exit" => StepWhy::Exit,
            "time-limit" => StepWhy::TimeLimit,
            "cancelled" => StepWhy::Cancelled,
            _ => return None,
        };
        Some(StepEnd { exit_code, why, at: words.next().and_then(time) })
    }

    /// Says whether somebody asked to end the run, and leaves the reason if not.
    pub fn ask_to_cancel(&self, reason: &str) -> std::io::Result<bool> {
        match File::create_new(self.path.join("cancel")) {
            Ok(mut file) => {
                file.write_all(reason.as_bytes())?;
                file.sync_all()?;
                Ok(false)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Records the end of a run whose runner is gone.
    pub fn end_as_cancelled(&self, at: DateTime<Utc>) -> std::io::Result<()> {
        let text = format!("cancelled {}\n", at.format("%Y-%m-%dT%H:%M:%SZ"));
        write_durably(&self.path.join("ended.new"), text.as_bytes())?;
        fs::rename(self.path.join("ended.new"), self.path.join("ended"))
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        fs::read_to_string(self.path.join(name)).ok()?.trim().parse().ok()
    }
}

/// Writes a new file so that it survives a power cut.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the names in a folder survive a power cut.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

fn time(word: &str) -> Option<DateTime<Utc>> {
    word.parse().ok()
}
