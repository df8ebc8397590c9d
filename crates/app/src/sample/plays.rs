//! The plays: Harbour's first release, the build that waits for everybody's first try, and the main job.

use super::files::{BROKEN, Delivery, FIRST, NEXT};
use super::planning::Plan;
use super::player::{Player, Ride, Sign};
use super::story;
use crate::wire::{
    BuildRollBack, BuildShow, BuildState, DeploymentState, Empty, EntryFilter, ExportFormat, ExportView,
    IssueAmend, IssueClose, IssueDraft, IssueList, IssueRecord, IssueShow, LedgerExport, LedgerVerify,
    LessonKind, LineShow, ReportView, StageRelease, StrategyShow, VerifyView, WireError,
};
use serde_json::json;
use std::path::Path;

/// What is shown at the end: the register holds, and where its copies lie.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What the verification found.
    pub verified: VerifyView,
    /// The files that were written.
    pub exports: Vec<ExportView>,
}

const TESTER: (&str, &str) = ("priya", "tester");
const ANALYST: (&str, &str) = ("maya", "business-analyst");
const OPERATIONS: (&str, &str) = ("tom", "operations");

impl Player<'_> {
    /// Tells who is here and what they agreed on.
    pub(crate) fn introduce(&mut self) -> Result<(), WireError> {
        self.chapter("Harbour, its people and its process");
        let here = self.desk.desk_show(Empty {})?.here;
        for person in &here {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.name.as_str()).collect();
            let said = format!("has a key of their own and signs as {}.", roles.join(" and "));
            self.tell(
                "person_list",
                Some(person),
                said,
                Sign::Done,
                json!({ "person": person.id, "handle": person.handle }),
            );
        }
        let product = self.product()?;
        let strategy =
            self.desk.strategy_show(StrategyShow { product: product.id.clone(), version: None })?;
        let services: Vec<&str> = product.services.iter().map(|service| service.name.as_str()).collect();
        let said = format!(
            "{} with {}: version {} of its strategy is agreed and in force.",
            product.name,
            services.join(" and "),
            strategy.version
        );
        self.tell(
            "strategy_show",
            None,
            said,
            Sign::Done,
            json!({ "product": product.id, "version": strategy.version }),
        );
        for stage in strategy.stages {
            let said = format!("{}: {}", stage.name, stage.sentence);
            self.tell("strategy_show", None, said, Sign::Done, json!({ "stage": stage.key }));
        }
        Ok(())
    }

    /// Brings Harbour's first builds to production, as release “Harbour 2.7”.
    ///
    /// # Errors
    /// When an act is refused or a deployment does not end as the sample product expects.
    pub fn first_release(&mut self) -> Result<(), WireError> {
        self.keeping_the_pen(|player| {
            player.chapter("Harbour 2.7, the first release");
            let mut rides = Vec::new();
            for delivery in &FIRST {
                rides.push(
                    player
                        .ride_to_staging(delivery, "Clicked through on two tablets; nothing to object to.")?,
                );
            }
            let rides: Vec<&Ride> = rides.iter().collect();
            let plan = player.plan_first(&rides)?;
            player.agree(&plan)?;
            player.ride_into_production(&plan, &rides)?;
            player.finish(&plan, "In production since the morning; two marinas work with it.")
        })
    }

    /// Delivers web 2.8.0 and leaves it undecided in acceptance.
    ///
    /// # Errors
    /// When an act is refused or a deployment does not end as the sample product expects.
    pub fn next_build(&mut self) -> Result<(), WireError> {
        self.keeping_the_pen(|player| {
            player.chapter("Web 2.8.0 arrives");
            player.ride_to_acceptance(&NEXT).map(|_| ())
        })
    }

    /// Takes web 2.8.0 to production; then 2.8.1, which fails there, is rejected and rolled back.
    ///
    /// # Errors
    /// When an act is refused or a deployment does not end as the sample product expects.
    pub fn main_job(&mut self) -> Result<(), WireError> {
        if self.ride(NEXT.service, NEXT.label)?.is_none() {
            self.next_build()?;
        }
        self.keeping_the_pen(|player| {
            let before = player.planned("Harbour 2.7")?;
            let good = player
                .ride(NEXT.service, NEXT.label)?
                .ok_or_else(|| WireError::unknown("build of the sample product"))?;
            let plan = player.good_release(&good, before.as_ref())?;
            player.bad_release(&good, &plan)
        })
    }

    /// Writes the register into a folder in every format and verifies it from its first entry.
    ///
    /// # Errors
    /// When a file can't be written or the ledger can't be read.
    pub fn prove(&mut self, folder: &Path) -> Result<Proof, WireError> {
        self.chapter("The register");
        let mut exports = Vec::new();
        for (format, name) in [
            (ExportFormat::Csv, "ledger.csv"),
            (ExportFormat::Jsonl, "ledger.jsonl"),
            (ExportFormat::AllowedSigners, "allowed_signers"),
            (ExportFormat::Checkpoint, "checkpoint"),
        ] {
            let path = folder.join(name).display().to_string();
            let view =
                self.desk.ledger_export(LedgerExport { format, filter: EntryFilter::default(), path })?;
            let what = match format {
                ExportFormat::AllowedSigners => "the public keys, as ssh-keygen reads them".to_owned(),
                ExportFormat::Checkpoint => "a signed checkpoint of the whole tree".to_owned(),
                ExportFormat::Csv | ExportFormat::Jsonl => format!("{} entries", view.entries),
            };
            self.tell("ledger_export", None, format!("{name}: {what}."), Sign::Done, json!(view));
            exports.push(view);
        }
        let verified = self.desk.ledger_verify(LedgerVerify {})?;
        let (said, sign) = match verified.findings.len() {
            0 => (
                format!("All {} entries hold: bytes, signatures, order and rules.", verified.size),
                Sign::Done,
            ),
            some => (format!("{some} findings in {} entries.", verified.size), Sign::Stopped),
        };
        self.tell("ledger_verify", None, said, sign, json!(verified));
        Ok(Proof { verified, exports })
    }

    /// From arrival until it is undecided in acceptance.
    fn ride_to_acceptance(&mut self, delivery: &Delivery) -> Result<Ride, WireError> {
        self.ask_for(delivery.features)?;
        let ride = self.arrive(delivery)?;
        self.watch(&ride, "dev", &BuildState::Passed)?;
        self.watch(&ride, "qa", &BuildState::Undecided)?;
        Ok(ride)
    }

    /// From arrival until it has passed staging.
    fn ride_to_staging(&mut self, delivery: &Delivery, comment: &str) -> Result<Ride, WireError> {
        let ride = self.ride_to_acceptance(delivery)?;
        self.through_acceptance(&ride, comment)?;
        Ok(ride)
    }

    fn through_acceptance(&mut self, ride: &Ride, comment: &str) -> Result<(), WireError> {
        self.tick(ride, "qa", "priya")?;
        self.approve(ride, "qa", TESTER, comment)?;
        self.watch(ride, "staging", &BuildState::Undecided)?;
        self.accept_features(ride, "staging")?;
        self.approve(ride, "staging", ANALYST, "As agreed with the marinas.")
    }

    /// From an agreed plan until every build of it has passed production.
    fn ride_into_production(&mut self, plan: &Plan, rides: &[&Ride]) -> Result<(), WireError> {
        self.walk(plan, &["Before"])?;
        for ride in rides {
            self.promote(ride)?;
            self.watch(ride, "production", &BuildState::Undecided)?;
            self.approve(ride, "production", OPERATIONS, "Smoke test read, error rate as before.")?;
        }
        self.walk(plan, &["Deploy", "After"])
    }

    fn good_release(&mut self, good: &Ride, copy: Option<&Plan>) -> Result<Plan, WireError> {
        self.chapter(format!("{} goes through acceptance and staging", good.heading()));
        self.through_acceptance(good, "Refunds and export explored on a tablet; regression notes read.")?;
        self.chapter("Harbour 2.8 is planned and agreed");
        self.try_too_early(good)?;
        let waived = ("first-deployment", story::NOT_THE_FIRST);
        let plan = self.plan("Harbour 2.8", &[good], copy, &story::SECOND_PLAN, waived)?;
        self.agree(&plan)?;
        self.chapter(format!("{} goes to production", good.heading()));
        self.ride_into_production(&plan, &[good])?;
        self.finish(&plan, "In production within half an hour; refunds and export work.")?;
        Ok(plan)
    }

    fn bad_release(&mut self, good: &Ride, copy: &Plan) -> Result<(), WireError> {
        self.chapter("Web 2.8.1 arrives, and everything looks fine");
        let bad =
            self.ride_to_staging(&BROKEN, "New prices compared on two tablets; nothing to object to.")?;
        let waived = ("first-deployment", story::NOT_THE_FIRST);
        let plan = self.plan("Harbour 2.8.1", &[&bad], Some(copy), &story::THIRD_PLAN, waived)?;
        self.agree(&plan)?;
        self.walk(&plan, &["Before"])?;
        self.chapter(format!("{} fails in production", bad.heading()));
        self.promote(&bad)?;
        self.watch(&bad, "production", &BuildState::Stopped)?;
        let issue = self.record_problem(&bad)?;
        self.reject(&bad, "production", OPERATIONS, story::REJECTED)?;
        self.chapter(format!("Back to {}", good.title()));
        let roll_back = self.roll_back(good)?;
        self.learn(&issue, LessonKind::ChecklistItem, Some("staging"), story::LESSON)?;
        self.explain(&roll_back)?;
        self.learn(&roll_back, LessonKind::None, None, story::ROLL_BACK_LESSON)?;
        self.let_go_on(good)?;
        self.leave_out(&plan, story::ROLLED_BACK_STEP)?;
        self.finish(&plan, "Rolled back to 2.8.0 within minutes; the next build brings the new prices.")
    }

    /// Completes the draft that the failure opened, and records it.
    fn record_problem(&mut self, bad: &Ride) -> Result<String, WireError> {
        let tom = self.sign_as(OPERATIONS.0)?;
        let draft =
            self.until("The failure opened no draft for the issue log", |player| player.draft_of(bad))?;
        let report = ReportView {
            cause: story::CAUSE.to_owned(),
            solution: story::SOLUTION.to_owned(),
            ..draft.report.clone()
        };
        let problem = report.problem.clone();
        self.desk.issue_record(IssueRecord {
            product: draft.product.clone(),
            report,
            draft: Some(draft.id.clone()),
        })?;
        let issue = self.issue_called(&problem)?;
        self.tell(
            "issue_record",
            Some(&tom),
            format!("completes the draft that the failure opened: “{problem}”. Cause: {}", story::CAUSE),
            Sign::Done,
            json!({ "issue": issue, "draft": draft.id, "symptoms": draft.report.symptoms, "solution": story::SOLUTION }),
        );
        Ok(issue)
    }

    fn draft_of(&self, ride: &Ride) -> Result<Option<IssueDraft>, WireError> {
        let drafts = self.desk.issue_list(all_issues())?.drafts;
        Ok(drafts.into_iter().find(|draft| draft.report.build.as_ref() == Some(&ride.id)))
    }

    fn issue_called(&self, problem: &str) -> Result<String, WireError> {
        let issues = self.desk.issue_list(all_issues())?.issues;
        let found = issues.into_iter().find(|row| row.problem == problem).map(|row| row.id);
        found.ok_or_else(|| WireError::unknown("entry of the issue log"))
    }

    /// Brings a build back that passed production before, and answers the issue-log entry that this opened.
    fn roll_back(&mut self, good: &Ride) -> Result<String, WireError> {
        let tom = self.sign_as(OPERATIONS.0)?;
        let known: Vec<String> =
            self.desk.issue_list(all_issues())?.issues.into_iter().map(|row| row.id).collect();
        self.desk.build_roll_back(BuildRollBack {
            build: good.id.clone(),
            stage: "production".to_owned(),
            role: OPERATIONS.1.to_owned(),
            reason: story::ROLLED_BACK.to_owned(),
            passphrase: None,
        })?;
        self.tell(
            "build_roll_back",
            Some(&tom),
            format!("rolls production back to {}: “{}”", good.title(), story::ROLLED_BACK),
            Sign::Done,
            json!({ "build": good.id, "label": good.label, "stage": "production" }),
        );
        let missing = format!("The roll-back to {} did not end", good.title());
        let ended = self.until(&missing, |player| {
            let view = player.desk.build_show(BuildShow { build: good.id.clone() })?;
            let visit = view.stages.into_iter().find(|visit| visit.stage.key == "production");
            let deployments = visit.map(|visit| visit.deployments).unwrap_or_default();
            Ok(deployments
                .into_iter()
                .rfind(|deployment| deployment.roll_back)
                .filter(|deployment| deployment.state != DeploymentState::Running))
        })?;
        if ended.state != DeploymentState::Succeeded {
            return Err(WireError::new(
                "sample.unexpected",
                format!("The roll-back to {} did not succeed: {}", good.title(), ended.detail),
                "Read the deployment's log.",
            ));
        }
        let line = self.desk.line_show(LineShow { service: good.service.id.clone() })?;
        let production = line.stages.into_iter().find(|stage| stage.key == "production");
        let hold = production.and_then(|stage| stage.hold).map(|hold| hold.reason);
        self.tell(
            "line_show",
            None,
            format!(
                "{} runs in production again; the stage is held until someone lets it go on.",
                good.title()
            ),
            Sign::Waits,
            json!({ "build": good.id, "deployment": ended.id, "hold": hold }),
        );
        let issues = self.desk.issue_list(all_issues())?.issues;
        let opened = issues.into_iter().find(|row| !known.contains(&row.id)).map(|row| row.id);
        opened.ok_or_else(|| WireError::unknown("entry of the issue log on the roll-back"))
    }

    fn explain(&mut self, issue: &str) -> Result<(), WireError> {
        self.sign_as("ines")?;
        let view = self.desk.issue_show(IssueShow { issue: issue.to_owned() })?;
        let report = ReportView {
            cause: story::ROLL_BACK_CAUSE.to_owned(),
            solution: story::SOLUTION.to_owned(),
            ..view.report
        };
        self.desk.issue_amend(IssueAmend { issue: issue.to_owned(), report })?;
        Ok(())
    }

    fn learn(
        &mut self,
        issue: &str,
        lesson: LessonKind,
        stage: Option<&str>,
        text: &str,
    ) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        self.desk.issue_close(IssueClose {
            issue: issue.to_owned(),
            lesson,
            stage: stage.map(str::to_owned),
            text: text.to_owned(),
        })?;
        let key = self.desk.issue_show(IssueShow { issue: issue.to_owned() })?.row.key;
        let said = match stage {
            Some(stage) => format!("closes {key} with a lesson, a new checklist item in {stage}: “{text}”"),
            None => format!("closes {key}: “{text}”"),
        };
        self.tell(
            "issue_close",
            Some(&ines),
            said,
            Sign::Done,
            json!({ "issue": issue, "key": key, "lesson": lesson, "text": text }),
        );
        Ok(())
    }

    fn let_go_on(&mut self, good: &Ride) -> Result<(), WireError> {
        let ines = self.sign_as("ines")?;
        self.desk.stage_release(StageRelease {
            service: good.service.id.clone(),
            stage: "production".to_owned(),
            reason: story::HOLD_RELEASED.to_owned(),
        })?;
        let said = format!("releases production: “{}”", story::HOLD_RELEASED);
        self.tell(
            "stage_release",
            Some(&ines),
            said,
            Sign::Done,
            json!({ "service": good.service.name, "stage": "production" }),
        );
        Ok(())
    }
}

fn all_issues() -> IssueList {
    IssueList { product: None, text: String::new(), open_only: false }
}
