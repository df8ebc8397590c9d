//! Carries out a promotion: the artifact's verified copy, the deploy command, the checks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::claim::{Claim, Order, variable};
use super::plan::{self, Ready};
use super::record::{RunFolder, RunRecord, StepRecord};
use super::settings::Settings;
use super::system::Site;
use crate::{OperationKey, PromotionPlan, Submission, WriteError};

/// Carries out a promotion, or returns the submission that the key led to before.
pub(super) fn promote(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let is_same = |record: &RunRecord| {
        record.service == plan.pipeline && record.stage == plan.to && record.build == plan.build
    };
    let place = (plan.pipeline.as_str(), plan.to.as_str());
    Claim { site, key, place, is_same: &is_same }.carry_out(&|folder| {
        let settings = Settings::load(&site.root, site.surroundings.path())?;
        let ready = plan::check(site, &settings, plan, Some(key)).map_err(plan::refusal)?;
        Ok(order(site, plan, key, &ready, folder))
    })
}

fn order(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
    ready: &Ready<'_>,
    folder: &RunFolder,
) -> Order {
    let stage = ready.stage;
    let steps = || std::iter::once(&stage.deploy).chain(&stage.checks);
    let record = RunRecord {
        version: 1,
        operation: key.clone(),
        service: plan.pipeline.clone(),
        stage: plan.to.clone(),
        build: plan.build.clone(),
        commit: ready.arrival.build.commit.clone(),
        sha256: ready.arrival.artifact.sha256.clone(),
        environment: Some(stage.environment.clone()),
        inputs: plan.parameters.clone(),
        reason: plan.reason.clone(),
        accepted_at: site.now(),
        steps: steps().map(StepRecord::of).collect(),
    };
    Order {
        commands: steps().map(|step| step.command.clone()).collect(),
        artifact: Some((ready.arrival.file.clone(), file_name(ready))),
        variables: variables(&record, ready, folder.path()),
        record,
    }
}

fn variables(record: &RunRecord, ready: &Ready<'_>, run: &Path) -> Vec<(OsString, OsString)> {
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
    let paths =
        [("ARTIFACT", artifact), ("ENVIRONMENT", ready.stage.environment.clone()), ("RUN", run.to_owned())];
    let texts = texts.into_iter().filter_map(|(key, value)| Some((variable(key), value?.into())));
    let mut variables: Vec<(OsString, OsString)> = texts.collect();
    variables.extend(paths.into_iter().map(|(key, path)| (variable(key), path.into_os_string())));
    variables.push((variable("FEATURES"), build.features.join(" ").into()));
    variables
}

fn file_name(ready: &Ready<'_>) -> PathBuf {
    // The manifest may name a file in a folder of the arrival.
    Path::new(&ready.arrival.artifact.name)
        .file_name()
        .map_or_else(|| PathBuf::from("artifact"), PathBuf::from)
}
