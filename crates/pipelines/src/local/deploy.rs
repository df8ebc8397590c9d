//! Carries out a promotion: claim the operation, verify the artifact, start the runner.
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
use super::plan::{self, Ready};
use super::process;
use super::record::{RunFolder, RunRecord, StepRecord, sync_folder, write_durably};
use super::runner;
use super::settings::Settings;
use super::system::Site;
use crate::{OperationKey, PromotionPlan, Proof, Reason, RemoteError, RunId, Submission, WriteError};

/// How long a second sender of the same operation waits for the first one to get going.
const PATIENCE: u32 = 400;
const PAUSE: Duration = Duration::from_millis(25);

/// Carries out a promotion, or returns the submission that the key led to before.
pub(super) fn promote(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let folder = RunFolder::of(&site.runs(), key);
    if folder.is_claimed() {
        return read_back(site, plan, &folder);
    }
    let settings = Settings::load(&site.root, site.surroundings.path())?;
    let ready = match plan::check(site, &settings, plan, Some(key)) {
        Ok(ready) => ready,
        // Somebody else may have sent the same operation in this very moment.
        Err(_) if folder.is_claimed() => return read_back(site, plan, &folder),
        Err(reasons) => return Err(plan::refusal(reasons).into()),
    };
    process::private_folder(&site.runs()).map_err(|error| file_error(&site.runs(), &error))?;
    let lock_path = lock::path(&site.runs(), &ready.service.name, &ready.stage.name);
    for _ in 0..PATIENCE {
        let taken = StageLock::take(&lock_path, key).map_err(|e| file_error(&lock_path, &e))?;
        if folder.is_claimed() {
            drop(taken);
            return read_back(site, plan, &folder);
        }
        if let Some(lock) = taken {
            // What was checked without the lock may have changed.
            let ready = plan::check(site, &settings, plan, Some(key)).map_err(plan::refusal)?;
            return claim_and_start(site, plan, key, &ready, lock, &folder);
        }
        match site.working(&ready.service.name, &ready.stage.name)? {
            Some(holder) if holder != *key => {
                let detail = format!("operation {holder} is working in this stage");
                return Err(RemoteError::Conflict { detail }.into());
            }
            // The same operation is being claimed elsewhere, or the stage has just become free.
            _ => std::thread::sleep(PAUSE),
        }
    }
    Err(WriteError::OutcomeUnknown { cause: RemoteError::Timeout, sent_at: site.now() })
}

