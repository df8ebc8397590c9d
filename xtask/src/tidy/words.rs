//! Words that stand for work not done.

use super::Finding;
use super::sources::Sources;

// Split, so that this file does not find itself.
const RUST: &[&str] = &[concat!("#[", "ignore"), concat!("to", "do!("), concat!("unimple", "mented!(")];
const SCREENS: &[&str] = &[
    concat!("it", ".skip("),
    concat!("it", ".only("),
    concat!("test", ".skip("),
    concat!("test", ".only("),
    concat!("describe", ".skip("),
    concat!("describe", ".only("),
];

/// Skipped tests and placeholders.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (extensions, words) in [(&["rs"][..], RUST), (&["ts", "tsx"][..], SCREENS)] {
        for file in sources.below("", extensions) {
            for (number, line) in file.code() {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    findings.push(Finding::new(format!("{}:{number}", file.path), format!("no {word} here")));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_and_placeholders_are_found() {
        for word in RUST {
            assert_eq!(check(&Sources::of(&[("tests/a.rs", word)])).len(), 1, "{word}");
        }
        for word in SCREENS {
            assert_eq!(check(&Sources::of(&[("ui/src/a.test.tsx", word)])).len(), 1, "{word}");
        }
        assert!(check(&Sources::of(&[("a.rs", &format!("// {}", RUST[1]))])).is_empty());
    }
}
