//! One scheduler a host: how often, how many at once, how long to keep quiet.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::RemoteError;

tokio::task_local! {
    static BACKGROUND: ();
}

/// Marks every call that the future makes as one that nobody waits for: it takes its turn after all others
/// and keeps to the host's small background share.
pub async fn in_background<F: Future>(future: F) -> F::Output {
    BACKGROUND.scope((), future).await
}

/// What a host's operators publish as good manners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manners {
    /// Calls a second, at most.
    pub per_second: f64,
    /// Calls a second of the background, at most.
    pub background_per_second: f64,
    /// How many calls may come at once after a pause.
    pub burst: f64,
    /// How many calls may be open at the same time.
    pub at_once: usize,
    /// The least time between two writes.
    pub between_writes: Duration,
}

/// The longest wait for a turn that a call accepts; a longer one is answered at once as a limit.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest quiet that is kept, whatever a host asks for.
const LONGEST_QUIET: Duration = Duration::from_secs(300);
/// The slowest rate that throttling leads to, as a part of the published one.
const SLOWEST: f64 = 1.0 / 16.0;
/// How long the background keeps away from a host that can't be reached, at most.
const LONGEST_ABSENCE: Duration = Duration::from_secs(60);

/// The hosts that are known, each with one scheduler, whatever the number of connections to it.
#[derive(Clone, Default)]
pub struct Hosts {
    known: Arc<Mutex<BTreeMap<String, Arc<Host>>>>,
    /// Set by tests: no waits between calls, and only so much patience with a silent host.
    hurried: Option<Duration>,
}

/// The pace of tests.
const HURRIED: Manners = Manners {
    per_second: 10_000.0,
    background_per_second: 10_000.0,
    burst: 1_000.0,
    at_once: 16,
    between_writes: Duration::ZERO,
};
/// The patience of tests.
#[cfg(feature = "testing")]
const HURRIED_LIMIT: Duration = Duration::from_millis(1_500);
/// The longest quiet of tests, so that a call can wait for its end within its limit.
const HURRIED_QUIET: Duration = Duration::from_millis(700);

impl Hosts {
    /// Returns hosts for tests: no waits between calls, and little patience with a silent one.
    #[cfg(feature = "testing")]
    pub fn hurried() -> Self {
        Self::hurried_within(HURRIED_LIMIT)
    }

    /// Returns hosts for tests with a real system, which takes its time on a busy machine.
    #[cfg(feature = "testing")]
    pub fn hurried_within(limit: Duration) -> Self {
        Self { hurried: Some(limit), ..Self::default() }
    }

    /// Returns how long a call may take that asks for so much.
    pub fn limit(&self, asked: Duration) -> Duration {
        self.hurried.map_or(asked, |limit| asked.min(limit))
    }

    /// Returns the scheduler of a host (or of an account, where limits are counted by account).
    pub fn host(&self, name: &str, manners: Manners) -> Arc<Host> {
        let (manners, longest) =
            if self.hurried.is_some() { (HURRIED, HURRIED_QUIET) } else { (manners, LONGEST_QUIET) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(name.to_owned()).or_insert_with(|| Arc::new(Host::new(manners, longest))))
    }
}

/// One host's scheduler.
pub struct Host {
    manners: Manners,
    /// The longest quiet that is kept; tests keep a short one.
    longest_quiet: Duration,
    places: Arc<Semaphore>,
    pace: Mutex<Pace>,
}

struct Pace {
    rate: f64,
    tokens: f64,
    background: f64,
    filled: Instant,
    last_write: Option<Instant>,
    quiet_until: Option<Instant>,
    away_until: Option<Instant>,
    failures: u32,
}