fn claim_and_start(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
    ready: &Ready<'_>,
    lock: StageLock,
    folder: &RunFolder,
) -> Result<Submission, WriteError> {
    let accepted_at = site.now();
    let record = record(plan, key, ready, accepted_at);
    // The lock makes this name ours; a crash may have left an earlier one behind.
    let draft = site.runs().join(format!(".new-{}@{}", ready.service.name, ready.stage.name));
    let prepared = prepare(&draft, &record, ready, folder);
    if let Err(error) = prepared {
        let _ = fs::remove_dir_all(&draft);
        return Err(error.into());
    }
    if let Err(error) = fs::rename(&draft, folder.path()) {
        let _ = fs::remove_dir_all(&draft);
        // The same key, used for another stage at the same time.
        if folder.is_claimed() {
            return read_back(site, plan, folder);
        }
        return Err(file_error(folder.path(), &error).into());
    }
    let unknown = |error: &std::io::Error| WriteError::OutcomeUnknown {
        cause: file_error(folder.path(), error),
        sent_at: accepted_at,
    };
    let started = sync_folder(&site.runs()).and_then(|()| {
        let errors = File::create(folder.path().join("runner.err"))?;
        process::spawn_runner(
            &folder.path().join("run.sh"),
            &site.root,
            variables(site, &record, ready, folder.path()),
            lock.into_file(),
            errors,
            || folder.started().is_some(),
        )
    });
    match started {
        Ok(true) => Ok(submission(&record, Proof::ServerSaid)),
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

/// Puts everything that a run needs into `draft`, flushed to the disk.
fn prepare(
    draft: &Path,
    record: &RunRecord,
    ready: &Ready<'_>,
    folder: &RunFolder,
) -> Result<(), RemoteError> {
    let wrong = |error: std::io::Error| file_error(draft, &error);
    if draft.exists() {
        fs::remove_dir_all(draft).map_err(wrong)?;
    }
    process::private_folder(&draft.join("artifact")).map_err(wrong)?;
    // The copy is what gets verified and deployed, so that nobody can change it in between.
    let copy = draft.join("artifact").join(file_name(ready));
    fs::copy(&ready.arrival.file, &copy).map_err(|error| file_error(&ready.arrival.file, &error))?;
    let found = arrival::sha256_of(&copy).map_err(wrong)?;
    if found != record.sha256 {
        return Err(plan::refusal(vec![Reason {
            code: "artifact.changed",
            place: record.build.to_string(),
            sentence: format!("The artifact has SHA-256 {found} and not {}.", record.sha256),
            next_step: "Find out who changed the build; deliver the change under a new label.".into(),
        }]));
    }
    let stage = ready.stage;
    let commands: Vec<_> =
        std::iter::once(&stage.deploy).chain(&stage.checks).map(|step| step.command.clone()).collect();
    let not_json = |error: serde_json::Error| RemoteError::Protocol { detail: error.to_string() };
    let script = runner::script(record, folder.path(), &commands).map_err(not_json)?;
    let json = serde_json::to_vec_pretty(record).map_err(not_json)?;
    write_durably(&draft.join("run.sh"), script.as_bytes()).map_err(wrong)?;
    write_durably(&draft.join("run.json"), &json).map_err(wrong)?;
    sync_folder(draft).map_err(wrong)
}

/// Returns what an earlier sending of the same key led to.
fn read_back(site: &Site, plan: &PromotionPlan, folder: &RunFolder) -> Result<Submission, WriteError> {
    let mut record = folder.record()?;
    if record.service != plan.pipeline || record.stage != plan.to || record.build != plan.build {
        let detail = format!("this operation already promotes build {} to {}", record.build, record.stage);
        return Err(RemoteError::Conflict { detail }.into());
    }
    for _ in 0..PATIENCE {
        if folder.started().is_some() {
            return Ok(submission(&record, Proof::ReadBack));
        }
        let holder = site.working(record.service.as_str(), record.stage.as_str())?;
        // It may have begun and even ended between the two looks.
        if holder.as_ref() != Some(&record.operation) && folder.started().is_none() {
            break;
        }
        std::thread::sleep(PAUSE);
        // The first sender takes its claim back when the runner could not begin.
        record = folder.record()?;
    }
    let detail = "the operation was claimed, but was never seen to begin".into();
    Err(WriteError::OutcomeUnknown { cause: RemoteError::Conflict { detail }, sent_at: record.accepted_at })
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

fn record(
    plan: &PromotionPlan,
    key: &OperationKey,
    ready: &Ready<'_>,
    accepted_at: chrono::DateTime<chrono::Utc>,
) -> RunRecord {
    let stage = ready.stage;
    let steps = std::iter::once(&stage.deploy).chain(&stage.checks).map(|step| StepRecord {
        name: step.name.clone(),
        command: step.shown(),
        limit_seconds: step.limit_seconds,
    });
    RunRecord {
        version: 1,
        operation: key.clone(),
        service: plan.pipeline.clone(),
        stage: plan.to.clone(),
        build: plan.build.clone(),
        commit: ready.arrival.build.commit.clone(),
        sha256: ready.arrival.artifact.sha256.clone(),
        environment: stage.environment.clone(),
        reason: plan.reason.clone(),
        accepted_at,
        steps: steps.collect(),
    }
}

fn variables(site: &Site, record: &RunRecord, ready: &Ready<'_>, run: &Path) -> Vec<(OsString, OsString)> {
    let build = &ready.arrival.build;
    let artifact = run.join("artifact").join(file_name(ready));
    let versions = &build.versions;
    let texts = [
        ("OPERATION", Some(record.operation.as_str())),
        ("SERVICE", Some(record.service.as_str())),
        ("STAGE", Some(record.stage.as_str())),
        ("BUILD", Some(record.build.as_str())),
        ("COMMIT", Some(build.commit.as_str())),
        ("AUTHOR", Some(build.author.as_str())),
        ("DIGEST", Some(record.sha256.as_str())),
        ("VERSION_APPLICATION", versions.application.as_deref()),
        ("VERSION_CONFIGURATION", versions.configuration.as_deref()),
        ("VERSION_INFRASTRUCTURE", versions.infrastructure.as_deref()),
        ("VERSION_DATA", versions.data.as_deref()),
    ];
    let features = build.features.join(" ");
    let paths =
        [("ARTIFACT", artifact), ("ENVIRONMENT", record.environment.clone()), ("RUN", run.to_owned())];
    let name = |name: &str| OsString::from(format!("SIGNALBOX_{name}"));
    let mut variables = site.surroundings.variables().to_vec();
    variables.extend(texts.into_iter().filter_map(|(key, value)| Some((name(key), value?.into()))));
    variables.extend(paths.into_iter().map(|(key, path)| (name(key), path.into_os_string())));
    variables.push((name("FEATURES"), features.into()));
    variables
}

fn file_name(ready: &Ready<'_>) -> PathBuf {
    // The manifest may name a file in a folder of the arrival.
    Path::new(&ready.arrival.artifact.name)
        .file_name()
        .map_or_else(|| PathBuf::from("artifact"), PathBuf::from)
}
