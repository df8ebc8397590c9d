//! Checks on the stage graph: who comes after whom, what can be reached, what can be gone round.

use super::{Defect, title, titles};
use crate::feature::FeatureState;
use crate::id::StageKey;
use crate::process::{Path, Process, Require, Stage};
use std::collections::BTreeSet;

/// Adds every defect of the graph.
pub(super) fn check(process: &Process, defects: &mut Vec<Defect>) {
    check_predecessors(process, defects);
    let in_cycles = check_cycles(process, defects);
    check_reachable(process, &in_cycles, defects);
    check_routes(process, defects);
}

fn check_predecessors(process: &Process, defects: &mut Vec<Defect>) {
    for stage in &process.stages {
        let name = title(stage);
        for key in &stage.predecessors.stages {
            match process.stage(key) {
                None => defects.push(Defect::new(
                    "process.predecessor-unknown",
                    &[stage],
                    format!("{name} comes after “{key}”, which is no stage of this process."),
                    "Name a stage that exists, or remove the predecessor.",
                    vec![
                        format!("A build can enter {name} once it has passed “{key}”."),
                        format!("No build can ever pass “{key}”."),
                    ],
                )),
                Some(before) if before.path == Path::Off => defects.push(Defect::new(
                    "process.behind-off-path",
                    &[before, stage],
                    format!("{name} comes after {}, which is off the path.", title(before)),
                    "Put the earlier stage on the path, or let the later one follow a stage on the path.",
                    vec![
                        format!("{} is off the path, so it counts for no build.", title(before)),
                        format!("{name} waits for it for ever."),
                    ],
                )),
                Some(_) => {}
            }
        }
    }
}

/// Reports each cycle once and answers the stages that stand in one.
fn check_cycles(process: &Process, defects: &mut Vec<Defect>) -> BTreeSet<StageKey> {
    let mut reported: BTreeSet<StageKey> = BTreeSet::new();
    for stage in &process.stages {
        if reported.contains(&stage.key) {
            continue;
        }
        let Some(round) = shortest_cycle(process, &stage.key) else { continue };
        reported.extend(round.iter().cloned());
        let stages: Vec<&Stage> = process.stages.iter().filter(|other| round.contains(&other.key)).collect();
        let names: Vec<String> = round.iter().filter_map(|key| process.stage(key)).map(title).collect();
        let next = names.iter().cycle().skip(1);
        let trace = names.iter().zip(next).map(|(one, other)| format!("{one} waits for {other}.")).collect();
        defects.push(Defect::new(
            "process.cycle",
            &stages,
            if names.len() == 1 {
                format!("{} waits for itself.", names[0])
            } else {
                format!("{} wait for each other in a circle.", titles(process, &round, "and"))
            },
            "Remove one of the predecessors in the circle.",
            trace,
        ));
    }
    reported
}

/// The shortest way from a stage through predecessors back to itself: the stages met, the first one first.
fn shortest_cycle(process: &Process, from: &StageKey) -> Option<Vec<StageKey>> {
    let mut ways: Vec<Vec<StageKey>> = vec![vec![from.clone()]];
    let mut seen: BTreeSet<StageKey> = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let Some(stage) = way.last().and_then(|key| process.stage(key)) else { continue };
            for before in &stage.predecessors.stages {
                if before == from {
                    return Some(way);
                }
                if seen.insert(before.clone()) {
                    let mut next = way.clone();
                    next.push(before.clone());
                    longer.push(next);
                }
            }
        }
        ways = longer;
    }
    None
}

fn check_reachable(process: &Process, in_cycles: &BTreeSet<StageKey>, defects: &mut Vec<Defect>) {
    let reached = passable(process, None);
    let is_reached = |key: &StageKey| reached.iter().any(|(known, _)| known == key);
    for stage in process.on_path().filter(|stage| !is_reached(&stage.key) && !in_cycles.contains(&stage.key))
    {
        let mut trace: Vec<String> = reached.iter().map(|(key, _)| passes(process, key)).collect();
        let waits: Vec<StageKey> =
            stage.predecessors.stages.iter().filter(|key| !is_reached(key)).cloned().collect();
        trace.push(format!(
            "{} still waits for {}, which no build can pass.",
            title(stage),
            titles(process, &waits, "and")
        ));
        defects.push(Defect::new(
            "process.unreachable",
            &[stage],
            format!("No build can ever reach {}.", title(stage)),
            "Let the stage follow stages that builds can pass.",
            trace,
        ));
    }
}

