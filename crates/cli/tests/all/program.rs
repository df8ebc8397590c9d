//! Runs the program, and plays the tour once for every test that looks at what it left behind.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The program with arguments, and nothing of the environment that it could heed.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    for name in ["SIGNALBOX_DATA_DIR", "SIGNALBOX_LOG", "COLUMNS"] {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program was killed"),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }
}

impl Ran {
    /// The printed lines as JSON.
    pub fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(read).collect()
    }

    /// The one printed line as JSON.
    pub fn value(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "one line: {self:?}");
        lines.remove(0)
    }

    /// The error as JSON.
    pub fn error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same run, after it is checked how it ended.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

pub fn run(args: &[&str]) -> Ran {
    program(args).output().expect("the program can be run").into()
}

pub fn run_with(args: &[&str], stdin: &[u8]) -> Ran {
    let mut command = program(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = command.spawn().expect("the program can be run");
    child.stdin.take().expect("stdin is piped").write_all(stdin).expect("stdin is read");
    child.wait_with_output().expect("the program ends").into()
}

/// The sample product after the main job.
pub struct Played {
    pub folder: PathBuf,
    /// What `tour --json` printed.
    pub said: Vec<Value>,
}

/// Plays the tour, once in this process.
pub fn played() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tours");
        remove_old(&place);
        let folder = place.join(std::process::id().to_string());
        let ran = run(&["tour", "--json", "--folder", text(&folder)]).ended(0);
        Played { folder, said: ran.lines() }
    })
}

/// A copy of what the tour left behind, for tests that change it.
pub fn copy_of_played() -> TempDir {
    let copy = TempDir::new().expect("there is room");
    copy_folder(&played().folder, copy.path());
    copy
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("the file is there").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("the file can be copied");
        }
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("the path is Unicode")
}

/// The file with the passphrase of a tour's keys.
pub fn passphrase(folder: &Path) -> String {
    text(&folder.join("passphrase")).to_owned()
}

/// Tours of test runs that ended long ago; nobody else removes them.
fn remove_old(place: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| at < long_ago);
        if old {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
