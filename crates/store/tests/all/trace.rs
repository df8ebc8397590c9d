//! Random facts over a small world, sensible or not: the fold takes whatever was recorded.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use signalbox_domain::fact::Fact;
use signalbox_domain::feature::FeatureState;
use signalbox_domain::id::{
    BuildId, EntryId, FeatureKey, IssueId, PersonId, ProductId, ReleaseId, ServiceId, StageKey,
};
use signalbox_domain::issue::{IssueReport, Lesson};
use signalbox_domain::line::{Admitted, BuildContent, DeploymentKind, ItemState, Meaning, Outcome};
use signalbox_domain::membership::Membership;
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::Packet;
use signalbox_domain::product::{StageBinding, Way};
use signalbox_domain::product_release::Course;
use signalbox_domain::product_test::TestBinding;
use signalbox_domain::release::{Chosen, Rehearsal, StepState};
use signalbox_domain::starters::starter;
use signalbox_domain::trigger::{Trigger, Triggered};

use super::scribe::{START, ledger_opened, person, product};

const PRODUCTS: [&str; 2] = ["har", "pil"];
const SERVICES: [(&str, &str); 3] = [("web", "har"), ("api", "har"), ("map", "pil")];
const BUILDS: u32 = 8;

/// One act: where its state was loaded around, and what it records.
#[derive(Clone, Debug)]
pub struct TracedAct {
    pub product: Option<ProductId>,
    pub facts: Vec<Fact>,
}

/// The facts that every trace begins with.
pub fn beginning() -> Vec<Fact> {
    let mut facts = vec![ledger_opened(), person("ines")];
    for id in PRODUCTS {
        facts.push(product(id));
        facts.push(drafted(id, 1));
        facts.push(Fact::StrategyActivated { product: id.into(), version: 1 });
    }
    for (service, product) in SERVICES {
        let name = service.to_owned();
        facts.push(Fact::ServiceAdded { product: product.into(), service: service.into(), name });
    }
    facts
}

pub fn acts() -> impl Strategy<Value = Vec<TracedAct>> {
    let act = (option::of(product_id()), vec(fact(), 1..5));
    vec(act.prop_map(|(product, facts)| TracedAct { product, facts }), 1..60)
}

fn drafted(product: &str, version: u32) -> Fact {
    let content = Box::new(starter("three-environments").unwrap().content());
    Fact::StrategyDrafted { product: product.into(), version, content }
}

fn product_id() -> impl Strategy<Value = ProductId> {
    select(&PRODUCTS[..]).prop_map(ProductId::from)
}

fn text() -> impl Strategy<Value = String> {
    select(&["", "restart", "the login loops", "Disk full", "é'\"\u{1F6A6}"][..]).prop_map(str::to_owned)
}

fn service() -> impl Strategy<Value = (ServiceId, ProductId)> {
    select(&SERVICES[..]).prop_map(|(service, product)| (service.into(), product.into()))
}

fn stage() -> impl Strategy<Value = StageKey> {
    let keys: Vec<StageKey> =
        starter("three-environments").unwrap().process.stages.iter().map(|stage| stage.key.clone()).collect();
    select(keys)
}

/// A build belongs to one service for ever.
fn build_of(service: &ServiceId) -> impl Strategy<Value = BuildId> + use<> {
    let service = service.to_string();
    (0..BUILDS).prop_map(move |number| BuildId::new(format!("{service}-{number}")))
}

/// A service, one of its builds and a stage.
fn place() -> impl Strategy<Value = (ServiceId, ProductId, BuildId, StageKey)> {
    (service(), stage()).prop_flat_map(|((service, product), stage)| {
        build_of(&service).prop_map(move |build| (service.clone(), product.clone(), build, stage.clone()))
    })
}

fn feature_key() -> impl Strategy<Value = FeatureKey> {
    (0..6_u32).prop_map(|number| FeatureKey::new(format!("HAR-{number}")))
}

fn release_id() -> impl Strategy<Value = ReleaseId> {
    (0..4_u32).prop_map(|number| ReleaseId::new(format!("r{number}")))
}

fn issue_id() -> impl Strategy<Value = IssueId> {
    (0..6_u32).prop_map(|number| IssueId::new(format!("i{number}")))
}

/// The id of some entry of the trace, as the scribe counts them.
fn entry_id() -> impl Strategy<Value = EntryId> {
    (0..80_u64).prop_map(|number| EntryId::new(format!("019a0000-0000-7000-8000-{number:012x}")))
}

