//! Opens a connection of any kind.

use std::sync::Arc;

use secrecy::SecretString;

use crate::bamboo::{self, Bamboo};
use crate::buildbot::{self, Buildbot};
use crate::codepipeline::{self, CodePipeline};
use crate::github::{self, GitHubSystem};
use crate::gitlab::{self, GitLab};
use crate::http::{Address, FormField, Hosts};
use crate::jenkins::{self, Jenkins};
use crate::jira::{self, Jira};
use crate::spinnaker::{self, Spinnaker};
use crate::{Clock, ConnectionId, FeatureTracker, PipelineSystem, RemoteError, SystemKind};

/// What a connection is opened with.
pub struct Opening<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// Where it leads.
    pub address: &'a Address,
    /// Its secret, from the keychain.
    pub secret: Option<SecretString>,
    /// The hosts' schedulers, shared by all connections.
    pub hosts: &'a Hosts,
    /// Tells the time.
    pub clock: Clock,
}

/// Opens a connection to a remote system. Nothing is sent.
///
/// # Errors
/// When the address or the secret can't be used, with every reason; and for the local system, which is
/// opened with what its commands may see.
pub fn open(kind: SystemKind, opening: Opening<'_>) -> Result<Arc<dyn PipelineSystem>, RemoteError> {
    match kind {
        SystemKind::CodePipeline => Ok(Arc::new(CodePipeline::open(opening)?)),
        SystemKind::Local => Err(RemoteError::Unsupported("the local system is opened with its folder")),
        SystemKind::Bamboo => Ok(Arc::new(Bamboo::open(opening)?)),
        SystemKind::Jenkins => Ok(Arc::new(Jenkins::open(opening)?)),
        SystemKind::GitHub => Ok(Arc::new(GitHubSystem::open(opening)?)),
        SystemKind::GitLab => Ok(Arc::new(GitLab::open(opening)?)),
        SystemKind::Buildbot => Ok(Arc::new(Buildbot::open(opening)?)),
        SystemKind::Spinnaker => Ok(Arc::new(Spinnaker::open(opening)?)),
    }
}

/// Returns what a kind of system asks for when a connection is added.
pub fn fields(kind: SystemKind) -> &'static [FormField] {
    match kind {
        SystemKind::Local => &[FormField {
            name: "base",
            title: "Folder",
            hint: "The folder with pipeline.toml, by its full path.",
            required: true,
        }],
        SystemKind::Bamboo => &bamboo::FIELDS,
        SystemKind::Jenkins => &jenkins::FIELDS,
        SystemKind::GitHub => github::FIELDS,
        SystemKind::GitLab => gitlab::FIELDS,
        SystemKind::Buildbot => &buildbot::FIELDS,
        SystemKind::Spinnaker => &spinnaker::FIELDS,
        SystemKind::CodePipeline => codepipeline::FIELDS,
    }
}

/// Opens a connection to a feature tracker: Jira Cloud or Jira Data Center. Nothing is sent.
///
/// # Errors
/// When the address or the secret can't be used, with every reason.
pub fn open_tracker(opening: Opening<'_>) -> Result<Arc<dyn FeatureTracker>, RemoteError> {
    Ok(Arc::new(Jira::open(opening)?))
}

/// Returns what a feature tracker asks for when a connection is added.
pub fn tracker_fields() -> &'static [FormField] {
    jira::FIELDS
}
