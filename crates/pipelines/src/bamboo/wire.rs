//! What Bamboo answers, as far as it is read. Lists come bare or in an envelope, and the spelling of states differs
//! from place to place.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::RemoteError;

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Me {
    pub name: String,
    pub full_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Info {
    pub version: String,
}

/// A deployment project.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub id: u64,
    pub name: String,
    pub environments: Vec<Environment>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Environment {
    pub id: u64,
    pub name: String,
    pub position: i64,
    pub suspended: bool,
    pub operations: Operations,
    pub release_approval_prerequisite: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operations {
    pub allowed_to_execute: Option<bool>,
    pub allowed_to_set_version_status: Option<bool>,
}

/// A release.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Version {
    pub id: u64,
    pub name: String,
    pub creation_date: i64,
    pub creator_display_name: Option<String>,
    pub creator_user_name: Option<String>,
    pub operations: Operations,
}

/// What people think of a release.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Statuses {
    pub version_general_state: String,
    pub current_user_state: String,
    pub statuses: Vec<UserStatus>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UserStatus {
    pub user_name: String,
    pub version_state: String,
}

/// One deployment.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Deployment {
    pub id: u64,
    pub deployment_version: Version,
    pub environment: Environment,
    pub deployment_state: String,
    pub life_cycle_state: String,
    pub queued_date: Option<i64>,
    pub started_date: Option<i64>,
    pub finished_date: Option<i64>,
    pub reason_summary: String,
    pub log_entries: LogEntries,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogEntries {
    pub size: usize,
    pub log_entry: Vec<LogEntry>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogEntry {
    pub unstyled_log: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Triggered {
    pub deployment_result_id: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Queued {
    pub deployment_result_id: u64,
}

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Waiting,
    Working,
    Passed,
    Broken,
    /// It never began.
    Dropped,
    Unclear,
}

impl Deployment {
    pub fn stand(&self) -> Stand {
        match self.life_cycle_state.to_ascii_uppercase().replace(['_', ' '], "").as_str() {
            "PENDING" | "QUEUED" => Stand::Waiting,
            "INPROGRESS" => Stand::Working,
            "NOTBUILT" => Stand::Dropped,
            "FINISHED" => match self.deployment_state.to_ascii_uppercase().as_str() {
                "SUCCESS" | "SUCCESSFUL" => Stand::Passed,
                "FAILED" => Stand::Broken,
                _ => Stand::Unclear,
            },
            _ => Stand::Unclear,
        }
    }

    /// Returns when it was asked for.
    pub fn asked(&self) -> Option<DateTime<Utc>> {
        self.queued_date.or(self.started_date).map(moment)
    }

    /// Says whether an account started it; nothing where Bamboo names no account.
    pub fn started_by(&self, account: &str) -> Option<bool> {
        let (_, who) = self.reason_summary.split_once("/browse/user/")?;
        let name = who.split(['"', '\'', '?', '#', '/']).next()?;
        let decoded = format!("x={}", name.replace('+', "%2B"));
        let named = url::form_urlencoded::parse(decoded.as_bytes()).next().map(|(_, name)| name.into_owned());
        Some(named.as_deref() == Some(account))
    }
}

/// Reads a list that comes bare, or in an envelope under one of the names, which may lack it when it is empty.
pub(super) fn list<T: DeserializeOwned>(body: Value, names: &[&str]) -> Result<Vec<T>, RemoteError> {
    let mut body = body;
    loop {
        match body {
            Value::Array(items) => {
                return serde_json::from_value(Value::Array(items)).map_err(|error| RemoteError::Protocol {
                    detail: format!("the list can't be read: {error}"),
                });
            }
            Value::Object(mut fields) => match names.iter().find_map(|name| fields.remove(*name)) {
                Some(inner) => body = inner,
                None if fields.contains_key("size") => return Ok(Vec::new()),
                None => {
                    return Err(RemoteError::Protocol { detail: "a list was expected".into() });
                }
            },
            _ => return Err(RemoteError::Protocol { detail: "a list was expected".into() }),
        }
    }
}

/// Reads a time in milliseconds.
pub(super) fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_come_bare_or_in_envelopes_and_an_empty_one_may_lack_its_items() {
        let names = ["queuedDeployments"];
        let numbers = |body| list::<u64>(body, &names).unwrap();
        assert_eq!(numbers(json!([1, 2])), [1, 2]);
        assert_eq!(numbers(json!({"queuedDeployments": {"size": 1, "queuedDeployments": [3]}})), [3]);
        assert_eq!(numbers(json!({"queuedDeployments": {"size": 0}})), [0; 0]);
        assert!(list::<u64>(json!({"message": "no"}), &names).is_err());
    }

    #[test]
    fn states_count_whatever_their_spelling() {
        let of = |life: &str, state: &str| {
            Deployment {
                life_cycle_state: life.into(),
                deployment_state: state.into(),
                ..Deployment::default()
            }
            .stand()
        };
        assert_eq!(of("FINISHED", "SUCCESS"), Stand::Passed);
        assert_eq!(of("Finished", "Failed"), Stand::Broken);
        assert_eq!(of("IN_PROGRESS", "UNKNOWN"), Stand::Working);
        assert_eq!(of("InProgress", "UNKNOWN"), Stand::Working);
        assert_eq!(of("NotBuilt", "UNKNOWN"), Stand::Dropped);
    }

    #[test]
    fn the_account_stands_in_the_reasons_link() {
        let by = |who: &str| Deployment { reason_summary: who.into(), ..Deployment::default() };
        let link = by("Manual run by <a href=\"https://ci.example.org/browse/user/ada%40x\">Ada</a>");
        assert_eq!(link.started_by("ada@x"), Some(true));
        assert_eq!(link.started_by("ada"), Some(false));
        assert_eq!(by("Child of SHOP-WEB-7").started_by("ada"), None);
    }
}
