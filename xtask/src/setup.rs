//! `setup`: what the machine needs, installed where that is possible without asking, named exactly where not.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::judge_codepipeline;
use crate::judge_github;
use crate::process::{output, run, succeeds};
use crate::screens;
use crate::workspace::Workspace;

/// What the machine is prepared for; each includes the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Building the command line program.
    Terminal,
    /// Building the desktop app.
    Desktop,
    /// Building and testing everything.
    Tests,
}

/// The Debian packages, and what needs them first.
const PACKAGES: &[(Purpose, &str)] = &[
    (Purpose::Terminal, "build-essential"),
    (Purpose::Terminal, "pkg-config"),
    (Purpose::Desktop, "libgtk-3-dev"),
    (Purpose::Desktop, "librsvg2-dev"),
    (Purpose::Desktop, "libsoup-3.0-dev"),
    (Purpose::Desktop, "libssl-dev"),
    (Purpose::Desktop, "libwebkit2gtk-4.1-dev"),
    (Purpose::Desktop, "libxdo-dev"),
    (Purpose::Tests, "dbus"),
    (Purpose::Tests, "dbus-x11"),
    (Purpose::Tests, "gnome-keyring"),
    (Purpose::Tests, "openssh-client"),
    (Purpose::Tests, "webkit2gtk-driver"),
    (Purpose::Tests, "xvfb"),
];

/// The oldest Node that the screens' tools run on.
const NODE: (u32, u32) = (20, 19);

const TAURI_DRIVER: &str = "2.1.0";

/// Makes sure that everything is there; the error names each command left to a person.
pub fn ensure(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    let mut left = Vec::new();
    left.extend(packages(purpose)?);
    if purpose >= Purpose::Tests {
        left.extend(rust_components());
        left.extend(python());
    }
    if purpose >= Purpose::Desktop {
        left.extend(node());
    }
    if !left.is_empty() {
        bail!("something is missing; run:\n\n    {}\n\nand try again", left.join("\n    "));
    }
    if purpose >= Purpose::Desktop {
        screens::install(workspace)?;
    }
    if purpose >= Purpose::Tests {
        judge_github::install(workspace)?;
    }
    if purpose >= Purpose::Tests && cfg!(unix) {
        judges(workspace)?;
        judge_codepipeline::install(workspace)?;
    }
    if purpose >= Purpose::Tests && cfg!(target_os = "linux") {
        tauri_driver(workspace)?;
    }
    Ok(())
}

/// Installs missing system packages, or gives the line that would.
fn packages(purpose: Purpose) -> Result<Option<String>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let wanted = PACKAGES.iter().filter(|(first, _)| *first <= purpose).map(|(_, package)| *package);
    if !succeeds("dpkg-query", &["--version"]) {
        return Ok(elsewhere(purpose));
    }
    let missing: Vec<&str> = wanted.filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let install: Vec<&str> =
        ["apt-get", "install", "--yes", "--no-install-recommends"].into_iter().chain(missing).collect();
    let prefix: &[&str] = if is_root() {
        &[]
    } else if succeeds("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        return Ok(Some(format!("sudo apt-get update && sudo {}", install.join(" "))));
    };
    for words in [&["apt-get", "update"][..], &install] {
        let all: Vec<&str> = prefix
            .iter()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive"].iter())
            .chain(words)
            .copied()
            .collect();
        if let Some((program, arguments)) = all.split_first() {
            run(Command::new(program).args(arguments))?;
        }
    }
    Ok(None)
}

/// On other Linux systems the packages have other names: ask for what they contain.
fn elsewhere(purpose: Purpose) -> Option<String> {
    let webkit = purpose < Purpose::Desktop || succeeds("pkg-config", &["--exists", "webkit2gtk-4.1"]);
    let programs: &[&str] = if purpose < Purpose::Tests {
        &[]
    } else {
        &["Xvfb", "WebKitWebDriver", "dbus-run-session", "gnome-keyring-daemon"]
    };
    let mut missing: Vec<&str> =
        programs.iter().filter(|program| !succeeds("which", &[program])).copied().collect();
    if !webkit {
        missing.push("webkit2gtk-4.1 (development files)");
    }
    (!missing.is_empty())
        .then(|| format!("# install with your system's package manager: {}", missing.join(", ")))
}

fn is_installed(package: &str) -> bool {
    let status =
        Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]).output();
    status.is_ok_and(|output| output.stdout == b"installed")
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn rust_components() -> Option<String> {
    let present = succeeds("cargo", &["fmt", "--version"]) && succeeds("cargo", &["clippy", "--version"]);
    if present || succeeds("rustup", &["component", "add", "rustfmt", "clippy"]) {
        return None;
    }
    Some("rustup component add rustfmt clippy".to_owned())
}

fn node() -> Option<String> {
    let version = Command::new("node").arg("--version").output().ok();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let known = version.as_deref().and_then(parse_version);
    if known.is_some_and(|version| version >= NODE) && succeeds("npm", &["--version"]) {
        return None;
    }
    let (major, minor) = NODE;
    Some(format!("# install Node {major}.{minor} or newer with npm: https://nodejs.org/en/download"))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Python with its own environments, in which real servers judge the adapters.
fn python() -> Option<String> {
    if !cfg!(unix) || succeeds("python3", &["-c", "import ensurepip, venv"]) {
        return None;
    }
    Some("# install Python 3.10 or newer with venv; on Debian: sudo apt-get install python3-venv".to_owned())
}

/// Installs the servers that the adapters are tested against, each in an environment of its own.
fn judges(workspace: &Workspace) -> Result<()> {
    for judge in ["buildbot"] {
        let wanted = workspace.path(&format!("tests/judges/{judge}.txt"));
        let content =
            fs::read_to_string(&wanted).with_context(|| format!("{} is missing", wanted.display()))?;
        let home = workspace.path(&format!("target/tools/{judge}"));
        let stamp = home.join("installed.txt");
        if is_stamped(&stamp, &content) {
            continue;
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
        run(Command::new(home.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"])
            .arg(&wanted))
        .with_context(|| format!("{judge} can't be installed"))?;
        fs::write(&stamp, content)?;
    }
    Ok(())
}

fn tauri_driver(workspace: &Workspace) -> Result<()> {
    let tools = workspace.path("target/tools");
    let wanted = format!("\"tauri-driver {TAURI_DRIVER} ");
    let noted = fs::read_to_string(tools.join(".crates2.json")).unwrap_or_default();
    if noted.contains(&wanted) && tools.join("bin/tauri-driver").is_file() {
        return Ok(());
    }
    run(Command::new("cargo")
        .current_dir(&workspace.root)
        .args(["install", "tauri-driver", "--locked", "--version", TAURI_DRIVER, "--root"])
        .arg(&tools))
    .context("tauri-driver can't be installed")
}

/// Whether `stamp` holds exactly `content`.
pub fn is_stamped(stamp: &Path, content: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|noted| noted == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_as_numbers() {
        assert_eq!(parse_version("v20.19.2\n"), Some((20, 19)));
        assert!(parse_version("v22.4.0") > Some(NODE));
        assert!(parse_version("v20.9.0") < Some(NODE));
        assert_eq!(parse_version("no node"), None);
    }
}
