//! What every system must do that starts pipelines which only take inputs: each start happens once, with its
//! inputs, whatever breaks between us and it.

use std::collections::BTreeMap;
use std::time::Instant;

use async_trait::async_trait;

use super::contract::{Outcome, PATIENCE, PAUSE, ensure, text, until_ended};
use super::faults::{FaultBench, patiently};
use super::server::Fault;
use crate::{OperationKey, Reconciled, RunPlan, RunState, Submission, WriteError};

/// A bench with a pipeline that only takes inputs, and whose runs succeed.
#[async_trait]
pub trait RunBench: FaultBench {
    /// Returns a plan to start it.
    fn run_plan(&self) -> RunPlan;

    /// Returns the inputs of every run of it that began on the other side, in their order, without the operation.
    async fn began(&self) -> Vec<BTreeMap<String, String>>;
}

/// Plays a good start and every fault, and returns a line for everything that was broken.
pub async fn violations(bench: &dyn RunBench) -> Vec<String> {
    let mut broken = Vec::new();
    let mut note = |what: String, outcome: Outcome| {
        if let Err(words) = outcome {
            broken.push(format!("{what}: {words}"));
        }
    };
    note("declaring".into(), declared(bench));
    note("starting".into(), starts_once_with_its_inputs(bench).await);
    note("reading back what was never sent".into(), nothing_is_read_back(bench).await);
    for fault in Fault::ALL {
        note(format!("starting under {fault:?}"), starts_once_under(bench, fault).await);
    }
    note("starting and dying".into(), a_start_outlives_us(bench).await);
    broken
}

fn declared(bench: &dyn RunBench) -> Outcome {
    ensure!(bench.system().capabilities().start_run, "it starts runs, and does not say so");
    Ok(())
}

async fn starts_once_with_its_inputs(bench: &dyn RunBench) -> Outcome {
    let (plan, key) = (bench.run_plan(), bench.fresh_key());
    let system = bench.system();
    let before = bench.began().await.len();
    let first = system.start_run(&plan, &key).await.map_err(text)?;
    let began = bench.began().await;
    ensure!(began.len() == before + 1, "it began another number of runs: {began:?}");
    ensure!(began[before] == plan.inputs, "it began with other inputs: {:?}", began[before]);
    let again = bench.restarted().start_run(&plan, &key).await.map_err(text)?;
    ensure!(bench.began().await.len() == before + 1, "the same key began a second run");
    ended(bench, &plan, &key, &first).await?;
    ended(bench, &plan, &key, &again).await?;
    let late = bench.restarted().start_run(&plan, &key).await.map_err(text)?;
    ensure!(bench.began().await.len() == before + 1, "the same key began a second run after the first");
    ended(bench, &plan, &key, &late).await
}

async fn nothing_is_read_back(bench: &dyn RunBench) -> Outcome {
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::minutes(2);
    let found = bench.system().reconcile_run(&bench.run_plan(), &bench.fresh_key(), sent_at).await;
    ensure!(matches!(found, Ok(Reconciled::NotApplied)), "what was never sent is read back as {found:?}");
    Ok(())
}

async fn starts_once_under(bench: &dyn RunBench, fault: Fault) -> Outcome {
    let (plan, key) = (bench.run_plan(), bench.fresh_key());
    let system = bench.restarted();
    let before = bench.began().await.len();
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(fault, bench.writes());
    let outcome = patiently(|| system.start_run(&plan, &key), || bench.server().is_spoilt()).await;
    ensure!(bench.server().unspoil() == 0, "nothing was written: {outcome:?}");
    let arrived = usize::from(fault.arrives());
    let after = bench.began().await.len();
    match outcome {
        Ok(submission) => {
            ensure!(after == before + 1, "a success that did not happen once");
            ended(bench, &plan, &key, &submission).await
        }
        Err(WriteError::NotApplied(error)) => {
            ensure!(after == before, "it said that nothing was done ({error}), and it was");
            again(bench, &plan, &key, before).await
        }
        Err(WriteError::OutcomeUnknown { .. }) => {
            ensure!(after == before + arrived, "the other side saw another number");
            match decided(bench, &plan, &key, sent_at).await? {
                Reconciled::Applied(submission) => {
                    ensure!(arrived == 1, "read back as done, and it was not");
                    ended(bench, &plan, &key, &submission).await
                }
                Reconciled::NotApplied => {
                    ensure!(arrived == 0, "read back as not done, and it was");
                    again(bench, &plan, &key, before).await
                }
                Reconciled::StillUnknown { evidence } => Err(format!("it can't be read back: {evidence}")),
            }
        }
    }
}

/// The process ends between the request and the answer; the next one finds out what happened.
async fn a_start_outlives_us(bench: &dyn RunBench) -> Outcome {
    let (plan, key) = (bench.run_plan(), bench.fresh_key());
    let before = bench.began().await.len();
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(Fault::Silence, bench.writes());
    let dying = bench.restarted();
    let (sent, with) = (plan.clone(), key.clone());
    let task = tokio::spawn(async move { dying.start_run(&sent, &with).await.map(drop) });
    let deadline = Instant::now() + PATIENCE;
    while bench.began().await.len() == before {
        ensure!(Instant::now() < deadline, "the request never arrives");
        tokio::time::sleep(PAUSE).await;
    }
    task.abort();
    match decided(bench, &plan, &key, sent_at).await? {
        Reconciled::Applied(submission) => ended(bench, &plan, &key, &submission).await?,
        other => return Err(format!("what was done is read back as {other:?}")),
    }
    ensure!(bench.began().await.len() == before + 1, "it happened another number of times");
    Ok(())
}

async fn again(bench: &dyn RunBench, plan: &RunPlan, key: &OperationKey, before: usize) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    let submission = loop {
        match bench.restarted().start_run(plan, key).await {
            Ok(submission) => break submission,
            // A host that asked for quiet gets it.
            Err(WriteError::NotApplied(error)) if error.retryable() && Instant::now() < deadline => {}
            Err(error) => return Err(text(error)),
        }
        tokio::time::sleep(PAUSE * 5).await;
    };
    ensure!(bench.began().await.len() == before + 1, "sent again, it did not happen once");
    ended(bench, plan, key, &submission).await
}

/// Waits until the run has ended, and well.
async fn ended(bench: &dyn RunBench, plan: &RunPlan, key: &OperationKey, submission: &Submission) -> Outcome {
    let system = bench.system();
    let run = match &submission.run {
        Some(run) => run.clone(),
        None => match decided(bench, plan, key, submission.accepted_at).await? {
            Reconciled::Applied(Submission { run: Some(run), .. }) => run,
            other => return Err(format!("the run of an accepted start is not found: {other:?}")),
        },
    };
    let status = until_ended(&*system, &run).await?;
    ensure!(status.state == RunState::Succeeded, "the run ended as {:?}: {}", status.state, status.summary);
    Ok(())
}

async fn decided(
    bench: &dyn RunBench,
    plan: &RunPlan,
    key: &OperationKey,
    sent_at: chrono::DateTime<chrono::Utc>,
) -> Result<Reconciled, String> {
    let system = bench.restarted();
    let (deadline, patience) = (Instant::now() + PATIENCE / 6, Instant::now() + PATIENCE);
    loop {
        match system.reconcile_run(plan, key, sent_at).await {
            Ok(Reconciled::StillUnknown { .. }) if Instant::now() < deadline => {}
            Err(_) if Instant::now() < patience => {}
            other => return other.map_err(text),
        }
        tokio::time::sleep(PAUSE * 5).await;
    }
}
