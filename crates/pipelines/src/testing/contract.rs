//! The contract that every pipeline system must pass, whatever it is.
//!
//! A system brings a [`Bench`]: itself, plans with a known course, and a way to count what really
//! happened on the other side. [`violations`] plays the contract and returns what was broken.
//! What a system has beyond the contract is tested where the system lives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::{
    BuildChoice, BuildId, BuildQuery, Cancel, Capabilities, Decision, GateHandle, GateScope, LogCursor, Logs,
    OperationKey, PendingGate, PipelineId, PipelineQuery, PipelineSystem, PromotionPlan, Reconciled,
    RemoteError, RunId, RunIdFrom, RunState, RunStatus, StageId, Verdict, WriteError,
};

pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// The known course of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Deployment and checks go through.
    Succeeds,
    /// The deployment fails.
    Fails,
    /// The deployment goes on until somebody ends it.
    Hangs,
}

/// What a system brings to be tested. Each course has a stage of its own.
#[async_trait]
pub trait Bench: Send + Sync {
    /// Returns the system.
    fn system(&self) -> Arc<dyn PipelineSystem>;

    /// Returns the same connection as a restarted program would see it.
    fn restarted(&self) -> Arc<dyn PipelineSystem>;

    /// Returns a plan with a known course. At least two builds have arrived.
    fn plan(&self, course: Course) -> PromotionPlan;

    /// Returns a key that was never used.
    fn fresh_key(&self) -> OperationKey;

    /// Counts how often the plan's deployment has really begun on the other side.
    async fn effects(&self, plan: &PromotionPlan) -> usize;

    /// Makes a further build wait at a gate, and names the pipeline; nothing for a system without gates.
    async fn open_gate(&self) -> Option<PipelineId> {
        None
    }

    /// Returns the answers that took effect at the pipeline's gates, in their order.
    async fn answers(&self, _pipeline: &PipelineId) -> Vec<Verdict> {
        Vec::new()
    }
}

pub(super) type Outcome = Result<(), String>;

/// Ends the play with a line when a condition does not hold.
macro_rules! ensure {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(format!($($words)+));
        }
    };
}

pub(super) use ensure;

/// Plays the whole contract and returns a line for everything that was broken.
pub async fn violations(bench: &dyn Bench) -> Vec<String> {
    let played = [
        ("a probe only narrows", a_probe_only_narrows(bench).await),
        ("lists agree with descriptions", lists_agree(bench).await),
        ("pages cover the list once", pages_cover_the_list(bench).await),
        ("unknown things are not found", unknown_things_are_not_found(bench).await),
        ("a preflight changes nothing", a_preflight_changes_nothing(bench).await),
        ("a refused promotion did nothing", a_refused_promotion_did_nothing(bench).await),
        ("an operation is carried out once", an_operation_is_carried_out_once(bench).await),
        ("a failed deployment is a failed run", a_failed_deployment_fails(bench).await),
        ("a run can be cancelled as declared", cancels_as_declared(bench).await),
        ("gates are as declared", gates_are_as_declared(bench).await),
    ];
    played.into_iter().filter_map(|(name, outcome)| Some(format!("{name}: {}", outcome.err()?))).collect()
}

async fn a_probe_only_narrows(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let info = system.probe().await.map_err(text)?;
    ensure!(!info.who.is_empty(), "the probe does not say who acts");
    let declared = system.capabilities();
    let missing = |field: &str| info.missing.iter().any(|m| m.capability == field);
    let Capabilities { build_choice, gate_scope, gate_reject, logs, cancel, .. } = &info.effective;
    for (field, same) in [
        ("build_choice", *build_choice == declared.build_choice),
        ("gate_scope", *gate_scope == declared.gate_scope),
        ("gate_reject", *gate_reject == declared.gate_reject),
        ("logs", *logs == declared.logs),
        ("cancel", *cancel == declared.cancel),
    ] {
        ensure!(same || missing(field), "{field} was narrowed without a reason");
    }
    ensure!(!*gate_reject || declared.gate_reject, "the probe widened gate_reject");
    Ok(())
}

