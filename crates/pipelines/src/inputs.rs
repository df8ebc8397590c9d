//! By what names a pipeline takes the build, the stage and our operation key, where it takes them as inputs.

use std::collections::BTreeMap;

use crate::http::{Address, FormField};
use crate::{OperationKey, PromotionPlan};

/// The names of a pipeline's inputs; a connection's options can change them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Takes the build's label.
    pub build: String,
    /// Takes the stage.
    pub stage: String,
    /// Takes the operation key, and gives it back with the run.
    pub operation: String,
}

impl Inputs {
    /// The options' form fields, for systems whose pipelines take inputs.
    pub const FIELDS: [FormField; 3] = [
        FormField {
            name: "build_input",
            title: "Input for the build",
            hint: "The pipeline's input that takes the build's label. Usually VERSION.",
            required: false,
        },
        FormField {
            name: "stage_input",
            title: "Input for the stage",
            hint: "The pipeline's input that takes the stage. Usually ENVIRONMENT.",
            required: false,
        },
        FormField {
            name: "operation_input",
            title: "Input for the operation",
            hint: "The pipeline's input that takes Signalbox's operation key, by which a lost answer is found again. Usually OPERATION.",
            required: false,
        },
    ];

    /// Reads the names from a connection's options; the usual ones stand in for those that are not set.
    pub fn of(address: &Address, build: &str, stage: &str, operation: &str) -> Self {
        let name = |option: &str, usual: &str| address.option(option).unwrap_or(usual).to_owned();
        Self {
            build: name("build_input", build),
            stage: name("stage_input", stage),
            operation: name("operation_input", operation),
        }
    }

    /// Fills the inputs for a promotion; the plan's own parameters go with them.
    pub fn fill(&self, plan: &PromotionPlan, key: &OperationKey) -> BTreeMap<String, String> {
        let mut filled = plan.parameters.clone();
        filled.insert(self.build.clone(), plan.label.clone());
        filled.insert(self.stage.clone(), plan.to.to_string());
        filled.insert(self.operation.clone(), key.to_string());
        filled
    }
}
