//! Who the token acts as, and what it and the server's tier allow.

use serde::Deserialize;
use serde_json::Value;

use super::id::Project;
use super::{GitLab, capabilities};
use crate::http::Call;
use crate::{BuildChoice, Cancel, GateScope, Missing, PipelineQuery, RemoteError, ServerInfo, TextRule};

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    scopes: Vec<String>,
}

impl GitLab {
    pub(super) async fn look_at_server(&self) -> Result<ServerInfo, RemoteError> {
        let me = self.me().await?;
        let version = match self.http.get::<Version>(self.url(&["version"], &[])).await {
            Ok(known) => format!("GitLab {}", known.version),
            // A token of a narrow role may not see it.
            Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => "GitLab".to_owned(),
            Err(error) => return Err(error),
        };
        let mut effective = capabilities();
        let mut missing = Vec::new();
        if self.only_reads().await? {
            effective.build_choice = BuildChoice::None;
            effective.gate_scope = GateScope::None;
            effective.gate_reject = false;
            effective.cancel = Cancel::None;
            effective.retry_stage = false;
            effective.roll_back = false;
            for capability in
                ["build_choice", "gate_scope", "gate_reject", "cancel", "retry_stage", "roll_back"]
            {
                missing.push(Missing {
                    capability: capability.into(),
                    why: "the token may only read".into(),
                    next_step: "create a token with the scope api, for an account that may deploy".into(),
                });
            }
        } else if let Some(why) = self.lacks_approvals().await? {
            effective.gate_reject = false;
            effective.gate_comment = TextRule::Unsupported;
            effective.gate_multi_approver = false;
            effective.gate_self_approval_may_be_refused = false;
            for capability in
                ["gate_reject", "gate_comment", "gate_multi_approver", "gate_self_approval_may_be_refused"]
            {
                missing.push(Missing {
                    capability: capability.into(),
                    why: why.into(),
                    next_step: "deployment approvals come with GitLab Premium and Ultimate; until then gates are manual jobs, which can be started and not rejected".into(),
                });
            }
        }
        let who = me.name.as_ref().map(|name| format!("{name} (@{})", me.username));
        Ok(ServerInfo {
            who: who.unwrap_or_else(|| format!("@{}", me.username)),
            server: version,
            effective,
            missing,
        })
    }

    async fn only_reads(&self) -> Result<bool, RemoteError> {
        match self.http.get::<Token>(self.url(&["personal_access_tokens", "self"], &[])).await {
            Ok(token) => Ok(!token.scopes.is_empty() && !token.scopes.iter().any(|scope| scope == "api")),
            // Other kinds of tokens can't be asked.
            Err(
                RemoteError::Forbidden { .. }
                | RemoteError::NotFound(_)
                | RemoteError::Auth { .. }
                | RemoteError::Invalid { .. },
            ) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says why there are no deployment approvals, judged by the first project of the connection.
    async fn lacks_approvals(&self) -> Result<Option<&'static str>, RemoteError> {
        let projects = self.projects(&PipelineQuery::default(), None, "1").await?;
        let Some(project) = projects.items.first() else {
            return Ok(Some("this account sees no project"));
        };
        let project = Project::of(&project.id)?;
        // GitLab shows this setting only where the tier has deployment approvals.
        let about: Value = self.http.get(self.of_project(&project, &[], &[])).await?;
        if about.get("allow_pipeline_trigger_approve_deployment").is_some() {
            return Ok(None);
        }
        let url = self.of_project(&project, &["protected_environments"], &[("per_page", "1")]);
        match self.http.read(Call::get(url)).await {
            Ok(_) => Ok(None),
            Err(RemoteError::Forbidden { .. } | RemoteError::NotFound(_)) => {
                Ok(Some("the tier of this GitLab has no deployment approvals"))
            }
            Err(error) => Err(error),
        }
    }
}
