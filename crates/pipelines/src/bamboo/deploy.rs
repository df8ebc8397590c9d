//! Promotions and approvals. Bamboo keeps nothing of ours: what was lost is matched by version, environment,
//! account and time.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;

use super::session::{Bamboo, Site, number};
use super::stages::Demand;
use super::wire::{Deployment, Statuses, Triggered, Version};
use crate::blockers::Blockers;
use crate::http::Call;
use crate::{
    Decision, GateHandle, Mechanism, Preflight, PromotionPlan, Proof, Reconciled, RemoteError, RunId,
    Submission, Verdict, WriteError,
};

/// How many versions are looked through for the one that is to be deployed.
const VERSIONS: usize = 1_000;

impl Bamboo {
    pub(super) async fn examine(&self, plan: &PromotionPlan) -> Result<Preflight, RemoteError> {
        let site = self.site(&plan.pipeline).await?;
        let blockers = self.blockers(plan, &site).await?;
        let environment = site.environment(&plan.to).map(|(_, environment)| environment.name.as_str());
        Ok(Preflight {
            allowed: blockers.reasons().is_empty(),
            blockers: blockers.reasons().to_vec(),
            will_do: vec![format!(
                "POST {} to deploy the release {} to {}",
                self.trigger(plan).map_or_else(
                    || "/queue/deployment".into(),
                    |url| { format!("{}?{}", url.path(), url.query().unwrap_or_default()) }
                ),
                plan.label,
                environment.unwrap_or(plan.to.as_str()),
            )],
            mechanism: Mechanism::DeployVersion,
        })
    }

    fn trigger(&self, plan: &PromotionPlan) -> Option<url::Url> {
        let environment = number(plan.to.as_str())?.to_string();
        let version = number(plan.build.as_str())?.to_string();
        let query = [("environmentId", environment.as_str()), ("versionId", version.as_str())];
        Some(self.at(&["queue", "deployment"], &query))
    }

    async fn blockers(&self, plan: &PromotionPlan, site: &Site) -> Result<Blockers, RemoteError> {
        let mut blockers = Blockers::default();
        let versions = self.versions(site.project.id, VERSIONS).await?;
        let version = versions.iter().find(|version| version.id.to_string() == plan.build.as_str());
        match version {
            None => blockers.note(
                "promotion.unknown-build",
                plan.build.as_str(),
                "The deployment project has no such release.",
                "Choose one of its releases.",
            ),
            Some(version) if version.name != plan.label => blockers.note(
                "promotion.label",
                plan.build.as_str(),
                format!("The release is called {} by now.", version.name),
                "Look at the release again and decide anew.",
            ),
            Some(_) => {}
        }
        blockers.no_digests(plan, "Bamboo");
        for name in plan.parameters.keys() {
            blockers.note(
                "promotion.missing-parameter",
                name,
                "A deployment in Bamboo takes no parameters.",
                "Leave it out.",
            );
        }
        let Some((at, environment)) = site.environment(&plan.to) else {
            blockers.note(
                "promotion.unknown-stage",
                plan.to.as_str(),
                "The deployment project has no such environment.",
                "Choose one of its environments.",
            );
            return Ok(blockers);
        };
        if environment.operations.allowed_to_execute == Some(false) {
            blockers.note(
                "promotion.permission",
                &environment.name,
                "This account may not deploy to the environment.",
                "Ask for the permission to deploy on this environment.",
            );
        }
        if environment.suspended {
            blockers.note(
                "promotion.disabled",
                &environment.name,
                "The environment is suspended.",
                "Let it go on in Bamboo.",
            );
        }
        if let Some(version) = version {
            self.approval(version, environment.demand(), &environment.name, &mut blockers).await?;
        }
        let states = site.states();
        if let Some(state) = states.get(at) {
            if let Some(run) = &state.running {
                blockers.busy(plan, &format!("Deployment {run}"));
            }
            blockers.compare(plan, state.occupant.as_ref());
        }
        Ok(blockers)
    }

    async fn approval(
        &self,
        version: &Version,
        demand: Demand,
        environment: &str,
        blockers: &mut Blockers,
    ) -> Result<(), RemoteError> {
        if demand == Demand::Nothing {
            return Ok(());
        }
        let statuses = self.statuses(version.id).await?;
        match demand {
            Demand::Approved if !statuses.is("Approved") => blockers.note(
                "promotion.not-approved",
                environment,
                format!(
                    "The environment takes approved releases only, and {} is not approved.",
                    version.name
                ),
                "Approve the release first.",
            ),
            Demand::NotBroken if statuses.is("Broken") => blockers.note(
                "promotion.broken",
                environment,
                format!(
                    "The environment takes no broken releases, and {} is marked as broken.",
                    version.name
                ),
                "Choose another release.",
            ),
            Demand::Approved | Demand::NotBroken | Demand::Nothing => {}
        }
        Ok(())
    }

    pub(super) async fn start(&self, plan: &PromotionPlan) -> Result<Submission, WriteError> {
        let site = self.site(&plan.pipeline).await?;
        self.blockers(plan, &site).await?.refusal()?;
        let missing = || RemoteError::NotFound(format!("build {}", plan.build));
        let url = self.trigger(plan).ok_or_else(missing)?;
        let answer = self.http.accepted(self.http.send(Call::post(url)).await?)?;
        let triggered: Triggered = self.http.answered(&answer)?;
        let run = RunId::new(triggered.deployment_result_id.to_string());
        Ok(Submission {
            run: Some(run),
            accepted_at: answer.at,
            proof: Proof::ServerSaid,
            request_id: answer.request_id(),
        })
    }

