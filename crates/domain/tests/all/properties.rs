//! What holds in every state that random acts on random lines can reach, under both policies.

use proptest::prelude::*;
use serde_json::{Value, json};
use signalbox_domain::id::{BuildId, ServiceId, StageKey};
use signalbox_domain::line::Standing;
use signalbox_domain::process::{
    Entry, Gate, Item, OnFailure, Path, Predecessors, Process, Require, Stage, Waiting,
};
use signalbox_domain::rule::{Apart, Rule};
use signalbox_domain::simulate::{Row, Simulation};
use signalbox_domain::starters::starters;
use signalbox_domain::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// Up to six stages, each behind any of the earlier ones: fans out and in, by presses and by itself.
pub fn processes() -> impl Strategy<Value = Process> {
    prop_oneof![
        3 => prop::collection::vec(stage_shape(), 1..7).prop_map(|shapes| Process {
            stages: shapes.iter().enumerate().map(|(at, shape)| shaped(at, shape)).collect(),
        }),
        1 => prop::sample::select(starters().into_iter().map(|starter| starter.process).collect::<Vec<_>>()),
    ]
}

#[derive(Clone, Debug)]
struct Shape {
    before: u8,
    any: bool,
    press: bool,
    off: bool,
    stops: bool,
    release: bool,
    gate: u8,
    apart: bool,
}

fn stage_shape() -> impl Strategy<Value = Shape> {
    let rare = || prop::bool::weighted(0.15);
    (any::<u8>(), any::<bool>(), prop::bool::weighted(0.3), rare(), rare(), rare(), 0_u8..6, rare()).prop_map(
        |(before, any, press, off, stops, release, gate, apart)| Shape {
            before,
            any,
            press,
            off,
            stops,
            release,
            gate,
            apart,
        },
    )
}

fn shaped(at: usize, shape: &Shape) -> Stage {
    let before = (0..at).filter(|earlier| shape.before & (1 << earlier) != 0);
    let before: Vec<StageKey> = before.map(|earlier| StageKey::new(format!("s{earlier}"))).collect();
    let gate = match shape.gate {
        0 => Gate::default(),
        1 => Gate { checks: vec!["tests".into()], ..Gate::default() },
        2 => {
            Gate { checklist: vec![Item { key: "look".into(), text: "Looked at".into() }], ..Gate::default() }
        }
        3 => Gate { rule: Some(Rule::of(2, "tester")), checks: vec!["tests".into()], ..Gate::default() },
        _ => Gate { rule: Some(Rule::one_of(&["tester", "operations"])), ..Gate::default() },
    };
    let apart = if shape.apart { vec![Apart::OtherApprovers, Apart::Deployer] } else { Vec::new() };
    let release = shape.release && shape.press;
    Stage {
        key: StageKey::new(format!("s{at}")),
        name: format!("Stage {at}"),
        path: if shape.off { Path::Off } else { Path::On },
        predecessors: Predecessors {
            require: if shape.any { Require::Any } else { Require::All },
            stages: before,
        },
        entry: if shape.press { Entry::Press } else { Entry::Automatic },
        waiting: Waiting::Queue,
        on_failure: if shape.stops { OnFailure::StopLine } else { OnFailure::Open },
        gate: Gate { apart, ..gate },
        deployers: if release { vec!["release-manager".into()] } else { Vec::new() },
        needs_release: release,
        asks_passphrase: false,
        marks: None,
        note: String::new(),
    }
}

/// Names a verb, a build and a stage by numbers that [`written`] turns into an act.
fn moves() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    prop::collection::vec((0_u8..20, any::<u8>(), any::<u8>()), 1..60)
}

