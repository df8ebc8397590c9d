//! The decision sheet: the packet as it will be signed, the gate, and what can be done by the person who reads it.

use super::Me;
use super::common::{act_state, build_brief, service_called, stage_brief};
use super::gate::{deployment_view, gate_view};
use super::gated;
use super::issue::lesson_text;
use super::place::{process_for, stand};
use super::section::settle;
use super::trial::{TYPED, Trial};
use crate::poller::Seen;
use crate::wire::{ActState, PacketActs, PacketLineView, PacketPart, PacketView, PastIssue, VetoView};
use signalbox_domain::decide::{Act, newer_ready};
use signalbox_domain::gate::why_not_ready;
use signalbox_domain::id::StageKey;
use signalbox_domain::issue::Issue;
use signalbox_domain::line::{Build, Meaning, Veto, Visit};
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::{Packet, PacketLine};
use signalbox_domain::process::{Entry, Stage};
use signalbox_domain::refusal::Blocker;
use signalbox_domain::sheet::gate_packet;
use signalbox_domain::state::State;
use std::collections::BTreeSet;

/// Past problems shown on a sheet at most.
const PAST_SHOWN: usize = 5;

/// What a sheet shows that is not in the state.
#[derive(Default)]
pub struct Beside<'a> {
    /// The packet's digest.
    pub digest: String,
    /// The draft that a failure opened.
    pub issue_draft: Option<String>,
    /// What the last look at the pipeline found.
    pub seen: Option<&'a Seen>,
}

/// Shows the decision sheet of a build at a stage; none when the build's process has no such stage.
///
/// The digest is that of [`gate_packet`] on the same state; `state.issues` should hold the closed issues, too.
pub fn packet_view(
    state: &State,
    build: &Build,
    stage: &StageKey,
    me: Option<&Me>,
    beside: Beside<'_>,
    at: Moment,
) -> Option<PacketView> {
    let Beside { digest, issue_draft, seen } = beside;
    let stage = process_for(state, build)?.stage(stage)?;
    let packet = gate_packet(state, build, stage);
    let stand = stand(state, build, stage);
    let visit = build.visit(&stage.key);
    Some(PacketView {
        digest,
        title: packet.title.clone(),
        parts: parts(&packet),
        product: state.products.get(&build.product).map(|product| product.name.clone()).unwrap_or_default(),
        service: service_called(state, &build.service),
        build: build_brief(state, build),
        stage: stage_brief(stage),
        state: stand.state,
        word: stand.word,
        since: stand.since.map(|since| since.to_string()),
        gate: gate_view(state, build, stage, me),
        acts: acts(state, build, stage, me, at),
        deployment: visit.and_then(Visit::deployment).map(|last| deployment_view(state, last)),
        remote_gate: gated::remote_gate(state, build, stage, seen),
        changes: gated::changes(state, &build.service, &stage.key, &Trial::new(state, me, at)),
        asks_passphrase: stage.asks_passphrase,
        last_time: last_time(state, build, stage),
        issue_draft,
        vetoed: vetoed(state, build),
    })
}

/// Groups a packet's lines by part, in the order of the packet.
pub fn parts(packet: &Packet) -> Vec<PacketPart> {
    let mut parts: Vec<PacketPart> = Vec::new();
    for PacketLine { part, label, text } in &packet.lines {
        let line = PacketLineView { label: label.clone(), text: text.clone() };
        match parts.iter_mut().find(|known| known.part == *part) {
            Some(known) => known.lines.push(line),
            None => parts.push(PacketPart { part: part.clone(), lines: vec![line] }),
        }
    }
    parts
}

/// Whether I may have the system run again what failed there.
pub fn retry_there(state: &State, build: &Build, stage: &StageKey, me: Option<&Me>, at: Moment) -> ActState {
    gated::retry_there(&Trial::new(state, me, at), state, build, stage)
}

/// Whether I may stop the deployment that runs for this build at this stage: whoever may deploy there may stop it.
pub fn cancel_state(state: &State, build: &Build, stage: &StageKey, me: Option<&Me>, at: Moment) -> ActState {
    cancel(&Trial::new(state, me, at), build, stage)
}

