//! Promotions: a parameterised run of the job, found again by the operation that it carries.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::Method;

use super::history::History;
use super::id::{Job, Place, RunRef};
use super::session::Jenkins;
use super::wire::Item;
use crate::blockers::Blockers;
use crate::http::{Answer, Call};
use crate::{
    Mechanism, OperationKey, Preflight, PromotionPlan, Proof, Reconciled, RemoteError, RunId, RunPlan,
    Submission, WriteError,
};

impl Jenkins {
    pub(super) async fn examine(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let job = Job::of(&plan.pipeline)?;
        let history = self.history(&job).await?;
        let blockers = self.blockers(plan, &history);
        let url = self.at(&job, &["buildWithParameters"]);
        let mut inputs: Vec<String> =
            plan.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        inputs.push(format!("{}={}", self.inputs.build, plan.label));
        inputs.push(format!("{}={}", self.inputs.stage, plan.to));
        inputs.push(format!("{}=the operation's key", self.inputs.operation));
        Ok(Preflight {
            allowed: blockers.reasons().is_empty(),
            blockers: blockers.reasons().to_vec(),
            will_do: vec![
                format!("POST {} with {}", url.path(), inputs.join(", ")),
                "follow the queue item that Jenkins names until it becomes a run".into(),
            ],
            mechanism: Mechanism::StartRun,
        })
    }

    fn blockers(&self, plan: &PromotionPlan, history: &History) -> Blockers {
        let mut blockers = Blockers::default();
        let builds = history.builds();
        match builds.iter().find(|build| build.id == plan.build) {
            None => blockers.note(
                "promotion.unknown-build",
                plan.build.as_str(),
                "No recent run of the job carried this build.",
                "Run the job once with this version, or choose another build.",
            ),
            Some(build)
                if !plan.commit.is_empty() && !build.commit.is_empty() && build.commit != plan.commit =>
            {
                blockers.note(
                    "promotion.commit",
                    plan.build.as_str(),
                    "The build was made from another commit than the one that was seen.",
                    "Look at the build again and decide anew.",
                );
            }
            Some(_) => {}
        }
        let states = history.states(self);
        let state = states.iter().find(|state| state.stage == plan.to);
        if state.is_none() {
            blockers.note(
                "promotion.unknown-stage",
                plan.to.as_str(),
                "The job's recent runs have no such stage, and its parameter doesn't allow it.",
                "Choose one of the job's stages.",
            );
        }
        blockers.no_digests(plan, "Jenkins");
        self.parameters(plan, history, &mut blockers);
        if let Some(state) = state {
            if let Some(run) = &state.running {
                blockers.busy(plan, &format!("Run {run}"));
            }
            blockers.compare(plan, state.occupant.as_ref());
        }
        blockers
    }

    /// Jenkins drops unknown parameters without a word, so each of them has to be declared.
    fn parameters(&self, plan: &PromotionPlan, history: &History, blockers: &mut Blockers) {
        if !history.page.buildable {
            blockers.note(
                "promotion.disabled",
                plan.pipeline.as_str(),
                "The job is disabled.",
                "Enable it in Jenkins.",
            );
        }
        let own = [&self.inputs.build, &self.inputs.stage, &self.inputs.operation];
        for name in plan.parameters.keys().filter(|name| own.contains(name)) {
            blockers.note(
                "promotion.reserved-parameter",
                name,
                "This parameter is filled in by the promotion itself.",
                "Leave it out.",
            );
        }
        let values = [
            (&self.inputs.build, plan.label.as_str()),
            (&self.inputs.stage, plan.to.as_str()),
            (&self.inputs.operation, ""),
        ];
        let further = plan.parameters.iter().filter(|(name, _)| !own.contains(name));
        for (name, value) in values.into_iter().chain(further.map(|(name, value)| (name, value.as_str()))) {
            match history.definitions().find(|definition| definition.name == *name) {
                None => blockers.note(
                    "promotion.missing-parameter",
                    name,
                    "The job has no such parameter, and Jenkins would drop it without a word.",
                    "Add it to the job's parameters as a string, or set its name in the connection's options.",
                ),
                Some(known) if !known.choices.is_empty() && !known.choices.iter().any(|c| c == value) => {
                    blockers.note(
                        "promotion.parameter-value",
                        name,
                        format!("The job's parameter doesn't allow the value {value:?}."),
                        "Choose a value that the job allows, or make the parameter a string.",
                    );
                }
                Some(_) => {}
            }
        }
    }

    pub(super) async fn start(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        let job = Job::of(&plan.pipeline)?;
        let history = self.history(&job).await?;
        if let Some(run) = history.carrying(key, self) {
            return Ok(self.submission(Some(run), Proof::ReadBack));
        }
        self.blockers(plan, &history).refusal()?;
        self.send_inputs(&job, key, &self.inputs.fill(plan, key)).await
    }

    /// Starts a run that promotes nothing, with those of the inputs that the job declares.
    pub(super) async fn start_tests(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
    ) -> Result<Submission, WriteError> {
        let job = Job::of(&plan.pipeline)?;
        // The queue first: what leaves it meanwhile is among the runs.
        let queue = self.queue(&job).await?;
        let mut history = self.runs(&job).await?;
        history.queue = queue;
        if let Some(run) = history.carrying(key, self) {
            return Ok(self.submission(Some(run), Proof::ReadBack));
        }
        if !history.page.buildable {
            return Err(RemoteError::Conflict { detail: "the job is disabled".into() }.into());
        }
        let declared = |name: &str| history.definitions().any(|known| known.name == name);
        self.send_inputs(&job, key, &plan.declared(&self.inputs.operation, key, declared)).await
    }

