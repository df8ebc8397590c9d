//! What holds in every state that random acts and moves can reach where a pipeline moves builds by itself.

use crate::bench::{Bench, report};
use crate::properties::{check_line, processes};
use proptest::prelude::*;
use signalbox_domain::decide::{Act, Decided};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, StageKey};
use signalbox_domain::line::{Admitted, ItemState, Outcome};
use signalbox_domain::process::Process;
use signalbox_domain::product::{StageBinding, Way};
use signalbox_domain::state::State;
use std::collections::BTreeSet;

/// How each stage is bound: by hand, driven, gated, gated with a gate that is answered.
fn ways() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..5, 10)
}

/// Names a verb, a build and a stage by numbers.
fn moves() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    prop::collection::vec((0_u8..34, any::<u8>(), any::<u8>()), 1..70)
}

fn bound(process: &Process, ways: &[u8]) -> (Vec<String>, Vec<StageBinding>) {
    let (mut stages, mut mapped) = (Vec::new(), Vec::new());
    for (stage, way) in process.stages.iter().zip(ways.iter().cycle()) {
        let key = stage.key.as_str();
        let gate = match way {
            0 => continue,
            1 => {
                stages.push(key.to_owned());
                continue;
            }
            2 => None,
            _ => Some(format!("{key}/go")),
        };
        let stage = stage.key.clone();
        mapped.push(StageBinding { stage, way: Way::Gated, remote: format!("there {key}"), gate });
    }
    (stages, mapped)
}

fn rebind(bench: &mut Bench, process: &Process, ways: &[u8]) {
    let (stages, mapped) = bound(process, ways);
    let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
    bench.bind(&stages, mapped).unwrap();
}

/// Plays one move; answers what it recorded, and whether it was an answer given again.
fn play(
    bench: &mut Bench,
    process: &Process,
    arrived: &mut u8,
    (verb, pick, place): (u8, u8, u8),
) -> (Vec<Decided>, bool) {
    let key = process.stages[usize::from(place) % process.stages.len()].key.clone();
    let shown = bench.block(key.as_str()).shown;
    let any = BuildId::new(format!("c{}", pick % (*arrived).max(1) + 1));
    let there = shown.unwrap_or_else(|| any.clone());
    if verb < 4 {
        *arrived += 1;
        return (bench.arrive(&format!("c{arrived}")), false);
    }
    if *arrived == 0 {
        return (Vec::new(), false);
    }
    let (here, stage) = (there.as_str(), key.as_str());
    let (build, reason) = (there.clone(), "because".to_owned());
    let tester = ["tom", "tina"][usize::from(pick % 2)];
    let seen = |bench: &mut Bench, build: Option<&str>| {
        let run = format!("run {}", pick % 5);
        let found = bench.observe(build, stage, &run);
        if found.is_ok() {
            assert_eq!(bench.observe(build, stage, &run).unwrap(), [], "G2: the same says nothing new");
        }
        found
    };
    let answer = match verb {
        4..=9 => seen(bench, Some(any.as_str())),
        10 => seen(bench, None),
        11..=14 => bench.sign(tester, "tester", here, stage, true),
        15 => bench.sign("omar", "operations", here, stage, true),
        16 => bench.sign(tester, "tester", here, stage, false),
        17..=20 => bench.end(here, stage, Outcome::Succeeded),
        21 => bench.end(
            here,
            stage,
            [Outcome::Failed, Outcome::Unknown, Outcome::NotDone][usize::from(pick % 3)],
        ),
        22..=23 => {
            let check = report("tests", pick % 4 != 0);
            bench.act("machine", "machine", Act::RecordCheck { build, stage: key, check })
        }
        24 => bench.mark(here, stage, "look", ItemState::Done, ""),
        25 => bench.promote("rosa", "release-manager", any.as_str(), stage, "this one"),
        26 => bench.act("omar", "operations", Act::Retry { build, stage: key, reason }),
        27 => bench.act("omar", "operations", Act::HoldStage { service: "web".into(), stage: key, reason }),
        28 => {
            bench.act("omar", "operations", Act::ReleaseStage { service: "web".into(), stage: key, reason })
        }
        29..=30 => {
            let visit = bench.build(any.as_str()).visit(&key).cloned().unwrap_or_default();
            let answer = visit.answers.last().map_or_else(|| "none".into(), |last| last.id.clone());
            let outcome = [Outcome::Succeeded, Outcome::Failed, Outcome::NotDone, Outcome::Unknown]
                [usize::from(pick % 4)];
            let end = Act::RecordAnswerEnd { build: any, stage: key, answer, outcome, detail: reason };
            bench.act("machine", "machine", end)
        }
        31 => {
            let again = Act::AnswerAgain { build: any, stage: key, reason };
            let facts = bench.act("rosa", "release-manager", again).unwrap_or_default();
            return (facts, true);
        }
        32 => {
            let change =
                bench.block(stage).changes.first().map_or_else(|| "none".into(), |known| known.id.clone());
            bench.act("rosa", "release-manager", Act::ExplainChange { change, reason })
        }
        _ => {
            let ways: Vec<u8> = (0..6).map(|bit| (pick.rotate_left(bit) ^ place) % 5).collect();
            rebind(bench, process, &ways);
            Ok(Vec::new())
        }
    };
    (answer.unwrap_or_default(), false)
}