/// Most acts are about builds and stages that exist, and often about who stands there.
fn written(simulation: &Simulation, arrived: &mut u8, (verb, build, stage): (u8, u8, u8)) -> Value {
    let stages = &simulation.process().stages;
    let at = usize::from(stage) % (stages.len() + 1);
    let key = stages.get(at).map_or("nowhere", |stage| stage.key.as_str());
    let occupant = simulation.state().block(&"service".into(), &key.into()).shown;
    let any_build = format!("c{}", build % (*arrived + 2));
    let shown = occupant.and_then(|build| simulation.state().builds.get(&build));
    let there = shown.map_or_else(|| any_build.clone(), |build| build.content.label.clone());
    match verb {
        0..=3 => {
            *arrived += 1;
            json!(["commit", format!("c{arrived}")])
        }
        4..=8 => json!(["approve", there, key]),
        9 => json!(["approve", any_build, key]),
        10 => json!(["reject", there, key]),
        11 => json!(["reject", any_build, key]),
        12 => json!(["fail", there, key]),
        13 => json!(["retry", there, key]),
        14..=16 => json!(["press", any_build, key]),
        17 => json!(["hold", key]),
        18 => json!(["release", key]),
        _ => json!(["commit", any_build]),
    }
}

/// What holds of a line in every state, whoever moves its builds.
pub fn check_line(state: &State, service: &ServiceId, process: &Process) -> Result<(), TestCaseError> {
    let line = &state.lines[service];
    let mut waits: BTreeMap<(&BuildId, &StageKey), usize> = BTreeMap::new();
    for (key, block) in &line.sections {
        let undecided: Vec<&BuildId> =
            state.builds.values().filter(|build| build.is_in(key)).map(|build| &build.id).collect();
        prop_assert!(undecided.len() <= 1, "L1: {key} holds {undecided:?}");
        prop_assert_eq!(undecided.first().copied(), block.occupant.as_ref(), "L1: the lock of {}", key);
        prop_assert!(
            block.occupant.is_none() || block.shown == block.occupant,
            "L7: {} does not display its occupant",
            key
        );
        for build in &block.waiting {
            prop_assert!(block.occupant.as_ref() != Some(build), "{build} waits where it stands");
            *waits.entry((build, key)).or_default() += 1;
        }
        let stage = process.stage(key);
        let admits = stage.is_some_and(|stage| stage.entry == Entry::Automatic)
            && block.hold.is_none()
            && !state.is_gated(service, key);
        prop_assert!(
            !(admits && block.occupant.is_none() && !block.waiting.is_empty()),
            "L4: {key} is free and lets builds wait"
        );
    }
    for build in state.builds.values() {
        for stage in process.on_path() {
            let standing = build.standings.get(&stage.key);
            let block = state.block(service, &stage.key);
            let waiting = waits.get(&(&build.id, &stage.key)).copied().unwrap_or_default();
            let holds = block.occupant.as_ref() == Some(&build.id);
            match standing {
                Some(Standing::Waiting { .. }) => {
                    prop_assert_eq!((waiting, holds), (1, false), "L8: {} at {}", build.id, stage.key);
                }
                Some(Standing::InStage { .. }) => {
                    prop_assert_eq!((waiting, holds), (0, true), "L8: {} at {}", build.id, stage.key);
                }
                _ => prop_assert_eq!((waiting, holds), (0, false), "L8: {} at {}", build.id, stage.key),
            }
        }
        if let Some(rejected) = build.rejected_at() {
            let goes_on = build.standings.iter().any(|(key, standing)| match standing {
                Standing::Waiting { .. } | Standing::InStage { ending: None, .. } => true,
                // Work that still runs is awaited before the section opens.
                Standing::InStage { ending: Some(_), .. } => {
                    build.visit(key).is_none_or(|visit| visit.running().is_none())
                }
                _ => false,
            });
            prop_assert!(!goes_on, "L5: {} was rejected in {} and goes on", build.id, rejected);
            for (key, standing) in &build.standings {
                let before = process.stage(key).map(|stage| &stage.predecessors);
                let needed = before
                    .is_some_and(|before| before.require == Require::All && before.stages.contains(rejected));
                prop_assert!(!needed, "L5: {} is {standing:?} in {key}, behind {rejected}", build.id);
            }
        }
        for (key, standing) in &build.standings {
            if matches!(
                standing,
                Standing::Waiting { .. } | Standing::InStage { .. } | Standing::Passed { .. }
            ) {
                let stage = process.stage(key).unwrap();
                let before = &stage.predecessors;
                let ready = match before.require {
                    _ if before.stages.is_empty() => true,
                    Require::All => before.stages.iter().all(|key| build.passed(key)),
                    Require::Any => before.stages.iter().any(|key| build.passed(key)),
                };
                prop_assert!(ready, "P1: {} got to {key} without its predecessors", build.id);
            }
        }
    }
    Ok(())
}

