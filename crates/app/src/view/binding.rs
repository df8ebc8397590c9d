//! How the stages of a process fit the stages of a pipeline: by their names and their gates.

use crate::wire::{RemoteStage, StageBrief, StageMap, StageSuggestion, StageWay};
use signalbox_domain::id::StageKey;
use signalbox_domain::process::{Process, Stage};
use signalbox_domain::product::{StageBinding, Way};
use signalbox_pipelines::{BuildChoice, PipelineShape, StageShape, sanitise};
use std::collections::BTreeSet;

/// Where a system's gates stand: before the work of the stage that they belong to, or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateSide {
    /// A build waits to be let in.
    Before,
    /// A build waits to be let out.
    After,
}

/// What of a system decides how its stages can be bound.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How freely a build can be chosen.
    pub choice: BuildChoice,
    /// Where its gates stand.
    pub gates: GateSide,
}

/// Says whether a system can be told which build to deploy.
pub fn can_drive(choice: BuildChoice) -> Result<(), &'static str> {
    match choice {
        BuildChoice::Any | BuildChoice::ByConvention => Ok(()),
        BuildChoice::OnlyWhatWaits => Err("It deploys only the build that waits before the stage."),
        BuildChoice::None => Err("No build can be promoted through it."),
    }
}

/// Proposes how each stage of a process is bound to a pipeline, and says why.
pub fn suggest(process: &Process, shape: &PipelineShape, manner: Manner) -> Vec<StageSuggestion> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let matched: Vec<(&Stage, Option<&StageShape>)> = process
        .stages
        .iter()
        .map(|stage| {
            let there = counterpart(stage, shape).filter(|there| taken.insert(there.id.as_str()));
            (stage, there)
        })
        .collect();
    let of =
        |key: &StageKey| matched.iter().find(|(stage, _)| stage.key == *key).and_then(|(_, there)| *there);
    matched.iter().map(|(stage, there)| suggestion(process, stage, *there, &of, manner)).collect()
}

fn suggestion<'s>(
    process: &Process,
    stage: &Stage,
    there: Option<&'s StageShape>,
    of: &dyn Fn(&StageKey) -> Option<&'s StageShape>,
    manner: Manner,
) -> StageSuggestion {
    let brief = StageBrief { key: stage.key.to_string(), name: stage.name.clone() };
    let Some(there) = there else {
        let why = format!("No stage there is called {}, so people pass it and record it here.", stage.name);
        return StageSuggestion { stage: brief, way: StageWay::ByHand, remote: None, gate: None, why };
    };
    // A gate behind several stages would be answered by the first verdict of them: a person chooses.
    let after = || process.stages.iter().filter(|next| next.predecessors.stages == [stage.key.clone()]);
    let answered = match manner.gates {
        GateSide::After => there.gates.first(),
        GateSide::Before => after().filter_map(|next| of(&next.key)).find_map(|next| next.gates.first()),
    };
    let named = sanitise(&there.name);
    let (way, why) = match (answered, there.gates.first(), can_drive(manner.choice)) {
        (Some(gate), _, _) => (
            StageWay::Gated,
            format!(
                "It is called {named} there, and the verdict here answers its gate {}.",
                sanitise(gate.as_str())
            ),
        ),
        (None, Some(gate), _) => (
            StageWay::Gated,
            format!(
                "It is called {named} there, and its gate {} is answered by the verdict of the stage before.",
                sanitise(gate.as_str())
            ),
        ),
        (None, None, Ok(())) => {
            (StageWay::Driven, format!("It is called {named} there, and the build can be chosen."))
        }
        (None, None, Err(why)) => {
            (StageWay::Gated, format!("It is called {named} there. {why} Signalbox observes it."))
        }
    };
    StageSuggestion {
        stage: brief,
        way,
        remote: Some(there.id.to_string()),
        gate: answered.map(ToString::to_string),
        why,
    }
}

