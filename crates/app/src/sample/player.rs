//! Plays acts as the people of Harbour, through the same commands that screens and scripts use.
//!
//! Owns how one person does one thing: takes the pen, reads the sheet, signs, waits for the pipeline. Which
//! acts follow each other is in `plays`, what a release plan needs in `planning`, the texts in `story`.
//! Nothing here knows the domain or the store.

use super::files::{Delivery, deliver};
use super::story::{self, wish};
use crate::desk::Desk;
use crate::wire::{
    BuildState, BuildsScan, ChecklistSet, DeploymentLog, Empty, FeatureList, FeatureMoveTo, FeatureRequest,
    FeatureShow, FeatureSign, FeatureState, GateSign, ItemState, LineShow, Meaning, PacketShow, PacketView,
    PersonBrief, PersonSwitch, ProductBrief, Reason, ServiceBrief, WireError,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How long to pause between two looks at a deployment.
const PAUSE: Duration = Duration::from_millis(100);
/// How many looks a deployment may take: five minutes; it needs a second.
const LOOKS: u32 = 3_000;

/// One thing that was done or seen, for whoever tells the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The command, or `chapter` where a new part begins.
    pub act: String,
    /// The full name of who did it; none for what the machine did or saw.
    pub who: Option<String>,
    /// What happened, in a sentence.
    pub what: String,
    /// How it stands now.
    pub sign: Sign,
    /// Ids, digests, log lines and reasons.
    pub detail: Value,
}

/// How it stands after something was done or seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// A new part of the story.
    Chapter,
    /// It is done.
    Done,
    /// Somebody has to decide.
    Waits,
    /// It was stopped or refused.
    Stopped,
}

/// Plays acts as the people of the sample product.
///
/// It has to be used outside of asynchronous code: it waits for deployments.
pub struct Player<'a> {
    pub(super) desk: &'a Desk,
    folder: &'a Path,
    say: &'a mut dyn FnMut(Said),
}

/// A build on its way.
#[derive(Clone, Debug)]
pub(super) struct Ride {
    pub id: String,
    pub label: String,
    pub service: ServiceBrief,
}

impl Ride {
    /// The service's name and the build's label.
    pub fn title(&self) -> String {
        format!("{} {}", self.service.name, self.label)
    }

