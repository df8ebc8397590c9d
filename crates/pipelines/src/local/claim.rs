//! Carries out one operation: claim it, prepare its folder, start the runner.
//!
//! The order gives *at most once*: the run's folder appears by one rename (the claim, flushed to the
//! disk) before the runner starts, only the maker of the claim starts it, and a claim is taken back
//! only when it is certain that no runner has begun. A claim that never began is reported as unknown.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arrival;
use super::lock::{self, StageLock};
use super::plan;
use super::process;
use super::record::{RunFolder, RunRecord, sync_folder, write_durably};
use super::runner;
use super::system::Site;
use crate::{OperationKey, Proof, Reason, RemoteError, RunId, Submission, WriteError};

/// How long a second sender of the same operation waits for the first one to get going.
const PATIENCE: u32 = 400;
const PAUSE: Duration = Duration::from_millis(25);

/// Everything that a run needs, with nothing in its way.
pub(super) struct Order {
    pub record: RunRecord,
    /// The commands of the record's steps, in their order.
    pub commands: Vec<Vec<String>>,
    /// The file that is copied into the run's folder and verified there, and its name in it.
    pub artifact: Option<(PathBuf, PathBuf)>,
    /// What the commands see of the operation.
    pub variables: Vec<(OsString, OsString)>,
}

/// An operation that may have been carried out before.
pub(super) struct Claim<'a> {
    pub site: &'a Site,
    pub key: &'a OperationKey,
    /// Whose stage it works in; a run of its own kind has a place of its own.
    pub place: (&'a str, &'a str),
    /// Says whether an earlier run under the key is of the same plan.
    pub is_same: &'a dyn Fn(&RunRecord) -> bool,
}

impl Claim<'_> {
    /// Carries the operation out, or returns the submission that its key led to before.
    pub fn carry_out(
        &self,
        order: &dyn Fn(&RunFolder) -> Result<Order, RemoteError>,
    ) -> Result<Submission, WriteError> {
        let site = self.site;
        let folder = RunFolder::of(&site.runs(), self.key);
        if folder.is_claimed() {
            return self.read_back(&folder);
        }
        if let Err(error) = order(&folder) {
            // Somebody else may have sent the same operation in this very moment.
            return if folder.is_claimed() { self.read_back(&folder) } else { Err(error.into()) };
        }
        process::private_folder(&site.runs()).map_err(|error| file_error(&site.runs(), &error))?;
        let lock_path = lock::path(&site.runs(), self.place.0, self.place.1);
        for _ in 0..PATIENCE {
            let taken = StageLock::take(&lock_path, self.key).map_err(|e| file_error(&lock_path, &e))?;
            if folder.is_claimed() {
                drop(taken);
                return self.read_back(&folder);
            }
            if let Some(lock) = taken {
                // What was checked without the lock may have changed.
                return self.start(order(&folder)?, lock, &folder);
            }
            match site.working(self.place.0, self.place.1)? {
                Some(holder) if holder != *self.key => {
                    let detail = format!("operation {holder} is working in this stage");
                    return Err(RemoteError::Conflict { detail }.into());
                }
                // The same operation is being claimed elsewhere, or the stage has just become free.
                _ => std::thread::sleep(PAUSE),
            }
        }
        Err(WriteError::OutcomeUnknown { cause: RemoteError::Timeout, sent_at: site.now() })
    }

    fn start(&self, order: Order, lock: StageLock, folder: &RunFolder) -> Result<Submission, WriteError> {
        let site = self.site;
        let accepted_at = order.record.accepted_at;
        // The lock makes this name ours; a crash may have left an earlier one behind.
        let draft = site.runs().join(format!(".new-{}@{}", self.place.0, self.place.1));
        if let Err(error) = prepare(&draft, &order, folder) {
            let _ = fs::remove_dir_all(&draft);
            return Err(error.into());
        }
        if let Err(error) = fs::rename(&draft, folder.path()) {
            let _ = fs::remove_dir_all(&draft);
            // The same key, used for another stage at the same time.
            if folder.is_claimed() {
                return self.read_back(folder);
            }
            return Err(file_error(folder.path(), &error).into());
        }
        let unknown = |error: &std::io::Error| WriteError::OutcomeUnknown {
            cause: file_error(folder.path(), error),
            sent_at: accepted_at,
        };
        let mut variables = site.surroundings.variables().to_vec();
        variables.extend(order.variables);
        let started = sync_folder(&site.runs()).and_then(|()| {
            let errors = File::create(folder.path().join("runner.err"))?;
            process::spawn_runner(
                &folder.path().join("run.sh"),
                &site.root,
                variables,
                lock.into_file(),
                errors,
                || folder.started().is_some(),
            )
        });
        match started {
            Ok(true) => Ok(submission(&order.record, Proof::ServerSaid)),
            // No runner has begun and none is left, so the claim can be taken back.
            Ok(false) => {
                let said = fs::read_to_string(folder.path().join("runner.err")).unwrap_or_default();
                fs::remove_dir_all(folder.path()).map_err(|error| unknown(&error))?;
                let detail = format!("the shell ended before it began: {}", said.trim());
                Err(RemoteError::Protocol { detail }.into())
            }
            Err(error) => {
                fs::remove_dir_all(folder.path()).map_err(|error| unknown(&error))?;
                Err(file_error(folder.path(), &error).into())
            }
        }
    }

    /// Returns what an earlier sending of the same key led to.
    fn read_back(&self, folder: &RunFolder) -> Result<Submission, WriteError> {
        let mut record = folder.record()?;
        if !(self.is_same)(&record) {
            let detail = format!("this operation already {}", record.said());
            return Err(RemoteError::Conflict { detail }.into());
        }
        for _ in 0..PATIENCE {
            if folder.started().is_some() {
                return Ok(submission(&record, Proof::ReadBack));
            }
            let holder = self.site.working(record.service.as_str(), record.stage.as_str())?;
            // It may have begun and even ended between the two looks.
            if holder.as_ref() != Some(&record.operation) && folder.started().is_none() {
                break;
            }
            std::thread::sleep(PAUSE);
            // The first sender takes its claim back when the runner could not begin.
            record = folder.record()?;
        }
        let detail = "the operation was claimed, but was never seen to begin".into();
        let cause = RemoteError::Conflict { detail };
        Err(WriteError::OutcomeUnknown { cause, sent_at: record.accepted_at })
    }
}

