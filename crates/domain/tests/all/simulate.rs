//! Stories told as tables: an act, what each section shows, who waits, what was deployed or refused.

use serde_json::{Value, json};
use signalbox_domain::id::BuildId;
use signalbox_domain::process::{OnFailure, Process, Stage, Waiting};
use signalbox_domain::simulate::{Row, Simulation, read_acts};
use signalbox_domain::starters::starter;

use crate::desk::{approved, press, process, stage};
use signalbox_domain::rule::{Apart, Rule};

fn three() -> Process {
    starter("three-environments").unwrap().process
}

fn nine() -> Process {
    starter("nine-stages").unwrap().process
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn told(row: &Row) -> String {
    let act: Vec<&str> = row.act.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let waiting: Vec<String> =
        row.waiting.iter().map(|(stage, builds)| format!("{stage}: {}", builds.join(" "))).collect();
    let refused: Vec<&str> = row.refused.iter().map(|blocker| blocker.code.as_str()).collect();
    let then = if refused.is_empty() {
        row.deployed.clone().unwrap_or_default()
    } else {
        format!("refused: {}", refused.join(" "))
    };
    words(&format!("{} | {} | {} | {then}", act.join(" "), row.columns.join(" "), waiting.join(", ")))
}

/// Plays the acts of a table and compares every row with it. The first line names the columns.
fn plays(process: &Process, policy: Waiting, table: &str) {
    let mut simulation = Simulation::new(process.clone(), policy);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()).skip(1) {
        let act: Vec<&str> = line.split('|').next().unwrap().split_whitespace().collect();
        assert_eq!(told(&simulation.step(&json!(act))), words(line), "under {policy:?}");
    }
}

#[test]
fn line_scenario_c1_to_c4_reproduces_under_both_policies() {
    plays(&three(), Waiting::Queue, include_str!("line-c1-c4.txt"));
    plays(&three(), Waiting::Supersede, include_str!("line-c1-c4.txt"));
}

#[test]
fn line_p3_a_queue_lets_every_build_in_its_turn() {
    plays(
        &three(),
        Waiting::Queue,
        "act            | source DEV QA  PROD | waiting    | then
         commit c1      | c1v    c1o -   -    |            | c1 in DEV
         commit c2      | c2v    c1o -   -    | DEV: c2    |
         commit c3      | c3v    c1o -   -    | DEV: c2 c3 |
         approve c1 DEV | c3v    c2o c1o -    | DEV: c3    | c1 in QA, c2 in DEV",
    );
}

#[test]
fn line_p3_supersede_keeps_the_newest_waiting_build() {
    let table = "act            | source DEV QA  PROD | waiting    | then
                 commit c1      | c1v    c1o -   -    |            | c1 in DEV
                 commit c2      | c2v    c1o -   -    | DEV: c2    |
                 commit c3      | c3v    c1o -   -    | DEV: c3    |
                 approve c1 DEV | c3v    c3o c1o -    |            | c1 in QA, c3 in DEV";
    plays(&three(), Waiting::Supersede, table);
    let mut simulation = Simulation::new(three(), Waiting::Supersede);
    for act in ["c1", "c2", "c3"] {
        simulation.step(&json!(["commit", act]));
    }
    let by = simulation.build("c3").unwrap().id.clone();
    let standing = &simulation.build("c2").unwrap().standings[&"DEV".into()];
    assert!(
        matches!(standing, signalbox_domain::line::Standing::Superseded { by: newer, .. } if *newer == by),
        "{standing:?}"
    );
    assert!(simulation.build("c1").unwrap().is_in(&"DEV".into()), "a build under test is never superseded");
}

#[test]
fn line_l8_nine_stages_fan_out_and_in() {
    plays(
        &nine(),
        Waiting::Queue,
        "act                        | source 2   3   5   6   7   8    | waiting          | then
         commit c1                  | c1v    c1o -   -   -   -   -    |                  | c1 in 2-commit
         approve c1 2-commit        | c1v    c1v c1o -   -   -   -    |                  | c1 in 3-acceptance
         approve c1 3-acceptance    | c1v    c1v c1v -   c1o -   -    |                  | c1 in 6-capacity
         press c1 5-exploratory     | c1v    c1v c1v c1o c1o -   -    |                  | c1 in 5-exploratory
         approve c1 6-capacity      | c1v    c1v c1v c1o c1v -   -    |                  |
         press c1 8-production      | c1v    c1v c1v c1o c1v -   -    |                  | refused: build.not-ready
         approve c1 5-exploratory   | c1v    c1v c1v c1v c1v c1v -    |                  | c1 in 7-pre-production
         press c1 8-production      | c1v    c1v c1v c1v c1v c1v c1v  |                  | c1 in 8-production",
    );
}

