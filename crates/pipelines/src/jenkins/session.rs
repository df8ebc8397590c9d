//! [`Jenkins`]: one account on one Jenkins, how it is read, and how it is written to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use url::Url;

use super::id::{Job, Place, RunRef};
use super::wire::{Crumb, Folder, Input, Me, Queue, RunPage, WireStage};
use crate::http::{Address, Answer, Auth, Call, Dialect, Http, Manners, problem_of, retry_at};
use crate::{Capabilities, ConnectionId, GateId, Inputs, Opening, RemoteError, RunId, StageId, WriteError};

/// Reading the gates of a run that was just loaded may take Jenkins a minute.
const GATES_LIMIT: Duration = Duration::from_secs(75);
/// How long Jenkins may take to show what it accepted.
const SHOWN_AFTER: Duration = Duration::from_secs(5);
/// How deep folders are looked into.
const FOLDERS_DEEP: usize = 8;

/// Jenkins publishes no limits; this is gentle with a controller that serves people, too.
const DIALECT: Dialect = Dialect {
    accept: "application/json, text/plain;q=0.9, */*;q=0.1",
    headers: &[],
    session: true,
    manners: Manners {
        per_second: 5.0,
        background_per_second: 0.5,
        burst: 10.0,
        at_once: 4,
        between_writes: Duration::from_secs(1),
    },
    limited: retry_at,
};

/// A connection to a Jenkins.
pub struct Jenkins {
    pub(super) connection: ConnectionId,
    pub(super) capabilities: Capabilities,
    pub(super) http: Http,
    pub(super) inputs: Inputs,
    /// How long Jenkins may take to show what it accepted.
    pub(super) shown_after: TimeDelta,
    memory: Mutex<Memory>,
}

/// What doesn't change any more, or lives as long as the session.
#[derive(Default)]
struct Memory {
    crumb: Option<(String, String)>,
    me: Option<Me>,
    /// The run that a queue item became.
    numbers: BTreeMap<(Job, u64), u64>,
    /// The stages of ended runs.
    stages: BTreeMap<(Job, u64), Vec<WireStage>>,
    /// The gates that were seen to wait: Jenkins knows a gate only while it does.
    gates: BTreeMap<Job, BTreeSet<(StageId, GateId)>>,
}

