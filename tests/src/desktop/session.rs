//! A desktop of its own for one test: home folder, display, session bus, keychain and WebDriver.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::{App, PATIENCE, Places, ProcessGroup};

/// The passphrase of the throw-away keychain.
const KEYCHAIN_PASSPHRASE: &str = "signalbox";

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
    /// Whether there is a keychain.
    pub without_keychain: bool,
}

/// The running surroundings; the app can be opened in them, closed, and opened again.
#[derive(Debug)]
pub struct Session {
    home: TempDir,
    data_dir: PathBuf,
    display: String,
    address: String,
    places: Places,
    // Dropped in this order: the programs before the display they draw on.
    _driver: ProcessGroup,
    _display: ProcessGroup,
}

impl Session {
    /// Starts display, bus, keychain and driver.
    pub async fn start(surroundings: &Surroundings) -> Result<Self> {
        let places = Places::of_this_build()?;
        let home = tempfile::Builder::new().prefix("signalbox-e2e-").tempdir()?;
        let data_dir = surroundings.data_dir.clone().unwrap_or_else(|| home.path().join("desk"));
        write_settings(home.path(), surroundings)?;
        let (display_process, display) = start_display()?;

        let (port, native_port) = (free_port()?, free_port()?);
        let log = File::create(home.path().join("driver.log"))?;
        let mut bus = Command::new("dbus-run-session");
        bus.arg("--config-file").arg(home.path().join("bus.conf"));
        bus.args(["--", "sh", "-c", if surroundings.without_keychain { BARE } else { WITH_KEYCHAIN }]);
        bus.arg(&places.driver);
        bus.args(["--port", &port.to_string(), "--native-port", &native_port.to_string()]);
        in_home(&mut bus, home.path(), &data_dir, &display);
        bus.env("KEYCHAIN_PASSPHRASE", KEYCHAIN_PASSPHRASE);
        bus.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut driver = ProcessGroup::start(&mut bus)?;

        let give_up = Instant::now() + PATIENCE;
        while [port, native_port].iter().any(|&port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err())
        {
            let log = || fs::read_to_string(home.path().join("driver.log")).unwrap_or_default();
            ensure!(driver.leader().try_wait()?.is_none(), "the driver ended at once:\n{}", log());
            ensure!(Instant::now() < give_up, "the driver does not answer:\n{}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self {
            data_dir,
            display,
            address: format!("http://127.0.0.1:{port}"),
            places,
            _driver: driver,
            _display: display_process,
            home,
        })
    }

    /// Opens the app and waits for its window.
    pub async fn open(&self) -> Result<App> {
        let app = App::open(&self.address, &self.places, &self.display).await;
        app.with_context(|| format!("the app does not open; its log:\n{}", self.log()))
    }

    /// The folder of the desk's data.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The home folder of everything in this session.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What the app and the driver have said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("driver.log")).unwrap_or_default()
    }
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

/// Starts a program on the bus without any keychain.
const BARE: &str = r#"exec "$0" "$@""#;

/// Starts a program on the bus once the keychain is unlocked.
const WITH_KEYCHAIN: &str = r#"
printf %s "$KEYCHAIN_PASSPHRASE" | gnome-keyring-daemon --unlock --foreground --components=secrets &
until gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
    --method org.freedesktop.DBus.GetNameOwner org.freedesktop.secrets >/dev/null 2>&1; do sleep 0.05; done
exec "$0" "$@""#;

/// Points every folder that a program might write to into the test's own home.
pub fn in_home(command: &mut Command, home: &Path, data_dir: &Path, display: &str) {
    command.env("HOME", home).env("DISPLAY", display).env("SIGNALBOX_DATA_DIR", data_dir);
    for (variable, folder) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        command.env(variable, home.join(folder));
    }
    command.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("LANG", "C.UTF-8")
        .env("TZ", "Europe/Berlin");
}

/// Lays out the home folder with the system's settings.
pub fn write_settings(home: &Path, surroundings: &Surroundings) -> Result<()> {
    let gtk = home.join(".config/gtk-3.0");
    fs::create_dir_all(&gtk)?;
    fs::create_dir_all(home.join("run"))?;
    set_private(&home.join("run"))?;
    fs::write(home.join("bus.conf"), BUS)?;
    let dark = u8::from(surroundings.theme == Theme::Dark);
    let animations = u8::from(!surroundings.reduced_motion);
    fs::write(
        gtk.join("settings.ini"),
        format!("[Settings]\ngtk-application-prefer-dark-theme={dark}\ngtk-enable-animations={animations}\n"),
    )?;
    Ok(())
}

fn set_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// Starts a virtual display on the first free number.
pub fn start_display() -> Result<(ProcessGroup, String)> {
    let mut xvfb = Command::new("Xvfb");
    xvfb.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
    xvfb.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = ProcessGroup::start(&mut xvfb)?;
    let Some(output) = process.leader().stdout.take() else { bail!("Xvfb has no output") };
    let mut number = String::new();
    BufReader::new(output).read_line(&mut number)?;
    ensure!(!number.trim().is_empty(), "Xvfb found no free display");
    Ok((process, format!(":{}", number.trim())))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
