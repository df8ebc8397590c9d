//! Where a build stands: at each stage, and the one place that people mean when they ask (L8).

use super::words;
use crate::wire::BuildState;
use signalbox_domain::gate::{
    gate_status, is_ready, release_blockers, release_of, who_can_decide, why_not_ready,
};
use signalbox_domain::id::{BuildId, PersonId, ServiceId};
use signalbox_domain::line::{Build, DeploymentKind, Phase, Standing, Visit};
use signalbox_domain::moment::Moment;
use signalbox_domain::process::{Entry, Path, Process, Stage};
use signalbox_domain::state::State;

/// Where a build stands at one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The state.
    pub state: BuildState,
    /// The state in words.
    pub word: String,
    /// Since when.
    pub since: Option<Moment>,
}

/// The one place of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Where it stands at the place's stage.
    pub stand: Stand,
    /// The stage, unless the build has reached none.
    pub stage: Option<&'a Stage>,
    /// For example `undecided in QA`.
    pub text: String,
}

/// The process that a build moves through, or the one in force when its own is not loaded.
pub(super) fn process_for<'a>(state: &'a State, build: &Build) -> Option<&'a Process> {
    state.process_of(build).or_else(|| state.process_in_force(&build.service))
}

/// Says where a build stands at a stage.
pub fn stand(state: &State, build: &Build, stage: &Stage) -> Stand {
    let visit = build.visit(&stage.key);
    let at = |state, word: &str, since: Moment| Stand { state, word: word.to_owned(), since: Some(since) };
    let label = |id: &BuildId| {
        state.builds.get(id).map_or_else(|| id.to_string(), |other| other.content.label.clone())
    };
    match build.standings.get(&stage.key) {
        None if is_chosen(state, build, stage) => at(BuildState::Ready, "ready", ready_since(build, stage)),
        None => Stand { state: BuildState::NotReached, word: "not reached".into(), since: None },
        Some(Standing::Waiting { since }) => at(BuildState::Waiting, "waits", *since),
        Some(Standing::InStage { since, ending }) => {
            let (found, word) = match visit.map_or(Phase::Undecided, Visit::phase) {
                Phase::Deploying => (BuildState::Deploying, "deploying"),
                Phase::Unknown => (BuildState::Unknown, "outcome unknown"),
                Phase::Stopped => (BuildState::Stopped, "stopped"),
                Phase::Undecided => (BuildState::Undecided, "undecided"),
            };
            let word = if ending.is_some() { "ending" } else { word };
            at(found, word, *since)
        }
        Some(Standing::Passed { at: passed }) => {
            if let Some(back) = coming_back(build, stage) {
                return at(BuildState::Deploying, "coming back", back);
            }
            match live_since(state, build, stage) {
                Some(since) => at(BuildState::Passed, "live", since),
                None => at(BuildState::Passed, "passed", *passed),
            }
        }
        Some(Standing::Rejected { at: when, .. }) => at(BuildState::Rejected, "rejected", *when),
        Some(Standing::Failed { at: when, .. }) => at(BuildState::Failed, "failed", *when),
        Some(Standing::Superseded { at: when, by }) => {
            at(BuildState::Superseded, &format!("superseded by {}", label(by)), *when)
        }
        Some(Standing::Ended { at: when, .. }) => at(BuildState::Ended, "ended", *when),
    }
}

/// Why a build stands where it does at a stage; empty where nothing needs a reason.
pub(super) fn why(state: &State, build: &Build, stage: &Stage) -> String {
    match build.standings.get(&stage.key) {
        None => why_not_ready(state, build, stage).unwrap_or_default(),
        Some(Standing::Waiting { .. }) => behind(state, build, stage),
        Some(Standing::InStage { .. } | Standing::Passed { .. }) => build
            .visit(&stage.key)
            .and_then(|visit| visit.admitted.as_ref())
            .map(|how| how.reason.clone())
            .unwrap_or_default(),
        Some(Standing::Rejected { by, reason, .. }) => format!("{}: {reason}", state.name_of(by)),
        Some(Standing::Failed { reason, .. }) => reason.clone(),
        Some(Standing::Superseded { .. }) => String::new(),
        Some(Standing::Ended { rejected_in, .. }) => {
            let name = process_for(state, build)
                .and_then(|process| process.stage(rejected_in))
                .map_or_else(|| rejected_in.to_string(), |stage| stage.name.clone());
            format!("rejected in {name}")
        }
    }
}

