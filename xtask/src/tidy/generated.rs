//! The generated TypeScript is what the command list says today.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Finding;
use crate::bindings;
use crate::workspace::Workspace;

/// Generates afresh and compares.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let fresh = tempfile::tempdir()?;
    bindings::write_into(workspace, fresh.path())?;
    Ok(compare(&files(&workspace.path(bindings::FOLDER))?, &files(fresh.path())?))
}

fn compare(present: &BTreeMap<String, Vec<u8>>, fresh: &BTreeMap<String, Vec<u8>>) -> Vec<Finding> {
    let stale = present.keys().chain(fresh.keys()).filter(|name| present.get(*name) != fresh.get(*name));
    let mut names: Vec<&String> = stale.collect();
    names.sort();
    names.dedup();
    let finding = |name: &String| {
        Finding::new(format!("{}/{name}", bindings::FOLDER), "stale: run `cargo xtask bindings`")
    };
    names.into_iter().map(finding).collect()
}

fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if !next.exists() {
            continue;
        }
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn changed_missing_and_left_over_files_are_found() {
        let present = tree(&[("Same.ts", "a"), ("Changed.ts", "old"), ("LeftOver.ts", "x")]);
        let fresh = tree(&[("Same.ts", "a"), ("Changed.ts", "new"), ("Missing.ts", "y")]);
        let found: Vec<String> = compare(&present, &fresh).into_iter().map(|finding| finding.place).collect();
        assert_eq!(
            found,
            ["Changed.ts", "LeftOver.ts", "Missing.ts"].map(|name| format!("{}/{name}", bindings::FOLDER))
        );
        assert!(compare(&fresh, &fresh).is_empty());
    }

    #[test]
    fn files_are_read_with_their_folders() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("serde_json"))?;
        fs::write(folder.path().join("serde_json/Value.ts"), "v")?;
        assert_eq!(files(folder.path())?, tree(&[("serde_json/Value.ts", "v")]));
        Ok(())
    }
}
