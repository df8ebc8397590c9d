//! How jobs and runs are named: a job by its folders, a run by the queue item that it came from.

use crate::{PipelineId, RemoteError, RunId};

/// Jenkins allows none of these in a name, and branch names arrive percent-encoded.
const FORBIDDEN: &str = "?*/\\!@#$^&|<>[]:;";

/// A job with its folders, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job(Vec<String>);

impl Job {
    /// Reads the id of a pipeline: the names with slashes between them.
    pub fn of(pipeline: &PipelineId) -> Result<Self, RemoteError> {
        Self::parse(pipeline.as_str()).ok_or_else(|| RemoteError::NotFound(format!("pipeline {pipeline}")))
    }

    /// Reads names with slashes between them.
    pub fn parse(text: &str) -> Option<Self> {
        let names: Vec<String> = text.split('/').map(str::to_owned).collect();
        let plain = |name: &String| {
            !matches!(name.as_str(), "" | "." | "..")
                && name.len() <= 500
                && !name.contains(|c: char| c.is_control() || FORBIDDEN.contains(c))
        };
        names.iter().all(plain).then_some(Self(names))
    }

    /// Returns the names with slashes between them.
    pub fn name(&self) -> String {
        self.0.join("/")
    }

    /// Returns the pipeline's id.
    pub fn pipeline(&self) -> PipelineId {
        PipelineId::new(self.name())
    }

    /// Returns the segments of the job's address, followed by others.
    pub fn segments<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let own = self.0.iter().flat_map(|name| ["job", name.as_str()]);
        own.chain(rest.iter().copied()).collect()
    }
}

/// What a run is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The queue item that it came from: known from the first moment, and kept by the run.
    Item(u64),
    /// Its number, for runs that no queue item is known of.
    Number(u64),
}

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunRef {
    pub job: Job,
    pub place: Place,
}

impl RunRef {
    /// Reads the id of a run.
    pub fn of(run: &RunId) -> Result<Self, RemoteError> {
        Self::parse(run.as_str()).ok_or_else(|| RemoteError::NotFound(format!("run {run}")))
    }

    fn parse(text: &str) -> Option<Self> {
        let (job, place) = text.split_once('#')?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        let place = match place.strip_prefix("item-") {
            Some(item) => Place::Item(number(item)?),
            None => Place::Number(number(place)?),
        };
        Some(Self { job: Job::parse(job)?, place })
    }

    /// Returns the run's id.
    pub fn id(&self) -> RunId {
        RunId::new(match self.place {
            Place::Item(item) => format!("{}#item-{item}", self.job.name()),
            Place::Number(number) => format!("{}#{number}", self.job.name()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_names_its_job_and_nothing_else_is_a_run() {
        for good in ["shop/deploy#42", "shop/deploy#item-17", "a/feature%2Fx#1"] {
            assert_eq!(RunRef::of(&good.into()).unwrap().id().as_str(), good);
        }
        for bad in ["", "#1", "a#", "a#x", "a#-1", "a#item-", "../a#1", "a//b#1", "a#1#2", "a#+1", "a/..#1"] {
            assert!(matches!(RunRef::of(&bad.into()), Err(RemoteError::NotFound(_))), "{bad}");
        }
    }

    #[test]
    fn a_job_in_folders_has_one_address_segment_a_name() {
        let job = Job::parse("shop/de ploy").unwrap();
        assert_eq!(job.segments(&["42", "stop"]), ["job", "shop", "job", "de ploy", "42", "stop"]);
    }
}