/// A turn; it ends when it is dropped.
pub(crate) struct Turn(#[allow(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Host {
    fn new(manners: Manners, longest_quiet: Duration) -> Self {
        let pace = Pace {
            rate: manners.per_second,
            tokens: manners.burst,
            background: 1.0,
            filled: Instant::now(),
            last_write: None,
            quiet_until: None,
            away_until: None,
            failures: 0,
        };
        let places = Arc::new(Semaphore::new(manners.at_once));
        Self { manners, longest_quiet, places, pace: Mutex::new(pace) }
    }

    /// Waits for a turn. A host that asked for quiet, or can't be reached, is not waited for.
    pub(crate) async fn turn(&self, write: bool) -> Result<Turn, RemoteError> {
        let background = BACKGROUND.try_with(|()| ()).is_ok();
        loop {
            let wait = self.pace().wait(&self.manners, write, background);
            match wait {
                Wait::Go => break,
                Wait::For(wait) => tokio::time::sleep(wait).await,
                Wait::Quiet(left) => {
                    let left = chrono::TimeDelta::from_std(left).unwrap_or_default();
                    return Err(RemoteError::RateLimited { retry_at: Utc::now() + left });
                }
                Wait::Away(left) => return Err(RemoteError::Unavailable { retry_after: Some(left) }),
            }
        }
        match Arc::clone(&self.places).acquire_owned().await {
            Ok(permit) => Ok(Turn(permit)),
            Err(_) => Err(RemoteError::Unavailable { retry_after: None }),
        }
    }

    /// Notes that the host answered.
    pub(crate) fn answered(&self) {
        let mut pace = self.pace();
        pace.failures = 0;
        pace.away_until = None;
        pace.rate = (pace.rate * 1.02).min(self.manners.per_second);
    }

    /// Notes that the host asked to slow down.
    pub(crate) fn limited(&self, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut pace = self.pace();
        pace.rate = (pace.rate / 2.0).max(self.manners.per_second * SLOWEST);
        pace.tokens = 0.0;
        let wait = (until - now).to_std().unwrap_or_default().min(self.longest_quiet);
        pace.quiet_until = Some(Instant::now() + wait);
    }

    /// Notes that the host can't be reached; the background stays away for a while that grows.
    pub(crate) fn unreachable(&self) {
        let mut pace = self.pace();
        pace.failures = pace.failures.saturating_add(1);
        let away = backoff(pace.failures, LONGEST_ABSENCE);
        pace.away_until = Some(Instant::now() + away);
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Wait {
    Go,
    For(Duration),
    Quiet(Duration),
    Away(Duration),
}

impl Pace {
    fn wait(&mut self, manners: &Manners, write: bool, background: bool) -> Wait {
        let now = Instant::now();
        let left = |until: Option<Instant>| until.and_then(|until| until.checked_duration_since(now));
        if let Some(left) = left(self.quiet_until).filter(|left| !left.is_zero()) {
            return if background || left > PATIENCE { Wait::Quiet(left) } else { Wait::For(left) };
        }
        if background && let Some(left) = left(self.away_until).filter(|left| !left.is_zero()) {
            return Wait::Away(left);
        }
        if write
            && let Some(last) = self.last_write
            && let Some(left) = manners.between_writes.checked_sub(now - last)
            && !left.is_zero()
        {
            return Wait::For(left);
        }
        let passed = (now - self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + passed * self.rate).min(manners.burst);
        let share = manners.background_per_second * (self.rate / manners.per_second);
        self.background = (self.background + passed * share).min(1.0);
        if self.tokens < 1.0 {
            return Wait::For(seconds((1.0 - self.tokens) / self.rate));
        }
        if background {
            if self.background < 1.0 {
                return Wait::For(seconds((1.0 - self.background) / share));
            }
            self.background -= 1.0;
        }
        self.tokens -= 1.0;
        if write {
            self.last_write = Some(now);
        }
        Wait::Go
    }
}

fn seconds(wait: f64) -> Duration {
    Duration::from_secs_f64(wait.clamp(0.001, 60.0))
}

/// A wait with full jitter that doubles with every failure.
pub(crate) fn backoff(failures: u32, longest: Duration) -> Duration {
    let most = Duration::from_millis(500).saturating_mul(1 << failures.min(10)).min(longest);
    most.mul_f64(fastrand::f64().max(0.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANNERS: Manners = Manners {
        per_second: 10.0,
        background_per_second: 1.0,
        burst: 5.0,
        at_once: 2,
        between_writes: Duration::from_secs(1),
    };

    #[tokio::test(start_paused = true)]
    async fn calls_keep_to_the_published_rate_and_the_background_to_its_share() {
        let hosts = Hosts::default();
        let host = hosts.host("h", MANNERS);
        let begin = Instant::now();
        for _ in 0..25 {
            drop(host.turn(false).await.unwrap());
        }
        // Five at once, twenty at ten a second.
        assert!((1.9..2.3).contains(&begin.elapsed().as_secs_f64()), "{:?}", begin.elapsed());
        let begin = Instant::now();
        for _ in 0..4 {
            drop(in_background(host.turn(false)).await.unwrap());
        }
        assert!(begin.elapsed() >= Duration::from_millis(2900), "{:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn writes_keep_their_distance() {
        let host = Hosts::default().host("h", MANNERS);
        let begin = Instant::now();
        for _ in 0..3 {
            drop(host.turn(true).await.unwrap());
        }
        assert!(begin.elapsed() >= Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_asks_for_quiet_gets_it_and_then_half_the_rate() {
        let host = Hosts::default().host("h", MANNERS);
        let now = Utc::now();
        host.limited(now + chrono::TimeDelta::seconds(30), now);
        assert!(matches!(host.turn(false).await, Err(RemoteError::RateLimited { .. })));
        tokio::time::sleep(Duration::from_secs(31)).await;
        drop(host.turn(false).await.unwrap());
        let begin = Instant::now();
        for _ in 0..20 {
            drop(host.turn(false).await.unwrap());
        }
        assert!(begin.elapsed() >= Duration::from_secs(2), "{:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_background_stays_away_from_a_host_that_is_down_while_people_may_try() {
        let host = Hosts::default().host("h", MANNERS);
        for _ in 0..8 {
            host.unreachable();
        }
        assert!(matches!(in_background(host.turn(false)).await, Err(RemoteError::Unavailable { .. })));
        assert!(host.turn(false).await.is_ok());
        host.answered();
        assert!(in_background(host.turn(false)).await.is_ok());
    }

    #[test]
    fn connections_to_one_host_share_its_scheduler() {
        let hosts = Hosts::default();
        assert!(Arc::ptr_eq(&hosts.host("a", MANNERS), &hosts.clone().host("a", MANNERS)));
        assert!(!Arc::ptr_eq(&hosts.host("a", MANNERS), &hosts.host("b", MANNERS)));
    }
}