async fn lists_agree(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let plan = bench.plan(Course::Succeeds);
    let mut pipelines = Vec::new();
    let mut page = None;
    loop {
        let list = system.list_pipelines(&PipelineQuery::default(), page.as_ref()).await;
        let list = list.map_err(text)?;
        pipelines.extend(list.items);
        page = list.next;
        if page.is_none() {
            break;
        }
    }
    ensure!(pipelines.iter().any(|p| p.id == plan.pipeline), "the plan's pipeline is not listed");
    for pipeline in &pipelines {
        let shape = system.describe(&pipeline.id).await.map_err(text)?;
        let states = system.stage_states(&pipeline.id).await.map_err(text)?;
        let stages: Vec<_> = shape.stages.iter().map(|stage| &stage.id).collect();
        let with_state: Vec<_> = states.iter().map(|state| &state.stage).collect();
        ensure!(stages == with_state, "{}: stages and their states differ", pipeline.id);
    }
    let query = PipelineQuery { name_prefix: Some("no pipeline begins like this".into()) };
    let none = system.list_pipelines(&query, None).await.map_err(text)?;
    ensure!(none.items.is_empty(), "the prefix is ignored");
    Ok(())
}

async fn pages_cover_the_list(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let pipeline = bench.plan(Course::Succeeds).pipeline;
    let whole = system.list_builds(&pipeline, &BuildQuery::default(), None).await.map_err(text)?;
    ensure!(whole.builds.len() >= 2, "the bench needs two builds");
    let newest_first = whole.builds.windows(2).all(|pair| pair[0].created >= pair[1].created);
    ensure!(newest_first, "the builds are not listed newest first");
    let mut paged = Vec::new();
    let mut page = None;
    loop {
        let query = BuildQuery { limit: 1 };
        let list = system.list_builds(&pipeline, &query, page.as_ref()).await.map_err(text)?;
        paged.extend(list.builds);
        page = list.next;
        if page.is_none() {
            break;
        }
        ensure!(paged.len() <= whole.builds.len(), "the pages never end");
    }
    ensure!(paged == whole.builds, "pages of one and the whole list differ");
    Ok(())
}

async fn unknown_things_are_not_found(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let pipeline = PipelineId::new("no-such-pipeline");
    let not_found = |result: Result<(), RemoteError>, what: &str| match result {
        Err(RemoteError::NotFound(_)) => Ok(()),
        other => Err(format!("{what}: expected not found, got {other:?}")),
    };
    not_found(system.describe(&pipeline).await.map(drop), "describe")?;
    not_found(system.stage_states(&pipeline).await.map(drop), "stage states")?;
    let builds = system.list_builds(&pipeline, &BuildQuery::default(), None).await;
    not_found(builds.map(drop), "builds")?;
    let run = RunId::new("../no-such-run");
    not_found(system.run_status(&run).await.map(drop), "run status")?;
    Ok(())
}

async fn a_preflight_changes_nothing(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let plan = bench.plan(Course::Succeeds);
    let before = system.stage_states(&plan.pipeline).await.map_err(text)?;
    let preflight = system.preflight(&plan).await.map_err(text)?;
    ensure!(preflight.allowed, "a good plan is blocked: {:?}", preflight.blockers);
    ensure!(preflight.blockers.is_empty(), "allowed, and yet blocked");
    ensure!(!preflight.will_do.is_empty(), "the preflight does not say what it would do");
    let after = system.stage_states(&plan.pipeline).await.map_err(text)?;
    ensure!(before == after, "the preflight changed a stage");
    ensure!(bench.effects(&plan).await == 0, "the preflight deployed");

    for (name, bad) in bad_plans(bench) {
        let preflight = system.preflight(&bad).await.map_err(text)?;
        ensure!(!preflight.allowed && !preflight.blockers.is_empty(), "{name} is not blocked");
    }
    Ok(())
}

