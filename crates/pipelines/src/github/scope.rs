//! What a connection looks at: an owner's repositories, their workflows, their environments.

use super::names::{Repo, Workflow, is_owner, is_repository, is_workflow_file};
use crate::http::{Address, FormField};
use crate::{Inputs, Reason, RemoteError};

/// What is asked for when a connection is added.
pub const FIELDS: &[FormField] = &[
    FormField {
        name: "base",
        title: "Address of the API",
        hint: "https://api.github.com, or https://HOST/api/v3 of a GitHub Enterprise Server.",
        required: true,
    },
    FormField {
        name: "secret",
        title: "Token",
        hint: "A fine-grained personal access token: Settings, Developer settings. Grant it the repositories below \
               with Actions: read and write; Contents, Deployments and Environments: read. To watch only, \
               Actions: read is enough.",
        required: true,
    },
    FormField {
        name: "owner",
        title: "Owner",
        hint: "The account or organisation that the repositories belong to, as in github.com/OWNER.",
        required: true,
    },
    FormField {
        name: "repositories",
        title: "Repositories",
        hint: "Names without the owner, separated by commas; shop-* stands for all that begin with shop-. Empty: all \
               that the token reaches.",
        required: false,
    },
    FormField {
        name: "workflows",
        title: "Workflow files",
        hint: "The files in .github/workflows that deploy, separated by commas, for example deploy.yml. Empty: all.",
        required: false,
    },
    FormField {
        name: "environments",
        title: "Environments",
        hint: "The environments that are stages, in their order, separated by commas. Empty: all.",
        required: false,
    },
    Inputs::FIELDS[0],
    Inputs::FIELDS[1],
    Inputs::FIELDS[2],
];

/// The repositories, workflows and environments of a connection.
#[derive(Clone, Debug)]
pub struct Scope {
    pub owner: String,
    repositories: Vec<String>,
    workflows: Vec<String>,
    environments: Vec<String>,
}

impl Scope {
    /// Reads the connection's options, and everything that is wrong with them.
    pub fn of(address: &Address) -> Result<Self, RemoteError> {
        let list = |name: &str| -> Vec<String> {
            let items = address.option(name).unwrap_or_default().split(',').map(str::trim);
            items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let scope = Self {
            owner: address.option("owner").unwrap_or_default().to_owned(),
            repositories: list("repositories"),
            workflows: list("workflows"),
            environments: list("environments"),
        };
        let mut reasons = Vec::new();
        if !is_owner(&scope.owner) {
            reasons.push(Reason {
                code: "github.owner",
                place: "owner".into(),
                sentence: "The owner is missing or no account's name.".into(),
                next_step: "Write it as in github.com/OWNER.".into(),
            });
        }
        for name in &scope.repositories {
            let stem = name.strip_suffix('*').unwrap_or(name);
            if !is_repository(stem) && name != "*" {
                reasons.push(Reason {
                    code: "github.repository",
                    place: "repositories".into(),
                    sentence: format!("{name:?} is no repository's name."),
                    next_step: "Write names without the owner; a star may stand at the end only.".into(),
                });
            }
        }
        for file in scope.workflows.iter().filter(|file| !is_workflow_file(file)) {
            reasons.push(Reason {
                code: "github.workflow",
                place: "workflows".into(),
                sentence: format!("{file:?} is no workflow file."),
                next_step: "Write the file's name alone, with .yml or .yaml.".into(),
            });
        }
        if reasons.is_empty() {
            return Ok(scope);
        }
        Err(RemoteError::Invalid { reasons, detail: "The connection can't be used like this.".into() })
    }

    /// Returns the repositories, where all of them are named; nothing where they have to be looked up.
    pub fn named(&self) -> Option<Vec<Repo>> {
        let plain =
            !self.repositories.is_empty() && !self.repositories.iter().any(|name| name.ends_with('*'));
        plain.then(|| self.repositories.iter().filter_map(|name| Repo::new(&self.owner, name)).collect())
    }

    /// Says whether a repository belongs to the connection.
    pub fn has(&self, repo: &Repo) -> bool {
        let wanted = |pattern: &String| match pattern.strip_suffix('*') {
            Some(begin) => {
                let head = repo.name.get(..begin.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(begin))
            }
            None => repo.name.eq_ignore_ascii_case(pattern),
        };
        repo.owner.eq_ignore_ascii_case(&self.owner)
            && (self.repositories.is_empty() || self.repositories.iter().any(wanted))
    }

    /// Says whether a workflow file belongs to the connection.
    pub fn has_file(&self, file: &str) -> bool {
        self.workflows.is_empty() || self.workflows.iter().any(|wanted| wanted == file)
    }

    /// Reads a pipeline's id; one beyond the connection is not found.
    pub fn workflow(&self, id: &crate::PipelineId) -> Result<Workflow, RemoteError> {
        let workflow = Workflow::of(id)?;
        match self.has(&workflow.repo) {
            true => Ok(workflow),
            false => Err(RemoteError::NotFound(format!("pipeline {id} on this connection"))),
        }
    }

    /// Keeps the environments that are stages, in their order.
    pub fn ordered<T>(&self, found: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
        if self.environments.is_empty() {
            return found;
        }
        let place = |item: &T| self.environments.iter().position(|wanted| wanted == name(item));
        let mut kept: Vec<T> = found.into_iter().filter(|item| place(item).is_some()).collect();
        kept.sort_by_key(|item| place(item));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(options: &[(&str, &str)]) -> Result<Scope, Vec<&'static str>> {
        let options = options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Scope::of(&Address { options, ..Address::default() })
            .map_err(|error| error.reasons().iter().map(|reason| reason.code).collect())
    }

    #[test]
    fn every_wrong_option_is_told_at_once() {
        let wrong = [("owner", "a/b"), ("repositories", "ok, no/pe, *x"), ("workflows", "deploy")];
        assert_eq!(
            scope(&wrong).unwrap_err(),
            ["github.owner", "github.repository", "github.repository", "github.workflow"]
        );
    }

    #[test]
    fn a_connection_reaches_only_its_own_repositories() {
        let scope = scope(&[("owner", "acme"), ("repositories", "shop-*, till")]).unwrap();
        let has = |owner, name| scope.has(&Repo::new(owner, name).unwrap());
        assert!(has("acme", "shop-web") && has("Acme", "till"));
        assert!(!has("acme", "tiller") && !has("other", "till"));
        assert!(scope.workflow(&"other/till/deploy.yml".into()).is_err());
        assert!(scope.named().is_none());
    }

    #[test]
    fn named_environments_are_the_stages_in_that_order() {
        let scope = scope(&[("owner", "acme"), ("environments", "qa, prod")]).unwrap();
        assert_eq!(scope.ordered(vec!["preview-1", "prod", "qa"], |name| name), ["qa", "prod"]);
    }
}