/// The stage there that bears the name of a stage of the process, whatever its case and separators.
pub fn counterpart<'s>(stage: &Stage, shape: &'s PipelineShape) -> Option<&'s StageShape> {
    let wanted = [plain(stage.key.as_str()), plain(&stage.name)];
    let called = |text: &str| wanted.contains(&plain(text));
    let stages = || shape.stages.iter();
    stages()
        .find(|there| there.id.as_str() == stage.key.as_str())
        .or_else(|| stages().find(|there| called(there.id.as_str()) || called(&there.name)))
        .or_else(|| stages().find(|there| there.environment.as_deref().is_some_and(called)))
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The stages of a pipeline, as they are shown.
pub fn remote_stages(shape: &PipelineShape) -> Vec<RemoteStage> {
    shape
        .stages
        .iter()
        .map(|stage| RemoteStage {
            id: stage.id.to_string(),
            name: sanitise(&stage.name).into_owned(),
            environment: stage.environment.as_deref().map(|text| sanitise(text).into_owned()),
            gates: stage.gates.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

/// A suggestion as a mapping to be recorded.
pub fn as_map(suggestion: &StageSuggestion) -> StageMap {
    StageMap {
        stage: suggestion.stage.key.clone(),
        way: suggestion.way,
        remote: suggestion.remote.clone(),
        gate: suggestion.gate.clone(),
    }
}

/// A mapping as the ledger keeps it: the driven stages, and what is said of single stages beyond that.
pub fn bound(stages: &[StageMap]) -> (Vec<String>, Vec<StageBinding>) {
    let mut driven = Vec::new();
    let mut mapped = Vec::new();
    for StageMap { stage, way, remote, gate } in stages {
        let remote = remote.as_deref().map(str::trim).filter(|remote| !remote.is_empty());
        let remote = remote.unwrap_or(stage).to_owned();
        let gate = gate.as_deref().map(str::trim).filter(|gate| !gate.is_empty()).map(str::to_owned);
        let key = StageKey::new(stage);
        match way {
            StageWay::ByHand => {}
            StageWay::Driven => {
                driven.push(stage.clone());
                if remote != *stage || gate.is_some() {
                    mapped.push(StageBinding { stage: key, way: Way::Driven, remote, gate });
                }
            }
            StageWay::Gated => mapped.push(StageBinding { stage: key, way: Way::Gated, remote, gate }),
        }
    }
    (driven, mapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signalbox_domain::starters::starter;
    use signalbox_pipelines::PipelineId;

    const FREE: Manner = Manner { choice: BuildChoice::Any, gates: GateSide::After };

    fn shape(stages: &[(&str, &[&str])]) -> PipelineShape {
        let stages = stages
            .iter()
            .map(|(name, gates)| StageShape {
                id: (*name).into(),
                name: (*name).to_owned(),
                environment: None,
                checks: Vec::new(),
                gates: gates.iter().map(|gate| (*gate).into()).collect(),
            })
            .collect();
        PipelineShape { id: PipelineId::new("web"), name: "web".to_owned(), stages }
    }

    fn process() -> Process {
        starter("three-environments").unwrap().process
    }

    fn ways(suggested: &[StageSuggestion]) -> Vec<(&str, StageWay, Option<&str>)> {
        suggested.iter().map(|s| (s.stage.key.as_str(), s.way, s.gate.as_deref())).collect()
    }

    #[test]
    fn stages_meet_by_name_whatever_the_case_and_the_separators() {
        let suggested = suggest(&process(), &shape(&[("d-e_v", &[]), ("Qa", &[]), ("elsewhere", &[])]), FREE);
        assert_eq!(
            ways(&suggested),
            [
                ("DEV", StageWay::Driven, None),
                ("QA", StageWay::Driven, None),
                ("PROD", StageWay::ByHand, None)
            ]
        );
        assert_eq!(suggested[0].remote.as_deref(), Some("d-e_v"));
        assert!(suggested[2].why.contains("PROD"), "{}", suggested[2].why);
    }

    #[test]
    fn a_gate_there_makes_a_stage_gated_and_is_answered_by_the_stage_that_it_follows() {
        let after = shape(&[("DEV", &[]), ("QA", &["QA/approve"]), ("PROD", &[])]);
        assert_eq!(
            ways(&suggest(&process(), &after, FREE)),
            [
                ("DEV", StageWay::Driven, None),
                ("QA", StageWay::Gated, Some("QA/approve")),
                ("PROD", StageWay::Driven, None)
            ]
        );
        let before = shape(&[("DEV", &[]), ("QA", &[]), ("PROD", &["PROD"])]);
        let manner = Manner { gates: GateSide::Before, ..FREE };
        assert_eq!(
            ways(&suggest(&process(), &before, manner)),
            [
                ("DEV", StageWay::Driven, None),
                ("QA", StageWay::Gated, Some("PROD")),
                ("PROD", StageWay::Gated, None)
            ]
        );
    }

    #[test]
    fn a_system_that_can_not_choose_builds_is_observed() {
        let manner = Manner { choice: BuildChoice::OnlyWhatWaits, ..FREE };
        let suggested = suggest(&process(), &shape(&[("DEV", &[])]), manner);
        assert_eq!(suggested[0].way, StageWay::Gated);
        assert!(suggested[0].why.contains("only the build that waits"), "{}", suggested[0].why);
    }

    #[test]
    fn no_stage_there_is_bound_twice() {
        let mut process = process();
        process.stages[1].name = "dev".to_owned();
        let suggested = suggest(&process, &shape(&[("dev", &[])]), FREE);
        assert_eq!(suggested.iter().filter(|stage| stage.remote.is_some()).count(), 1);
    }

    #[test]
    fn a_driven_stage_with_its_own_name_needs_no_words_in_the_ledger() {
        let map = |stage: &str, way, remote: &str| StageMap {
            stage: stage.to_owned(),
            way,
            remote: Some(remote.to_owned()),
            gate: None,
        };
        let (driven, mapped) = bound(&[
            map("DEV", StageWay::Driven, "DEV"),
            map("QA", StageWay::Driven, "staging-qa"),
            map("PROD", StageWay::ByHand, ""),
        ]);
        assert_eq!(driven, ["DEV", "QA"]);
        assert_eq!(mapped.len(), 1);
        assert_eq!(mapped[0].remote, "staging-qa");
    }
}
