//! Products, their services and the connections that their pipelines live on.

use crate::id::{ConnectionId, ProductId, ServiceId};
use serde::{Deserialize, Serialize};

/// What is released under one name: a group of services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The id.
    pub id: ProductId,
    /// The short upper-case key that numbers are made with, for example `HAR`.
    pub key: String,
    /// The name.
    pub name: String,
    /// The services, in the order in which they were added.
    pub services: Vec<Service>,
    /// The strategy version in force.
    pub strategy: Option<u32>,
    /// The highest strategy version that exists.
    pub strategy_latest: u32,
    /// How many issue-log entries were made; the next key is one more.
    pub issues: u32,
    /// How many releases went to the end.
    pub releases_finished: u32,
}

/// One deliverable of a product, with its own pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The id.
    pub id: ServiceId,
    /// The short name used on lines and in pipelines, for example `web`.
    pub name: String,
    /// Where its builds come from and are deployed, if bound.
    pub pipeline: Option<Binding>,
}

/// A service's counterpart on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The connection.
    pub connection: ConnectionId,
    /// The pipeline's name there.
    pub pipeline: String,
    /// Stages of the process that the pipeline can deploy to; the others are passed by hand.
    pub stages: Vec<String>,
}

/// One account on one pipeline system. Addresses and secrets are not in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The id.
    pub id: ConnectionId,
    /// The kind of system, for example `local`.
    pub kind: String,
    /// The name shown to people.
    pub name: String,
}
