//! Processes of this machine: starting the runner, reaching it, and who we are.
//!
//! The one place that differs between platforms. Where there is no POSIX shell nothing can be
//! started, and the probe says so.

#[cfg(unix)]
pub(super) use unix::{private_folder, spawn_runner, stop_survivors, survivors, tell_to_stop, user};

#[cfg(not(unix))]
pub(super) use other::{private_folder, spawn_runner, stop_survivors, survivors, tell_to_stop, user};

/// Whether commands can be run here.
pub(super) const SUPPORTED: bool = cfg!(unix);

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::fs::{DirBuilder, File};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::{Pid, Uid, User};

    /// Starts the runner, waits until it has begun or ended, and returns whether `begun` holds then.
    ///
    /// An error means that nothing was started.
    pub fn spawn_runner(
        script: &Path,
        folder: &Path,
        variables: Vec<(OsString, OsString)>,
        lock: File,
        errors: File,
        begun: impl Fn() -> bool,
    ) -> std::io::Result<bool> {
        let mut child = Command::new("/bin/sh")
            .arg(script)
            .current_dir(folder)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::from(lock))
            .stdout(Stdio::piped())
            .stderr(Stdio::from(errors))
            .process_group(0)
            .spawn()?;
        if let Some(mut output) = child.stdout.take() {
            // The end of the output is the signal, and a failed read is an end as well.
            let _ = std::io::copy(&mut output, &mut std::io::sink());
        }
        if begun() {
            // A thread of its own, because a runtime waits for its pool when it shuts down. Without
            // the thread the runner stays in the process table until we end, and that is all.
            let _ = std::thread::Builder::new().name("reap-runner".into()).spawn(move || child.wait());
            return Ok(true);
        }
        let _ = child.wait();
        Ok(begun())
    }

    /// Tells a living runner to end its step. Whoever calls has seen the runner's lock held.
    pub fn tell_to_stop(runner: i32) -> std::io::Result<()> {
        kill(Pid::from_raw(runner), Signal::SIGTERM).map_err(std::io::Error::from)
    }

    /// Finds the processes of a run whose runner is gone, by the variable that all of them inherit.
    #[cfg(target_os = "linux")]
    pub fn survivors(run: &Path) -> Vec<i32> {
        let mark = [b"SIGNALBOX_RUN=", run.as_os_str().as_bytes()].concat();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
            .filter(|pid| {
                let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                environment.split(|byte| *byte == 0).any(|one| one == mark)
            })
            .collect()
    }

    /// Other systems do not show another process's environment, so nothing can be proven.
    #[cfg(not(target_os = "linux"))]
    pub fn survivors(_run: &Path) -> Vec<i32> {
        Vec::new()
    }

    /// Ends the processes of a run whose runner is gone: asks, waits, makes sure.
    pub fn stop_survivors(run: &Path) {
        let tell = |signal| {
            for pid in survivors(run) {
                // It may have ended in between.
                let _ = kill(Pid::from_raw(pid), signal);
            }
        };
        tell(Signal::SIGTERM);
        for _ in 0..50 {
            if survivors(run).is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        tell(Signal::SIGKILL);
    }

    /// Creates a folder that only this account can enter, if there is none.
    pub fn private_folder(path: &Path) -> std::io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    /// Returns the account's name.
    pub fn user() -> String {
        let uid = Uid::current();
        match User::from_uid(uid) {
            Ok(Some(user)) => user.name,
            _ => format!("uid {uid}"),
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::ffi::OsString;
    use std::fs::File;
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    pub fn spawn_runner(
        _script: &Path,
        _folder: &Path,
        _variables: Vec<(OsString, OsString)>,
        _lock: File,
        _errors: File,
        _begun: impl Fn() -> bool,
    ) -> std::io::Result<bool> {
        Err(Error::from(ErrorKind::Unsupported))
    }

    pub fn tell_to_stop(_runner: i32) -> std::io::Result<()> {
        Err(Error::from(ErrorKind::Unsupported))
    }

    pub fn survivors(_run: &Path) -> Vec<i32> {
        Vec::new()
    }

    pub fn stop_survivors(_run: &Path) {}

    pub fn private_folder(path: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(path)
    }

    pub fn user() -> String {
        "this account".into()
    }
}
