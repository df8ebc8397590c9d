//! What happens to Harbour, week after week: features are asked for, builds come through the four stages or do
//! not, and what came through goes out with a release.

use std::collections::VecDeque;

use anyhow::{Context, Result};
use signalbox_domain::decide::{Act, CheckReport, StepDraft};
use signalbox_domain::feature::FeatureState;
use signalbox_domain::gate::is_ready;
use signalbox_domain::id::{
    BuildId, EntryId, FeatureKey, IssueId, ProductId, ReleaseId, ServiceId, StageKey,
};
use signalbox_domain::issue::{IssueReport, Lesson, Severity};
use signalbox_domain::line::{Build, BuildContent, Components, Digest, ItemState, Meaning, Outcome};
use signalbox_domain::process::Stage;
use signalbox_domain::release::{Chosen, FIRST_DEPLOYMENT, Rehearsal, SECTIONS, Step, StepState};
use signalbox_domain::sheet::{feature_packet, gate_packet};

use super::dice::Dice;
use super::scribe::Sitting;

/// The services of the product.
pub const SERVICES: [&str; 6] = ["web", "api", "berths", "billing", "notices", "search"];

/// The check that every stage asks for.
const CHECK: &str = "smoke test";
/// Builds a service and week.
const BUILDS: usize = 3;
/// Features a week.
const FEATURES: usize = 4;
/// More open entries than these are closed.
const OPEN_ISSUES: usize = 9;
/// The section that the plans go without.
const WAIVED: &str = "data-migrations";

/// How far a build comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Good,
    FailsInDevelopment,
    RejectedInAcceptance,
    FailsInStagingFirst,
}

/// The story, and how far it is told.
#[derive(Debug)]
pub struct Story {
    product: ProductId,
    services: Vec<(ServiceId, String)>,
    dice: Dice,
    week: u32,
    features: u32,
    builds: u32,
    open_issues: VecDeque<IssueId>,
    /// Labels by service, oldest first.
    labels: Vec<Vec<String>>,
}

impl Story {
    /// Begins the story of a product whose strategy is in force.
    pub fn new(product: ProductId, services: Vec<(ServiceId, String)>) -> Self {
        let labels = vec![Vec::new(); services.len()];
        let (dice, open_issues) = (Dice::new(2_847), VecDeque::new());
        Self { product, services, dice, week: 0, features: 0, builds: 0, open_issues, labels }
    }

