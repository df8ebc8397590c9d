//! Measures the desktop app's start and memory beside those of an empty window, one JSON object a line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use signalbox_tests::bench::Measure;
use signalbox_tests::desktop::{Home, PATIENCE, Places, ProcessGroup, Surroundings};

/// How often each program is started; the medians are reported.
const RUNS: usize = 9;

/// How long memory must stay level to count as settled.
const LEVEL: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug)]
struct Start {
    /// From the process's start to the first usable screen.
    milliseconds: f64,
    /// Of the app with all its helper processes, shared pages counted once.
    mebibytes: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let places = Places::of_this_build()?;
    let empty = places.desktop.with_file_name("examples").join("empty_window");
    // The first start of each fills the machine's file cache for the ones that count.
    start(&empty).await?;
    start(&places.desktop).await?;
    let (mut floors, mut apps) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        floors.push(start(&empty).await?);
        apps.push(start(&places.desktop).await?);
    }
    let milliseconds = |start: &Start| start.milliseconds;
    let mebibytes = |start: &Start| start.mebibytes;
    Measure::new("cold_start", "ms", median(&apps, milliseconds), median(&floors, milliseconds)).print()?;
    Measure::new("memory_after_start", "MiB", median(&apps, mebibytes), median(&floors, mebibytes)).print()
}

fn median(starts: &[Start], of: impl Fn(&Start) -> f64) -> f64 {
    let mut values: Vec<f64> = starts.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Starts a program in fresh surroundings, until it says that it is ready.
async fn start(program: &Path) -> Result<Start> {
    let home = Home::start(&Surroundings::default()).await?;
    let mut command = home.command(program);
    command.arg("--announce-ready").stdout(Stdio::piped()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut process = ProcessGroup::start(&mut command)?;
    let output = process.leader().stdout.take().context("the app has no output")?;
    let ready = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map(|_| (line, begin.elapsed()))
    });
    // On giving up the process ends, and with it the reading of its output.
    let ready = tokio::time::timeout(PATIENCE, ready).await;
    let (line, took) = ready.with_context(|| format!("{} does not get ready", program.display()))???;
    ensure!(line.trim() == "ready", "{} ended before it was ready", program.display());
    let milliseconds = took.as_secs_f64() * 1000.0;
    Ok(Start { milliseconds, mebibytes: settled_memory(process.leader().id()).await? })
}

/// The proportional set size of a process group once it stays level.
async fn settled_memory(group: u32) -> Result<f64> {
    let mut level = memory(group)?;
    let mut since = Instant::now();
    while since.elapsed() < LEVEL {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = memory(group)?;
        if (now - level).abs() > level * 0.01 {
            (level, since) = (now, Instant::now());
        }
    }
    Ok(level)
}

fn memory(group: u32) -> Result<f64> {
    let mut kibibytes = 0_u32;
    for entry in std::fs::read_dir("/proc")? {
        let folder = entry?.path();
        // A process may end between the two looks at it.
        let Ok(stat) = std::fs::read_to_string(folder.join("stat")) else { continue };
        // The program's name, in parentheses, may hold anything; the fields count from its end.
        let fields = stat.rsplit_once(") ").map(|(_, fields)| fields).unwrap_or_default();
        if fields.split(' ').nth(2) != Some(group.to_string().as_str()) {
            continue;
        }
        let Ok(rollup) = std::fs::read_to_string(folder.join("smaps_rollup")) else { continue };
        let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB"));
        kibibytes += pss.and_then(|number| number.trim().parse::<u32>().ok()).unwrap_or(0);
    }
    Ok(f64::from(kibibytes) / 1024.0)
}