/// The one place of a build: where it needs someone first, else where it came to.
pub fn place<'a>(state: &'a State, build: &Build) -> Place<'a> {
    const FIRST: [BuildState; 6] = [
        BuildState::Rejected,
        BuildState::Unknown,
        BuildState::Stopped,
        BuildState::Undecided,
        BuildState::Deploying,
        BuildState::Waiting,
    ];
    const THEN: [BuildState; 5] = [
        BuildState::Failed,
        BuildState::Ready,
        BuildState::Superseded,
        BuildState::Ended,
        BuildState::Passed,
    ];
    let Some(process) = process_for(state, build) else { return nowhere(build) };
    let stands: Vec<(&Stage, Stand)> =
        process.on_path().map(|stage| (stage, stand(state, build, stage))).collect();
    // Of several stages with the same state, the one furthest down the line counts.
    let furthest = |wanted: &BuildState| {
        stands
            .iter()
            .rev()
            .find(|(_, stand)| stand.state == *wanted && (*wanted != BuildState::Ready || build.live))
    };
    let live = || stands.iter().rev().find(|(_, stand)| stand.word == "live");
    let found = FIRST.iter().find_map(furthest).or_else(live).or_else(|| THEN.iter().find_map(furthest));
    if let Some((stage, stand)) = found {
        return at(state, build, stage, stand.clone());
    }
    let beside = process.stages.iter().find(|stage| stage.path == Path::Off && build.is_in(&stage.key));
    match beside {
        Some(stage) => at(state, build, stage, stand(state, build, stage)),
        None => nowhere(build),
    }
}

/// What comes next for a build, in a few words; empty when nothing does.
pub fn next(state: &State, build: &Build, place: &Place<'_>) -> String {
    let Some(stage) = place.stage else { return String::new() };
    match place.stand.state {
        BuildState::Deploying => "the pipeline is at work".into(),
        BuildState::Unknown => "someone finds out how it ended".into(),
        BuildState::Stopped => "retry, reject or release".into(),
        BuildState::Undecided => {
            decider(state, build, stage).map_or_else(|first| first, |who| format!("{who} decides"))
        }
        BuildState::Waiting => match state.block(&build.service, &stage.key).hold {
            Some(hold) => format!("held by {}: {}", state.name_of(&hold.by), hold.reason),
            None => "enters by itself".into(),
        },
        BuildState::Ready if state.is_gated(&build.service, &stage.key) => {
            format!("{} brings it", state.system_name(&build.service))
        }
        BuildState::Ready => press(state, build, stage),
        BuildState::Rejected | BuildState::Failed | BuildState::Ended => why(state, build, stage),
        BuildState::Superseded | BuildState::NotReached => String::new(),
        BuildState::Passed => passed(state, build, stage),
    }
}

/// What is remarkable about a build, a few words each.
pub fn flags(state: &State, build: &Build) -> Vec<String> {
    let mut flags: Vec<String> = build
        .content
        .features
        .iter()
        .filter(|key| !state.features.contains_key(*key))
        .map(|key| format!("unplanned feature {key}"))
        .collect();
    if build.content.features.is_empty() {
        flags.push("no feature key".into());
    }
    if build.author.is_none() && !build.content.author.is_empty() {
        flags.push(format!("author {} is not enrolled", build.content.author));
    }
    flags
}

/// The build that is live at the end of a service's line, as far as is known.
pub fn live_build<'a>(state: &'a State, service: &ServiceId) -> Option<&'a Build> {
    let process = state.process_in_force(service)?;
    process.on_path().filter(|stage| process.is_last(&stage.key)).find_map(|stage| {
        let block = state.block(service, &stage.key);
        block.deployed.or_else(|| block.good.first().cloned()).and_then(|id| state.builds.get(&id))
    })
}

/// Whom an undecided build waits for.
///
/// # Errors
/// What has to happen before anyone can decide.
pub(super) fn decider(state: &State, build: &Build, stage: &Stage) -> Result<String, String> {
    let status = gate_status(state, build, stage);
    let waits = words::waits(&status);
    if !waits.is_empty() {
        return Err(words::join(&waits, "and"));
    }
    let who = who_can_decide(state, build, stage);
    if who.is_empty() {
        return Err(format!("nobody can decide: {}", words::join(&words::approvals(&status.missing), "and")));
    }
    Ok(words::any_of(state, &who))
}

/// Says whether the build is ready for a stage that a person or the pipeline system itself brings it into.
fn is_chosen(state: &State, build: &Build, stage: &Stage) -> bool {
    let by_rule = stage.entry == Entry::Automatic && !state.is_gated(&build.service, &stage.key);
    !by_rule && why_not_ready(state, build, stage).is_none()
}

