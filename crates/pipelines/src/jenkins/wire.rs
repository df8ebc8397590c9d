//! What Jenkins answers, as far as it is read.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// What is asked of a job. Never `depth`, which would load everything.
pub(super) const JOB_TREE: &str = "buildable,property[parameterDefinitions[name,type,choices]],\
    builds[number,queueId,result,building,timestamp,duration,actions[parameters[name,value],\
    lastBuiltRevision[SHA1]],changeSets[items[author[fullName]]]]{0,100}";
/// What is asked of one run.
pub(super) const RUN_TREE: &str = "number,queueId,result,building,timestamp,duration,\
    actions[parameters[name,value],lastBuiltRevision[SHA1]],changeSets[items[author[fullName]]]";
/// What is asked of the queue.
pub(super) const QUEUE_TREE: &str = "items[id,why,task[url],actions[parameters[name,value]]]";

/// A folder, with the folders inside it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Folder {
    pub name: String,
    #[serde(rename = "_class")]
    pub class: String,
    /// Only folders have it.
    pub jobs: Option<Vec<Folder>>,
}

/// The account.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Me {
    pub id: String,
    pub full_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Crumb {
    pub crumb: String,
    pub crumb_request_field: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct JobPage {
    pub buildable: bool,
    pub property: Vec<Property>,
    pub builds: Vec<RunPage>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Property {
    pub parameter_definitions: Vec<Definition>,
}

/// A parameter that a job or a gate takes.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Definition {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub choices: Vec<String>,
    /// Only in gates.
    pub definition: Option<Value>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RunPage {
    pub number: u64,
    pub queue_id: i64,
    pub result: Option<String>,
    pub building: bool,
    pub timestamp: i64,
    pub duration: i64,
    pub actions: Vec<Option<Action>>,
    pub change_sets: Vec<ChangeSet>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Action {
    pub parameters: Vec<Parameter>,
    pub last_built_revision: Option<Revision>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameter {
    pub name: String,
    pub value: Value,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Revision {
    #[serde(rename = "SHA1")]
    pub sha1: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeSet {
    pub items: Vec<Change>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    pub author: Author,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Author {
    pub full_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Queue {
    pub items: Vec<Item>,
}

/// A queue item, waiting or gone.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub id: u64,
    pub why: Option<String>,
    pub cancelled: bool,
    pub task: Task,
    pub executable: Option<Executable>,
    pub actions: Vec<Option<Action>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Task {
    pub url: String,
}

#[derive(Clone, Deserialize)]
pub(super) struct Executable {
    pub number: u64,
}

/// A run as the Pipeline REST API plugin describes it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Described {
    /// `#42`, or what the pipeline renamed it to; `id` is the number in every recent Jenkins.
    pub id: String,
    pub name: String,
    pub stages: Vec<WireStage>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireStage {
    pub name: String,
    pub status: String,
    pub start_time_millis: i64,
    pub duration_millis: i64,
    pub pause_duration_millis: i64,
}

/// A gate that waits.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Input {
    pub id: String,
    pub message: String,
    pub inputs: Vec<Definition>,
}

impl RunPage {
    /// Returns a parameter's text.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.actions, name)
    }

    /// Returns the source revision.
    pub fn commit(&self) -> String {
        let mut revisions = self.actions.iter().flatten().filter_map(|a| a.last_built_revision.as_ref());
        revisions.next().map(|revision| revision.sha1.clone()).unwrap_or_default()
    }

    /// Returns who wrote the first of its changes.
    pub fn author(&self) -> String {
        let mut changes = self.change_sets.iter().flat_map(|set| &set.items);
        changes.next().map(|change| change.author.full_name.clone()).unwrap_or_default()
    }

    /// Returns when it began.
    pub fn started(&self) -> DateTime<Utc> {
        moment(self.timestamp)
    }
}

impl Item {
    /// Returns a parameter's text.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.actions, name)
    }
}

fn parameter(actions: &[Option<Action>], name: &str) -> Option<String> {
    let mut all = actions.iter().flatten().flat_map(|action| &action.parameters);
    let found = all.find(|parameter| parameter.name == name)?;
    match &found.value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Reads a time in milliseconds.
pub(super) fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}