fn moment() -> impl Strategy<Value = Moment> {
    (0..1_000_i64).prop_map(|millis| Moment::from_millis(START + millis))
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![12 => line_fact(), 4 => work_fact(), 4 => gated_fact(), 4 => release_fact(), 4 => product_fact(), 4 => log_fact(), 1 => desk_fact()]
}

fn desk_fact() -> impl Strategy<Value = Fact> {
    let who = select(&["ines", "otto"][..]).prop_map(PersonId::from);
    prop_oneof![
        select(&["otto", "mara"][..]).prop_map(person),
        (who.clone(), text()).prop_map(|(person, reason)| Fact::RolesSet {
            person,
            roles: vec!["tester".into()],
            reason
        }),
        who.prop_map(|person| Fact::KeyRevoked {
            person,
            fingerprint: "SHA256:ines".to_owned(),
            reason: String::new()
        }),
        (select(&PRODUCTS[..]), 1..4_u32).prop_map(|(product, version)| drafted(product, version)),
        (product_id(), 1..4_u32, text()).prop_map(|(product, version, comment)| Fact::StrategyCosigned {
            product,
            version,
            role: "operations".into(),
            comment
        }),
        (product_id(), 1..4_u32).prop_map(|(product, version)| Fact::StrategyActivated { product, version }),
        text().prop_map(|name| Fact::ConnectionAdded {
            connection: "local".into(),
            system: "local".to_owned(),
            name
        }),
        service().prop_map(|(service, product)| Fact::ServiceBound {
            service,
            product,
            connection: "local".into(),
            pipeline: "web".to_owned(),
            stages: vec!["dev".to_owned()],
            mapped: vec![StageBinding {
                stage: "PROD".into(),
                way: Way::Gated,
                remote: "StagingPROD".to_owned(),
                gate: None
            }]
        }),
    ]
}

fn line_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        3 => (place(), 1..20_u32, vec(feature_key(), 0..3), text()).prop_map(
            |((service, product, build, _), number, features, label)| Fact::BuildArrived {
                build,
                service,
                product,
                number,
                content: BuildContent { label, features, ..BuildContent::default() },
                author: None,
                strategy: 1,
            }
        ),
        1 => place().prop_map(|(service, _, build, stage)| Fact::BuildQueued { build, service, stage }),
        1 => (place(), 0..BUILDS).prop_map(|((service, _, build, stage), by)| {
            let by = BuildId::new(format!("{service}-{by}"));
            Fact::BuildSuperseded { build, service, stage, by }
        }),
        2 => (place(), text()).prop_map(|((service, _, build, stage), reason)| Fact::BuildAdmitted {
            build,
            service,
            stage,
            how: if reason.is_empty() { Admitted::Observed } else { Admitted::Automatic },
            by: "ines".into(),
            reason
        }),
        4 => place().prop_map(|(service, _, build, stage)| Fact::BuildPassed { build, service, stage }),
        1 => (place(), text()).prop_map(|((service, _, build, stage), reason)| Fact::BuildRejected {
            build,
            service,
            stage,
            by: "ines".into(),
            reason
        }),
        1 => (place(), text())
            .prop_map(|((service, _, build, stage), reason)| Fact::BuildFailed { build, service, stage, reason }),
        1 => (place(), stage()).prop_map(|((service, _, build, stage), rejected_in)| Fact::BuildEnded {
            build,
            service,
            stage,
            rejected_in
        }),
        1 => (place(), text()).prop_map(|((service, _, _, stage), reason)| Fact::StageHeld { service, stage, reason }),
        1 => (place(), text())
            .prop_map(|((service, _, _, stage), reason)| Fact::StageReleased { service, stage, reason }),
    ]
}

