//! Promotions: a workflow dispatched at the build's tag, with the build, the stage and the operation as inputs.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::builds;
use super::calls::Site;
use super::names::{RunAt, Workflow, operation_in, says};
use super::stages;
use super::wire::{Dispatched, Run};
use crate::http::{Answer, Call};
use crate::{
    BuildId, Mechanism, OperationKey, Preflight, PromotionPlan, Proof, Reason, Reconciled, RemoteError,
    RunPlan, Submission, WriteError,
};

/// How far back an earlier dispatch of the same operation is looked for.
const LOOKED_BACK: TimeDelta = TimeDelta::days(7);
/// How far GitHub's clock may be from ours.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// How long after a dispatch its run may begin.
const BEGINS_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// How long a dispatched run may be missing from the list.
const MAY_BE_MISSING: TimeDelta = TimeDelta::seconds(60);
/// How many inputs a dispatch may have, on GitHub and on an Enterprise Server.
const MOST_INPUTS: (usize, usize) = (25, 10);

/// What a preflight found, with what the dispatch needs to know.
struct Checked {
    preflight: Preflight,
    /// The state of the stage does not allow it now.
    busy: bool,
    /// The stage shows something else than what was seen.
    stale: bool,
    with_details: bool,
}

/// Finds out what a promotion would do, and everything that stands in its way.
pub async fn preflight(site: &Site, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
    let workflow = site.scope.workflow(&plan.pipeline)?;
    Ok(check(site, &workflow, plan).await?.preflight)
}

/// Dispatches the workflow, once; an operation that GitHub already knows is not sent again.
pub async fn promote(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
) -> Result<Submission, WriteError> {
    let workflow = site.scope.workflow(&plan.pipeline)?;
    if let Some(known) = earlier(site, &workflow, key).await? {
        return Ok(known);
    }
    let checked = check(site, &workflow, plan).await?;
    refuse(&checked)?;
    let answer = site.send(dispatch(site, &workflow, plan, key, checked.with_details)).await?;
    dispatched(site, workflow, &answer)
}

/// Finds the run of an operation that was dispatched before.
async fn earlier(
    site: &Site,
    workflow: &Workflow,
    key: &OperationKey,
) -> Result<Option<Submission>, RemoteError> {
    let since = moment(site.http.now() - LOOKED_BACK);
    let earlier = search(site, workflow, &format!(">={since}")).await?;
    let run = earlier.runs.iter().find(|run| says(&run.display_title, key.as_str()));
    Ok(run.map(|run| known_run(workflow, run)))
}

/// Reads the answer to a dispatch.
fn dispatched(site: &Site, workflow: Workflow, answer: &Answer) -> Result<Submission, WriteError> {
    let run = match answer.status.as_u16() {
        // An Enterprise Server, and GitHub itself in earlier times, says nothing about the run.
        204 => None,
        _ => {
            let dispatched: Dispatched = site.http.answered(answer)?;
            Some(RunAt { repo: workflow.repo, number: dispatched.workflow_run_id }.id())
        }
    };
    let proof = if run.is_some() { Proof::ServerSaid } else { Proof::Pending };
    Ok(Submission { run, accepted_at: answer.at, proof, request_id: answer.request_id() })
}

/// Dispatches a workflow that promotes nothing, at the repository's default branch. GitHub refuses inputs that the
/// workflow does not declare, and names them; then nothing has begun, and it is asked again without them.
pub async fn start_run(site: &Site, plan: &RunPlan, key: &OperationKey) -> Result<Submission, WriteError> {
    let workflow = site.scope.workflow(&plan.pipeline)?;
    if let Some(known) = earlier(site, &workflow, key).await? {
        return Ok(known);
    }
    let (entry, answer) = site.workflow(&workflow).await?;
    if entry.state != "active" {
        let detail = format!("the workflow is switched off ({})", super::runs::short(&entry.state));
        return Err(RemoteError::Conflict { detail }.into());
    }
    let with_details = !is_enterprise_server(&answer);
    let branch = site.repository(&workflow.repo).await?.default_branch;
    let mut inputs = plan.all(&site.inputs.operation, key);
    let dispatch = |inputs: &_| site.dispatch(&workflow, &branch, &json!(inputs), with_details);
    let answer = match site.send(dispatch(&inputs)).await {
        Err(WriteError::NotApplied(error)) => {
            let before = inputs.len();
            inputs.retain(|name, _| !is_unexpected(&error, name));
            if inputs.len() == before {
                return Err(error.into());
            }
            site.send(dispatch(&inputs)).await?
        }
        other => other?,
    };
    dispatched(site, workflow, &answer)
}

