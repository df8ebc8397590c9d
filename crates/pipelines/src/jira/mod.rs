//! Jira Cloud and Jira Data Center, read only: versions and features.

mod jql;
mod search;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use self::jql::{is_issue_key, is_project_key, quoted};
use self::search::{PAGE, open_features, start_of};
use crate::http::{Answer, Auth, Call, Dialect, FormField, Http, Manners, retry_at};
use crate::{
    Cursor, Feature, FeatureTracker, Opening, Page, Reason, RemoteError, TrackerInfo, TrackerVersion,
};

/// What a connection to Jira asks for.
pub(crate) const FIELDS: &[FormField] = &[
    FormField {
        name: "base",
        title: "Address",
        hint: "Jira's address, for example https://your-team.atlassian.net/ or https://jira.example.org/.",
        required: true,
    },
    FormField {
        name: "account",
        title: "E-mail",
        hint: "Jira Cloud: the account's e-mail address. Jira Data Center: left out.",
        required: false,
    },
    FormField {
        name: "secret",
        title: "Token",
        hint: "Jira Cloud: an API token (id.atlassian.com, Security). Jira Data Center: a personal access token (profile, Personal access tokens). The account only needs to browse the projects.",
        required: true,
    },
];

/// Far below what Atlassian allows an account in a burst; it publishes no fixed number.
const MANNERS: Manners = Manners {
    per_second: 5.0,
    background_per_second: 0.5,
    burst: 10.0,
    at_once: 4,
    between_writes: Duration::from_secs(1),
};

/// A connection to Jira.
pub struct Jira {
    http: Http,
    site: OnceCell<Site>,
}

/// What answers there.
#[derive(Clone, Debug)]
struct Site {
    kind: Kind,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cloud,
    DataCenter,
}

