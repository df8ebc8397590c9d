//! Tests of a whole product in one environment (R2).

use crate::id::{BuildId, ConnectionId, EntryId, PersonId, ServiceId, StageKey};
use crate::line::{Outcome, Phase};
use crate::moment::Moment;
use crate::product::Product;
use crate::release::Chosen;
use crate::state::State;
use serde::{Deserialize, Serialize};

/// The check that a passed product test stands for at the gate of each service.
pub const PRODUCT_TESTS: &str = "product tests";

/// The pipeline that tests a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestBinding {
    /// The connection.
    pub connection: ConnectionId,
    /// The pipeline's name there.
    pub pipeline: String,
}

/// One test of a whole product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductTest {
    /// The intent's entry, or the result's where nothing was intended before.
    pub id: EntryId,
    /// The stage whose builds were tested.
    pub stage: StageKey,
    /// The builds.
    pub builds: Vec<Chosen>,
    /// Who began it or told its result.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// The instant of the trigger that it was for.
    pub due: Option<Moment>,
    /// How it ended: *succeeded* is passed; none while it runs.
    pub outcome: Option<Outcome>,
    /// What it said, in one line.
    pub summary: String,
    /// When the outcome was recorded.
    pub ended: Option<Moment>,
    /// Services that a passed test approved nothing for, and why.
    pub left_out: Vec<LeftOut>,
}

/// A service that a passed product test approves nothing for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The service.
    pub service: ServiceId,
    /// The build that was tested.
    pub build: BuildId,
    /// Why.
    pub reason: String,
}

impl ProductTest {
    /// Says whether the outcome is not settled.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::Unknown))
    }
}

/// The stage in which a product is tested: the first whose gate asks for [`PRODUCT_TESTS`], else the first on the
/// path.
pub fn test_stage(state: &State, product: &Product) -> Option<StageKey> {
    let process = &state.strategy_in_force(&product.id)?.content.process;
    let asking = process.on_path().find(|stage| stage.gate.checks.iter().any(|check| check == PRODUCT_TESTS));
    asking.or_else(|| process.on_path().next()).map(|stage| stage.key.clone())
}

/// The builds of a product's members that stand in a stage now: what runs there, or what was put there by hand.
pub fn builds_in(state: &State, product: &Product, stage: &StageKey) -> Vec<Chosen> {
    let standing = product.members().filter_map(|service| {
        let block = state.block(&service.id, stage);
        let build = block.deployed.or(block.shown)?;
        Some(Chosen { service: service.id.clone(), build })
    });
    standing.collect()
}

/// Why a passed test of these builds approves nothing for this one; none when it does.
pub fn left_out(state: &State, tested: &Chosen, stage: &StageKey) -> Option<String> {
    let label = |build: &BuildId| {
        state.builds.get(build).map_or_else(|| build.to_string(), |build| build.content.label.clone())
    };
    let Some(occupant) = state.lines.get(&tested.service).and_then(|line| line.occupant(stage)) else {
        return Some(format!("{} is not undecided in the stage.", label(&tested.build)));
    };
    if *occupant != tested.build {
        return Some(format!("{} stands in the stage by now.", label(occupant)));
    }
    let phase = state.builds.get(occupant).and_then(|build| Some(build.visit(stage)?.phase()));
    match phase {
        Some(Phase::Deploying | Phase::Unknown) => {
            Some(format!("{} is being deployed again.", label(occupant)))
        }
        Some(Phase::Stopped) => Some(format!("{} failed in the stage.", label(occupant))),
        Some(Phase::Undecided) | None => None,
    }
}