    /// The same at the beginning of a sentence.
    pub fn heading(&self) -> String {
        let title = self.title();
        let mut letters = title.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

impl<'a> Player<'a> {
    /// A player on a desk; `folder` holds the sample product's `pipeline.toml`.
    pub fn new(desk: &'a Desk, folder: &'a Path, say: &'a mut dyn FnMut(Said)) -> Self {
        Self { desk, folder, say }
    }

    pub(super) fn chapter(&mut self, what: impl Into<String>) {
        self.tell("chapter", None, what, Sign::Chapter, Value::Null);
    }

    pub(super) fn tell(
        &mut self,
        act: &str,
        who: Option<&PersonBrief>,
        what: impl Into<String>,
        sign: Sign,
        detail: Value,
    ) {
        let who = who.map(|person| person.name.clone());
        (self.say)(Said { act: act.to_owned(), who, what: what.into(), sign, detail });
    }

    /// Lets a person of the sample product sign from now on.
    pub(super) fn sign_as(&self, handle: &str) -> Result<PersonBrief, WireError> {
        let view = self.desk.desk_show(Empty {})?;
        let person = view
            .here
            .into_iter()
            .find(|person| person.handle == handle)
            .ok_or_else(|| WireError::unknown("person of the sample product on this machine"))?;
        if view.me.is_none_or(|me| me.id != person.id) {
            self.desk.person_switch(PersonSwitch { person: person.id.clone() })?;
        }
        Ok(person)
    }

    /// Plays something and gives the pen back to whoever had it.
    pub(super) fn keeping_the_pen<T>(
        &mut self,
        play: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let before = self.desk.desk_show(Empty {})?.me;
        let played = play(self);
        if let Some(me) = before {
            self.desk.person_switch(PersonSwitch { person: me.id })?;
        }
        played
    }

    pub(super) fn product(&self) -> Result<ProductBrief, WireError> {
        self.desk
            .desk_show(Empty {})?
            .products
            .into_iter()
            .next()
            .ok_or_else(|| WireError::unknown("sample product"))
    }

    pub(super) fn service(&self, name: &str) -> Result<ServiceBrief, WireError> {
        let services = self.product()?.services;
        let found = services.into_iter().find(|service| service.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| WireError::unknown("service of the sample product"))
    }

    pub(super) fn ride(&self, service: &str, label: &str) -> Result<Option<Ride>, WireError> {
        let service = self.service(service)?;
        let line = self.desk.line_show(LineShow { service: service.id.clone() })?;
        let found = line.builds.into_iter().find(|row| row.build.label == label);
        Ok(found.map(|row| Ride { id: row.build.id, label: row.build.label, service }))
    }

    /// Makes sure that the features are tracked before a build carries them.
    pub(super) fn ask_for(&mut self, keys: &[&str]) -> Result<(), WireError> {
        for key in keys {
            let known = self.desk.feature_list(FeatureList { product: None, text: (*key).to_owned() })?;
            let Some(wish) = wish(key).filter(|_| known.features.iter().all(|row| row.key != *key)) else {
                continue;
            };
            let product = self.product()?.id;
            let maya = self.sign_as("maya")?;
            self.desk.feature_request(FeatureRequest {
                product,
                key: wish.key.to_owned(),
                title: wish.title.to_owned(),
            })?;
            let jon = self.sign_as("jon")?;
            self.move_feature(
                wish.key,
                FeatureState::InBranch,
                Some(jon.id),
                format!("Branch {}", wish.key),
            )?;
            self.move_feature(
                wish.key,
                FeatureState::BranchTested,
                None,
                "All tests of the branch passed.".to_owned(),
            )?;
            let priya = self.sign_as("priya")?;
            self.move_feature(wish.key, FeatureState::Reviewed, None, format!("Read by {}.", priya.name))?;
            self.tell(
                "feature_request",
                Some(&maya),
                format!(
                    "asks for {} “{}”; {} writes it, {} reviews it.",
                    wish.key, wish.title, jon.name, priya.name
                ),
                Sign::Done,
                json!({ "feature": wish.key, "title": wish.title }),
            );
        }
        Ok(())
    }

    fn move_feature(
        &self,
        feature: &str,
        to: FeatureState,
        developer: Option<String>,
        evidence: String,
    ) -> Result<(), WireError> {
        self.desk.feature_move(FeatureMoveTo { feature: feature.to_owned(), to, developer, evidence })?;
        Ok(())
    }

    /// Delivers a build to the pipeline and looks for it.
    pub(super) fn arrive(&mut self, delivery: &Delivery) -> Result<Ride, WireError> {
        deliver(self.folder, delivery)?;
        self.desk.builds_scan(BuildsScan { service: None })?;
        let missing = format!("{} {} did not arrive", delivery.service, delivery.label);
        let ride = self.until(&missing, |player| player.ride(delivery.service, delivery.label))?;
        let carries = if delivery.features.is_empty() {
            String::new()
        } else {
            format!(" with {}", delivery.features.join(", "))
        };
        self.tell(
            "builds_scan",
            None,
            format!("{} (commit {}){carries} arrived from the pipeline.", ride.heading(), delivery.commit),
            Sign::Done,
            json!({ "build": ride.id, "service": ride.service.name, "label": ride.label, "commit": delivery.commit,
                    "features": delivery.features }),
        );
        Ok(ride)
    }

    /// Looks until something is there, and brings deployments forward meanwhile.
    pub(super) fn until<T>(
        &self,
        missing: &str,
        mut look: impl FnMut(&Self) -> Result<Option<T>, WireError>,
    ) -> Result<T, WireError> {
        for _ in 0..LOOKS {
            self.desk.work_once()?;
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            std::thread::sleep(PAUSE);
        }
        Err(WireError::new(
            "sample.too-slow",
            format!("{missing}, although there was time enough."),
            "Look at the line and at the deployment's log; free the machine of other work and try again.",
        )
        .retryable())
    }

    pub(super) fn sheet(&self, ride: &Ride, stage: &str) -> Result<PacketView, WireError> {
        self.desk.packet_show(PacketShow { build: ride.id.clone(), stage: stage.to_owned() })
    }

    /// Waits until a build's deployment into a stage ended as expected, and tells what was seen there.
    pub(super) fn watch(
        &mut self,
        ride: &Ride,
        stage: &str,
        wanted: &BuildState,
    ) -> Result<PacketView, WireError> {
        let missing = format!("The deployment of {} into {stage} did not end", ride.title());
        let sheet = self.until(&missing, |player| {
            let sheet = player.sheet(ride, stage)?;
            let on_the_way =
                [BuildState::NotReached, BuildState::Ready, BuildState::Waiting, BuildState::Deploying];
            Ok((!on_the_way.contains(&sheet.state)).then_some(sheet))
        })?;
        let log = self.log(&sheet)?;
        if sheet.state != *wanted {
            let mut error = WireError::new(
                "sample.unexpected",
                format!(
                    "{} in {} is “{}”, which the sample product does not expect.",
                    ride.title(),
                    sheet.stage.name,
                    sheet.word
                ),
                "Read the last lines of the deployment's log.",
            );
            error.reasons = log
                .iter()
                .rev()
                .take(5)
                .rev()
                .map(|line| Reason {
                    code: "deployment.log".to_owned(),
                    sentence: line.clone(),
                    next_step: String::new(),
                })
                .collect();
            return Err(error);
        }
        let (what, sign) = match wanted {
            BuildState::Stopped => ("failed", Sign::Stopped),
            BuildState::Undecided => ("deployed, checked, and now undecided", Sign::Waits),
            _ => ("deployed, checked and passed", Sign::Done),
        };
        let checks: Vec<Value> = sheet
            .gate
            .checks
            .iter()
            .map(|check| json!({ "name": check.name, "passed": check.passed, "summary": check.summary }))
            .collect();
        self.tell(
            "deployment_log",
            None,
            format!("{} in {}: {what}.", ride.heading(), sheet.stage.name),
            sign,
            json!({ "build": ride.id, "label": ride.label, "service": ride.service.name, "stage": sheet.stage.key,
                    "state": sheet.state, "deployment": sheet.deployment.as_ref().map(|known| known.id.clone()),
                    "checks": checks, "log": log }),
        );
        Ok(sheet)
    }

    fn log(&self, sheet: &PacketView) -> Result<Vec<String>, WireError> {
        let Some(deployment) = &sheet.deployment else { return Ok(Vec::new()) };
        let (mut text, mut after) = (String::new(), String::new());
        loop {
            let ask = DeploymentLog { deployment: deployment.id.clone(), after: after.clone() };
            let view = self.desk.deployment_log(ask)?;
            text.push_str(&view.text);
            if !view.more || view.next == after {
                return Ok(text.lines().map(str::to_owned).collect());
            }
            after = view.next;
        }
    }

    /// Reads the sheet and approves it.
    pub(super) fn approve(
        &mut self,
        ride: &Ride,
        stage: &str,
        who: (&str, &str),
        comment: &str,
    ) -> Result<(), WireError> {
        let (sheet, person) = self.sign_gate(ride, stage, who, true, comment)?;
        self.tell(
            "gate_sign",
            Some(&person),
            format!("approves {} in {}: “{comment}”", ride.title(), sheet.stage.name),
            Sign::Done,
            signed(ride, &sheet, true, who.1, comment),
        );
        Ok(())
    }

    /// Reads the sheet and rejects it.
    pub(super) fn reject(
        &mut self,
        ride: &Ride,
        stage: &str,
        who: (&str, &str),
        reason: &str,
    ) -> Result<(), WireError> {
        let (sheet, person) = self.sign_gate(ride, stage, who, false, reason)?;
        self.tell(
            "gate_sign",
            Some(&person),
            format!("rejects {} in {}: “{reason}”", ride.title(), sheet.stage.name),
            Sign::Stopped,
            signed(ride, &sheet, false, who.1, reason),
        );
        Ok(())
    }

    fn sign_gate(
        &mut self,
        ride: &Ride,
        stage: &str,
        (handle, role): (&str, &str),
        approved: bool,
        comment: &str,
    ) -> Result<(PacketView, PersonBrief), WireError> {
        let person = self.sign_as(handle)?;
        let sheet = self.sheet(ride, stage)?;
        self.desk.gate_sign(GateSign {
            build: ride.id.clone(),
            stage: stage.to_owned(),
            approved,
            role: role.to_owned(),
            meaning: Meaning::Approval,
            comment: comment.to_owned(),
            packet: sheet.digest.clone(),
            passphrase: None,
        })?;
        Ok((sheet, person))
    }

    /// Does every open item of a stage's checklist.
    pub(super) fn tick(&mut self, ride: &Ride, stage: &str, handle: &str) -> Result<(), WireError> {
        let person = self.sign_as(handle)?;
        let open: Vec<_> = self
            .sheet(ride, stage)?
            .gate
            .items
            .into_iter()
            .filter(|item| item.state == ItemState::Open)
            .collect();
        for item in open {
            self.desk.checklist_set(ChecklistSet {
                build: ride.id.clone(),
                stage: stage.to_owned(),
                item: item.key.clone(),
                state: ItemState::Done,
                reason: String::new(),
            })?;
            self.tell(
                "checklist_set",
                Some(&person),
                format!("ticks “{}” for {}.", item.text, ride.title()),
                Sign::Done,
                json!({ "build": ride.id, "stage": stage, "item": item.key }),
            );
        }
        Ok(())
    }

    /// Signs off every feature that the gate of a stage wants in this build.
    pub(super) fn accept_features(&mut self, ride: &Ride, stage: &str) -> Result<(), WireError> {
        let maya = self.sign_as("maya")?;
        let wanted: Vec<_> = self
            .sheet(ride, stage)?
            .gate
            .features
            .into_iter()
            .filter(|mark| mark.signed_off != Some(true))
            .collect();
        for mark in wanted {
            let shown = self
                .desk
                .feature_show(FeatureShow { feature: mark.key.clone(), build: Some(ride.id.clone()) })?;
            let sheet =
                shown.sheet.ok_or_else(|| WireError::unknown("sheet for this feature in this build"))?;
            let comment = wish(&mark.key).map_or(story::OTHER_DUTY.evidence, |wish| wish.seen);
            self.desk.feature_sign(FeatureSign {
                feature: mark.key.clone(),
                build: ride.id.clone(),
                approved: true,
                role: "business-analyst".to_owned(),
                comment: comment.to_owned(),
                packet: sheet.digest,
                passphrase: None,
            })?;
            self.tell(
                "feature_sign",
                Some(&maya),
                format!("signs off {} “{}” in {}: “{comment}”", mark.key, mark.title, ride.title()),
                Sign::Done,
                json!({ "feature": mark.key, "build": ride.id }),
            );
        }
        Ok(())
    }
}

fn signed(ride: &Ride, sheet: &PacketView, approved: bool, role: &str, comment: &str) -> Value {
    json!({ "build": ride.id, "label": ride.label, "service": ride.service.name, "stage": sheet.stage.key,
            "approved": approved, "role": role, "comment": comment, "packet": sheet.digest })
}
