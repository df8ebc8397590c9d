//! Promoting: by the stage's force scheduler, which takes the build's version and gives our key back.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Buildbot;
use super::line::{Line, Stage};
use super::run::id_of;
use super::stages::SCHEDULER;
use super::wire::{Request, Requests};
use crate::blockers::Blockers;
use crate::{
    Mechanism, OperationKey, Preflight, PromotionPlan, Proof, Reconciled, RemoteError, Submission, WriteError,
};

/// The input that takes the person's words, in every force scheduler.
pub(super) const REASON: &str = "reason";
/// The longest reason that is sent.
pub(super) const LONGEST_REASON: usize = 1_000;
/// How many requests are read at once where ours is searched for.
const AT_ONCE: usize = 100;
/// How many times that is done at most.
const PAGES: usize = 20;
/// How much later than the sending a request may still appear.
const STILL_COMING: TimeDelta = TimeDelta::seconds(5);
/// How far the clocks may be apart.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// A plan that nothing stands in the way of.
struct Ready {
    scheduler: String,
    builder: u64,
    inputs: Map<String, Value>,
}

/// Where our request was looked for.
enum Found {
    Request(Request),
    /// It is nowhere in what was looked at; says whether that was everything.
    Nowhere(bool),
}

impl Buildbot {
    pub(super) async fn examine(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let (blockers, will_do) = match self.check(plan).await? {
            Ok(ready) => (Vec::new(), vec![self.will_do(&ready)]),
            Err(blockers) => (blockers.reasons().to_vec(), Vec::new()),
        };
        let mechanism = Mechanism::StartRun;
        Ok(Preflight { allowed: blockers.is_empty(), blockers, will_do, mechanism })
    }

    fn will_do(&self, ready: &Ready) -> String {
        let inputs: Vec<String> =
            ready.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = &self.inputs.operation;
        format!(
            "POST {} to force the scheduler {} with {}, {key}=this operation's key",
            self.session.api(&["forceschedulers", &ready.scheduler], &[]),
            ready.scheduler,
            inputs.join(", "),
        )
    }

    pub(super) async fn force(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        if let Some(earlier) = self.earlier(plan, key).await? {
            return Ok(earlier);
        }
        let mut ready = match self.check(plan).await? {
            Ok(ready) => ready,
            Err(blockers) => return Err(refused(blockers)),
        };
        ready.inputs.insert(self.inputs.operation.clone(), json!(key.as_str()));
        self.send_force(&ready.scheduler, ready.builder, ready.inputs).await
    }

    /// Forces a scheduler, once.
    pub(super) async fn send_force(
        &self,
        scheduler: &str,
        builder: u64,
        inputs: Map<String, Value>,
    ) -> Result<Submission, WriteError> {
        let path = ["forceschedulers", scheduler];
        let accepted = self.session.call(&path, "force", Value::Object(inputs)).await?;
        let request = accepted.request(builder)?;
        Ok(Submission {
            run: Some(id_of(request)),
            accepted_at: accepted.at,
            proof: Proof::ServerSaid,
            request_id: None,
        })
    }

    pub(super) async fn reconcile(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let line = self.line(&plan.pipeline).await?;
        let Some(builder) = line.stage(plan.to.as_str()).and_then(|stage| stage.builder) else {
            // Without one builder, nothing is ever sent.
            return Ok(Reconciled::NotApplied);
        };
        self.reconcile_at(builder, key, sent_at).await
    }

    /// Reads back what became of a request at a builder.
    pub(super) async fn reconcile_at(
        &self,
        builder: u64,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        Ok(match self.find(builder, key, sent_at - SKEW, PAGES).await? {
            Found::Request(request) => Reconciled::Applied(submission(&request)),
            Found::Nowhere(_) if self.session.http.now() - sent_at < STILL_COMING => {
                Reconciled::StillUnknown { evidence: "Buildbot knows no such request yet".into() }
            }
            Found::Nowhere(true) => Reconciled::NotApplied,
            Found::Nowhere(false) => Reconciled::StillUnknown {
                evidence: format!("it is not among the newest {} requests", AT_ONCE * PAGES),
            },
        })
    }

