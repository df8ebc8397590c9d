//! Searching, page by page, in both ways that Jira knows.

use serde::Deserialize;
use serde_json::Value;

use super::{Jira, Kind};
use crate::{Cursor, Feature, Page, RemoteError};

const FIELDS: &str = "summary,status,fixVersions";
/// How many issues a page may have.
pub(super) const PAGE: usize = 50;
/// Where a search of Jira Cloud is given up; its pages have no total by which the end could be known.
const MOST_PAGES: usize = 200;
/// The longest title that is kept.
const TITLE: usize = 500;

#[derive(Deserialize)]
pub(super) struct Issue {
    key: String,
    #[serde(default)]
    fields: Fields,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fields {
    summary: Option<String>,
    status: Option<Status>,
    fix_versions: Option<Vec<Named>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    name: String,
    #[serde(default)]
    status_category: Option<Category>,
}

#[derive(Deserialize)]
struct Category {
    key: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A page of Jira Cloud.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokened {
    #[serde(default)]
    issues: Vec<Issue>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    is_last: Option<bool>,
}

/// A page of Jira Data Center.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    #[serde(default)]
    issues: Vec<Issue>,
    #[serde(default)]
    start_at: usize,
    #[serde(default)]
    total: usize,
}

impl Jira {
    /// Reads one page of a search.
    pub(super) async fn search(
        &self,
        jql: &str,
        page: Option<&Cursor>,
    ) -> Result<Page<Feature>, RemoteError> {
        let found = match self.site().await?.kind {
            Kind::Cloud => self.search_by_token(jql, page).await,
            Kind::DataCenter => self.search_by_count(jql, page).await,
        };
        match found {
            // The first page was understood, so it is the place in the list that is not valid any more.
            Err(RemoteError::Invalid { detail, .. }) if page.is_some() => Err(RemoteError::Stale { detail }),
            found => found,
        }
    }

    async fn search_by_token(&self, jql: &str, page: Option<&Cursor>) -> Result<Page<Feature>, RemoteError> {
        let most = PAGE.to_string();
        let mut query = vec![("jql", jql), ("fields", FIELDS), ("maxResults", &most)];
        let (number, token) = match page {
            None => (1, None),
            Some(page) => {
                let (number, token) = page.as_str().split_once(' ').ok_or_else(no_such_page)?;
                (number.parse().map_err(|_| no_such_page())?, Some(token))
            }
        };
        if let Some(token) = token {
            query.push(("nextPageToken", token));
        }
        let read: Tokened =
            self.get(self.http.url_with(["rest", "api", "3", "search", "jql"], &query)).await?;
        // `isLast` is not always there or right: a page without a new token, or without issues, is the last.
        let next = read
            .next_page_token
            .filter(|next| !next.is_empty() && Some(next.as_str()) != token)
            .filter(|_| read.is_last != Some(true) && !read.issues.is_empty() && number < MOST_PAGES)
            .map(|next| Cursor::new(format!("{} {next}", number + 1)));
        Ok(Page { items: self.features(read.issues), next })
    }

    async fn search_by_count(&self, jql: &str, page: Option<&Cursor>) -> Result<Page<Feature>, RemoteError> {
        let most = PAGE.to_string();
        let start = start_of(page)?;
        let begin = start.to_string();
        let query = [("jql", jql), ("fields", FIELDS), ("startAt", begin.as_str()), ("maxResults", &most)];
        let read: Counted = self.get(self.http.url_with(["rest", "api", "2", "search"], &query)).await?;
        // A server may give fewer than asked for, so the next page begins behind what really came.
        let behind = read.start_at + read.issues.len();
        let next = (behind > start && behind < read.total).then(|| Cursor::new(behind.to_string()));
        Ok(Page { items: self.features(read.issues), next })
    }

    /// Reads one issue; nothing if it is not there or not to be seen.
    pub(super) async fn issue(&self, key: &str) -> Result<Option<Feature>, RemoteError> {
        let api = self.site().await?.kind.api();
        let url = self.http.url_with(["rest", "api", api, "issue", key], &[("fields", FIELDS)]);
        match self.get::<Issue>(url).await {
            Ok(issue) => Ok(Some(self.feature(issue))),
            Err(RemoteError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn features(&self, issues: Vec<Issue>) -> Vec<Feature> {
        issues.into_iter().map(|issue| self.feature(issue)).collect()
    }

    fn feature(&self, issue: Issue) -> Feature {
        let Fields { summary, status, fix_versions } = issue.fields;
        let category = status.as_ref().and_then(|status| status.status_category.as_ref());
        Feature {
            title: summary.unwrap_or_default().chars().take(TITLE).collect(),
            // By its category: names of states are the project's own, and translated.
            done: category.is_some_and(|category| category.key == "done"),
            status: status.map(|status| status.name).unwrap_or_default(),
            fix_versions: fix_versions.into_iter().flatten().map(|version| version.name).collect(),
            link: self.http.url(["browse", issue.key.as_str()]).to_string(),
            key: issue.key,
        }
    }
}

/// Where a counted page begins.
pub(super) fn start_of(page: Option<&Cursor>) -> Result<usize, RemoteError> {
    page.map_or(Ok(0), |page| page.as_str().parse().map_err(|_| no_such_page()))
}

fn no_such_page() -> RemoteError {
    RemoteError::Stale { detail: "the list changed; read it from the beginning".into() }
}

/// Adds up the open features of a version, as Jira Cloud counts them by category.
pub(super) fn open_features(counts: &Value) -> Option<u32> {
    let count = |name: &str| counts.get(name).and_then(Value::as_u64);
    count("done")?;
    let open: u64 = ["unmapped", "toDo", "inProgress"].into_iter().filter_map(count).sum();
    u32::try_from(open).ok()
}
