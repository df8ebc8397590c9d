//! One run: how far it is, what it wrote, and its end by a person.

use chrono::TimeDelta;

use super::history::{Course, touches};
use super::id::{Job, Place, RunRef};
use super::session::Jenkins;
use super::wire::{Item, RunPage, WireStage};
use crate::http::Call;
use crate::{
    LogChunk, LogCursor, Progress, Proof, RemoteError, RunId, RunState, RunStatus, Submission, WriteError,
};

/// What a run's id leads to.
enum Found {
    Run(RunPage),
    Waiting(Item),
    Cancelled,
}

impl Jenkins {
    async fn find(&self, run: &RunRef) -> Result<Found, RemoteError> {
        let item = match run.place {
            Place::Number(number) => return self.run(&run.job, number).await.map(Found::Run),
            Place::Item(item) => item,
        };
        if let Some(number) = self.number_of(&run.job, item) {
            return self.run(&run.job, number).await.map(Found::Run);
        }
        match self.item(item).await? {
            Some(there) if there.cancelled => return Ok(Found::Cancelled),
            Some(Item { executable: Some(run_of), .. }) => {
                self.remember_number(&run.job, item, run_of.number);
                return self.run(&run.job, run_of.number).await.map(Found::Run);
            }
            Some(there) => return Ok(Found::Waiting(there)),
            None => {}
        }
        // Jenkins has forgotten the item; its run remembers it.
        let history = self.runs(&run.job).await?;
        let own = |page: &&RunPage| u64::try_from(page.queue_id).is_ok_and(|own| own == item);
        match history.page.builds.iter().find(own) {
            Some(page) => {
                self.remember_number(&run.job, item, page.number);
                Ok(Found::Run(page.clone()))
            }
            None => Err(RemoteError::NotFound(format!("run {}", run.id()))),
        }
    }

    pub(super) async fn status(&self, id: &RunId) -> Result<RunStatus, RemoteError> {
        let run = RunRef::of(id)?;
        let page = match self.find(&run).await? {
            Found::Run(page) => page,
            Found::Waiting(item) => return Ok(self.queued_status(id, &run.job, Some(item))),
            Found::Cancelled => return Ok(self.queued_status(id, &run.job, None)),
        };
        let stages = self.stages_of(&run.job, page.number, page.building).await?;
        Ok(self.status_of(id, &run.job, &page, &stages))
    }

    fn queued_status(&self, id: &RunId, job: &Job, item: Option<Item>) -> RunStatus {
        let (state, deployed, summary) = match item {
            Some(item) => {
                let why = item.why.unwrap_or_default();
                (
                    RunState::Queued,
                    None,
                    format!("Waits in the queue. {}", capped(&why)).trim_end().to_owned(),
                )
            }
            None => (RunState::Cancelled, Some(false), "It was taken out of the queue.".to_owned()),
        };
        RunStatus {
            run: id.clone(),
            state,
            step: None,
            deployed,
            checks: Vec::new(),
            progress: Progress { done: 0, total: 1 },
            started: None,
            finished: None,
            summary,
            link: Some(self.at(job, &[""]).to_string()),
        }
    }

