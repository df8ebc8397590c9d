//! How an execution stands in one stage.

use aws_sdk_codepipeline::types::{PipelineExecution, PipelineExecutionStatus as Told};

use super::api::Api;
use super::history::{self, Did, Status, newest};
use super::id::Run;
use super::shape::{Kind, Stage};
use crate::http::shortened;
use crate::{CheckResult, Progress, RemoteError, RunState, RunStatus};

/// Reads how a run stands.
pub(super) async fn status(api: &Api, run: &Run) -> Result<RunStatus, RemoteError> {
    let told = execution(api, run).await?;
    let shape = api.shape(&run.pipeline, told.pipeline_version).await?;
    let Some(stage) = shape.stage(&run.stage) else {
        return Err(RemoteError::NotFound(format!("stage {}", run.stage)));
    };
    let did = history::of_execution(api, &run.pipeline, &run.execution).await?;
    Ok(read(api, run, stage, &told, &did))
}

/// Reads an execution.
pub(super) async fn execution(api: &Api, run: &Run) -> Result<PipelineExecution, RemoteError> {
    let call = api
        .sdk
        .get_pipeline_execution()
        .pipeline_name(run.pipeline.as_str())
        .pipeline_execution_id(&run.execution)
        .send();
    let told = api.read(call).await?.pipeline_execution;
    told.ok_or_else(|| RemoteError::Protocol { detail: "the answer holds no execution".into() })
}

fn read(api: &Api, run: &Run, stage: &Stage, told: &PipelineExecution, did: &[Did]) -> RunStatus {
    let steps: Vec<(&str, Kind, Option<&Did>)> = stage
        .steps()
        .map(|step| (step.name.as_str(), step.kind, newest(did, &stage.name, &step.name)))
        .collect();
    let here = |status| steps.iter().filter(move |(_, _, did)| did.is_some_and(|did| did.status == status));
    let all_done = !steps.is_empty() && here(Status::Done).count() == steps.len();
    let working = here(Status::Working).next();
    let failed = here(Status::Failed).next();
    let gate = stage.gates().find_map(|gate| newest(did, &stage.name, &gate.name).filter(waits));
    let rejected = stage
        .gates()
        .find_map(|gate| newest(did, &stage.name, &gate.name).filter(|did| did.status == Status::Failed));
    let begun = steps.iter().any(|(_, _, did)| did.is_some());
    let state = match &told.status {
        _ if all_done => RunState::Succeeded,
        _ if working.is_some() => RunState::Running,
        _ if failed.is_some() || rejected.is_some() => RunState::Failed,
        Some(Told::InProgress | Told::Stopping) if begun || gate.is_some() => RunState::Running,
        Some(Told::InProgress) => RunState::Queued,
        Some(Told::Stopping) => RunState::Running,
        Some(Told::Stopped | Told::Cancelled | Told::Superseded) => RunState::Cancelled,
        Some(Told::Failed | Told::Succeeded) => RunState::Failed,
        _ => RunState::Unknown,
    };
    let work_done = steps
        .iter()
        .filter(|(_, kind, _)| *kind == Kind::Work)
        .all(|(_, _, did)| did.is_some_and(|did| did.status == Status::Done));
    let own: Vec<&Did> = steps.iter().filter_map(|(_, _, did)| *did).collect();
    let step = working.or(failed).map(|(name, _, _)| (*name).to_owned());
    RunStatus {
        run: run.id(),
        state,
        step: step
            .or_else(|| gate.map(|gate| gate.action.clone()))
            .or_else(|| own.iter().max_by_key(|did| did.started).map(|did| did.action.clone())),
        deployed: if work_done && begun {
            Some(true)
        } else if state.is_final() {
            Some(false)
        } else {
            None
        },
        checks: steps
            .iter()
            .filter(|(_, kind, _)| *kind == Kind::Test)
            .filter_map(|(_, _, did)| did.filter(|did| did.status != Status::Working))
            .map(check)
            .collect(),
        progress: Progress {
            done: count(own.iter().filter(|did| did.status != Status::Working).count()),
            total: count(steps.len()),
        },
        started: own.iter().filter_map(|did| did.started).min(),
        finished: own.iter().filter_map(|did| did.changed).max().filter(|_| state.is_final()),
        summary: summary(state, stage, told, failed.and_then(|(_, _, did)| *did).or(rejected), gate),
        link: Some(link(api, run)),
    }
}

fn waits(did: &&Did) -> bool {
    did.status == Status::Working
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn check(did: &Did) -> CheckResult {
    CheckResult {
        name: did.action.clone(),
        passed: did.status == Status::Done,
        source: "AWS CodePipeline".into(),
        started: did.started,
        finished: did.changed,
        summary: shortened(did.summary.as_deref().unwrap_or_default(), 300),
    }
}

fn summary(
    state: RunState,
    stage: &Stage,
    told: &PipelineExecution,
    failed: Option<&Did>,
    gate: Option<&Did>,
) -> String {
    let said = |did: &Did| match &did.summary {
        Some(words) => format!(": {}", shortened(words, 300)),
        None => ".".into(),
    };
    let name = &stage.name;
    let status = told.status.as_ref().map_or("unknown", Told::as_str);
    match (state, failed, gate) {
        (RunState::Succeeded, ..) => format!("{name} went through."),
        (RunState::Failed, Some(did), _) => format!("{name}/{} failed{}", did.action, said(did)),
        (RunState::Failed, None, _) => format!("The execution ended as {status} before {name} went through."),
        (RunState::Cancelled, ..) => format!("The execution was ended in or before {name} ({status})."),
        (RunState::Running, _, Some(gate)) => format!("{name}/{} waits for an answer.", gate.action),
        (RunState::Running, ..) => format!("{name} is being worked on."),
        (RunState::Queued, ..) => format!("The execution has not reached {name}."),
        (RunState::Unknown, ..) => "CodePipeline does not tell how the execution stands.".into(),
    }
}

/// The console's page about an execution.
fn link(api: &Api, run: &Run) -> String {
    let region = &api.region;
    let domain = match region {
        region if region.starts_with("cn-") => "amazonaws.cn",
        region if region.starts_with("us-gov-") => "amazonaws-us-gov.com",
        _ => "aws.amazon.com",
    };
    let Run { pipeline, execution, .. } = run;
    format!(
        "https://{region}.console.{domain}/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution}/timeline?region={region}"
    )
}
