//! The arguments of `connection`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Acts on connections.
#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// Add a connection, after it answered
    ///
    /// The secret is asked for without an echo, or read from stdin where that is no terminal. It goes into this
    /// machine's keychain and nowhere else; there is no argument for it, because others can read arguments.
    #[command(after_help = "Examples:
  signalbox connection add --kind local --name Harbour --address /srv/harbour
  signalbox connection add --kind jenkins --name CI --address https://ci.example.org/ --account release-bot
  pass ci-token | signalbox connection add --kind jenkins --name CI --address https://ci.example.org/ --account bot")]
    Add(ConnectionAddArgs),
    /// List connections and how services are bound, or the kinds of systems
    #[command(after_help = "Examples:\n  signalbox connection list\n  signalbox connection list --kinds")]
    List(ConnectionListArgs),
    /// Ask a system who this machine is there, and what it can and can't do
    #[command(after_help = "Example:\n  signalbox connection test CI --prefix shop-")]
    Test(ConnectionTestArgs),
    /// Keep a connection's secret on this machine, or remove it
    #[command(after_help = "Examples:
  signalbox connection secret CI
  pass ci-token | signalbox connection secret CI
  signalbox connection secret CI --forget")]
    Secret(ConnectionSecretArgs),
    /// Bind a service to a pipeline, stage by stage
    ///
    /// Without any mapping, stages are bound as is suggested; stages that no mapping names are passed by hand.
    #[command(after_help = "Examples:
  signalbox connection bind web CI shop-web --dry-run
  signalbox connection bind web CI shop-web --driven DEV=dev --gated QA=staging --gate QA=staging/approve")]
    Bind(ConnectionBindArgs),
    /// Take over every pipeline whose name begins alike, as services of a product
    ///
    /// Without --apply it is a dry run: what matches, what almost does, and how each stage would be bound.
    #[command(after_help = "Examples:
  signalbox connection map CI SHOP shop-
  signalbox connection map CI SHOP shop- --apply")]
    Map(ConnectionMapArgs),
}

/// `connection add`
#[derive(Debug, Args)]
pub struct ConnectionAddArgs {
    /// The kind of system; `connection list --kinds` names them
    #[arg(long)]
    pub kind: String,
    /// What people here call it
    #[arg(long)]
    pub name: String,
    /// The base address; the folder, for the local system
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ADDRESS")]
    pub address: String,
    /// The account there
    #[arg(long)]
    pub account: Option<String>,
    /// Another field of the kind, as NAME=VALUE
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub options: Vec<(String, String)>,
    /// A PEM file with further certificate authorities
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The proxy: `system`, `none`, or its address
    #[arg(long, default_value = "system")]
    pub proxy: String,
    /// The host's name once more, to go on without encryption
    #[arg(long, value_name = "HOST")]
    pub typed_host: Option<String>,
    /// Ask for the secret although the kind can do without one
    #[arg(long)]
    pub with_secret: bool,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `connection list`
#[derive(Debug, Args)]
pub struct ConnectionListArgs {
    /// List the kinds of systems and what each asks for
    #[arg(long)]
    pub kinds: bool,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `connection test`
#[derive(Debug, Args)]
pub struct ConnectionTestArgs {
    /// The connection's name or id
    pub connection: String,
    /// Only pipelines whose names begin with this text
    #[arg(long)]
    pub prefix: Option<String>,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `connection secret`
#[derive(Debug, Args)]
pub struct ConnectionSecretArgs {
    /// The connection's name or id
    pub connection: String,
    /// Remove it from this machine
    #[arg(long)]
    pub forget: bool,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `connection bind`
#[derive(Debug, Args)]
pub struct ConnectionBindArgs {
    /// The service's name or id
    pub service: String,
    /// The connection's name or id
    pub connection: String,
    /// The pipeline, as it is called there
    pub pipeline: String,
    /// A stage that Signalbox deploys to, and what it is called there
    #[arg(long, value_name = "STAGE=THERE", value_parser = pair)]
    pub driven: Vec<(String, String)>,
    /// A stage that the pipeline itself moves builds into, and what it is called there
    #[arg(long, value_name = "STAGE=THERE", value_parser = pair)]
    pub gated: Vec<(String, String)>,
    /// The gate there that the verdict in a gated stage answers
    #[arg(long, value_name = "STAGE=GATE", value_parser = pair)]
    pub gate: Vec<(String, String)>,
    /// Show what is suggested; record nothing
    #[arg(long, conflicts_with_all = ["driven", "gated", "gate"])]
    pub dry_run: bool,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `connection map`
#[derive(Debug, Args)]
pub struct ConnectionMapArgs {
    /// The connection's name or id
    pub connection: String,
    /// The product's key, name or id
    pub product: String,
    /// How the names of the pipelines begin
    pub prefix: String,
    /// Record the services and their bindings
    #[arg(long)]
    pub apply: bool,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

impl ConnectionCommand {
    /// Whether machines read what is printed.
    pub fn json(&self) -> bool {
        match self {
            Self::Add(args) => args.json,
            Self::List(args) => args.json,
            Self::Test(args) => args.json,
            Self::Secret(args) => args.json,
            Self::Bind(args) => args.json,
            Self::Map(args) => args.json,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
