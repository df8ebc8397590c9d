//! Binding services to pipelines: one by one, and many by a prefix.

use crate::act::Signing;
use crate::desk::Desk;
use crate::kind::ConnectionKind;
use crate::systems::LOCAL;
use crate::view::binding::{Manner, as_map, bound, can_drive, remote_stages, suggest};
use crate::wire::*;
use signalbox_domain::decide::Act;
use signalbox_domain::id::{ConnectionId, ProductId, ServiceId};
use signalbox_domain::process::Process;
use signalbox_domain::state::{Ref, State};
use signalbox_pipelines::{PipelineId, PipelineShape, PipelineSystem};
use signalbox_store::Scope;
use std::time::Duration;

/// How long a pipeline may take to be described.
const DESCRIBE_LIMIT: Duration = Duration::from_secs(20);

/// A pipeline with what decides how it can be bound.
struct There {
    shape: PipelineShape,
    manner: Manner,
    /// Whether it runs on this machine.
    local: bool,
    /// Whether the system lists every gate, also those that nobody has come to yet.
    lists_gates: bool,
}

impl There {
    fn has_stage(&self, name: &str) -> bool {
        self.shape.stages.iter().any(|known| known.id.as_str() == name)
    }

    /// Whether a gate is there, or may be: one that shows only while it waits can't be told from none.
    fn may_have_gate(&self, gate: &str) -> bool {
        let listed = self.shape.stages.iter().flat_map(|known| &known.gates);
        let of_a_stage = || gate.rsplit_once('/').is_some_and(|(stage, _)| self.has_stage(stage));
        listed.into_iter().any(|known| known.as_str() == gate) || (!self.lists_gates && of_a_stage())
    }
}

impl Desk {
    pub(crate) fn binding_suggest(&self, request: BindingSuggest) -> Result<BindingSuggestion, WireError> {
        let BindingSuggest { connection, pipeline, service } = request;
        let service = ServiceId::new(service);
        let state = self.state_with_processes()?;
        let (product, _) = state.service(&service).ok_or_else(|| WireError::unknown("service"))?;
        let process = process_of(&state, &product.id)?;
        let (connection, kind) = self.known_connection(connection)?;
        let there = self.there(&connection, kind, &pipeline)?;
        let drives = can_drive(there.manner.choice);
        Ok(BindingSuggestion {
            pipeline,
            stages: suggest(process, &there.shape, there.manner),
            remote: remote_stages(&there.shape),
            can_drive: drives.is_ok(),
            cannot_drive: drives.err().unwrap_or_default().to_owned(),
            lists_gates: there.lists_gates,
        })
    }

    pub(crate) fn service_bind(&self, request: ServiceBind) -> Result<Done, WireError> {
        let ServiceBind { service, connection, pipeline, stages } = request;
        self.bind(&ServiceId::new(service), &ConnectionId::new(connection), &pipeline, stages)?;
        Ok(super::desk::done("The service is bound to its pipeline."))
    }

    pub(crate) fn binding_apply(&self, request: BindingApply) -> Result<BindingOutcomes, WireError> {
        let BindingApply { connection, product, rows } = request;
        let (connection, product) = (ConnectionId::new(connection), ProductId::new(product));
        let mut outcomes = Vec::with_capacity(rows.len());
        for BindingApplyRow { pipeline, service, stages } in rows {
            let taken = self.take_over(&product, &connection, &service, &pipeline, stages);
            outcomes.push(match taken {
                Ok(said) => BindingOutcome { pipeline, service, done: true, said, reasons: Vec::new() },
                Err(error) => BindingOutcome {
                    pipeline,
                    service,
                    done: false,
                    said: format!("{} {}", error.message, error.hint).trim().to_owned(),
                    reasons: error.reasons,
                },
            });
        }
        Ok(BindingOutcomes { rows: outcomes })
    }

    /// Binds a service to a pipeline. Without a mapping the local system's stages are those of its file, and
    /// those of other systems are bound as is suggested.
    pub(super) fn bind(
        &self,
        service: &ServiceId,
        connection: &ConnectionId,
        pipeline: &str,
        stages: Option<Vec<StageMap>>,
    ) -> Result<(), WireError> {
        let (connection, kind) = self.known_connection(connection.to_string())?;
        let there = self.there(&connection, kind, pipeline)?;
        self.bind_to(service, &connection, pipeline, &there, stages)
    }

    fn bind_to(
        &self,
        service: &ServiceId,
        connection: &ConnectionId,
        pipeline: &str,
        there: &There,
        stages: Option<Vec<StageMap>>,
    ) -> Result<(), WireError> {
        let product = self.product_of(service)?;
        let (stages, mapped) = match stages {
            Some(stages) => {
                refuse_unknown(&stages, there)?;
                bound(&stages)
            }
            None if there.local => {
                (there.shape.stages.iter().map(|stage| stage.id.to_string()).collect(), Vec::new())
            }
            None => {
                let state = self.state_with_processes()?;
                let suggested = suggest(process_of(&state, &product)?, &there.shape, there.manner);
                bound(&suggested.iter().map(as_map).collect::<Vec<_>>())
            }
        };
        let act = Act::BindService {
            service: service.clone(),
            connection: connection.clone(),
            pipeline: pipeline.to_owned(),
            stages,
            mapped,
        };
        self.act(Some(&product), act, &Signing::default())?;
        Ok(())
    }