    /// Returns what an earlier call with the same key has led to.
    async fn earlier(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Option<Submission>, RemoteError> {
        let line = match self.line(&plan.pipeline).await {
            Ok(line) => line,
            Err(RemoteError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(builder) = line.stage(plan.to.as_str()).and_then(|stage| stage.builder) else {
            return Ok(None);
        };
        self.sent_before(builder, key).await
    }

    /// Returns what an earlier call with the same key has led to, at a builder.
    pub(super) async fn sent_before(
        &self,
        builder: u64,
        key: &OperationKey,
    ) -> Result<Option<Submission>, RemoteError> {
        match self.find(builder, key, DateTime::UNIX_EPOCH, 2).await? {
            Found::Request(request) => Ok(Some(submission(&request))),
            Found::Nowhere(_) => Ok(None),
        }
    }

    /// Searches a builder's requests for ours, down to those from before `since`. A rebuilt request carries the
    /// same key; the oldest one is what we sent.
    async fn find(
        &self,
        builder: u64,
        key: &OperationKey,
        since: DateTime<Utc>,
        pages: usize,
    ) -> Result<Found, RemoteError> {
        let (builder, limit) = (builder.to_string(), AT_ONCE.to_string());
        let mut below: Option<String> = None;
        let mut found = None;
        for _ in 0..pages {
            let mut query = vec![
                ("order", "-buildrequestid"),
                ("limit", limit.as_str()),
                ("property", self.inputs.operation.as_str()),
            ];
            query.extend(below.iter().map(|below| ("buildrequestid__lt", below.as_str())));
            let requests: Requests =
                self.session.get(&["builders", &builder, "buildrequests"], &query).await?;
            let requests = requests.buildrequests;
            let last = requests.last().map(|last| (last.buildrequestid, last.submitted()));
            let whole = requests.len() < AT_ONCE;
            let ours =
                |request: &Request| request.text(&self.inputs.operation).as_deref() == Some(key.as_str());
            found = requests.into_iter().rfind(ours).or(found);
            match last {
                Some((last, submitted)) if !whole && submitted.is_none_or(|at| at >= since) => {
                    below = Some(last.to_string());
                }
                _ => return Ok(found.map_or(Found::Nowhere(true), Found::Request)),
            }
        }
        Ok(found.map_or(Found::Nowhere(false), Found::Request))
    }

    /// Finds everything that stands in a plan's way.
    async fn check(&self, plan: &PromotionPlan) -> Result<Result<Ready, Blockers>, RemoteError> {
        let mut blockers = Blockers::default();
        let line = match self.line(&plan.pipeline).await {
            Ok(line) => line,
            Err(RemoteError::NotFound(_)) => {
                blockers.note(
                    "pipeline.not_found",
                    plan.pipeline.as_str(),
                    "Buildbot has no such builder with force schedulers for its stages.",
                    "Add the builder, or choose another pipeline.",
                );
                return Ok(Err(blockers));
            }
            Err(error) => return Err(error),
        };
        blockers.no_digests(plan, "Buildbot");
        if !self.has_build(&line, &plan.build).await? {
            blockers.note(
                "build.not_found",
                plan.build.as_str(),
                format!("The builder {} has no successful build of this version.", line.name),
                "Build it, or choose another one.",
            );
        }
        let Some(stage) = line.stage(plan.to.as_str()) else {
            blockers.note(
                "stage.not_found",
                plan.to.as_str(),
                "Buildbot has no force scheduler for this stage.",
                "Add the force scheduler, or choose another stage.",
            );
            return Ok(Err(blockers));
        };
        let inputs = self.fill(plan, &line, stage, &mut blockers);
        let Some(builder) = stage.builder else {
            blockers.note(
                "stage.builder",
                &stage.scheduler.name,
                "The force scheduler does not lead to exactly one builder.",
                "Give it one builder name.",
            );
            return Ok(Err(blockers));
        };
        let state = self.state_of(stage, builder).await?;
        blockers.compare(plan, state.occupant.as_ref());
        if let Some(run) = state.running {
            blockers.busy(plan, &format!("Build request {run}"));
        }
        Ok(if blockers.reasons().is_empty() {
            Ok(Ready { scheduler: stage.scheduler.name.clone(), builder, inputs })
        } else {
            Err(blockers)
        })
    }

    /// Fills the scheduler's inputs, all but the operation's key.
    fn fill(
        &self,
        plan: &PromotionPlan,
        line: &Line,
        stage: &Stage,
        blockers: &mut Blockers,
    ) -> Map<String, Value> {
        let scheduler = &stage.scheduler;
        if !scheduler.enabled {
            blockers.note(
                "stage.disabled",
                &scheduler.name,
                "The force scheduler is switched off.",
                "Switch it on in Buildbot.",
            );
        }
        for name in [&self.inputs.build, &self.inputs.operation] {
            if !scheduler.takes(name) {
                blockers.note(
                    "stage.input",
                    name,
                    format!("The force scheduler {} has no input {name}.", scheduler.name),
                    format!("Add StringParameter(name=\"{name}\") to its properties."),
                );
            }
        }
        let mut inputs = Map::new();
        for (name, value) in &plan.parameters {
            if !scheduler.takes(name) {
                blockers.note(
                    "promotion.parameter",
                    name,
                    format!("The force scheduler {} has no such input.", scheduler.name),
                    "Leave the parameter out.",
                );
            }
            inputs.insert(name.clone(), json!(value));
        }
        let words: String = plan.reason.chars().take(LONGEST_REASON).collect();
        for (name, value) in [
            (self.inputs.build.as_str(), plan.build.as_str()),
            (self.inputs.stage.as_str(), stage.name.as_str()),
            (REASON, words.as_str()),
        ] {
            if scheduler.takes(name) {
                inputs.insert(name.into(), json!(value));
            }
        }
        for field in scheduler.inputs().iter().filter(|field| field.required) {
            let name = field.name.as_deref().unwrap_or_default();
            let filled = inputs.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            if !filled && name != self.inputs.operation {
                blockers.note(
                    "promotion.parameter",
                    name,
                    format!("The force scheduler of {} demands this input.", line.name),
                    "Give it a value.",
                );
            }
        }
        inputs
    }
}

fn refused(blockers: Blockers) -> WriteError {
    let nothing = || RemoteError::Protocol { detail: "refused without a reason".into() };
    WriteError::NotApplied(blockers.refusal().err().unwrap_or_else(nothing))
}

fn submission(request: &Request) -> Submission {
    Submission {
        run: Some(id_of(request.buildrequestid)),
        accepted_at: request.submitted().unwrap_or_default(),
        proof: Proof::ReadBack,
        request_id: None,
    }
}

impl Buildbot {
    /// Says whether something waits or works for a scheduler.
    pub(super) async fn busy(&self, builder: u64, scheduler: &str) -> Result<bool, RemoteError> {
        let open = self.open_requests(builder).await?;
        Ok(open.iter().any(|request| request.text(SCHEDULER).as_deref() == Some(scheduler)))
    }
}