    pub(super) async fn read_back(
        &self,
        plan: &PromotionPlan,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let me = self.me().await?;
        let project = self.project(&plan.pipeline).await?;
        let known = |id: &u64| project.environments.iter().any(|environment| environment.id == *id);
        let Some(environment) = number(plan.to.as_str()).filter(known) else {
            return Err(RemoteError::NotFound(format!("stage {}", plan.to)));
        };
        // The queue first: what leaves it meanwhile is among the environment's deployments.
        let mut queued: Vec<Deployment> = Vec::new();
        for id in self.queue().await? {
            match self.deployment(&RunId::new(id.to_string()), false).await {
                Ok(deployment) if deployment.environment.id == environment => queued.push(deployment),
                Ok(_) | Err(RemoteError::NotFound(_) | RemoteError::Forbidden { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let (mut found, ahead) = self.deployments(environment).await?;
        let complete = found.len() < super::session::LOOK_BACK;
        let oldest = found.last().and_then(Deployment::asked);
        found.extend(
            queued
                .into_iter()
                .filter(|queued| !found.iter().any(|one| one.id == queued.id))
                .collect::<Vec<_>>(),
        );
        // Their clock, with a second for its rounding.
        let since = sent_at + ahead - TimeDelta::seconds(1);
        let candidates: Vec<&Deployment> = found
            .iter()
            .filter(|deployment| deployment.build() == plan.build)
            .filter(|deployment| deployment.asked().is_none_or(|asked| asked >= since))
            .filter(|deployment| deployment.started_by(&me.name) != Some(false))
            .collect();
        let still = |evidence: String| Ok(Reconciled::StillUnknown { evidence });
        match candidates.as_slice() {
            [one] if one.started_by(&me.name) == Some(true) && one.asked().is_some() => {
                Ok(Reconciled::Applied(Submission {
                    run: Some(one.run()),
                    accepted_at: one.asked().unwrap_or(sent_at),
                    proof: Proof::ReadBack,
                    request_id: None,
                }))
            }
            [one] => {
                still(format!("Deployment {} may be it, but Bamboo doesn't say who started it.", one.id))
            }
            [] if !complete && oldest.is_none_or(|oldest| oldest >= since) => {
                still("Bamboo lists no deployments of that time.".into())
            }
            [] if self.http.now() - sent_at < self.shown_after => {
                still("Neither the queue nor the environment shows it yet.".into())
            }
            [] => Ok(Reconciled::NotApplied),
            several => {
                let ids: Vec<String> = several.iter().map(|one| one.id.to_string()).collect();
                still(format!("Any of the deployments {} may be it.", ids.join(", ")))
            }
        }
    }

    pub(super) async fn decide(
        &self,
        gate: &GateHandle,
        decision: &Decision,
    ) -> Result<Submission, WriteError> {
        let version = sealed(gate)?;
        if version.to_string() != decision.expect_build.as_str() {
            let detail = format!("the gate holds the version {version}, and another one was seen");
            return Err(RemoteError::Stale { detail }.into());
        }
        let statuses = self.statuses(version).await?;
        for (state, verdict) in [("Approved", Verdict::Approve), ("Broken", Verdict::Reject)] {
            if statuses.is(state) {
                return Err(
                    RemoteError::AlreadyDecided { by: by(&statuses, state), verdict: Some(verdict) }.into()
                );
            }
        }
        let id = version.to_string();
        let url = self.at(&["deploy", "version", &id, "status", request_of(decision.verdict)], &[]);
        let answer = self.http.accepted(self.http.send(Call::new(Method::POST, url)).await?)?;
        // With several approvers the version may go on waiting: our own state is what was asked for.
        let read = self.statuses(version).await;
        let shown = read.is_ok_and(|statuses| statuses.is_mine(request_of(decision.verdict)));
        Ok(Submission {
            run: None,
            accepted_at: answer.at,
            proof: if shown { Proof::ReadBack } else { Proof::Pending },
            request_id: answer.request_id(),
        })
    }

    pub(super) async fn read_back_gate(
        &self,
        gate: &GateHandle,
        decision: &Decision,
        sent_at: DateTime<Utc>,
    ) -> Result<Reconciled, RemoteError> {
        let statuses = self.statuses(sealed(gate)?).await?;
        if statuses.is_mine(request_of(decision.verdict)) {
            return Ok(Reconciled::Applied(Submission {
                run: None,
                accepted_at: self.http.now(),
                proof: Proof::ReadBack,
                request_id: None,
            }));
        }
        if self.http.now() - sent_at < self.shown_after {
            return Ok(Reconciled::StillUnknown { evidence: "The release doesn't show it yet.".into() });
        }
        Ok(Reconciled::NotApplied)
    }
}

/// How the request spells a verdict; the answers' spelling differs only in its case.
fn request_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "APPROVED",
        Verdict::Reject => "BROKEN",
    }
}

fn by(statuses: &Statuses, state: &str) -> Option<String> {
    let own = |status: &&super::wire::UserStatus| status.version_state.eq_ignore_ascii_case(state);
    let found = statuses.statuses.iter().find(own)?;
    Some(found.user_name.chars().take(100).collect())
}

/// Opens a handle: the version and the environment before which it waits.
fn sealed(gate: &GateHandle) -> Result<u64, RemoteError> {
    let opened = gate.open().split_once(' ').and_then(|(version, environment)| {
        number(environment)?;
        number(version)
    });
    opened.ok_or_else(|| RemoteError::NotFound("the gate".into()))
}