fn work_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        place().prop_map(|(service, _, build, stage)| Fact::DeploymentIntended {
            build,
            service,
            stage,
            purpose: DeploymentKind::RollBack,
            connection: "local".into(),
            pipeline: "web".to_owned(),
            by: "ines".into()
        }),
        (place(), entry_id(), select(&[Outcome::Succeeded, Outcome::Failed, Outcome::Unknown][..]), text())
            .prop_map(|((service, _, build, stage), deployment, outcome, detail)| Fact::DeploymentEnded {
                deployment,
                build,
                service,
                stage,
                outcome,
                detail
            }),
        (place(), any::<bool>(), text()).prop_map(|((service, _, build, stage), passed, summary)| {
            Fact::CheckRecorded {
                build,
                service,
                stage,
                check: "smoke".to_owned(),
                passed,
                source: "local".to_owned(),
                summary,
            }
        }),
        (place(), text()).prop_map(|((service, _, build, stage), reason)| Fact::ChecklistMarked {
            build,
            service,
            stage,
            item: "logs".into(),
            state: ItemState::Done,
            reason
        }),
        (place(), any::<bool>(), text()).prop_map(|((service, _, build, stage), approved, comment)| {
            Fact::GateSigned {
                build,
                service,
                stage,
                approved,
                role: "tester".into(),
                meaning: Meaning::Approval,
                comment,
                packet: Packet::default(),
            }
        }),
        (place(), entry_id(), text()).prop_map(|((service, _, build, stage), signoff, reason)| {
            Fact::SignoffWithdrawn { signoff, build, service, stage, reason }
        }),
        (place(), entry_id()).prop_map(|((service, _, build, stage), signoff)| Fact::SignoffStaled {
            signoff,
            build,
            service,
            stage,
            lines: vec!["build: digest".to_owned()]
        }),
    ]
}

fn gated_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        1 => (place(), text()).prop_map(|((service, _, build, stage), run)| Fact::DeploymentObserved {
            build,
            service,
            stage,
            connection: "local".into(),
            pipeline: "web".to_owned(),
            run,
        }),
        1 => (place(), any::<bool>(), text()).prop_map(|((service, _, build, stage), approve, comment)| {
            Fact::GateAnswerIntended {
                build,
                service,
                stage,
                approve,
                gate: "StagingQA/approve".to_owned(),
                connection: "local".into(),
                pipeline: "web".to_owned(),
                by: "ines".into(),
                comment,
            }
        }),
        1 => (place(), entry_id(), select(&[Outcome::Succeeded, Outcome::NotDone, Outcome::Unknown][..]), text())
            .prop_map(|((service, _, build, stage), answer, outcome, detail)| Fact::GateAnswerEnded {
                answer,
                build,
                service,
                stage,
                outcome,
                detail
            }),
        3 => (place(), any::<bool>(), text()).prop_map(|((service, product, build, stage), known, found)| {
            Fact::ChangeUnexplained {
                service,
                product,
                stage,
                build: known.then_some(build),
                found,
                detail: String::new(),
            }
        }),
        2 => (place(), entry_id(), text()).prop_map(|((service, _, _, stage), change, reason)| {
            Fact::ChangeExplained { change, service, stage, reason }
        }),
    ]
}

fn release_fact() -> impl Strategy<Value = Fact> {
    let section = select(&["back-out", "logs", "unknown"][..]).prop_map(str::to_owned);
    let step = || (0..3_u32).prop_map(|number| format!("s{number}").into());
    prop_oneof![
        (release_id(), product_id(), text(), option::of(moment())).prop_map(
            |(release, product, name, planned)| Fact::ReleaseCreated {
                release,
                product,
                name,
                strategy: 1,
                planned
            }
        ),
        (release_id(), place()).prop_map(|(release, (service, _, build, _))| Fact::ReleaseComposed {
            release,
            builds: vec![Chosen { service, build }]
        }),
        (release_id(), section.clone(), text(), option::of(moment())).prop_map(
            |(release, section, text, rehearsed)| Fact::PlanSectionWritten {
                release,
                section,
                text,
                rehearsal: rehearsed.map(|at| Rehearsal { at, passed: true, note: String::new() })
            }
        ),
        (release_id(), section, option::of(text()))
            .prop_map(|(release, section, reason)| Fact::PlanSectionWaived { release, section, reason }),
        (release_id(), step(), text()).prop_map(|(release, step, title)| Fact::PlanStepSet {
            release,
            step,
            title,
            phase: "Before".to_owned(),
            owner: None,
            planned: None,
            minutes: 5,
            after: Vec::new(),
            automated: false
        }),
        (release_id(), step()).prop_map(|(release, step)| Fact::PlanStepRemoved { release, step }),
        (release_id(), step(), text()).prop_map(|(release, step, reason)| Fact::PlanStepMoved {
            release,
            step,
            state: StepState::Doing,
            reason,
            evidence: String::new()
        }),
        (release_id(), any::<bool>(), text()).prop_map(|(release, go, comment)| Fact::GoVoiced {
            release,
            role: "operations".into(),
            go,
            comment
        }),
        (release_id(), text()).prop_map(|(release, outcome)| Fact::ReleaseFinished { release, outcome }),
    ]
}

