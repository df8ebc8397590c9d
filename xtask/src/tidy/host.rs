//! The screens know the desktop framework in one file only.

use super::Finding;
use super::sources::Sources;

const FRAMEWORK: &str = "@tauri-apps/";

/// The imports of the framework beyond the first file, or its absence.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let imports =
        |line: &str| line.contains(&format!("'{FRAMEWORK}")) || line.contains(&format!("\"{FRAMEWORK}"));
    let files: Vec<&str> = sources
        .below("ui/src/", &["ts", "tsx"])
        .filter(|file| file.code().any(|(_, line)| imports(line)))
        .map(|file| file.path.as_str())
        .collect();
    match files.as_slice() {
        [_] => Vec::new(),
        [] => vec![Finding::new("ui/src", format!("no file imports {FRAMEWORK}*: the screens have no host"))],
        several => {
            let problem = format!("several files import {FRAMEWORK}*: {}", several.join(", "));
            vec![Finding::new("ui/src", problem)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: (&str, &str) = ("ui/src/api/host.ts", "import { invoke } from '@tauri-apps/api/core';\n");

    #[test]
    fn one_file_may_import_the_framework() {
        assert!(
            check(&Sources::of(&[HOST, ("ui/src/app/main.tsx", "// not '@tauri-apps/api'\n")])).is_empty()
        );
    }

    #[test]
    fn a_second_file_that_imports_the_framework_is_found() {
        let second = ("ui/src/app/main.tsx", "import { listen } from \"@tauri-apps/api/event\";\n");
        assert_eq!(check(&Sources::of(&[HOST, second])).len(), 1);
    }

    #[test]
    fn screens_without_a_host_are_found() {
        assert_eq!(check(&Sources::of(&[])).len(), 1);
    }
}
