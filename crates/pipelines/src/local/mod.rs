//! The local pipeline system: a folder with `pipeline.toml` whose commands run on this machine.
//!
//! ```toml
//! [service.web]
//! arrivals = "arrivals/web"               # each build: <label>/manifest.toml and its artifact
//!
//! [service.web.stage.dev]
//! environment = "environments/dev/web"    # where the deploy command puts things
//! deploy = ["sh", "scripts/deploy.sh"]    # runs in this folder
//! deploy_time_limit = "60s"
//!
//! [[service.web.stage.dev.check]]
//! name = "smoke test"
//! command = ["sh", "scripts/smoke.sh"]
//! time_limit = "30s"
//! ```
//!
//! Commands live in that file alone. Runs live in `runs/<operation>/`; what stands in a stage is told
//! by `deployed.json` in its environment folder. The deploy command fills the environment, never this
//! module. There are no gates here: gates of a local product are Signalbox's own.

mod arrival;
mod deploy;
mod environment;
mod lock;
mod plan;
mod process;
mod reader;
mod record;
mod runner;
mod settings;
mod status;
mod surroundings;
mod system;

pub use surroundings::Surroundings;
pub use system::LocalSystem;