    fn status_of(&self, id: &RunId, job: &Job, page: &RunPage, stages: &[WireStage]) -> RunStatus {
        let result = page.result.as_deref().unwrap_or_default();
        let state = match result {
            _ if page.building => RunState::Running,
            "SUCCESS" => RunState::Succeeded,
            "UNSTABLE" | "FAILURE" | "NOT_BUILT" => RunState::Failed,
            "ABORTED" => RunState::Cancelled,
            _ => RunState::Unknown,
        };
        let touches = touches(page, stages, &self.inputs.stage);
        let passed = |stage: &str| {
            touches.iter().any(|touch| touch.stage.as_str() == stage && touch.course == Course::Passed)
        };
        let reached = page.parameter(&self.inputs.stage).is_some_and(|meant| passed(&meant));
        let deployed = match state {
            RunState::Succeeded => Some(true),
            _ if reached => Some(true),
            RunState::Queued | RunState::Running | RunState::Unknown => None,
            RunState::Failed | RunState::Cancelled => Some(result == "UNSTABLE"),
        };
        let executed: Vec<_> = stages.iter().filter(|stage| stage.status != "NOT_EXECUTED").collect();
        let total = executed.len().max(1);
        let done = match page.building {
            true => total - executed.iter().filter(|stage| is_open(stage)).count().max(1).min(total),
            false => total,
        };
        let current = executed.iter().find(|stage| is_open(stage)).or(executed.last());
        let step = current.map(|stage| capped(&stage.name));
        let at = step.as_deref().map(|step| format!(" in the stage {step}")).unwrap_or_default();
        let waits = stages.iter().any(|stage| stage.status == "PAUSED_PENDING_INPUT");
        let summary = match result {
            _ if page.building && waits => format!("Waits for an answer{at}."),
            _ if page.building => format!("Works{at}."),
            "SUCCESS" => "It went through.".to_owned(),
            "UNSTABLE" => "It went through, and a check found failures.".to_owned(),
            "ABORTED" => format!("It was aborted{at}."),
            "FAILURE" => format!("It failed{at}."),
            other => format!("It ended as {}{at}.", capped(other)),
        };
        let number = page.number.to_string();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        RunStatus {
            run: id.clone(),
            state,
            step,
            deployed,
            checks: Vec::new(),
            progress: Progress { done: count(done), total: count(total) },
            started: Some(page.started()),
            finished: (!page.building)
                .then(|| page.started() + TimeDelta::milliseconds(page.duration.max(0))),
            summary,
            link: Some(self.at(job, &[&number, ""]).to_string()),
        }
    }

    pub(super) async fn log(&self, id: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        let run = RunRef::of(id)?;
        let start: u64 = match at.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| RemoteError::NotFound("this place in the log".into()))?,
        };
        let page = match self.find(&run).await? {
            Found::Run(page) => page,
            Found::Waiting(_) => {
                return Ok(LogChunk { text: String::new(), next: at.clone(), complete: false });
            }
            Found::Cancelled => {
                return Ok(LogChunk { text: String::new(), next: at.clone(), complete: true });
            }
        };
        let (number, start) = (page.number.to_string(), start.to_string());
        let mut url = self.at(&run.job, &[&number, "logText", "progressiveText"]);
        url.query_pairs_mut().append_pair("start", &start);
        let answer = self.http.read(Call::get(url)).await?;
        if answer.is_page() {
            return Err(RemoteError::Protocol { detail: "a web page came in place of the log".into() });
        }
        let next = answer.header("x-text-size").and_then(|size| size.trim().parse::<u64>().ok());
        let next = next.ok_or_else(|| RemoteError::Protocol {
            detail: "Jenkins did not say where the log goes on".into(),
        })?;
        let more = answer.header("x-more-data").is_some_and(|more| more.trim() == "true");
        Ok(LogChunk { text: answer.body, next: LogCursor::new(next.to_string()), complete: !more })
    }

    pub(super) async fn end(&self, id: &RunId) -> Result<Submission, WriteError> {
        let run = RunRef::of(id)?;
        let ended = || RemoteError::Conflict { detail: "the run has ended already".into() };
        let page = match self.find(&run).await? {
            Found::Cancelled => return Err(ended().into()),
            Found::Run(page) => page,
            Found::Waiting(item) => {
                let item = item.id.to_string();
                let url = self.http.url_with(["queue", "cancelItem"], &[("id", &item)]);
                let answer = self.write(Call::post(url)).await?;
                return match answer.status.as_u16() {
                    404 | 422 => Err(RemoteError::Conflict {
                        detail: "it left the queue just now; cancel the run instead".into(),
                    }
                    .into()),
                    _ => {
                        self.accepted(answer)?;
                        Ok(self.submission(Some(id.clone()), Proof::ServerSaid))
                    }
                };
            }
        };
        if !page.building {
            return Err(ended().into());
        }
        let number = page.number.to_string();
        let answer = self.write(Call::post(self.at(&run.job, &[&number, "stop"]))).await?;
        // Jenkins answers by sending a browser back to the run's page.
        if !answer.status.is_redirection() || answer.is_login() {
            self.accepted(answer)?;
        }
        Ok(self.submission(Some(id.clone()), Proof::Pending))
    }
}

fn is_open(stage: &WireStage) -> bool {
    matches!(stage.status.as_str(), "IN_PROGRESS" | "PAUSED_PENDING_INPUT")
}

fn capped(text: &str) -> String {
    text.chars().take(300).collect()
}