#[test]
fn line_l5_a_rejection_in_one_branch_ends_the_other() {
    plays(
        &nine(),
        Waiting::Queue,
        "act                      | source 2   3   5   6   7   8 | waiting        | then
         commit c1                | c1v    c1o -   -   -   -   - |                | c1 in 2-commit
         approve c1 2-commit      | c1v    c1v c1o -   -   -   - |                | c1 in 3-acceptance
         approve c1 3-acceptance  | c1v    c1v c1v -   c1o -   - |                | c1 in 6-capacity
         press c1 5-exploratory   | c1v    c1v c1v c1o c1o -   - |                | c1 in 5-exploratory
         commit c2                | c2v    c2o c1v c1o c1o -   - |                | c2 in 2-commit
         approve c2 2-commit      | c2v    c2v c2o c1o c1o -   - |                | c2 in 3-acceptance
         approve c2 3-acceptance  | c2v    c2v c2v c1o c1o -   - | 6-capacity: c2 |
         reject c1 5-exploratory  | c2v    c2v c2v c1x c2o -   - |                | c2 in 6-capacity
         approve c1 6-capacity    | c2v    c2v c2v c1x c2o -   - |                | refused: build.not-occupant",
    );
    plays(
        &nine(),
        Waiting::Queue,
        "act                      | source 2   3   5   6   7   8 | waiting        | then
         commit c1                | c1v    c1o -   -   -   -   - |                | c1 in 2-commit
         approve c1 2-commit      | c1v    c1v c1o -   -   -   - |                | c1 in 3-acceptance
         approve c1 3-acceptance  | c1v    c1v c1v -   c1o -   - |                | c1 in 6-capacity
         commit c2                | c2v    c2o c1v -   c1o -   - |                | c2 in 2-commit
         approve c2 2-commit      | c2v    c2v c2o -   c1o -   - |                | c2 in 3-acceptance
         approve c2 3-acceptance  | c2v    c2v c2v -   c1o -   - | 6-capacity: c2 |
         press c2 5-exploratory   | c2v    c2v c2v c2o c1o -   - | 6-capacity: c2 | c2 in 5-exploratory
         reject c2 5-exploratory  | c2v    c2v c2v c2x c1o -   - |                |
         press c2 5-exploratory   | c2v    c2v c2v c2x c1o -   - |                | refused: build.not-ready
         press c1 5-exploratory   | c2v    c2v c2v c1o c1o -   - |                | c1 in 5-exploratory
         reject c1 6-capacity     | c2v    c2v c2v c1x c1x -   - |                |",
    );
}

#[test]
fn line_l6_a_failure_opens_the_lock_and_can_be_retried() {
    plays(
        &three(),
        Waiting::Queue,
        "act            | source DEV QA  PROD | waiting | then
         commit c1      | c1v    c1o -   -    |         | c1 in DEV
         fail c1 DEV    | c1v    c1f -   -    |         |
         approve c1 DEV | c1v    c1f -   -    |         | refused: build.not-occupant
         retry c1 DEV   | c1v    c1o -   -    |         | c1 in DEV
         fail c1 DEV    | c1v    c1f -   -    |         |
         commit c2      | c2v    c2o -   -    |         | c2 in DEV
         retry c1 DEV   | c2v    c2o -   -    |         | refused: build.not-failed-here
         commit c3      | c3v    c2o -   -    | DEV: c3 |
         fail c2 DEV    | c3v    c3o -   -    |         | c3 in DEV
         retry c2 DEV   | c3v    c3o -   -    |         | refused: build.not-failed-here",
    );
}