impl Kind {
    /// The version of the interface.
    fn api(self) -> &'static str {
        match self {
            Self::Cloud => "3",
            Self::DataCenter => "2",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerAnswer {
    #[serde(default)]
    deployment_type: Option<String>,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Myself {
    display_name: String,
    #[serde(default)]
    email_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionPage {
    #[serde(default)]
    start_at: usize,
    #[serde(default)]
    is_last: Option<bool>,
    values: Vec<VersionAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionAnswer {
    id: String,
    name: String,
    #[serde(default)]
    released: bool,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    issues_status_for_fix_version: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unresolved {
    issues_unresolved_count: u32,
}

impl Jira {
    /// Opens a connection. Nothing is sent.
    ///
    /// # Errors
    /// When the address or the token can't be used.
    pub fn open(opening: Opening<'_>) -> Result<Self, RemoteError> {
        let Some(secret) = opening.secret else {
            return Err(RemoteError::Auth { reauth: true, detail: "a token is needed".into() });
        };
        let account = opening.address.account.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let auth = match account {
            Some(account) => Auth::Basic(account.to_owned(), secret),
            None => Auth::Bearer(secret),
        };
        let dialect =
            Dialect { accept: "application/json", headers: &[], session: false, manners: MANNERS, limited };
        let http = Http::open(opening.address, auth, dialect, opening.hosts, opening.clock)?;
        Ok(Self { http, site: OnceCell::new() })
    }

    async fn site(&self) -> Result<&Site, RemoteError> {
        let ask = async || {
            let url = self.http.url(["rest", "api", "2", "serverInfo"]);
            let ServerAnswer { deployment_type, version } = self.get(url).await?;
            let cloud = deployment_type.is_some_and(|kind| kind.eq_ignore_ascii_case("cloud"));
            Ok(Site { kind: if cloud { Kind::Cloud } else { Kind::DataCenter }, version })
        };
        self.site.get_or_try_init(ask).await
    }

    /// Reads data. Jira may take a wrong token for nobody's visit and answer with what everybody may see; a
    /// header tells.
    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, RemoteError> {
        let answer = self.http.read(Call::get(url)).await?;
        let reason = answer.header("x-seraph-loginreason").unwrap_or_default();
        if reason.contains("AUTHENTICATED_FAILED") {
            return Err(RemoteError::Auth { reauth: true, detail: "Jira does not know this token".into() });
        }
        if reason.contains("AUTHENTICATION_DENIED") {
            let detail = "Jira asks the account to sign in once in a browser".into();
            return Err(RemoteError::Auth { reauth: true, detail });
        }
        answer.json()
    }

    async fn version(&self, kind: Kind, known: VersionAnswer) -> Result<TrackerVersion, RemoteError> {
        let counted = known.issues_status_for_fix_version.as_ref().and_then(open_features);
        let unresolved = match kind {
            Kind::DataCenter if !known.released && !known.archived => {
                let url = self.http.url(["rest", "api", "2", "version", &known.id, "unresolvedIssueCount"]);
                Some(self.get::<Unresolved>(url).await?.issues_unresolved_count)
            }
            _ => counted,
        };
        let VersionAnswer { id, name, released, archived, .. } = known;
        Ok(TrackerVersion { id, name, released, archived, unresolved })
    }

    /// Finds a batch of issues; nothing if Jira refuses the batch because one of the keys is unknown.
    async fn batch(&self, keys: &[&str]) -> Result<Option<Vec<Feature>>, RemoteError> {
        let list: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
        let jql = format!("key in ({}) ORDER BY key ASC", list.join(", "));
        let mut found = Vec::new();
        let mut page = None;
        loop {
            match self.search(&jql, page.as_ref()).await {
                Ok(read) => {
                    found.extend(read.items);
                    page = read.next;
                }
                Err(RemoteError::Invalid { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
            if page.is_none() {
                return Ok(Some(found));
            }
        }
    }
}

#[async_trait]
impl FeatureTracker for Jira {
    async fn probe(&self) -> Result<TrackerInfo, RemoteError> {
        let site = self.site().await?.clone();
        let me: Myself = self.get(self.http.url(["rest", "api", site.kind.api(), "myself"])).await?;
        let server = match site.kind {
            Kind::Cloud => "Jira Cloud".to_owned(),
            Kind::DataCenter => format!("Jira Data Center {}", site.version),
        };
        let mail = me.email_address.filter(|mail| !mail.is_empty());
        let who =
            mail.map_or_else(|| me.display_name.clone(), |mail| format!("{} ({mail})", me.display_name));
        Ok(TrackerInfo { who, server })
    }

    async fn versions(
        &self,
        project: &str,
        page: Option<&Cursor>,
    ) -> Result<Page<TrackerVersion>, RemoteError> {
        known_project(project)?;
        let kind = self.site().await?.kind;
        let start = start_of(page)?;
        let (begin, most) = (start.to_string(), PAGE.to_string());
        let mut query = vec![("startAt", begin.as_str()), ("maxResults", &most)];
        if kind == Kind::Cloud {
            query.push(("expand", "issuesstatus"));
        }
        let url = self.http.url_with(["rest", "api", kind.api(), "project", project, "version"], &query);
        let read: VersionPage = self.get(url).await?;
        let behind = read.start_at + read.values.len();
        let more = read.is_last != Some(true) && !read.values.is_empty() && behind > start;
        let mut items = Vec::with_capacity(read.values.len());
        for known in read.values {
            items.push(self.version(kind, known).await?);
        }
        Ok(Page { items, next: more.then(|| Cursor::new(behind.to_string())) })
    }

    async fn features_in_version(
        &self,
        project: &str,
        version: &str,
        page: Option<&Cursor>,
    ) -> Result<Page<Feature>, RemoteError> {
        known_project(project)?;
        if version.trim().is_empty() || version.contains(char::is_control) {
            let reason = Reason {
                code: "jira.version-name",
                place: "version".into(),
                sentence: "The version's name is empty or holds a control character.".into(),
                next_step: "Write it as Jira shows it.".into(),
            };
            let detail = "The version can't be asked for.".into();
            return Err(RemoteError::Invalid { reasons: vec![reason], detail });
        }
        let jql =
            format!("project = {} AND fixVersion = {} ORDER BY key ASC", quoted(project), quoted(version));
        match self.search(&jql, page).await {
            // The query is well-formed, so it is one of the two names that Jira does not know.
            Err(RemoteError::Invalid { detail, .. }) => Err(RemoteError::NotFound(detail)),
            found => found,
        }
    }

    async fn features_by_key(&self, keys: &[String]) -> Result<Vec<Feature>, RemoteError> {
        let known: Vec<&str> = keys.iter().map(String::as_str).filter(|key| is_issue_key(key)).collect();
        let mut open: Vec<&[&str]> = known.chunks(PAGE).collect();
        let mut found = BTreeMap::new();
        while let Some(batch) = open.pop() {
            let features = match batch {
                [key] => self.issue(key).await?.into_iter().collect(),
                // One unknown key makes Jira refuse the whole query: the halves tell which.
                _ => match self.batch(batch).await? {
                    Some(features) => features,
                    None => {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        open.extend([first, second]);
                        continue;
                    }
                },
            };
            found.extend(features.into_iter().map(|feature| (feature.key.clone(), feature)));
        }
        Ok(found.into_values().collect())
    }
}

fn known_project(project: &str) -> Result<(), RemoteError> {
    if is_project_key(project) {
        return Ok(());
    }
    Err(RemoteError::NotFound(format!("no project has the key {project:?}")))
}

/// Jira's limits: 429 as everybody's, and a 503 that says when to come back.
fn limited(answer: &Answer) -> Option<DateTime<Utc>> {
    if answer.status.as_u16() != 503 {
        return retry_at(answer);
    }
    let seconds: i64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(answer.at + TimeDelta::seconds(seconds.clamp(1, 300)))
}
