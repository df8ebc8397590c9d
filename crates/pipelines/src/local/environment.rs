//! What stands in an environment folder: its `deployed.json`, written by the runner.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::record::RunRecord;
use crate::{BuildId, OperationKey, RemoteError, Settled};

/// The record's name inside an environment folder.
pub(super) const FILE: &str = "deployed.json";

/// The record of the last deployment into an environment.
#[derive(Debug, Deserialize)]
pub(super) struct Deployed {
    pub build: BuildId,
    pub sha256: String,
    pub operation: OperationKey,
    pub state: Settled,
    pub since: DateTime<Utc>,
}

#[derive(Serialize)]
struct Head<'a> {
    version: u32,
    service: &'a str,
    stage: &'a str,
    build: &'a BuildId,
    sha256: &'a str,
    operation: &'a OperationKey,
}

/// Reads the record; nothing was deployed where there is none.
pub(super) fn read(environment: &Path) -> Result<Option<Deployed>, RemoteError> {
    let path = environment.join(FILE);
    let failed = |detail: String| RemoteError::File { path: path.display().to_string(), detail };
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| failed(format!("this is not a record of a deployment: {error}"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// Returns the beginning of the record's JSON object; the runner adds state and time.
pub(super) fn head(record: &RunRecord) -> Result<String, serde_json::Error> {
    let mut json = serde_json::to_string(&Head {
        version: 1,
        service: record.service.as_str(),
        stage: record.stage.as_str(),
        build: &record.build,
        sha256: &record.sha256,
        operation: &record.operation,
    })?;
    json.pop();
    Ok(json)
}
