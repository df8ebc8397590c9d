//! Says what pipelines do by themselves, what they are answered, and what nothing explains.

use super::{Say, because};
use crate::view::words::capital;
use signalbox_domain::fact::Fact;
use signalbox_domain::line::Outcome;

impl Say<'_> {
    /// Says a fact about gated stages; nothing for any other.
    pub(super) fn gated(&self, fact: &Fact, who: &str) -> String {
        match fact {
            Fact::DeploymentObserved { build, service, stage, connection, pipeline: _, run: _ } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                format!("{} began to deploy {what} to {place} by itself", self.connection(connection))
            }
            Fact::GateAnswerIntended {
                build,
                service,
                stage: _,
                approve,
                gate,
                connection,
                pipeline: _,
                by,
                comment,
            } => {
                let act = if *approve { "approve" } else { "reject" };
                format!(
                    "{} is told to {act} {} at its gate {gate}, on the word of {}{}",
                    self.connection(connection),
                    self.build(build, service),
                    self.person(by),
                    because(comment)
                )
            }
            Fact::GateAnswerEnded { answer: _, build, service, stage, outcome, detail } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                let how = match outcome {
                    Outcome::Succeeded => "arrived",
                    Outcome::Failed => "was refused",
                    Outcome::NotDone => "was never given",
                    Outcome::Unknown => "may have arrived; nobody knows yet",
                };
                let found = if self.by_machine() { String::new() } else { format!("{who} found out: ") };
                capital(&format!(
                    "{found}the answer for {what} at the gate of {place} {how}{}",
                    because(detail)
                ))
            }
            Fact::ChangeUnexplained { service, product: _, stage, build, found, detail } => {
                let what = build.as_ref().map_or_else(|| found.clone(), |build| self.build(build, service));
                format!(
                    "{what} stands in {} of {}, and the register can't explain it{}",
                    self.stage_of(service, stage),
                    self.service(service),
                    because(detail)
                )
            }
            Fact::ChangeExplained { change: _, service, stage, reason } => format!(
                "{who} explained what was found in {} of {}{}",
                self.stage_of(service, stage),
                self.service(service),
                because(reason)
            ),
            _ => String::new(),
        }
    }
}
