//! Binding a service to its pipeline, stage by stage in one of two ways: driven or gated.

use super::{Work, text_blocker};
use crate::fact::Fact;
use crate::id::{BuildId, ConnectionId, ServiceId, StageKey};
use crate::process::Entry;
use crate::product::{Binding, StageBinding, Way};
use crate::refusal::{Blocker, Refusal};

impl Work<'_> {
    pub(super) fn bind(
        &mut self,
        service: ServiceId,
        connection: ConnectionId,
        pipeline: String,
        stages: Vec<String>,
        mapped: Vec<StageBinding>,
    ) -> Result<(), Refusal> {
        let mut blockers = Vec::new();
        blockers.extend(
            self.role_blocker(&["administrator", "operations", "release-manager"], "Binding a service"),
        );
        blockers.extend(text_blocker(&pipeline, "pipeline.name-empty", "The pipeline's name"));
        if !self.state.connections.contains_key(&connection) {
            blockers.push(Blocker::new(
                "connection.unknown",
                "There is no such connection.",
                "Add the connection first.",
            ));
        }
        let product = match self.state.service(&service) {
            Some((product, _)) => Some(product.id.clone()),
            None => {
                blockers.push(Blocker::new(
                    "service.unknown",
                    "There is no such service.",
                    "Add the service to the product.",
                ));
                None
            }
        };
        blockers.extend(self.mapping_blockers(&service, &stages, &mapped));
        Refusal::unless_empty(blockers)?;
        if let Some(product) = product {
            let before = self.state.binding(&service).cloned();
            self.record(Fact::ServiceBound {
                service: service.clone(),
                product,
                connection,
                pipeline,
                stages,
                mapped,
            });
            self.take_over(&service, before.as_ref());
        }
        Ok(())
    }

    /// Everything that is wrong with how single stages are bound.
    fn mapping_blockers(
        &self,
        service: &ServiceId,
        stages: &[String],
        mapped: &[StageBinding],
    ) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        let process = self.state.process_in_force(service);
        for (at, binding) in mapped.iter().enumerate() {
            let (stage, before) = (&binding.stage, &mapped[..at]);
            let listed = stages.iter().any(|known| known == stage.as_str());
            if process.is_some_and(|process| process.stage(stage).is_none()) {
                blockers.push(Blocker::new(
                    "stage.unknown",
                    format!("There is no stage {stage} on this line."),
                    "Bind a stage of the process.",
                ));
            }
            if before.iter().any(|known| known.stage == *stage) {
                blockers.push(Blocker::new(
                    "binding.stage-twice",
                    format!("{stage} is bound twice."),
                    "Bind each stage once.",
                ));
            }
            match binding.way {
                Way::Driven if !listed => blockers.push(Blocker::new(
                    "binding.not-deployable",
                    format!("{stage} is to be driven, but the pipeline does not deploy to it."),
                    "List it among the pipeline's stages, or bind it as gated.",
                )),
                Way::Gated if listed => blockers.push(Blocker::new(
                    "binding.both-ways",
                    format!("{stage} is to be driven and gated."),
                    "Choose one of the two ways.",
                )),
                Way::Driven | Way::Gated => {}
            }
            blockers.extend(text_blocker(
                &binding.remote,
                "binding.remote-empty",
                &format!("What {stage} is called there"),
            ));
            if let Some(gate) = &binding.gate {
                if binding.way == Way::Driven {
                    blockers.push(Blocker::new(
                        "binding.gate-on-driven",
                        format!("{stage} is driven, so no gate there is answered for it."),
                        "Leave the gate out, or bind the stage as gated.",
                    ));
                }
                if gate.trim().is_empty() {
                    blockers.push(Blocker::new(
                        "binding.gate-empty",
                        format!("The gate that {stage} answers has no name."),
                        "Name the gate, or leave it out.",
                    ));
                } else if before.iter().any(|known| known.gate.as_ref() == Some(gate)) {
                    blockers.push(Blocker::new(
                        "binding.gate-twice",
                        format!("The gate {gate} is answered by two stages."),
                        "Let one stage answer it.",
                    ));
                }
            }
        }
        let same = |at: usize, remote: &str| mapped[..at].iter().any(|known| known.remote == remote);
        let as_is = |remote: &str| {
            stages.iter().any(|known| known == remote)
                && !mapped.iter().any(|known| known.stage.as_str() == remote)
        };
        for (at, binding) in mapped.iter().enumerate() {
            let remote = binding.remote.as_str();
            if !remote.trim().is_empty() && (same(at, remote) || as_is(remote)) {
                blockers.push(Blocker::new(
                    "binding.remote-twice",
                    format!("Two stages are bound to {remote}."),
                    "Bind each of them to a stage of its own there.",
                ));
            }
        }
        blockers
    }

    /// Lets the line take over stages that were gated and no longer are: what would have been brought next is a
    /// candidate now; what the system passed over stays where it is.
    fn take_over(&mut self, service: &ServiceId, before: Option<&Binding>) {
        let Some(process) = self.state.process_in_force(service).cloned() else { return };
        let was = |stage: &StageKey| before.is_some_and(|before| before.way(stage) == Some(Way::Gated));
        for stage in process.on_path().filter(|stage| stage.entry == Entry::Automatic && was(&stage.key)) {
            let builds = self.state.builds_of(service);
            let newest = builds.iter().filter(|build| build.standings.contains_key(&stage.key));
            let newest = newest.map(|build| build.number).max().unwrap_or_default();
            let due: Vec<BuildId> = builds
                .iter()
                .filter(|build| build.number > newest && build.rejected_at().is_none())
                .map(|build| build.id.clone())
                .collect();
            for build in due {
                self.candidate(&build, std::slice::from_ref(stage));
            }
        }
        self.settle(service);
    }
}