fn at<'a>(state: &State, build: &Build, stage: &'a Stage, stand: Stand) -> Place<'a> {
    let name = &stage.name;
    let text = match stand.state {
        BuildState::Waiting => {
            let behind = behind(state, build, stage);
            format!("waits before {name}{}{behind}", if behind.is_empty() { "" } else { " " })
        }
        BuildState::Ready => format!("ready for {name}"),
        BuildState::NotReached => "arrived".to_owned(),
        BuildState::Superseded => stand.word.clone(),
        BuildState::Ended => format!("ended: {}", why(state, build, stage)),
        BuildState::Passed if stand.word == "passed" => format!("passed {name}"),
        BuildState::Deploying if stand.word == "coming back" => format!("coming back to {name}"),
        _ => format!("{} in {name}", stand.word),
    };
    Place { stand, stage: Some(stage), text }
}

fn nowhere<'a>(build: &Build) -> Place<'a> {
    let stand = Stand { state: BuildState::NotReached, word: "arrived".into(), since: Some(build.arrived) };
    Place { stand, stage: None, text: "arrived".into() }
}

/// `behind 2.8.0`, `held`, or nothing when it is next.
fn behind(state: &State, build: &Build, stage: &Stage) -> String {
    let block = state.block(&build.service, &stage.key);
    let before = block.waiting.iter().take_while(|id| **id != build.id).last().or(block.occupant.as_ref());
    match before.and_then(|id| state.builds.get(id)) {
        Some(other) => format!("behind {}", other.content.label),
        None if block.hold.is_some() => "(held)".into(),
        None => String::new(),
    }
}

fn ready_since(build: &Build, stage: &Stage) -> Moment {
    let passed = stage.predecessors.stages.iter().filter_map(|key| match build.standings.get(key) {
        Some(Standing::Passed { at }) => Some(*at),
        _ => None,
    });
    passed.max().unwrap_or(build.arrived)
}

/// When a running roll-back of this build to the stage began.
fn coming_back(build: &Build, stage: &Stage) -> Option<Moment> {
    let running = build.visit(&stage.key)?.running()?;
    (running.kind == DeploymentKind::RollBack).then_some(running.at)
}

/// Since when the build is live, if the stage ends the path and the build is what runs there.
fn live_since(state: &State, build: &Build, stage: &Stage) -> Option<Moment> {
    if !process_for(state, build)?.is_last(&stage.key) {
        return None;
    }
    let block = state.block(&build.service, &stage.key);
    let here = block.deployed.as_ref().or(block.good.first());
    if here != Some(&build.id) {
        return None;
    }
    let deployed = build.visit(&stage.key).and_then(Visit::deployment).and_then(|last| last.ended);
    match build.standings.get(&stage.key) {
        Some(Standing::Passed { at }) => Some(deployed.map_or(*at, |deployed| deployed.max(*at))),
        _ => deployed,
    }
}

fn press(state: &State, build: &Build, stage: &Stage) -> String {
    let open = release_blockers(state, build, stage);
    if !open.is_empty() {
        return match release_of(state, &build.id) {
            Some(release) => format!("{} of {} open", words::count(open.len(), "point"), release.name),
            None => "needs a release".into(),
        };
    }
    let who: Vec<PersonId> = state
        .people
        .values()
        .filter(|person| !person.machine && person.can_sign())
        .filter(|person| stage.deployers.is_empty() || person.holds_any(&stage.deployers))
        .map(|person| person.id.clone())
        .collect();
    if who.is_empty() || stage.deployers.is_empty() {
        return "a person deploys it".into();
    }
    format!("{} deploys it", words::any_of(state, &who))
}

