//! A product tested and released as a whole, for people.

use super::Me;
use super::common::{build_brief, deployment_state, service_called, stage_brief};
use super::packet::parts;
use super::trial::{TYPED, Trial};
use super::trigger::trigger_view;
use crate::wire::{
    ActState, BuildBrief, CompareRow, CompareView, DecidedView, LeftOutView, MemberOutcome, MembershipRule,
    ProductTestView, Reason, ReleasingView, SendMember, SendView, StageBrief, TestPipelineView,
};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{BuildId, ServiceId, StageKey};
use signalbox_domain::line::Outcome;
use signalbox_domain::membership::Membership;
use signalbox_domain::moment::Moment;
use signalbox_domain::process::Path;
use signalbox_domain::product::Product;
use signalbox_domain::product_release::{Member, MemberOutcome as Became};
use signalbox_domain::product_test::{ProductTest, TestBinding, builds_in, test_stage};
use signalbox_domain::prospect::{Passage, Prospect, asks_passphrase, prospects};
use signalbox_domain::refusal::Blocker;
use signalbox_domain::release::{Chosen, Difference, Release, compare};
use signalbox_domain::release_sheet::release_packet;
use signalbox_domain::state::State;
use signalbox_domain::trigger::{Trigger, Triggered};

/// How a product is tested and released as a whole.
pub fn releasing_view(state: &State, product: &Product, me: Option<&Me>, at: Moment) -> ReleasingView {
    let trial = Trial::new(state, me, at);
    let stage = test_stage(state, product);
    let named = stage.as_ref().and_then(|key| {
        let process = &state.strategy_in_force(&product.id)?.content.process;
        process.stage(key).map(stage_brief)
    });
    let releasing = &product.releasing;
    let key = stage.unwrap_or_else(|| TYPED.into());
    let record = record_test(product, &key, None, builds_in(state, product, &key));
    ReleasingView {
        product: product.id.to_string(),
        test_stage: named,
        rule: releasing.membership.as_ref().map(rule_view),
        members: product.members().map(|service| service_called(state, &service.id)).collect(),
        tests: releasing.tests.iter().rev().map(|test| test_view(state, product, test, &trial)).collect(),
        change: trial.mine(&Act::SetMembership {
            product: product.id.clone(),
            membership: Membership::Prefix { prefix: TYPED.into() },
        }),
        record_test: trial.mine(&record),
        test_pipeline: releasing.test.as_ref().map(|test| test_pipeline(state, test)),
        bind_test: trial.mine(&bind_test(state, product)),
        trigger: releasing.trigger.as_ref().map(|armed| trigger_view(&armed.trigger, at)),
        set_trigger: trial.mine(&Act::SetTrigger { product: product.id.clone(), trigger: Some(hourly()) }),
        begin_test: trial.mine(&Act::BeginProductTest { product: product.id.clone(), stage: key, due: None }),
    }
}

/// Whether I may do something to a product, and all the reasons if not.
pub fn may(state: &State, act: &Act, me: Option<&Me>, at: Moment) -> ActState {
    Trial::new(state, me, at).mine(act)
}

fn test_pipeline(state: &State, test: &TestBinding) -> TestPipelineView {
    let connection = state.connections.get(&test.connection);
    TestPipelineView {
        connection: test.connection.to_string(),
        connection_name: connection.map_or_else(|| test.connection.to_string(), |known| known.name.clone()),
        pipeline: test.pipeline.clone(),
    }
}

/// Binding some pipeline of the first connection; without any connection the rules say so.
fn bind_test(state: &State, product: &Product) -> Act {
    let connection = state.connections.keys().next().cloned().unwrap_or_else(|| TYPED.into());
    let binding = Some(TestBinding { connection, pipeline: TYPED.into() });
    Act::BindProductTest { product: product.id.clone(), binding }
}

/// Stands for a trigger that the person will have typed.
fn hourly() -> Trigger {
    Trigger { cron: "0 * * * *".into(), time_zone: "UTC".into(), what: Triggered::ProductTests }
}

fn rule_view(rule: &Membership) -> MembershipRule {
    match rule {
        Membership::List { services } => MembershipRule { services: services.clone(), prefix: None },
        Membership::Prefix { prefix } => {
            MembershipRule { services: Vec::new(), prefix: Some(prefix.clone()) }
        }
    }
}

fn record_test(product: &Product, stage: &StageKey, test: Option<&ProductTest>, builds: Vec<Chosen>) -> Act {
    Act::RecordProductTest {
        product: product.id.clone(),
        stage: stage.clone(),
        test: test.map(|test| test.id.clone()),
        outcome: Outcome::Succeeded,
        builds,
        source: TYPED.into(),
        summary: TYPED.into(),
    }
}

fn test_view(state: &State, product: &Product, test: &ProductTest, trial: &Trial<'_>) -> ProductTestView {
    let settle = record_test(product, &test.stage, Some(test), test.builds.clone());
    ProductTestView {
        id: test.id.to_string(),
        stage: test.stage.to_string(),
        builds: test.builds.iter().filter_map(|chosen| brief(state, &chosen.build)).collect(),
        by: state.name_of(&test.by),
        at: test.at.to_string(),
        state: deployment_state(test.outcome),
        summary: test.summary.clone(),
        left_out: test
            .left_out
            .iter()
            .map(|left| LeftOutView {
                service: service_called(state, &left.service),
                build: brief(state, &left.build).map_or_else(|| left.build.to_string(), |build| build.label),
                reason: left.reason.clone(),
            })
            .collect(),
        // Told by the outbox, which is no part of the state.
        has_log: false,
        settle: trial.mine(&settle),
    }
}

