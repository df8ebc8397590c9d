//! The starters are whole, and nothing is wrong with them.

use crate::desk::team;
use signalbox_domain::id::{RoleKey, StageKey};
use signalbox_domain::person::Person;
use signalbox_domain::process::{Entry, Path, Process, Require};
use signalbox_domain::process_check::{check_content, check_process};
use signalbox_domain::starters::{plan_steps, practices, starter, starters, support_infrastructure, topics};

fn keys(process: &Process) -> Vec<&str> {
    process.stages.iter().map(|stage| stage.key.as_str()).collect()
}

#[test]
fn p7_no_starter_has_a_defect_for_a_small_team() {
    let team = team();
    let all: Vec<&Person> = team.iter().collect();
    for starter in starters() {
        assert_eq!(check_content(&starter.content(), &all), [], "{}", starter.key);
        assert_eq!(check_process(&starter.process, &[]), [], "{}", starter.key);
    }
}

#[test]
fn nine_stages_fan_out_and_in() {
    let process = starter("nine-stages").unwrap().process;
    assert_eq!(
        keys(&process),
        [
            "0-support-infrastructure",
            "1-baking",
            "2-commit",
            "3-acceptance",
            "4-self-service",
            "5-exploratory",
            "6-capacity",
            "7-pre-production",
            "8-production"
        ]
    );
    assert_eq!(process.stages.iter().filter(|stage| stage.path == Path::Off).count(), 3);
    let before = process.stage(&"7-pre-production".into()).unwrap();
    assert_eq!(before.predecessors.require, Require::All);
    assert_eq!(before.predecessors.stages, [StageKey::from("5-exploratory"), StageKey::from("6-capacity")]);
    let last = process.stage(&"8-production".into()).unwrap();
    assert!(last.needs_release && last.entry == Entry::Press && process.is_last(&last.key));
    let checks: Vec<usize> = process.on_path().map(|stage| stage.gate.checks.len()).collect();
    assert_eq!(checks, [4, 1, 0, 2, 0, 0]);
}

#[test]
fn six_phases_have_24_items() {
    let process = starter("six-phases").unwrap().process;
    assert_eq!(
        keys(&process),
        [
            "commit",
            "automated-acceptance-testing",
            "exploratory-testing",
            "user-acceptance-testing",
            "staging-and-pre-production",
            "production"
        ]
    );
    let items: Vec<usize> = process.stages.iter().map(|stage| stage.gate.checklist.len()).collect();
    assert_eq!(items, [5, 6, 2, 2, 5, 4]);
    assert!(process.stages[5].needs_release);
}

#[test]
fn three_environments_move_on_by_themselves() {
    let process = starter("three-environments").unwrap().process;
    assert_eq!(keys(&process), ["DEV", "QA", "PROD"]);
    assert!(process.stages.iter().all(|stage| stage.entry == Entry::Automatic && !stage.needs_release));
    assert!(process.stages[2].gate.is_empty());
}

#[test]
fn support_infrastructure_has_six_steps_beside_any_path() {
    let steps = support_infrastructure();
    assert_eq!(steps.len(), 6);
    assert_eq!(steps.iter().filter(|step| step.note.starts_with("Unverified")).count(), 4);
    assert_eq!(steps.iter().filter(|step| !step.gate.checks.is_empty()).count(), 2);
    let mut process = starter("three-environments").unwrap().process;
    process.stages.extend(steps);
    assert_eq!(check_process(&process, &team().iter().collect::<Vec<_>>()), []);
}

#[test]
fn p9_deployment_technology_needs_operations_and_development() {
    let topics = topics();
    assert_eq!(topics.len(), 17);
    let agreed: Vec<&[RoleKey]> =
        topics.iter().filter(|topic| !topic.agree.is_empty()).map(|topic| topic.agree.as_slice()).collect();
    assert_eq!(agreed, [[RoleKey::from("operations"), RoleKey::from("developer")].as_slice()]);
    let mut keys: Vec<&str> = topics.iter().map(|topic| topic.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 17);
}

#[test]
fn a_plan_starts_with_steps_before_during_and_after() {
    let mut phases: Vec<String> = plan_steps().into_iter().map(|step| step.phase).collect();
    phases.dedup();
    assert_eq!(phases, ["Before", "Deploy", "After"]);
    assert_eq!(practices().len(), 6);
}