#[test]
fn line_l6_a_stage_that_stops_the_line_holds_a_failure() {
    let mut line = three();
    line.stages[0].on_failure = OnFailure::StopLine;
    plays(
        &line,
        Waiting::Queue,
        "act            | source DEV QA  PROD | waiting | then
         commit c1      | c1v    c1o -   -    |         | c1 in DEV
         commit c2      | c2v    c1o -   -    | DEV: c2 |
         fail c1 DEV    | c2v    c1f -   -    | DEV: c2 |
         approve c1 DEV | c2v    c1f -   -    | DEV: c2 | refused: gate.failed
         retry c1 DEV   | c2v    c1o -   -    | DEV: c2 | c1 in DEV
         fail c1 DEV    | c2v    c1f -   -    | DEV: c2 |
         release DEV    | c2v    c2o -   -    |         | c2 in DEV
         fail c2 DEV    | c2v    c2f -   -    |         |
         reject c2 DEV  | c2v    c2x -   -    |         |
         retry c2 DEV   | c2v    c2x -   -    |         | refused: build.not-failed-here build.rejected",
    );
}

#[test]
fn line_l5_a_build_that_failed_here_is_not_retried_once_rejected_elsewhere() {
    plays(
        &nine(),
        Waiting::Queue,
        "act                      | source 2   3   5   6   7   8 | waiting | then
         commit c1                | c1v    c1o -   -   -   -   - |         | c1 in 2-commit
         approve c1 2-commit      | c1v    c1v c1o -   -   -   - |         | c1 in 3-acceptance
         approve c1 3-acceptance  | c1v    c1v c1v -   c1o -   - |         | c1 in 6-capacity
         fail c1 6-capacity       | c1v    c1v c1v -   c1f -   - |         |
         press c1 5-exploratory   | c1v    c1v c1v c1o c1f -   - |         | c1 in 5-exploratory
         reject c1 5-exploratory  | c1v    c1v c1v c1x c1f -   - |         |
         retry c1 6-capacity      | c1v    c1v c1v c1x c1f -   - |         | refused: build.rejected",
    );
}

#[test]
fn line_l10_a_held_stage_admits_nothing() {
    plays(
        &three(),
        Waiting::Queue,
        "act            | source DEV QA  PROD | waiting | then
         hold QA        | -      -   -   -    |         |
         hold QA        | -      -   -   -    |         | refused: stage.held
         commit c1      | c1v    c1o -   -    |         | c1 in DEV
         approve c1 DEV | c1v    c1v -   -    | QA: c1  |
         hold CT        | c1v    c1v -   -    | QA: c1  | refused: stage.unknown
         release DEV    | c1v    c1v -   -    | QA: c1  | refused: stage.not-held
         release QA     | c1v    c1v c1o -    |         | c1 in QA",
    );
}

#[test]
fn line_l3_what_cannot_be_decided_is_refused_and_changes_nothing() {
    plays(
        &three(),
        Waiting::Queue,
        "act             | source DEV QA  PROD | waiting | then
         approve c1 DEV  | -      -   -   -    |         | refused: build.unknown
         commit c1       | c1v    c1o -   -    |         | c1 in DEV
         commit c1       | c1v    c1o -   -    |         | refused: build.label-taken
         commit c2       | c2v    c1o -   -    | DEV: c2 |
         approve c2 DEV  | c2v    c1o -   -    | DEV: c2 | refused: build.not-occupant
         reject c2 DEV   | c2v    c1o -   -    | DEV: c2 | refused: build.not-occupant
         fail c2 DEV     | c2v    c1o -   -    | DEV: c2 | refused: build.not-occupant
         approve c1 CT   | c2v    c1o -   -    | DEV: c2 | refused: stage.unknown
         approve c1 DEV  | c2v    c2o c1o -    |         | c1 in QA, c2 in DEV
         approve c1 DEV  | c2v    c2o c1o -    |         | refused: build.not-occupant
         reject c1 DEV   | c2v    c2o c1o -    |         | refused: build.not-occupant
         press c1 PROD   | c2v    c2o c1o -    |         | refused: build.not-ready
         approve c1 PROD | c2v    c2o c1o -    |         | refused: build.not-occupant
         jump c1 PROD    | c2v    c2o c1o -    |         | refused: act.unreadable",
    );
}

#[test]
fn line_p2_an_automatic_stage_is_not_pressed() {
    let line = process(vec![press(stage("DEV", &[])), stage("QA", &["DEV"])]);
    plays(
        &line,
        Waiting::Queue,
        "act           | source DEV QA  | waiting | then
         commit c1     | c1v    -   -   |         |
         commit c2     | c2v    -   -   |         |
         hold QA       | c2v    -   -   |         |
         press c1 DEV  | c2v    c1v -   | QA: c1  | c1 in DEV
         press c1 QA   | c2v    c1v -   | QA: c1  | refused: build.not-ready stage.held",
    );
}

