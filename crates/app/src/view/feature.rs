//! Features, from request to deployment, and the sheet to sign one in a build.

use super::common::{build_brief, person_called};
use super::packet::parts;
use super::place::{next, place, process_for};
use super::trial::{TYPED, Trial};
use super::{Me, words};
use crate::wire::{self, FeatureBuild, FeatureMove, FeatureRow, FeatureSheet, FeatureView};
use signalbox_domain::decide::Act;
use signalbox_domain::feature::{Feature, FeatureState, FeatureStep};
use signalbox_domain::id::{BuildId, PersonId};
use signalbox_domain::line::Build;
use signalbox_domain::moment::Moment;
use signalbox_domain::packet::Packet;
use signalbox_domain::sheet::feature_packet;
use signalbox_domain::state::State;

/// Lists features in the given order; `lookup` finds builds that the state may not hold.
pub fn feature_rows(
    state: &State,
    features: &[Feature],
    lookup: impl Fn(&BuildId) -> Option<Build>,
) -> Vec<FeatureRow> {
    features
        .iter()
        .map(|feature| {
            let build =
                feature.builds.last().and_then(|id| state.builds.get(id).cloned().or_else(|| lookup(id)));
            feature_row(state, feature, build.as_ref())
        })
        .collect()
}

/// Shows one feature, and the sheet to sign it in `build`, or in the newest build that carries it.
///
/// `state` should hold the builds that carry the feature.
pub fn feature_view(
    state: &State,
    feature: &Feature,
    build: Option<&BuildId>,
    me: Option<&Me>,
    digest: impl Fn(&Packet) -> String,
    at: Moment,
) -> FeatureView {
    let carriers: Vec<&Build> = feature.builds.iter().rev().filter_map(|id| state.builds.get(id)).collect();
    let newest = carriers.first().copied();
    let signed = match build {
        Some(id) => state.builds.get(id),
        None => newest,
    };
    FeatureView {
        row: feature_row(state, feature, newest),
        requester: person_called(state, &feature.requester),
        developer: feature.developer.as_ref().map(|person| person_called(state, person)),
        history: feature.history.iter().map(|step| step_view(state, step)).collect(),
        builds: carriers.iter().map(|build| carrier(state, feature, build)).collect(),
        sheet: signed.map(|build| sheet(state, feature, build, me, digest, at)),
        next: next_states(state, feature, me, at),
    }
}

fn feature_row(state: &State, feature: &Feature, build: Option<&Build>) -> FeatureRow {
    let Feature { key, product, title, requester: _, developer: _, history, builds: _, signoffs: _ } =
        feature;
    FeatureRow {
        key: key.to_string(),
        title: title.clone(),
        product: product.to_string(),
        state: feature.state().into(),
        word: feature.state().name().to_owned(),
        since: history.last().map(|step| step.at.to_string()).unwrap_or_default(),
        build: build.map(|build| build_brief(state, build)),
        place: build.map(|build| place(state, build).text).unwrap_or_default(),
        waiting_for: waiting_for(state, feature, build),
        signed_off: build.and_then(|build| feature.signed_off(&build.id)).map(|given| given.approved),
    }
}

/// What a feature waits for, in words; empty once nothing is left (S8: a new build asks again).
fn waiting_for(state: &State, feature: &Feature, build: Option<&Build>) -> String {
    let Some(build) = build else {
        return match feature.state() {
            FeatureState::Requested => "a developer who takes it up",
            FeatureState::InBranch => "the tests of its branch",
            FeatureState::BranchTested => "a review by another person",
            FeatureState::Reviewed => "a build that carries it",
            FeatureState::Merged | FeatureState::InStaging => "its build",
            FeatureState::InProduction => "",
        }
        .to_owned();
    };
    if feature.state() == FeatureState::InProduction && has_arrived(state, build) {
        return String::new();
    }
    let label = &build.content.label;
    let here = place(state, build);
    if build.rejected_at().is_some() {
        return format!("another build: {label} was {}", here.text);
    }
    match feature.signed_off(&build.id) {
        Some(given) if !given.approved => {
            format!("another build: {} did not accept it in {label}", words::short_name(state, &given.person))
        }
        None if asks_signoff(state, build) => match feature.signoffs.last() {
            Some(earlier) => {
                let before = state.builds.get(&earlier.build);
                let before =
                    before.map_or_else(|| earlier.build.to_string(), |known| known.content.label.clone());
                format!("a new sign-off: {label} replaces {before}")
            }
            None => format!("a sign-off in {label}"),
        },
        _ => {
            let next = next(state, build, &here);
            if next.is_empty() { format!("{label}: {}", here.text) } else { format!("{label}: {next}") }
        }
    }
}

/// Says whether a gate that the build has not passed yet wants its features signed off.
fn asks_signoff(state: &State, build: &Build) -> bool {
    process_for(state, build).is_some_and(|process| {
        process.on_path().any(|stage| stage.gate.features && !build.passed(&stage.key))
    })
}

/// Says whether the build has come to the end of the path.
fn has_arrived(state: &State, build: &Build) -> bool {
    process_for(state, build).is_some_and(|process| {
        process.on_path().any(|stage| process.is_last(&stage.key) && build.passed(&stage.key))
    })
}