impl Jenkins {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address or the secret can't be used.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let auth = match (opening.address.account.as_deref(), opening.secret) {
            (Some(account), Some(secret)) => Auth::Basic(account.to_owned(), secret),
            (None, Some(_)) => return Err(no_account()),
            (_, None) => Auth::None,
        };
        Ok(Self {
            connection: opening.connection,
            capabilities: super::system::capabilities(),
            http: Http::open(opening.address, auth, DIALECT, opening.hosts, opening.clock)?,
            inputs: inputs(opening.address),
            shown_after: TimeDelta::from_std(opening.hosts.limit(SHOWN_AFTER)).unwrap_or_default(),
            memory: Mutex::default(),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an address of a job, with a query on the fields that are wanted.
    pub(super) fn at(&self, job: &Job, rest: &[&str]) -> Url {
        self.http.url(job.segments(rest))
    }

    pub(super) fn tree(&self, segments: Vec<&str>, tree: &str) -> Url {
        self.http.url_with(segments, &[("tree", tree)])
    }

    /// Reads what may not exist.
    pub(super) async fn maybe<T: DeserializeOwned>(&self, call: Call) -> Result<Option<T>, RemoteError> {
        let answer = self.http.read_any(call).await?;
        match answer.status.as_u16() {
            200..=299 => answer.json().map(Some),
            404 => Ok(None),
            _ => Err(refusal(&answer)),
        }
    }

    /// Reads who the account is.
    pub(super) async fn me(&self) -> Result<Me, RemoteError> {
        if let Some(me) = self.memory().me.clone() {
            return Ok(me);
        }
        let me: Me = self.http.get(self.tree(vec!["me", "api", "json"], "id,fullName")).await?;
        self.memory().me = Some(me.clone());
        Ok(me)
    }

    /// Lists every job by its full name, with its class.
    pub(super) async fn jobs(&self) -> Result<Vec<(Job, String)>, RemoteError> {
        let tree = (0..FOLDERS_DEEP)
            .fold(String::from("name,_class"), |inner, _| format!("name,_class,jobs[{inner}]"));
        let root: Folder = self.http.get(self.tree(vec!["api", "json"], &tree)).await?;
        let mut found = Vec::new();
        let mut open: Vec<(String, Folder)> = vec![(String::new(), root)];
        while let Some((path, folder)) = open.pop() {
            for inner in folder.jobs.unwrap_or_default() {
                let path =
                    if path.is_empty() { inner.name.clone() } else { format!("{path}/{}", inner.name) };
                let is_folder = inner.jobs.is_some()
                    || ["Folder", "MultiBranchProject", "MultibranchProject"]
                        .iter()
                        .any(|kind| inner.class.ends_with(kind));
                match Job::parse(&path) {
                    Some(job) if !is_folder => found.push((job, inner.class)),
                    Some(_) => open.push((path, inner)),
                    None => {}
                }
            }
        }
        found.sort_by_key(|(job, _)| job.name());
        Ok(found)
    }

    /// Reads the queue items of a job.
    pub(super) async fn queue(&self, job: &Job) -> Result<Vec<super::wire::Item>, RemoteError> {
        let url = self.tree(vec!["queue", "api", "json"], super::wire::QUEUE_TREE);
        let queue: Queue = self.http.get(url).await?;
        // The root address that Jenkins believes in may be another one: only the path counts.
        let own = self.at(job, &[""]);
        let own =
            own.path().strip_prefix(self.http.base().path().trim_end_matches('/')).unwrap_or(own.path());
        let path = |url: &str| Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
        let ours = |item: &super::wire::Item| {
            let path = path(&item.task.url);
            path == own || path.strip_suffix(own).is_some_and(|root| !root.contains("/job/"))
        };
        Ok(queue.items.into_iter().filter(ours).collect())
    }

    /// Reads the gates that wait in a run; nothing where the plugin is missing or the run is gone.
    pub(super) async fn inputs_of(&self, job: &Job, number: u64) -> Result<Option<Vec<Input>>, RemoteError> {
        let number = number.to_string();
        let url = self.at(job, &[&number, "wfapi", "pendingInputActions"]);
        self.maybe(Call::get(url).limit(GATES_LIMIT)).await
    }

    /// Names a run by its queue item, where it has one.
    pub(super) fn run_id(&self, job: &Job, run: &RunPage) -> RunId {
        let place = match u64::try_from(run.queue_id) {
            Ok(item) if item > 0 => {
                self.memory().numbers.insert((job.clone(), item), run.number);
                Place::Item(item)
            }
            _ => Place::Number(run.number),
        };
        RunRef { job: job.clone(), place }.id()
    }

    pub(super) fn number_of(&self, job: &Job, item: u64) -> Option<u64> {
        self.memory().numbers.get(&(job.clone(), item)).copied()
    }

    pub(super) fn remember_number(&self, job: &Job, item: u64, number: u64) {
        self.memory().numbers.insert((job.clone(), item), number);
    }

    pub(super) fn stages_of_ended(&self, job: &Job, number: u64) -> Option<Vec<WireStage>> {
        self.memory().stages.get(&(job.clone(), number)).cloned()
    }

    pub(super) fn remember_stages(&self, job: &Job, number: u64, stages: Vec<WireStage>) {
        self.memory().stages.insert((job.clone(), number), stages);
    }

    pub(super) fn gates_seen(&self, job: &Job) -> BTreeSet<(StageId, GateId)> {
        self.memory().gates.get(job).cloned().unwrap_or_default()
    }

    pub(super) fn remember_gate(&self, job: &Job, stage: &StageId, gate: &GateId) {
        self.memory().gates.entry(job.clone()).or_default().insert((stage.clone(), gate.clone()));
    }

    /// Sends a write, once. A write that was refused for want of a crumb never ran: it is sent again with one.
    /// API tokens need none.
    pub(super) async fn write(&self, call: Call) -> Result<Answer, WriteError> {
        let crumb = self.memory().crumb.clone();
        let answer = self.http.send(with_crumb(call.clone(), crumb)).await?;
        if answer.status.as_u16() != 403 || !answer.body.contains("No valid crumb") {
            return Ok(answer);
        }
        let url = self.http.url(["crumbIssuer", "api", "json"]);
        let crumb: Crumb = self.http.get(url).await?;
        let crumb = (crumb.crumb_request_field, crumb.crumb);
        self.memory().crumb = Some(crumb.clone());
        self.http.send(with_crumb(call, Some(crumb))).await
    }

    /// Tells what the answer to a write means.
    pub(super) fn accepted(&self, answer: Answer) -> Result<Answer, WriteError> {
        if answer.status.as_u16() == 403 {
            return Err(refusal(&answer).into());
        }
        self.http.accepted(answer)
    }
}

/// The usual names of the parameters.
pub(super) fn inputs(address: &Address) -> Inputs {
    Inputs::of(address, "VERSION", "ENVIRONMENT", "OPERATION")
}

fn with_crumb(call: Call, crumb: Option<(String, String)>) -> Call {
    match crumb {
        Some((field, crumb)) => call.header(field, crumb),
        None => call,
    }
}

/// Reads a refusal; Jenkins names the missing permission in a header.
fn refusal(answer: &Answer) -> RemoteError {
    match problem_of(answer, retry_at(answer)) {
        RemoteError::Forbidden { detail, .. } => RemoteError::Forbidden {
            needs: answer.header("x-required-permission").map(|needs| needs.chars().take(200).collect()),
            detail,
        },
        other => other,
    }
}

fn no_account() -> RemoteError {
    RemoteError::Invalid {
        reasons: vec![crate::Reason {
            code: "address.account",
            place: "account".into(),
            sentence: "Jenkins wants the account's name beside the token.".into(),
            next_step: "Fill in the name that stands in the address of your Jenkins profile.".into(),
        }],
        detail: "The connection can't be used like this.".into(),
    }
}