async fn a_refused_promotion_did_nothing(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    for (name, plan) in bad_plans(bench) {
        let key = bench.fresh_key();
        match system.promote(&plan, &key).await {
            Err(WriteError::NotApplied(_)) => {}
            other => return Err(format!("{name}: expected a refusal, got {other:?}")),
        }
        if system.capabilities().key_given_back {
            let reconciled = system.reconcile_promotion(&plan, &key, chrono::DateTime::UNIX_EPOCH).await;
            let reconciled = reconciled.map_err(text)?;
            ensure!(reconciled == Reconciled::NotApplied, "{name}: reconciled as {reconciled:?}");
        }
    }
    let good = bench.plan(Course::Succeeds);
    ensure!(bench.effects(&good).await == 0, "a refused promotion deployed");
    let stale = PromotionPlan { expect_current: Some(Some("never there".into())), ..good };
    match system.promote(&stale, &bench.fresh_key()).await {
        Err(WriteError::NotApplied(RemoteError::Stale { .. })) => Ok(()),
        other => Err(format!("a stale view: expected stale, got {other:?}")),
    }
}

async fn an_operation_is_carried_out_once(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    if system.capabilities().build_choice == BuildChoice::None {
        return Ok(());
    }
    let plan = bench.plan(Course::Succeeds);
    let key = bench.fresh_key();
    let given_back = system.capabilities().key_given_back;
    if given_back {
        let before = system.reconcile_promotion(&plan, &key, chrono::DateTime::UNIX_EPOCH).await;
        ensure!(before == Ok(Reconciled::NotApplied), "a key never sent is {before:?}");
    }

    let first = system.promote(&plan, &key).await.map_err(text)?;
    let run = match (system.capabilities().run_id_from, first.run) {
        (_, Some(run)) => run,
        (RunIdFrom::Response, None) => return Err("the response carries no run".into()),
        (_, None) => reconciled_run(&*system, &plan, &key, first.accepted_at).await?,
    };
    let status = until_ended(&*system, &run).await?;
    ensure!(status.state == RunState::Succeeded, "a good plan ended as {status:?}");
    ensure!(status.deployed == Some(true), "a succeeded run that did not deploy");
    ensure!(status.checks.iter().all(|check| check.passed), "a succeeded run with a failed check");
    ensure!(status.progress.done == status.progress.total, "a succeeded run that is not complete");
    ensure!(bench.effects(&plan).await == 1, "the deployment did not happen once");

    for again in [bench.system(), bench.restarted()] {
        let same = again.run_status(&run).await.map_err(text)?;
        ensure!(same == status, "another instance sees another status");
        if !given_back {
            continue;
        }
        let submission = again.promote(&plan, &key).await.map_err(text)?;
        ensure!(submission.run.as_ref() == Some(&run), "the same key led to another run");
        let found = reconciled_run(&*again, &plan, &key, first.accepted_at).await?;
        ensure!(found == run, "reconciled to another run");
    }
    ensure!(bench.effects(&plan).await == 1, "the same key was carried out again");

    let states = system.stage_states(&plan.pipeline).await.map_err(text)?;
    let occupant = states.into_iter().find(|s| s.stage == plan.to).and_then(|s| s.occupant);
    ensure!(
        occupant.as_ref().is_some_and(|o| o.build == plan.build),
        "the stage does not show the build: {occupant:?}"
    );
    match system.capabilities().logs {
        Logs::LinkOnly => Ok(()),
        Logs::Incremental | Logs::WhenFinished => the_log_reads_to_its_end(&*system, &run).await,
    }
}

