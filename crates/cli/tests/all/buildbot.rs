//! A product of one's own and a real Buildbot: from a build's arrival to production, on the command line alone.

use crate::yard::Yard;
use serde_json::{Value, json};
use signalbox_pipelines::testing::buildbot::{PASSWORD, ROSA, RealBuildbot, STAGES};
use tokio::runtime::Runtime;

/// What people call the Buildbot.
const NAME: &str = "Build farm";

/// Lets Buildbot make a build, and looks for it.
fn arrives(yard: &Yard, runtime: &Runtime, buildbot: &RealBuildbot, label: &str, commit: &str) -> Value {
    runtime.block_on(buildbot.build("web", label, commit)).unwrap();
    yard.call_and_wait("builds_scan", json!({ "service": null }))
}

#[test]
fn a_build_of_a_real_buildbot_reaches_production_through_its_gates() {
    let runtime = Runtime::new().unwrap();
    let buildbot = runtime.block_on(RealBuildbot::start()).unwrap();
    let yard = Yard::begin();

    // The connection: added with the password from stdin, tested, bound stage by stage.
    let stages = format!("stages={}", STAGES.join(", "));
    let add = ["add", "--kind", "buildbot", "--name", NAME, "--address", buildbot.base()];
    let add = [&add[..], &["--account", ROSA, "--option", &stages, "--with-secret"]].concat();
    yard.connection(&add, PASSWORD).ended(0);
    let tested = yard.connection(&["test", NAME], "").ended(0).value();
    assert_eq!(tested["ok"], true, "{tested}");
    let known: Vec<_> = tested["pipelines"].as_array().unwrap().iter().map(|found| &found["id"]).collect();
    assert!(known.contains(&&json!("web")), "{tested}");
    let pairs: Vec<String> =
        ["DEV", "QA", "PROD"].iter().zip(STAGES).map(|(stage, there)| format!("{stage}={there}")).collect();
    let mut bind = vec!["bind", "web", NAME, "web"];
    bind.extend(pairs.iter().flat_map(|pair| ["--driven", pair]));
    yard.connection(&bind, "").ended(0);

    // A build arrives and is deployed to the first stage, once.
    let commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
    let arrived = arrives(&yard, &runtime, &buildbot, "1.0.0", commit);
    assert_eq!(arrived["arrived"][0]["label"], "1.0.0", "{arrived}");
    assert_eq!(yard.stage("DEV")["occupant"]["state"], "undecided");
    assert_eq!(buildbot.deployed("web", "StagingDEV"), ["1.0.0"]);
    assert!(yard.log("1.0.0", "DEV").contains("deploying 1.0.0 to StagingDEV"));

    // Its author may not approve it; somebody else may, and it moves on to the next stage.
    yard.sign_as(ROSA);
    let own = yard.signature("1.0.0", "DEV", true, "developer");
    assert!(yard.refused("gate_sign", own).contains(&"gate.must-be-another".to_owned()));
    yard.sign_as("tess");
    yard.call_and_wait("gate_sign", yard.signature("1.0.0", "DEV", true, "tester"));
    assert_eq!(yard.stage("QA")["occupant"]["state"], "undecided");
    assert_eq!(buildbot.deployed("web", "StagingQA"), ["1.0.0"]);
    assert!(buildbot.deployed("web", "StagingPROD").is_empty(), "nobody has approved it yet");

    // The last gate before production.
    yard.call_and_wait("gate_sign", yard.signature("1.0.0", "QA", true, "tester"));
    assert_eq!(buildbot.deployed("web", "StagingPROD"), ["1.0.0"]);
    assert_eq!(yard.stage("PROD")["deployed"]["label"], "1.0.0");
    let log = yard.log("1.0.0", "PROD");
    assert!(log.contains("deploying 1.0.0 to StagingPROD"), "{log}");
    // Buildbot writes the environment into its log, and with it the password of the test.
    assert!(!log.contains(PASSWORD), "{log}");

    // A later build whose check fails stops before the gate.
    buildbot.fail_the_check("web", "StagingQA").unwrap();
    arrives(&yard, &runtime, &buildbot, "1.1.0", "1c002dd4b536e7479fe34593e72e6c6c1819e53b");
    yard.call_and_wait("gate_sign", yard.signature("1.1.0", "DEV", true, "tester"));
    assert_eq!(buildbot.deployed("web", "StagingQA"), ["1.0.0", "1.1.0"]);
    let checks = yard.sheet("1.1.0", "QA")["gate"]["checks"].clone();
    let failed = |check: &Value| check["name"] == "smoke" && check["passed"] == false;
    assert!(checks.as_array().unwrap().iter().any(failed), "{checks}");
    assert!(!yard.refused("gate_sign", yard.signature("1.1.0", "QA", true, "tester")).is_empty());
    assert_eq!(buildbot.deployed("web", "StagingPROD"), ["1.0.0"]);

    // Every deployment is a Buildbot build of its own, and the register holds.
    assert_eq!((yard.count("deployment-intended.v1"), yard.count("deployment-ended.v1")), (5, 5));
    yard.verify();
}