#[test]
fn line_n2_a_simulated_release_goes_out_with_its_build_and_is_finished() {
    let six = starter("six-phases").unwrap().process;
    let mut simulation = Simulation::new(six.clone(), Waiting::Queue);
    let mut play = |act: Value| {
        let row = simulation.step(&act);
        assert_eq!(row.refused, [], "{act}");
    };
    play(json!(["commit", "c1"]));
    for stage in six.stages.iter().map(|stage| stage.key.as_str()) {
        if ["user-acceptance-testing", "production"].contains(&stage) {
            play(json!(["press", "c1", stage]));
        }
        play(json!(["approve", "c1", stage]));
    }
    assert_eq!(simulation.state().releases.len(), 1);
    let release = simulation.state().releases.values().next().unwrap();
    assert!(release.finished.is_some() && release.carries(&simulation.build("c1").unwrap().id));
}

#[test]
fn line_p6_a_simulated_rule_of_several_people_is_met_in_order() {
    let rule = Rule::All {
        parts: vec![
            Rule::of(2, "tester"),
            Rule::Any { parts: vec![Rule::of(1, "operations"), Rule::of(1, "auditor")] },
        ],
        ordered: true,
    };
    let line = process(vec![
        approved("DEV", &[], Rule::of(1, "tester"), &[]),
        press(Stage {
            deployers: vec!["tester".into()],
            ..approved("QA", &["DEV"], rule, &[Apart::OtherApprovers, Apart::Deployer])
        }),
    ]);
    plays(
        &line,
        Waiting::Queue,
        "act            | source DEV QA  | waiting | then
         commit c1      | c1v    c1o -   |         | c1 in DEV
         approve c1 DEV | c1v    c1v -   |         |
         press c1 QA    | c1v    c1v c1o |         | c1 in QA
         approve c1 QA  | c1v    c1v c1v |         |",
    );
}

#[test]
fn line_p6_a_rule_that_nobody_can_meet_is_refused_at_once() {
    let line = process(vec![approved("DEV", &[], Rule::of(4_000_000_000, "tester"), &[])]);
    plays(
        &line,
        Waiting::Queue,
        "act            | source DEV | waiting | then
         commit c1      | c1v    c1o |         | c1 in DEV
         approve c1 DEV | c1v    c1o |         | refused: gate.nobody-left",
    );
}

#[test]
fn acts_are_read_in_every_form_in_which_people_keep_them() {
    let acts = [json!(["commit", "c1"]), json!(["approve", "c1", "DEV"])];
    for text in [
        r#"["commit","c1"] ["approve","c1","DEV"]"#,
        "[\"commit\",\"c1\"]\n[\"approve\",\"c1\",\"DEV\"]\n",
        r#"[["commit","c1"],["approve","c1","DEV"]]"#,
        r#"{"rows": [{"act": ["commit", "c1"], "then": []}, {"act": ["approve", "c1", "DEV"]}]}"#,
    ] {
        assert_eq!(read_acts(text), acts);
    }
    let broken = read_acts("[\"commit\",\"c1\"]\n[\"approve\",\n7\n\n");
    assert_eq!(broken, [acts[0].clone(), json!("[\"approve\","), json!(7)]);
    let mut simulation = Simulation::new(three(), Waiting::Queue);
    let refused: Vec<usize> = broken.iter().map(|act| simulation.step(act).refused.len()).collect();
    assert_eq!(refused, [0, 1, 1]);
    assert_eq!(simulation.state().builds.keys().count(), 1);
    assert!(simulation.state().builds.contains_key(&BuildId::from("build-000000")));
}

#[test]
fn a_row_is_written_as_json() {
    let mut simulation = Simulation::new(three(), Waiting::Queue);
    let row = simulation.step(&json!(["commit", "c1"]));
    assert_eq!(
        serde_json::to_value(row).unwrap(),
        json!({
            "act": ["commit", "c1"],
            "columns": ["c1v", "c1o", "-", "-"],
            "waiting": {},
            "deployed": "c1 in DEV",
            "refused": []
        })
    );
}
