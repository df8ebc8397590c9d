//! The ids of this system: strict to read, so that no foreign text becomes a part of an address.

use crate::{OperationKey, PipelineId, RemoteError, RunId};

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repo {
    pub owner: String,
    pub name: String,
}

impl Repo {
    /// Accepts an owner's and a repository's name as GitHub allows them.
    pub fn new(owner: &str, name: &str) -> Option<Self> {
        let fits = is_owner(owner) && is_repository(name);
        fits.then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Reads `owner/repository`.
    pub fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        Self::new(owner, name)
    }

    /// Returns the path below this repository.
    pub fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["repos", &self.owner, &self.name];
        path.extend(rest);
        path
    }
}

/// A workflow file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    pub repo: Repo,
    pub file: String,
}

impl Workflow {
    /// Reads a pipeline's id, `owner/repository/file.yml`.
    pub fn of(id: &PipelineId) -> Result<Self, RemoteError> {
        let parts: Vec<&str> = id.as_str().split('/').collect();
        let read = match parts[..] {
            [owner, name, file] if is_workflow_file(file) => {
                Repo::new(owner, name).map(|repo| Self { repo, file: file.to_owned() })
            }
            _ => None,
        };
        read.ok_or_else(|| RemoteError::NotFound(format!("pipeline {id}")))
    }

    /// Returns the pipeline's id.
    pub fn id(&self) -> PipelineId {
        PipelineId::new(format!("{}/{}/{}", self.repo.owner, self.repo.name, self.file))
    }

    /// Returns the pipeline's name: without the owner, who is the same for the whole connection.
    pub fn name(&self) -> String {
        format!("{}/{}", self.repo.name, self.file)
    }

    /// Returns the path below this workflow.
    pub fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = self.repo.path(&["actions", "workflows", &self.file]);
        path.extend(rest);
        path
    }
}

/// A workflow run of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAt {
    pub repo: Repo,
    pub number: u64,
}

impl RunAt {
    /// Reads a run's id, `owner/repository/number`.
    pub fn of(id: &RunId) -> Result<Self, RemoteError> {
        let read = id.as_str().rsplit_once('/').and_then(|(repo, number)| {
            let plain = number.bytes().all(|byte| byte.is_ascii_digit());
            Some(Self { repo: Repo::parse(repo)?, number: number.parse().ok().filter(|_| plain)? })
        });
        read.ok_or_else(|| RemoteError::NotFound(format!("run {id}")))
    }

    /// Returns the run's id.
    pub fn id(&self) -> RunId {
        RunId::new(format!("{}/{}/{}", self.repo.owner, self.repo.name, self.number))
    }
}

/// Says whether a text can be an account's name.
pub fn is_owner(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain && (1..=60).contains(&text.len())
}

/// Says whether a text can be a repository's name.
pub fn is_repository(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    plain && (1..=100).contains(&text.len()) && !matches!(text, "." | "..")
}

/// Says whether a text can be a workflow file's name.
pub fn is_workflow_file(text: &str) -> bool {
    let stem = text.strip_suffix(".yml").or_else(|| text.strip_suffix(".yaml"));
    let plain =
        |stem: &str| !stem.is_empty() && !stem.contains(|c: char| c.is_control() || "/\\%?#".contains(c));
    text.len() <= 200 && stem.is_some_and(plain)
}

/// Finds the operation that a run's name gives back: `[operation]`, the last of them.
pub fn operation_in(title: &str) -> Option<OperationKey> {
    let begin = title.rfind('[')? + 1;
    let end = begin + title[begin..].find(']')?;
    OperationKey::new(&title[begin..end]).ok()
}

/// Says whether a run's name names something as a word of its own.
pub fn says(title: &str, word: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    !word.is_empty()
        && title.match_indices(word).any(|(at, found)| {
            let before = title[..at].chars().next_back();
            let after = title[at + found.len()..].chars().next();
            !before.is_some_and(inner) && !after.is_some_and(inner)
        })
}

/// Reads the run and the job from the address of a deployment's log.
pub fn run_in(address: &str, repo: &Repo) -> Option<(u64, Option<u64>)> {
    let url = url::Url::parse(address).ok()?;
    let path: Vec<&str> = url.path_segments()?.collect();
    match path[..] {
        [owner, name, "actions", "runs", run, ref rest @ ..]
            if owner.eq_ignore_ascii_case(&repo.owner) && name.eq_ignore_ascii_case(&repo.name) =>
        {
            let job = match rest {
                ["job", job, ..] => job.parse().ok(),
                _ => None,
            };
            Some((run.parse().ok()?, job))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_strictly() {
        assert!(Workflow::of(&"acme/shop/deploy.yml".into()).is_ok());
        for bad in [
            "",
            "acme/shop",
            "acme/../deploy.yml",
            "acme/shop/x/deploy.yml",
            "acme/shop/deploy.sh",
            "a b/c/d.yml",
        ] {
            assert!(Workflow::of(&bad.into()).is_err(), "{bad}");
        }
        assert_eq!(RunAt::of(&"acme/shop/42".into()).unwrap().id(), "acme/shop/42".into());
        for bad in ["42", "acme/shop/+42", "acme/shop/x", "acme/shop/1/42", "../no-such-run", "acme/shop/"] {
            assert!(RunAt::of(&bad.into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_operation_is_what_stands_in_brackets_at_last() {
        let found = |title| operation_in(title).map(|key| key.to_string());
        assert_eq!(found("Deploy v1 to qa [op-7]"), Some("op-7".into()));
        assert_eq!(found("[SHOP-1] Deploy [op-7] again"), Some("op-7".into()));
        for none in ["Deploy v1", "Deploy [not a key]", "Deploy [", "Deploy []"] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn a_stage_is_named_only_by_a_whole_word() {
        assert!(says("Deploy v1 to qa [op]", "qa") && says("qa", "qa") && says("(qa)", "qa"));
        for other in ["Deploy to qa-eu", "Deploy to eu/qa", "quay", ""] {
            assert!(!says(other, "qa"), "{other}");
        }
    }

    #[test]
    fn a_logs_address_counts_only_for_its_own_repository() {
        let repo = Repo::new("acme", "shop").unwrap();
        let read = |address| run_in(address, &repo);
        assert_eq!(read("https://github.com/acme/shop/actions/runs/7/job/9"), Some((7, Some(9))));
        assert_eq!(read("https://github.com/acme/shop/actions/runs/7"), Some((7, None)));
        assert_eq!(read("https://github.com/evil/shop/actions/runs/7"), None);
        assert_eq!(read("https://ci.example.org/42"), None);
    }
}
