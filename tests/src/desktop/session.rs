//! The app under remote control: opened, closed and opened again in the same surroundings.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::home::{Home, Surroundings};
use super::{App, PATIENCE, Places, ProcessGroup};

const LOG: &str = "app.log";

/// Surroundings with a WebDriver in them.
#[derive(Debug)]
pub struct Session {
    address: String,
    places: Places,
    // Dropped before the surroundings it lives in.
    _driver: ProcessGroup,
    home: Home,
}

impl Session {
    /// Starts the surroundings and the driver.
    pub async fn start(surroundings: &Surroundings) -> Result<Self> {
        let places = Places::of_this_build()?;
        let home = Home::start(surroundings).await?;
        let (port, native_port) = (free_port()?, free_port()?);
        let log = File::create(home.path().join(LOG))?;
        let mut driver = home.command(&places.driver);
        driver.args(["--port", &port.to_string(), "--native-port", &native_port.to_string()]);
        let mut driver = ProcessGroup::start(driver.stdout(log.try_clone()?).stderr(log))?;

        let give_up = Instant::now() + PATIENCE;
        while [port, native_port].iter().any(|&port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err())
        {
            ensure!(driver.leader().try_wait()?.is_none(), "the driver ended at once:\n{}", read_log(&home));
            ensure!(Instant::now() < give_up, "the driver does not answer:\n{}", read_log(&home));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { address: format!("http://127.0.0.1:{port}"), places, _driver: driver, home })
    }

    /// Opens the app and waits for its window.
    pub async fn open(&self) -> Result<App> {
        let app = App::open(&self.address, &self.places, self.home.display()).await;
        app.with_context(|| format!("the app does not open; its log:\n{}", self.log()))
    }

    /// The folder of the desk's data.
    pub fn data_dir(&self) -> &Path {
        self.home.data_dir()
    }

    /// The surroundings.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What the app and the driver have said so far.
    pub fn log(&self) -> String {
        read_log(&self.home)
    }
}

fn read_log(home: &Home) -> String {
    fs::read_to_string(home.path().join(LOG)).unwrap_or_default()
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