    async fn send_inputs(
        &self,
        job: &Job,
        key: &OperationKey,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Submission, WriteError> {
        let form: Vec<(&str, &str)> =
            inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // Jenkins refuses inputs of a job that declares none, even no inputs at all.
        let way = if form.is_empty() { "build" } else { "buildWithParameters" };
        let call = Call::new(Method::POST, self.at(job, &[way])).form(&form);
        let answer = self.write(call).await?;
        match answer.status.as_u16() {
            // Folded into an item that waits already: ours, if it carries our key.
            201 | 303 => self.queued(job, key, answer).await,
            _ => match self.accepted(answer) {
                Ok(answer) => Err(unknown("Jenkins did not say where the run is queued", &answer)),
                Err(error) => Err(error),
            },
        }
    }

    async fn queued(&self, job: &Job, key: &OperationKey, answer: Answer) -> Result<Submission, WriteError> {
        let location = answer.header("location").unwrap_or_default();
        if location.trim_end_matches('/').ends_with('.') {
            let detail = "Jenkins did not put the run into its queue".into();
            return Err(RemoteError::Conflict { detail }.into());
        }
        let Some(item) = item_of(location) else {
            if answer.is_login() {
                return Err(self.accepted(answer).err().unwrap_or_else(|| not_queued().into()));
            }
            return Err(unknown("Jenkins did not say where the run is queued", &answer));
        };
        if answer.status.as_u16() == 303 {
            let there = self.item(item).await.ok().flatten();
            let ours = there.and_then(|item| item.parameter(&self.inputs.operation));
            if ours.as_deref() != Some(key.as_str()) {
                return Err(unknown("Jenkins folded the request into one that waits already", &answer));
            }
        }
        let run = RunRef { job: job.clone(), place: Place::Item(item) }.id();
        Ok(self.submission(Some(run), Proof::Pending))
    }

    /// Reads a queue item; Jenkins forgets them some minutes after they left.
    pub(super) async fn item(&self, item: u64) -> Result<Option<Item>, RemoteError> {
        let item = item.to_string();
        self.maybe(Call::get(self.http.url(["queue", "item", &item, "api", "json"]))).await
    }

    pub(super) async fn read_back(
        &self,
        plan: &PromotionPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        self.read_back_in(&Job::of(&plan.pipeline)?, key, sent_at).await
    }

    /// Reads back what became of a start; only a job with a parameter for the operation can tell.
    pub(super) async fn read_back_run(
        &self,
        plan: &RunPlan,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let job = Job::of(&plan.pipeline)?;
        let operation = &self.inputs.operation;
        if !self.runs(&job).await?.definitions().any(|known| known.name == *operation) {
            let evidence =
                format!("The job has no parameter {operation}, so its runs don't say who began them.");
            return Ok(Reconciled::StillUnknown { evidence });
        }
        self.read_back_in(&job, key, sent_at).await
    }

    async fn read_back_in(
        &self,
        job: &Job,
        key: &OperationKey,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        // The queue first: what leaves it meanwhile is among the runs.
        let queue = self.queue(job).await?;
        let mut history = self.runs(job).await?;
        history.queue = queue;
        if let Some(run) = history.carrying(key, self) {
            return Ok(Reconciled::Applied(self.submission(Some(run), Proof::ReadBack)));
        }
        if !history.reaches_back_to(sent_at) {
            return Ok(Reconciled::StillUnknown {
                evidence: "Jenkins doesn't list the runs of that time any more.".into(),
            });
        }
        if self.http.now() - sent_at < self.shown_after {
            return Ok(Reconciled::StillUnknown {
                evidence: "Neither the queue nor the runs show it yet.".into(),
            });
        }
        Ok(Reconciled::NotApplied)
    }

    pub(super) fn submission(&self, run: Option<RunId>, proof: Proof) -> Submission {
        Submission { run, accepted_at: self.http.now(), proof, request_id: None }
    }
}

/// Reads the queue item out of an address, whose host may be one that Jenkins only believes to be its own.
fn item_of(location: &str) -> Option<u64> {
    let (_, item) = location.split_once("/queue/item/")?;
    let item = item.strip_suffix('/').unwrap_or(item);
    item.bytes().all(|b| b.is_ascii_digit()).then(|| item.parse().ok()).flatten()
}

fn unknown(detail: &str, answer: &Answer) -> WriteError {
    WriteError::OutcomeUnknown { cause: RemoteError::Protocol { detail: detail.into() }, sent_at: answer.at }
}

fn not_queued() -> RemoteError {
    RemoteError::Protocol { detail: "Jenkins did not queue the run".into() }
}

#[cfg(test)]
mod tests {
    use super::item_of;

    #[test]
    fn only_the_path_of_a_location_counts() {
        assert_eq!(item_of("http://wrong.example.org/jenkins/queue/item/17/"), Some(17));
        assert_eq!(item_of("/queue/item/17"), Some(17));
        assert_eq!(item_of("."), None);
        assert_eq!(item_of("https://evil.example.org/queue/item/17/../18"), None);
    }
}
