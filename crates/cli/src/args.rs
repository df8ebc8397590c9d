//! The arguments, and the help that teaches them.

use crate::connection_args::ConnectionCommand;
use crate::filter::FilterArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  refused: the act is not possible now (every reason is printed), or defects were found
  2  the command line or the request can't be read
  3  the verification found something
  4  a file, the folder or the database can't be used
  5  something inside the program failed

Environment:
  SIGNALBOX_DATA_DIR  the folder of the desk, where --folder is not given
  SIGNALBOX_LOG       what is logged to stderr, for example `info` (default: error)
  NO_COLOR            no colours, whatever the terminal can do";

const EXAMPLES: &str = "\
Examples:
  signalbox tour
      See the whole job, from a build's arrival to production and back, in a folder of its own.
  signalbox ledger verify --folder DIR
      Check every entry of a register, offline.
  signalbox call inbox_list
      What waits for the person who signs here, as JSON.
  signalbox export csv --to register.csv --from 2026-11-01T00:00:00Z
      The register since November, for a spreadsheet.";

/// Signalbox takes builds to production through agreed stages and keeps a signed register of every decision.
#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// The folder of the desk: its database and its keys [default: the desktop app's own folder]
    #[arg(long, global = true, value_name = "DIR", help_heading = "The desk")]
    pub folder: Option<PathBuf>,
    /// A file that holds the passphrase of the key folder, on machines without a keychain
    #[arg(long, global = true, value_name = "FILE", help_heading = "The desk")]
    pub passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play the whole job with a sample product, in a new folder
    ///
    /// Makes the sample product Harbour with five people and a local pipeline, then takes web 2.8.0 from
    /// acceptance to production under a release plan, and lets 2.8.1 fail there: it is rejected and rolled
    /// back. Artifacts, deployments, smoke tests and signatures are real; at the end the register is
    /// exported and verified.
    ///
    /// Works on machines without a keychain: the sample's keys lie encrypted in the folder, beside the
    /// passphrase that was made up for them. They protect nothing.
    #[command(
        after_help = "Examples:\n  signalbox tour\n  signalbox tour --folder ./harbour\n  signalbox tour --json | jq -r .what"
    )]
    Tour(Tour),
    /// Call a command of the command list, JSON on both sides
    ///
    /// The commands are those of the desktop app: what a screen can do, a script can do. The answer goes to
    /// stdout; an error, with every reason, goes to stderr as JSON.
    #[command(after_help = "Examples:
  signalbox call --list
  signalbox call desk_show
  signalbox call line_show --json '{\"service\":\"…\"}'
  echo '{\"text\":\"refund\"}' | signalbox call find --json -
  signalbox call build_promote --json @promote.json --wait --passphrase-file secret")]
    Call(Call),
    /// Try a line before anyone works under it
    Line {
        #[command(subcommand)]
        command: LineCommand,
    },
    /// Look at processes
    Process {
        #[command(subcommand)]
        command: ProcessCommand,
    },
    /// Connect remote systems, and bind services to their pipelines
    Connection {
        #[command(subcommand)]
        command: ConnectionCommand,
    },
    /// Read and verify the register
    Ledger {
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Write the register to a file
    ///
    /// The file is written whole or not at all. That it was taken is itself an entry of the register.
    #[command(after_help = "Examples:
  signalbox export csv --to register.csv
  signalbox export jsonl --to priya.jsonl --person priya
  signalbox export allowed-signers --to allowed_signers
      Then `ssh-keygen -Y verify -f allowed_signers -n signalbox-entry …` checks any single entry.
  signalbox export checkpoint --to checkpoint")]
    Export(Export),
}

/// Acts on lines.
#[derive(Debug, Subcommand)]
pub enum LineCommand {
    /// Play acts on an empty line and print where everything stands after each
    ///
    /// The acts are JSON lists, one a line or all in one list: ["commit","c1"], ["approve","c1","DEV"],
    /// ["reject","c1","QA"], also press, fail, retry with a build and a stage, hold and release with a stage.
    /// Each act prints one JSON object: the act, what the source and each stage display (o in progress,
    /// v succeeded, x rejected, f failed, - empty), who waits where, and why it was refused. A refused act
    /// changes nothing, and the run goes on.
    #[command(after_help = "Example:
  printf '[\"commit\",\"c1\"]\\n[\"approve\",\"c1\",\"DEV\"]\\n' |
    signalbox line simulate --starter three-environments --policy queue --acts -")]
    Simulate(Simulate),
}