/// Puts everything that a run needs into `draft`, flushed to the disk.
fn prepare(draft: &Path, order: &Order, folder: &RunFolder) -> Result<(), RemoteError> {
    let record = &order.record;
    let wrong = |error: std::io::Error| file_error(draft, &error);
    if draft.exists() {
        fs::remove_dir_all(draft).map_err(wrong)?;
    }
    process::private_folder(draft).map_err(wrong)?;
    if let Some((from, name)) = &order.artifact {
        process::private_folder(&draft.join("artifact")).map_err(wrong)?;
        // The copy is what gets verified and deployed, so that nobody can change it in between.
        let copy = draft.join("artifact").join(name);
        fs::copy(from, &copy).map_err(|error| file_error(from, &error))?;
        let found = arrival::sha256_of(&copy).map_err(wrong)?;
        if found != record.sha256 {
            return Err(plan::refusal(vec![Reason {
                code: "artifact.changed",
                place: record.build.to_string(),
                sentence: format!("The artifact has SHA-256 {found} and not {}.", record.sha256),
                next_step: "Find out who changed the build; deliver the change under a new label.".into(),
            }]));
        }
    }
    let not_json = |error: serde_json::Error| RemoteError::Protocol { detail: error.to_string() };
    let script = runner::script(record, folder.path(), &order.commands).map_err(not_json)?;
    let json = serde_json::to_vec_pretty(record).map_err(not_json)?;
    write_durably(&draft.join("run.sh"), script.as_bytes()).map_err(wrong)?;
    write_durably(&draft.join("run.json"), &json).map_err(wrong)?;
    sync_folder(draft).map_err(wrong)
}

/// Describes an accepted run.
pub(super) fn submission(record: &RunRecord, proof: Proof) -> Submission {
    Submission {
        run: Some(RunId::new(record.operation.as_str())),
        accepted_at: record.accepted_at,
        proof,
        request_id: None,
    }
}

/// Describes a failed access to a file.
pub(super) fn file_error(path: &Path, error: &std::io::Error) -> RemoteError {
    RemoteError::File { path: path.display().to_string(), detail: error.to_string() }
}

/// Names a variable that commands see of the operation.
pub(super) fn variable(name: &str) -> OsString {
    OsString::from(format!("SIGNALBOX_{name}"))
}