/// Says whether a refusal names an input as one that the workflow does not declare.
fn is_unexpected(error: &RemoteError, name: &str) -> bool {
    let words = error.to_string();
    words.split_once("Unexpected inputs provided").is_some_and(|(_, named)| says(named, name))
}

/// Looks for the run of a start whose answer was lost, by the operation in its name.
pub async fn reconcile_run(
    site: &Site,
    plan: &RunPlan,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    let workflow = site.scope.workflow(&plan.pipeline)?;
    let branch = site.repository(&workflow.repo).await?.default_branch;
    find_lost(site, &workflow, &branch, key, sent_at).await
}

/// Looks for the run of a dispatch whose answer was lost, by the operation in its name.
pub async fn reconcile(
    site: &Site,
    plan: &PromotionPlan,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    let workflow = site.scope.workflow(&plan.pipeline)?;
    find_lost(site, &workflow, plan.build.as_str(), key, sent_at).await
}

async fn find_lost(
    site: &Site,
    workflow: &Workflow,
    reference: &str,
    key: &OperationKey,
    sent_at: DateTime<Utc>,
) -> Result<Reconciled, RemoteError> {
    let asked_at = site.http.now();
    let window = format!("{}..{}", moment(sent_at - CLOCKS), moment(sent_at + BEGINS_WITHIN));
    let found = search(site, workflow, &window).await?;
    if let Some(run) = found.runs.iter().find(|run| says(&run.display_title, key.as_str())) {
        return Ok(Reconciled::Applied(known_run(workflow, run)));
    }
    let unnamed = |run: &&Run| {
        run.head_branch.as_deref() == Some(reference) && operation_in(&run.display_title).is_none()
    };
    let evidence = if let Some(run) = found.runs.iter().find(unnamed) {
        format!(
            "run {} of {} began at {} and does not name its operation: the workflow's run-name has to end in [{}]",
            run.id,
            reference,
            moment(run.created_at),
            placeholder(site),
        )
    } else if found.cut_off {
        "more runs began at that time than GitHub lets anyone search".to_owned()
    } else if asked_at - sent_at < MAY_BE_MISSING {
        "no run names the operation yet; GitHub may take a minute to list it".to_owned()
    } else {
        return Ok(Reconciled::NotApplied);
    };
    Ok(Reconciled::StillUnknown { evidence })
}

async fn search(site: &Site, workflow: &Workflow, created: &str) -> Result<super::calls::Found, RemoteError> {
    site.search_runs(workflow, &[("event", "workflow_dispatch"), ("created", created)]).await
}

