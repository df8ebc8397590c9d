//! Tests of a whole product: success approves what waits for it, failure approves nothing and rejects nothing (R2).

use crate::bench::{Bench, codes, kinds};
use crate::whole::{STAGES, arrive_at, chosen, environments, fire, harbour, releasing, test_ends};
use signalbox_domain::decide::Act;
use signalbox_domain::fact::Fact;
use signalbox_domain::line::Outcome;
use signalbox_domain::moment::Moment;
use signalbox_domain::product_test::{PRODUCT_TESTS, TestBinding, test_stage};
use signalbox_domain::trigger::{Trigger, Triggered};

const DEV: &str = STAGES[0];

fn bench() -> Bench {
    let mut bench = harbour(environments(), &["web", "api"]);
    let binding = Some(TestBinding { connection: "local".into(), pipeline: "journeys".into() });
    bench.must("omar", "operations", Act::BindProductTest { product: "harbour".into(), binding });
    bench
}

/// A build that waits for the product tests.
fn deployed(bench: &mut Bench, service: &str, build: &str) {
    arrive_at(bench, service, build);
    bench.end(build, DEV, Outcome::Succeeded).unwrap();
}

fn begin() -> Act {
    Act::BeginProductTest { product: "harbour".into(), stage: DEV.into(), due: None }
}

fn told(outcome: Outcome, pairs: &[(&str, &str)]) -> Act {
    Act::RecordProductTest {
        product: "harbour".into(),
        stage: DEV.into(),
        test: None,
        outcome,
        builds: chosen(pairs),
        source: "by hand".into(),
        summary: "clicked through".into(),
    }
}

#[test]
fn product_test_r2_freezes_the_builds_that_stand_in_the_stage_when_it_begins() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    assert_eq!(test_stage(&bench.state, &bench.state.products[&"harbour".into()]), Some(DEV.into()));
    let begun = bench.must("tom", "tester", begin());
    let Fact::ProductTestIntended { builds, pipeline, due, .. } = &begun[0].fact else { panic!("{begun:?}") };
    assert_eq!((builds, pipeline.as_str(), due), (&chosen(&[("web", "w1")]), "journeys", &None));
    deployed(&mut bench, "api", "a1");
    test_ends(&mut bench, Outcome::Succeeded);
    assert!(bench.build("w1").passed(&DEV.into()));
    assert!(bench.build("a1").is_in(&DEV.into()), "what was not tested is not approved");
}

#[test]
fn product_test_r2_success_approves_nothing_for_a_service_whose_build_is_another_by_now() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    deployed(&mut bench, "api", "a1");
    bench.must("tom", "tester", begin());
    bench.reject("a1", DEV);
    deployed(&mut bench, "api", "a2");
    let facts = test_ends(&mut bench, Outcome::Succeeded);
    let Fact::ProductTestEnded { left_out, .. } = &facts[0].fact else { panic!("{facts:?}") };
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].reason, "a2 stands in the stage by now.");
    assert!(bench.build("w1").passed(&DEV.into()));
    assert!(bench.build("a2").is_in(&DEV.into()));
    assert!(bench.build("a2").visit(&DEV.into()).unwrap().checks.is_empty());
}

#[test]
fn product_test_r2_failure_approves_nothing_and_rejects_nothing() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    deployed(&mut bench, "api", "a1");
    let before = (bench.state.builds.clone(), bench.state.lines.clone());
    let failed = told(Outcome::Failed, &[("web", "w1"), ("api", "a1")]);
    assert_eq!(kinds(&bench.must("tom", "tester", failed)), ["product-test-ended"]);
    assert_eq!(before, (bench.state.builds.clone(), bench.state.lines.clone()));
    let passed = told(Outcome::Succeeded, &[("web", "w1"), ("api", "a1")]);
    bench.must("tom", "tester", passed);
    assert!(bench.build("w1").passed(&DEV.into()) && bench.build("a1").passed(&DEV.into()));
}

#[test]
fn product_test_r2_the_check_says_where_it_comes_from() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    let facts = bench.must("tom", "tester", told(Outcome::Succeeded, &[("web", "w1")]));
    assert_eq!(facts[1].cause.as_ref(), Some(&facts[0].id));
    let check = &bench.build("w1").visit(&DEV.into()).unwrap().checks[0];
    assert_eq!((check.name.as_str(), check.source.as_str()), (PRODUCT_TESTS, "by hand"));
}

