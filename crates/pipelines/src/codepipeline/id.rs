//! The ids of this system: names and execution ids as AWS spells them, joined by slashes, which neither has.

use serde::{Deserialize, Serialize};

use crate::http::shortened;
use crate::{BuildId, GateHandle, GateId, PipelineId, RemoteError, RunId};

/// The longest name.
const NAME: usize = 100;

/// Refuses what can't be a name there.
pub(super) fn check_name(name: &str, what: &str) -> Result<(), RemoteError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".@-_".contains(&b);
    if (1..=NAME).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(RemoteError::NotFound(format!("{what} {}", shortened(name, NAME))))
}

/// Says whether a text has the form of an execution's id.
pub(super) fn is_execution(id: &str) -> bool {
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let parts: Vec<&str> = id.split('-').collect();
    parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| hex(part, length))
}

/// Refuses what can't be a build there: builds are executions.
pub(super) fn check_build(build: &BuildId) -> Result<(), RemoteError> {
    match is_execution(build.as_str()) {
        true => Ok(()),
        false => Err(RemoteError::NotFound(format!("execution {}", shortened(build.as_str(), NAME)))),
    }
}

/// One execution in one stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub pipeline: PipelineId,
    pub execution: String,
    pub stage: String,
}

impl Run {
    pub fn id(&self) -> RunId {
        RunId::new(format!("{}/{}/{}", self.pipeline, self.execution, self.stage))
    }

    pub fn parse(id: &RunId) -> Result<Self, RemoteError> {
        let parts: Vec<&str> = id.as_str().split('/').collect();
        let not_found = || RemoteError::NotFound(format!("run {}", shortened(id.as_str(), NAME)));
        let [pipeline, execution, stage] = parts[..] else { return Err(not_found()) };
        let named = check_name(pipeline, "pipeline").and(check_name(stage, "stage"));
        if named.is_err() || !is_execution(execution) {
            return Err(not_found());
        }
        Ok(Self { pipeline: pipeline.into(), execution: execution.into(), stage: stage.into() })
    }
}

/// Names a gate inside its pipeline.
pub(super) fn gate_id(stage: &str, action: &str) -> GateId {
    GateId::new(format!("{stage}/{action}"))
}

/// What an answer to a gate needs. It has no readable form, because of the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub pipeline: PipelineId,
    pub stage: String,
    pub action: String,
    /// The execution that waits.
    pub execution: String,
    /// The build that it carries.
    pub build: BuildId,
    /// Spent by the first answer.
    pub token: String,
}

impl Waiting {
    pub fn seal(&self) -> GateHandle {
        GateHandle::seal(serde_json::to_string(self).unwrap_or_default())
    }

    pub fn open(handle: &GateHandle) -> Result<Self, RemoteError> {
        let unknown = || RemoteError::NotFound("gate".into());
        let waiting: Self = serde_json::from_str(handle.open()).map_err(|_| unknown())?;
        check_name(waiting.pipeline.as_str(), "pipeline")?;
        check_name(&waiting.stage, "stage")?;
        check_name(&waiting.action, "action")?;
        if is_execution(&waiting.execution) { Ok(waiting) } else { Err(unknown()) }
    }

    /// The run that an approval lets go on.
    pub fn run(&self) -> Run {
        Run { pipeline: self.pipeline.clone(), execution: self.execution.clone(), stage: self.stage.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_names_itself_and_nonsense_is_not_found() {
        let run = Run {
            pipeline: "shop-web".into(),
            execution: "3f1f2b6a-1111-4222-8333-444455556666".into(),
            stage: "Prod".into(),
        };
        assert_eq!(Run::parse(&run.id()).unwrap(), run);
        for bad in [
            "",
            "../no-such-run",
            "a/b/c",
            "shop/3f1f2b6a-1111-4222-8333-444455556666",
            "shop/3F1F2B6A-1111-4222-8333-444455556666/Prod",
            "sh op/3f1f2b6a-1111-4222-8333-444455556666/Prod",
            "shop/3f1f2b6a-1111-4222-8333-444455556666/Prod/x",
        ] {
            assert!(matches!(Run::parse(&bad.into()), Err(RemoteError::NotFound(_))), "{bad}");
        }
    }
}
