//! A desktop of its own: home folder, display, session bus and keychain, gone without a trace when dropped.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{PATIENCE, ProcessGroup};

/// The passphrase of the throw-away keychain.
const KEYCHAIN_PASSPHRASE: &[u8] = b"signalbox";

/// Light or dark, as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark ink on light paper.
    #[default]
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Theme {
    /// The word the screens use for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the app finds when it starts.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The folder of the desk's data; a fresh one when absent.
    pub data_dir: Option<PathBuf>,
    /// What the system prefers.
    pub theme: Theme,
    /// Whether the system asks for less movement.
    pub reduced_motion: bool,
    /// Whether there is no keychain.
    pub without_keychain: bool,
}

/// The running surroundings.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    data_dir: PathBuf,
    display: String,
    bus: String,
    // Everything that was started, dropped before the folder it writes to.
    processes: Vec<ProcessGroup>,
}

/// A session bus that starts no services by itself: what is on it was put there.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

impl Home {
    /// Starts display, bus and keychain.
    pub async fn start(surroundings: &Surroundings) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("signalbox-e2e-").tempdir()?;
        let data_dir = surroundings.data_dir.clone().unwrap_or_else(|| folder.path().join("desk"));
        lay_out(folder.path(), surroundings)?;
        let mut home =
            Self { folder, data_dir, display: String::new(), bus: String::new(), processes: Vec::new() };
        home.start_display()?;
        home.start_bus()?;
        if !surroundings.without_keychain {
            home.start_keychain().await?;
        }
        Ok(home)
    }

    /// The folder of the desk's data.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The display's name.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A program that finds everything here, and writes nowhere else.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (variable, folder) in [
            ("HOME", ""),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_STATE_HOME", ".local/state"),
        ] {
            command.env(variable, self.path().join(folder));
        }
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command.env("SIGNALBOX_DATA_DIR", &self.data_dir);
        command
            .env("GSETTINGS_BACKEND", "memory")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY");
        command.env("LANG", "C.UTF-8").env("TZ", "Europe/Berlin");
        command.stdin(Stdio::null());
        command
    }

    /// Starts a virtual display on the first free number.
    fn start_display(&mut self) -> Result<()> {
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
        let number = self.start_and_read(xvfb.stdin(Stdio::null()).stderr(Stdio::null()))?;
        ensure!(!number.is_empty(), "Xvfb found no free display");
        self.display = format!(":{number}");
        Ok(())
    }

    fn start_bus(&mut self) -> Result<()> {
        let config = self.path().join("bus.conf");
        fs::write(&config, BUS)?;
        let mut daemon = self.command("dbus-daemon");
        daemon.arg("--config-file").arg(config).args(["--nofork", "--print-address"]).stderr(Stdio::null());
        self.bus = self.start_and_read(&mut daemon)?;
        ensure!(!self.bus.is_empty(), "the session bus does not start");
        Ok(())
    }

    async fn start_keychain(&mut self) -> Result<()> {
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--unlock", "--foreground", "--components=secrets"]);
        let mut process =
            ProcessGroup::start(daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()))?;
        let mut input = process.leader().stdin.take().context("the keychain takes no passphrase")?;
        input.write_all(KEYCHAIN_PASSPHRASE)?;
        drop(input);
        self.processes.push(process);
        let give_up = Instant::now() + PATIENCE;
        while !self.is_on_bus("org.freedesktop.secrets")? {
            ensure!(Instant::now() < give_up, "the keychain does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn is_on_bus(&self, name: &str) -> Result<bool> {
        let mut ask = self.command("dbus-send");
        ask.args([
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
        ]);
        ask.arg("org.freedesktop.DBus.NameHasOwner").arg(format!("string:{name}"));
        Ok(String::from_utf8_lossy(&ask.output()?.stdout).contains("true"))
    }

    /// Starts a process that stays, and gives the first line it says.
    fn start_and_read(&mut self, command: &mut Command) -> Result<String> {
        let mut process = ProcessGroup::start(command.stdout(Stdio::piped()))?;
        let mut output = BufReader::new(process.leader().stdout.take().context("a process has no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        // Whoever writes to a closed pipe dies of it.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        self.processes.push(process);
        Ok(line.trim().to_owned())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The last started first: nothing loses its display or its bus before it ends itself.
        while let Some(process) = self.processes.pop() {
            drop(process);
        }
    }
}

/// Lays out the folder with the system's settings.
fn lay_out(folder: &Path, surroundings: &Surroundings) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let (gtk, run) = (folder.join(".config/gtk-3.0"), folder.join("run"));
    fs::create_dir_all(&gtk)?;
    fs::create_dir_all(&run)?;
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700))?;
    let dark = u8::from(surroundings.theme == Theme::Dark);
    let animations = u8::from(!surroundings.reduced_motion);
    // A bare display has no font settings; these are what desktops ship with.
    let fonts = "gtk-xft-antialias=1\ngtk-xft-hinting=1\ngtk-xft-hintstyle=hintslight\ngtk-xft-rgba=none\n";
    let settings = format!(
        "[Settings]\ngtk-application-prefer-dark-theme={dark}\ngtk-enable-animations={animations}\n{fonts}"
    );
    fs::write(gtk.join("settings.ini"), settings)?;
    Ok(())
}
