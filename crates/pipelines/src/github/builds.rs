//! Builds: the published releases of a repository, each with the commit that its tag stands on.

use std::collections::BTreeMap;

use super::calls::{PAGE, Site};
use super::names::Repo;
use super::wire::{Release, Tag};
use crate::{
    Build, BuildId, BuildPage, BuildProblem, BuildQuery, ComponentVersions, Cursor, Reason, RemoteError,
};

/// A release and the commit that its tag stands on now.
pub struct Published {
    pub commit: String,
}

/// The builds that are known at one look, by which deployments and runs get their build's name.
pub struct Known {
    builds: Vec<Build>,
    tags: BTreeMap<String, String>,
    /// Whether there are more tags than were read.
    more_tags: bool,
}

/// Lists builds, newest first, and what they are known by.
pub async fn list(
    site: &Site,
    repo: &Repo,
    query: &BuildQuery,
    at: Option<&Cursor>,
) -> Result<(BuildPage, Known), RemoteError> {
    let (releases, next) = site.releases(repo, query.limit, at).await?;
    let tags = site.tags(repo).await?;
    let more_tags = tags.len() >= PAGE;
    let mut tags: BTreeMap<String, String> =
        tags.into_iter().map(|Tag { name, commit }| (name, commit.sha)).collect();
    let (mut builds, mut problems) = (Vec::new(), Vec::new());
    for release in releases.into_iter().filter(is_published) {
        let commit = match tags.get(&release.tag_name) {
            Some(commit) => Some(commit.clone()),
            None if more_tags => tag_commit(site, repo, &release.tag_name).await?,
            None => None,
        };
        match commit {
            Some(commit) => {
                tags.insert(release.tag_name.clone(), commit.clone());
                builds.push(build(release, commit));
            }
            None if at.is_none() => problems.push(without_tag(&release)),
            None => {}
        }
    }
    builds.sort_by_key(|build| std::cmp::Reverse(build.created));
    let known = Known { builds: builds.clone(), tags, more_tags };
    Ok((BuildPage { builds, problems, next }, known))
}

/// Reads the newest builds alone, to name others by.
pub async fn known(site: &Site, repo: &Repo) -> Result<Known, RemoteError> {
    Ok(list(site, repo, &BuildQuery::default(), None).await?.1)
}

/// Finds a published release and its commit; nothing where there is none of that name.
pub async fn find(site: &Site, repo: &Repo, build: &BuildId) -> Result<Option<Published>, RemoteError> {
    match site.release(repo, build.as_str()).await {
        Ok(release) if is_published(&release) && release.tag_name == build.as_str() => {}
        Ok(_) | Err(RemoteError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    Ok(tag_commit(site, repo, build.as_str()).await?.map(|commit| Published { commit }))
}

impl Known {
    /// Names the build of a deployment or a run by its tag, by its commit, or else by the commit itself: what
    /// GitHub recorded is never taken for a build that it is not.
    pub async fn named(
        &self,
        site: &Site,
        repo: &Repo,
        reference: Option<&str>,
        sha: &str,
    ) -> Result<BuildId, RemoteError> {
        let tag = reference.map(|text| text.strip_prefix("refs/tags/").unwrap_or(text));
        let has = |build: &&Build, tag: &str| build.id.as_str() == tag && build.commit == sha;
        if let Some(tag) = tag
            && self.builds.iter().any(|build| has(&build, tag))
        {
            return Ok(BuildId::new(tag));
        }
        if let Some(build) = self.builds.iter().find(|build| build.commit == sha) {
            return Ok(build.id.clone());
        }
        // A release older than those that were read.
        if let Some(tag) = tag
            && self.tags.get(tag).map_or(self.more_tags, |commit| commit == sha)
            && let Some(found) = find(site, repo, &BuildId::new(tag)).await?
            && found.commit == sha
        {
            return Ok(BuildId::new(tag));
        }
        Ok(BuildId::new(sha))
    }
}

/// Reads the commit that a tag stands on; nothing where there is no such tag.
async fn tag_commit(site: &Site, repo: &Repo, tag: &str) -> Result<Option<String>, RemoteError> {
    match site.commit(repo, tag).await {
        Ok(commit) => Ok(Some(commit.sha)),
        Err(RemoteError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_published(release: &Release) -> bool {
    !release.draft && release.published_at.is_some()
}

fn build(release: Release, commit: String) -> Build {
    Build {
        id: BuildId::new(release.tag_name.clone()),
        label: release.tag_name,
        commit,
        author: release.author.map(|author| author.login).unwrap_or_default(),
        created: release.published_at.unwrap_or(release.created_at),
        artifact: None,
        versions: ComponentVersions::default(),
        features: Vec::new(),
    }
}

fn without_tag(release: &Release) -> BuildProblem {
    BuildProblem {
        name: release.tag_name.clone(),
        reasons: vec![Reason {
            code: "github.release-without-tag",
            place: release.tag_name.clone(),
            sentence: "The release is published, and its tag is gone, so nobody can say which commit it is."
                .into(),
            next_step: "Push the tag again, or delete the release.".into(),
        }],
    }
}
