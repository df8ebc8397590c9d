//! Vetoes: a build goes nowhere any more, whatever it passed (R6).

use super::{Work, text_blocker};
use crate::decide::veto_blocker;
use crate::fact::Fact;
use crate::gate::deciding_roles;
use crate::id::{BuildId, RoleKey};
use crate::line::Build;
use crate::person::role_name;
use crate::refusal::{Blocker, Refusal};

impl Work<'_> {
    pub(super) fn veto(&mut self, build: BuildId, reason: String) -> Result<(), Refusal> {
        let Some(value) = self.state.builds.get(&build) else {
            return Err(Refusal::one("build.unknown", "There is no such build.", "Look at the line again."));
        };
        let service = value.service.clone();
        let mut blockers: Vec<Blocker> = veto_blocker(&self.state, value).into_iter().collect();
        blockers.extend(text_blocker(&reason, "veto.reason-empty", "The reason for the veto"));
        blockers.extend(self.vetoer_blocker(value));
        Refusal::unless_empty(blockers)?;
        self.record(Fact::BuildVetoed { build, service: service.clone(), reason });
        self.settle(&service);
        Ok(())
    }

    /// A release manager, or whoever may decide one of the build's stages.
    fn vetoer_blocker(&self, build: &Build) -> Option<Blocker> {
        let mut roles: Vec<RoleKey> = vec!["release-manager".into()];
        let stages = self.state.process_of(build).into_iter().flat_map(|process| &process.stages);
        roles.extend(stages.flat_map(deciding_roles));
        if roles.contains(&self.context.role) {
            return None;
        }
        roles.sort();
        roles.dedup();
        let names: Vec<String> = roles.iter().map(role_name).collect();
        Some(Blocker::new(
            "person.role-needed",
            format!("A veto takes the role {}.", names.join(" or ")),
            "Act in that role, or ask someone who holds it.",
        ))
    }
}
