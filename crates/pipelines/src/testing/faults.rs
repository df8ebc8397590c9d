//! The faults that every pipeline system must survive: whatever breaks between us and it, a write happens
//! once, and what became of it is found out or said to be unknown.

use std::time::Instant;

use async_trait::async_trait;

use super::contract::{
    Bench, Course, Outcome, PATIENCE, PAUSE, decision, ensure, reconciled_run, text, the_gate, until_ended,
};
use super::server::{Fault, Request, Server};
use crate::{
    BuildChoice, Decision, GateScope, OperationKey, PendingGate, PipelineId, PromotionPlan, Reconciled,
    RemoteError, Submission, Verdict, WriteError,
};

/// A bench whose answers can be spoilt.
#[async_trait]
pub trait FaultBench: Bench {
    /// Returns the server, or the way to it, that spoils answers.
    fn server(&self) -> &Server;

    /// Picks the requests that change something.
    fn writes(&self) -> fn(&Request) -> bool {
        Request::is_write
    }

    /// Says whether reading back can't tell what became of a promotion: the system gives nothing of ours back.
    fn promotion_may_stay_unknown(&self) -> bool {
        !self.system().capabilities().key_given_back
    }

    /// Says whether reading back can't tell what became of an answer to a gate.
    fn answer_may_stay_unknown(&self) -> bool {
        false
    }
}

/// Plays every fault and returns a line for everything that was broken.
pub async fn violations(bench: &dyn FaultBench) -> Vec<String> {
    let mut broken = Vec::new();
    let mut note = |what: String, outcome: Outcome| {
        if let Err(words) = outcome {
            broken.push(format!("{what}: {words}"));
        }
    };
    for fault in Fault::ALL {
        note(format!("reading under {fault:?}"), reads_end(bench, fault).await);
    }
    if bench.system().capabilities().build_choice != BuildChoice::None {
        for fault in Fault::ALL {
            note(format!("promoting under {fault:?}"), promotes_once(bench, fault).await);
        }
        note("promoting and dying".into(), a_promotion_outlives_us(bench).await);
    }
    if bench.system().capabilities().gate_scope != GateScope::None {
        for fault in Fault::ALL {
            note(format!("answering under {fault:?}"), answers_once(bench, fault).await);
        }
        note("answering and dying".into(), an_answer_outlives_us(bench).await);
    }
    broken
}

/// A read under any fault ends, with an answer or with an error, and changes nothing.
async fn reads_end(bench: &dyn FaultBench, fault: Fault) -> Outcome {
    let plan = bench.plan(Course::Succeeds);
    let system = bench.restarted();
    let before = bench.effects(&plan).await;
    bench.server().spoil(fault, |_| true);
    let read = tokio::time::timeout(PATIENCE, system.stage_states(&plan.pipeline)).await;
    let used = bench.server().unspoil() == 0;
    ensure!(used, "no request was made");
    ensure!(read.is_ok(), "the read never ends");
    ensure!(bench.effects(&plan).await == before, "a read deployed");
    let after = system.stage_states(&plan.pipeline).await;
    match (fault, after) {
        // A host that asked for quiet gets it.
        (Fault::Limited(_), Err(RemoteError::RateLimited { .. })) | (_, Ok(_)) => {}
        (_, Err(error)) => return Err(format!("the next read fails too: {error}")),
    }
    quiet_is_over(bench, &plan.pipeline).await
}

async fn promotes_once(bench: &dyn FaultBench, fault: Fault) -> Outcome {
    let plan = bench.plan(Course::Succeeds);
    let system = bench.restarted();
    let key = bench.fresh_key();
    let before = bench.effects(&plan).await;
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(fault, bench.writes());
    let outcome = patiently(|| system.promote(&plan, &key), || bench.server().is_spoilt()).await;
    ensure!(bench.server().unspoil() == 0, "nothing was written: {outcome:?}");
    let arrived = usize::from(fault.arrives());
    match outcome {
        Ok(submission) => {
            ensure!(bench.effects(&plan).await == before + 1, "a success that did not happen once");
            ended(bench, &plan, &key, &submission).await
        }
        Err(WriteError::NotApplied(error)) => {
            ensure!(
                bench.effects(&plan).await == before,
                "it said that nothing was done ({error}), and it was"
            );
            quiet_is_over(bench, &plan.pipeline).await?;
            again(bench, &plan, &key, before).await
        }
        Err(WriteError::OutcomeUnknown { .. }) => {
            ensure!(bench.effects(&plan).await == before + arrived, "the remote side saw another number");
            match decided(bench, &plan, &key, sent_at).await? {
                Reconciled::Applied(submission) => {
                    ensure!(arrived == 1, "read back as done, and it was not");
                    ended(bench, &plan, &key, &submission).await
                }
                Reconciled::NotApplied => {
                    ensure!(arrived == 0, "read back as not done, and it was");
                    again(bench, &plan, &key, before).await
                }
                Reconciled::StillUnknown { evidence } => {
                    ensure!(!evidence.is_empty(), "unknown without a word for the person who has to decide");
                    ensure!(bench.promotion_may_stay_unknown(), "it can't be read back: {evidence}");
                    Ok(())
                }
            }
        }
    }
}