fn step_view(state: &State, step: &FeatureStep) -> FeatureMove {
    let FeatureStep { state: reached, at, by, build, evidence } = step;
    FeatureMove {
        state: (*reached).into(),
        word: reached.name().to_owned(),
        at: at.to_string(),
        by: by.as_ref().map(|person| state.name_of(person)),
        build: build.as_ref().map(|id| {
            state.builds.get(id).map_or_else(|| id.to_string(), |build| build.content.label.clone())
        }),
        evidence: evidence.clone(),
    }
}

fn carrier(state: &State, feature: &Feature, build: &Build) -> FeatureBuild {
    let given = feature.signed_off(&build.id);
    FeatureBuild {
        build: build_brief(state, build),
        place: place(state, build).text,
        signed_off: given.map(|given| given.approved),
        by: given.map(|given| state.name_of(&given.person)),
        comment: given.map(|given| given.comment.clone()).unwrap_or_default(),
    }
}

fn sheet(
    state: &State,
    feature: &Feature,
    build: &Build,
    me: Option<&Me>,
    digest: impl Fn(&Packet) -> String,
    at: Moment,
) -> FeatureSheet {
    let packet = feature_packet(state, feature, build);
    let trial = Trial::new(state, me, at);
    let sign = Act::SignFeature {
        feature: feature.key.clone(),
        build: build.id.clone(),
        approved: true,
        comment: TYPED.into(),
        shown: packet.clone(),
    };
    FeatureSheet {
        build: build_brief(state, build),
        digest: digest(&packet),
        title: packet.title.clone(),
        parts: parts(&packet),
        sign: trial.mine(&sign),
    }
}

/// The states that I can set now; a developer who is still to be named is taken to be someone else.
fn next_states(state: &State, feature: &Feature, me: Option<&Me>, at: Moment) -> Vec<wire::FeatureState> {
    let trial = Trial::new(state, me, at);
    let someone: PersonId = TYPED.into();
    FeatureState::ALL
        .into_iter()
        .filter(|to| {
            let developer = feature.developer.is_none().then(|| someone.clone());
            let act =
                Act::MoveFeature { feature: feature.key.clone(), to: *to, developer, evidence: TYPED.into() };
            trial.mine(&act).allowed
        })
        .map(Into::into)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;
    use signalbox_domain::starters::starter;

    fn view(desk: &Desk, who: &str) -> FeatureView {
        let me = desk.me(who);
        let feature = &desk.state.features[&"HAR-9".into()];
        feature_view(&desk.state, feature, None, Some(&me), |packet| packet.title.clone(), desk.now())
    }

    fn desk() -> Desk {
        let mut content = starter("three-environments").expect("a starter").content();
        content.process.stages[1].gate.features = true;
        let mut desk = Desk::with(content);
        desk.feature("HAR-9", "Berth calendar");
        desk
    }

    #[test]
    fn a_feature_says_what_it_waits_for_and_what_can_be_set() {
        let mut desk = desk();
        let asked = view(&desk, "ada");
        assert_eq!(asked.row.waiting_for, "a developer who takes it up");
        assert_eq!(asked.next.first(), Some(&wire::FeatureState::InBranch));
        assert!(!asked.next.contains(&wire::FeatureState::Merged), "builds bring it there");
        let act = Act::MoveFeature {
            feature: "HAR-9".into(),
            to: FeatureState::BranchTested,
            developer: Some("ada".into()),
            evidence: "har-9".into(),
        };
        desk.act("ada", act);
        assert_eq!(view(&desk, "ada").next, [], "the review is by another person");
        assert_eq!(view(&desk, "tom").next, [wire::FeatureState::Reviewed]);
        assert!(view(&desk, "tom").sheet.is_none(), "no build carries it");
    }

    #[test]
    fn s8_a_new_build_asks_for_a_new_sign_off() {
        let mut desk = desk();
        desk.arrive("2.8.0", &["HAR-9"]);
        assert_eq!(view(&desk, "maya").row.waiting_for, "a sign-off in 2.8.0");
        let sheet = view(&desk, "maya").sheet.expect("a sheet");
        assert!(sheet.sign.allowed);
        assert_eq!(sheet.digest, "HAR-9 Berth calendar in 2.8.0");
        let shown = feature_packet(&desk.state, &desk.state.features[&"HAR-9".into()], &desk.build("2.8.0"));
        let sign = |shown| Act::SignFeature {
            feature: "HAR-9".into(),
            build: "2.8.0".into(),
            approved: true,
            comment: String::new(),
            shown,
        };
        desk.act("maya", sign(shown));
        let signed = view(&desk, "maya");
        assert_eq!(signed.row.signed_off, Some(true));
        assert_eq!(signed.row.waiting_for, "2.8.0: Priya or Tom decides");
        desk.arrive("2.8.1", &["HAR-9"]);
        let again = view(&desk, "maya");
        assert_eq!(again.row.waiting_for, "a new sign-off: 2.8.1 replaces 2.8.0");
        assert_eq!(again.builds.iter().map(|build| build.signed_off).collect::<Vec<_>>(), [None, Some(true)]);
        assert!(!view(&desk, "omar").sheet.expect("a sheet").sign.allowed);
    }
}
