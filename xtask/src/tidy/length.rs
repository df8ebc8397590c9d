//! A file has one concept; nobody reads 900 lines.

use super::Finding;
use super::sources::Sources;

const LONGEST: usize = 900;
const SOURCES: &[&str] = &["css", "html", "js", "mjs", "rs", "sh", "sql", "ts", "tsx"];

/// The files that are too long, generated ones aside.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.below("", SOURCES) {
        let lines = file.text.lines().count();
        if lines > LONGEST && !file.path.starts_with(crate::bindings::FOLDER) {
            findings.push(Finding::new(
                &file.path,
                format!("{lines} lines, {LONGEST} are the limit: split it by concept"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_the_limit_is_found() {
        let (fits, long) = ("x\n".repeat(LONGEST), "x\n".repeat(LONGEST + 1));
        let sources = Sources::of(&[
            ("a.rs", &fits),
            ("b.tsx", &long),
            ("notes.md", &long),
            ("ui/src/api/generated/c.ts", &long),
        ]);
        let places: Vec<String> = check(&sources).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["b.tsx"]);
    }
}
