//! Verifies the ledger: in full with all cores, progress and cancel; at start only what is new.

use crate::desk::Desk;
use crate::register::{Enrolled, Rules};
use crate::wire::{FindingView, ProgressView, VerifyView, WireError};
use serde::{Deserialize, Serialize};
use signalbox_ledger::verify::{Options, Pin, VerifyError, Waypoint};
use signalbox_ledger::{Report, SignedCheckpoint, verify};
use signalbox_store::{Reader, StoreError};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// After so long a start verifies from the first entry again.
const FULL_EVERY_MILLIS: i64 = 7 * 24 * 3600 * 1000;

/// Where a verification without findings ended, and who could sign there.
#[derive(Serialize, Deserialize)]
struct Point {
    waypoint: Waypoint,
    register: Enrolled,
}

type Verified = Result<Report, VerifyError<StoreError>>;

impl Desk {
    /// Verifies every entry; findings are an answer, not an error.
    pub(crate) fn verify_all(&self) -> Result<VerifyView, WireError> {
        self.verify_from(None)
    }

    /// Verifies in the background what came since the last time, or everything once a week.
    pub(crate) fn spawn_verification(self: &Arc<Self>) {
        let desk = Arc::downgrade(self);
        self.spawn(async move {
            let Some(desk) = desk.upgrade() else { return };
            let verified = tokio::task::spawn_blocking(move || desk.verify_at_start()).await;
            if let Ok(Err(error)) = verified {
                tracing::warn!(
                    code = error.code,
                    message = error.message,
                    "the ledger was not verified at start"
                );
            }
        });
    }

    /// How far a running verification is.
    pub(crate) fn verification_progress(&self) -> ProgressView {
        let progress = &self.verification;
        let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        ProgressView {
            running: progress.running.load(Ordering::SeqCst),
            done: number(progress.done.load(Ordering::SeqCst)),
            total: number(progress.total.load(Ordering::SeqCst)),
        }
    }

    fn verify_at_start(&self) -> Result<(), WireError> {
        if self.store.head()?.size == 0 || !self.settings_show(crate::wire::Empty {})?.verify_at_start {
            return Ok(());
        }
        let full_at: Option<i64> = self.store.read(|reader| reader.setting("verified-in-full"))?;
        let recent = full_at.is_some_and(|at| self.now().millis() - at < FULL_EVERY_MILLIS);
        let point: Option<Point> = self.store.read(|reader| {
            let point: Option<Point> = reader.setting("verified-point")?;
            let size = reader.head()?.size;
            Ok(match point {
                // The point itself lies in the database, so it counts only where the tree agrees with it.
                Some(point) if point.waypoint.frontier.size() <= size => {
                    let root = reader.root_at(point.waypoint.frontier.size())?;
                    (root == point.waypoint.frontier.root()).then_some(point)
                }
                _ => None,
            })
        })?;
        self.verify_from(point.filter(|_| recent)).map(|_| ())
    }

    fn verify_from(&self, point: Option<Point>) -> Result<VerifyView, WireError> {
        let progress = &self.verification;
        if progress.running.swap(true, Ordering::SeqCst) {
            let hint = "Wait until it ends, or cancel it.";
            return Err(WireError::new("verify.running", "A verification is running.", hint).retryable());
        }
        progress.cancel.store(false, Ordering::SeqCst);
        let verified = self.verify_now(point);
        progress.running.store(false, Ordering::SeqCst);
        let view = verified?;
        self.store.write(|writer| writer.set_setting("verified", &view).map_err(WireError::from))?;
        self.tell(&["desk"]);
        Ok(view)
    }

    fn verify_now(&self, point: Option<Point>) -> Result<VerifyView, WireError> {
        let started = self.now();
        let ledger = self.ledger_id()?;
        let full = point.is_none();
        let (start, mut register) = match point {
            Some(Point { waypoint, register }) => (waypoint, register),
            None => Default::default(),
        };
        let seen = self.seen_head();
        let pins = seen.map(|seen| Pin::seen(seen.size, seen.root));
        let mut asked = 0;
        // One view for the size and the entries, so that acts of this moment are no findings.
        let report = self.store.read(|reader| {
            asked += 1;
            if asked > 1 {
                register = Enrolled::default();
            }
            let start = if asked > 1 { Waypoint::default() } else { start.clone() };
            self.verify_view(reader, &ledger, start, pins.clone(), &mut register, full || asked > 1)
        })?;
        let report = report.map_err(|error| match error {
            VerifyError::Source(error) => WireError::from(error),
            VerifyError::Cancelled => {
                let hint = "Start it again when there is time.";
                WireError::new("verify.cancelled", "The verification was cancelled.", hint)
            }
        })?;
        let ended = self.now();
        if let Some(waypoint) = report.waypoint.clone().filter(|_| report.is_clean()) {
            let point = Point { waypoint, register };
            self.store.write(|writer| {
                if full {
                    writer.set_setting("verified-in-full", &ended.millis())?;
                }
                writer.set_setting("verified-point", &point).map_err(WireError::from)
            })?;
        }
        Ok(view(&report, ended.to_string(), ended.millis() - started.millis()))
    }

    fn verify_view(
        &self,
        reader: Reader<'_>,
        ledger: &str,
        start: Waypoint,
        seen: Option<Pin>,
        register: &mut Enrolled,
        full: bool,
    ) -> Result<Verified, StoreError> {
        let head = reader.head()?;
        let from = start.frontier.size();
        self.verification.done.store(from, Ordering::SeqCst);
        self.verification.total.store(head.size, Ordering::SeqCst);
        let mut tell = |done| self.verification.done.store(done, Ordering::SeqCst);
        let mut options =
            Options::new(ledger, std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
        options.expected_size = Some(head.size);
        options.cancel = Some(&self.verification.cancel);
        options.progress = Some(&mut tell);
        options.start = start;
        let kept = reader.latest_checkpoint()?;
        let kept = kept.and_then(|kept| SignedCheckpoint::parse(kept.note.as_bytes()).ok());
        let kept = kept.map(|kept| Pin::checkpoint(kept.checkpoint()));
        options.pins.extend(seen.into_iter().chain(kept).filter(|pin| pin.size >= from));
        // The rules look at the whole history; a start in the middle checks bytes, signatures and keys.
        let mut rules = Rules::default();
        let replay = if full { Some(&mut rules as &mut dyn signalbox_ledger::Replay) } else { None };
        Ok(verify(reader.records(from), register, replay, options))
    }
}

fn view(report: &Report, checked_at: String, millis: i64) -> VerifyView {
    let findings = report
        .findings
        .iter()
        .map(|finding| FindingView {
            index: finding.index.and_then(|index| u32::try_from(index).ok()),
            entry: finding.entry.clone(),
            code: finding.kind.code().to_owned(),
            sentence: finding.reason.clone(),
        })
        .collect();
    VerifyView {
        size: u32::try_from(report.size).unwrap_or(u32::MAX),
        root: report.root.to_string(),
        findings,
        checked_at,
        millis: u32::try_from(millis).unwrap_or(u32::MAX),
    }
}
