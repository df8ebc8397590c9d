//! The log of a run: the logs of its steps, one behind the other, read on line by line.

use super::Buildbot;
use super::run::Seen;
use super::wire::{Log, LogChunks, Logs, Step};
use crate::{LogChunk, LogCursor, RemoteError, RunId};

/// How many lines are read at once.
const LINES: u64 = 2_000;

/// Up to where a log has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    build: u64,
    step: u64,
    log: u64,
    line: u64,
}

impl Place {
    fn of(cursor: &LogCursor) -> Result<Self, RemoteError> {
        if *cursor == LogCursor::start() {
            return Ok(Self::default());
        }
        let numbers: Option<Vec<u64>> = cursor.as_str().split('.').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[build, step, log, line]) => Ok(Self { build, step, log, line }),
            _ => Err(RemoteError::Stale { detail: "the log can't be read on from there".into() }),
        }
    }

    fn cursor(self) -> LogCursor {
        LogCursor::new(format!("{}.{}.{}.{}", self.build, self.step, self.log, self.line))
    }
}

impl Buildbot {
    pub(super) async fn log(&self, run: &RunId, at: &LogCursor) -> Result<LogChunk, RemoteError> {
        let mut place = Place::of(at)?;
        let seen = self.seen(run, &[]).await?;
        let ended = seen.ended();
        let Seen { build: Some(build), steps, .. } = seen else {
            return Ok(LogChunk { text: String::new(), next: at.clone(), complete: ended });
        };
        if place.build != build.buildid {
            // Tried again: the new try is read from its beginning.
            place = Place { build: build.buildid, ..Place::default() };
        }
        let mut text = String::new();
        let begin = place;
        for step in steps.iter().filter(|step| step.number >= begin.step) {
            if step.number > place.step {
                place = Place { step: step.number, log: 0, line: 0, ..place };
            }
            let logs: Logs = self.session.get(&["steps", &step.stepid.to_string(), "logs"], &[]).await?;
            let mut logs = logs.logs;
            logs.sort_by_key(|log| log.logid);
            let begin = place;
            for log in logs.iter().filter(|log| log.logid >= begin.log) {
                if log.logid > place.log {
                    place = Place { log: log.logid, line: 0, ..place };
                    text.push_str(&headline(step, log));
                }
                text.push_str(&self.lines_of(log, &mut place.line).await?);
                if !log.complete || place.line < log.num_lines {
                    return Ok(LogChunk { text, next: place.cursor(), complete: false });
                }
            }
            if !step.complete {
                return Ok(LogChunk { text, next: place.cursor(), complete: false });
            }
        }
        Ok(LogChunk { text, next: place.cursor(), complete: ended })
    }

    async fn lines_of(&self, log: &Log, line: &mut u64) -> Result<String, RemoteError> {
        if *line >= log.num_lines {
            return Ok(String::new());
        }
        let limit = LINES.min(log.num_lines - *line);
        let query = [("offset", &*line.to_string()), ("limit", &*limit.to_string())];
        let path = ["logs", &log.logid.to_string(), "contents"];
        let chunks: LogChunks = self.session.get(&path, &query).await?;
        *line += limit;
        let mut text = String::new();
        for content in chunks.logchunks.iter().flat_map(|chunk| chunk.content.lines()) {
            // The first letter of a line of a process names its stream.
            let mut letters = content.chars();
            if log.kind == "s" {
                letters.next();
            }
            text.push_str(letters.as_str());
            text.push('\n');
        }
        Ok(text)
    }
}

fn headline(step: &Step, log: &Log) -> String {
    format!("== {}: {}\n", step.name, log.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_log_is_read_as_it_was_written_and_nothing_else_is() {
        let place = Place { build: 7, step: 2, log: 31, line: 400 };
        assert_eq!(Place::of(&place.cursor()), Ok(place));
        assert_eq!(Place::of(&LogCursor::start()), Ok(Place::default()));
        for bad in ["7", "1.2.3", "1.2.3.4.5", "a.b.c.d", "../1.2.3"] {
            assert!(Place::of(&LogCursor::new(bad)).is_err(), "{bad}");
        }
    }
}