/// Looks for a way into a final stage that goes round a gate.
fn check_routes(process: &Process, defects: &mut Vec<Defect>) {
    let finals: Vec<&Stage> = finals(process);
    for last in &finals {
        for gated in process.on_path().filter(|stage| is_gated(stage) && stage.key != last.key) {
            // Another end of the line guards nothing but itself; a dangling gate guards nothing at all.
            if finals.iter().any(|other| other.key == gated.key) {
                continue;
            }
            if leads_only_elsewhere(process, gated, last, &finals) {
                continue;
            }
            let reached = passable(process, Some(&gated.key));
            let Some(route) = route_to(process, &reached, &last.key) else { continue };
            let mut trace: Vec<String> = vec!["A build arrives.".into()];
            trace.extend(route.iter().filter(|key| **key != last.key).map(|key| passes(process, key)));
            trace.push(format!(
                "It is ready for {}, and nobody looked at the gate of {}.",
                title(last),
                title(gated)
            ));
            defects.push(Defect::new(
                "process.gate-skipped",
                &[gated, *last],
                format!("A build can reach {} without passing {}.", title(last), title(gated)),
                "Let every way into the last stage lead through the gate: demand all predecessors, or add it as one.",
                trace,
            ));
        }
    }
}

/// The stages at which a delivery is complete: the end that is shown last, and every end that says so.
fn finals(process: &Process) -> Vec<&Stage> {
    let ends: Vec<&Stage> = process.on_path().filter(|stage| process.is_last(&stage.key)).collect();
    let shown_last = ends.last().map(|stage| stage.key.clone());
    ends.into_iter()
        .filter(|stage| {
            Some(&stage.key) == shown_last.as_ref()
                || stage.needs_release
                || stage.marks == Some(FeatureState::InProduction)
        })
        .collect()
}

fn is_gated(stage: &Stage) -> bool {
    stage.needs_release || !stage.gate.is_empty()
}

/// Says whether a stage guards another final stage and not this one.
fn leads_only_elsewhere(process: &Process, stage: &Stage, last: &Stage, finals: &[&Stage]) -> bool {
    let ahead = ahead_of(process, &stage.key);
    !ahead.contains(&last.key) && finals.iter().any(|other| ahead.contains(&other.key))
}

fn ahead_of(process: &Process, key: &StageKey) -> BTreeSet<StageKey> {
    let mut ahead = BTreeSet::new();
    let mut open = vec![key.clone()];
    while let Some(key) = open.pop() {
        for next in process.successors(&key) {
            if ahead.insert(next.key.clone()) {
                open.push(next.key.clone());
            }
        }
    }
    ahead
}

/// The on-path stages that a build can pass, each with the predecessors that it needed, in an order in which
/// it can pass them; `without` is never passed.
fn passable(process: &Process, without: Option<&StageKey>) -> Vec<(StageKey, Vec<StageKey>)> {
    let mut passed: Vec<(StageKey, Vec<StageKey>)> = Vec::new();
    loop {
        let is_passed = |key: &StageKey| passed.iter().any(|(known, _)| known == key);
        let next: Vec<(StageKey, Vec<StageKey>)> = process
            .on_path()
            .filter(|stage| Some(&stage.key) != without && !is_passed(&stage.key))
            .filter_map(|stage| {
                let wanted = &stage.predecessors.stages;
                let needed = match stage.predecessors.require {
                    Require::Any if !wanted.is_empty() => {
                        vec![wanted.iter().find(|key| is_passed(key))?.clone()]
                    }
                    _ => wanted.iter().all(&is_passed).then(|| wanted.clone())?,
                };
                Some((stage.key.clone(), needed))
            })
            .collect();
        if next.is_empty() {
            return passed;
        }
        passed.extend(next);
    }
}

/// The stages that a build passes to get to `last`, in order, or none when it can't.
fn route_to(
    process: &Process,
    passed: &[(StageKey, Vec<StageKey>)],
    last: &StageKey,
) -> Option<Vec<StageKey>> {
    passed.iter().find(|(key, _)| key == last)?;
    let mut needed: BTreeSet<StageKey> = BTreeSet::from([last.clone()]);
    for (key, before) in passed.iter().rev() {
        if needed.contains(key) {
            needed.extend(before.iter().cloned());
        }
    }
    debug_assert!(needed.iter().all(|key| process.stage(key).is_some()), "only stages can be passed");
    Some(passed.iter().map(|(key, _)| key.clone()).filter(|key| needed.contains(key)).collect())
}

/// The stages that a build must or may have passed before it stands in `key`.
pub(super) fn behind(process: &Process, key: &StageKey) -> BTreeSet<StageKey> {
    let mut behind = BTreeSet::new();
    let mut open = vec![key.clone()];
    while let Some(key) = open.pop() {
        let Some(stage) = process.stage(&key) else { continue };
        for before in &stage.predecessors.stages {
            if behind.insert(before.clone()) {
                open.push(before.clone());
            }
        }
    }
    behind
}

fn passes(process: &Process, key: &StageKey) -> String {
    process
        .stage(key)
        .map_or_else(|| format!("It passes “{key}”."), |stage| format!("It passes {}.", title(stage)))
}