fn acts(state: &State, build: &Build, stage: &Stage, me: Option<&Me>, at: Moment) -> PacketActs {
    let trial = Trial::new(state, me, at);
    let shown = gate_packet(state, build, stage);
    let sign = |approved| Act::SignGate {
        build: build.id.clone(),
        stage: stage.key.clone(),
        approved,
        meaning: Meaning::Approval,
        comment: TYPED.into(),
        shown: shown.clone(),
    };
    let (id, key, reason) = (build.id.clone(), stage.key.clone(), TYPED.to_owned());
    PacketActs {
        approve: trial.mine(&sign(true)),
        reject: trial.mine(&sign(false)),
        promote: trial.mine(&Act::Promote {
            build: id.clone(),
            stage: key.clone(),
            reason: reason.clone(),
            shown: shown.clone(),
        }),
        retry: trial.mine(&Act::Retry { build: id.clone(), stage: key.clone(), reason: reason.clone() }),
        release_failed: trial.mine(&Act::ReleaseFailed {
            build: id.clone(),
            stage: key.clone(),
            reason: reason.clone(),
        }),
        roll_back: trial.mine(&Act::RollBack { build: id, stage: key.clone(), reason, issue: TYPED.into() }),
        cancel: cancel(&trial, build, &key),
        settle: trial.mine(&settle(build, stage)),
        answer_again: trial.mine(&gated::answer_again(build, &stage.key)),
        settle_answer: trial.mine(&gated::settle_answer(build, &stage.key)),
        retry_there: gated::retry_there(&trial, state, build, &stage.key),
        veto: veto(&trial, build),
        reason_needed: stage.entry == Entry::Press
            && why_not_ready(state, build, stage).is_none()
            && newer_ready(state, build, stage).is_some(),
    }
}

/// Whether I may end the build's way everywhere.
pub(super) fn veto(trial: &Trial<'_>, build: &Build) -> ActState {
    trial.mine(&Act::VetoBuild { build: build.id.clone(), reason: TYPED.into() })
}

/// The veto that ended the build's way, if there was one.
pub(super) fn vetoed(state: &State, build: &Build) -> Option<VetoView> {
    let Veto { by, at, reason } = build.vetoed.as_ref()?;
    Some(VetoView { by: state.name_of(by), at: at.to_string(), reason: reason.clone() })
}

fn cancel(trial: &Trial<'_>, build: &Build, stage: &StageKey) -> ActState {
    let running = build.visit(stage).and_then(Visit::deployment).is_some_and(|last| last.outcome.is_none());
    if !running {
        return act_state(
            vec![Blocker::new(
                "deployment.not-running",
                "No deployment is running here.",
                "Nothing is to be stopped.",
            )],
            Vec::new(),
        );
    }
    // A retry is refused now in any case; what it says about the person holds for stopping, too.
    let retry = Act::Retry { build: build.id.clone(), stage: stage.clone(), reason: TYPED.into() };
    trial
        .mine_where(&retry, |blocker| blocker.code.starts_with("person.") || blocker.code == "stage.deployer")
}

/// Problems met before that matter here: of this service (or none), at this stage or in the same words.
fn last_time(state: &State, build: &Build, stage: &Stage) -> Vec<PastIssue> {
    let topic = topic(state, build, stage);
    let mut issues: Vec<&Issue> = state
        .issues
        .values()
        .filter(|issue| issue.product == build.product)
        .filter(|issue| issue.report.service.as_ref().is_none_or(|service| *service == build.service))
        .filter(|issue| {
            issue.report.stage.as_ref() == Some(&stage.key)
                || issue.report.build.as_ref() == Some(&build.id)
                || !topic
                    .is_disjoint(&words_of(&format!("{} {}", issue.report.problem, issue.report.symptoms)))
        })
        .collect();
    issues.sort_by_key(|issue| (issue.lesson.is_some(), std::cmp::Reverse(issue.met.last().copied())));
    issues
        .into_iter()
        .take(PAST_SHOWN)
        .map(|issue| PastIssue {
            issue: issue.id.to_string(),
            key: issue.key.clone(),
            problem: issue.report.problem.clone(),
            lesson: issue.lesson.as_ref().map(lesson_text).unwrap_or_default(),
        })
        .collect()
}

/// The words that say what this sheet is about: the stage, its checks, the features that the build carries.
fn topic(state: &State, build: &Build, stage: &Stage) -> BTreeSet<String> {
    let features = build.content.features.iter().filter_map(|key| state.features.get(key));
    let titles = features.map(|feature| feature.title.as_str());
    let texts = std::iter::once(stage.name.as_str())
        .chain(stage.gate.checks.iter().map(String::as_str))
        .chain(titles);
    texts.flat_map(words_of).collect()
}

