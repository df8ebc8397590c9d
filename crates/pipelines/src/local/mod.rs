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
//!
//! [test.whole]                            # optional: tests the product as a whole and deploys nothing
//! command = ["sh", "scripts/whole.sh"]
//! time_limit = "30m"
//! ```
//!
//! A build arrives as a folder named by its label. The manifest is written last:
//!
//! ```toml
//! label = "web-1.4.0"
//! commit = "9fceb02d0ae598e95dc970b74767f19372d61af8"
//! author = "Ada"
//! created = 2026-11-03T10:00:00Z
//! features = ["SHOP-12"]                  # optional
//! [artifact]
//! file = "web.tar"                        # a file of this folder
//! sha256 = "…"
//! [versions]                              # each optional
//! application = "1.4.0"
//! configuration = "7"
//! infrastructure = "3"
//! data = "12"
//! ```
//!
//! Commands see `PATH`, `HOME`, `LANG` and `TMPDIR` of the starting program, and of the operation:
//! `SIGNALBOX_OPERATION`, `_SERVICE`, `_STAGE`, `_BUILD`, `_COMMIT`, `_AUTHOR`, `_DIGEST` (SHA-256),
//! `_ARTIFACT` (the verified copy; gone after the run), `_ENVIRONMENT`, `_RUN` (both folders),
//! `_FEATURES` (separated by spaces) and `_VERSION_APPLICATION`, `_VERSION_CONFIGURATION`,
//! `_VERSION_INFRASTRUCTURE`, `_VERSION_DATA` where they are known. A test's
//! command sees `_OPERATION`, `_RUN`, `_PRODUCT`, `_STAGE` and `_BUILDS` (like `web=1.4.2 api=2.0.1`).
//!
//! Commands live in `pipeline.toml` alone. Runs live in `runs/<operation>/`; what stands in a stage is told
//! by `deployed.json` in its environment folder. The deploy command fills the environment, never this
//! module. There are no gates here: gates of a local product are Signalbox's own.

mod arrival;
mod claim;
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
mod test_run;

pub use surroundings::Surroundings;
pub use system::LocalSystem;
