//! When the tests of a product begin by themselves, for people.

use crate::wire::{Reason, TriggerPreview, TriggerView};
use signalbox_domain::moment::Moment;
use signalbox_domain::trigger::Trigger;

/// How many instants of a trigger are shown.
const SHOWN: usize = 5;

/// A trigger with its next instants.
pub fn trigger_view(trigger: &Trigger, at: Moment) -> TriggerView {
    TriggerView { cron: trigger.cron.clone(), zone: trigger.time_zone.clone(), next: next(trigger, at) }
}

/// What a trigger that is being typed would do.
pub fn trigger_preview(trigger: &Trigger, at: Moment) -> TriggerPreview {
    let reasons: Vec<Reason> = trigger.blockers(at).into_iter().map(Reason::from).collect();
    let next = if reasons.is_empty() { next(trigger, at) } else { Vec::new() };
    TriggerPreview { next, reasons }
}

fn next(trigger: &Trigger, at: Moment) -> Vec<String> {
    std::iter::successors(trigger.next_after(at), |moment| trigger.next_after(*moment))
        .take(SHOWN)
        .map(|moment| moment.to_string())
        .collect()
}
