//! Carries out a test pipeline of the file: one command that gets inputs and deploys nothing.

use super::claim::{Claim, Order, variable};
use super::process;
use super::record::{RunFolder, RunRecord, StepRecord};
use super::settings::Settings;
use super::system::Site;
use crate::{BuildId, OperationKey, Reason, RemoteError, RunPlan, StageId, Submission, WriteError};

/// A test has a place of its own, which no stage can have: stages have names.
const NOWHERE: &str = "";
/// The inputs that a test's command can see.
const INPUTS: [&str; 3] = [RunPlan::PRODUCT, RunPlan::STAGE, RunPlan::BUILDS];

/// Starts a test, or returns the submission that the key led to before.
pub(super) fn start(site: &Site, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
    let is_same = |record: &RunRecord| {
        record.environment.is_none() && record.service == plan.pipeline && record.inputs == plan.inputs
    };
    let place = (plan.pipeline.as_str(), NOWHERE);
    Claim { site, key, place, is_same: &is_same }.carry_out(&|folder| order(site, plan, key, folder))
}

fn order(site: &Site, plan: &RunPlan, key: &OperationKey, folder: &RunFolder) -> Result<Order, RemoteError> {
    if !process::SUPPORTED {
        return Err(RemoteError::Unsupported("commands need a POSIX shell, and this machine has none"));
    }
    let settings = Settings::load(&site.root, site.surroundings.path())?;
    // A name that is no test's must not become a path.
    let test = settings
        .test(plan.pipeline.as_str())
        .ok_or_else(|| RemoteError::NotFound(format!("test {}", plan.pipeline)))?;
    let unusable: Vec<Reason> = plan
        .inputs
        .iter()
        .filter(|(_, value)| value.contains('\0'))
        .map(|(name, _)| Reason {
            code: "run.input",
            place: name.clone(),
            sentence: "The input holds a character that no command can be given.".into(),
            next_step: "Take the character out of the names.".into(),
        })
        .collect();
    if !unusable.is_empty() {
        return Err(RemoteError::Invalid { reasons: unusable, detail: "The test can't be started.".into() });
    }
    let builds = plan.inputs.get(RunPlan::BUILDS).cloned().unwrap_or_default();
    let record = RunRecord {
        version: 1,
        operation: key.clone(),
        service: plan.pipeline.clone(),
        stage: StageId::new(NOWHERE),
        build: BuildId::new(builds),
        commit: String::new(),
        sha256: String::new(),
        environment: None,
        inputs: plan.inputs.clone(),
        reason: plan.reason.clone(),
        accepted_at: site.now(),
        steps: vec![StepRecord::of(&test.step)],
    };
    let inputs = plan.inputs.iter().filter(|(name, _)| INPUTS.contains(&name.as_str()));
    let mut variables: Vec<_> = inputs.map(|(name, value)| (variable(name), value.into())).collect();
    variables.push((variable("OPERATION"), key.as_str().into()));
    variables.push((variable("RUN"), folder.path().as_os_str().to_owned()));
    Ok(Order { commands: vec![test.step.command.clone()], artifact: None, variables, record })
}

/// Says whether a test of this operation is being started at this moment.
pub(super) fn is_starting(site: &Site, plan: &RunPlan, key: &OperationKey) -> Result<bool, RemoteError> {
    // A name that is no test's must not become a path.
    let settings = Settings::load(&site.root, site.surroundings.path())?;
    if settings.test(plan.pipeline.as_str()).is_none() {
        return Ok(false);
    }
    Ok(site.working(plan.pipeline.as_str(), NOWHERE)?.as_ref() == Some(key))
}
