//! Pipelines: the workflow files of the connection's repositories, and the environments as their stages.

use super::calls::Site;
use super::names::{Repo, Workflow};
use super::wire::Environment;
use crate::{
    Cursor, GateId, Page, PipelineId, PipelineQuery, PipelineRef, PipelineShape, RemoteError, StageId,
    StageShape,
};

/// Lists the workflows of the connection's repositories, one page of repositories at a time.
pub async fn list(
    site: &Site,
    query: &PipelineQuery,
    at: Option<&Cursor>,
) -> Result<Page<PipelineRef>, RemoteError> {
    let prefix = query.name_prefix.as_deref().unwrap_or_default();
    let (repositories, next) = repositories(site, at).await?;
    let mut items = Vec::new();
    for repo in repositories.iter().filter(|repo| may_begin(repo, prefix)) {
        for entry in site.workflows(repo).await? {
            let workflow = Workflow { repo: repo.clone(), file: entry.file().to_owned() };
            let name = workflow.name();
            let active = entry.state == "active" && entry.path.starts_with(".github/workflows/");
            if active && site.scope.has_file(&workflow.file) && name.starts_with(prefix) {
                items.push(PipelineRef { id: workflow.id(), name });
            }
        }
    }
    items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Page { items, next })
}

/// Describes a workflow's stages; every environment that asks for a review is a gate by its own name.
pub async fn describe(site: &Site, pipeline: &PipelineId) -> Result<PipelineShape, RemoteError> {
    let workflow = site.scope.workflow(pipeline)?;
    site.workflow(&workflow).await?;
    let stages = site.environments(&workflow.repo).await?;
    Ok(PipelineShape {
        id: pipeline.clone(),
        name: workflow.name(),
        stages: stages.into_iter().map(shape).collect(),
    })
}

/// Returns one page of the connection's repositories.
pub async fn repositories(
    site: &Site,
    at: Option<&Cursor>,
) -> Result<(Vec<Repo>, Option<Cursor>), RemoteError> {
    if let Some(named) = site.scope.named() {
        return Ok((named, None));
    }
    let (found, next) = site.repositories(at).await?;
    let live = found.into_iter().filter(|repository| !repository.archived);
    let repos = live.filter_map(|repository| Repo::parse(&repository.full_name));
    Ok((repos.filter(|repo| site.scope.has(repo)).collect(), next))
}

/// Says whether a pipeline of the repository can begin with a text, before asking for its workflows.
fn may_begin(repo: &Repo, prefix: &str) -> bool {
    let name = format!("{}/", repo.name);
    name.starts_with(prefix) || prefix.starts_with(&name)
}

fn shape(environment: Environment) -> StageShape {
    let reviewed = environment.protection_rules.iter().any(|rule| rule.kind == "required_reviewers");
    StageShape {
        id: StageId::new(environment.name.clone()),
        gates: if reviewed { vec![GateId::new(environment.name.clone())] } else { Vec::new() },
        checks: Vec::new(),
        environment: Some(environment.name.clone()),
        name: environment.name,
    }
}
