//! When a trigger is due, on the wall clock of its zone (R4).

use signalbox_domain::moment::Moment;
use signalbox_domain::trigger::{Trigger, Triggered};

fn trigger(cron: &str, time_zone: &str) -> Trigger {
    Trigger { cron: cron.into(), time_zone: time_zone.into(), what: Triggered::ProductTests }
}

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// The first instants after one, as they are written.
fn next(trigger: &Trigger, from: &str, count: usize) -> Vec<String> {
    let mut moment = at(from);
    let mut found = Vec::new();
    for _ in 0..count {
        moment = trigger.next_after(moment).unwrap();
        found.push(moment.to_string().replace(":00.000Z", "Z"));
    }
    found
}

#[test]
fn trigger_r4_is_read_on_the_wall_clock_of_its_zone() {
    let nightly = trigger("30 2 * * 1-5", "Europe/Berlin");
    assert_eq!(
        next(&nightly, "2026-11-20T01:30:00Z", 2),
        ["2026-11-23T01:30Z", "2026-11-24T01:30Z"],
        "Friday's own instant is over, the weekend is skipped"
    );
    assert_eq!(
        next(&trigger("30 2 * * *", "America/New_York"), "2026-07-01T00:00:00Z", 1),
        ["2026-07-01T06:30Z"]
    );
}

#[test]
fn trigger_r4_a_time_that_the_clock_leaps_over_is_due_right_after_the_leap() {
    // 29 March 2026 in Berlin: 02:00 becomes 03:00, at 01:00 UTC.
    assert_eq!(
        next(&trigger("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]
    );
}

#[test]
fn trigger_r4_a_time_that_the_clock_shows_twice_is_due_once() {
    // 25 October 2026 in Berlin: 03:00 becomes 02:00, at 01:00 UTC.
    assert_eq!(
        next(&trigger("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]
    );
}

#[test]
fn trigger_r4_what_was_missed_is_made_up_for_once() {
    let nightly = trigger("30 2 * * *", "Europe/Berlin");
    let missed = |last, now| nightly.missed(at(last), at(now)).map(|due| due.to_string());
    assert_eq!(
        missed("2026-11-01T01:30:00Z", "2026-11-21T10:00:00Z").as_deref(),
        Some("2026-11-21T01:30:00.000Z")
    );
    assert_eq!(missed("2026-11-21T01:30:00Z", "2026-11-22T01:29:59Z"), None);
    assert_eq!(
        missed("2026-11-21T01:30:00Z", "2026-11-22T01:30:00Z").as_deref(),
        Some("2026-11-22T01:30:00.000Z")
    );
}

#[test]
fn trigger_r4_looking_back_finds_what_looking_ahead_found_also_where_the_clock_changes() {
    for cron in ["30 2 * * *", "15 * * * *", "*/20 1-3 * * *", "0 3 1 * *"] {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"] {
            let trigger = trigger(cron, zone);
            for start in [
                "2026-03-27T00:00:00Z",
                "2026-10-23T00:00:00Z",
                "2026-10-31T00:00:00Z",
                "2026-04-03T00:00:00Z",
            ] {
                let mut last = at(start);
                for _ in 0..80 {
                    let due = trigger.next_after(last).unwrap();
                    assert!(due > last);
                    assert!(trigger.is_due_at(due), "{cron} in {zone}: {due}");
                    assert_eq!(trigger.missed(last, due), Some(due), "{cron} in {zone}");
                    let shortly = Moment::from_millis(due.millis() - 1000);
                    assert_eq!(trigger.missed(last, shortly), None, "{cron} in {zone}, before {due}");
                    last = due;
                }
            }
        }
    }
}

#[test]
fn trigger_r4_what_can_not_be_meant_is_refused_with_all_reasons() {
    let codes = |cron: &str, zone: &str| {
        let blockers = trigger(cron, zone).blockers(at("2026-11-21T00:00:00Z"));
        blockers.into_iter().map(|blocker| blocker.code).collect::<Vec<_>>()
    };
    assert!(codes("30 2 * * 1-5", "Europe/Berlin").is_empty());
    assert!(codes("@daily", "UTC").is_empty());
    for malformed in ["", "every night", "61 2 * * *", "0 30 2 * * *", "30 2 * *"] {
        assert_eq!(codes(malformed, "UTC"), ["trigger.cron-malformed"], "{malformed}");
    }
    assert_eq!(codes("never", "Berlin"), ["trigger.cron-malformed", "trigger.zone-unknown"]);
    assert_eq!(codes("0 2 30 2 *", "UTC"), ["trigger.never"], "the 30th of February");
}