/// The process ends between the request and the answer; the next one finds out what happened.
async fn a_promotion_outlives_us(bench: &dyn FaultBench) -> Outcome {
    let plan = bench.plan(Course::Succeeds);
    let key = bench.fresh_key();
    let before = bench.effects(&plan).await;
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(Fault::Silence, bench.writes());
    let dying = bench.restarted();
    let (sent, with) = (plan.clone(), key.clone());
    let task = tokio::spawn(async move { dying.promote(&sent, &with).await.map(drop) });
    let deadline = Instant::now() + PATIENCE;
    while bench.effects(&plan).await == before {
        ensure!(Instant::now() < deadline, "the request never arrives");
        tokio::time::sleep(PAUSE).await;
    }
    task.abort();
    match decided(bench, &plan, &key, sent_at).await? {
        Reconciled::Applied(submission) => ended(bench, &plan, &key, &submission).await?,
        Reconciled::NotApplied => return Err("read back as not done, and it was".into()),
        Reconciled::StillUnknown { evidence } => {
            ensure!(bench.promotion_may_stay_unknown(), "it can't be read back: {evidence}");
        }
    }
    ensure!(bench.effects(&plan).await == before + 1, "it happened another number of times");
    Ok(())
}

async fn answers_once(bench: &dyn FaultBench, fault: Fault) -> Outcome {
    let opened = Opened::new(bench).await?;
    let Opened { pipeline, gate, answer, before } = &opened;
    let system = bench.restarted();
    let key = bench.fresh_key();
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(fault, bench.writes());
    let outcome = system.decide_gate(&gate.handle, answer, &key).await;
    ensure!(bench.server().unspoil() == 0, "nothing was written: {outcome:?}");
    let arrived = usize::from(fault.arrives());
    match outcome {
        Ok(_) => {}
        Err(WriteError::NotApplied(error)) => {
            ensure!(
                bench.answers(pipeline).await.len() == *before,
                "said to be not done ({error}), and it was"
            );
            quiet_is_over(bench, pipeline).await?;
            opened.again(bench, &key).await?;
        }
        Err(WriteError::OutcomeUnknown { .. }) => {
            ensure!(
                bench.answers(pipeline).await.len() == before + arrived,
                "the remote side saw another number"
            );
            match opened.decided(bench, &key, sent_at).await? {
                Reconciled::Applied(_) => ensure!(arrived == 1, "read back as done, and it was not"),
                Reconciled::NotApplied => {
                    ensure!(arrived == 0, "read back as not done, and it was");
                    opened.again(bench, &key).await?;
                }
                Reconciled::StillUnknown { evidence } => {
                    ensure!(!evidence.is_empty(), "unknown without a word for the person who has to decide");
                    ensure!(bench.answer_may_stay_unknown(), "it can't be read back: {evidence}");
                    if arrived == 0 {
                        opened.again(bench, &key).await?;
                    }
                }
            }
        }
    }
    opened.took_effect_once(bench).await
}

async fn an_answer_outlives_us(bench: &dyn FaultBench) -> Outcome {
    let opened = Opened::new(bench).await?;
    let key = bench.fresh_key();
    let sent_at = chrono::Utc::now() - chrono::TimeDelta::seconds(2);
    bench.server().spoil(Fault::Silence, bench.writes());
    let dying = bench.restarted();
    let (gate, answer, with) = (opened.gate.handle.clone(), opened.answer.clone(), key.clone());
    let task = tokio::spawn(async move { dying.decide_gate(&gate, &answer, &with).await.map(drop) });
    let deadline = Instant::now() + PATIENCE;
    while bench.answers(&opened.pipeline).await.len() == opened.before {
        ensure!(Instant::now() < deadline, "the answer never arrives");
        tokio::time::sleep(PAUSE).await;
    }
    task.abort();
    match opened.decided(bench, &key, sent_at).await? {
        Reconciled::Applied(_) => {}
        Reconciled::NotApplied => return Err("read back as not done, and it was".into()),
        Reconciled::StillUnknown { evidence } => {
            ensure!(bench.answer_may_stay_unknown(), "it can't be read back: {evidence}");
        }
    }
    opened.took_effect_once(bench).await
}