/// Acts on processes.
#[derive(Debug, Subcommand)]
pub enum ProcessCommand {
    /// Find every defect of a process, each with the course of events that shows it
    ///
    /// The file holds the process as JSON or TOML: a list of `stages`, each with a key, a name, its
    /// predecessors, how builds enter, and its gate. Where there are none, the process is told in sentences.
    #[command(
        after_help = "Examples:\n  signalbox process check process.json\n  signalbox call strategy_show --json '{\"product\":\"…\"}' | signalbox process check -"
    )]
    Check(Check),
}

/// Acts on the register.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Verify every entry: bytes, signatures, order, authority, rules
    ///
    /// Prints every finding with the entry's number and id, a stable code and a sentence, and ends with exit
    /// code 3 where there are any. Needs no key and no network.
    #[command(
        after_help = "Examples:\n  signalbox ledger verify\n  signalbox ledger verify --folder DIR --json"
    )]
    Verify(Verify),
    /// List entries, newest first, or show one as it is stored
    #[command(after_help = "Examples:
  signalbox ledger show
  signalbox ledger show --person priya --kind gate-signed.v1
  signalbox ledger show --subject build:ID --limit 0 --json
  signalbox ledger show 42
  signalbox ledger show ENTRY-ID")]
    Show(Show),
}

/// `tour`
#[derive(Debug, Args)]
pub struct Tour {
    /// Print one JSON object a line, for machines
    #[arg(long)]
    pub json: bool,
}

/// `call`
#[derive(Debug, Args)]
pub struct Call {
    /// The command's name
    #[arg(required_unless_present = "list")]
    pub command: Option<String>,
    /// The request; `-` reads it from stdin, `@FILE` from a file
    #[arg(long, value_name = "REQUEST", default_value = "{}", hide_default_value = true)]
    pub json: String,
    /// List every command with its request and response types
    #[arg(long, conflicts_with = "command")]
    pub list: bool,
    /// Carry out what the act lets be deployed, and come back when it ended
    ///
    /// Without it, deployments are carried out by the desktop app, or by the next call that waits.
    #[arg(long)]
    pub wait: bool,
}

/// `line simulate`
#[derive(Debug, Args)]
pub struct Simulate {
    /// The process: a starter
    #[arg(long, value_enum, required_unless_present = "process")]
    pub starter: Option<Starter>,
    /// The process: a file, as for `process check`
    #[arg(long, value_name = "FILE", conflicts_with = "starter")]
    pub process: Option<PathBuf>,
    /// What happens to builds that find a stage occupied
    #[arg(long, value_enum, default_value = "queue")]
    pub policy: Policy,
    /// The acts; `-` reads them from stdin
    #[arg(long, value_name = "FILE")]
    pub acts: PathBuf,
}

/// A starter process.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Starter {
    /// A cloud pipeline with fan-out and fan-in
    NineStages,
    /// Six phases in a row with 24 checklist items
    SixPhases,
    /// DEV, QA, PROD
    ThreeEnvironments,
}

/// A waiting policy.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Policy {
    /// First in, first out
    Queue,
    /// A newer waiting build replaces older waiting ones
    Supersede,
}

/// `process check`
#[derive(Debug, Args)]
pub struct Check {
    /// The process; `-` reads it from stdin
    pub file: PathBuf,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `ledger verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// `ledger show`
#[derive(Debug, Args)]
pub struct Show {
    /// One entry: its number or its id
    pub entry: Option<String>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// How many entries at most; 0 for all
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub limit: u32,
    /// Only entries before this number
    #[arg(long, value_name = "N")]
    pub before: Option<u32>,
    /// Print one JSON object a line, for machines
    #[arg(long)]
    pub json: bool,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// What is written
    #[arg(value_enum)]
    pub format: Format,
    /// The file
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Print one JSON object, for machines
    #[arg(long)]
    pub json: bool,
}

/// What an export holds.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// One row an entry, for spreadsheets
    Csv,
    /// One JSON object an entry, with the stored bytes
    Jsonl,
    /// The public keys, as ssh-keygen reads them
    AllowedSigners,
    /// A signed note over the whole tree
    Checkpoint,
}

impl Command {
    /// Whether machines read what is printed.
    pub fn json(&self) -> bool {
        match self {
            Self::Tour(args) => args.json,
            Self::Call(args) => !args.list,
            Self::Line { .. } => true,
            Self::Process { command: ProcessCommand::Check(args) } => args.json,
            Self::Connection { command } => command.json(),
            Self::Ledger { command: LedgerCommand::Verify(args) } => args.json,
            Self::Ledger { command: LedgerCommand::Show(args) } => args.json,
            Self::Export(args) => args.json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_starter_of_the_app_can_be_named() {
        let named: Vec<String> = Starter::value_variants()
            .iter()
            .filter_map(|starter| Some(starter.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert_eq!(named, signalbox_app::dry_run::starter_keys());
    }
}
