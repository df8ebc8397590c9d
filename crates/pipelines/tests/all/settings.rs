//! `pipeline.toml`: everything that is wrong with it is told at once.

use std::fs;

use signalbox_pipelines::{PipelineSystem, RemoteError};

use crate::yard::{GOOD, Yard, plan};

#[tokio::test]
async fn a_broken_file_is_reported_with_every_defect_and_its_line() {
    let yard = Yard::new();
    fs::write(
        yard.path().join("pipeline.toml"),
        r#"colour = "green"
[service.web]
arrivals = "../elsewhere"
[service.web.stage.dev]
deploy = ["no-such-program-anywhere"]
deploy_time_limit = "5 minutes"
[[service.web.stage.dev.check]]
name = "deploy"
command = "sh smoke.sh"
[service.web.stage."../prod"]
environment = "environments/prod"
deploy = []
[service.api]
arrivals = 7
[service.api.stage.dev]
environment = "environments/prod"
deploy = ["sh", "x"]
deplyo = true
broken =
"#,
    )
    .unwrap();
    let error = yard.system().probe().await.unwrap_err();
    let found: Vec<_> = error.reasons().iter().map(|reason| (reason.code, reason.place.as_str())).collect();
    for expected in [
        ("toml.unknown_key", "pipeline.toml:1 colour"),
        ("pipeline.bad_path", "pipeline.toml:3 service.web.arrivals"),
        ("toml.missing_key", "pipeline.toml:4 service.web.stage.dev"),
        ("pipeline.program_missing", "pipeline.toml:5 service.web.stage.dev.deploy"),
        ("pipeline.bad_time_limit", "pipeline.toml:6 service.web.stage.dev.deploy_time_limit"),
        ("pipeline.check_name_taken", "pipeline.toml:7 service.web.stage.dev.check[0]"),
        ("toml.wrong_type", "pipeline.toml:9 service.web.stage.dev.check[0].command"),
        ("pipeline.bad_name", "pipeline.toml:10 service.web.stage.../prod"),
        ("pipeline.bad_command", "pipeline.toml:12 service.web.stage.../prod.deploy"),
        ("toml.wrong_type", "pipeline.toml:14 service.api.arrivals"),
        ("pipeline.environment_shared", "pipeline.toml:15 service.api.stage.dev"),
        ("toml.unknown_key", "pipeline.toml:18 service.api.stage.dev.deplyo"),
        ("toml.syntax", "pipeline.toml:19"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is missing in {found:#?}");
    }
    assert!(error.reasons().iter().all(|r| !r.sentence.is_empty() && !r.next_step.is_empty()));
    let preflight = yard.system().preflight(&plan("web-1", "dev")).await.unwrap();
    assert_eq!(preflight.blockers, error.reasons());
}

#[tokio::test]
async fn a_missing_file_says_what_to_do() {
    let yard = Yard::new();
    let error = yard.system().list_pipelines(&Default::default(), None).await.unwrap_err();
    assert_eq!(error.reasons()[0].code, "pipeline.file_missing");
    let relative = crate::yard::system_at("some/folder".as_ref());
    let error = relative.probe().await.unwrap_err();
    assert_eq!(error.reasons()[0].code, "pipeline.folder_unusable");
}

#[tokio::test]
async fn stages_keep_the_order_of_the_file() {
    let yard = Yard::new().stage("prod", GOOD, &[("z", "true"), ("a", "true")], "60s").stage(
        "dev",
        GOOD,
        &[],
        "60s",
    );
    let shape = yard.system().describe(&"web".into()).await.unwrap();
    let stages: Vec<_> = shape.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["prod", "dev"]);
    assert_eq!(shape.stages[0].checks, ["z", "a"]);
}

#[tokio::test]
async fn a_preflight_shows_the_exact_commands() {
    let yard = Yard::new().stage("dev", GOOD, &[("smoke test", "true")], "90s");
    let will_do = yard.system().preflight(&plan("web-1", "dev")).await.unwrap().will_do;
    assert_eq!(will_do.len(), 3);
    assert!(will_do[0].starts_with("copy app.txt and check that it has SHA-256 "));
    assert!(will_do[1].starts_with("run `sh scripts/deploy-dev.sh` in "), "{will_do:?}");
    assert!(will_do[1].ends_with("for the environment environments/dev, for at most 90 s"));
    assert_eq!(will_do[2], "then check \"smoke test\": run `sh scripts/check-dev-0.sh`, for at most 90 s");
}

#[tokio::test]
async fn a_damaged_record_of_a_deployment_is_named() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    fs::create_dir_all(yard.environment("dev")).unwrap();
    fs::write(yard.environment("dev").join("deployed.json"), "{").unwrap();
    let error = yard.system().stage_states(&"web".into()).await.unwrap_err();
    assert!(matches!(&error, RemoteError::File { path, .. } if path.ends_with("deployed.json")));
}