fn log_fact() -> impl Strategy<Value = Fact> {
    let report = || {
        (text(), text(), option::of(place())).prop_map(|(problem, solution, place)| IssueReport {
            problem,
            solution,
            service: place.as_ref().map(|(service, ..)| service.clone()),
            stage: place.as_ref().map(|(.., stage)| stage.clone()),
            build: place.map(|(_, _, build, _)| build),
            ..IssueReport::default()
        })
    };
    prop_oneof![
        (feature_key(), product_id(), text()).prop_map(|(feature, product, title)| {
            Fact::FeatureRequested { feature, product, title, requester: "ines".into() }
        }),
        (feature_key(), select(&FeatureState::ALL[..]), text()).prop_map(|(feature, state, evidence)| {
            Fact::FeatureMoved { feature, state, developer: Some("otto".into()), evidence }
        }),
        (feature_key(), place(), any::<bool>()).prop_map(|(feature, (_, _, build, _), approved)| {
            Fact::FeatureSigned {
                feature,
                build,
                approved,
                role: "tester".into(),
                comment: String::new(),
                packet: Packet::default(),
            }
        }),
        (issue_id(), product_id(), report()).prop_map(|(issue, product, report)| Fact::IssueRecorded {
            key: format!("K-{issue}"),
            issue,
            product,
            report
        }),
        (issue_id(), report()).prop_map(|(issue, report)| Fact::IssueAmended { issue, report }),
        (issue_id(), text()).prop_map(|(issue, note)| Fact::IssueMet { issue, note }),
        (issue_id(), text())
            .prop_map(|(issue, because)| Fact::IssueClosed { issue, lesson: Lesson::None { because } }),
    ]
}

/// Releasing and testing a product as a whole.
fn product_fact() -> impl Strategy<Value = Fact> {
    let course =
        select(&[Course::Promoted, Course::GateApproved, Course::NothingToApprove, Course::Refused][..]);
    let outcome = || select(&[Outcome::Succeeded, Outcome::Failed, Outcome::NotDone, Outcome::Unknown][..]);
    prop_oneof![
        1 => (release_id(), place(), text()).prop_map(|(release, (service, product, build, stage), comment)| {
            Fact::ReleaseDecided {
                release,
                product,
                stage,
                builds: vec![Chosen { service, build }],
                role: "operations".into(),
                comment,
                packet: Packet::default(),
            }
        }),
        1 => (release_id(), place(), text()).prop_map(|(release, (service, product, build, stage), reason)| {
            Fact::ReleaseResumed {
                release,
                product,
                stage,
                builds: vec![Chosen { service, build }],
                role: "operations".into(),
                reason,
                packet: Packet::default(),
            }
        }),
        1 => (release_id(), place(), course).prop_map(|(release, (service, _, build, stage), course)| {
            Fact::ReleaseMemberSent {
                release,
                service,
                build: Some(build),
                stage,
                course,
                gate: None,
                by: "ines".into(),
                reasons: Vec::new(),
            }
        }),
        1 => (product_id(), text()).prop_map(|(product, prefix)| Fact::MembershipSet {
            product,
            membership: Membership::Prefix { prefix }
        }),
        1 => (product_id(), option::of(text())).prop_map(|(product, cron)| Fact::TriggerSet {
            product,
            trigger: cron.map(|cron| Trigger {
                cron,
                time_zone: "UTC".to_owned(),
                what: Triggered::ProductTests
            })
        }),
        1 => product_id().prop_map(|product| Fact::ProductTestBound {
            product,
            binding: Some(TestBinding { connection: "local".into(), pipeline: "journeys".to_owned() })
        }),
        1 => (place(), option::of(moment())).prop_map(|((service, product, build, stage), due)| {
            Fact::ProductTestIntended {
                product,
                stage,
                connection: "local".into(),
                pipeline: "journeys".to_owned(),
                builds: vec![Chosen { service, build }],
                by: "ines".into(),
                due,
            }
        }),
        1 => (place(), option::of(entry_id()), outcome(), text()).prop_map(
            |((service, product, build, stage), test, outcome, summary)| Fact::ProductTestEnded {
                product,
                stage,
                test,
                outcome,
                builds: vec![Chosen { service, build }],
                left_out: Vec::new(),
                source: "journeys".to_owned(),
                summary,
            }
        ),
        2 => (place(), text())
            .prop_map(|((service, _, build, _), reason)| Fact::BuildVetoed { build, service, reason }),
    ]
}