    /// The labels of a service's builds, oldest first.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.services.iter().map(|(_, name)| name.as_str()).zip(self.labels.iter().map(Vec::as_slice))
    }

    /// Tells a whole week, with its release.
    ///
    /// # Errors
    /// When the rules refuse something.
    pub fn week(&mut self, sitting: &mut Sitting<'_>) -> Result<()> {
        self.week += 1;
        let features = self.ask_for_features(sitting, FEATURES)?;
        for service in 0..self.services.len() {
            for _ in 0..BUILDS {
                let fate = match self.dice.roll(100) {
                    0..8 => Fate::FailsInDevelopment,
                    8..20 => Fate::RejectedInAcceptance,
                    20..24 => Fate::FailsInStagingFirst,
                    _ => Fate::Good,
                };
                self.ride(sitting, service, &features, fate)?;
            }
        }
        self.release(sitting)?;
        while self.open_issues.len() > OPEN_ISSUES {
            self.learn(sitting)?;
        }
        Ok(())
    }

    /// Tells the week that is not over: something is going on everywhere.
    ///
    /// # Errors
    /// When the rules refuse something.
    pub fn this_week(&mut self, sitting: &mut Sitting<'_>) -> Result<()> {
        self.week += 1;
        let features = self.ask_for_features(sitting, 2 * FEATURES)?;
        for service in 0..self.services.len() {
            self.ride(sitting, service, &features, Fate::Good)?;
        }
        let release = self.plan(sitting)?;
        self.walk(sitting, &release, 2)?;
        for service in 0..self.services.len() {
            let staged = self.arrive(sitting, service, &features)?;
            self.deploy(sitting, &staged, "dev", true)?;
            self.accept(sitting, &staged)?;
            self.deploy(sitting, &staged, "staging", service != 3)?;
            if service % 2 == 0 {
                self.sign_features(sitting, &staged)?;
            }
            let tested = self.arrive(sitting, service, &features)?;
            self.deploy(sitting, &tested, "dev", true)?;
            self.deploy(sitting, &tested, "qa", true)?;
            let waiting = self.arrive(sitting, service, &features)?;
            self.deploy(sitting, &waiting, "dev", true)?;
            self.arrive(sitting, service, &features)?;
        }
        let (service, _) = self.services.first().context("there is no service")?;
        let hold = Act::HoldStage {
            service: service.clone(),
            stage: "production".into(),
            reason: "The marina's busiest days; nothing changes until they are over.".to_owned(),
        };
        sitting.act("ines", "release-manager", hold)?;
        Ok(())
    }

    /// Features are asked for, and all but the last are written and reviewed.
    fn ask_for_features(&mut self, sitting: &mut Sitting<'_>, count: usize) -> Result<Vec<FeatureKey>> {
        let jon = sitting.person("jon")?;
        let mut ready = Vec::new();
        for number in 0..count {
            self.features += 1;
            let feature = FeatureKey::new(format!("HAR-{}", self.features));
            let title = format!("A berth is found in fewer steps, part {}", self.features);
            let request =
                Act::RequestFeature { feature: feature.clone(), product: self.product.clone(), title };
            sitting.act("maya", "business-analyst", request)?;
            if number + 1 == count && count > FEATURES {
                continue;
            }
            let steps = [
                ("jon", "developer", FeatureState::InBranch),
                ("jon", "developer", FeatureState::BranchTested),
                ("priya", "tester", FeatureState::Reviewed),
            ];
            for (who, role, to) in steps {
                let developer = (to == FeatureState::InBranch).then(|| jon.clone());
                let evidence = format!("https://git.example.org/harbour/{feature}");
                let act = Act::MoveFeature { feature: feature.clone(), to, developer, evidence };
                sitting.act(who, role, act)?;
            }
            ready.push(feature);
        }
        Ok(ready)
    }

    /// A build's way up to production, or to where it ends.
    fn ride(
        &mut self,
        sitting: &mut Sitting<'_>,
        service: usize,
        features: &[FeatureKey],
        fate: Fate,
    ) -> Result<()> {
        let build = self.arrive(sitting, service, features)?;
        self.deploy(sitting, &build, "dev", fate != Fate::FailsInDevelopment)?;
        if fate == Fate::FailsInDevelopment {
            return Ok(());
        }
        if fate == Fate::RejectedInAcceptance {
            self.deploy(sitting, &build, "qa", true)?;
            return self.sign(sitting, &build, "qa", false, "The berth calendar shows last week's prices.");
        }
        self.accept(sitting, &build)?;
        if fate == Fate::FailsInStagingFirst {
            self.deploy(sitting, &build, "staging", false)?;
            self.meet_a_problem(sitting, &build, "staging")?;
            let retry = Act::Retry {
                build: build.clone(),
                stage: "staging".into(),
                reason: "The connection pool is larger now.".to_owned(),
            };
            sitting.act("tom", "operations", retry)?;
        }
        self.deploy(sitting, &build, "staging", true)?;
        self.sign_features(sitting, &build)?;
        self.sign(sitting, &build, "staging", true, "As agreed with the marinas.")
    }

    /// A build arrives; the first stage takes it, or it waits.
    fn arrive(
        &mut self,
        sitting: &mut Sitting<'_>,
        service: usize,
        features: &[FeatureKey],
    ) -> Result<BuildId> {
        self.builds += 1;
        let labels = self.labels.get_mut(service).context("there is no such service")?;
        let label = format!("{}.{}.{}", 1 + self.week / 50, self.week % 50, labels.len());
        labels.push(label.clone());
        let (id, name) = self.services.get(service).context("there is no such service")?;
        let build = BuildId::new(sitting.new_id());
        let carried = 1 + usize::try_from(self.dice.roll(2))?;
        let first = usize::try_from(self.dice.roll(features.len() as u64))?;
        let content = BuildContent {
            label,
            commit: self.dice.hex(40),
            digests: vec![Digest { artifact: format!("{name}.tar"), sha256: self.dice.hex(64) }],
            components: Components {
                application: self.builds.to_string(),
                configuration: (self.builds / 3).to_string(),
                infrastructure: (self.week / 8).to_string(),
                data: (self.week / 4).to_string(),
            },
            features: features.iter().cycle().skip(first).take(carried).cloned().collect(),
            author: "jon".to_owned(),
            reference: None,
        };
        sitting.observe(Act::RecordArrival { build: build.clone(), service: id.clone(), content })?;
        Ok(build)
    }

    /// The deployment that is running ends with its check.
    fn deploy(&mut self, sitting: &mut Sitting<'_>, build: &BuildId, stage: &str, good: bool) -> Result<()> {
        let stage = StageKey::from(stage);
        let deployment = running(sitting, build, &stage)?;
        let summary = if good {
            format!("12 of 12 answers as expected in {} ms", 40 + self.dice.roll(900))
        } else {
            "/berths answers 500 instead of 200".to_owned()
        };
        let check = CheckReport { name: CHECK.to_owned(), passed: good, source: "local".to_owned(), summary };
        sitting.observe(Act::RecordEnd {
            build: build.clone(),
            stage,
            deployment,
            outcome: Outcome::Succeeded,
            detail: "deploy ended with 0".to_owned(),
            checks: vec![check],
        })?;
        Ok(())
    }

    /// Acceptance: deployed, its checklist done, approved.
    fn accept(&mut self, sitting: &mut Sitting<'_>, build: &BuildId) -> Result<()> {
        self.deploy(sitting, build, "qa", true)?;
        for item in ["explored", "regression"] {
            let spared = item == "explored" && self.dice.percent(10);
            let act = Act::MarkItem {
                build: build.clone(),
                stage: "qa".into(),
                item: item.into(),
                state: if spared { ItemState::NotApplicable } else { ItemState::Done },
                reason: if spared { "No screen changed.".to_owned() } else { String::new() },
            };
            sitting.act("priya", "tester", act)?;
        }
        self.sign(sitting, build, "qa", true, "Explored on two tablets; the notes are in the wiki.")
    }

    /// Whoever decides at a stage signs the sheet that is shown.
    fn sign(
        &mut self,
        sitting: &mut Sitting<'_>,
        build: &BuildId,
        stage: &str,
        approved: bool,
        comment: &str,
    ) -> Result<()> {
        let (who, role) = match stage {
            "qa" => ("priya", "tester"),
            "staging" => ("maya", "business-analyst"),
            _ => ("tom", "operations"),
        };
        let (value, step) = find(sitting, build, &stage.into())?;
        let act = Act::SignGate {
            build: build.clone(),
            stage: stage.into(),
            approved,
            meaning: Meaning::Approval,
            comment: comment.to_owned(),
            shown: gate_packet(sitting.state(), value, step),
        };
        sitting.act(who, role, act)?;
        Ok(())
    }

    /// The features that a build carries are signed off in it.
    fn sign_features(&mut self, sitting: &mut Sitting<'_>, build: &BuildId) -> Result<()> {
        let (value, _) = find(sitting, build, &"staging".into())?;
        for key in value.content.features.clone() {
            let (value, _) = find(sitting, build, &"staging".into())?;
            let feature = sitting.state().features.get(&key).context("a feature is not known")?;
            let act = Act::SignFeature {
                feature: key.clone(),
                build: build.clone(),
                approved: true,
                comment: "Works as asked for.".to_owned(),
                shown: feature_packet(sitting.state(), feature, value),
            };
            sitting.act("maya", "business-analyst", act)?;
        }
        Ok(())
    }

    /// The week's release: planned, walked through, brought to production, finished.
    fn release(&mut self, sitting: &mut Sitting<'_>) -> Result<()> {
        let release = self.plan(sitting)?;
        self.walk(sitting, &release, 6)?;
        for (who, role) in [("tom", "operations"), ("maya", "business-analyst")] {
            let act = Act::VoiceGo { release: release.clone(), go: true, comment: "Go.".to_owned() };
            sitting.act(who, role, act)?;
        }
        let chosen = sitting.state().releases.get(&release).context("the release is gone")?.builds.clone();
        for Chosen { build, .. } in &chosen {
            let (value, step) = find(sitting, build, &"production".into())?;
            let promote = Act::Promote {
                build: build.clone(),
                stage: "production".into(),
                reason: String::new(),
                shown: gate_packet(sitting.state(), value, step),
            };
            sitting.act("ines", "release-manager", promote)?;
            if self.dice.percent(5) {
                self.deploy(sitting, build, "production", false)?;
                self.meet_a_problem(sitting, build, "production")?;
                let (build, stage) = (build.clone(), "production".into());
                let retry = Act::Retry { build, stage, reason: "The setting is there now.".to_owned() };
                sitting.act("ines", "release-manager", retry)?;
            }
            self.deploy(sitting, build, "production", true)?;
            self.sign(sitting, build, "production", true, "Smoke test read, error rate as before.")?;
        }
        self.walk(sitting, &release, usize::MAX)?;
        let outcome = "All services are in production; nobody noticed anything.".to_owned();
        sitting.act("ines", "release-manager", Act::FinishRelease { release, outcome })?;
        Ok(())
    }

    /// Plans the release of what is ready for production, and writes its sections.
    fn plan(&mut self, sitting: &mut Sitting<'_>) -> Result<ReleaseId> {
        let release = ReleaseId::new(sitting.new_id());
        let strategy = sitting.state().strategy_in_force(&self.product).context("no strategy is in force")?;
        let steps = strategy.content.steps.len();
        let create = Act::CreateRelease {
            release: release.clone(),
            product: self.product.clone(),
            name: format!("Harbour, week {}", self.week),
            planned: None,
            copy: None,
            steps: (0..steps).map(|_| sitting.new_id().into()).collect(),
        };
        sitting.act("ines", "release-manager", create)?;
        let builds = self.services.iter().filter_map(|(service, _)| ready(sitting, service)).collect();
        sitting.act("ines", "release-manager", Act::ComposeRelease { release: release.clone(), builds })?;
        for (section, title) in SECTIONS {
            let release = release.clone();
            let section_key = section.to_owned();
            let act = if section == WAIVED {
                let reason = Some("No data change in this release.".to_owned());
                Act::WaiveSection { release, section: section_key, reason }
            } else if section == FIRST_DEPLOYMENT && self.week > 1 {
                continue;
            } else {
                Act::WriteSection {
                    release,
                    section: section_key,
                    text: format!("{title}: as in the week before, with the names of week {}.", self.week),
                    rehearsal: rehearsed(sitting, section),
                }
            };
            sitting.act("ines", "release-manager", act)?;
        }
        let owner = sitting.person("tom")?;
        for step in steps_of(sitting, &release)? {
            let Step { id, title, phase, planned, minutes, after, automated, .. } = step;
            let owner = Some(owner.clone());
            let step = StepDraft { id, title, phase, owner, planned, minutes, after, automated };
            sitting.act("ines", "release-manager", Act::SetStep { release: release.clone(), step })?;
        }
        Ok(release)
    }

    /// Does the first steps of a plan that are not done yet.
    fn walk(&mut self, sitting: &mut Sitting<'_>, release: &ReleaseId, count: usize) -> Result<()> {
        let open = steps_of(sitting, release)?.into_iter().filter(|step| !step.is_settled());
        for step in open.take(count) {
            let act = Act::MoveStep {
                release: release.clone(),
                step: step.id,
                state: StepState::Done,
                reason: String::new(),
                evidence: format!("https://wiki.example.org/harbour/week-{}", self.week),
            };
            sitting.act("tom", "operations", act)?;
        }
        Ok(())
    }

    /// A failure goes into the issue log.
    fn meet_a_problem(&mut self, sitting: &mut Sitting<'_>, build: &BuildId, stage: &str) -> Result<()> {
        let issue = IssueId::new(sitting.new_id());
        let service = find(sitting, build, &stage.into())?.0.service.clone();
        let report = IssueReport {
            problem: format!("The smoke test of week {} failed in {stage}", self.week),
            symptoms: "/berths answers 500; the log says that no connection is free.".to_owned(),
            cause: "The pool is smaller than the number of workers.".to_owned(),
            solution: "The pool is as large as the number of workers.".to_owned(),
            severity: Severity::Medium,
            service: Some(service),
            stage: Some(stage.into()),
            build: Some(build.clone()),
            links: Vec::new(),
        };
        let record = Act::RecordIssue { issue: issue.clone(), product: self.product.clone(), report };
        sitting.act("tom", "operations", record)?;
        self.open_issues.push_back(issue);
        Ok(())
    }

    /// The oldest open entry of the issue log is closed with what was learnt.
    fn learn(&mut self, sitting: &mut Sitting<'_>) -> Result<()> {
        let Some(issue) = self.open_issues.pop_front() else { return Ok(()) };
        let lesson = Lesson::ChecklistItem {
            stage: "qa".into(),
            text: "Compare the pool's size with the workers.".to_owned(),
        };
        sitting.act("tom", "operations", Act::CloseIssue { issue, lesson })?;
        Ok(())
    }
}

