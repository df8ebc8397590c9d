//! A real Buildbot on loopback: two services, three stages, one role; gone when it is dropped.
//!
//! It is the released program from the Python package index, in an environment of its own that
//! `cargo xtask setup` makes. Its worker lives inside the master, so that one process is all there is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::contract::Course;
use super::server::{Request, Response};
use crate::http::Address;

/// What the master does.
const MASTER: &str = include_str!("master.cfg");
/// Where `cargo xtask setup` puts Buildbot.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/buildbot/bin/buildbot");
/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(180);
/// How long an orderly end may take.
const END: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// The stages, in their order.
pub const STAGES: [&str; 3] = ["StagingDEV", "StagingQA", "StagingPROD"];
/// The account with the role that may promote.
pub const ROSA: &str = "rosa";
/// An account without any role.
pub const VIKTOR: &str = "viktor";
/// The password of both. It stands in the worker's environment too, which Buildbot writes into its logs.
pub const PASSWORD: &str = "open-sesame-4711";

/// A running Buildbot.
pub struct RealBuildbot {
    folder: TempDir,
    master: Child,
    base: String,
    client: reqwest::Client,
}

impl RealBuildbot {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed, with the line that installs it; and when it does not start, with its log.
    pub async fn start() -> io::Result<Self> {
        let program = Path::new(INSTALLED);
        if !program.is_file() {
            return Err(io::Error::other("Buildbot is not installed for the tests; run: cargo xtask setup"));
        }
        let folder = tempfile::tempdir()?;
        for name in ["master", "deployed", "course"] {
            fs::create_dir(folder.path().join(name))?;
        }
        let home = folder.path().join("master");
        let created = Command::new(program)
            .args(["create-master", "--quiet", "."])
            .current_dir(&home)
            .stdout(Stdio::null())
            .output()?;
        if !created.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&created.stderr).into_owned()));
        }
        fs::write(home.join("master.cfg"), MASTER)?;
        let master = Command::new(program)
            .args(["start", "--nodaemon", "."])
            .current_dir(&home)
            .env("LINE_ROOT", folder.path())
            .env("LINE_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // From here on, dropping it ends the process.
        let mut started = Self { folder, master, base: String::new(), client: client()? };
        let deadline = Instant::now() + START;
        loop {
            let log = fs::read_to_string(home.join("twistd.log")).unwrap_or_default();
            if log.contains("BuildMaster is running")
                && let Some((_, rest)) = log.split_once("BuildbotSite starting on ")
            {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                started.base = format!("http://127.0.0.1:{port}");
                return Ok(started);
            }
            if started.master.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(io::Error::other(format!("Buildbot does not start:\n{log}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Returns its address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns the way to it for an account, at its own address or at that of something before it.
    pub fn address(base: &str, account: Option<&str>) -> Address {
        Address {
            base: base.into(),
            account: account.map(str::to_owned),
            options: [("stages".to_owned(), STAGES.join(", "))].into(),
            ..Address::default()
        }
    }

    /// Lets a service's builder make a build, and waits until it is made.
    ///
    /// # Errors
    /// When Buildbot refuses or can't be reached.
    pub async fn build(&self, service: &str, version: &str, commit: &str) -> io::Result<()> {
        let inputs = json!({ "version": version, "commit": commit, "reason": "a change" });
        self.force(&format!("build-{service}"), inputs).await?;
        self.idle().await
    }

    /// Forces a scheduler, as a person does in Buildbot's own pages.
    ///
    /// # Errors
    /// When Buildbot refuses or can't be reached.
    pub async fn force(&self, scheduler: &str, inputs: Value) -> io::Result<()> {
        let login = self.client.get(format!("{}/auth/login", self.base)).basic_auth(ROSA, Some(PASSWORD));
        login.send().await.map_err(io::Error::other)?;
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "force", "params": inputs });
        let address = format!("{}/api/v2/forceschedulers/{scheduler}", self.base);
        let answer = self.client.post(address).json(&call).send().await.map_err(io::Error::other)?;
        answer.error_for_status().map(drop).map_err(io::Error::other)
    }

    /// Sets the course of the next deployments of a service to a stage.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn course(&self, service: &str, stage: &str, course: Course) -> io::Result<()> {
        let word = match course {
            Course::Succeeds => "succeeds",
            Course::Fails => "fails",
            Course::Hangs => "hangs",
        };
        fs::write(self.place("course", service, stage), word)
    }

    /// Lets the check behind the next deployments of a service to a stage fail.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn fail_the_check(&self, service: &str, stage: &str) -> io::Result<()> {
        fs::write(self.place("course", service, stage), "smokes")
    }

    /// Returns the product, the stage and the builds of every test that began.
    pub fn tested(&self) -> Vec<String> {
        let noted = fs::read_to_string(self.folder.path().join("tested")).unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }

    /// Returns the versions whose deployment to a stage has really begun, in their order.
    pub fn deployed(&self, service: &str, stage: &str) -> Vec<String> {
        let noted = fs::read_to_string(self.place("deployed", service, stage)).unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }

    /// Waits until no request is open.
    ///
    /// # Errors
    /// When Buildbot can't be reached, or something goes on for too long.
    pub async fn idle(&self) -> io::Result<()> {
        let deadline = Instant::now() + START;
        let address = format!("{}/api/v2/buildrequests?complete=false", self.base);
        loop {
            let answer = self.client.get(&address).send().await.map_err(io::Error::other)?;
            let open: Value = answer.json().await.map_err(io::Error::other)?;
            match open["buildrequests"].as_array() {
                Some(open) if open.is_empty() => return Ok(()),
                _ if Instant::now() > deadline => {
                    return Err(io::Error::other(format!("it never gets idle: {open}")));
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Returns what passes requests on to it, for a server that spoils answers.
    pub fn behind(&self) -> impl Fn(&Request) -> Response + Send + Sync + 'static {
        let base = self.base.clone();
        move |request| {
            let (base, request) = (base.clone(), request.clone());
            // A thread of its own, since the answer is waited for where nothing may wait.
            let passed = std::thread::spawn(move || pass_on(&base, &request)).join();
            match passed {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => Response::text(502, error.to_string()),
                Err(_) => Response::text(502, "the way to Buildbot broke"),
            }
        }
    }

    fn place(&self, kind: &str, service: &str, stage: &str) -> PathBuf {
        self.folder.path().join(kind).join(format!("{service}-{stage}"))
    }
}

impl Drop for RealBuildbot {
    fn drop(&mut self) {
        // An orderly end also ends what deploys; what hangs ends with the folder.
        if let Ok(id) = i32::try_from(self.master.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        let deadline = Instant::now() + END;
        while Instant::now() < deadline {
            if !matches!(self.master.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}

fn client() -> io::Result<reqwest::Client> {
    // An error only says that somebody else was quicker, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().gzip(false).no_proxy().cookie_store(true);
    builder.redirect(reqwest::redirect::Policy::none()).build().map_err(io::Error::other)
}

/// Headers that belong to one connection, and not to what is passed on.
const OWN: [&str; 5] = ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"];

fn pass_on(base: &str, request: &Request) -> io::Result<Response> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(io::Error::other)?;
        let client =
            reqwest::Client::builder().gzip(false).no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(io::Error::other)?;
        let mut call = client.request(method, format!("{base}{}", request.path)).query(&request.query);
        for (name, value) in request.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            call = call.header(name, value);
        }
        let answer = call.body(request.body.clone()).send().await.map_err(io::Error::other)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().into()));
        let headers: Vec<(String, String)> = headers.collect();
        Ok(Response { status, headers, body: answer.text().await.map_err(io::Error::other)? })
    })
}