async fn check(site: &Site, workflow: &Workflow, plan: &PromotionPlan) -> Result<Checked, RemoteError> {
    let mut blockers = Vec::new();
    let mut block = |code, place: &str, sentence: String, next_step: &str| {
        blockers.push(Reason { code, place: place.into(), sentence, next_step: next_step.into() });
    };
    let (entry, answer) = site.workflow(workflow).await?;
    let with_details = !is_enterprise_server(&answer);
    if entry.state != "active" {
        let sentence = format!("The workflow is switched off ({}).", super::runs::short(&entry.state));
        block("workflow.disabled", &workflow.file, sentence, "Enable it on the repository's Actions page.");
    }
    let build = plan.build.as_str();
    match builds::find(site, &workflow.repo, &plan.build).await? {
        None => {
            let sentence = format!("There is no published release {build}.");
            block("build.unknown", build, sentence, "Choose a build from the list.");
        }
        Some(found) if found.commit != plan.commit => {
            let sentence = format!("The tag stands on {} now, not on {}.", found.commit, plan.commit);
            block("build.moved", build, sentence, "Find out who moved the tag; publish a new release.");
        }
        Some(_) => {}
    }
    if plan.label != build {
        let sentence = format!("The label {} is not the release's tag.", plan.label);
        block("build.label", build, sentence, "Choose the build from the list again.");
    }
    if plan.expect_sha256.is_some() {
        let sentence = "GitHub tells no digest of what a workflow deploys.".to_owned();
        block("build.digest", build, sentence, "Promote without a digest, or check it in the workflow.");
    }
    check_inputs(site, plan, with_details, &mut block);
    let (mut stale, mut busy) = (false, false);
    let stages = site.environments(&workflow.repo).await?;
    if stages.iter().any(|stage| stage.name == plan.to.as_str()) {
        let known = builds::known(site, &workflow.repo).await?;
        let state = stages::state(site, workflow, &known, &plan.to).await?;
        let current = state.occupant.map(|occupant| occupant.build);
        if let Some(expected) = plan.expect_current.as_ref().filter(|expected| **expected != current) {
            stale = true;
            let sentence = format!("{} stands there now, not {}.", named(&current), named(expected));
            block("stage.changed", plan.to.as_str(), sentence, "Look at the stage again, then decide.");
        }
        if let Some(run) = state.running {
            busy = true;
            let sentence = format!("Run {run} is on its way there, or waits for its review.");
            block("stage.busy", plan.to.as_str(), sentence, "Wait for it, answer its review, or cancel it.");
        }
    } else {
        let sentence = format!("The repository has no environment {}.", plan.to);
        block(
            "stage.unknown",
            plan.to.as_str(),
            sentence,
            "Make the environment in the repository's settings.",
        );
    }
    // The operation's key is not made yet.
    let sample = OperationKey::new("OPERATION-KEY");
    let described = |key: &OperationKey| dispatch(site, workflow, plan, key, with_details).described();
    let preflight = Preflight {
        allowed: blockers.is_empty(),
        blockers,
        will_do: sample.iter().map(described).collect(),
        mechanism: Mechanism::StartRun,
    };
    Ok(Checked { preflight, busy, stale, with_details })
}

fn check_inputs(
    site: &Site,
    plan: &PromotionPlan,
    with_details: bool,
    block: &mut impl FnMut(&'static str, &str, String, &str),
) {
    let own = [&site.inputs.build, &site.inputs.stage, &site.inputs.operation];
    for name in plan.parameters.keys().filter(|name| own.contains(name)) {
        let sentence = format!("The input {name} is filled by the promotion itself.");
        block("parameter.reserved", name, sentence, "Leave it out of the parameters.");
    }
    let most = if with_details { MOST_INPUTS.0 } else { MOST_INPUTS.1 };
    let count = plan.parameters.len() + own.len();
    if count > most {
        let sentence = format!("The workflow would get {count} inputs; GitHub takes {most}.");
        block("parameter.too-many", plan.pipeline.as_str(), sentence, "Pass fewer parameters.");
    }
}

fn refuse(checked: &Checked) -> Result<(), RemoteError> {
    let reasons = &checked.preflight.blockers;
    let sentences = || reasons.iter().map(|reason| reason.sentence.clone()).collect::<Vec<_>>().join(" ");
    match reasons.len() {
        0 => Ok(()),
        1 if checked.stale => Err(RemoteError::Stale { detail: sentences() }),
        1 if checked.busy => Err(RemoteError::Conflict { detail: sentences() }),
        _ => Err(RemoteError::Invalid {
            reasons: reasons.clone(),
            detail: "The build can't be promoted like this.".into(),
        }),
    }
}

fn dispatch(
    site: &Site,
    workflow: &Workflow,
    plan: &PromotionPlan,
    key: &OperationKey,
    with_details: bool,
) -> Call {
    let inputs = json!(site.inputs.fill(plan, key));
    site.dispatch(workflow, plan.build.as_str(), &inputs, with_details)
}

/// An Enterprise Server names its version with every answer, and knows neither the run's details nor 25 inputs.
fn is_enterprise_server(answer: &Answer) -> bool {
    answer.header("x-github-enterprise-version").is_some()
}

fn known_run(workflow: &Workflow, run: &Run) -> Submission {
    Submission {
        run: Some(RunAt { repo: workflow.repo.clone(), number: run.id }.id()),
        accepted_at: run.created_at,
        proof: Proof::ReadBack,
        request_id: None,
    }
}

fn placeholder(site: &Site) -> String {
    format!("${{{{ inputs.{} }}}}", site.inputs.operation)
}

fn named(build: &Option<BuildId>) -> String {
    build.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
}

/// Spells a time as GitHub's search takes it.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
