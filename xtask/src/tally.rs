//! Counting what passed and what failed, from what test runners print.

use std::fmt;
use std::ops::AddAssign;

use serde::Deserialize;

/// How many passed and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
}

impl Tally {
    /// The tally of one thing that can only pass or fail.
    pub fn of(passed: bool) -> Self {
        Self { passed: u64::from(passed), failed: u64::from(!passed) }
    }

    /// The counts in a line like `test result: ok. 3 passed; 0 failed; …`, which ends each Rust test binary.
    pub fn from_line(line: &str) -> Option<Self> {
        let plain = without_colour(line);
        let counts = plain.trim().strip_prefix("test result:")?.split_once('.')?.1;
        let mut tally = Self::default();
        for part in counts.split(';') {
            let mut words = part.split_whitespace();
            let (Some(count), Some(what)) = (words.next(), words.next()) else { continue };
            match what {
                "passed" => tally.passed = count.parse().ok()?,
                "failed" => tally.failed = count.parse().ok()?,
                _ => {}
            }
        }
        Some(tally)
    }

    /// The counts in a report of vitest.
    pub fn from_vitest(report: &str) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Report {
            num_passed_tests: u64,
            num_failed_tests: u64,
        }
        let report: Report = serde_json::from_str(report).ok()?;
        Some(Self { passed: report.num_passed_tests, failed: report.num_failed_tests })
    }

    /// The same, but with a failure when the runner failed without naming one.
    #[must_use]
    pub fn ended(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut parts = line.split('\x1b');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_test_binary_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::from_line(line), Some(Tally { passed: 12, failed: 3 }));
        let coloured = "test result: \x1b[32mok\x1b[0m. 7 passed; 0 failed; 0 ignored";
        assert_eq!(Tally::from_line(coloured), Some(Tally { passed: 7, failed: 0 }));
        assert_eq!(Tally::from_line("running 7 tests"), None);
    }

    #[test]
    fn a_vitest_report_is_counted() {
        let report = r#"{"numTotalTests": 5, "numPassedTests": 4, "numFailedTests": 1, "success": false}"#;
        assert_eq!(Tally::from_vitest(report), Some(Tally { passed: 4, failed: 1 }));
        assert_eq!(Tally::from_vitest("not a report"), None);
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_counts_as_one_failure() {
        assert_eq!(Tally { passed: 3, failed: 0 }.ended(false), Tally { passed: 3, failed: 1 });
        assert_eq!(Tally { passed: 3, failed: 2 }.ended(false), Tally { passed: 3, failed: 2 });
        assert_eq!(Tally { passed: 3, failed: 0 }.ended(true), Tally { passed: 3, failed: 0 });
    }
}
