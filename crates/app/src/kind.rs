//! The kinds of systems that can be connected: pipeline systems and feature trackers.

use crate::view::binding::GateSide;
use crate::wire::{ConnectionRole, FieldView, KindView, WireError};
use signalbox_pipelines::http::FormField;
use signalbox_pipelines::{SystemKind, fields, tracker_fields};

/// A kind of system, as connections in the ledger name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    /// It builds and deploys.
    Pipelines(SystemKind),
    /// It knows what was asked for.
    Jira,
}

impl ConnectionKind {
    /// Every kind, in the order in which a person is offered them.
    pub fn all() -> impl Iterator<Item = Self> {
        let systems = SystemKind::ALL.into_iter().map(Self::Pipelines);
        systems.chain([Self::Jira]).filter(|kind| !kind.fields().is_empty())
    }

    /// Finds a kind by its stable name.
    pub fn named(name: &str) -> Result<Self, WireError> {
        Self::all().find(|kind| kind.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::name).collect();
            WireError::new(
                "connection.kind-unknown",
                format!("There is no kind of system “{name}”."),
                format!("Choose one of: {}.", known.join(", ")),
            )
        })
    }

    /// The pipeline system that it is, if it is one.
    pub fn pipelines(self) -> Option<SystemKind> {
        match self {
            Self::Pipelines(kind) => Some(kind),
            Self::Jira => None,
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipelines(kind) => kind.name(),
            Self::Jira => "jira",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pipelines(kind) => kind.title(),
            Self::Jira => "Jira",
        }
    }

    /// What it is to Signalbox.
    pub fn role(self) -> ConnectionRole {
        match self {
            Self::Pipelines(_) => ConnectionRole::Pipelines,
            Self::Jira => ConnectionRole::Tracker,
        }
    }

    /// What it asks for.
    pub fn fields(self) -> &'static [FormField] {
        match self {
            Self::Pipelines(kind) => fields(kind),
            Self::Jira => tracker_fields(),
        }
    }

    /// Whether it takes a secret at all.
    pub fn takes_secret(self) -> bool {
        self.fields().iter().any(|field| field.name == SECRET)
    }

    /// Where its gates stand, as far as the kind of system decides that.
    pub fn gate_side(self) -> GateSide {
        match self {
            Self::Pipelines(SystemKind::GitHub | SystemKind::GitLab | SystemKind::Bamboo) => GateSide::Before,
            _ => GateSide::After,
        }
    }

    /// Whether it lists every gate of a pipeline; an input step of Jenkins shows only while it waits.
    pub fn lists_gates(self) -> bool {
        !matches!(self, Self::Pipelines(SystemKind::Jenkins))
    }

    /// The least that the account there must be allowed, in one sentence.
    fn least(self) -> &'static str {
        let system = match self {
            Self::Pipelines(system) => system,
            Self::Jira => return "An account that may browse the projects. Nothing is changed there.",
        };
        match system {
            SystemKind::Local => "This account must be able to read the folder and to run its commands.",
            SystemKind::GitHub => {
                "A fine-grained token for the one repository: Actions and Deployments to read and write, Contents \
                 to read. To answer reviews, its owner must be a required reviewer of the environment."
            }
            SystemKind::GitLab => {
                "A project or group token with the scope api, or read_api to look only; to deploy, its role must \
                 be allowed to deploy to the environment."
            }
            SystemKind::Jenkins => {
                "A user of its own with an API token, never a password: Overall/Read, Job/Read, and Job/Build to \
                 promote; Job/Cancel to stop a run."
            }
            SystemKind::CodePipeline => {
                "Read rights on the pipelines, PutApprovalResult on the approval actions that are answered, and \
                 StartPipelineExecution to promote; each limited to these pipelines."
            }
            SystemKind::Spinnaker => {
                "A service account that may read the application, and execute its pipelines to promote or to \
                 answer manual judgements."
            }
            SystemKind::Bamboo => {
                "A personal access token that expires, of an account that may view the deployment project and \
                 deploy to its environments."
            }
            SystemKind::Buildbot => {
                "An account that may read the builders, and use their force schedulers to promote; stopping a \
                 build is a right of its own."
            }
        }
    }

    /// The kind with its form.
    pub fn view(self) -> KindView {
        KindView {
            kind: self.name().to_owned(),
            title: self.title().to_owned(),
            role: self.role(),
            fields: self
                .fields()
                .iter()
                .map(|field| FieldView {
                    name: field.name.to_owned(),
                    title: field.title.to_owned(),
                    hint: field.hint.to_owned(),
                    required: field.required,
                    secret: field.name == SECRET,
                })
                .collect(),
            least: self.least().to_owned(),
            docs: format!("docs/pipelines.md, {}", self.title()),
        }
    }
}

/// The name of the field that holds the secret.
const SECRET: &str = "secret";
