//! Mirrors of the small values that many answers share.
//!
//! Structs are taken apart field by field and enums variant by variant, so that nothing new in the domain
//! crosses, or is forgotten, by accident.

use crate::wire::{
    self, ActState, BuildBrief, DeploymentState, PersonBrief, ProductBrief, Reason, RoleView, ServiceBrief,
    StageBrief,
};
use signalbox_domain::feature::FeatureState;
use signalbox_domain::id::{PersonId, RoleKey, ServiceId};
use signalbox_domain::issue::Severity;
use signalbox_domain::line::{Build, ItemState, Meaning, Outcome};
use signalbox_domain::person::{Person, role_name};
use signalbox_domain::process::Stage;
use signalbox_domain::product::{Product, Service};
use signalbox_domain::refusal::Blocker;
use signalbox_domain::release::StepState;
use signalbox_domain::state::State;

/// A role with its name.
pub fn role_view(role: &RoleKey) -> RoleView {
    RoleView { key: role.to_string(), name: role_name(role) }
}

/// A person without the keys.
pub fn person_brief(person: &Person) -> PersonBrief {
    let Person { id, handle, name, roles, keys: _, machine } = person;
    PersonBrief {
        id: id.to_string(),
        handle: handle.clone(),
        name: name.clone(),
        roles: roles.iter().map(role_view).collect(),
        machine: *machine,
    }
}

/// A person by id; an unknown one is called by the id.
pub fn person_called(state: &State, id: &PersonId) -> PersonBrief {
    state.people.get(id).map_or_else(
        || PersonBrief {
            id: id.to_string(),
            handle: id.to_string(),
            name: id.to_string(),
            roles: Vec::new(),
            machine: false,
        },
        person_brief,
    )
}

/// A product with its services.
pub fn product_brief(product: &Product) -> ProductBrief {
    let Product {
        id,
        key,
        name,
        services,
        strategy,
        strategy_latest: _,
        issues: _,
        releases_finished: _,
        releasing: _,
    } = product;
    ProductBrief {
        id: id.to_string(),
        key: key.clone(),
        name: name.clone(),
        services: services.iter().map(service_brief).collect(),
        strategy: *strategy,
    }
}

/// A service without its pipeline.
pub fn service_brief(service: &Service) -> ServiceBrief {
    let Service { id, name, pipeline: _ } = service;
    ServiceBrief { id: id.to_string(), name: name.clone() }
}

/// A service by id; an unknown one is called by the id.
pub fn service_called(state: &State, id: &ServiceId) -> ServiceBrief {
    state.service(id).map_or_else(
        || ServiceBrief { id: id.to_string(), name: id.to_string() },
        |(_, service)| service_brief(service),
    )
}

/// A build with the name of its service.
pub fn build_brief(state: &State, build: &Build) -> BuildBrief {
    BuildBrief {
        id: build.id.to_string(),
        label: build.content.label.clone(),
        commit: build.content.commit.clone(),
        service: build.service.to_string(),
        service_name: service_called(state, &build.service).name,
    }
}

/// A stage by key and name.
pub fn stage_brief(stage: &Stage) -> StageBrief {
    StageBrief { key: stage.key.to_string(), name: stage.name.clone() }
}

/// A blocker as a reason.
pub fn reason(blocker: &Blocker) -> Reason {
    let Blocker { code, sentence, next_step } = blocker;
    Reason { code: code.clone(), sentence: sentence.clone(), next_step: next_step.clone() }
}

/// An act that is possible in these roles, or all the reasons why it is not.
pub fn act_state(blockers: Vec<Blocker>, roles: Vec<RoleKey>) -> ActState {
    ActState {
        allowed: blockers.is_empty(),
        reasons: blockers.iter().map(reason).collect(),
        roles: roles.iter().map(role_view).collect(),
    }
}

/// How a remote execution stands.
pub fn deployment_state(outcome: Option<Outcome>) -> DeploymentState {
    match outcome {
        None => DeploymentState::Running,
        Some(Outcome::Succeeded) => DeploymentState::Succeeded,
        Some(Outcome::Failed) => DeploymentState::Failed,
        Some(Outcome::NotDone) => DeploymentState::NotDone,
        Some(Outcome::Unknown) => DeploymentState::Unknown,
    }
}

/// The outcome that a state stands for; none while it runs.
pub fn outcome(state: &DeploymentState) -> Option<Outcome> {
    match state {
        DeploymentState::Running => None,
        DeploymentState::Succeeded => Some(Outcome::Succeeded),
        DeploymentState::Failed => Some(Outcome::Failed),
        DeploymentState::NotDone => Some(Outcome::NotDone),
        DeploymentState::Unknown => Some(Outcome::Unknown),
    }
}

macro_rules! mirror {
    ($($domain:ty => $wire:ty { $($variant:ident)* })*) => {$(
        impl From<$domain> for $wire {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$variant => Self::$variant,)*
                }
            }
        }

        impl From<$wire> for $domain {
            fn from(value: $wire) -> Self {
                match value {
                    $(<$wire>::$variant => Self::$variant,)*
                }
            }
        }
    )*};
}

mirror! {
    Meaning => wire::Meaning { Approval Review Responsibility }
    ItemState => wire::ItemState { Open Done NotApplicable }
    StepState => wire::StepState { Open Doing Blocked Done NotApplicable }
    FeatureState => wire::FeatureState { Requested InBranch BranchTested Reviewed Merged InStaging InProduction }
    Severity => wire::Severity { Low Medium High }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_cross_in_both_directions() {
        let all = [
            None,
            Some(Outcome::Succeeded),
            Some(Outcome::Failed),
            Some(Outcome::NotDone),
            Some(Outcome::Unknown),
        ];
        for known in all {
            assert_eq!(outcome(&deployment_state(known)), known);
        }
    }

    #[test]
    fn an_act_without_blockers_is_allowed_and_one_with_some_tells_them_all() {
        let blockers = vec![Blocker::new("a", "A.", "Do a."), Blocker::new("b", "B.", "Do b.")];
        let refused = act_state(blockers, Vec::new());
        assert!(!refused.allowed);
        assert_eq!(refused.reasons.len(), 2);
        assert!(act_state(Vec::new(), vec!["tester".into()]).allowed);
    }
}
