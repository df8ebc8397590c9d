//! Strategies and processes.

use crate::act::Signing;
use crate::desk::Desk;
use crate::view;
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::ProductId;
use signalbox_domain::process::Process;
use signalbox_domain::state::{Ref, State};
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn strategy_show(&self, request: StrategyShow) -> Result<StrategyView, WireError> {
        let id = ProductId::new(request.product);
        let state = self.strategy_state(&id)?;
        let product = state.products.get(&id).ok_or_else(|| WireError::unknown("product"))?;
        let version = request.version.or(product.strategy).unwrap_or(product.strategy_latest);
        let strategy = state
            .strategies
            .get(&(id.clone(), version))
            .ok_or_else(|| WireError::unknown("strategy version"))?;
        let versions: Vec<_> =
            state.strategies.values().filter(|known| known.product == id).cloned().collect();
        Ok(view::strategy::strategy_view(&state, strategy, &versions, self.me(&state).as_ref(), self.now()))
    }

    pub(crate) fn strategy_draft(&self, request: StrategyDraft) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let state = self.strategy_state(&product)?;
        let latest = state.products.get(&product).map_or(0, |product| product.strategy_latest);
        let mut content = state
            .strategies
            .get(&(product.clone(), latest))
            .map(|strategy| strategy.content.clone())
            .ok_or_else(|| WireError::unknown("strategy version"))?;
        for TopicText { key, text } in request.topics {
            let topic = content
                .topics
                .iter_mut()
                .find(|topic| topic.key == key)
                .ok_or_else(|| WireError::unknown("topic"))?;
            topic.text = text;
        }
        if let Some(process) = request.process {
            content.process = read_process(process)?;
        }
        let act = Act::DraftStrategy { product: product.clone(), content: Box::new(content) };
        let recorded = self.act(Some(&product), act, &Signing::default())?;
        Ok(recorded.done(
            Some((latest + 1).to_string()),
            format!("Version {} is written; it needs agreement.", latest + 1),
        ))
    }

    pub(crate) fn strategy_cosign(&self, request: StrategyCosign) -> Result<Done, WireError> {
        let StrategyCosign { product, version, role, comment, passphrase } = request;
        let product = ProductId::new(product);
        let act = Act::CosignStrategy { product: product.clone(), version, comment };
        let signing = Signing {
            role: Some(role).filter(|role| !role.is_empty()),
            passphrase: passphrase.filter(|given| !given.is_empty()),
        };
        Ok(self.act(Some(&product), act, &signing)?.done(None, format!("You agreed to version {version}.")))
    }

    pub(crate) fn strategy_activate(&self, request: StrategyActivate) -> Result<Done, WireError> {
        let product = ProductId::new(request.product);
        let act = Act::ActivateStrategy { product: product.clone(), version: request.version };
        Ok(self
            .act(Some(&product), act, &Signing::default())?
            .done(None, format!("Version {} is in force.", request.version)))
    }

    pub(crate) fn process_check(&self, request: ProcessCheck) -> Result<ProcessReport, WireError> {
        let process = read_process(request.process)?;
        Ok(view::strategy::process_report(&self.state(&Scope::desk())?, &process))
    }

    /// The product with all versions of its strategy.
    fn strategy_state(&self, product: &ProductId) -> Result<State, WireError> {
        let desk = self.state(&Scope::desk())?;
        let latest = desk.products.get(product).map_or(0, |product| product.strategy_latest);
        let scope = (1..=latest)
            .fold(Scope::desk(), |scope, version| scope.and(Ref::Strategy(product.clone(), version)));
        self.state(&scope)
    }
}

/// Reads a process that a person wrote.
pub(crate) fn read_process(process: serde_json::Value) -> Result<Process, WireError> {
    serde_json::from_value(process).map_err(|error| {
        WireError::new(
            "process.malformed",
            format!("This is no process: {error}."),
            "Start from the JSON that the strategy's read view shows.",
        )
    })
}