/// A gate that waits, and the answer that it will get.
struct Opened {
    pipeline: PipelineId,
    gate: PendingGate,
    answer: Decision,
    before: usize,
}

impl Opened {
    async fn new(bench: &dyn FaultBench) -> Result<Self, String> {
        let pipeline = bench.open_gate().await.ok_or("gates are declared, and the bench opens none")?;
        let before = bench.answers(&pipeline).await.len();
        let gate = the_gate(&*bench.system(), &pipeline).await?;
        let mut answer = decision(Verdict::Approve, gate.build.clone());
        answer.fields = gate.fields.clone();
        Ok(Self { pipeline, gate, answer, before })
    }

    async fn again(&self, bench: &dyn FaultBench, key: &OperationKey) -> Outcome {
        let system = bench.restarted();
        let gate = the_gate(&*system, &self.pipeline).await?;
        system.decide_gate(&gate.handle, &self.answer, key).await.map(drop).map_err(text)
    }

    async fn decided(
        &self,
        bench: &dyn FaultBench,
        key: &OperationKey,
        sent_at: chrono::DateTime<chrono::Utc>,
    ) -> Result<Reconciled, String> {
        let system = bench.restarted();
        let deadline = Instant::now() + PATIENCE / 10;
        loop {
            let found = system.reconcile_gate(&self.gate.handle, &self.answer, key, sent_at).await;
            match found {
                Ok(Reconciled::StillUnknown { .. }) | Err(_) if Instant::now() < deadline => {}
                other => return other.map_err(text),
            }
            tokio::time::sleep(PAUSE * 5).await;
        }
    }

    async fn took_effect_once(&self, bench: &dyn FaultBench) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while bench.answers(&self.pipeline).await.len() == self.before {
            ensure!(Instant::now() < deadline, "the answer never takes effect");
            tokio::time::sleep(PAUSE).await;
        }
        let answers = bench.answers(&self.pipeline).await;
        ensure!(answers.len() == self.before + 1, "the answer took effect more than once");
        ensure!(answers.last() == Some(&Verdict::Approve), "another answer took effect");
        Ok(())
    }
}

/// Writes; once more where a real system on a busy machine was too slow for what is read before the write.
pub(super) async fn patiently<F>(write: impl Fn() -> F, unsent: impl Fn() -> bool) -> F::Output
where
    F: Future<Output = Result<Submission, WriteError>>,
{
    for _ in 0..2 {
        let outcome = write().await;
        let slow = matches!(outcome, Err(WriteError::NotApplied(RemoteError::Timeout)));
        if !slow || !unsent() {
            return outcome;
        }
    }
    write().await
}

async fn again(bench: &dyn FaultBench, plan: &PromotionPlan, key: &OperationKey, before: usize) -> Outcome {
    let system = bench.restarted();
    let submission = patiently(|| system.promote(plan, key), || true).await.map_err(text)?;
    ensure!(bench.effects(plan).await == before + 1, "sent again, it did not happen once");
    ended(bench, plan, key, &submission).await
}

/// Waits until the run has ended, so that the stage is free for the next play.
async fn ended(
    bench: &dyn FaultBench,
    plan: &PromotionPlan,
    key: &OperationKey,
    submission: &Submission,
) -> Outcome {
    let system = bench.system();
    let run = match &submission.run {
        Some(run) => run.clone(),
        None => reconciled_run(&*system, plan, key, submission.accepted_at).await?,
    };
    until_ended(&*system, &run).await.map(drop)
}

async fn decided(
    bench: &dyn FaultBench,
    plan: &PromotionPlan,
    key: &OperationKey,
    sent_at: chrono::DateTime<chrono::Utc>,
) -> Result<Reconciled, String> {
    let system = bench.restarted();
    let (deadline, patience) = (Instant::now() + PATIENCE / 10, Instant::now() + PATIENCE);
    loop {
        match system.reconcile_promotion(plan, key, sent_at).await {
            Ok(Reconciled::StillUnknown { .. }) if Instant::now() < deadline => {}
            Err(_) if Instant::now() < patience => {}
            other => return other.map_err(text),
        }
        tokio::time::sleep(PAUSE * 5).await;
    }
}

/// Waits until a host that asked for quiet can be asked again.
async fn quiet_is_over(bench: &dyn FaultBench, pipeline: &PipelineId) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = bench.restarted().stage_states(pipeline).await {
        ensure!(Instant::now() < deadline, "it never answers again: {error}");
        tokio::time::sleep(PAUSE * 5).await;
    }
    Ok(())
}
