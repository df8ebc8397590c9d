//! Checks a promotion's plan against what is there, and says exactly what it would do.

use super::arrival::{self, Arrival};
use super::environment;
use super::process;
use super::settings::{Settings, StageSettings};
use super::system::Site;
use crate::{Mechanism, OperationKey, Preflight, PromotionPlan, Reason, RemoteError};

/// A plan that nothing stands in the way of.
pub(super) struct Ready<'s> {
    pub stage: &'s StageSettings,
    pub arrival: Arrival,
}

/// Finds everything that stands in a plan's way. Work of the operation `own` itself does not.
pub(super) fn check<'s>(
    site: &Site,
    settings: &'s Settings,
    plan: &PromotionPlan,
    own: Option<&OperationKey>,
) -> Result<Ready<'s>, Vec<Reason>> {
    let mut reasons = Vec::new();
    let mut refuse = |code, place: String, sentence: String, next_step: &str| {
        reasons.push(Reason { code, place, sentence, next_step: next_step.into() });
    };
    if !process::SUPPORTED {
        refuse(
            "promotion.no_shell",
            "this machine".into(),
            "Commands need a POSIX shell, and this system has none.".into(),
            "Use a connection to a remote system, or run Signalbox on Linux or macOS.",
        );
    }
    for name in plan.parameters.keys() {
        refuse(
            "promotion.no_parameters",
            name.clone(),
            "The local system takes no parameters.".into(),
            "Remove the parameter; commands get what they need in their environment.",
        );
    }
    let Some(service) = settings.service(plan.pipeline.as_str()) else {
        refuse(
            "pipeline.not_found",
            plan.pipeline.to_string(),
            "pipeline.toml names no such service.".into(),
            "Add the service to pipeline.toml, or choose another pipeline.",
        );
        return Err(reasons);
    };
    let stage = service.stage(plan.to.as_str());
    match stage {
        None => refuse(
            "stage.not_found",
            format!("{}/{}", plan.pipeline, plan.to),
            "pipeline.toml names no such stage of this service.".into(),
            "Add the stage to pipeline.toml, or choose another one.",
        ),
        Some(stage) => {
            match environment::read(&stage.environment) {
                Ok(deployed) => {
                    let there = deployed.map(|deployed| deployed.build);
                    if let Some(seen) = &plan.expect_current
                        && *seen != there
                    {
                        let name = |build: &Option<crate::BuildId>| match build {
                            Some(build) => format!("build {build}"),
                            None => "nothing".into(),
                        };
                        refuse(
                            "promotion.stale",
                            stage.name.clone(),
                            format!(
                                "The stage was shown with {}, but {} stands there now.",
                                name(seen),
                                name(&there)
                            ),
                            "Look at the stage again and decide again.",
                        );
                    }
                }
                Err(error) => refuse(
                    "stage.unreadable",
                    stage.environment_shown.clone(),
                    error.to_string(),
                    "Repair or remove the file; it only says what was deployed last.",
                ),
            }
            match site.working(&service.name, &stage.name) {
                Ok(Some(holder)) if own != Some(&holder) => refuse(
                    "promotion.busy",
                    stage.name.clone(),
                    format!("Operation {holder} is working in this stage."),
                    "Wait for its end, or cancel it.",
                ),
                Ok(_) => {}
                Err(error) => refuse(
                    "stage.unreadable",
                    stage.name.clone(),
                    format!("It can't be told whether something works there: {error}."),
                    "Allow this account to read the runs folder.",
                ),
            }
        }
    }
    let label = plan.build.as_str();
    let arrival = if service.arrivals.join(label).exists() {
        match arrival::read(&service.arrivals, label, &site.digests) {
            Ok(arrival) => {
                if let Some(expected) = &plan.expect_sha256
                    && *expected != arrival.artifact.sha256
                {
                    refuse(
                        "artifact.changed",
                        label.to_owned(),
                        format!(
                            "SHA-256 {expected} was approved, but the build has {} now.",
                            arrival.artifact.sha256
                        ),
                        "Find out who changed the build; deliver the change under a new label.",
                    );
                }
                Some(arrival)
            }
            Err(defects) => {
                reasons.extend(defects);
                None
            }
        }
    } else {
        refuse(
            "build.not_found",
            label.to_owned(),
            "No such build has arrived.".into(),
            "Deliver the build, or choose another one.",
        );
        None
    };
    match (stage, arrival) {
        (Some(stage), Some(arrival)) if reasons.is_empty() => Ok(Ready { stage, arrival }),
        _ => Err(reasons),
    }
}

/// Turns what stands in the way into the error that a refused write carries.
pub(super) fn refusal(reasons: Vec<Reason>) -> RemoteError {
    if let [reason] = reasons.as_slice() {
        let detail = format!("{} {}", reason.sentence, reason.next_step);
        match reason.code {
            "pipeline.not_found" => {
                return RemoteError::NotFound(format!("pipeline {}", reason.place));
            }
            "stage.not_found" => return RemoteError::NotFound(format!("stage {}", reason.place)),
            "build.not_found" => return RemoteError::NotFound(format!("build {}", reason.place)),
            "promotion.stale" => return RemoteError::Stale { detail },
            "promotion.busy" => return RemoteError::Conflict { detail },
            _ => {}
        }
    }
    RemoteError::Invalid { reasons, detail: "the promotion can't be carried out".into() }
}

/// Answers a preflight.
pub(super) fn preflight(site: &Site, plan: &PromotionPlan) -> Preflight {
    let checked = Settings::load(&site.root, site.surroundings.path())
        .map_err(|error| match error {
            RemoteError::Invalid { reasons, .. } => reasons,
            other => vec![Reason {
                code: other.code(),
                place: site.root.display().to_string(),
                sentence: other.to_string(),
                next_step: "Repair the connection's folder.".into(),
            }],
        })
        .and_then(|settings| check(site, &settings, plan, None).map(|ready| ready.will_do(site)));
    let (blockers, will_do) = match checked {
        Ok(will_do) => (Vec::new(), will_do),
        Err(reasons) => (reasons, Vec::new()),
    };
    Preflight { allowed: blockers.is_empty(), blockers, will_do, mechanism: Mechanism::RunCommands }
}

impl Ready<'_> {
    fn will_do(&self, site: &Site) -> Vec<String> {
        let limit = |seconds: u64| match seconds {
            s if s % 3600 == 0 => format!("{} h", s / 3600),
            s if s % 60 == 0 => format!("{} min", s / 60),
            s => format!("{s} s"),
        };
        let artifact = &self.arrival.artifact;
        let mut steps = vec![
            format!("copy {} and check that it has SHA-256 {}", artifact.name, artifact.sha256),
            format!(
                "run `{}` in {} for the environment {}, for at most {}",
                self.stage.deploy.shown(),
                site.root.display(),
                self.stage.environment_shown,
                limit(self.stage.deploy.limit_seconds),
            ),
        ];
        steps.extend(self.stage.checks.iter().map(|check| {
            format!(
                "then check \"{}\": run `{}`, for at most {}",
                check.name,
                check.shown(),
                limit(check.limit_seconds)
            )
        }));
        steps
    }
}
