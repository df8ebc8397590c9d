//! What the opaque ids of GitLab hold: a project's path, a job of a project, a gate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{BuildId, GateHandle, PipelineId, RemoteError, RunId};

/// A project's path with its groups, for example `shop/backend/web`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Project(String);

impl Project {
    /// Reads a path; a text that GitLab can't have made is not found.
    pub fn parse(text: &str) -> Result<Self, RemoteError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let segment = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && segment.chars().all(plain)
                && segment.len() <= 255
        };
        if text.contains('/') && text.split('/').all(segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RemoteError::NotFound(format!("no project has the path {text:?}")))
        }
    }

    pub fn of(pipeline: &PipelineId) -> Result<Self, RemoteError> {
        Self::parse(pipeline.as_str())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn pipeline(&self) -> PipelineId {
        PipelineId::new(self.0.clone())
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A job of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JobRef {
    pub project: Project,
    pub job: u64,
}

impl JobRef {
    pub fn of(run: &RunId) -> Result<Self, RemoteError> {
        let unknown = || RemoteError::NotFound(format!("no job is called {run}"));
        let (project, job) = run.as_str().rsplit_once('#').ok_or_else(unknown)?;
        let project = Project::parse(project).map_err(|_| unknown())?;
        Ok(Self { project, job: number(job).ok_or_else(unknown)? })
    }

    pub fn run(&self) -> RunId {
        RunId::new(format!("{}#{}", self.project, self.job))
    }
}

/// A pipeline of a project that was started for its own sake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WholeRun {
    pub project: Project,
    pub pipeline: u64,
}

impl WholeRun {
    /// Reads a run's id; nothing for that of a job.
    pub fn of(run: &RunId) -> Option<Self> {
        let (project, pipeline) = run.as_str().rsplit_once('!')?;
        Some(Self { project: Project::parse(project).ok()?, pipeline: number(pipeline)? })
    }

    pub fn run(&self) -> RunId {
        RunId::new(format!("{}!{}", self.project, self.pipeline))
    }
}

/// Reads a number as GitLab writes it: digits alone, without a leading zero.
pub(super) fn number(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}

/// Which deployment waits, and with which job: a job that was run again is another gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub project: Project,
    pub deployment: u64,
    pub job: u64,
    pub build: u64,
}

impl Ticket {
    pub fn seal(&self) -> GateHandle {
        GateHandle::seal(format!("{}#{}#{}#{}", self.project, self.deployment, self.job, self.build))
    }

    pub fn of(gate: &GateHandle) -> Result<Self, RemoteError> {
        let read = |text: &str| {
            let mut parts = text.split('#');
            let project = Project::parse(parts.next()?).ok()?;
            let [deployment, job, build] =
                [number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?];
            parts.next().is_none().then_some(Self { project, deployment, job, build })
        };
        read(gate.open()).ok_or_else(|| RemoteError::NotFound("no gate of GitLab".into()))
    }

    pub fn build(&self) -> BuildId {
        BuildId::new(self.build.to_string())
    }

    pub fn run(&self) -> RunId {
        JobRef { project: self.project.clone(), job: self.job }.run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_gitlab_can_have_made_is_an_id() {
        for good in ["shop/web", "shop/back-end/web.api", "_a/b_c"] {
            assert!(Project::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "web", "42", "/web", "shop/", "shop/../web", "shop/we b", "shop/web?x", "-a/b", "a//b"]
        {
            assert!(Project::parse(bad).is_err(), "{bad}");
        }
        for bad in ["", "../no-such-run", "shop/web", "shop/web#", "shop/web#07", "shop/web#-1", "web#7"] {
            assert!(JobRef::of(&RunId::new(bad)).is_err(), "{bad}");
        }
        let run = RunId::new("shop/web#7");
        assert_eq!(JobRef::of(&run).unwrap().run(), run);
        let whole = RunId::new("shop/web!7");
        assert_eq!(WholeRun::of(&whole).unwrap().run(), whole);
        assert!(WholeRun::of(&run).is_none() && JobRef::of(&whole).is_err());
    }

    #[test]
    fn a_gate_is_found_again_from_its_handle() {
        let project = Project::parse("shop/web").unwrap();
        let ticket = Ticket { project, deployment: 4, job: 7, build: 9 };
        assert_eq!(Ticket::of(&ticket.seal()).unwrap(), ticket);
        assert!(Ticket::of(&GateHandle::seal("shop/web#4#7")).is_err());
        assert!(Ticket::of(&GateHandle::seal("shop/web#4#7#9#1")).is_err());
    }
}
