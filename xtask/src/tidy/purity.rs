//! The domain does no IO, reads no clock, no randomness, no environment.

use super::Finding;
use super::sources::Sources;

const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "println!",
    "eprintln!",
];

/// The impure lines of the domain, its tests aside.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.below("crates/domain/src/", &["rs"]) {
        // By convention the unit tests end a file.
        let code = file.code().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        for (number, line) in code {
            for impure in IMPURE.iter().filter(|impure| line.contains(**impure)) {
                findings.push(Finding::new(
                    format!("{}:{number}", file.path),
                    format!("the domain is pure: no {impure}"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_in_the_domain_is_found() {
        let sources = Sources::of(&[
            ("crates/domain/src/line.rs", "// Utc::now is not for here\nlet now = Utc::now();\n"),
            ("crates/app/src/desk.rs", "let now = Utc::now();\n"),
        ]);
        let findings: Vec<String> = check(&sources).iter().map(ToString::to_string).collect();
        assert_eq!(findings, ["crates/domain/src/line.rs:2: the domain is pure: no Utc::now"]);
    }

    #[test]
    fn the_domains_tests_may_read_files() {
        let sources = Sources::of(&[(
            "crates/domain/src/line.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }\n",
        )]);
        assert!(check(&sources).is_empty());
    }
}
