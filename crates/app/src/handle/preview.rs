//! How a promotion would be carried out: the exact remote calls, before anything is sent.

use crate::deploy::plan_of;
use crate::desk::Desk;
use crate::systems::reason_of;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::promotion_blockers;
use signalbox_domain::line::DeploymentKind;
use signalbox_domain::product::{Connection, Way};
use signalbox_pipelines::{Mechanism, Preflight, PromotionPlan, sanitise};
use std::time::Duration;

/// How long the sheet waits for the system; it stays usable meanwhile.
const PREFLIGHT_LIMIT: Duration = Duration::from_secs(12);

impl Desk {
    pub(crate) fn promotion_preview(&self, request: PromotionPreview) -> Result<PreviewView, WireError> {
        let (state, build, stage) = self.sheet(&request.build, &request.stage)?;
        let value = state.builds.get(&build).ok_or_else(|| WireError::unknown("build"))?;
        let step = state.stage_of(value, &stage).ok_or_else(|| WireError::unknown("stage"))?;
        let reasons: Vec<Reason> =
            promotion_blockers(&state, value, step).into_iter().map(Reason::from).collect();
        let now = state.block(&value.service, &stage).deployed;
        let now =
            now.and_then(|now| state.builds.get(&now)).map(|now| view::common::build_brief(&state, now));
        let by_hand = PreviewView {
            allowed: reasons.is_empty(),
            reasons,
            system: "by hand".to_owned(),
            account: String::new(),
            mechanism: "No pipeline deploys to this stage; people do, and record it here.".to_owned(),
            will_do: vec![format!("Record that {} is in {}.", value.content.label, step.name)],
            now,
        };
        let Some((bound, way)) =
            state.binding(&value.service).and_then(|bound| Some((bound, bound.way(&stage)?)))
        else {
            return Ok(by_hand);
        };
        let connection =
            state.connections.get(&bound.connection).ok_or_else(|| WireError::unknown("connection"))?;
        let bare = PreviewView { system: connection.name.clone(), will_do: Vec::new(), ..by_hand };
        if way == Way::Gated {
            let then = match bound.gate_of(&stage) {
                Some(gate) => format!("The verdict here answers its gate {}.", sanitise(gate)),
                None => "Signalbox observes it.".to_owned(),
            };
            let mechanism = format!("{} brings builds here by itself. {then}", connection.name);
            return Ok(PreviewView { mechanism, ..bare });
        }
        let plan = plan_of(&state, value, &stage, &bound.pipeline, DeploymentKind::Forward);
        Ok(match self.preflight(connection, &plan) {
            Ok((account, preflight)) => told(bare, account, preflight),
            Err(error) => {
                let mut reasons = bare.reasons;
                reasons.push(reason_of(&error));
                PreviewView {
                    allowed: false,
                    reasons,
                    mechanism:
                        "It is not known how this would be carried out, because the system gave no answer."
                            .to_owned(),
                    ..bare
                }
            }
        })
    }

    /// Asks a system what a promotion would do, and once who we are there.
    fn preflight(
        &self,
        connection: &Connection,
        plan: &PromotionPlan,
    ) -> Result<(String, Preflight), WireError> {
        let system = self.system(&connection.id, &connection.kind)?;
        let known = self.systems.account(&connection.id);
        let asked = self.wait_within(PREFLIGHT_LIMIT, async {
            match known {
                Some(account) => Ok((account, system.preflight(plan).await?)),
                None => {
                    let (info, preflight) = tokio::join!(system.probe(), system.preflight(plan));
                    // Who we are there is said where it is known; it decides nothing.
                    Ok((info.map(|info| info.who).unwrap_or_default(), preflight?))
                }
            }
        });
        let (account, preflight) = asked?;
        if !account.is_empty() {
            self.systems.remember_account(&connection.id, &account);
        }
        Ok((account, preflight))
    }
}

fn told(bare: PreviewView, account: String, preflight: Preflight) -> PreviewView {
    let mut reasons = bare.reasons;
    reasons.extend(preflight.blockers.iter().map(|reason| Reason {
        code: reason.code.to_owned(),
        sentence: sanitise(&reason.sentence).into_owned(),
        next_step: reason.next_step.clone(),
    }));
    PreviewView {
        allowed: reasons.is_empty() && preflight.allowed,
        reasons,
        account: sanitise(&account).into_owned(),
        mechanism: mechanism(preflight.mechanism).to_owned(),
        will_do: preflight.will_do.iter().map(|step| sanitise(step).into_owned()).collect(),
        ..bare
    }
}

fn mechanism(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::RunCommands => "Runs the commands of pipeline.toml on this machine.",
        Mechanism::AnswerGate => "Answers the gate that holds the build.",
        Mechanism::StartRun => "Starts a run that takes the build as an input.",
        Mechanism::StartRunAtRevision => "Starts a run at the build's source revision.",
        Mechanism::PlayJob => "Plays the waiting job of the build's own run.",
        Mechanism::DeployVersion => "Deploys a version that the system keeps.",
        Mechanism::RollbackStage => "Uses the system's own roll-back.",
        Mechanism::CreateDeploymentRecord => "Records a deployment that something else carries out.",
    }
}
