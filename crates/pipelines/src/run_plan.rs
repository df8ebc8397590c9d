//! A run that only takes inputs: a pipeline is started, and nothing is promoted by it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{OperationKey, PipelineId};

/// Which pipeline is started, with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The inputs, by their names: some of [`RunPlan::PRODUCT`], [`RunPlan::STAGE`] and [`RunPlan::BUILDS`]. An
    /// input that the pipeline does not declare is left out.
    pub inputs: BTreeMap<String, String>,
    /// Why, in words for people.
    pub reason: String,
}

impl RunPlan {
    /// The input that takes the name of the product.
    pub const PRODUCT: &'static str = "PRODUCT";
    /// The input that takes the stage whose builds are meant.
    pub const STAGE: &'static str = "STAGE";
    /// The input that takes the builds, like `web=1.4.2 api=2.0.1`.
    pub const BUILDS: &'static str = "BUILDS";

    /// The inputs with our operation key, as far as the pipeline declares them.
    pub(crate) fn declared(
        &self,
        operation: &str,
        key: &OperationKey,
        declares: impl Fn(&str) -> bool,
    ) -> BTreeMap<String, String> {
        let mut inputs = self.all(operation, key);
        inputs.retain(|name, _| declares(name));
        inputs
    }

    /// The inputs with our operation key, for systems that take any.
    pub(crate) fn all(&self, operation: &str, key: &OperationKey) -> BTreeMap<String, String> {
        let mut inputs = self.inputs.clone();
        inputs.insert(operation.to_owned(), key.to_string());
        inputs
    }
}
