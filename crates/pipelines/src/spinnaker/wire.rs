//! What Gate sends, as far as it is read here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The type of a stage that waits for a person.
const JUDGMENT: &str = "manualJudgment";

#[derive(Debug, Default, Deserialize)]
pub(super) struct User {
    pub username: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub version: Option<String>,
}

/// A pipeline as it is configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    pub id: String,
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub parameter_config: Vec<Parameter>,
    #[serde(default, deserialize_with = "or_default")]
    pub stages: Vec<ConfigStage>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameter {
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub required: bool,
    pub default: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub has_options: bool,
    #[serde(default, deserialize_with = "or_default")]
    options: Vec<Choice>,
}

impl Parameter {
    /// Returns the values that it takes; nothing if it takes any.
    pub fn choices(&self) -> Option<Vec<&str>> {
        self.has_options.then(|| self.options.iter().map(|choice| choice.value.as_str()).collect())
    }
}

/// One value that can be chosen.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Choice {
    pub value: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigStage {
    pub ref_id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub requisite_stage_ref_ids: Vec<String>,
}

impl ConfigStage {
    pub fn is_judgment(&self) -> bool {
        self.kind == JUDGMENT
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Execution {
    pub id: String,
    pub application: String,
    pub pipeline_config_id: Option<String>,
    pub status: String,
    build_time: Option<i64>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub trigger: Trigger,
    #[serde(default, deserialize_with = "or_default")]
    pub authentication: Authentication,
    #[serde(default, deserialize_with = "or_default")]
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trigger {
    pub correlation_id: Option<String>,
    pub user: Option<String>,
    pub tag: Option<String>,
    pub hash: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub parameters: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub build_info: BuildInfo,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct BuildInfo {
    pub number: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub scm: Vec<Scm>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Scm {
    pub sha1: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Authentication {
    pub user: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stage {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub ref_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub status: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    pub parent_stage_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub context: Context,
    pub last_modified: Option<LastModified>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    pub judgment_status: Option<String>,
    pub instructions: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub judgment_inputs: Vec<Choice>,
    #[serde(default, deserialize_with = "or_default")]
    pub selected_stage_roles: Vec<String>,
    pub stage_timeout_ms: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LastModified {
    pub user: Option<String>,
}

/// The answer to a start.
#[derive(Debug, Deserialize)]
pub(super) struct Started {
    #[serde(rename = "ref")]
    pub reference: String,
}

impl Execution {
    pub fn built(&self) -> Option<DateTime<Utc>> {
        moment(self.build_time)
    }

    pub fn started(&self) -> Option<DateTime<Utc>> {
        moment(self.start_time)
    }

    pub fn finished(&self) -> Option<DateTime<Utc>> {
        moment(self.end_time)
    }

    /// Returns what the run was given for an input.
    pub fn parameter(&self, name: &str) -> Option<String> {
        text(self.trigger.parameters.get(name)?)
    }

    pub fn commit(&self) -> Option<String> {
        let built = self.trigger.build_info.scm.iter().find_map(|scm| scm.sha1.clone());
        self.trigger.hash.clone().or(built)
    }

    pub fn author(&self) -> Option<String> {
        self.trigger.user.clone().or(self.authentication.user.clone())
    }
}

impl Trigger {
    /// Returns what names the build where no input does: the tag or the number of the build that triggered.
    pub fn build(&self) -> Option<String> {
        self.tag.clone().filter(|tag| !tag.is_empty()).or_else(|| text(self.build_info.number.as_ref()?))
    }
}

impl Stage {
    pub fn is_judgment(&self) -> bool {
        self.kind == JUDGMENT
    }

    pub fn started(&self) -> Option<DateTime<Utc>> {
        moment(self.start_time)
    }

    pub fn finished(&self) -> Option<DateTime<Utc>> {
        moment(self.end_time)
    }
}

/// Says whether a status is one that changes no more.
pub(super) fn is_final(status: &str) -> bool {
    matches!(
        status,
        "SUCCEEDED" | "FAILED_CONTINUE" | "TERMINAL" | "CANCELED" | "STOPPED" | "SKIPPED" | "REDIRECT"
    )
}

/// Says whether a status means that work has begun.
pub(super) fn has_begun(status: &str) -> bool {
    !matches!(status, "NOT_STARTED" | "BUFFERED" | "SKIPPED")
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Spinnaker's times are milliseconds of the epoch.
fn moment(milliseconds: Option<i64>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds?)
}

/// Gate writes null where a list or an object is empty.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
