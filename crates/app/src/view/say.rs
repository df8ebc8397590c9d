//! Says every fact in one plain sentence, for the register, exports and search.
//!
//! Names come from the state; what it does not hold is called by its id.

mod gated;
mod product_release;

use super::words::{capital, join};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{
    BuildId, ConnectionId, FeatureKey, IssueId, PersonId, ProductId, ReleaseId, RoleKey, ServiceId, StageKey,
    StepId,
};
use signalbox_domain::issue::Lesson;
use signalbox_domain::line::{Admitted, DeploymentKind, ItemState, Meaning, Outcome};
use signalbox_domain::person::role_name;
use signalbox_domain::product::Way;
use signalbox_domain::release::{Release, StepState};
use signalbox_domain::state::State;

/// Says who did what, in one sentence.
pub fn sentence(fact: &Fact, author: &PersonId, names: &State) -> String {
    let text = Say { names, author }.say(fact);
    if text.ends_with(['.', '!', '?', '…']) { text } else { text + "." }
}

struct Say<'a> {
    names: &'a State,
    author: &'a PersonId,
}

impl Say<'_> {
    fn say(&self, fact: &Fact) -> String {
        let who = self.person(self.author);
        match fact {
            Fact::LedgerOpened { name } => format!("{who} opened the ledger “{name}”"),
            Fact::PersonEnrolled { person: _, handle, name, roles, fingerprint: _, public: _, machine } => {
                if *machine {
                    format!("{who} let the machine {handle} sign")
                } else {
                    format!("{who} enrolled {name} as {}", self.roles(roles))
                }
            }
            Fact::RolesSet { person, roles, reason } => {
                format!("{who} made {} {}{}", self.person(person), self.roles(roles), because(reason))
            }
            Fact::KeyEnrolled { person, fingerprint, public: _ } => {
                format!("{who} enrolled the key {fingerprint} of {}", self.person(person))
            }
            Fact::KeyRevoked { person, fingerprint, reason } => {
                format!("{who} revoked the key {fingerprint} of {}{}", self.person(person), because(reason))
            }
            Fact::ProductCreated { product: _, key, name } => {
                format!("{who} created the product {name} ({key})")
            }
            Fact::ServiceAdded { product, service: _, name } => {
                format!("{who} added the service {name} to {}", self.product(product))
            }
            Fact::ConnectionAdded { connection: _, system, name } => {
                format!("{who} added the connection “{name}” ({system})")
            }
            Fact::ServiceBound { service, product: _, connection, pipeline, stages: _, mapped } => {
                let (name, connection) = (self.service(service), self.connection(connection));
                let gated: Vec<String> = mapped
                    .iter()
                    .filter(|mapped| mapped.way == Way::Gated)
                    .map(|mapped| self.stage_of(service, &mapped.stage))
                    .collect();
                let gated = if gated.is_empty() {
                    String::new()
                } else {
                    format!(", which itself brings builds into {}", join(&gated, "and"))
                };
                format!("{who} bound {name} to the pipeline {pipeline} on {connection}{gated}")
            }
            Fact::StrategyDrafted { product, version, content: _ } => {
                format!("{who} wrote strategy version {version} of {}", self.product(product))
            }
            Fact::StrategyCosigned { product, version, role, comment } => format!(
                "{who} agreed to strategy version {version} of {} as {}{}",
                self.product(product),
                role_name(role),
                because(comment)
            ),
            Fact::StrategyActivated { product, version } => {
                format!("{who} put strategy version {version} of {} in force", self.product(product))
            }
            Fact::BuildArrived {
                build: _,
                service,
                product: _,
                number: _,
                content,
                author: _,
                strategy: _,
            } => {
                let build = format!("{} {}", self.service(service), content.label);
                let carries: Vec<String> = content.features.iter().map(ToString::to_string).collect();
                let carries = if carries.is_empty() {
                    String::new()
                } else {
                    format!(" with {}", join(&carries, "and"))
                };
                if self.by_machine() {
                    format!("{build} arrived{carries}")
                } else {
                    format!("{who} recorded {build}{carries}")
                }
            }
            Fact::BuildQueued { build, service, stage } => {
                format!("{} waits before {}", self.build(build, service), self.stage(build, service, stage))
            }
            Fact::BuildSuperseded { build, service, stage, by } => format!(
                "{} no longer waits before {}: {} took its place",
                self.build(build, service),
                self.stage(build, service, stage),
                self.label(by)
            ),
            Fact::BuildAdmitted { build, service, stage, how, by, reason } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                let by = self.person(by);
                match how {
                    Admitted::Automatic => format!("{what} entered {place} by rule"),
                    Admitted::Pressed => format!("{by} put {what} into {place}{}", because(reason)),
                    Admitted::Retried => format!("{by} ran {what} in {place} again{}", because(reason)),
                    Admitted::Observed => format!("{what} was brought into {place} by its pipeline"),
                }
            }
            Fact::DeploymentIntended { build, service, stage, purpose, connection, pipeline: _, by: _ } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                let connection = self.connection(connection);
                match purpose {
                    DeploymentKind::Forward => format!("{connection} is asked to deploy {what} to {place}"),
                    DeploymentKind::RollBack => {
                        format!("{connection} is asked to bring {what} back to {place}")
                    }
                }
            }
            Fact::DeploymentEnded { deployment: _, build, service, stage, outcome, detail } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                let how = match outcome {
                    Outcome::Succeeded => "succeeded",
                    Outcome::Failed => "failed",
                    Outcome::NotDone => "never happened",
                    Outcome::Unknown => "ended in a way that nobody knows yet",
                };
                let found = if self.by_machine() { String::new() } else { format!("{who} found out: ") };
                capital(&format!("{found}the deployment of {what} to {place} {how}{}", because(detail)))
            }
            Fact::CheckRecorded { build, service, stage, check, passed, source: _, summary } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                let how = if *passed { "passed" } else { "failed" };
                if self.by_machine() {
                    format!("The check “{check}” {how} for {what} in {place}{}", because(summary))
                } else {
                    format!(
                        "{who} recorded that the check “{check}” {how} for {what} in {place}{}",
                        because(summary)
                    )
                }
            }
            Fact::ChecklistMarked { build, service, stage, item, state, reason } => {
                let item_text = self.item(build, service, stage, item.as_str());
                let how = match state {
                    ItemState::Open => "open",
                    ItemState::Done => "done",
                    ItemState::NotApplicable => "not applicable",
                };
                format!(
                    "{who} marked “{item_text}” as {how} for {} in {}{}",
                    self.build(build, service),
                    self.stage(build, service, stage),
                    because(reason)
                )
            }
            Fact::GateSigned { build, service, stage, approved, role, meaning, comment, packet: _ } => {
                let act = match (approved, meaning) {
                    (false, _) => "rejected",
                    (true, Meaning::Approval) => "approved",
                    (true, Meaning::Review) => "reviewed and approved",
                    (true, Meaning::Responsibility) => "took responsibility for",
                };
                format!(
                    "{who} {act} {} in {} as {}{}",
                    self.build(build, service),
                    self.stage(build, service, stage),
                    role_name(role),
                    because(comment)
                )
            }
            Fact::SignoffWithdrawn { signoff: _, build, service, stage, reason } => format!(
                "{who} took back the sign-off on {} in {}{}",
                self.build(build, service),
                self.stage(build, service, stage),
                because(reason)
            ),
            Fact::SignoffStaled { signoff: _, build, service, stage, lines } => format!(
                "A sign-off on {} in {} went stale: {}",
                self.build(build, service),
                self.stage(build, service, stage),
                lines.join("; ")
            ),
            Fact::BuildPassed { build, service, stage } => {
                format!("{} passed {}", self.build(build, service), self.stage(build, service, stage))
            }
            Fact::BuildRejected { build, service, stage, by, reason } => format!(
                "{} was rejected in {} by {}{}",
                self.build(build, service),
                self.stage(build, service, stage),
                self.person(by),
                because(reason)
            ),
            Fact::BuildFailed { build, service, stage, reason } => {
                let (what, place) = (self.build(build, service), self.stage(build, service, stage));
                if self.by_machine() {
                    format!("{what} failed in {place}{}", because(reason))
                } else {
                    format!("{who} released {place} from the failed {what}{}", because(reason))
                }
            }
            Fact::BuildEnded { build, service, stage, rejected_in } => format!(
                "{} left {}, because it was rejected in {}",
                self.build(build, service),
                self.stage(build, service, stage),
                self.stage(build, service, rejected_in)
            ),
            Fact::StageHeld { service, stage, reason } => {
                format!(
                    "{who} held {} of {}{}",
                    self.stage_of(service, stage),
                    self.service(service),
                    because(reason)
                )
            }
            Fact::StageReleased { service, stage, reason } => format!(
                "{who} released {} of {}{}",
                self.stage_of(service, stage),
                self.service(service),
                because(reason)
            ),
            Fact::ReleaseCreated { release: _, product, name, strategy, planned: _ } => {
                format!(
                    "{who} planned the release {name} of {} under strategy version {strategy}",
                    self.product(product)
                )
            }
            Fact::ReleaseComposed { release, builds } => {
                let builds: Vec<String> =
                    builds.iter().map(|chosen| self.build(&chosen.build, &chosen.service)).collect();
                let builds = if builds.is_empty() { "no builds".to_owned() } else { join(&builds, "and") };
                format!("{who} chose {builds} for {}", self.release(release))
            }
            Fact::PlanSectionWritten { release, section, text: _, rehearsal: _ } => {
                format!(
                    "{who} wrote the section “{}” of {}",
                    Release::section_title(section),
                    self.release(release)
                )
            }
            Fact::PlanSectionWaived { release, section, reason } => {
                let (title, release) = (Release::section_title(section), self.release(release));
                match reason {
                    Some(reason) => {
                        format!("{who} waived the section “{title}” of {release}{}", because(reason))
                    }
                    None => format!("{who} took back the waiver of the section “{title}” of {release}"),
                }
            }
            Fact::PlanStepSet {
                release,
                step: _,
                title,
                phase: _,
                owner,
                planned: _,
                minutes: _,
                after: _,
                automated: _,
            } => {
                let owner = owner.as_ref().map(|owner| format!(", to be done by {}", self.person(owner)));
                format!(
                    "{who} set the step “{title}” of {}{}",
                    self.release(release),
                    owner.unwrap_or_default()
                )
            }
            Fact::PlanStepRemoved { release, step } => {
                format!("{who} removed the step “{}” of {}", self.step(release, step), self.release(release))
            }
            Fact::PlanStepMoved { release, step, state, reason, evidence: _ } => {
                let how = match state {
                    StepState::Open => "reopened",
                    StepState::Doing => "began",
                    StepState::Blocked => "marked as blocked",
                    StepState::Done => "finished",
                    StepState::NotApplicable => "marked as not applicable",
                };
                format!(
                    "{who} {how} the step “{}” of {}{}",
                    self.step(release, step),
                    self.release(release),
                    because(reason)
                )
            }
            Fact::GoVoiced { release, role, go, comment } => format!(
                "{who} said {} to {} as {}{}",
                if *go { "go" } else { "no-go" },
                self.release(release),
                role_name(role),
                because(comment)
            ),
            Fact::ReleaseFinished { release, outcome } => {
                format!("{who} finished {}{}", self.release(release), because(outcome))
            }
            Fact::FeatureRequested { feature, product, title, requester: _ } => {
                format!("{who} asked for {feature} “{title}” in {}", self.product(product))
            }
            Fact::FeatureMoved { feature, state, developer, evidence } => {
                let developer =
                    developer.as_ref().map(|person| format!(", developed by {}", self.person(person)));
                format!(
                    "{who} moved {} to “{}”{}{}",
                    self.feature(feature),
                    state.name(),
                    developer.unwrap_or_default(),
                    because(evidence)
                )
            }
            Fact::FeatureSigned { feature, build, approved, role, comment, packet: _ } => {
                let act = if *approved { "signed off" } else { "did not accept" };
                format!(
                    "{who} {act} {} in {} as {}{}",
                    self.feature(feature),
                    self.label(build),
                    role_name(role),
                    because(comment)
                )
            }
            Fact::IssueRecorded { issue: _, key, product: _, report } => {
                format!("{who} recorded {key} “{}”", report.problem)
            }
            Fact::IssueAmended { issue, report } => {
                format!("{who} wrote more about {} “{}”", self.issue(issue), report.problem)
            }
            Fact::IssueMet { issue, note } => {
                format!("{who} met {} again{}", self.issue(issue), because(note))
            }
            Fact::IssueClosed { issue, lesson } => {
                let place = |stage| self.stage_for(issue, stage);
                let lesson = match lesson {
                    Lesson::ChecklistItem { stage, text } => {
                        format!("a checklist item in {}: {text}", place(stage))
                    }
                    Lesson::Gate { stage, text } => format!("a gate in {}: {text}", place(stage)),
                    Lesson::None { because } => format!("no lesson, because {because}"),
                };
                format!("{who} closed {} with {lesson}", self.issue(issue))
            }
            Fact::DeploymentObserved { .. }
            | Fact::GateAnswerIntended { .. }
            | Fact::GateAnswerEnded { .. }
            | Fact::ChangeUnexplained { .. }
            | Fact::ChangeExplained { .. } => self.gated(fact, &who),
            Fact::HistoryExported { format, entries: count, filter, sha256: _ } => {
                let filter = if filter.is_empty() { String::new() } else { format!(" ({filter})") };
                format!("{who} exported {} as {format}{filter}", entries(*count))
            }
            Fact::RestoreAccepted { seen_size, seen_root: _, reason } => format!(
                "{who} accepted a restored back-up that is older than the {} this machine had seen{}",
                entries(*seen_size),
                because(reason)
            ),
            Fact::ReleaseDecided { .. }
            | Fact::ReleaseResumed { .. }
            | Fact::ReleaseMemberSent { .. }
            | Fact::MembershipSet { .. }
            | Fact::TriggerSet { .. }
            | Fact::ProductTestBound { .. }
            | Fact::ProductTestIntended { .. }
            | Fact::ProductTestEnded { .. }
            | Fact::BuildVetoed { .. } => self.product_release(fact, &who),
        }
    }

    fn by_machine(&self) -> bool {
        self.names.people.get(self.author).is_some_and(|author| author.machine)
    }

    fn person(&self, id: &PersonId) -> String {
        self.names.name_of(id)
    }

    fn roles(&self, roles: &[RoleKey]) -> String {
        join(&roles.iter().map(role_name).collect::<Vec<_>>(), "and")
    }

    fn product(&self, id: &ProductId) -> String {
        self.names.products.get(id).map_or_else(|| id.to_string(), |known| known.name.clone())
    }

    fn service(&self, id: &ServiceId) -> String {
        self.names.service(id).map_or_else(|| id.to_string(), |(_, known)| known.name.clone())
    }

    fn connection(&self, id: &ConnectionId) -> String {
        self.names.connections.get(id).map_or_else(|| id.to_string(), |known| known.name.clone())
    }

    fn build(&self, id: &BuildId, service: &ServiceId) -> String {
        format!("{} {}", self.service(service), self.bare_label(id))
    }

    /// A build where its service is not told beside it.
    fn label(&self, id: &BuildId) -> String {
        match self.names.builds.get(id) {
            Some(known) => self.build(id, &known.service),
            None => id.to_string(),
        }
    }

    fn bare_label(&self, id: &BuildId) -> String {
        self.names.builds.get(id).map_or_else(|| id.to_string(), |known| known.content.label.clone())
    }

    fn stage(&self, build: &BuildId, service: &ServiceId, key: &StageKey) -> String {
        let own = self.names.builds.get(build).and_then(|build| self.names.stage_of(build, key));
        own.map_or_else(|| self.stage_of(service, key), |stage| stage.name.clone())
    }

    fn stage_of(&self, service: &ServiceId, key: &StageKey) -> String {
        let known = self.names.process_in_force(service).and_then(|process| process.stage(key));
        known.map_or_else(|| key.to_string(), |stage| stage.name.clone())
    }

    /// A stage of the product that an issue is about.
    fn stage_for(&self, issue: &IssueId, key: &StageKey) -> String {
        let issue = self.names.issues.get(issue);
        let strategy = issue.and_then(|issue| self.names.strategy_in_force(&issue.product));
        let known = strategy.and_then(|strategy| strategy.content.process.stage(key));
        known.map_or_else(|| key.to_string(), |stage| stage.name.clone())
    }

    fn item(&self, build: &BuildId, service: &ServiceId, stage: &StageKey, key: &str) -> String {
        let own = self.names.builds.get(build).and_then(|build| self.names.stage_of(build, stage));
        let stage =
            own.or_else(|| self.names.process_in_force(service).and_then(|process| process.stage(stage)));
        let item = stage.and_then(|stage| stage.gate.checklist.iter().find(|item| item.key.as_str() == key));
        item.map_or_else(|| key.to_owned(), |item| item.text.clone())
    }

    fn release(&self, id: &ReleaseId) -> String {
        self.names.releases.get(id).map_or_else(|| id.to_string(), |known| known.name.clone())
    }

    fn step(&self, release: &ReleaseId, id: &StepId) -> String {
        let release = self.names.releases.get(release);
        let step = release.and_then(|release| release.steps.iter().find(|step| step.id == *id));
        step.map_or_else(|| id.to_string(), |step| step.title.clone())
    }

    fn feature(&self, key: &FeatureKey) -> String {
        self.names
            .features
            .get(key)
            .map_or_else(|| key.to_string(), |known| format!("{key} “{}”", known.title))
    }

    fn issue(&self, id: &IssueId) -> String {
        self.names.issues.get(id).map_or_else(|| id.to_string(), |known| known.key.clone())
    }
}

fn entries(count: u32) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// A typed reason or remark after the sentence; nothing when it is empty.
fn because(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!(": {}", text.trim()) }
}

#[cfg(test)]
mod tests;
