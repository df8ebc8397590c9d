//! Triggers: what a product does at set times (R4).
//!
//! A cron expression of five fields, read on the wall clock of a time zone. Nothing here knows what time it is:
//! the instant to count from is always an argument.

use crate::moment::Moment;
use crate::refusal::Blocker;
use chrono::TimeDelta;
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// When something begins by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The IANA name of the zone whose wall clock counts, for example `Europe/Berlin`.
    pub time_zone: String,
    /// What begins.
    pub what: Triggered,
}

/// What a trigger begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Triggered {
    /// The tests of the whole product.
    ProductTests,
}

/// A trigger in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Armed {
    /// The trigger.
    pub trigger: Trigger,
    /// When it was set; nothing before is due.
    pub since: Moment,
}

impl Trigger {
    /// Everything that keeps the trigger from being set, seen from an instant; empty when nothing does.
    pub fn blockers(&self, now: Moment) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        let cron = self.cron();
        if let Err(why) = &cron {
            blockers.push(Blocker::new(
                "trigger.cron-malformed",
                format!("“{}” is no cron expression: {why}", self.cron),
                "Write five fields: minute, hour, day of the month, month, day of the week; for example 30 2 * * 1-5.",
            ));
        }
        let zone = self.zone();
        if zone.is_none() {
            blockers.push(Blocker::new(
                "trigger.zone-unknown",
                format!("“{}” is no time zone.", self.time_zone),
                "Use an IANA name, for example Europe/Berlin or UTC.",
            ));
        }
        if cron.is_ok() && zone.is_some() && self.next_after(now).is_none() {
            blockers.push(Blocker::new(
                "trigger.never",
                format!("“{}” never comes.", self.cron),
                "Choose a day that the calendar has.",
            ));
        }
        blockers
    }

    /// The first instant after this one at which the trigger is due.
    ///
    /// A time that the wall clock leaps over is due at the first instant after the leap. A time that the wall
    /// clock shows twice is due once, the first time, unless the hour or the minute is a wildcard.
    pub fn next_after(&self, moment: Moment) -> Option<Moment> {
        let from = moment.utc().with_timezone(&self.zone()?);
        let next = self.cron().ok()?.find_next_occurrence(&from, false).ok()?;
        Some(Moment::new(next.to_utc()))
    }

    /// Says whether the trigger is due at exactly this instant.
    pub fn is_due_at(&self, moment: Moment) -> bool {
        let before = Moment::new(moment.utc() - TimeDelta::seconds(1));
        self.next_after(before) == Some(moment)
    }

    /// The latest instant after `last` and not after `now` at which the trigger was due. However many were missed
    /// meanwhile, one is made up for.
    pub fn missed(&self, last: Moment, now: Moment) -> Option<Moment> {
        let from = now.utc().with_timezone(&self.zone()?);
        let latest = self.cron().ok()?.find_previous_occurrence(&from, true).ok()?;
        Some(Moment::new(latest.to_utc())).filter(|latest| *latest > last)
    }

    fn cron(&self) -> Result<Cron, String> {
        CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(&self.cron)
            .map_err(|error| error.to_string())
    }

    fn zone(&self) -> Option<Tz> {
        self.time_zone.parse().ok()
    }
}