/// The stages that a release can be sent to, the last one first chosen.
pub fn send_stages(state: &State, release: &Release) -> Vec<StageBrief> {
    let strategy = state.strategy_in_force(&release.product);
    let stages = strategy.into_iter().flat_map(|strategy| &strategy.content.process.stages);
    stages.filter(|stage| stage.path == Path::On).map(stage_brief).collect()
}

/// The sheet on which a whole release is sent on into a stage; the digest is that of [`release_packet`].
pub fn send_view(
    state: &State,
    release: &Release,
    stage: &StageKey,
    me: Option<&Me>,
    digest: String,
    at: Moment,
) -> Option<SendView> {
    let stages = send_stages(state, release);
    let named = stages.iter().find(|known| known.key == stage.as_str())?.clone();
    let packet = release_packet(state, release, stage);
    let trial = Trial::new(state, me, at);
    let decision = release.decision_on(stage);
    let decide = Act::DecideRelease {
        release: release.id.clone(),
        stage: stage.clone(),
        shown: packet.clone(),
        comment: TYPED.into(),
    };
    let resume =
        Act::ResumeRelease { release: release.id.clone(), shown: packet.clone(), reason: TYPED.into() };
    Some(SendView {
        digest,
        title: packet.title.clone(),
        parts: parts(&packet),
        stage: named,
        stages,
        members: members(state, release, stage),
        decided: decision.map(|decision| DecidedView {
            by: state.name_of(&decision.by),
            at: decision.at.to_string(),
            comment: decision.comment.clone(),
            resumed: u32::try_from(decision.resumed.len()).unwrap_or(u32::MAX),
        }),
        decide: trial.mine(&decide),
        resume: trial.mine(&resume),
        vetoed: release.vetoed_builds(state).into_iter().map(|build| build_brief(state, build)).collect(),
        asks_passphrase: asks_passphrase(state, release, stage),
    })
}

/// Every service: what became of it where the release was sent on, and how it would go on now.
fn members(state: &State, release: &Release, stage: &StageKey) -> Vec<SendMember> {
    let ahead = prospects(state, release, stage);
    let decided = release.decisions.last().is_some_and(|last| last.stage == *stage);
    let went: Vec<Member> = if decided { release.members(state) } else { Vec::new() };
    let prospect = |service: &ServiceId| ahead.iter().find(|known| known.service == *service);
    let mut rows: Vec<SendMember> = went
        .iter()
        .map(|member| {
            let next = prospect(&member.sent.service);
            SendMember {
                service: service_called(state, &member.sent.service),
                build: member.sent.build.as_ref().and_then(|build| brief(state, build)),
                way: next.map_or_else(String::new, |next| way(state, next)),
                reasons: next
                    .map_or(&member.sent.reasons, |next| &next.blockers)
                    .iter()
                    .map(reason)
                    .collect(),
                outcome: Some(became(member.outcome)),
                at: Some(member.sent.at.to_string()),
            }
        })
        .collect();
    for next in &ahead {
        if went.iter().all(|member| member.sent.service != next.service) {
            rows.push(SendMember {
                service: service_called(state, &next.service),
                build: next.build.as_ref().and_then(|build| brief(state, build)),
                way: way(state, next),
                reasons: next.blockers.iter().map(reason).collect(),
                outcome: None,
                at: None,
            });
        }
    }
    rows
}

fn way(state: &State, next: &Prospect) -> String {
    let place = |key: &StageKey| {
        let build = next.build.as_ref().and_then(|build| state.builds.get(build));
        let stage = build.and_then(|build| state.stage_of(build, key));
        stage.map_or_else(|| key.to_string(), |stage| stage.name.clone())
    };
    match &next.passage {
        Passage::Promotion => "is put into the stage".to_owned(),
        Passage::Retry => "is put into the stage again".to_owned(),
        Passage::Approval(gate) => format!("is approved in {}", place(gate)),
        Passage::Answer(gate) => format!("its gate in {} is answered again", place(gate)),
        Passage::Nothing(why) => format!("nothing to approve: {why}"),
        Passage::Closed => "can't go on".to_owned(),
    }
}

fn became(outcome: Became) -> MemberOutcome {
    match outcome {
        Became::Sent => MemberOutcome::Sent,
        Became::Running => MemberOutcome::Running,
        Became::Done => MemberOutcome::Done,
        Became::Failed => MemberOutcome::Failed,
        Became::Unknown => MemberOutcome::Unknown,
        Became::Refused => MemberOutcome::Refused,
        Became::NothingToApprove => MemberOutcome::NothingToApprove,
        Became::Rejected => MemberOutcome::Rejected,
    }
}

/// How two releases differ, service by service.
pub fn compare_view(state: &State, here: &Release, there: &Release) -> CompareView {
    let rows = compare(here, there).into_iter().map(|(service, difference)| {
        let (left, right, same) = match difference {
            Difference::Same { build } => (Some(build.clone()), Some(build), true),
            Difference::Changed { from, to } => (Some(from), Some(to), false),
            Difference::OnlyHere { build } => (Some(build), None, false),
            Difference::OnlyThere { build } => (None, Some(build), false),
        };
        CompareRow {
            service: service_called(state, &service),
            here: left.and_then(|build| brief(state, &build)),
            there: right.and_then(|build| brief(state, &build)),
            same,
        }
    });
    CompareView { here: here.name.clone(), there: there.name.clone(), rows: rows.collect() }
}

fn brief(state: &State, build: &BuildId) -> Option<BuildBrief> {
    state.builds.get(build).map(|build| build_brief(state, build))
}

fn reason(blocker: &Blocker) -> Reason {
    Reason::from(blocker.clone())
}