fn find<'s>(sitting: &'s Sitting<'_>, build: &BuildId, stage: &StageKey) -> Result<(&'s Build, &'s Stage)> {
    let state = sitting.state();
    let value = state.builds.get(build).context("a build is not known")?;
    let stage = state.stage_of(value, stage).context("a stage is not known")?;
    Ok((value, stage))
}

fn running(sitting: &Sitting<'_>, build: &BuildId, stage: &StageKey) -> Result<EntryId> {
    let (value, _) = find(sitting, build, stage)?;
    let running = value.visit(stage).and_then(|visit| visit.running());
    let label = &value.content.label;
    running.map(|running| running.id.clone()).with_context(|| format!("{label} is not deploying to {stage}"))
}

/// The newest build of a service that waits for production.
fn ready(sitting: &Sitting<'_>, service: &ServiceId) -> Option<Chosen> {
    let state = sitting.state();
    let newest = state.builds_of(service).into_iter().rev().find(|build| {
        let stage = state.stage_of(build, &"production".into());
        build.live && !build.passed(&"production".into()) && stage.is_some_and(|stage| is_ready(build, stage))
    })?;
    Some(Chosen { service: service.clone(), build: newest.id.clone() })
}

fn steps_of(sitting: &Sitting<'_>, release: &ReleaseId) -> Result<Vec<Step>> {
    Ok(sitting.state().releases.get(release).context("the release is gone")?.steps.clone())
}

fn rehearsed(sitting: &Sitting<'_>, section: &str) -> Option<Rehearsal> {
    signalbox_domain::release::REHEARSED.contains(&section).then(|| Rehearsal {
        at: sitting.now(),
        passed: true,
        note: "Rehearsed in staging.".to_owned(),
    })
}
