//! What Buildbot's data API sends, as far as it is read here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// The results of a build, a step or a request.
pub(super) mod results {
    pub const WARNINGS: i64 = 1;
    pub const SKIPPED: i64 = 3;
    pub const RETRY: i64 = 5;
    pub const CANCELLED: i64 = 6;
}

/// A property with where it comes from.
pub(super) type Properties = BTreeMap<String, (Value, Value)>;

#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    pub user: User,
    #[serde(default)]
    pub versions: Vec<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct User {
    #[serde(default)]
    pub anonymous: bool,
    pub username: Option<String>,
    pub email: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Builders {
    pub builders: Vec<Builder>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Builder {
    pub builderid: u64,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ForceSchedulers {
    pub forceschedulers: Vec<ForceScheduler>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ForceScheduler {
    pub name: String,
    #[serde(default)]
    pub builder_names: Vec<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    all_fields: Vec<Field>,
}

fn yes() -> bool {
    true
}

/// One input of a force scheduler; a group holds further ones.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Field {
    #[serde(rename = "fullName")]
    pub name: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    fields: Vec<Field>,
}

impl ForceScheduler {
    /// Returns its inputs, those of groups included.
    pub fn inputs(&self) -> Vec<&Field> {
        fn gather<'f>(fields: &'f [Field], found: &mut Vec<&'f Field>) {
            for field in fields {
                if field.fields.is_empty() && field.name.is_some() {
                    found.push(field);
                }
                gather(&field.fields, found);
            }
        }
        let mut found = Vec::new();
        gather(&self.all_fields, &mut found);
        found
    }

    /// Says whether it has an input of this name.
    pub fn takes(&self, name: &str) -> bool {
        self.inputs().iter().any(|field| field.name.as_deref() == Some(name))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Builds {
    pub builds: Vec<Build>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Build {
    pub buildid: u64,
    pub number: u64,
    pub builderid: u64,
    pub buildrequestid: u64,
    started_at: Option<f64>,
    complete_at: Option<f64>,
    pub complete: bool,
    pub results: Option<i64>,
    #[serde(default)]
    pub state_string: String,
    properties: Option<Properties>,
}

impl Build {
    pub fn text(&self, property: &str) -> Option<String> {
        text(self.properties.as_ref(), property)
    }

    pub fn started(&self) -> Option<DateTime<Utc>> {
        moment(self.started_at)
    }

    pub fn finished(&self) -> Option<DateTime<Utc>> {
        moment(self.complete_at)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Requests {
    pub buildrequests: Vec<Request>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Request {
    pub buildrequestid: u64,
    pub builderid: u64,
    pub complete: bool,
    pub results: Option<i64>,
    submitted_at: Option<f64>,
    complete_at: Option<f64>,
    properties: Option<Properties>,
}

impl Request {
    pub fn text(&self, property: &str) -> Option<String> {
        text(self.properties.as_ref(), property)
    }

    pub fn submitted(&self) -> Option<DateTime<Utc>> {
        moment(self.submitted_at)
    }

    pub fn finished(&self) -> Option<DateTime<Utc>> {
        moment(self.complete_at)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Steps {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Step {
    pub stepid: u64,
    pub number: u64,
    pub name: String,
    started_at: Option<f64>,
    complete_at: Option<f64>,
    pub complete: bool,
    pub results: Option<i64>,
    #[serde(default)]
    pub state_string: String,
}

impl Step {
    pub fn started(&self) -> Option<DateTime<Utc>> {
        moment(self.started_at)
    }

    pub fn finished(&self) -> Option<DateTime<Utc>> {
        moment(self.complete_at)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Logs {
    pub logs: Vec<Log>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Log {
    pub logid: u64,
    pub name: String,
    pub complete: bool,
    pub num_lines: u64,
    /// `s` for lines that begin with the letter of their stream, `h` for a page, `t` for plain text.
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct LogChunks {
    pub logchunks: Vec<LogLines>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LogLines {
    pub content: String,
}

/// The answer to an accepted call.
#[derive(Debug, Deserialize)]
pub(super) struct Reply {
    pub result: Value,
}

/// Says whether a result means that it went well.
pub(super) fn went_well(results: Option<i64>) -> bool {
    results.is_some_and(|results| (0..=self::results::WARNINGS).contains(&results))
}

fn text(properties: Option<&Properties>, name: &str) -> Option<String> {
    match &properties?.get(name)?.0 {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        // Several owners, or one revision for each code base: the first stands for all.
        Value::Array(items) => items.first().and_then(Value::as_str).map(str::to_owned),
        Value::Object(fields) => fields.values().find_map(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// Buildbot's times are seconds of the epoch.
fn moment(seconds: Option<f64>) -> Option<DateTime<Utc>> {
    let seconds = seconds.filter(|seconds| seconds.is_finite())?;
    #[allow(clippy::cast_possible_truncation, reason = "what is out of range is no time and refused next")]
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
}
