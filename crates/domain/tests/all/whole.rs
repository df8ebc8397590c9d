//! A product of several services that tests release as a whole.

use crate::bench::{Answer, Bench};
use crate::desk::{approved, press, process, stage};
use signalbox_domain::decide::{Act, Decided};
use signalbox_domain::fact::Fact;
use signalbox_domain::id::{BuildId, ServiceId};
use signalbox_domain::line::{BuildContent, Outcome};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Gate, Process, Stage};
use signalbox_domain::product::Releasing;
use signalbox_domain::product_release::MemberOutcome;
use signalbox_domain::product_test::PRODUCT_TESTS;
use signalbox_domain::release::{Chosen, Release};
use signalbox_domain::release_sheet::release_packet;
use signalbox_domain::rule::Rule;

pub const STAGES: [&str; 3] = ["StagingDEV", "StagingQA", "StagingPROD"];

/// Product tests in the first environment, a tester in the second, a release manager presses into the third.
pub fn environments() -> Process {
    let tests = Gate { checks: vec![PRODUCT_TESTS.into()], ..Gate::default() };
    process(vec![
        Stage { gate: tests, ..stage(STAGES[0], &[]) },
        approved(STAGES[1], &[STAGES[0]], Rule::of(1, "tester"), &[]),
        Stage { deployers: vec!["release-manager".into()], ..press(stage(STAGES[2], &[STAGES[1]])) },
    ])
}

/// The product Harbour with these services, each deployed by a pipeline of its own.
pub fn harbour(process: Process, services: &[&str]) -> Bench {
    let mut bench = Bench::new(process);
    let (connection, system, name) = ("local".into(), "local".into(), "Local".into());
    bench.must("omar", "operations", Act::AddConnection { connection, system, name });
    for name in services {
        if *name != "web" {
            let (product, service, name) = ("harbour".into(), (*name).into(), (*name).to_owned());
            bench.must("rosa", "release-manager", Act::AddService { product, service, name });
        }
        let stages = STAGES.map(str::to_owned).to_vec();
        let (service, connection, pipeline) = ((*name).into(), "local".into(), (*name).to_owned());
        bench.must(
            "omar",
            "operations",
            Act::BindService { service, connection, pipeline, stages, mapped: Vec::new() },
        );
    }
    bench
}

pub fn arrive_at(bench: &mut Bench, service: &str, build: &str) -> Vec<Decided> {
    let content = BuildContent { label: build.to_owned(), author: "ada".to_owned(), ..Default::default() };
    let (build, service) = (build.into(), service.into());
    bench.must("machine", "machine", Act::RecordArrival { build, service, content })
}

pub fn chosen(pairs: &[(&str, &str)]) -> Vec<Chosen> {
    pairs
        .iter()
        .map(|(service, build)| Chosen { service: (*service).into(), build: (*build).into() })
        .collect()
}

pub fn compose(bench: &mut Bench, pairs: &[(&str, &str)]) -> Answer {
    if !bench.state.releases.contains_key(&"r1".into()) {
        let create = Act::CreateRelease {
            release: "r1".into(),
            product: "harbour".into(),
            name: "Harbour 1".into(),
            planned: None,
            copy: None,
            steps: Vec::new(),
        };
        bench.must("rosa", "release-manager", create);
    }
    let compose = Act::ComposeRelease { release: "r1".into(), builds: chosen(pairs) };
    bench.act("rosa", "release-manager", compose)
}

pub fn release(bench: &Bench) -> &Release {
    &bench.state.releases[&"r1".into()]
}

/// Someone sends the release on, over what is shown now.
pub fn decide(bench: &mut Bench, who: &str, role: &str, stage: &str) -> Answer {
    let shown = release_packet(&bench.state, release(bench), &stage.into());
    let (release, stage, comment) = ("r1".into(), stage.into(), "the quay is closed".into());
    bench.act(who, role, Act::DecideRelease { release, stage, shown, comment })
}

/// Rosa sends again what did not go.
pub fn resume(bench: &mut Bench, stage: &str) -> Answer {
    let shown = release_packet(&bench.state, release(bench), &stage.into());
    let (release, reason) = ("r1".into(), "the disk is empty again".into());
    bench.act("rosa", "release-manager", Act::ResumeRelease { release, shown, reason })
}

/// What became of each member.
pub fn outcomes(bench: &Bench) -> Vec<(ServiceId, MemberOutcome)> {
    let members = release(bench).members(&bench.state).into_iter();
    members.map(|member| (member.sent.service, member.outcome)).collect()
}

pub fn outcome_of(bench: &Bench, service: &str) -> MemberOutcome {
    outcomes(bench).into_iter().find(|(known, _)| known.as_str() == service).unwrap().1
}

pub fn releasing(bench: &Bench) -> &Releasing {
    &bench.state.products[&"harbour".into()].releasing
}

/// The machine acts on the trigger.
pub fn fire(bench: &mut Bench, due: &str) -> Answer {
    let due = Moment::parse(due);
    let (product, stage) = ("harbour".into(), STAGES[0].into());
    bench.act("machine", "machine", Act::BeginProductTest { product, stage, due })
}

/// The running test ends.
pub fn test_ends(bench: &mut Bench, outcome: Outcome) -> Vec<Decided> {
    let test = releasing(bench).open_test(&STAGES[0].into()).unwrap().clone();
    let record = Act::RecordProductTest {
        product: "harbour".into(),
        stage: test.stage,
        test: Some(test.id),
        outcome,
        builds: test.builds,
        source: "journeys".into(),
        summary: "84 journeys".into(),
    };
    bench.must("machine", "machine", record)
}

pub fn veto(bench: &mut Bench, build: &str) -> Vec<Decided> {
    let (build, reason) = (build.into(), "it books a berth twice".into());
    bench.must("rosa", "release-manager", Act::VetoBuild { build, reason })
}

/// The builds that a deployment to a stage was intended for.
pub fn deployed_by(facts: &[Decided], wanted: &str) -> Vec<BuildId> {
    let intended = facts.iter().filter_map(|decided| match &decided.fact {
        Fact::DeploymentIntended { build, stage, .. } if stage.as_str() == wanted => Some(build.clone()),
        _ => None,
    });
    intended.collect()
}