/// What an act may record, given the state before it.
fn check_facts(before: &State, facts: &[Decided], again: bool) -> Result<(), TestCaseError> {
    let passed = |build: &BuildId, stage: &StageKey| {
        facts.iter().any(|decided| {
            matches!(&decided.fact, Fact::BuildPassed { build: b, stage: s, .. } if b == build && s == stage)
        })
    };
    let rejected = |build: &BuildId, stage: &StageKey| {
        facts.iter().any(|decided| {
            matches!(&decided.fact, Fact::GateSigned { build: b, stage: s, approved: false, .. }
                if b == build && s == stage)
        })
    };
    let gate_of = |stage: &StageKey| before.binding(&"web".into()).and_then(|known| known.gate_of(stage));
    for decided in facts {
        match &decided.fact {
            Fact::GateAnswerIntended { build, stage, approve, gate, .. } => {
                prop_assert_eq!(Some(gate.as_str()), gate_of(stage));
                let verdict = if *approve { passed(build, stage) } else { rejected(build, stage) };
                prop_assert!(verdict || again, "G4: {build} was answered for in {stage} without a verdict");
            }
            Fact::BuildPassed { build, stage, .. } if gate_of(stage).is_some() => {
                let open =
                    before.builds.get(build).and_then(|build| build.visit(stage)?.open_answer()).is_some();
                let answered = facts.iter().any(|decided| {
                    matches!(&decided.fact, Fact::GateAnswerIntended { build: b, stage: s, approve: true, .. }
                        if b == build && s == stage)
                });
                prop_assert!(answered || open, "G4: {build} passed {stage} and its gate was not answered");
            }
            Fact::BuildAdmitted { stage, how, .. } => {
                let gated = before.is_gated(&"web".into(), stage);
                let by_system = *how == Admitted::Observed;
                prop_assert!(!by_system || gated, "G2: a move into {stage} was taken for the system's own");
                prop_assert!(
                    !gated || by_system || *how == Admitted::Retried,
                    "G1: the line entered {stage}"
                );
            }
            Fact::DeploymentIntended { stage, .. } => {
                prop_assert!(!before.is_gated(&"web".into(), stage), "G1: the line deploys to {stage}");
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_state(state: &State) -> Result<(), TestCaseError> {
    for build in state.builds.values() {
        for (stage, visit) in &build.visits {
            let open = visit.answers.iter().filter(|answer| answer.is_open()).count();
            prop_assert!(open <= 1, "G4: {} is answered for twice in {stage}", build.id);
        }
    }
    for (stage, block) in state.lines.values().flat_map(|line| &line.sections) {
        let found: BTreeSet<&str> = block.changes.iter().map(|change| change.found.as_str()).collect();
        prop_assert_eq!(found.len(), block.changes.len(), "G2: reported twice in {}", stage);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn gated_properties_hold_in_every_reachable_state(
        process in processes(),
        ways in ways(),
        moves in moves(),
    ) {
        let mut bench = Bench::under(process.clone()).map(&[], Vec::new());
        bench.enrol("Tina", "tester");
        rebind(&mut bench, &process, &ways);
        let mut arrived = 0;
        for choice in moves {
            let before = bench.state.clone();
            let (facts, again) = play(&mut bench, &process, &mut arrived, choice);
            check_facts(&before, &facts, again)?;
            check_state(&bench.state)?;
            check_line(&bench.state, &"web".into(), &process)?;
        }
        let mut replayed = State::default();
        for (meta, fact) in &bench.recorded {
            replayed.apply(meta, fact);
        }
        replayed.touched.clear();
        bench.state.touched.clear();
        prop_assert_eq!(replayed, bench.state, "replay differs");
    }
}
