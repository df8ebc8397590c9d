//! `line simulate`.

use crate::program::{run, run_with, text};
use serde_json::json;
use std::fs;
use tempfile::TempDir;

/// Four commits through three environments: each line is an act and where everything stands after it.
///
/// The file is the acts and the expected output at once.
const FOUR_COMMITS: &str = include_str!("four-commits.jsonl");

fn simulate(policy: &str, acts: &str) -> crate::program::Ran {
    let args = ["line", "simulate", "--starter", "three-environments", "--policy", policy, "--acts", "-"];
    run_with(&args, acts.as_bytes())
}

#[test]
fn four_commits_go_as_described_under_both_policies() {
    for policy in ["queue", "supersede"] {
        let ran = simulate(policy, FOUR_COMMITS).ended(0);
        assert_eq!(ran.stdout, FOUR_COMMITS, "{policy}");
    }
}

#[test]
fn acts_are_read_from_a_file_as_lines_or_as_one_list() {
    let folder = TempDir::new().unwrap();
    let lines = folder.path().join("lines");
    let list = folder.path().join("list");
    fs::write(&lines, "[\"commit\",\"c1\"]\n[\"approve\",\"c1\",\"DEV\"]\n").unwrap();
    fs::write(&list, "[[\"commit\",\"c1\"],\n [\"approve\",\"c1\",\"DEV\"]]").unwrap();
    for file in [lines, list] {
        let args = [
            "line",
            "simulate",
            "--starter",
            "three-environments",
            "--policy",
            "queue",
            "--acts",
            text(&file),
        ];
        let rows = run(&args).ended(0).lines();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["columns"], json!(["c1v", "c1v", "c1o", "-"]));
    }
}

#[test]
fn the_policies_part_where_two_builds_wait() {
    let acts = r#"["commit","c1"] ["commit","c2"] ["commit","c3"] ["approve","c1","DEV"]"#;
    let queue = simulate("queue", acts).ended(0).lines();
    let supersede = simulate("supersede", acts).ended(0).lines();
    assert_eq!(queue[2]["waiting"], json!({ "DEV": ["c2", "c3"] }));
    assert_eq!(supersede[2]["waiting"], json!({ "DEV": ["c3"] }));
    assert_eq!(queue[3]["columns"], json!(["c3v", "c2o", "c1o", "-"]));
    assert_eq!(supersede[3]["columns"], json!(["c3v", "c3o", "c1o", "-"]));
}

#[test]
fn an_illegal_act_says_why_changes_nothing_and_the_run_goes_on() {
    let acts = "[\"commit\",\"c1\"]\nno act at all\n[\"approve\",\"c1\",\"QA\"]\n[\"jump\",\"c1\"]\n{\"broken\":\n\
                [\"approve\",\"c9\",\"DEV\"]\n[\"approve\",\"c1\",\"DEV\"]\n[\"approve\",\"c1\",\"DEV\"]\n";
    let rows = simulate("queue", acts).ended(0).lines();
    let codes: Vec<&str> = rows.iter().map(|row| row["refused"][0]["code"].as_str().unwrap_or("-")).collect();
    let expected = [
        "-",
        "act.unreadable",
        "build.not-occupant",
        "act.unreadable",
        "act.unreadable",
        "build.unknown",
        "-",
        "build.not-occupant",
    ];
    assert_eq!(codes, expected);
    assert_eq!(rows[1]["act"], json!("no act at all"));
    for row in &rows[1..6] {
        assert_eq!(row["columns"], rows[0]["columns"]);
    }
    assert_eq!(rows[7]["columns"], rows[6]["columns"]);
    for reason in rows.iter().flat_map(|row| row["refused"].as_array().unwrap()) {
        assert!(reason["sentence"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{reason}");
        assert!(!reason["next_step"].as_str().unwrap().is_empty(), "{reason}");
    }
}

#[test]
fn every_starter_can_be_simulated() {
    for starter in ["nine-stages", "six-phases", "three-environments"] {
        let args = ["line", "simulate", "--starter", starter, "--policy", "supersede", "--acts", "-"];
        let rows = run_with(&args, b"[\"commit\",\"c1\"]").ended(0).lines();
        assert_eq!(rows[0]["columns"][0], "c1v", "{starter}");
        assert_eq!(rows[0]["columns"][1], "c1o", "{starter}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_as_acts() {
    let args = ["line", "simulate", "--starter", "three-environments", "--policy", "queue", "--acts", "-"];
    let rows = run_with(&args, b"\xff\xfe\n[\"commit\",\"c1\"]\n").ended(0).lines();
    assert_eq!(rows[0]["refused"][0]["code"], "act.unreadable");
    assert_eq!(rows[1]["refused"], json!([]));
}

#[test]
fn no_acts_are_no_rows() {
    assert_eq!(simulate("queue", "").ended(0).stdout, "");
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let args = [
        "line",
        "simulate",
        "--starter",
        "three-environments",
        "--policy",
        "queue",
        "--acts",
        "/no/such/file",
    ];
    let ran = run(&args).ended(4);
    assert_eq!(ran.error()["code"], "file.failed");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_starter_or_policy_that_is_not_there_is_a_matter_of_usage() {
    for args in [
        ["line", "simulate", "--starter", "ten-stages", "--policy", "queue", "--acts", "-"],
        ["line", "simulate", "--starter", "six-phases", "--policy", "random", "--acts", "-"],
    ] {
        let ran = run(&args).ended(2);
        assert!(ran.stderr.contains("possible values"), "{}", ran.stderr);
    }
}

#[test]
fn output_that_nobody_reads_to_its_end_is_no_failure() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let args = ["line", "simulate", "--starter", "three-environments", "--policy", "queue", "--acts", "-"];
    let mut command = crate::program::program(&args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // More than a pipe holds.
    let acts = "[\"approve\",\"c1\",\"DEV\"]\n".repeat(2_000);
    child.stdin.take().unwrap().write_all(acts.as_bytes()).unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"act\""));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
