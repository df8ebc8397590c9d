//! Who the connection acts as, and what works with this token and these repositories.

use super::calls::Site;
use super::names::Repo;
use super::pipelines;
use crate::{
    BuildChoice, Cancel, Capabilities, GateScope, Logs, Missing, RemoteError, RunIdFrom, ServerInfo,
};

/// How many repositories are tried.
const TRIED: usize = 5;

/// Asks, and narrows what was declared.
pub async fn probe(site: &Site, declared: &Capabilities) -> Result<ServerInfo, RemoteError> {
    let (user, answer) = site.user().await?;
    let version = answer.header("x-github-enterprise-version").map(super::runs::short);
    let mut effective = declared.clone();
    let mut missing = Vec::new();
    if let Some(version) = &version {
        effective.run_id_from = RunIdFrom::Correlate;
        missing.push(Missing {
            capability: "run_id_from".into(),
            why: format!("GitHub Enterprise Server {version} does not tell which run a dispatch started"),
            next_step: "let the workflow's run-name end in the operation, by which the run is found".into(),
        });
    }
    let repositories: Vec<Repo> =
        pipelines::repositories(site, None).await?.0.into_iter().take(TRIED).collect();
    let mut lacks = Vec::new();
    for repo in &repositories {
        lacks.push(lacking(site, repo).await?);
    }
    for lack in Lack::ALL {
        let without: Vec<String> = repositories
            .iter()
            .zip(&lacks)
            .filter(|(_, lacks)| lacks.contains(&lack))
            .map(|(repo, _)| repo.name.clone())
            .collect();
        if without.len() == repositories.len() {
            lack.narrow(&mut effective);
        }
        if !without.is_empty() || repositories.is_empty() {
            missing.extend(lack.missing(&site.scope.owner, &without));
        }
    }
    let server =
        version.map_or_else(|| "GitHub".into(), |version| format!("GitHub Enterprise Server {version}"));
    Ok(ServerInfo { who: user.login, server, effective, missing })
}

/// What a repository may lack for this account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    /// The account may not write, so it can neither dispatch nor cancel.
    Writing,
    /// Runs can't be read, so neither gates nor logs.
    Runs,
    /// Environments can't be read, so there are no stages to deploy to.
    Environments,
}

impl Lack {
    const ALL: [Self; 3] = [Self::Writing, Self::Runs, Self::Environments];

    fn narrow(self, effective: &mut Capabilities) {
        match self {
            Self::Writing => {
                effective.build_choice = BuildChoice::None;
                effective.cancel = Cancel::None;
                effective.retry_stage = false;
            }
            Self::Runs => {
                effective.gate_scope = GateScope::None;
                effective.gate_reject = false;
                effective.logs = Logs::LinkOnly;
            }
            Self::Environments => effective.build_choice = BuildChoice::None,
        }
    }

    fn missing(self, owner: &str, repositories: &[String]) -> Vec<Missing> {
        let (capabilities, lacks, next_step): (&[&str], _, _) = match self {
            Self::Writing => (
                &["build_choice", "cancel", "retry_stage"],
                "this account may not write to",
                "ask for the Write role there, and give the token Actions: read and write",
            ),
            Self::Runs => (
                &["gate_scope", "gate_reject", "logs"],
                "this token can't read the runs of",
                "give the token Actions: read for these repositories",
            ),
            Self::Environments => (
                &["build_choice"],
                "this token can't read the environments of",
                "give the token Environments: read and Actions: read, and make environments in the settings",
            ),
        };
        let why = match repositories {
            [] => format!("the token reaches no repository of {owner} that the connection names"),
            named => format!("{lacks} {}", named.join(", ")),
        };
        let missing = |capability: &&str| Missing {
            capability: (*capability).into(),
            why: why.clone(),
            next_step: next_step.into(),
        };
        capabilities.iter().map(missing).collect()
    }
}

async fn lacking(site: &Site, repo: &Repo) -> Result<Vec<Lack>, RemoteError> {
    let mut lacks = Vec::new();
    let writes = match site.repository(repo).await {
        Ok(repository) => repository.permissions.is_none_or(|permissions| permissions.push),
        Err(error) => !is_withheld(error)?,
    };
    if !writes {
        lacks.push(Lack::Writing);
    }
    if let Err(error) = site.workflows(repo).await
        && is_withheld(error)?
    {
        lacks.push(Lack::Runs);
    }
    match site.environments(repo).await {
        Ok(found) if found.is_empty() => lacks.push(Lack::Environments),
        Ok(_) => {}
        Err(error) => {
            if is_withheld(error)? {
                lacks.push(Lack::Environments);
            }
        }
    }
    Ok(lacks)
}

/// What a token may not see is not found, by GitHub's rule for private repositories.
fn is_withheld(error: RemoteError) -> Result<bool, RemoteError> {
    match error {
        RemoteError::Forbidden { .. } | RemoteError::NotFound(_) => Ok(true),
        other => Err(other),
    }
}
