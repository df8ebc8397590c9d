//! Builds: the pipelines of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use serde::Deserialize;

use super::GitLab;
use super::id::{Project, number};
use super::wire::Pipeline;
use crate::{
    Build, BuildId, BuildPage, BuildQuery, ComponentVersions, Cursor, Page, PipelineQuery, PipelineRef,
    RemoteError,
};

/// Pipelines that test a change which is not merged are no builds.
const NO_BUILDS: [&str; 2] = ["merge_request_event", "external_pull_request_event"];

#[derive(Deserialize)]
struct ListedProject {
    path_with_namespace: String,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
    #[serde(default)]
    author_name: String,
}

impl GitLab {
    pub(super) async fn projects(
        &self,
        query: &PipelineQuery,
        page: Option<&Cursor>,
        most: &str,
    ) -> Result<Page<PipelineRef>, RemoteError> {
        let common = [("simple", "true"), ("archived", "false"), ("per_page", most)];
        let mut url = match &self.group {
            Some(group) => {
                let mut url = self.url(&["groups", group, "projects"], &common);
                url.query_pairs_mut().append_pair("include_subgroups", "true");
                url
            }
            None => {
                let mut url = self.url(&["projects"], &common);
                let keyset = [("membership", "true"), ("order_by", "id"), ("pagination", "keyset")];
                url.query_pairs_mut().extend_pairs(keyset);
                url
            }
        };
        if let Some(page) = page {
            url.set_query(Some(page.as_str()));
        }
        let (projects, next) = self.page::<ListedProject>(url).await?;
        let prefix = query.name_prefix.as_deref().unwrap_or_default();
        let items = projects
            .into_iter()
            .filter_map(|known| Project::parse(&known.path_with_namespace).ok())
            .filter(|project| project.as_str().starts_with(prefix))
            .map(|project| PipelineRef { id: project.pipeline(), name: project.to_string() })
            .collect::<Vec<_>>();
        Ok(Page { items, next: next.map(Cursor::new) })
    }

    pub(super) async fn builds(
        &self,
        project: &Project,
        query: &BuildQuery,
        page: Option<&Cursor>,
    ) -> Result<BuildPage, RemoteError> {
        let limit = query.limit.clamp(1, 100).to_string();
        let at = match page {
            None => 1,
            Some(page) => number(page.as_str()).ok_or_else(|| RemoteError::Stale {
                detail: "the list of pipelines changed; read it from the beginning".into(),
            })?,
        };
        let number = at.to_string();
        let mut wanted =
            vec![("order_by", "id"), ("sort", "desc"), ("per_page", limit.as_str()), ("page", &number)];
        if let Some(reference) = &self.reference {
            wanted.push(("ref", reference));
        }
        let url = self.of_project(project, &["pipelines"], &wanted);
        let (mut pipelines, next) = self.page::<Pipeline>(url).await?;
        // An empty page ends the list, whatever it says about a next one.
        let next = next.filter(|_| !pipelines.is_empty()).map(|_| Cursor::new((at + 1).to_string()));
        pipelines.retain(is_build);
        let authors = self.authors(project, &pipelines).await?;
        let builds = pipelines.into_iter().filter_map(|pipeline| build(pipeline, &authors)).collect();
        Ok(BuildPage { builds, problems: Vec::new(), next })
    }

    /// Finds who wrote the commits: the newest of them in one call, the others one by one, each only once.
    async fn authors(
        &self,
        project: &Project,
        pipelines: &[Pipeline],
    ) -> Result<BTreeMap<String, String>, RemoteError> {
        let mut authors = self.known_authors.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut missing: BTreeSet<&str> = pipelines.iter().map(|known| known.sha.as_str()).collect();
        missing.retain(|sha| !authors.contains_key(*sha));
        if missing.is_empty() {
            return Ok(authors);
        }
        let url =
            self.of_project(project, &["repository", "commits"], &[("all", "true"), ("per_page", "100")]);
        let commits: Result<Vec<Commit>, _> = self.http.get(url).await;
        let readable = match commits {
            Ok(commits) => {
                authors.extend(commits.into_iter().map(|commit| (commit.id, commit.author_name)));
                true
            }
            // The account may see pipelines and not the repository.
            Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => false,
            Err(error) => return Err(error),
        };
        for sha in missing {
            if authors.contains_key(sha) {
                continue;
            }
            let author = if readable {
                let url = self.of_project(project, &["repository", "commits", sha], &[]);
                match self.http.get::<Commit>(url).await {
                    Ok(commit) => commit.author_name,
                    Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => String::new(),
                    Err(error) => return Err(error),
                }
            } else {
                String::new()
            };
            authors.insert(sha.to_owned(), author);
        }
        *self.known_authors.lock().unwrap_or_else(PoisonError::into_inner) = authors.clone();
        Ok(authors)
    }

    /// Reads one pipeline, if it exists and is a build.
    pub(super) async fn pipeline(
        &self,
        project: &Project,
        build: &BuildId,
    ) -> Result<Option<Pipeline>, RemoteError> {
        let Some(id) = number(build.as_str()) else { return Ok(None) };
        let url = self.of_project(project, &["pipelines", &id.to_string()], &[]);
        match self.http.get::<Pipeline>(url).await {
            Ok(pipeline) => Ok(Some(pipeline).filter(is_build)),
            Err(RemoteError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn is_build(pipeline: &Pipeline) -> bool {
    let source = pipeline.source.as_deref().unwrap_or_default();
    !NO_BUILDS.contains(&source) && pipeline.status.as_deref() != Some("skipped")
}

fn build(pipeline: Pipeline, authors: &BTreeMap<String, String>) -> Option<Build> {
    let reference = pipeline.reference.as_deref().unwrap_or("no branch");
    Some(Build {
        id: BuildId::new(pipeline.id.to_string()),
        label: format!("{reference} #{}", pipeline.id),
        author: authors.get(&pipeline.sha).cloned().unwrap_or_default(),
        commit: pipeline.sha,
        created: pipeline.created_at?,
        artifact: None,
        versions: ComponentVersions::default(),
        features: Vec::new(),
    })
}
