//! One measurement beside its floor, as a line of JSON.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

/// A measured value, the least that the machine needs for the same, and how the two compare.
#[derive(Clone, Debug, Serialize)]
pub struct Measure<'a> {
    name: &'a str,
    value: f64,
    unit: &'a str,
    floor: f64,
    ratio: f64,
}

impl<'a> Measure<'a> {
    /// Compares a value with its floor; both are rounded for people, the ratio before that.
    pub fn new(name: &'a str, unit: &'a str, value: f64, floor: f64) -> Self {
        let round = |number: f64| (number * 1000.0).round() / 1000.0;
        Self {
            name,
            value: round(value),
            unit,
            floor: round(floor),
            ratio: (value / floor * 100.0).round() / 100.0,
        }
    }

    /// Compares the medians of two series of times.
    ///
    /// # Errors
    /// When nothing was measured.
    pub fn of_times(name: &'a str, values: &[Duration], floors: &[Duration]) -> Result<Self> {
        let milliseconds = |times| -> Result<f64> { Ok(median(times)?.as_secs_f64() * 1000.0) };
        Ok(Self::new(name, "ms", milliseconds(values)?, milliseconds(floors)?))
    }

    /// Prints the line.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn print(&self) -> Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

/// The median of some times.
///
/// # Errors
/// When there are none.
pub fn median(times: &[Duration]) -> Result<Duration> {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().context("nothing was measured")
}

/// Does something, and says how long it took.
///
/// # Errors
/// What the work returns.
pub fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let begin = Instant::now();
    let value = work()?;
    Ok((value, begin.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_the_value_its_floor_and_their_ratio() {
        let times = |all: &[u64]| all.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let measure = Measure::of_times("act", &times(&[9, 3, 4]), &times(&[2, 1, 50])).unwrap();
        assert_eq!(
            serde_json::to_string(&measure).unwrap(),
            r#"{"name":"act","value":4.0,"unit":"ms","floor":2.0,"ratio":2.0}"#
        );
        assert!(Measure::of_times("act", &[], &times(&[1])).is_err());
    }
}