#[test]
fn product_test_r2_a_result_by_hand_takes_a_tester_and_names_builds() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    let act = told(Outcome::Unknown, &[("web", "w1"), ("web", "zz")]);
    assert_eq!(
        codes(bench.act("rosa", "release-manager", act)),
        ["person.role-needed", "product-test.no-result", "product-test.two-builds", "build.unknown"]
    );
    assert_eq!(codes(bench.act("tom", "tester", told(Outcome::Failed, &[]))), ["product-test.empty"]);
}

#[test]
fn product_test_r2_begins_with_a_pipeline_with_builds_and_once_at_a_time() {
    let mut bench = harbour(environments(), &["web"]);
    assert_eq!(codes(bench.act("tom", "tester", begin())), ["product-test.empty", "product-test.unbound"]);
    let mut bench = self::bench();
    arrive_at(&mut bench, "web", "w1");
    let refused = codes(bench.act("tom", "tester", begin()));
    assert_eq!(refused, ["product-test.deploying"], "what is being deployed can't be tested");
    bench.end("w1", DEV, Outcome::Succeeded).unwrap();
    bench.must("tom", "tester", begin());
    assert_eq!(codes(bench.act("tom", "tester", begin())), ["product-test.running"]);
}

#[test]
fn product_test_r2_an_unknown_outcome_is_settled_by_a_tester_once() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    bench.must("tom", "tester", begin());
    let test = releasing(&bench).tests[0].id.clone();
    let settle = |outcome| {
        let mut act = told(outcome, &[("web", "w1")]);
        if let Act::RecordProductTest { test: known, .. } = &mut act {
            *known = Some(test.clone());
        }
        act
    };
    let by_hand = bench.act("tom", "tester", settle(Outcome::Succeeded));
    assert_eq!(codes(by_hand), ["product-test.running"]);
    test_ends(&mut bench, Outcome::Unknown);
    bench.must("tom", "tester", settle(Outcome::Succeeded));
    assert!(bench.build("w1").passed(&DEV.into()));
    assert_eq!(codes(bench.act("tom", "tester", settle(Outcome::Failed))), ["product-test.settled"]);
}

#[test]
fn trigger_r4_one_instant_is_acted_on_once_and_only_when_it_is_due() {
    let mut bench = bench();
    deployed(&mut bench, "web", "w1");
    bench.wait_until("2026-11-20T12:00:00Z");
    let trigger =
        Trigger { cron: "0 2 * * *".into(), time_zone: "UTC".into(), what: Triggered::ProductTests };
    let set = Act::SetTrigger { product: "harbour".into(), trigger: Some(trigger) };
    bench.must("rosa", "release-manager", set);
    assert_eq!(releasing(&bench).due(Moment::parse("2026-11-21T01:59:59Z").unwrap()), None);
    assert_eq!(codes(fire(&mut bench, "2026-11-20T02:00:00Z")), ["trigger.not-due"], "before it was set");
    assert_eq!(codes(fire(&mut bench, "2026-11-21T02:00:00Z")), ["trigger.not-due"], "not yet");
    bench.wait_until("2026-11-24T09:00:00Z");
    assert_eq!(codes(fire(&mut bench, "2026-11-24T02:30:00Z")), ["trigger.not-due"], "no such instant");
    let due = releasing(&bench).due(Moment::parse("2026-11-24T09:00:00Z").unwrap()).unwrap();
    assert_eq!(due.to_string(), "2026-11-24T02:00:00.000Z", "of the four missed ones the latest");
    fire(&mut bench, "2026-11-24T02:00:00Z").unwrap();
    assert_eq!(releasing(&bench).due(Moment::parse("2026-11-24T09:00:00Z").unwrap()), None);
    test_ends(&mut bench, Outcome::Failed);
    assert_eq!(codes(fire(&mut bench, "2026-11-24T02:00:00Z")), ["trigger.fired"]);
    assert_eq!(codes(fire(&mut bench, "2026-11-23T02:00:00Z")), ["trigger.fired"]);
}