/// P5, P6, N2: who passed a gate, passed what it asks for.
fn check_passed(simulation: &Simulation) -> Result<(), TestCaseError> {
    for build in simulation.state().builds.values() {
        for stage in simulation.process().stages.iter().filter(|stage| build.passed(&stage.key)) {
            let visit = build.visit(&stage.key).cloned().unwrap_or_default();
            let gate = &stage.gate;
            for check in &gate.checks {
                let good = visit.checks.iter().any(|known| known.name == *check && known.passed);
                prop_assert!(good, "P5: {} passed {} without {check}", build.id, stage.key);
            }
            prop_assert!(gate.checklist.iter().all(|item| visit.items.contains_key(&item.key)));
            if let Some(rule) = &gate.rule {
                let voices = signalbox_domain::gate::voices(&visit);
                prop_assert!(rule.missing(&voices).is_empty(), "P6: {} passed {}", build.id, stage.key);
                let people: BTreeSet<_> = voices.iter().map(|voice| &voice.person).collect();
                prop_assert_eq!(people.len(), voices.len(), "P6: one person counts once");
            }
            if stage.needs_release {
                let carried = simulation.state().releases.values().any(|release| release.carries(&build.id));
                prop_assert!(carried, "N2: {} passed {} without a release", build.id, stage.key);
            }
        }
    }
    Ok(())
}

fn replayed(simulation: &Simulation) -> State {
    let mut state = State::default();
    for recorded in simulation.history() {
        state.apply(&recorded.meta, &recorded.fact);
    }
    state.touched.clear();
    state
}

/// The decisions of a run without what a person would not see.
fn shown(row: &Row) -> (&Vec<String>, &BTreeMap<String, Vec<String>>) {
    (&row.columns, &row.waiting)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn line_properties_hold_in_every_reachable_state(
        process in processes(),
        supersede in any::<bool>(),
        moves in moves(),
    ) {
        let policy = if supersede { Waiting::Supersede } else { Waiting::Queue };
        let mut simulation = Simulation::new(process, policy);
        let mut arrived = 0;
        let mut before: Option<Row> = None;
        for choice in moves {
            let act = written(&simulation, &mut arrived, choice);
            let (state, recorded) = (simulation.state().clone(), simulation.history().len());
            let row = simulation.step(&act);
            if row.refused.is_empty() {
                prop_assert!(simulation.history().len() > recorded, "{act} left no trace");
            } else {
                prop_assert_eq!(simulation.state(), &state, "a refused {} changed something", act);
                prop_assert_eq!(simulation.history().len(), recorded);
                if let Some(before) = &before {
                    prop_assert_eq!(shown(before), shown(&row));
                }
                for blocker in &row.refused {
                    prop_assert!(!blocker.code.is_empty() && !blocker.sentence.is_empty());
                    prop_assert!(!blocker.next_step.is_empty());
                }
            }
            check_line(simulation.state(), &"service".into(), simulation.process())?;
            if supersede {
                for (stage, builds) in &row.waiting {
                    prop_assert!(builds.len() <= 1, "P3: {stage} lets {builds:?} wait");
                }
            }
            before = Some(row);
        }
        check_passed(&simulation)?;
        prop_assert_eq!(&replayed(&simulation), simulation.state(), "replay differs");
    }

    #[test]
    fn line_p3_both_policies_agree_until_a_second_build_waits(process in processes(), moves in moves()) {
        let mut queue = Simulation::new(process.clone(), Waiting::Queue);
        let mut supersede = Simulation::new(process, Waiting::Supersede);
        let mut arrived = 0;
        for choice in moves {
            let act = written(&queue, &mut arrived, choice);
            let row = queue.step(&act);
            if row.waiting.values().any(|builds| builds.len() > 1) {
                break;
            }
            prop_assert_eq!(row, supersede.step(&act));
        }
    }
}
