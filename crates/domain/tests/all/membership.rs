//! The dry run of a membership rule: members, near misses, what breaks the convention (R3).

use signalbox_domain::membership::{
    Candidate, CandidateStage, Convention, DryRun, ExpectedStage, Finding, Membership, dry_run,
};

fn stage(name: &str, gates: &[&str]) -> CandidateStage {
    let gates = gates.iter().map(|gate| (*gate).to_owned()).collect();
    CandidateStage { name: name.to_owned(), gates }
}

fn keeping(name: &str) -> Candidate {
    let stages =
        vec![stage("StagingDEV", &["approve"]), stage("StagingQA", &["approve"]), stage("StagingPROD", &[])];
    Candidate { name: name.to_owned(), stages }
}

fn convention() -> Convention {
    let expected = |name: &str, gate: Option<&str>| ExpectedStage {
        name: name.to_owned(),
        gate: gate.map(str::to_owned),
    };
    let stages = vec![
        expected("StagingDEV", Some("approve")),
        expected("StagingQA", Some("approve")),
        expected("StagingPROD", None),
    ];
    Convention { stages }
}

fn run(rule: &Membership, names: &[&str]) -> DryRun {
    let candidates: Vec<Candidate> = names.iter().map(|name| keeping(name)).collect();
    dry_run(rule, &convention(), &candidates)
}

fn brief(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.name.as_str(), finding.reason.code.as_str())).collect()
}

fn prefix(prefix: &str) -> Membership {
    Membership::Prefix { prefix: prefix.to_owned() }
}

#[test]
fn membership_r3_a_prefix_finds_its_members_and_what_was_nearly_one() {
    let names = ["shop-web", "Shop-api", "ship-map", "shp-tool", "the-shop-door", "harbour", "sho"];
    let run = run(&prefix("shop-"), &names);
    assert_eq!(brief(&run.members), [("shop-web", "membership.member")]);
    assert_eq!(
        brief(&run.near_misses),
        [
            ("Shop-api", "membership.case"),
            ("ship-map", "membership.misspelt"),
            ("shp-tool", "membership.misspelt"),
            ("the-shop-door", "membership.prefix-inside"),
            ("sho", "membership.misspelt"),
        ]
    );
    assert!(run.breaches.is_empty());
}

#[test]
fn membership_r3_a_short_prefix_does_not_call_everything_a_near_miss() {
    assert!(run(&prefix("a"), &["b", "zebra", "ox"]).near_misses.is_empty());
    assert!(run(&prefix("ab"), &["cd", "xx-tool"]).near_misses.is_empty());
}

#[test]
fn membership_r3_a_list_finds_what_is_misspelt_and_what_is_missing() {
    let list = Membership::List { services: vec!["web".into(), "berth-api".into(), "crane".into()] };
    let run = run(&list, &["web", "Berth-API", "berth-apis", "harbour"]);
    assert_eq!(brief(&run.members), [("web", "membership.member")]);
    assert_eq!(
        brief(&run.near_misses),
        [("Berth-API", "membership.case"), ("berth-apis", "membership.misspelt")]
    );
    assert_eq!(run.missing, ["berth-api", "crane"]);
}

#[test]
fn membership_r3_members_that_break_the_convention_are_named_with_what_they_break() {
    let broken = |name: &str, stages: Vec<CandidateStage>| Candidate { name: name.to_owned(), stages };
    let (dev, prod) = (stage("StagingDEV", &["approve"]), stage("StagingPROD", &[]));
    let candidates = [
        keeping("shop-good"),
        broken("shop-case", vec![dev.clone(), stage("StagingQa", &["approve"]), prod.clone()]),
        broken("shop-lacks", vec![dev.clone(), prod.clone()]),
        broken("shop-gate", vec![dev.clone(), stage("StagingQA", &["Approve"]), prod.clone()]),
        broken("shop-open", vec![dev.clone(), stage("StagingQA", &[]), prod.clone()]),
        broken("shop-order", vec![stage("StagingQA", &["approve"]), dev, prod]),
        broken("harbour", Vec::new()),
    ];
    let run = dry_run(&prefix("shop-"), &convention(), &candidates);
    assert_eq!(
        brief(&run.breaches),
        [
            ("shop-case", "convention.stage-name"),
            ("shop-lacks", "convention.stage-missing"),
            ("shop-gate", "convention.gate-name"),
            ("shop-open", "convention.gate-missing"),
            ("shop-order", "convention.order"),
        ],
        "only members are measured"
    );
    assert_eq!(run.breaches[0].reason.sentence, "It calls the stage “StagingQA” “StagingQa”.");
    assert_eq!(run.breaches[3].reason.sentence, "StagingQA has no gate “approve”.");
}