/// The words of a text that carry meaning: five letters or more, in lower case.
fn words_of(text: &str) -> BTreeSet<String> {
    const COMMON: [&str; 8] = ["tests", "checks", "after", "before", "while", "which", "their", "there"];
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 5)
        .map(str::to_lowercase)
        .filter(|word| !COMMON.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;
    use signalbox_domain::issue::{IssueReport, Lesson};
    use signalbox_domain::line::Outcome;

    fn view(desk: &Desk, build: &str, stage: &str, who: &str) -> PacketView {
        let me = desk.me(who);
        let build = desk.build(build);
        packet_view(&desk.state, &build, &stage.into(), Some(&me), Beside::default(), desk.now())
            .expect("a sheet")
    }

    fn codes(act: &ActState) -> Vec<&str> {
        act.reasons.iter().map(|reason| reason.code.as_str()).collect()
    }

    #[test]
    fn the_sheet_allows_what_the_rules_allow_in_the_roles_that_fit() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &["HAR-9"]);
        let tom = view(&desk, "2.8.0", "DEV", "tom");
        assert!(tom.acts.approve.allowed && tom.acts.reject.allowed);
        assert_eq!(tom.acts.approve.roles[0].key, "tester");
        assert_eq!(tom.gate.missing, ["1 more approval from developer or tester."]);
        assert_eq!(tom.parts[0].part, "build");
        let ada = view(&desk, "2.8.0", "DEV", "ada");
        assert_eq!(codes(&ada.acts.approve), ["gate.must-be-another"]);
        assert!(ada.acts.reject.allowed, "an author may reject");
        assert!(!tom.acts.promote.allowed && !tom.acts.retry.allowed && !tom.acts.settle.allowed);
    }

    #[test]
    fn a_running_deployment_can_be_stopped_by_those_who_may_deploy() {
        let mut desk = Desk::new("three-environments").bind(&["DEV"]);
        desk.arrive("2.8.0", &[]);
        assert!(view(&desk, "2.8.0", "DEV", "omar").acts.cancel.allowed);
        assert!(!view(&desk, "2.8.0", "DEV", "maya").acts.cancel.allowed);
        assert_eq!(codes(&view(&desk, "2.8.0", "DEV", "tom").acts.approve), ["gate.deploying"]);
        desk.end("2.8.0", "DEV", Outcome::Unknown, &[]);
        let omar = view(&desk, "2.8.0", "DEV", "omar");
        assert!(omar.acts.settle.allowed && !omar.acts.cancel.allowed);
        assert_eq!(omar.word, "outcome unknown");
    }

    #[test]
    fn l14_choosing_an_older_build_needs_a_typed_reason() {
        let mut desk = Desk::new("nine-stages");
        for label in ["2.8.0", "2.8.1"] {
            desk.arrive(label, &[]);
            desk.check(label, "2-commit", &["build", "unit tests", "static analysis", "distribution stored"]);
            desk.check(label, "3-acceptance", &["acceptance tests"]);
        }
        let older = view(&desk, "2.8.0", "5-exploratory", "tom");
        assert!(older.acts.promote.allowed && older.acts.reason_needed);
        let newest = view(&desk, "2.8.1", "5-exploratory", "tom");
        assert!(newest.acts.promote.allowed && !newest.acts.reason_needed);
        assert_eq!(codes(&view(&desk, "2.8.1", "5-exploratory", "omar").acts.promote), ["stage.deployer"]);
    }

    #[test]
    fn earlier_problems_of_the_stage_come_up_open_ones_first() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        let report = |problem: &str, stage: &str| IssueReport {
            problem: problem.into(),
            solution: "a bigger pool".into(),
            service: Some("web".into()),
            stage: Some(stage.into()),
            ..IssueReport::default()
        };
        for (id, problem, stage) in
            [("i1", "Pool too small", "DEV"), ("i2", "Stale names", "DEV"), ("i3", "Paper jam", "PROD")]
        {
            let report = report(problem, stage);
            desk.act("omar", Act::RecordIssue { issue: id.into(), product: "harbour".into(), report });
        }
        let lesson = Lesson::None { because: "it was ours".into() };
        desk.act("omar", Act::CloseIssue { issue: "i2".into(), lesson });
        let past = view(&desk, "2.8.0", "DEV", "tom").last_time;
        assert_eq!(past.iter().map(|past| past.key.as_str()).collect::<Vec<_>>(), ["HAR-ISS-1", "HAR-ISS-2"]);
        assert_eq!(past[1].lesson, "Nothing to learn, because it was ours");
    }

    #[test]
    fn a_stage_that_the_process_lacks_has_no_sheet() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        let build = desk.build("2.8.0");
        assert!(
            packet_view(&desk.state, &build, &"moon".into(), None, Beside::default(), desk.now()).is_none()
        );
    }
}