async fn a_failed_deployment_fails(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let plan = bench.plan(Course::Fails);
    let key = bench.fresh_key();
    let submission = system.promote(&plan, &key).await.map_err(text)?;
    let run = match submission.run {
        Some(run) => run,
        None => reconciled_run(&*system, &plan, &key, submission.accepted_at).await?,
    };
    let status = until_ended(&*system, &run).await?;
    ensure!(status.state == RunState::Failed, "a failing plan ended as {status:?}");
    ensure!(status.deployed == Some(false), "a failed deployment that deployed");
    ensure!(!status.summary.is_empty(), "a failure without a word");
    Ok(())
}

async fn cancels_as_declared(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    if system.capabilities().cancel != Cancel::Any {
        return Ok(());
    }
    let plan = bench.plan(Course::Hangs);
    let key = bench.fresh_key();
    let submission = system.promote(&plan, &key).await.map_err(text)?;
    let run = match submission.run {
        Some(run) => run,
        None => reconciled_run(&*system, &plan, &key, submission.accepted_at).await?,
    };
    until(&*system, &run, |status| status.state == RunState::Running).await?;
    match system.promote(&plan, &bench.fresh_key()).await {
        Err(WriteError::NotApplied(_)) => {}
        other => return Err(format!("a second run into an occupied stage: {other:?}")),
    }
    let restarted = bench.restarted();
    restarted.cancel(&run, "the contract says so", &bench.fresh_key()).await.map_err(text)?;
    let status = until_ended(&*system, &run).await?;
    ensure!(status.state == RunState::Cancelled, "a cancelled run ended as {status:?}");
    match system.cancel(&run, "again", &bench.fresh_key()).await {
        Err(WriteError::NotApplied(_)) => Ok(()),
        other => Err(format!("an ended run was cancelled: {other:?}")),
    }
}

async fn gates_are_as_declared(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    if system.capabilities().gate_scope != GateScope::None {
        return gates_are_answered_once(bench).await;
    }
    let pending = system.pending_gates(&bench.plan(Course::Succeeds).pipeline).await;
    let unsupported = |error: &RemoteError| matches!(error, RemoteError::Unsupported(_));
    ensure!(pending.as_ref().is_err_and(unsupported), "gates that were not declared");
    let gate = GateHandle::seal("no gate");
    match system.decide_gate(&gate, &decision(Verdict::Approve, "none".into()), &bench.fresh_key()).await {
        Err(WriteError::NotApplied(RemoteError::Unsupported(_))) => Ok(()),
        other => Err(format!("a gate that does not exist was answered: {other:?}")),
    }
}

/// Returns the one gate that waits at a pipeline.
pub(super) async fn the_gate(
    system: &dyn PipelineSystem,
    pipeline: &PipelineId,
) -> Result<PendingGate, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut pending = system.pending_gates(pipeline).await.map_err(text)?;
        if let Some(gate) = pending.pop() {
            ensure!(pending.is_empty(), "more than one gate waits");
            return Ok(gate);
        }
        ensure!(Instant::now() < deadline, "no gate waits");
        tokio::time::sleep(PAUSE).await;
    }
}

/// An answer to a gate with the fields' defaults.
pub(super) fn decision(verdict: Verdict, build: BuildId) -> Decision {
    Decision {
        verdict,
        comment: "the contract says so".into(),
        fields: Default::default(),
        expect_build: build,
    }
}

