//! What can be tried without a desk: a line under a process, and a process itself.
//!
//! Owns the way of simulations and process checks to the command line. Absent: rules (the domain's), files.

use crate::view::common::reason;
use crate::view::strategy::defect_view;
use crate::wire::{ProcessReport, Reason, WireError};
use serde::Serialize;
use serde_json::Value;
use signalbox_domain::process::{Process, Waiting};
use signalbox_domain::process_check::{check_process, describe};
use signalbox_domain::simulate::{Row, Simulation, read_acts};
use signalbox_domain::starters::{starter, starters};
use std::collections::BTreeMap;

/// What happens to waiting builds in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// First in, first out.
    Queue,
    /// A newer waiting build replaces older waiting ones.
    Supersede,
}

/// What one simulated act led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedRow {
    /// The act, as it was given.
    pub act: Value,
    /// The newest build of the source, then what each on-path stage displays.
    pub columns: Vec<String>,
    /// The builds that wait before each stage, the next one first; stages without any are left out.
    pub waiting: BTreeMap<String, Vec<String>>,
    /// Why the act was refused, every reason; empty when it was carried out.
    pub refused: Vec<Reason>,
}

/// The keys of the starter processes.
pub fn starter_keys() -> Vec<&'static str> {
    starters().iter().map(|starter| starter.key).collect()
}

/// Reads a process: JSON or TOML, alone or under the key `process`.
///
/// # Errors
/// When the text is no process.
pub fn read_process(text: &str) -> Result<Process, WireError> {
    let malformed = |why: String| {
        WireError::new(
            "process.malformed",
            format!("This is no process: {why}."),
            "Write JSON or TOML with a list of `stages`; the strategy's read view shows one.",
        )
    };
    let value: Value = match (serde_json::from_str(text), toml::from_str(text)) {
        (Ok(value), _) | (Err(_), Ok(value)) => value,
        (Err(error), Err(_)) if text.trim_start().starts_with('{') => {
            return Err(malformed(error.to_string()));
        }
        (Err(_), Err(error)) => return Err(malformed(error.message().to_owned())),
    };
    let process = value.get("process").cloned().unwrap_or(value);
    serde_json::from_value(process).map_err(|error| malformed(error.to_string()))
}

/// Finds every defect of a process, and says what it means in sentences.
pub fn check(process: &Process) -> ProcessReport {
    ProcessReport {
        defects: check_process(process, &[]).iter().map(defect_view).collect(),
        sentences: describe(process),
    }
}

/// The process of a starter.
///
/// # Errors
/// When there is no such starter.
pub fn starter_process(key: &str) -> Result<Process, WireError> {
    starter(key).map(|starter| starter.process).ok_or_else(|| WireError::unknown("starter process"))
}

/// Plays acts on an empty line, one row an act; what is no act or is refused changes nothing and says why.
pub fn simulate(process: Process, policy: Policy, acts: &str) -> impl Iterator<Item = SimulatedRow> {
    let waiting = match policy {
        Policy::Queue => Waiting::Queue,
        Policy::Supersede => Waiting::Supersede,
    };
    let mut simulation = Simulation::new(process, waiting);
    read_acts(acts).into_iter().map(move |act| {
        let Row { act, columns, waiting, deployed: _, refused } = simulation.step(&act);
        SimulatedRow { act, columns, waiting, refused: refused.iter().map(reason).collect() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_starter_can_be_simulated_and_has_no_defect() {
        for key in starter_keys() {
            let process = starter_process(key).unwrap();
            assert_eq!(check(&process).defects, []);
            let rows: Vec<_> = simulate(process, Policy::Queue, r#"["commit","c1"]"#).collect();
            assert_eq!(rows[0].columns[0], "c1v");
            assert_eq!(rows[0].refused, []);
        }
    }

    #[test]
    fn a_process_is_read_from_json_and_from_toml() {
        let process = starter_process("three-environments").unwrap();
        let json = serde_json::to_string(&process).unwrap();
        assert_eq!(read_process(&json).unwrap(), process);
        assert_eq!(read_process(&format!("{{\"process\":{json}}}")).unwrap(), process);
        let toml = "[[stages]]\nkey = \"live\"\nname = \"Live\"\npath = \"on\"\nentry = \"automatic\"\n";
        assert_eq!(read_process(toml).unwrap().stages.len(), 1);
        assert_eq!(read_process("{\"stages\":").unwrap_err().code, "process.malformed");
        assert_eq!(read_process("no process").unwrap_err().code, "process.malformed");
    }
}