    /// Makes one pipeline's service if it is new, and binds it.
    fn take_over(
        &self,
        product: &ProductId,
        connection: &ConnectionId,
        name: &str,
        pipeline: &str,
        stages: Option<Vec<StageMap>>,
    ) -> Result<String, WireError> {
        let state = self.state(&Scope::desk())?;
        let known = state.products.get(product).ok_or_else(|| WireError::unknown("product"))?;
        let (connection, kind) = self.known_connection(connection.to_string())?;
        let there = self.there(&connection, kind, pipeline)?;
        if let Some(service) = known.services.iter().find(|service| service.name == name) {
            self.bind_to(&service.id, &connection, pipeline, &there, stages)?;
            return Ok(format!("{name} is bound."));
        }
        // What can't be bound becomes no service.
        if let Some(stages) = &stages {
            refuse_unknown(stages, &there)?;
        }
        let service = ServiceId::new(self.new_id());
        let act =
            Act::AddService { product: product.clone(), service: service.clone(), name: name.to_owned() };
        self.act(Some(product), act, &Signing::default())?;
        self.bind_to(&service, &connection, pipeline, &there, stages)?;
        Ok(format!("{name} is a service now, and bound."))
    }

    fn there(
        &self,
        connection: &ConnectionId,
        kind: ConnectionKind,
        pipeline: &str,
    ) -> Result<There, WireError> {
        let system = self.system(connection, kind.name())?;
        let shape = self.wait_within(DESCRIBE_LIMIT, system.describe(&PipelineId::new(pipeline)))?;
        Ok(There {
            shape,
            manner: manner(kind, system.as_ref()),
            local: kind.name() == LOCAL,
            lists_gates: kind.lists_gates(),
        })
    }
}

impl Desk {
    /// The desk with the process of every product, also one that is still being agreed.
    pub(super) fn state_with_processes(&self) -> Result<State, WireError> {
        let state = self.state(&Scope::desk())?;
        let written = state.products.values().filter(|product| product.strategy_latest > 0);
        let scope = written.fold(Scope::desk(), |scope, product| {
            let version = product.strategy.unwrap_or(product.strategy_latest);
            scope.and(Ref::Strategy(product.id.clone(), version))
        });
        self.state(&scope)
    }
}

pub(super) fn manner(kind: ConnectionKind, system: &dyn PipelineSystem) -> Manner {
    Manner { choice: system.capabilities().build_choice, gates: kind.gate_side() }
}

/// The process that a product's services follow: the one in force, or the one that is being agreed.
pub(super) fn process_of<'s>(state: &'s State, product: &ProductId) -> Result<&'s Process, WireError> {
    let known = state.products.get(product).ok_or_else(|| WireError::unknown("product"))?;
    let version = known.strategy.unwrap_or(known.strategy_latest);
    let strategy = state.strategies.get(&(product.clone(), version)).ok_or_else(|| {
        WireError::new(
            "strategy.none",
            format!("{} has no process yet.", known.name),
            "Write its strategy first.",
        )
    })?;
    Ok(&strategy.content.process)
}

/// Refuses a mapping to what is not there, and to a way that the system has not, with every reason.
fn refuse_unknown(stages: &[StageMap], there: &There) -> Result<(), WireError> {
    let mut reasons = Vec::new();
    let mut refuse = |code: &str, sentence: String, next_step: &str| {
        reasons.push(Reason { code: code.to_owned(), sentence, next_step: next_step.to_owned() });
    };
    for StageMap { stage, way, remote, gate } in stages.iter().filter(|map| map.way != StageWay::ByHand) {
        let remote = remote.as_deref().unwrap_or(stage);
        if !there.has_stage(remote) {
            refuse(
                "binding.remote-unknown",
                format!("The pipeline has no stage {remote} for {stage}."),
                "Choose one of its stages, or pass the stage by hand.",
            );
        }
        if let Some(gate) = gate.as_deref().filter(|gate| !there.may_have_gate(gate)) {
            refuse(
                "binding.gate-unknown",
                format!("The pipeline has no gate {gate} for {stage}."),
                "Choose one of its gates, or none.",
            );
        }
        if *way == StageWay::Driven
            && let Err(why) = can_drive(there.manner.choice)
        {
            refuse(
                "binding.cannot-drive",
                format!("{stage} can't be driven. {why}"),
                "Bind it as gated, or pass it by hand.",
            );
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(WireError::of_reasons(reasons)) }
}