fn passed(state: &State, build: &Build, stage: &Stage) -> String {
    let Some(process) = process_for(state, build) else { return String::new() };
    let mut why: Vec<String> = process
        .successors(&stage.key)
        .filter(|next| !build.passed(&next.key) && !is_ready(build, next))
        .filter_map(|next| why_not_ready(state, build, next))
        .collect();
    why.dedup();
    if why.is_empty() && process.is_last(&stage.key) {
        let block = state.block(&build.service, &stage.key);
        let back = block.good.iter().find(|good| Some(*good) != block.deployed.as_ref());
        if block.deployed.is_some() && block.deployed.as_ref() != Some(&build.id) && back == Some(&build.id) {
            return "last good".into();
        }
    }
    words::join(&why, "and")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;
    use signalbox_domain::decide::Act;
    use signalbox_domain::line::Outcome;
    use signalbox_domain::process::Waiting;
    use signalbox_domain::starters::starter;

    fn text(desk: &Desk, build: &str) -> (String, String) {
        let build = desk.build(build);
        let place = place(&desk.state, &build);
        let next = next(&desk.state, &build, &place);
        (place.text, next)
    }

    fn both(place: &str, next: &str) -> (String, String) {
        (place.to_owned(), next.to_owned())
    }

    #[test]
    fn l8_a_build_has_one_place_in_words() {
        let mut desk = Desk::new("three-environments");
        desk.arrive("2.8.0", &[]);
        desk.sign("tom", "2.8.0", "DEV", true);
        assert_eq!(text(&desk, "2.8.0"), both("undecided in QA", "Priya or Tom decides"));
        desk.arrive("2.8.1", &[]);
        desk.sign("tom", "2.8.1", "DEV", true);
        assert_eq!(text(&desk, "2.8.1"), both("waits before QA behind 2.8.0", "enters by itself"));
        desk.sign("tom", "2.8.0", "QA", true);
        assert_eq!(text(&desk, "2.8.0"), both("live in PROD", ""));
        desk.sign("priya", "2.8.1", "QA", false);
        assert_eq!(text(&desk, "2.8.1"), both("rejected in QA", "Priya Raman: too slow"));
    }

    #[test]
    fn a_running_and_a_failed_deployment_are_told() {
        let mut desk = Desk::new("three-environments").bind(&["DEV"]);
        desk.arrive("2.8.0", &[]);
        assert_eq!(text(&desk, "2.8.0").0, "deploying in DEV");
        desk.end("2.8.0", "DEV", Outcome::Failed, &[]);
        assert_eq!(text(&desk, "2.8.0"), both("failed in DEV", "exit code 1"));
    }

    #[test]
    fn p3_a_superseded_build_names_its_successor() {
        let mut content = starter("three-environments").expect("a starter").content();
        content.process.stages[0].waiting = Waiting::Supersede;
        let mut desk = Desk::with(content);
        for label in ["2.8.0", "2.8.1", "2.8.2"] {
            desk.arrive(label, &[]);
        }
        assert_eq!(text(&desk, "2.8.1").0, "superseded by 2.8.2");
        assert_eq!(text(&desk, "2.8.2").0, "waits before DEV behind 2.8.0");
    }

    #[test]
    fn n2_a_build_that_is_ready_for_production_says_what_is_still_open() {
        let mut desk = Desk::new("nine-stages");
        desk.arrive("2.8.0", &[]);
        desk.check("2.8.0", "2-commit", &["build", "unit tests", "static analysis", "distribution stored"]);
        desk.check("2.8.0", "3-acceptance", &["acceptance tests"]);
        desk.press("tom", "2.8.0", "5-exploratory");
        assert_eq!(
            text(&desk, "2.8.0"),
            both("undecided in Capacity", "2 checks have no result"),
            "of two parallel stages the one further down counts"
        );
        desk.check("2.8.0", "6-capacity", &["expected load", "peak load"]);
        desk.sign("tom", "2.8.0", "5-exploratory", true);
        assert_eq!(text(&desk, "2.8.0"), both("ready for Production", "needs a release"));
        desk.release("Harbour 2.8", "2.8.0");
        assert_eq!(text(&desk, "2.8.0").1, "13 points of Harbour 2.8 open");
    }

    #[test]
    fn a_build_with_an_unplanned_feature_is_flagged() {
        let mut desk = Desk::new("three-environments");
        desk.feature("HAR-1", "Berth calendar");
        desk.arrive("2.8.0", &["HAR-1", "HAR-9"]);
        desk.arrive("2.8.1", &[]);
        assert_eq!(flags(&desk.state, &desk.build("2.8.0")), ["unplanned feature HAR-9"]);
        assert_eq!(flags(&desk.state, &desk.build("2.8.1")), ["no feature key"]);
    }

    #[test]
    fn g1_a_build_that_is_ready_for_a_gated_stage_waits_for_its_pipeline() {
        let mut desk = Desk::new("three-environments").bind(&[]);
        desk.gate("QA", None);
        desk.arrive("2.8.0", &[]);
        desk.sign("tom", "2.8.0", "DEV", true);
        assert_eq!(text(&desk, "2.8.0"), both("ready for QA", "This machine brings it"));
    }

    #[test]
    fn l10_a_gate_says_that_the_stage_behind_it_is_held() {
        let mut desk = Desk::new("three-environments").bind(&[]);
        desk.gate("DEV", Some("StagingDEV/approve"));
        desk.gate("QA", None);
        desk.arrive("2.8.0", &[]);
        desk.bring("2.8.0", "DEV");
        desk.end("2.8.0", "DEV", Outcome::Succeeded, &[]);
        let (service, stage, reason) = ("web".into(), "QA".into(), "no testers".into());
        desk.act("omar", Act::HoldStage { service, stage, reason });
        assert_eq!(text(&desk, "2.8.0").1, "QA is held by Omar Haddad: no testers");
    }
}
