//! Sending promotions, and finding out what became of them.

use std::time::Duration;

use aws_sdk_codepipeline::types::{
    ExecutionType, PipelineExecutionSummary, PipelineVariable, SourceRevisionOverride, TriggerType,
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::api::Api;
use super::gate::{Past, answer, past, request_id};
use super::history::{self, time};
use super::id::{Run, Waiting, check_build};
use super::plan::{Start, Way, survey};
use super::run::execution;
use super::shape::Shape;
use crate::{
    BuildId, OperationKey, PipelineId, PromotionPlan, Proof, Reconciled, RemoteError, Submission, Verdict,
    WriteError,
};

/// How often a start is sent, each time with the same token.
const STARTS: u32 = 3;
/// The most pages of executions that reading back looks through.
const PAGES: usize = 3;
/// How far the clocks may differ.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(2);
/// How long a start that was lost may take to show.
pub(super) const SHOWS: TimeDelta = TimeDelta::seconds(30);

/// The token under which the service knows our start, whatever happened to us in between.
pub(super) fn token(key: &OperationKey) -> String {
    let name = format!("signalbox/operation/{key}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

/// Carries out a promotion.
pub(super) async fn promote(
    api: &Api,
    plan: &PromotionPlan,
    key: &OperationKey,
    roll_back_only: bool,
) -> Result<Submission, WriteError> {
    if !roll_back_only && let Some(earlier) = answered_by(api, plan, key).await?.0 {
        return Ok(earlier);
    }
    match survey(api, plan, roll_back_only).await?.way()? {
        Way::Answer(waiting) => {
            let told = answer(api, &waiting, Verdict::Approve, &plan.reason, key).await?;
            Ok(Submission { run: Some(run(plan, &waiting.execution).id()), ..told })
        }
        Way::RollBack => roll_back(api, plan).await,
        Way::Start(found) => start(api, plan, &found, key).await,
    }
}

fn run(plan: &PromotionPlan, execution: &str) -> Run {
    Run { pipeline: plan.pipeline.clone(), execution: execution.to_owned(), stage: plan.to.to_string() }
}

fn accepted(
    api: &Api,
    place: &Run,
    execution: &str,
    request_id: Option<String>,
) -> Result<Submission, WriteError> {
    if !super::id::is_execution(execution) {
        let cause = RemoteError::Protocol { detail: "the answer names no execution".into() };
        return Err(WriteError::OutcomeUnknown { cause, sent_at: api.now() });
    }
    Ok(Submission {
        run: Some(Run { execution: execution.to_owned(), ..place.clone() }.id()),
        accepted_at: api.now(),
        proof: Proof::ServerSaid,
        request_id,
    })
}

async fn roll_back(api: &Api, plan: &PromotionPlan) -> Result<Submission, WriteError> {
    let call = api
        .sdk
        .rollback_stage()
        .pipeline_name(plan.pipeline.as_str())
        .stage_name(plan.to.as_str())
        .target_pipeline_execution_id(plan.build.as_str())
        .send();
    let told = api.write(call).await?;
    api.remember_build(&plan.pipeline, &told.pipeline_execution_id, &plan.build);
    accepted(api, &run(plan, ""), &told.pipeline_execution_id, request_id(&told))
}

/// Starts a new execution. The service remembers the token, so this alone of all writes may be sent again.
async fn start(
    api: &Api,
    plan: &PromotionPlan,
    found: &Start,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let mut revisions = Vec::new();
    for (action, kind, value) in &found.revisions {
        let revision = SourceRevisionOverride::builder()
            .action_name(action)
            .revision_type(kind.clone())
            .revision_value(value)
            .build();
        revisions.push(revision.map_err(broken)?);
    }
    let variables = variables_of(with_operation(api, plan, found, key).await?)?;
    send_start(api, &run(plan, ""), revisions, variables, key).await
}

fn broken(error: aws_smithy_types::error::operation::BuildError) -> RemoteError {
    RemoteError::Protocol { detail: error.to_string() }
}

/// Spells variables as the service takes them.
pub(super) fn variables_of(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<PipelineVariable>, RemoteError> {
    let spelt = variables
        .into_iter()
        .map(|(name, value)| PipelineVariable::builder().name(name).value(value).build().map_err(broken));
    spelt.collect()
}

/// Sends a start, each time with the same token. `place` is the run that it becomes, without its execution.
pub(super) async fn send_start(
    api: &Api,
    place: &Run,
    revisions: Vec<SourceRevisionOverride>,
    variables: Vec<PipelineVariable>,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let variables = (!variables.is_empty()).then_some(variables);
    let mut unknown = None;
    for attempt in 1..=STARTS {
        let call = api
            .sdk
            .start_pipeline_execution()
            .name(place.pipeline.as_str())
            .client_request_token(token(key))
            .set_source_revisions(Some(revisions.clone()))
            .set_variables(variables.clone())
            .send();
        match api.write(call).await {
            Ok(told) => {
                let execution = told.pipeline_execution_id.clone().unwrap_or_default();
                return accepted(api, place, &execution, request_id(&told));
            }
            Err(error @ WriteError::OutcomeUnknown { .. }) => unknown = unknown.or(Some(error)),
            // After a send that may have arrived, a refusal proves nothing about that one.
            Err(error) => return Err(unknown.unwrap_or(error)),
        }
        if attempt < STARTS {
            tokio::time::sleep(Duration::from_millis(200) * attempt).await;
        }
    }
    Err(unknown.unwrap_or(WriteError::NotApplied(RemoteError::Timeout)))
}

/// Adds our operation key where the pipeline declares a variable for it; it comes back with the execution.
async fn with_operation(
    api: &Api,
    plan: &PromotionPlan,
    found: &Start,
    key: &OperationKey,
) -> Result<Vec<(String, String)>, RemoteError> {
    let mut variables = found.variables.clone();
    let shape = api.shape(&plan.pipeline, None).await?;
    if shape.variable(&api.operation_input).is_some() {
        variables.retain(|(name, _)| *name != api.operation_input);
        variables.push((api.operation_input.clone(), key.to_string()));
    }
    Ok(variables)
}

/// Looks for our answer at the gates that lead into the stage; also says whether that settles the question.
async fn answered_by(
    api: &Api,
    plan: &PromotionPlan,
    key: &OperationKey,
) -> Result<(Option<Submission>, Gates), RemoteError> {
    if check_build(&plan.build).is_err() {
        return Ok((None, Gates::Never));
    }
    let shape = api.shape(&plan.pipeline, None).await?;
    let did = match history::of_execution(api, &plan.pipeline, plan.build.as_str()).await {
        Err(RemoteError::NotFound(_)) => return Ok((None, Gates::Never)),
        other => other?,
    };
    let mut gates = Gates::Never;
    for (stage, gate) in shape.gates_into(plan.to.as_str()) {
        let waiting = Waiting {
            pipeline: plan.pipeline.clone(),
            stage: stage.name.clone(),
            action: gate.name.clone(),
            execution: plan.build.to_string(),
            build: plan.build.clone(),
            token: String::new(),
        };
        let of = run(plan, plan.build.as_str()).id();
        match past(api, &waiting, Verdict::Approve, key, &did, of).await? {
            Past::Ours(submission) => return Ok((Some(submission), Gates::Never)),
            Past::Waits => gates = Gates::Wait,
            Past::Silent(evidence) => gates = Gates::Silent(evidence),
            Past::Others | Past::Never => {}
        }
    }
    Ok((None, gates))
}

/// What the gates before a stage say about an answer that is not found there.
enum Gates {
    /// It was never given.
    Never,
    /// The gate still waits for one.
    Wait,
    /// Somebody's was, without words that can be read.
    Silent(String),
}

/// Reads back what became of a promotion: by its words at the gate, by its variable, or by the one execution that
/// began since and carries the build.
pub(super) async fn reconcile(
    api: &Api,
    plan: &PromotionPlan,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    if check_build(&plan.build).is_err() {
        return Ok(Reconciled::NotApplied);
    }
    let shape = api.shape(&plan.pipeline, None).await?;
    if shape.stage(plan.to.as_str()).is_none() {
        return Ok(Reconciled::NotApplied);
    }
    let (earlier, gates) = answered_by(api, plan, key).await?;
    if let Some(earlier) = earlier {
        return Ok(Reconciled::Applied(earlier));
    }
    if matches!(gates, Gates::Wait) {
        return Ok(Reconciled::NotApplied);
    }
    let mut candidates = Vec::new();
    for summary in since(api, &plan.pipeline, sent_at - SKEW).await? {
        let Some(id) = summary.pipeline_execution_id.clone() else { continue };
        match carries(api, &shape, plan, key, &summary, &id).await? {
            Carries::OurKey => return Ok(Reconciled::Applied(read_back(api, plan, &id, &summary))),
            Carries::TheBuild => candidates.push((id, summary)),
            Carries::Another => {}
        }
    }
    let too_early = api.now() - sent_at < SHOWS;
    Ok(match (&candidates[..], gates) {
        ([(id, summary)], _) => Reconciled::Applied(read_back(api, plan, id, summary)),
        ([_, ..], _) => Reconciled::StillUnknown {
            evidence: format!("{} executions with this build began since then", candidates.len()),
        },
        ([], Gates::Silent(evidence)) => Reconciled::StillUnknown { evidence },
        ([], _) if too_early => Reconciled::StillUnknown {
            evidence: "no execution with this build has begun yet, and it may take a while to show".into(),
        },
        ([], _) => Reconciled::NotApplied,
    })
}

fn read_back(
    api: &Api,
    plan: &PromotionPlan,
    execution: &str,
    summary: &PipelineExecutionSummary,
) -> Submission {
    Submission {
        run: Some(run(plan, execution).id()),
        accepted_at: time(summary.start_time.as_ref()).unwrap_or_else(|| api.now()),
        proof: Proof::ReadBack,
        request_id: None,
    }
}

/// Lists the executions that began since a time, newest first.
pub(super) async fn since(
    api: &Api,
    pipeline: &PipelineId,
    at: DateTime<Utc>,
) -> Result<Vec<PipelineExecutionSummary>, RemoteError> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES {
        let call = api
            .sdk
            .list_pipeline_executions()
            .pipeline_name(pipeline.as_str())
            .max_results(100)
            .set_next_token(next.clone())
            .send();
        let page = api.read(call).await?;
        let all = page.pipeline_execution_summaries.unwrap_or_default();
        let read = all.len();
        let younger =
            all.into_iter().filter(|s| time(s.start_time.as_ref()).is_some_and(|began| began >= at));
        let before = found.len();
        found.extend(younger);
        let more = page.next_token.filter(|token| Some(token) != next.as_ref());
        if more.is_none() || found.len() - before < read {
            break;
        }
        next = more;
    }
    Ok(found)
}

enum Carries {
    OurKey,
    TheBuild,
    Another,
}

async fn carries(
    api: &Api,
    shape: &Shape,
    plan: &PromotionPlan,
    key: &OperationKey,
    summary: &PipelineExecutionSummary,
    id: &str,
) -> Result<Carries, RemoteError> {
    if id == plan.build.as_str() {
        return Ok(Carries::Another);
    }
    if summary.execution_type == Some(ExecutionType::Rollback) {
        let target = summary.rollback_metadata.as_ref();
        let target = target.and_then(|target| target.rollback_target_pipeline_execution_id.clone());
        let by_hand = summary.trigger.as_ref().and_then(|trigger| trigger.trigger_type.clone());
        if target.map(BuildId::new) != Some(plan.build.clone())
            || by_hand == Some(TriggerType::AutomatedRollback)
        {
            return Ok(Carries::Another);
        }
        let did = history::of_execution(api, &plan.pipeline, id).await?;
        let here = did.iter().any(|did| did.stage == plan.to.as_str());
        return Ok(if here { Carries::TheBuild } else { Carries::Another });
    }
    let started = summary.trigger.as_ref().and_then(|trigger| trigger.trigger_type.clone())
        == Some(TriggerType::StartPipelineExecution);
    let revisions = summary.source_revisions.as_deref().unwrap_or_default();
    let same = revisions.iter().any(|source| source.revision_id.as_deref() == Some(plan.commit.as_str()));
    if !started {
        return Ok(Carries::Another);
    }
    if shape.variable(&api.operation_input).is_some() {
        // The pipeline gives our key back, so nothing else counts.
        return Ok(if is_ours(api, &run(plan, id), key).await? { Carries::OurKey } else { Carries::Another });
    }
    Ok(if same { Carries::TheBuild } else { Carries::Another })
}

/// Says whether an execution carries our operation key in its variable.
pub(super) async fn is_ours(api: &Api, run: &Run, key: &OperationKey) -> Result<bool, RemoteError> {
    let told = execution(api, run).await?;
    Ok(told.variables().iter().any(|variable| {
        variable.name.as_deref() == Some(api.operation_input.as_str())
            && variable.resolved_value.as_deref() == Some(key.as_str())
    }))
}
