//! Connections and the services bound to them.

use super::Me;
use super::common::service_brief;
use super::trial::{TYPED, Trial};
use crate::kind::ConnectionKind;
use crate::wire::{
    AddressForm, BindingView, BoundStageView, ConnectionRole, ConnectionView, Connections, Reason,
    SecretState, StageWay,
};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ConnectionId, StageKey};
use signalbox_domain::moment::Moment;
use signalbox_domain::product::{Binding, Connection, Product, Service, Way};
use signalbox_domain::state::State;

/// What this machine knows of a connection beyond the ledger.
pub struct Known {
    /// Where it leads.
    pub address: Option<AddressForm>,
    /// Whether a person allowed to speak to it without encryption.
    pub plain_http: bool,
    /// Whether its secret is here.
    pub secret: SecretState,
    /// What keeps this machine from using it.
    pub problem: Option<Reason>,
}

/// Lists connections and bindings; `known` tells what this machine knows of a connection.
pub fn connections(
    state: &State,
    me: Option<&Me>,
    known: &dyn Fn(&Connection) -> Known,
    at: Moment,
) -> Connections {
    let add = Act::AddConnection { connection: TYPED.into(), system: "local".into(), name: TYPED.into() };
    let mut connections: Vec<&Connection> = state.connections.values().collect();
    connections.sort_by(|a, b| a.name.cmp(&b.name));
    Connections {
        connections: connections
            .into_iter()
            .map(|connection| connection_view(state, connection, known(connection)))
            .collect(),
        bindings: services(state).map(|(product, service)| binding_view(state, product, service)).collect(),
        add: Trial::new(state, me, at).mine(&add),
    }
}

fn connection_view(state: &State, connection: &Connection, known: Known) -> ConnectionView {
    let Connection { id, kind, name } = connection;
    let kind_known = ConnectionKind::named(kind).ok();
    let bound = services(state).filter(|(_, service)| bound_to(service, id));
    let Known { address, plain_http, secret, problem } = known;
    ConnectionView {
        id: id.to_string(),
        kind: kind.clone(),
        title: kind_known.map_or_else(|| kind.clone(), |kind| kind.title().to_owned()),
        role: kind_known.map_or(ConnectionRole::Pipelines, ConnectionKind::role),
        name: name.clone(),
        address,
        plain_http,
        secret,
        problem,
        services: bound.map(|(_, service)| service.name.clone()).collect(),
    }
}

fn bound_to(service: &Service, connection: &ConnectionId) -> bool {
    service.pipeline.as_ref().is_some_and(|pipeline| pipeline.connection == *connection)
}

fn binding_view(state: &State, product: &Product, service: &Service) -> BindingView {
    let pipeline = service.pipeline.as_ref();
    let mut stages = pipeline.map(bound_stages).unwrap_or_default();
    let version = product.strategy.unwrap_or(product.strategy_latest);
    if let Some(strategy) = state.strategies.get(&(product.id.clone(), version)) {
        let order = &strategy.content.process.stages;
        // A stage that the process has no more stands at the end.
        stages.sort_by_key(|bound| {
            order.iter().position(|stage| stage.key.as_str() == bound.stage).unwrap_or(order.len())
        });
    }
    BindingView {
        service: service_brief(service),
        product: product.name.clone(),
        connection: pipeline.map(|pipeline| pipeline.connection.to_string()),
        pipeline: pipeline.map(|pipeline| pipeline.pipeline.clone()).unwrap_or_default(),
        stages,
    }
}

/// How the stages of a bound service are moved into.
pub fn bound_stages(binding: &Binding) -> Vec<BoundStageView> {
    let driven = binding.stages.iter().map(StageKey::new);
    let gated = binding.mapped.iter().filter(|mapped| mapped.way == Way::Gated).map(|m| m.stage.clone());
    driven
        .chain(gated)
        .map(|stage| BoundStageView {
            way: match binding.way(&stage) {
                Some(Way::Gated) => StageWay::Gated,
                Some(Way::Driven) => StageWay::Driven,
                None => StageWay::ByHand,
            },
            remote: binding.remote_of(&stage).unwrap_or_default().to_owned(),
            gate: binding.gate_of(&stage).map(str::to_owned),
            stage: stage.to_string(),
        })
        .collect()
}

fn services(state: &State) -> impl Iterator<Item = (&Product, &Service)> {
    state.products.values().flat_map(|product| product.services.iter().map(move |service| (product, service)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture::Desk;

    #[test]
    fn connections_show_their_services_and_what_this_machine_knows() {
        let desk = Desk::new("three-environments").bind(&["DEV"]);
        let known = |_: &Connection| Known {
            address: Some(AddressForm { base: "folder".to_owned(), ..AddressForm::default() }),
            plain_http: false,
            secret: SecretState::NotAsked,
            problem: None,
        };
        let view = connections(&desk.state, Some(&desk.me("omar")), &known, desk.now());
        assert!(view.add.allowed);
        assert_eq!(view.connections[0].services, ["web"]);
        assert_eq!(view.connections[0].title, "This machine");
        assert_eq!(view.bindings[0].stages[0].remote, "DEV");
        assert_eq!(view.bindings[0].stages[0].way, StageWay::Driven);
    }
}