async fn gates_are_answered_once(bench: &dyn Bench) -> Outcome {
    let system = bench.system();
    let mut verdicts = vec![Verdict::Approve];
    if system.capabilities().gate_reject {
        verdicts.push(Verdict::Reject);
    }
    for verdict in verdicts {
        let pipeline = bench.open_gate().await.ok_or("gates are declared, and the bench opens none")?;
        let before = bench.answers(&pipeline).await;
        let gate = the_gate(&*system, &pipeline).await?;
        let shape = system.describe(&pipeline).await.map_err(text)?;
        let known = shape.stages.iter().any(|s| s.id == gate.stage && s.gates.contains(&gate.gate));
        ensure!(known, "the pipeline's description does not name the gate {} of {}", gate.gate, gate.stage);

        let stale = decision(verdict, "another build".into());
        match system.decide_gate(&gate.handle, &stale, &bench.fresh_key()).await {
            Err(WriteError::NotApplied(RemoteError::Stale { .. })) => {}
            other => return Err(format!("an answer for another build: expected stale, got {other:?}")),
        }
        ensure!(bench.answers(&pipeline).await == before, "a stale answer took effect");

        let key = bench.fresh_key();
        let mut answer = decision(verdict, gate.build.clone());
        answer.fields = gate.fields.clone();
        let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(5);
        system.decide_gate(&gate.handle, &answer, &key).await.map_err(text)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = system.reconcile_gate(&gate.handle, &answer, &key, sent_at).await.map_err(text)?;
            match found {
                Reconciled::Applied(_) => break,
                other => ensure!(Instant::now() < deadline, "an accepted answer is reconciled as {other:?}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        let mut expected = before;
        expected.push(verdict);
        ensure!(bench.answers(&pipeline).await == expected, "the answer did not take effect once");
        let restarted = bench.restarted();
        match restarted.decide_gate(&gate.handle, &answer, &bench.fresh_key()).await {
            Err(WriteError::NotApplied(_)) => {}
            other => return Err(format!("an answered gate was answered again: {other:?}")),
        }
        ensure!(bench.answers(&pipeline).await == expected, "the second answer took effect");
    }
    Ok(())
}

async fn the_log_reads_to_its_end(system: &dyn PipelineSystem, run: &RunId) -> Outcome {
    let mut at = LogCursor::start();
    let mut whole = String::new();
    for _ in 0..10_000 {
        let chunk = system.read_log(run, &at).await.map_err(text)?;
        whole.push_str(&chunk.text);
        at = chunk.next;
        if chunk.complete {
            ensure!(!whole.is_empty(), "the log is empty");
            let rest = system.read_log(run, &at).await.map_err(text)?;
            ensure!(rest.text.is_empty() && rest.complete, "the log goes on behind its end");
            return Ok(());
        }
    }
    Err("the log of an ended run never ends".into())
}

fn bad_plans(bench: &dyn Bench) -> Vec<(&'static str, PromotionPlan)> {
    let good = bench.plan(Course::Succeeds);
    let other_digest = Some("0".repeat(64));
    vec![
        ("an unknown build", PromotionPlan { build: "no-such-build".into(), ..good.clone() }),
        ("an unknown stage", PromotionPlan { to: StageId::new("no-such-stage"), ..good.clone() }),
        ("another digest", PromotionPlan { expect_sha256: other_digest, ..good }),
    ]
}

pub(super) async fn reconciled_run(
    system: &dyn PipelineSystem,
    plan: &PromotionPlan,
    key: &OperationKey,
    sent_at: chrono::DateTime<chrono::Utc>,
) -> Result<RunId, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = system.reconcile_promotion(plan, key, sent_at).await.map_err(text)?;
        if let Reconciled::Applied(crate::Submission { run: Some(run), .. }) = &found {
            return Ok(run.clone());
        }
        ensure!(Instant::now() < deadline, "never reconciled to a run: {found:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

pub(super) async fn until_ended(system: &dyn PipelineSystem, run: &RunId) -> Result<RunStatus, String> {
    until(system, run, |status| status.state.is_final()).await
}

async fn until(
    system: &dyn PipelineSystem,
    run: &RunId,
    reached: impl Fn(&RunStatus) -> bool,
) -> Result<RunStatus, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = match system.run_status(run).await {
            Ok(status) => status,
            // What can be read again is read again.
            Err(error) if error.retryable() && Instant::now() < deadline => continue,
            Err(error) => return Err(text(error)),
        };
        if reached(&status) {
            return Ok(status);
        }
        ensure!(!status.state.is_final(), "ended too early: {status:?}");
        ensure!(Instant::now() < deadline, "it takes too long: {status:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
